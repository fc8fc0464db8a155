"""Incidents that are asked for at once must each be started as if they were asked for alone: none lost, none twice,
none in another's name, and a wrong one stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.errors import NotFound
from imtui.operations.aws.perform import perform
from imtui.services.context import Context, RequestId
from imtui.services.once import Once
from storage import tables as t
from storage.database import Database
from tests.organisation import organise

PLAN = "arn:aws:ssm-incidents::111122223333:response-plan/web"


async def at_once(calls: Sequence[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


@pytest.fixture
def commits(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each unit of work that was committed."""
    found: list[str] = []
    commit = database._commit

    async def counted(connection: Any) -> None:
        await commit(connection)
        found.append("commit")

    monkeypatch.setattr(database, "_commit", counted)
    return found


async def audit(context: Context) -> list[sa.Row[Any]]:
    a = t.audit.c
    async with context.database.read() as reader:
        query = sa.select(a.request_id, a.caller, a.error, a.parameters).where(a.action.endswith("StartIncident"))
        return list(await reader.all(query.order_by(a.id)))


async def test_many_are_a_few_units_of_work_and_each_has_its_record(context: Context, commits: list[str]) -> None:
    await organise(context)
    commits.clear()
    ids = [f"00000000-0000-4000-8000-{n:012}" for n in range(20)]
    found = await at_once(
        [services.incidents.start(context.requested(RequestId(id_)), "web", title=id_) for id_ in ids]
    )
    assert len(commits) == 2
    assert [one.incident.title for one in found] == ids
    assert len({one.incident.number for one in found}) == 20
    records = await audit(context)
    assert sorted((row.request_id, row.parameters["title"]) for row in records) == [(id_, id_) for id_ in ids]


async def test_each_caller_starts_in_their_own_name(context: Context, make_context: Callable[..., Context]) -> None:
    await organise(context)
    people = [make_context(name) for name in ("ana", "ben", "ana", "cleo", "ben", "ana")]
    found = await at_once([services.incidents.start(one, "web", title=one.caller.name) for one in people])
    assert [one.incident.created_by for one in found] == [one.caller.arn for one in people]
    assert [one.incident.title for one in found] == [one.caller.name for one in people]
    assert sorted(row.caller for row in await audit(context)) == ["ana", "ana", "ana", "ben", "ben", "cleo"]


async def test_one_that_cannot_be_started_stops_no_other_and_is_recorded(context: Context) -> None:
    await organise(context)
    found = await at_once([services.incidents.start(context, "nothing" if n == 2 else "web") for n in range(5)])
    assert [isinstance(one, NotFound) for one in found] == [False, False, True, False, False]
    assert [row.error for row in await audit(context)].count("ResourceNotFoundException") == 1
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.incidents)) == 4


async def test_a_caller_who_gives_up_takes_nobody_along(context: Context) -> None:
    await organise(context)
    tasks = [asyncio.ensure_future(services.incidents.start(context, "web", title=f"No {n}")) for n in range(6)]
    asyncio.get_running_loop().call_soon(tasks[0].cancel)
    asyncio.get_running_loop().call_soon(tasks[3].cancel)
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks] == [True, False, False, True, False, False]
    titles = {task.result().incident.title for task in tasks if not task.cancelled()}
    assert titles == {"No 1", "No 2", "No 4", "No 5"}
    assert (await services.incidents.start(context, "web", title="afterwards")).created


async def test_a_token_that_comes_twice_at_once_starts_one_incident(context: Context) -> None:
    await organise(context)
    wanted = [{"responsePlanArn": PLAN, "clientToken": token} for token in ("a", "b", "b", "c", "b")]
    found = await at_once([perform(context, "ssm-incidents", "StartIncident", given) for given in wanted])
    assert [one for one in found if isinstance(one, BaseException)] == [], "whoever repeats gets the answer, too"
    answers = {one["incidentRecordArn"] for one in found}
    assert len(answers) == 3
    again = [await perform(context, "ssm-incidents", "StartIncident", given) for given in wanted]
    assert {one["incidentRecordArn"] for one in again} == answers


async def test_what_the_database_refuses_of_one_is_done_and_remembered_of_the_others(context: Context) -> None:
    await organise(context)
    calls = []
    for n in range(5):
        related = [("OTHER", "", {"url": object()})] if n == 3 else []
        once = Once("ssm-incidents:StartIncident", f"t{n}", {}, answering=lambda started: {"arn": started.incident.arn})
        calls.append(services.incidents.start(context.doing(once), "web", related_items=related))
    found = await at_once(calls)
    assert [isinstance(one, Exception) for one in found] == [False, False, False, True, False]
    async with context.database.read() as reader:
        kept = {row.token: row.result["answer"]["arn"] for row in await reader.all(sa.select(t.idempotency))}
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.incidents)) == 4
    assert kept == {f"t{n}": one.incident.arn for n, one in enumerate(found) if n != 3}


async def test_the_answer_is_kept_in_the_same_commit(context: Context, commits: list[str]) -> None:
    await organise(context)
    commits.clear()
    given = {"responsePlanArn": PLAN, "clientToken": "once"}
    answer = await perform(replace(context), "ssm-incidents", "StartIncident", given)
    assert len(commits) == 1
    assert await perform(replace(context), "ssm-incidents", "StartIncident", given) == answer
    assert len(commits) == 1
