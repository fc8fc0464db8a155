"""On-call schedules are what was asked for, an edit rewrites nothing that has been, and what is in use stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import ShiftType
from imtui.domain.plan import ContactTarget, Stage
from imtui.services.context import Context
from imtui.services.rotations import RotationSpec
from imtui.services.schedules import Draft, Schedule
from tests.organisation import organise

DAILY_AT_8 = Recurrence(Kind.DAILY, ((0, 480),))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spec(
    name: str = "first", contacts: str = "ana ben", start: str = "2026-02-01T08:00", zone: str = "UTC", **more: object
) -> RotationSpec:
    return RotationSpec(name, tuple(contacts.split()), zone, DAILY_AT_8, start=at(start), **more)  # type: ignore[arg-type]


async def primary(context: Context, *specs: RotationSpec) -> Schedule:
    """The team with a third person and a schedule of it; 03:10 on the first of March is Ben's turn of two."""
    await organise(context)
    await services.contacts.create(context, "cem", display_name="Cem")
    return await services.schedules.create(context, "primary", specs or [spec()], display_name="Primary")


async def who(context: Context, when: datetime | None = None) -> tuple[list[str], str]:
    """Who is on call in the first schedule, and who is next."""
    [one] = await services.oncall.who(context, ["primary"], when)
    return [one.labels[arn] for arn in one.now.contacts], ", ".join(one.labels[arn] for arn in one.now.next)


async def test_one_sees_who_is_on_call_until_when_and_who_is_next(context: Context) -> None:
    await primary(context)
    [one] = await services.oncall.who(context)
    assert (one.alias, one.label) == ("primary", "Primary")
    assert await who(context) == (["Ben"], "Ana")
    assert (one.now.until, one.now.next_at) == (at("2026-03-01T08:00"), at("2026-03-01T08:00"))


async def test_an_alias_or_a_name_that_is_taken_and_too_many_rotations_are_refused(context: Context) -> None:
    await primary(context)
    with pytest.raises(Conflict):
        await services.schedules.create(context, "ana", [spec()])
    with pytest.raises(ValidationFailed, match="same name"):
        await services.schedules.create(context, "other", [spec(), spec()])
    with pytest.raises(ValidationFailed, match="1 to 8"):
        await services.schedules.create(context, "other", [spec(f"r{number}") for number in range(9)])
    with pytest.raises(ValidationFailed, match="1 to 8"):
        await services.schedules.create(context, "other", [])
    assert [schedule.contact.alias for schedule in await services.schedules.list_schedules(context)] == ["primary"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (spec(contacts=""), "contacts"),
        (spec(contacts="ana ana"), "contacts"),
        (spec(contacts="ana zoe"), "contacts"),
        (spec(contacts="night"), "contacts"),
        (spec(contacts="ana ben", on_calls=3), "on_calls"),
        (spec(zone="PST"), "time_zone"),
        (spec(zone="Etc/GMT+5"), "time_zone"),
        (spec(zone="Europe/../../etc/passwd"), "time_zone"),
        (spec(start="1969-01-01T00:00"), "start"),
        (spec(name="a/b"), "name"),
        (spec(name=""), "name"),
    ],
)
async def test_a_rotation_that_cannot_be_is_refused_with_its_field(
    context: Context, wrong: RotationSpec, field: str
) -> None:
    await organise(context)
    with pytest.raises(ValidationFailed) as refused:
        await services.schedules.create(context, "primary", [wrong])
    assert refused.value.field == field
    assert await services.rotations.list_rotations(context) == []


async def test_thirty_people_are_taken_and_thirty_one_are_not(context: Context) -> None:
    for number in range(31):
        await services.contacts.create(context, f"p{number}")
    people = [f"p{number}" for number in range(31)]
    await services.rotations.create(context, spec(contacts=" ".join(people[:30])))
    with pytest.raises(ValidationFailed, match="1 to 30"):
        await services.rotations.create(context, spec(contacts=" ".join(people)))


