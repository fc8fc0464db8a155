"""The wire, over a real socket: what is committed before it is answered, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imtui import services
from imtui.api.app import make_app
from imtui.domain.errors import Unavailable
from imtui.services.context import Context
from imtui.sources.documents import MAX_BYTES
from tests.documents import alarm, alert_group
from tests.organisation import organise
from tests.screens.conftest import Still


class Server(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.begun.set()


@pytest.fixture
async def client(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running server, without credentials."""
    still = replace(context, clock=Still(context.now()))
    config = uvicorn.Config(make_app(still, lambda: True), port=0, log_config=None, lifespan="on")
    server = Server(config)
    running = asyncio.create_task(server._serve())
    await server.begun.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = True
    await running


async def bearer(context: Context, name: str = "hook") -> dict[str, str]:
    return {"Authorization": f"Bearer {await services.tokens.create(context, name)}"}


async def test_an_event_is_answered_after_it_is_committed(context: Context, client: httpx.AsyncClient) -> None:
    await organise(context)
    headers = await bearer(context)
    answer = await client.post("/hooks/eventbridge?response-plan=web", json=alarm(), headers=headers)
    assert answer.status_code == 200
    result = answer.json()["results"][0]
    assert result["action"] == "started"
    assert (await services.incidents.get(context, result["incidentRecordArn"])).is_open


async def test_many_at_once_are_each_answered_with_their_own_result(
    context: Context, client: httpx.AsyncClient
) -> None:
    await organise(context)
    headers = await bearer(context)

    async def post(number: int) -> dict[str, Any]:
        document = alarm(f"a{number % 5}", id_=str(number))
        answer = await client.post("/hooks/eventbridge?response-plan=web", json=document, headers=headers)
        found: dict[str, Any] = answer.json()["results"][0]
        return found

    results = await asyncio.gather(*(post(number) for number in range(40)))
    assert [result["eventId"] for result in results] == [str(number) for number in range(40)]
    assert sum(result["action"] == "started" for result in results) == 5


async def test_without_a_token_nothing_is_taken_in(context: Context, client: httpx.AsyncClient) -> None:
    await organise(context)
    absent = await client.post("/hooks/eventbridge?response-plan=web", json=alarm())
    assert absent.status_code == 401
    assert absent.headers["www-authenticate"].startswith("Basic")
    wrong = await client.post("/hooks/eventbridge", json=alarm(), headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 403
    assert sum(await services.incident_list.counts(context)) == 0


async def test_a_token_may_be_the_basic_password_and_is_refused_once_deleted(
    context: Context, client: httpx.AsyncClient
) -> None:
    await organise(context)
    token = await services.tokens.create(context, "am")
    url = "/hooks/alertmanager?response-plan=web"
    assert (await client.post(url, json=alert_group(), auth=("any", token))).status_code == 200
    await services.tokens.delete(context, "am")
    assert (await client.post(url, json=alert_group(), auth=("any", token))).status_code == 403


async def test_alertmanager_may_resolve(context: Context, client: httpx.AsyncClient) -> None:
    await organise(context)
    headers = await bearer(context)
    url = "/hooks/alertmanager?response-plan=web&resolve=true"
    for status, action in (("firing", "started"), ("firing", "deduplicated"), ("resolved", "resolved")):
        answer = await client.post(url, json=alert_group(status), headers=headers)
        assert answer.json()["results"][0]["action"] == action


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"NaN", 400),
        (b'"text"', 400),
        (b"[[]]", 400),
        (b'{"source": 1}', 400),
        (b'\xff\xfe{"a": 1}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, 400),
        (b"1" * 5000, 400),
        (json.dumps([alarm(), {"source": "x"}]).encode(), 400),
        (json.dumps({**alarm(), "detail": {"alarmName": None}}).encode(), 400),
        (b" " * (MAX_BYTES + 1), 413),
        (b"[]", 200),
    ],
    ids=range(14),
)
async def test_bad_bodies_are_refused_in_words_and_leave_nothing(
    context: Context, client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    await organise(context)
    headers = await bearer(context)
    answer = await client.post("/hooks/eventbridge?response-plan=web", content=body, headers=headers)
    assert answer.status_code == status
    assert "results" in answer.json() if status == 200 else answer.json()["message"]
    assert sum(await services.incident_list.counts(context)) == 0


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(sorted(alarm())), inner=st.sampled_from(["", *sorted(alarm()["detail"])]), value=_JSON)
async def test_no_document_makes_a_500(
    context: Context, client: httpx.AsyncClient, place: str, inner: str, value: Any
) -> None:
    if not await services.tokens.list_tokens(context):
        await organise(context)
        TOKEN.clear()
        TOKEN.update(await bearer(context))
    document = alarm()
    if inner:
        document["detail"][inner] = value
    else:
        document[place] = value
    body = json.dumps(document).encode()
    answer = await client.post("/hooks/eventbridge?response-plan=web", content=body, headers=TOKEN)
    assert answer.status_code in (200, 400), answer.text


TOKEN: dict[str, str] = {}


async def test_a_database_that_is_away_is_503_so_that_the_sender_tries_again(
    context: Context, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await organise(context)
    headers = await bearer(context)

    async def away(*_: object) -> None:
        raise Unavailable("the database cannot be used now")

    monkeypatch.setattr("imtui.services.events.take_in", away)
    answer = await client.post("/hooks/eventbridge", json=alarm(), headers=headers)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    monkeypatch.undo()
    assert (await client.post("/hooks/eventbridge", json=alarm(), headers=headers)).status_code == 200


async def test_one_bad_event_stops_no_other(
    context: Context, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await organise(context)
    headers = await bearer(context)
    real = services.events.take_in

    async def sometimes(context: Context, arrivals: Any) -> Any:
        if any(arrival.signal.id == "poison" for arrival in arrivals):
            raise RuntimeError("a defect")
        return await real(context, arrivals)

    monkeypatch.setattr("imtui.services.events.take_in", sometimes)
    posts = [
        client.post("/hooks/eventbridge?response-plan=web", json=alarm(id_), headers=headers)
        for id_ in ("one", "two", "three")
    ]
    posts.append(client.post("/hooks/eventbridge?response-plan=web", json=alarm(id_="poison"), headers=headers))
    answers = await asyncio.gather(*posts)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]


async def test_unknown_paths_and_methods_are_told(context: Context, client: httpx.AsyncClient) -> None:
    headers = await bearer(context)
    assert (await client.post("/hooks/nothing", json={}, headers=headers)).status_code == 404
    assert (await client.get("/")).status_code == 404
    assert (await client.get("/hooks/eventbridge")).status_code == 405


async def test_health_is_open_and_degraded_while_no_engine_leads(context: Context, client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    document = answer.json()
    assert document["status"] == "degraded"
    assert set(document["engine"]) == {"leader", "holder", "epoch"}
    assert set(document["outbox"]) == {"pending", "oldest_seconds"}
    assert set(document["timers"]) == {"pending", "latest_lateness_seconds"}
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "imtui_engine_live 0\n" in metrics.text
