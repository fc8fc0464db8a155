"""The list of incidents finds what its filter means, on either database, in the order that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import ValidationFailed
from imtui.domain.filter import INCIDENT_FIELDS, matches, parse
from imtui.domain.incident import Sort
from imtui.services.context import Context
from imtui.services.starting import Trigger
from storage import tables as t
from tests.organisation import hand_out, organise

TITLES = (
    ("Checkout: payments fail", 1),
    ("Search answers slowly", 3),
    ("100% of the disk_full on db-1", 2),
    ("Zahlungsstörung Ü", 4),
    ('Quotes " and \\ back', 5),
    ("Search index is old", 3),
)
FILTERS = (
    "",
    "search",
    "sea",
    "se",
    "100%",
    "_",
    "störung",
    "STÖRUNG",
    '"',
    "\\",
    "#2",
    "!search",
    "search !slowly",
    "search|payments",
    "se|payments",
    "impact:1|2",
    "impact:<=2",
    "!impact:3",
    "impact:critical",
    "title:disk",
    "!title:disk",
    'title:="search index is old"',
    "plan:web",
    "plan:=we",
    "source:manual",
    "source:cloudwatch",
    "by:ana",
    "by:=an",
    "resource:queue",
    "tag:team",
    "tag:team=shop",
    "tag:TEAM=Shop",
    "tag:team=shops",
    "!tag:team=data",
    "team=data",
    "status:open",
    "status:resolved",
    "!status:open",
    "is:mine",
    "is:silent",
    "is:acknowledged",
    "is:drill",
    "who:ana",
    "!who:ana",
    "who:=an",
    "number:2",
    "number:>3",
    "for:>20m",
    "for:<20m",
    "started:<45m",
    "started:>45m",
    "resolved:<1d",
    "chat:room",
    "search impact:3 status:resolved",
    "nothing-has-this",
    "% OR 1",
)


@pytest.fixture
async def many(context: Context, manual_clock: ManualClock) -> dict[int, dict[str, Any]]:
    """Six incidents of several kinds; what is known of each, by its number, as a filter in memory takes it."""
    await organise(context)
    known: dict[int, dict[str, Any]] = {}
    for number, (title, impact) in enumerate(TITLES, 1):
        trigger = (
            Trigger("manual")
            if number % 2
            else Trigger("aws.cloudwatch", resource_arn=f"arn:aws:sqs:z:1:queue-{number}")
        )
        incident = (
            await services.incidents.start(context, "web", title=title, impact=impact, trigger=trigger)
        ).incident
        data = number in (3, 4)
        if data:
            await services.tags.set_tags(context, incident.arn, {"team": "data"})
        if number == 5:
            await services.incidents.update(context, 5, summary="The proxy is gone", chat_channel=["arn:x:ops-room"])
        if number == 1:
            channel = context.names.channel("ana", "11111111-1111-4111-8111-111111111111")
            await hand_out(context, incident.id, context.names.contact("ana"), channel, "123456")
        known[number] = {
            "": f"#{number}\n{title}\nweb\nteam={'data' if data else 'shop'}",
            "title": title,
            "impact": impact,
            "number": number,
            "plan": "web",
            "source": trigger.source,
            "resource": trigger.resource_arn,
            "by": "ana",
            "tag": {"team": "data" if data else "shop"},
            "status": "open",
            "started": context.now(),
            "for": None,
            "who": "ana" if number == 1 else None,
            "is": ("mine",) if number == 1 else (),
            "chat": "ops-room" if number == 5 else None,
        }
        manual_clock.advance(600)
    for number in (2, 6):
        await services.incidents.resolve(context, number)
        known[number] |= {"status": "resolved", "resolved": context.now()}
    manual_clock.advance(60)
    async with context.database.write(context.now()) as unit:
        i = t.incidents
        await unit.run(sa.update(i).where(i.c.number == 3).values(exhausted_at=unit.now))
        await unit.run(sa.update(i).where(i.c.number == 4).values(drill=True))
    known[3]["is"], known[4]["is"] = ("silent",), ("drill",)
    for facts in known.values():
        facts["for"] = ((facts.get("resolved") or context.now()) - facts["started"]).total_seconds()
    return known


async def test_a_filter_finds_in_the_database_what_it_finds_in_memory(
    context: Context, many: dict[int, dict[str, Any]]
) -> None:
    now = context.now().astimezone()
    for text in FILTERS:
        wanted = parse(text, INCIDENT_FIELDS)
        expected = {number for number, facts in many.items() if matches(wanted, facts, now)}
        for status in (None, "OPEN", "RESOLVED"):
            of_status = {n for n in expected if status is None or many[n]["status"] == status.lower()}
            found = await services.incident_list.page(context, status=status, text=text)
            assert {row.number for row in found.rows} == of_status, (text, status)
            assert (found.total, found.more) == (len(of_status), False), (text, status)


async def test_what_one_is_paged_for_comes_first_then_what_nobody_is_left_for(
    context: Context, many: dict[int, dict[str, Any]]
) -> None:
    rows = (await services.incident_list.page(context, status="OPEN")).rows
    assert [row.number for row in rows] == [1, 3, 4, 5]
    assert [row.mine for row in rows] == [True, False, False, False]
    await services.engagements.acknowledge(context, "123456")
    rows = (await services.incident_list.page(context, status="OPEN")).rows
    assert [(row.number, row.mine) for row in rows][:2] == [(3, False), (1, False)]


ORDERS: dict[tuple[str | None, Sort], list[int]] = {
    ("RESOLVED", Sort.NEED): [6, 2],
    ("RESOLVED", Sort.NEWEST): [6, 2],
    ("RESOLVED", Sort.OLDEST): [2, 6],
    ("RESOLVED", Sort.IMPACT): [6, 2],
    ("OPEN", Sort.NEED): [1, 3, 4, 5],
    ("OPEN", Sort.NEWEST): [5, 4, 3, 1],
    ("OPEN", Sort.OLDEST): [1, 3, 4, 5],
    ("OPEN", Sort.IMPACT): [1, 3, 4, 5],
    (None, Sort.NEED): [1, 3, 4, 5, 6, 2],
    (None, Sort.NEWEST): [6, 5, 4, 3, 2, 1],
    (None, Sort.OLDEST): [1, 2, 3, 4, 5, 6],
    (None, Sort.IMPACT): [1, 3, 6, 2, 4, 5],
}


async def test_every_page_is_a_piece_of_the_whole_wherever_it_is_counted_from(
    context: Context, many: dict[int, dict[str, Any]]
) -> None:
    for (status, sort), numbers in ORDERS.items():
        whole = (await services.incident_list.page(context, status=status, sort=sort)).rows
        assert [row.number for row in whole] == numbers, (status, sort)
        for start in range(len(whole)):
            for limit in (1, 2, 5):
                part = await services.incident_list.page(context, status=status, sort=sort, start=start, limit=limit)
                assert part.rows == whole[start : start + limit], (status, sort, start, limit)


async def test_more_finds_than_are_counted_are_told_to_be_more(
    context: Context, many: dict[int, dict[str, Any]]
) -> None:
    found = await services.incident_list.page(context, text="team", most=4, limit=2)
    assert (len(found.rows), found.total, found.more) == (2, 4, True)
    further = await services.incident_list.page(context, text="team", most=4, start=3, limit=5)
    assert len(further.rows) == 3, "one sees them all the same"


async def test_what_changes_is_found_by_its_new_words_and_no_more_by_its_old(
    context: Context, many: dict[int, dict[str, Any]]
) -> None:
    async def found(text: str) -> list[int]:
        return [row.number for row in (await services.incident_list.page(context, status="RESOLVED", text=text)).rows]

    await services.incidents.update(context, 2, title="Lookup answers slowly", summary="Rolled back")
    assert await found("search") == [6]
    assert await found("lookup") == [2]
    assert await found("rolled") == [2]
    arn = (await services.incidents.get(context, 2)).arn
    await services.tags.set_tags(context, arn, {"service": "lookup-api"})
    assert await found("lookup-api") == [2]
    assert await found("team=shop") == [6]
    await services.tags.set_tags(context, arn, {})
    assert await found("lookup-api") == []


async def test_the_tallies_follow_every_way_an_incident_can_go(context: Context) -> None:
    await organise(context)
    assert await services.incident_list.counts(context) == (0, 0)
    for _ in range(3):
        await services.incidents.start(context, "web")
    await services.incidents.resolve(context, 2)
    assert await services.incident_list.counts(context) == (2, 1)
    await services.incidents.reopen(context, 2)
    assert await services.incident_list.counts(context) == (3, 0)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.delete(t.incidents).where(t.incidents.c.number == 2))
    assert await services.incident_list.counts(context) == (2, 0)
    assert (await services.incident_list.page(context, text="shop")).total == 2


async def test_a_filter_or_an_order_that_is_none_is_refused_in_words(context: Context) -> None:
    with pytest.raises(ValidationFailed, match="no field 'impct'"):
        await services.incident_list.page(context, text="impct:1")
    with pytest.raises(ValidationFailed, match="sort: one of need, newest"):
        await services.incident_list.page(context, sort="size")


async def test_nobody_sees_another_persons_saved_filters(make_context: Callable[..., Context]) -> None:
    ana, ben = make_context("ana"), make_context("ben")
    await services.filters.save(ana, "incidents", "mine", "is:mine")
    await services.filters.save(ana, "incidents", "mine", "is:mine impact:1")
    await services.filters.save(ben, "incidents", "shop", "tag:team=shop")
    assert await services.filters.saved(ana, "incidents") == {"mine": "is:mine impact:1"}
    assert await services.filters.saved(ana, "events") == {}
    await services.filters.delete(ana, "incidents", "shop")
    assert await services.filters.saved(ben, "incidents") == {"shop": "tag:team=shop"}
    for name, text in (("", "x"), ("two words", "x"), ("x" * 41, "x"), ("x", " ")):
        with pytest.raises(ValidationFailed):
            await services.filters.save(ana, "incidents", name, text)