async def test_an_edit_counts_from_now_and_whoever_is_on_call_stays_until_the_next_hand_off(
    context: Context, manual_clock: ManualClock
) -> None:
    schedule = await primary(context)
    rotation = schedule.rotations[0]
    before = rotation.kept.shifts(at("2026-02-01T00:00"), context.now())[:-1]
    await services.schedules.update(context, "primary", [Draft(spec(contacts="cem ana ben"), rotation.arn)])
    after = (await services.rotations.get(context, rotation.arn)).kept
    assert after.shifts(at("2026-02-01T00:00"), context.now())[: len(before)] == before
    assert await who(context) == (["Ben"], "Ana")
    assert await who(context, at("2026-03-01T07:59")) == (["Ben"], "Ana")
    turns = after.shifts(at("2026-03-01T08:00"), at("2026-03-04T08:00"))
    assert [shift.contacts[0].rpartition("/")[2] for shift in turns] == ["ana", "ben", "cem"]
    manual_clock.advance(86400)
    assert await who(context, at("2026-03-01T04:00")) == (["Ben"], "Ana")


async def test_an_edit_that_changes_nothing_leaves_no_trace(context: Context) -> None:
    schedule = await primary(context)
    rotation = schedule.rotations[0]
    again = await services.schedules.update(context, "primary", [Draft(rotation.spec, rotation.arn)])
    assert again.rotations[0].revision == 1
    assert again.rotations[0].kept.versions == rotation.kept.versions


async def test_alias_names_and_start_dates_stay_and_other_rotations_come_and_go(context: Context) -> None:
    schedule = await primary(context, spec(), spec("second", "cem"))
    kept = schedule.rotations[0]
    drafts = [Draft(spec("third", "ana")), Draft(spec("renamed", "ben ana", "2026-02-20T00:00"), kept.arn)]
    changed = await services.schedules.update(context, "primary", drafts)
    assert [rotation.name for rotation in changed.rotations] == ["third", "first"]
    assert changed.rotations[1].kept.now.start == at("2026-02-01T08:00")
    assert {rotation.name for rotation in await services.rotations.list_rotations(context)} == {"first", "third"}


async def test_two_who_edit_a_schedule_do_not_overwrite_each_other(context: Context) -> None:
    schedule = await primary(context)
    drafts = [Draft(schedule.rotations[0].spec, schedule.rotations[0].arn)]
    revision = schedule.contact.revision
    await services.schedules.update(context, "primary", drafts, display_name="Theirs", revision=revision)
    with pytest.raises(Conflict, match="meanwhile"):
        await services.schedules.update(context, "primary", drafts, display_name="Mine", revision=revision)
    assert (await services.schedules.get(context, "primary")).contact.display_name == "Theirs"


async def test_a_copy_begins_anew_and_not_in_the_past(context: Context) -> None:
    await primary(context)
    with pytest.raises(ValidationFailed, match="past"):
        await services.schedules.copy(context, "primary", "copy", [at("2026-02-28T00:00")])
    with pytest.raises(ValidationFailed, match="each of the 1"):
        await services.schedules.copy(context, "primary", "copy", [])
    copied = await services.schedules.copy(context, "primary", "copy", [at("2026-04-01T08:00")])
    assert copied.rotations[0].kept.now.start == at("2026-04-01T08:00")
    assert copied.rotations[0].arn != (await services.schedules.get(context, "primary")).rotations[0].arn


async def test_what_is_in_use_is_not_deleted_and_its_users_are_named(context: Context) -> None:
    await primary(context)
    stages = [Stage(10, (ContactTarget(context.names.contact("primary")),))]
    await services.plans.create(context, "day", stages=stages)
    with pytest.raises(Conflict, match="escalation plan day"):
        await services.schedules.delete(context, "primary")
    with pytest.raises(Conflict, match="rotation first of primary"):
        await services.contacts.delete(context, "ben")
    await services.plans.delete(context, "day")
    await services.schedules.delete(context, "primary")
    assert await services.rotations.list_rotations(context) == []
    with pytest.raises(NotFound):
        await services.schedules.get(context, "primary")


async def test_a_rotation_that_is_deleted_leaves_the_schedules_that_named_it(context: Context) -> None:
    schedule = await primary(context, spec(), spec("second", "cem"))
    await services.rotations.delete(context, schedule.rotations[0].arn)
    assert [one.name for one in (await services.schedules.get(context, "primary")).rotations] == ["second"]


