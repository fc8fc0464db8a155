"""Events in: which plan, which duplicate, which silence."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from imtui.services.events import EventResult, Intake
from imtui.sources.documents import signals
from storage import tables as t
from tests.documents import ALARM_ARN, alarm, alert_group, sns_alarm, task_stopped
from tests.organisation import organise


async def take(context: Context, *documents: Any, plan: str | None = None, resolve: bool = False) -> list[EventResult]:
    arrivals = [Intake(signal, plan, resolve) for document in documents for signal in signals(document)]
    return [result for results in await services.events.take_in(context, arrivals) for result in results]


def actions(results: list[EventResult]) -> list[str]:
    return [result.action for result in results]


async def counted(context: Context, number: int) -> list[tuple[int, str]]:
    return [
        (event.data["count"], event.text)
        for event in await services.timeline.events(context, number)
        if "count" in event.data
    ]


async def alarms_rule(context: Context, **options: Any) -> None:
    await organise(context)
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    await services.rules.put(context, "alarms", pattern, [{"Id": "1", "Arn": "web", **options}])


async def test_an_alarm_starts_an_incident_that_tells_what_happened(context: Context) -> None:
    await alarms_rule(context)
    result = (await take(context, alarm()))[0]
    assert result.action == "started"
    assert result.rule == context.names.rule("alarms")
    incident = await services.incidents.get(context, result.incident_arn or "")
    assert incident.title == "Web shop is down checkout-errors"
    assert incident.source == "aws.cloudwatch"
    assert incident.resource_arn == ALARM_ARN.format(name="checkout-errors")
    kinds = {item.type for item in await services.related.items(context, incident.id)}
    assert kinds == {"METRIC", "INVOLVED_RESOURCE"}
    first = (await services.timeline.events(context, incident.id))[0]
    assert first.type == EventType.TRIGGER
    assert json.loads(first.data["rawData"]) == alarm()


async def test_five_thousand_events_of_fifty_alarms_are_fifty_incidents(context: Context) -> None:
    await alarms_rule(context)
    documents = [alarm(f"alarm-{n % 50}", id_=f"event-{n}") for n in range(5000)]
    done: list[EventResult] = []
    for start in range(0, 5000, 1000):
        done += await take(context, *documents[start : start + 1000])
    assert actions(done).count("started") == 50
    assert actions(done).count("deduplicated") == 4950
    assert sum(await services.incident_list.counts(context)) == 50
    assert await counted(context, 1) == [(99, "Alarm alarm-0 was reported again 99 times: nobody is paged again")]


async def test_a_redelivered_event_changes_nothing_and_is_answered_the_same(context: Context) -> None:
    await alarms_rule(context)
    first, second = await take(context, alarm(), alarm())
    assert (first.action, second.action) == ("started", "deduplicated")
    third = (await take(context, alarm()))[0]
    assert (third.action, third.incident_arn) == ("deduplicated", first.incident_arn)
    assert await counted(context, 1) == []
    await services.incidents.resolve(context, 1)
    assert actions(await take(context, alarm())) == ["deduplicated"]
    assert sum(await services.incident_list.counts(context)) == 1


async def test_the_return_to_ok_is_recorded_and_resolves_nothing(context: Context) -> None:
    await alarms_rule(context)
    await take(context, alarm())
    result = (await take(context, alarm(state="OK", previous="ALARM", id_="2")))[0]
    assert result.action == "recorded"
    assert result.incident_arn == (await services.incidents.get(context, 1)).arn
    assert (await services.incidents.get(context, 1)).is_open
    assert "returned to normal once" in (await counted(context, 1))[0][1]


async def test_an_alert_that_goes_on_after_a_person_resolved_it_pages_nobody_until_it_was_quiet(
    context: Context,
) -> None:
    await organise(context)
    group = alert_group()
    assert actions(await take(context, group, plan="web")) == ["started"]
    await services.incidents.resolve(context, 1)
    assert actions(await take(context, group, plan="web")) == ["recorded"]
    assert actions(await take(context, group, plan="web")) == ["recorded"]
    assert sum(await services.incident_list.counts(context)) == 1
    assert (await counted(context, 1))[0][0] == 2
    assert actions(await take(context, alert_group("resolved"), plan="web")) == ["recorded"]
    assert actions(await take(context, group, plan="web")) == ["started"]


async def test_an_alarm_that_was_quiet_between_starts_anew(context: Context) -> None:
    await alarms_rule(context)
    await take(context, alarm())
    await services.incidents.resolve(context, 1)
    assert actions(await take(context, alarm(id_="again", previous="OK"))) == ["started"]


async def test_a_resolved_group_resolves_only_where_that_was_asked_for(context: Context) -> None:
    await organise(context)
    await take(context, alert_group(), plan="web")
    assert actions(await take(context, alert_group("resolved"), plan="web")) == ["recorded"]
    assert (await services.incidents.get(context, 1)).is_open
    assert actions(await take(context, alert_group(), plan="web")) == ["deduplicated"]
    assert actions(await take(context, alert_group("resolved"), plan="web", resolve=True)) == ["resolved"]
    assert not (await services.incidents.get(context, 1)).is_open


async def test_a_rule_may_resolve_when_its_alert_ends(context: Context) -> None:
    await organise(context)
    pattern = {"source": ["alertmanager"], "detail": {"commonLabels": {"severity": ["critical"]}}}
    await services.rules.put(context, "critical", pattern, [{"Id": "1", "Arn": "web", "resolve": True}])
    assert actions(await take(context, alert_group(), alert_group("resolved"), alert_group())) == [
        "started",
        "resolved",
        "started",
    ]
    assert sum(await services.incident_list.counts(context)) == 2


async def test_one_of_two_alerts_of_an_incident_ends_and_it_stays_open(context: Context) -> None:
    await organise(context, dedupe_string="shop")
    one, two = alert_group(key="one"), alert_group(key="two")
    assert actions(await take(context, one, two, plan="web")) == ["started", "deduplicated"]
    assert actions(await take(context, {**one, "status": "resolved"}, plan="web", resolve=True)) == ["recorded"]
    assert actions(await take(context, {**two, "status": "resolved"}, plan="web", resolve=True)) == ["resolved"]


async def test_what_no_plan_is_found_for_is_kept_and_shown(context: Context) -> None:
    await organise(context)
    assert actions(await take(context, task_stopped(), alarm(), alert_group())) == ["unmatched"] * 3
    assert len(await services.events.recent(context, unmatched=True)) == 3
    assert actions(await take(context, task_stopped("other"), plan="no-such-plan")) == ["unmatched"]


async def test_the_plan_that_the_event_names_comes_before_the_query(context: Context) -> None:
    made = await organise(context)
    results = await take(context, sns_alarm(made.web), alert_group(response_plan="web"))
    assert actions(results) == ["started", "started"]
    titles = {row.title for row in (await services.incident_list.page(context)).rows}
    assert titles == {"Web shop is down queue-age", "Web shop is down InstanceDown: db-1 does not answer"}


async def test_events_of_one_rule_are_one_incident(context: Context) -> None:
    await organise(context)
    await services.rules.put(context, "ec2", {"source": [{"prefix": "aws.ec"}]}, [{"Id": "1", "Arn": "web"}])
    results = await take(context, task_stopped("1"), task_stopped("2"))
    assert actions(results) == ["started", "deduplicated"]
    incident = await services.incidents.get(context, 1)
    assert incident.source == "aws.events"
    assert incident.dedupe_key == context.names.rule("ec2")


async def test_hostile_text_is_stored_whole_and_breaks_nothing(context: Context) -> None:
    await alarms_rule(context)
    name = "\x1b[2J[red]\u202e\x00\ud800" + "x" * 12_000
    result = (await take(context, alarm(name)))[0]
    assert result.action == "started"
    incident = await services.incidents.get(context, result.incident_arn or "")
    assert len(incident.title) > 12_000
    assert "\x00" not in incident.title


@pytest.mark.parametrize("again", range(2))
async def test_a_failure_in_the_middle_leaves_nothing_half_done(
    context: Context, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alarms_rule(context)

    async def broken(*_: object) -> None:
        raise RuntimeError("no more")

    monkeypatch.setattr("imtui.services.events._Taking._write_counts", broken)
    with pytest.raises(RuntimeError):
        await take(context, alarm())
    monkeypatch.undo()
    async with context.database.read() as reader:
        for table in (t.incidents, t.events, t.alerts, t.timers):
            assert await reader.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert actions(await take(context, alarm())) == ["started"]
