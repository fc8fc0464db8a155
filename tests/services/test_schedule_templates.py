"""Schedules as code: what is applied is what one sees, an export applied again changes nothing, and a mistake is told
with its place."""

from __future__ import annotations

import json

import pytest
import yaml

from imtui import services
from imtui.domain.template import TemplateError
from imtui.services.context import Context

TEMPLATE = """
Resources:
  Ana: {Type: AWS::SSMContacts::Contact, Properties: {Alias: ana, Type: PERSONAL, Plan: []}}
  Ben: {Type: AWS::SSMContacts::Contact, Properties: {Alias: ben, Type: PERSONAL, Plan: []}}
  Days:
    Type: AWS::SSMContacts::Rotation
    Properties:
      Name: berlin days
      ContactIds: [!Ref Ana, !GetAtt Ben.Arn]
      StartTime: 2026-02-02T08:00:00+01:00
      TimeZoneId: Europe/Berlin
      Recurrence:
        NumberOfOnCalls: 1
        RecurrenceMultiplier: 1
        WeeklySettings: [{DayOfWeek: MON, HandOffTime: "08:00"}]
        ShiftCoverages:
          - {DayOfWeek: MON, CoverageTimes: [{StartTime: "08:00", EndTime: 20:00}]}
          - {DayOfWeek: TUE, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
      Tags: [{Key: region, Value: eu}]
  Nights:
    Type: AWS::SSMContacts::Rotation
    Properties:
      Name: york
      ContactIds: [!Ref Ben]
      StartTime: 2026-02-02T08:00:00Z
      TimeZoneId: America/New_York
      Recurrence: {NumberOfOnCalls: 1, RecurrenceMultiplier: 1, DailySettings: ["08:00", 20:30]}
  Sun:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: sun
      DisplayName: Follow the sun
      Type: ONCALL_SCHEDULE
      Plan: [{RotationIds: [!Ref Days, !Ref Nights]}]
  Night:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: night
      Type: ESCALATION
      Plan: [{DurationInMinutes: 5, Targets: [{ContactTargetInfo: {ContactId: !Ref Sun, IsEssential: true}}]}]
"""


async def test_a_schedule_in_two_zones_is_applied_and_exported_and_applied_again(context: Context) -> None:
    done = await services.configuration.apply(context, [("t.yaml", TEMPLATE)])
    assert {(d.action, d.type, d.name) for d in done} >= {
        ("create", "rotation", "berlin days"),
        ("create", "rotation", "york"),
        ("create", "on-call schedule", "sun"),
    }
    schedule = await services.schedules.get(context, "sun")
    assert [rotation.name for rotation in schedule.rotations] == ["berlin days", "york"]
    days, york = (rotation.kept.now for rotation in schedule.rotations)
    assert days.coverage is not None
    assert days.coverage.days[:3] == (((480, 1200),), ((480, 1200),), ())
    assert york.recurrence.entries == ((0, 480), (0, 1230))
    assert schedule.rotations[0].tags == {"region": "eu"}

    again = await services.configuration.apply(context, [("t.yaml", TEMPLATE)])
    assert {d.action for d in again} == {"keep"}
    exported = await services.exporting.export(context)
    for text in (json.dumps(exported), yaml.safe_dump(exported)):
        assert {d.action for d in await services.configuration.apply(context, [("x", text)])} == {"keep"}
    assert [rotation.revision for rotation in (await services.schedules.get(context, "sun")).rotations] == [1, 1]


async def test_what_differs_is_named_and_a_dry_run_changes_nothing(context: Context) -> None:
    await services.configuration.apply(context, [("t.yaml", TEMPLATE)])
    changed = TEMPLATE.replace("[!Ref Ana, !GetAtt Ben.Arn]", "[!Ref Ben]")
    changed = changed.replace("[!Ref Days, !Ref Nights]", "[!Ref Nights]")
    tried = await services.configuration.apply(context, [("t.yaml", changed)], dry_run=True)
    differs = {(d.type, d.name, d.fields) for d in tried if d.action != "keep"}
    assert differs == {("rotation", "berlin days", ("ContactIds",)), ("on-call schedule", "sun", ("Plan",))}
    again = await services.configuration.apply(context, [("t.yaml", TEMPLATE)])
    assert {d.action for d in again} == {"keep"}
    await services.configuration.apply(context, [("t.yaml", changed)])
    assert [rotation.name for rotation in (await services.schedules.get(context, "sun")).rotations] == ["york"]


@pytest.mark.parametrize(
    ("before", "after", "where", "words"),
    [
        ("TimeZoneId: Europe/Berlin", "TimeZoneId: CET", "TimeZoneId: CET", "a place"),
        ("[!Ref Ana, !GetAtt Ben.Arn]", "[nobody]", "ContactIds: [nobody]", "no contact nobody"),
        ("[!Ref Ana, !GetAtt Ben.Arn]", "[!Ref Ana, !Ref Ana]", "ContactIds:", "once"),
        ("2026-02-02T08:00:00+01:00", "tomorrow", "StartTime: tomorrow", "an instant"),
        ("DayOfWeek: MON, HandOffTime", "DayOfWeek: MO, HandOffTime", "      Recurrence:", "one of MON"),
        ("NumberOfOnCalls: 1\n", "NumberOfOnCalls: 3\n", "      Recurrence:", "cannot be"),
        ("EndTime: 20:00}", "EndTime: '08:10'}", "      Recurrence:", "30 minutes"),
        ("[{RotationIds: [!Ref Days, !Ref Nights]}]", "[]", "      Plan: []", "RotationIds"),
        ("Name: york", "Name: 'new/york'", "Name: 'new/york'", "letters"),
    ],
)
async def test_a_mistake_is_told_with_its_place(
    context: Context, before: str, after: str, where: str, words: str
) -> None:
    text = TEMPLATE.replace(before, after, 1)
    line = next(number for number, found in enumerate(text.splitlines(), 1) if where in found)
    with pytest.raises(TemplateError, match=words) as error:
        await services.configuration.apply(context, [("t.yaml", text)])
    assert str(error.value).startswith(f"t.yaml:{line}: Resources."), str(error.value)
    assert await services.rotations.list_rotations(context) == []
