"""The audit log is sealed and pruned by the engine, and whoever alters it afterwards is found out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from imtui import services
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.route import Route
from imtui.engine import pruning, sealing
from imtui.engine.engine import Engine
from imtui.services.audit_proof import Proof, prove
from imtui.services.context import Context
from storage import tables as t
from storage.append_only import APPEND_ONLY, BACK, BEFORE, CHANGED, DELETED
from storage.database import Database
from storage.tables_audit import audit_seals
from tests.engine.conftest import Provider

BATCH = 4


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST", BATCH)


async def act(context: Context, count: int) -> None:
    """So many changes, each a record."""
    for number in range(count):
        await services.filters.save(context, "incidents", f"f{number}", f"title:{number}")


async def seal(context: Context) -> None:
    while await sealing.waits(context.database):
        async with context.database.write(context.now()) as unit:
            await sealing.seal(unit)


async def raw(database: Database, *statements: str) -> None:
    """What somebody does past this program, in one transaction."""
    if database.path is not None:
        with closing(sqlite3.connect(database.path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return
    engine = create_async_engine(database.url)
    try:
        async with engine.begin() as server:
            for statement in statements:
                await server.exec_driver_sql(statement)
    finally:
        await engine.dispose()


async def tampered(database: Database, *statements: str) -> None:
    """The same by somebody who owns the database, and so can drop triggers."""
    if database.dialect == "sqlite":
        names = [part.split()[2] for part in APPEND_ONLY["sqlite"] if part.startswith("CREATE TRIGGER")]
        await raw(database, *(f"DROP TRIGGER IF EXISTS {name}" for name in names), *statements)
    else:
        tables = ("audit", "audit_seals", "audit_head")
        await raw(database, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), *statements)


async def test_what_was_sealed_and_left_alone_is_proved(context: Context) -> None:
    await act(context, 10)
    await seal(context)
    proof = await prove(context)
    assert (proof.wrong, proof.records, proof.seals, proof.unsealed) == ([], 10, 3, 0)
    await act(context, 2)
    proof = await prove(context)
    assert (proof.wrong, proof.records, proof.unsealed) == ([], 10, 2)


async def test_the_engine_seals_every_minute_and_only_when_there_is_something(
    context: Context, engine: Engine, manual_clock: ManualClock
) -> None:
    async def seals() -> int:
        async with context.database.read() as reader:
            return int(await reader.scalar(sa.select(sa.func.count()).select_from(audit_seals)))

    await act(context, 1)
    await engine.tick()
    assert await seals() == 1
    await act(context, 1)
    manual_clock.advance(sealing.EVERY_SECONDS - 1)
    await engine.tick()
    assert await seals() == 1, "not yet"
    manual_clock.advance(5)
    await engine.tick()
    assert await seals() == 2
    manual_clock.advance(10 * sealing.EVERY_SECONDS)
    await engine.tick()
    assert await seals() == 2, "nothing was there to seal"
    assert (await prove(context)).wrong == []


async def test_a_storm_of_records_is_sealed_between_pages_not_before_them(
    context: Context, engine: Engine, manual_clock: ManualClock
) -> None:
    many = BATCH * sealing.SEALS_AT_ONCE + 1
    await act(context, many)
    await engine.tick()
    assert (await prove(context)).unsealed == 1
    manual_clock.advance(5)
    await engine.tick()
    assert (await prove(context)).unsealed == 0


ALTERED = {
    "request_id": "'x'",
    "at": "at + 1",
    "caller": "'anb'",
    "login": "'anb'",
    "origin": "'tesu'",
    "action": "'imtui:SaveFiltes'",
    "resource": "'incidentt'",
    "parameters": """'{"name":"f1","text":"title:2"}'""",
    "error": "'x'",
    "message": "'x'",
    "event_name": "'SaveFiltes'",
    "address": "'x'",
    "access_key": "'x'",
    "user_agent": "'x'",
    "read_only": "NOT read_only",
}


def test_every_column_is_tried() -> None:
    assert ALTERED.keys() == {column.name for column in t.audit.c} - {"id"}


@pytest.mark.parametrize("column", ALTERED)
async def test_no_column_of_a_sealed_record_can_be_altered_unnoticed(context: Context, column: str) -> None:
    await act(context, 6)
    await seal(context)
    await tampered(context.database, f"UPDATE audit SET {column} = {ALTERED[column]} WHERE id = 2")
    assert (await prove(context)).wrong == ["record 2 was altered after it was sealed (seal 1)"]


async def test_white_space_in_parameters_counts_too(context: Context) -> None:
    await act(context, 2)
    await seal(context)
    await tampered(context.database, 'UPDATE audit SET parameters = \'{"name": "f1","text":"title:1"}\' WHERE id = 2')
    assert (await prove(context)).wrong == ["record 2 was altered after it was sealed (seal 1)"]


@pytest.mark.parametrize(
    ("statements", "wrong"),
    [
        (["DELETE FROM audit WHERE id = 3"], ["record 3 was removed after it was sealed (seal 1)"]),
        (["DELETE FROM audit WHERE id = 4"], ["record 4 was removed after it was sealed (seal 1)"]),
        (
            [
                "UPDATE audit SET id = 100 WHERE id = 2",
                "UPDATE audit SET id = 2 WHERE id = 3",
                "UPDATE audit SET id = 3 WHERE id = 100",
            ],
            ["record 2 was altered", "record 3 was altered"],
        ),
        (["UPDATE audit_seals SET sealed_at = sealed_at + 1 WHERE seq = 2"], ["seal 2 was altered"]),
        (["UPDATE audit_seals SET prints = '1:x' WHERE seq = 2"], ["seal 2 was altered"]),
        (["DELETE FROM audit_seals WHERE seq = 2"], ["seal 2 is missing before seal 3"]),
        (["DELETE FROM audit_seals WHERE seq = 1"], ["seal 1 is missing before seal 2"]),
        (["DELETE FROM audit_seals WHERE seq = 3"], ["seal 3 is missing: the end of the log was cut off"]),
        (
            ["DELETE FROM audit WHERE id > 8", "DELETE FROM audit_seals WHERE seq = 3"],
            ["seal 3 is missing: the end of the log was cut off", "the newest record was 10, now it is 8"],
        ),
        (
            ["DELETE FROM audit", "DELETE FROM audit_seals"],
            ["seals 1 to 3 are missing", "the newest record was 10, now"],
        ),
        (["DELETE FROM audit_head"], ["the head of the audit log was removed"]),
    ],
    ids=lambda value: value[0][:50],
)
async def test_whatever_is_done_to_the_log_is_found(context: Context, statements: list[str], wrong: list[str]) -> None:
    await act(context, 10)
    await seal(context)
    await tampered(context.database, *statements)
    found = (await prove(context)).wrong
    for text in wrong:
        assert any(one.startswith(text) for one in found), found


async def test_a_record_that_is_slipped_in_is_found(context: Context) -> None:
    await act(context, 6)
    await tampered(context.database, "DELETE FROM audit WHERE id = 2", "UPDATE audit_head SET records = records - 1")
    await seal(context)
    assert (await prove(context)).wrong == []
    columns = ", ".join(column.name for column in t.audit.c if column.name not in ("id", "request_id"))
    await tampered(
        context.database,
        f"INSERT INTO audit (id, request_id, {columns}) SELECT 2, 'slipped-in', {columns} FROM audit WHERE id = 1",
    )
    assert (await prove(context)).wrong == ["record 2 was inserted after it was sealed (seal 1)"]


async def test_an_end_that_is_not_sealed_yet_cannot_be_cut_off_unnoticed(context: Context) -> None:
    await act(context, 4)
    await seal(context)
    await act(context, 3)
    await tampered(context.database, "DELETE FROM audit WHERE id = 6")
    assert (await prove(context)).wrong == ["1 records are missing among those that are not sealed yet"]
    await tampered(context.database, "DELETE FROM audit WHERE id = 7")
    assert (await prove(context)).wrong == ["the newest record was 7, now it is 5: the end of the log was cut off"]


async def test_doctor_says_what_was_tampered_with_and_ends_badly(context: Context) -> None:
    await act(context, 6)
    await seal(context)

    async def findings() -> list[tuple[str, str]]:
        return [(f.level, f.text) for f in await services.doctor.examine(context) if f.subject == "audit"]

    (level, text), *_ = await findings()
    assert (level, text.split(",")[0]) == ("ok", "6 records under 2 seals")
    await tampered(context.database, "UPDATE audit SET caller = 'x' WHERE id = 1")
    assert ("wrong", "record 1 was altered after it was sealed (seal 1)") in await findings()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET caller = 'x' WHERE id = 1", CHANGED),
        ("DELETE FROM audit WHERE id = 1", DELETED),
        ("DELETE FROM audit", DELETED),
        ("UPDATE audit_seals SET hash = 'x'", CHANGED),
        ("DELETE FROM audit_seals", DELETED),
        ("UPDATE audit_head SET last_id = 0", BACK),
        (
            "INSERT INTO audit (id, request_id, at, caller, login, origin, action, resource, parameters)"
            " VALUES (0, 'x', 1, 'x', 'x', 'x', 'x', 'x', '{}')",
            BEFORE,
        ),
    ],
)
async def test_whoever_does_not_drop_the_triggers_is_refused(context: Context, statement: str, said: str) -> None:
    await act(context, 2)
    await seal(context)
    with pytest.raises((sqlite3.IntegrityError, sa.exc.IntegrityError, sa.exc.DBAPIError), match=said):
        await raw(context.database, statement)
    assert (await prove(context)).wrong == []


async def test_nothing_is_replaced_in_passing(context: Context) -> None:
    if context.database.dialect == "postgresql":
        with pytest.raises(sa.exc.DBAPIError, match=DELETED):
            await raw(context.database, "TRUNCATE audit")
        return
    await act(context, 2)
    columns = ", ".join(column.name for column in t.audit.c if column.name != "id")
    for id_ in ("1", "NULL", "50"):
        with pytest.raises(sqlite3.IntegrityError, match=BEFORE):
            await raw(
                context.database,
                f"INSERT OR REPLACE INTO audit (id, {columns}) SELECT {id_}, {columns} FROM audit WHERE id = 1",
            )
    assert (await prove(context)).wrong == []


async def test_records_past_their_time_are_pruned_and_the_rest_is_still_proved(
    context: Context, manual_clock: ManualClock
) -> None:
    await act(context, 6)
    await seal(context)
    manual_clock.advance(50 * 86400)
    await act(context, 3)
    await seal(context)
    manual_clock.advance(41 * 86400)

    async def prune() -> Proof:
        async with context.database.write(context.now()) as unit:
            await pruning.prune(unit, timedelta(days=90))
        return await prove(context)

    proof = await prune()
    assert (proof.wrong, proof.records, proof.seals) == ([], 3, 1)
    kept, _ = await services.audit.lookup(context)
    assert [record.id for record in kept] == [9, 8, 7]
    await tampered(context.database, "UPDATE audit SET caller = 'x' WHERE id = 8")
    assert (await prune()).wrong == ["record 8 was altered after it was sealed (seal 3)"]


async def test_everything_can_be_pruned_and_the_chain_goes_on(context: Context, manual_clock: ManualClock) -> None:
    await act(context, 5)
    await seal(context)
    manual_clock.advance(91 * 86400)
    async with context.database.write(context.now()) as unit:
        await sealing.prune(unit, context.now() - timedelta(days=90))
    proof = await prove(context)
    assert (proof.wrong, proof.records, proof.unsealed) == ([], 0, 0)
    await act(context, 1)
    await seal(context)
    proof = await prove(context)
    assert (proof.wrong, proof.records, proof.seals) == ([], 1, 1)
    await tampered(context.database, "DELETE FROM audit_seals WHERE seq = 2")
    assert any("seal 2 is missing" in text for text in (await prove(context)).wrong)


async def test_a_record_that_is_not_sealed_is_never_pruned(context: Context, manual_clock: ManualClock) -> None:
    await act(context, 2)
    manual_clock.advance(1000 * 86400)
    async with context.database.write(context.now()) as unit:
        assert await sealing.prune(unit, context.now() - timedelta(days=90)) == 0
    assert len((await services.audit.lookup(context))[0]) == 2


@pytest.mark.parametrize("config", [Config(), Config(sections={"audit": {"days": 7}})], ids=["90", "7"])
async def test_the_engine_keeps_records_as_long_as_the_configuration_says(
    context: Context, provider: Provider, manual_clock: ManualClock, config: Config
) -> None:
    engine = Engine(context.database, manual_clock, config, providers=dict.fromkeys(Route, provider))
    await act(context, 3)
    await engine.tick()
    manual_clock.advance((config.audit_days - 1) * 86400)
    await engine.tick()
    assert len((await services.audit.lookup(context))[0]) == 3
    manual_clock.advance(2 * 86400)
    await engine.tick()
    assert (await services.audit.lookup(context))[0] == []
    await engine.close()
