"""A long timeline is read in parts: the order is stable, the index has it, and no part costs more than its lines."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from imtui import services
from imtui.domain.errors import NotFound
from imtui.domain.filter import parse
from imtui.domain.timeline import EventType
from imtui.domain.timeline_filter import FIELDS
from imtui.services.context import Context
from storage import tables as t
from tests.organisation import organise

MANY = 400


async def fill(context: Context, count: int = MANY) -> str:
    """An incident with so many notes, two at each instant; returns its id."""
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident.id
    async with context.database.write(context.now()) as unit:
        for number in range(count):
            row = {
                "id": str(uuid.uuid4()),
                "incident_id": incident,
                "type": EventType.NOTE.value,
                "event_time": unit.now + timedelta(seconds=1 + number // 2),
                "updated_at": unit.now,
                "data": {"text": f"note {number}", "by": "ana" if number % 2 else "ben"},
                "refs": [],
                "seq": number,
            }
            unit.insert(t.timeline, row)
    return incident


async def test_parts_are_the_whole_without_gap_or_double(context: Context) -> None:
    incident = await fill(context)
    whole = [event.id for event in await services.timeline.events(context, incident)]
    for size in (1, 7, 150, 1000):
        read: list[str] = []
        while len(read) < len(whole):
            page = await services.timeline.page(context, incident, offset=len(read), limit=size)
            assert (page.start, page.total) == (len(read), len(whole))
            read += [event.id for event in page.events]
        assert read == whole


async def test_without_a_place_the_end_is_read(context: Context) -> None:
    incident = await fill(context)
    page = await services.timeline.page(context, incident, limit=10)
    assert [event.text for event in page.events] == [f"note {number}" for number in range(MANY - 10, MANY)]
    assert page.start == page.total - 10
    beyond = await services.timeline.page(context, incident, offset=MANY * 2, limit=10)
    assert [event.text for event in beyond.events] == [f"note {MANY - 1}"]
    nothing = await services.timeline.page(context, incident, types=(), limit=10)
    assert nothing == ([], 0, 0)


async def test_an_edit_moves_nothing(context: Context) -> None:
    incident = await fill(context, 6)
    before = [event.id for event in await services.timeline.events(context, incident)]
    await services.timeline.edit(context, incident, before[2], text="changed")
    assert [event.id for event in await services.timeline.events(context, incident)] == before


async def test_the_index_has_the_order(context: Context) -> None:
    incident = await fill(context, 10)
    for newest_first in (False, True):
        query = sa.select(t.timeline).where(t.timeline.c.incident_id == incident)
        query = query.order_by(*services.timeline.order(newest_first)).limit(5)
        async with context.database.read() as reader:
            if reader.dialect != "sqlite":
                pytest.skip("SQLite tells its plan in words")
            text = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            plan = " ".join(str(row) for row in await reader.all(sa.text(f"EXPLAIN QUERY PLAN {text}")))
        assert "USING INDEX ix_timeline_order (incident_id=?)" in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind:note", MANY),
        ("!kind:note", 1),
        ("note 39", 0),
        ("by:ben", MANY // 2),
        ("by:ben NOTE", MANY // 2),
        ("!by:ben kind:note", MANY // 2),
        ("kind:trigger|note", MANY + 1),
        ("100%", 0),
        ("note_1", 0),
        ("who:ben", 0),
    ],
)
async def test_what_a_filter_leaves(context: Context, text: str, found: int) -> None:
    incident = await fill(context)
    only = parse(text, FIELDS)
    page = await services.timeline.page(context, incident, only=only, limit=MANY + 10)
    if text == "note 39":
        found = sum("39" in f"note {number}" for number in range(MANY))
    assert (len(page.events), page.total) == (found, found)
    assert await services.timeline.count(context, incident, only=only) == found


async def test_a_filter_by_whom_it_tells_of(context: Context) -> None:
    incident = await fill(context, 0)
    await services.engagements.engage(context, incident, "ben")
    for text, texts in (("who:ben", ["ana engaged Ben"]), ("who:=be", []), ("who:be", ["ana engaged Ben"])):
        page = await services.timeline.page(context, incident, only=parse(text, FIELDS))
        assert [event.text for event in page.events] == texts


async def test_one_event_is_of_its_incident_alone(context: Context) -> None:
    incident = await fill(context, 1)
    other = (await services.incidents.start(context, "web")).incident.id
    event = (await services.timeline.events(context, incident))[-1]
    assert (await services.timeline.get(context, incident, event.id)).text == "note 0"
    with pytest.raises(NotFound):
        await services.timeline.get(context, other, event.id)


async def test_events_tell_their_names(context: Context) -> None:
    incident = await fill(context, 0)
    await services.engagements.engage(context, incident, "ben")
    events = await services.timeline.events(context, incident)
    named = [await services.timeline.names(context, event) for event in events]
    assert set(named[0].values()) == {"web"}
    assert set(named[1].values()) == {"Ben"}
