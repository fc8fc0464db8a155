"""Rehearsing what is named, from any instant, by whoever may look; it leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.rehearsal import Ending, Kind
from imtui.operations import OPERATIONS
from imtui.operations.arguments import parse_line
from imtui.services.context import Context
from imtui.services.rehearsals import Rehearsed
from storage import tables as t
from tests.organisation import organise


def pages(found: Rehearsed) -> list[str]:
    return [f"{found.course.minute(page):g} {found.names.label(page.person)}" for page in found.course.pages]


@pytest.mark.parametrize(
    ("ref", "kind", "paged"),
    [
        ("web", "response plan", ["0 Ana", "5 Ana", "10 Ben"]),
        ("arn:aws:ssm-incidents::111122223333:response-plan/web", "response plan", ["0 Ana", "5 Ana", "10 Ben"]),
        ("night", "escalation plan", ["0 Ana", "5 Ana", "10 Ben"]),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ben", "contact", ["0 Ben"]),
        ("ana", "contact", ["0 Ana", "5 Ana"]),
        ("#1", "incident", ["0 Ana", "5 Ana", "10 Ben"]),
    ],
)
async def test_whatever_is_named_is_rehearsed(context: Context, ref: str, kind: str, paged: list[str]) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    found = await services.rehearsals.of(context, ref)
    assert (found.kind, pages(found)) == (kind, paged)
    assert found.course.ending is Ending.NOBODY_LEFT
    assert found.warnings == (), "one person is a contact, not a weakness"


async def test_what_does_not_exist_or_cannot_acknowledge_is_refused_in_words(context: Context) -> None:
    await organise(context)
    for ref in ("nothing", "7", "arn:aws:ssm-incidents::111122223333:response-plan/x"):
        with pytest.raises(NotFound):
            await services.rehearsals.of(context, ref)
    for who, minute in (("nobody", 1), ("night", 1), ("ana", -1), ("ana", 1e9), ("ana", float("nan"))):
        with pytest.raises(ValidationFailed):
            await services.rehearsals.of(context, "web", acknowledgements=[(who, minute)])


async def test_it_may_be_done_by_whoever_only_looks_and_leaves_no_trace(
    make_context: Callable[..., Context],
) -> None:
    await organise(make_context("ana"))
    async with make_context("ana").database.read() as reader:
        tables = [sa.select(sa.func.count()).select_from(table) for table in t.metadata.sorted_tables]
        before = [await reader.scalar(table) for table in tables]
    found = await services.rehearsals.of(make_context("dana", read_only=True), "web", acknowledgements=[("ben", 3)])
    assert pages(found) == ["0 Ana", "5 Ana"]
    async with make_context("ana").database.read() as reader:
        assert [await reader.scalar(table) for table in tables] == before


async def test_it_begins_when_one_says_in_whatever_zone(context: Context) -> None:
    await organise(context)
    there = datetime(2026, 7, 1, 9, 0, tzinfo=timezone(timedelta(hours=2)))
    found = await services.rehearsals.of(context, "web", at=there)
    assert found.course.pages[-1].at == datetime(2026, 7, 1, 7, 10, tzinfo=UTC)


async def test_of_an_incident_what_is_over_is_not_told_again(context: Context, manual_clock: ManualClock) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await services.engagements.take(context, 1)
    found = await services.rehearsals.of(context, "1")
    assert (found.course.pages, found.warnings) == ((), ())
    await services.incidents.resolve(context, 1)
    assert (await services.rehearsals.of(context, "1")).course.ending is Ending.NOTHING


async def test_names_are_offered_and_the_same_words_serve_shell_and_program(context: Context) -> None:
    await organise(context)
    operation, values = parse_line('rehearse web --at "2026-03-02 03:10" --ack ana@5 --ack ben@12')
    told = await operation.handler(context, **values)
    text = "\n".join(operation.lines(told))
    for part in ("response plan web", "Ana acknowledges after 5 min", "x  Ben", "not sent: Night shift, stage 2"):
        assert part in text, part
    assert operation.document is not None
    document = operation.document(told)
    assert [(page["minute"], page["address"], page["stage"]) for page in document["pages"]] == [
        (0, "ana@example.com", 1),
        (5, "+4915100000001", 1),
    ]
    assert [page["name"] for page in document["notSent"]] == ["Ben"]
    assert {step["kind"] for step in document["steps"]} == {
        Kind.PAGE.value,
        Kind.ENGAGED.value,
        Kind.ACKNOWLEDGED.value,
        Kind.STOPPED.value,
    }
    drawn = "\n".join(operation.lines(told._replace(timeline=True)))
    assert drawn.isascii()
    assert "E-------------------SA" in drawn
    assert operation in OPERATIONS


@pytest.mark.parametrize("word", ["ana", "@5", "ana@", "ana@soon", "ana@-1"])
async def test_an_acknowledgement_that_means_nothing_is_refused(context: Context, word: str) -> None:
    operation, values = parse_line(f"rehearse web --ack {word}")
    with pytest.raises(ValidationFailed, match="such as ana@5"):
        await operation.handler(context, **values)