# ---------------------------------------------------------------- overrides


async def test_an_override_puts_somebody_else_on_call_and_taken_back_it_does_not(context: Context) -> None:
    rotation = (await primary(context)).rotations[0].arn
    made = await services.overrides.create(context, rotation, ["ana"], at("2026-03-01T03:30"), at("2026-03-01T06:00"))
    assert await who(context, at("2026-03-01T03:29")) == (["Ben"], "Ana")
    assert await who(context, at("2026-03-01T03:30")) == (["Ana"], "Ben")
    assert await services.overrides.list_overrides(context, rotation, context.now(), made.end) == [made]
    await services.overrides.delete(context, rotation, made.id)
    assert await who(context, at("2026-03-01T03:30")) == (["Ben"], "Ana")
    with pytest.raises(NotFound):
        await services.overrides.get(context, rotation, made.id)


async def test_an_override_does_not_rewrite_what_has_been(context: Context, manual_clock: ManualClock) -> None:
    rotation = (await primary(context)).rotations[0].arn
    made = await services.overrides.create(context, rotation, ["ana"], at("2026-03-01T00:00"), at("2026-03-01T07:00"))
    assert await who(context, at("2026-03-01T03:00")) == (["Ben"], "Ana")
    assert await who(context, at("2026-03-01T03:11")) == (["Ana"], "Ben")
    manual_clock.advance(3600)
    await services.overrides.delete(context, rotation, made.id)
    assert await who(context, at("2026-03-01T04:00")) == (["Ana"], "Ben")
    assert await who(context, at("2026-03-01T04:11")) == (["Ben"], "Ana")


@pytest.mark.parametrize(
    ("contact", "start", "end", "words"),
    [
        ("ana", "2026-03-01T04:00", "2026-03-01T04:29", "at least 30 minutes"),
        ("ana", "2026-03-01T04:00", "2026-03-01T03:00", "at least 30 minutes"),
        ("ana", "2026-02-01T04:00", "2026-02-01T08:00", "is over"),
        ("ana", "2026-09-01T03:11", "2026-09-01T08:00", "6 months"),
        ("cem", "2026-03-01T04:00", "2026-03-01T08:00", "stands not in rotation"),
        ("zoe", "2026-03-01T04:00", "2026-03-01T08:00", "no contact zoe"),
    ],
)
async def test_an_override_that_cannot_be_is_refused(
    context: Context, contact: str, start: str, end: str, words: str
) -> None:
    rotation = (await primary(context)).rotations[0].arn
    with pytest.raises(ValidationFailed, match=words):
        await services.overrides.create(context, rotation, [contact], at(start), at(end))


async def test_six_months_to_the_minute_and_nobody_at_all_are_taken(context: Context) -> None:
    rotation = (await primary(context)).rotations[0].arn
    await services.overrides.create(context, rotation, ["ana"], at("2026-09-01T03:10"), at("2026-09-01T08:00"))
    await services.overrides.create(context, rotation, [], at("2026-03-01T04:00"), at("2026-03-01T05:00"))
    assert await who(context, at("2026-03-01T04:30")) == ([], "Ben")


async def test_saving_says_which_overrides_it_changes(context: Context) -> None:
    schedule = await primary(context, spec(), spec("second", "cem"))
    first, second = (rotation.arn for rotation in schedule.rotations)
    for rotation, contact in ((first, "ana"), (second, "cem")):
        await services.overrides.create(context, rotation, [contact], at("2026-03-05T00:00"), at("2026-03-05T08:00"))
    drafts = [Draft(spec(contacts="ben"), first)]
    assert await services.schedules.changed_overrides(context, "primary", drafts) == [
        "first: ana from 2026-03-05 00:00 to 2026-03-05 08:00 UTC puts somebody on call who leaves the rotation",
        "second: cem from 2026-03-05 00:00 to 2026-03-05 08:00 UTC is deleted with its rotation",
    ]
    same = [Draft(rotation.spec, rotation.arn) for rotation in schedule.rotations]
    assert await services.schedules.changed_overrides(context, "primary", same) == []


