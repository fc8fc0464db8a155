"""Who did what can be found again, quickly, and by those who may; what was only read is recorded without a write for
each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.audit import Place, Record, Wanted
from imtui.domain.errors import AccessDenied, ImtuiError, NotFound, Unavailable
from imtui.services import audit, reads
from imtui.services.context import Context, RequestId
from storage.database import Database
from storage.opening import open_database
from storage.watch import changes_since

MakeContext = Callable[..., Context]


async def act(context: Context, *names: str) -> None:
    for name in names:
        await services.filters.save(context, "incidents", name, f"title:{name}")


async def found(context: Context, wanted: Wanted = audit.ALL, **more: Any) -> list[Record]:
    records, _ = await audit.lookup(context, wanted, **more)
    return records


def over(context: Context, origin: str, **known: Any) -> Context:
    return context.acting_as(replace(context.caller, origin=origin, **known))


# ------------------------------------------------------------ what is recorded


async def test_a_change_is_recorded_with_who_and_from_where(context: Context) -> None:
    came = over(context, "api", address="192.0.2.7", access_key="AKIAEXAMPLE", user_agent="Boto3/1.40")
    await act(came, "mine")
    (record,) = await found(context)
    assert (record.caller, record.login, record.origin) == ("ana", "ana", "api")
    assert (record.address, record.access_key, record.user_agent) == ("192.0.2.7", "AKIAEXAMPLE", "Boto3/1.40")
    assert (record.action, record.event_name, record.resource) == ("imtui:SaveFilter", "SaveFilter", "incidents")
    assert record.values == {"name": "mine", "text": "title:mine"}
    assert (record.result, record.read_only, record.at) == ("ok", False, context.now())


async def test_a_refusal_is_recorded_although_nothing_was_changed(context: Context, make_context: MakeContext) -> None:
    with pytest.raises(AccessDenied):
        await act(make_context("ben", read_only=True), "mine")
    with pytest.raises(NotFound):
        await services.incidents.resolve(context, 7)
    missing, denied = await found(context, Wanted(failed=True))
    assert (denied.caller, denied.result) == ("ben", "AccessDeniedException")
    assert (missing.event_name, missing.result) == ("UpdateIncidentRecord", "ResourceNotFoundException")
    assert "7" in (missing.message or "")
    assert await found(context, Wanted(failed=False)) == []


async def test_whatever_strangers_call_themselves_can_be_recorded(context: Context) -> None:
    nasty = "a\x00b\ud800c"
    await act(over(context, "api", address=nasty, user_agent="x" * 5000, access_key=nasty), "mine")
    (record,) = await found(context)
    assert (record.address, record.access_key) == ("abc", "abc")
    assert len(record.user_agent or "") < 1000


async def test_every_open_screen_hears_of_a_change_and_of_a_refusal(context: Context) -> None:
    async def told() -> int:
        async with context.database.read() as reader:
            return len([change for change in await changes_since(reader, 0) if change.topic == "audit"])

    await act(context, "mine")
    assert await told() == 1
    with pytest.raises(NotFound):
        await services.incidents.resolve(context, 7)
    assert await told() == 2


# ------------------------------------------------------------ what is only read


async def contacts(context: Context, count: int = 1) -> None:
    for _ in range(count):
        await services.contacts.list_contacts(context)


async def test_what_is_read_over_the_wire_is_recorded_in_one_batch(context: Context) -> None:
    await contacts(over(context, "api"), 3)
    assert await found(context) == [], "nothing is written for each"
    await reads.written(context.database)
    records = await found(context)
    assert [(r.event_name, r.read_only, r.result) for r in records] == [("ListContacts", True, "ok")] * 3


async def test_what_was_not_there_to_be_read_is_recorded_as_refused(context: Context) -> None:
    with pytest.raises(NotFound):
        await services.incidents.get(over(context, "api"), 7)
    await reads.written(context.database)
    (record,) = await found(context)
    assert (record.event_name, record.read_only, record.error) == (
        "GetIncidentRecord",
        True,
        "ResourceNotFoundException",
    )


@pytest.mark.parametrize("origin", ["terminal", "test", "engine", "hook"])
async def test_what_a_screen_reads_to_stay_live_is_not_recorded(context: Context, origin: str) -> None:
    await contacts(over(context, origin))
    await reads.written(context.database)
    assert await found(context) == []


async def test_a_command_that_reads_the_same_many_times_has_read_it_once(context: Context) -> None:
    command = over(context, "command")
    await contacts(command, 5)
    with contextlib.suppress(ImtuiError):
        await services.contacts.get(command, "ben")
    await reads.written(context.database)
    assert [record.event_name for record in await found(context)] == ["GetContact", "ListContacts"]


async def test_a_call_with_an_id_has_one_record_that_bears_it(context: Context) -> None:
    def call(id_: str) -> Context:
        return over(context, "api").requested(RequestId(id_))

    reading, changing = call("reading"), call("changing")
    await contacts(reading, 2)
    await contacts(changing)
    await act(changing, "mine")
    await act(changing, "yours")
    refused = call("refused")
    with pytest.raises(NotFound):
        await services.incidents.resolve(refused, 7)
    await reads.written(context.database)
    records = {record.request_id: record.event_name for record in await found(context)}
    assert records.pop("reading") == "ListContacts"
    assert records.pop("changing") == "SaveFilter"
    assert records.pop("refused") == "UpdateIncidentRecord"
    assert list(records.values()) == ["SaveFilter"], "a second change has an id of its own"


async def test_reads_are_written_after_a_while_and_then_nothing_runs(
    context: Context, manual_clock: ManualClock
) -> None:
    await contacts(over(context, "api"))
    (work,) = [task for task in asyncio.all_tasks() if task.get_name() == "write what was read"]
    await until_asleep(manual_clock)
    manual_clock.advance(reads.SECONDS)
    await asyncio.wait_for(work, 10)
    assert len(await found(context)) == 1
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "write what was read"]


async def until_asleep(clock: ManualClock) -> None:
    while not clock._sleepers:
        await asyncio.sleep(0)  # noqa: TID251


async def test_many_reads_do_not_wait(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST", 3)
    await contacts(over(context, "api"), 3)
    (work,) = [task for task in asyncio.all_tasks() if task.get_name() == "write what was read"]
    await asyncio.wait_for(work, 10)
    assert len(await found(context)) == 3


async def test_reads_outlast_a_database_that_is_away_for_a_moment(
    context: Context, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = Database.write, []

    @contextlib.asynccontextmanager
    async def away(self: Database, *given: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            raise Unavailable("away")
        async with real(self, *given) as unit:
            yield unit

    monkeypatch.setattr(Database, "write", away)
    await contacts(over(context, "api"))
    (work,) = [task for task in asyncio.all_tasks() if task.get_name() == "write what was read"]
    while not work.done():
        await asyncio.sleep(0)  # noqa: TID251
        if manual_clock._sleepers:
            manual_clock.advance(reads.SECONDS)
    assert len(tries) == 2
    assert len(await found(context)) == 1


# ------------------------------------------------------------ looking into it


async def test_each_condition_finds_its_records_and_no_others(
    context: Context, make_context: MakeContext, manual_clock: ManualClock
) -> None:
    await act(context, "one")
    manual_clock.advance(60)
    ben = over(make_context("ben"), "api", access_key="AKIABEN", address="192.0.2.7")
    await services.contacts.create(ben, "carla", display_name="Carla")
    manual_clock.advance(60)
    with pytest.raises(NotFound):
        await services.incidents.resolve(context, 7)
    resolve, create, save = await found(context)
    arn = context.names.contact("carla")
    assert create.resource == arn or create.resource == "carla"
    middle = {
        Wanted(caller="ben"): [create],
        Wanted(event="CreateContact"): [create],
        Wanted(service="ssm-contacts"): [create],
        Wanted(resource=create.resource): [create],
        Wanted(about="CARLA"): [create],
        Wanted(request_id=create.request_id): [create],
        Wanted(access_key="AKIABEN"): [create],
        Wanted(origin="api"): [create],
        Wanted(error="ResourceNotFoundException"): [resolve],
        Wanted(failed=True): [resolve],
        Wanted(failed=False): [create, save],
        Wanted(read_only=False): [resolve, create, save],
        Wanted(read_only=True): [],
        Wanted(since=create.at): [resolve, create],
        Wanted(until=create.at): [save],
        Wanted(since=create.at, until=create.at + timedelta(microseconds=1)): [create],
        Wanted(caller="ana", failed=True): [resolve],
        Wanted(about="%"): [],
        Wanted(caller="Ben"): [],
    }
    for wanted, records in middle.items():
        assert await found(context, wanted) == records, wanted
    assert await audit.get(context, create.request_id) == create
    with pytest.raises(NotFound):
        await audit.get(context, "x")


async def test_pages_neither_repeat_nor_skip_while_records_are_added(context: Context) -> None:
    await act(context, "a", "b", "c", "d", "e")
    seen, before = await audit.lookup(context, limit=2)
    assert isinstance(before, Place)
    await act(context, "f")
    more, before = await audit.lookup(context, limit=2, before=before)
    last, end = await audit.lookup(context, limit=2, before=before)
    assert [record.values["name"] for record in (*seen, *more, *last)] == ["e", "d", "c", "b", "a"]
    assert end is None


async def test_a_page_that_is_just_full_is_the_last(context: Context) -> None:
    await act(context, "a", "b")
    records, before = await audit.lookup(context, limit=2)
    assert (len(records), before) == (2, None)


async def test_what_is_exported_is_what_was_sealed(context: Context) -> None:
    await act(context, "a", "b")
    lines = [item async for item in audit.exported(context)]
    assert len(lines) == 2
    assert all(isinstance(item, bytes) and b'"action":"imtui:SaveFilter"' in item for item in lines)


# ------------------------------------------------------------ among very many


@pytest.fixture
async def long(tmp_path: Path, manual_clock: ManualClock) -> Any:
    database, _ = await open_database(str(tmp_path / "imtui.db"))
    config = Config()
    caller = Caller("ana", "ana", "test", config.names.user("ana"))
    yield Context(database, manual_clock, config.names, caller, config)
    await database.close()


START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(since=START),
        Wanted(caller="ben"),
        Wanted(event="StartIncident"),
        Wanted(resource="12"),
        Wanted(request_id="x"),
        Wanted(access_key="AKIA"),
        Wanted(read_only=False),
        Wanted(failed=True),
    ],
    ids=str,
)
async def test_no_question_looks_at_every_record(long: Context, wanted: Wanted) -> None:
    heard: list[tuple[str, Any]] = []

    def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        heard.append((statement, parameters))

    sa.event.listen(long.database._readers.sync_engine, "before_cursor_execute", hear)
    before = Place(START, 7)
    await audit.lookup(long, wanted, before=before)
    sa.event.remove(long.database._readers.sync_engine, "before_cursor_execute", hear)
    (asked,) = [one for one in heard if "FROM audit" in one[0]]
    async with long.database.read() as reader:
        rows = await reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
        steps = [str(row._mapping["detail"]) for row in rows]
    assert not any(step.startswith("SCAN audit") and "USING" not in step for step in steps), steps
    assert wanted.request_id or not any("TEMP B-TREE" in step for step in steps), steps
