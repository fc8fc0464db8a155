"""People write notes and custom events; what the program recorded stays as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from tests.organisation import organise


async def test_events_stand_in_the_order_in_which_they_happened(context: Context, manual_clock: ManualClock) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    manual_clock.advance(60)
    await services.timeline.add_note(context, 1, "second")
    await services.timeline.add_event(context, 1, "before it all", context.now() - timedelta(hours=1))
    await services.timeline.add_note(context, 1, "third")
    texts = [event.text for event in await services.timeline.events(context, 1)]
    assert texts == ["before it all", "Incident started: Web shop is down", "second", "third"]
    newest = await services.timeline.events(context, 1, newest_first=True, limit=2, types={EventType.NOTE})
    assert [event.text for event in newest] == ["third", "second"]


async def test_an_automatic_event_can_be_neither_edited_nor_deleted(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    event = (await services.timeline.events(context, 1))[0]
    with pytest.raises(ValidationFailed, match="recorded by the program"):
        await services.timeline.edit(context, 1, event.id, text="it was not us")
    with pytest.raises(ValidationFailed, match="recorded by the program"):
        await services.timeline.delete(context, 1, event.id)


async def test_an_edited_note_keeps_its_place_and_says_who_changed_it(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    note = await services.timeline.add_note(context, 1, "restarting")
    edited = await services.timeline.edit(context, 1, note.id, text="restarted", revision=note.revision)
    assert (edited.text, edited.data["editedBy"], edited.event_time) == ("restarted", "ana", note.event_time)
    with pytest.raises(Conflict):
        await services.timeline.edit(context, 1, note.id, text="mine", revision=note.revision)


async def test_a_deleted_note_is_gone_and_deleting_it_again_says_so(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    note = await services.timeline.add_note(context, 1, "wrong incident")
    await services.timeline.delete(context, 1, note.id)
    assert await services.timeline.events(context, 1, types={EventType.NOTE}) == []
    with pytest.raises(NotFound, match="somebody may have deleted it"):
        await services.timeline.delete(context, 1, note.id)


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 12_001])
async def test_empty_and_endless_notes_are_refused(context: Context, text: str) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    with pytest.raises(ValidationFailed) as refused:
        await services.timeline.add_note(context, 1, text)
    assert refused.value.field == "text"