async def test_somebody_takes_the_shift_that_runs(context: Context) -> None:
    rotation = (await primary(context)).rotations[0]
    taken = await services.oncall.take(context, "primary")
    assert (taken.start, taken.end) == (context.now(), at("2026-03-01T08:00"))
    assert await who(context) == (["Ana"], "Ben")
    kept, later = (await services.rotations.get(context, rotation.arn)).kept, context.now() + HOUR
    [piece] = kept.shifts(later, later + HOUR)
    assert piece.type is ShiftType.OVERRIDDEN
    with pytest.raises(Conflict, match="already"):
        await services.oncall.take(context, "primary")


async def test_nobody_takes_a_shift_of_a_rotation_they_do_not_stand_in(context: Context) -> None:
    await primary(context, spec(contacts="ben"))
    with pytest.raises(Conflict, match="no rotation"):
        await services.oncall.take(context, "primary")


# ---------------------------------------------------------------- what is wrong, and who carries how much


async def test_gaps_people_twice_and_people_out_of_reach_are_said(context: Context) -> None:
    days = Coverage.of([[(480, 1200)]] * 7)
    await primary(context, spec(contacts="ben", coverage=days), spec("second", "ben cem", coverage=days))
    said = await services.oncall.check(context, "primary")
    assert said[0].startswith("nobody is on call from Sun 2026-03-01 03:10 for 4 h 50 min, and 84 more times")
    assert any(text.startswith("Ben is on call twice (first and second) from") for text in said)
    assert "Cem has no activated channel: they cannot be paged" in said
    assert not any("Ben has no activated" in text for text in said)


async def test_a_gap_that_only_the_clocks_make_is_called_that(context: Context) -> None:
    """Berlin until 14:00, New York from 08:00: the same instant, but not between the eighth and the 29th of March."""
    berlin, york = Coverage.of([[(1200, 840)]] * 7), Coverage.of([[(480, 840)]] * 7)
    await primary(
        context,
        spec(zone="Europe/Berlin", coverage=berlin),
        spec("york", "cem", zone="America/New_York", coverage=york),
    )
    said = await services.oncall.check(context, "primary")
    assert [text for text in said if "clocks" in text and "nobody" in text] == [
        "nobody is on call from Sun 2026-03-08 19:00 for 1 h, only because clocks change on different days, and 20 "
        "more times in 12 weeks"
    ]
    assert not any("nobody" in text for text in said if "clocks" not in text)


async def test_night_load_is_counted_per_person(context: Context) -> None:
    await primary(context)
    found = await services.oncall.load(context, "primary", at("2026-03-01T08:00"), at("2026-03-05T08:00"))
    assert [(one.label, one.hours, one.night_hours) for one in found] == [("Ana", 48, 16), ("Ben", 48, 16)]


async def test_a_note_is_left_for_those_who_follow(context: Context) -> None:
    await primary(context)
    await services.oncall.leave_note(context, "primary", "the queue is slow\nlook at it first")
    [note] = await services.oncall.notes(context, "primary")
    assert (note.author, note.text, note.at) == ("ana", "the queue is slow\nlook at it first", context.now())
    for empty in ("", "  ", "x" * 2001):
        with pytest.raises(ValidationFailed):
            await services.oncall.leave_note(context, "primary", empty)


async def test_calendars_hold_every_shift_and_only_one_persons_when_asked(context: Context) -> None:
    from icalendar import Calendar

    rotation = (await primary(context)).rotations[0].arn
    await services.overrides.create(context, rotation, ["ana"], at("2026-03-01T04:00"), at("2026-03-01T05:00"))
    text = await services.oncall_calendars.export(context, "primary", None)
    events = Calendar.from_ical(text).walk("VEVENT")
    assert len({str(event["uid"]) for event in events}) == len(events) > 180
    replaced = [event for event in events if "description" in event]
    assert [str(event["summary"]) for event in replaced] == ["Ana (first)"]
    own = Calendar.from_ical(await services.oncall_calendars.export(context, None, "ana")).walk("VEVENT")
    assert {str(event["summary"]) for event in own} == {"On call: Primary"}
    with pytest.raises(ValidationFailed):
        await services.oncall_calendars.export(context, None, None)
