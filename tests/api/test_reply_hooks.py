"""Replies over a real socket: who is let in, what is answered, and what leaves everything as it was."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imtui import services
from imtui.api.app import make_app
from imtui.api.replies import MOST_UNKNOWN_BYTES
from imtui.config import Config
from imtui.domain.errors import Unavailable, ValidationFailed
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from imtui.sources.replies import signed
from storage import tables as t
from tests.api.test_hooks import Server, bearer
from tests.domain.nasty import json_values, texts
from tests.organisation import hand_out, organise
from tests.screens.conftest import Still

ANA = "+4915100000001"
SECRET = "f3b8c1d2e4a5968778695a4b3c2d1e0f"
OUTSIDE = "https://incidents.example.com/hooks/sms"
Clients = Callable[..., Any]


@pytest.fixture
def clients(context: Context, tmp_path: Path) -> Clients:
    """Clients of running servers with the settings of [sms] and [voice]."""
    (tmp_path / "auth-token").write_text(f"{SECRET}\n")

    @asynccontextmanager
    async def running(**setting: str) -> AsyncIterator[httpx.AsyncClient]:
        section = {"auth_token_file": str(tmp_path / "auth-token"), **setting}
        config = Config(sections={"sms": section, "voice": section})
        still = replace(context, clock=Still(context.now()), config=config)
        server = Server(uvicorn.Config(make_app(still, lambda: True), port=0, log_config=None, lifespan="on"))
        serving = asyncio.create_task(server._serve())
        await server.begun.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
        server.should_exit = True
        await serving

    return running


async def paged(context: Context, code: str = "123456") -> str:
    """Ana is paged for an incident by SMS; the id of the message."""
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident.id
    return await hand_out(context, incident, made.ana, made.ana_sms, code, "SMS")


async def acknowledged(context: Context) -> int:
    return len(await services.timeline.events(context, 1, types={EventType.ACKNOWLEDGEMENT}))


def form(text: str = "123456", **other: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "AccountSid": "AC1", "From": ANA, "To": "+4915199999999", "Body": text, **other}


def signature(url: str, fields: dict[str, str], secret: str = SECRET) -> dict[str, str]:
    """Twilio's, as its documentation describes it."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def test_the_signature_is_that_of_twilios_own_example() -> None:
    fields = [
        *(("CallSid", "CA1234567890ABCDE"), ("Caller", "+12349013030"), ("Digits", "1234")),
        *(("From", "+12349013030"), ("To", "+18005551212")),
    ]
    url, right = "https://mycompany.com/myapp.php?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    assert signed(url, fields, "12345", right)
    assert signed(url, list(reversed(fields)), "12345", right)
    assert signed(url.replace(".com/", ".com:443/"), fields, "12345", right)
    for wrong in ("", "0/KCTR6DLpKmkAf8muzZqo1nDg=", right.lower(), "ä", "\udcff"):
        assert not signed(url, fields, "12345", wrong)
    assert not signed(url, fields, "12346", right)
    assert not signed(url + "3", fields, "12345", right)
    assert not signed(url.replace(".com/", ".com:8443/"), fields, "12345", right)
    assert not signed(url, [*fields, ("Digits", "1")], "12345", right)


async def test_a_gateway_with_a_token_acknowledges(context: Context, clients: Clients) -> None:
    await paged(context)
    headers = await bearer(context)
    async with clients() as client:
        body = {"id": "1", "from": ANA, "to": "+4915199999999", "body": "123456"}
        answer = await client.post("/hooks/sms", json=body, headers=headers)
        again = await client.post("/hooks/sms", json=body, headers=headers)
    assert answer.status_code == 200
    result = answer.json()["results"][0]
    assert (result["action"], result["message"]) == ("acknowledged", "Ana acknowledged: #1 Web shop is down")
    assert result["incidentRecordArn"] == (await services.incidents.get(context, 1)).arn
    assert again.json() == answer.json()
    assert await acknowledged(context) == 1


async def test_a_call_is_answered_with_one_and_the_token_may_be_the_basic_password(
    context: Context, clients: Clients
) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident.id
    voice = (await services.channels.create(context, "ana", "landline", "VOICE", ANA)).arn
    message = await hand_out(context, incident, made.ana, voice, "123456", "VOICE")
    token = await services.tokens.create(context, "gateway")
    async with clients() as client:
        body = {"id": message, "from": ANA, "digits": 1}
        answer = await client.post("/hooks/voice", json=body, auth=("any", token))
    assert answer.json()["results"][0]["action"] == "acknowledged"
    async with context.database.read() as reader:
        record = await reader.first(sa.select(t.audit).where(t.audit.c.action == "ssm-contacts:AcceptPage"))
    assert record is not None
    assert (record.caller, record.login, record.origin) == ("ana", "gateway", "voice")


async def test_twilio_is_known_by_its_signature_at_the_address_outside(context: Context, clients: Clients) -> None:
    await paged(context)
    async with clients(reply_url=OUTSIDE) as client:
        headers = signature(f"{OUTSIDE}?room=1", form())
        answer = await client.post("/hooks/sms?room=1", data=form(), headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert await acknowledged(context) == 1


async def test_of_a_call_that_we_made_the_person_is_the_one_who_was_called(context: Context, clients: Clients) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident.id
    voice = (await services.channels.create(context, "ana", "landline", "VOICE", ANA)).arn
    await hand_out(context, incident, made.ana, voice, "123456", "VOICE")
    fields = {"CallSid": "CA1", "From": "+4915199999999", "To": ANA, "Direction": "outbound-api"}
    async with clients() as client:
        url = f"{client.base_url}/hooks/voice"
        nothing = await client.post("/hooks/voice", data=fields, headers=signature(url, fields))
        assert (nothing.status_code, await acknowledged(context)) == (200, 0)
        pressed = {**fields, "Digits": "1"}
        await client.post("/hooks/voice", data=pressed, headers=signature(url, pressed))
    assert await acknowledged(context) == 1


@pytest.mark.parametrize(
    "forged",
    [
        lambda url: (form(), {}),
        lambda url: (form(), signature(url, form(), "another secret")),
        lambda url: (form("UNSUBSCRIBE"), signature(url, form())),
        lambda url: (form(From="+4915100000002"), signature(url, form())),
        lambda url: (form(Extra="1"), signature(url, form())),
        lambda url: (form(), signature(url.replace("sms", "voice"), form())),
        lambda url: (form(), signature(url + "?a=1", form())),
        lambda url: (form(), {"X-Twilio-Signature": ""}),
        lambda url: (form(), {**signature(url, form()), "Authorization": "Bearer nonsense"}),
        lambda url: (form(), {**signature(url, form()), "Content-Type": "application/json"}),
    ],
    ids=range(10),
)
async def test_what_is_not_signed_as_it_is_changes_nothing(
    context: Context, clients: Clients, forged: Callable[[str], tuple[dict[str, str], dict[str, str]]]
) -> None:
    await paged(context)
    async with clients() as client:
        fields, headers = forged(f"{client.base_url}/hooks/sms")
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        answer = await client.post("/hooks/sms", content=urlencode(fields), headers=headers)
    assert answer.status_code in (401, 403)
    assert answer.json()["message"]
    assert await acknowledged(context) == 0
    assert await services.events.recent(context) == []
    assert all(channel.activated for channel in await services.channels.for_contact(context, "ana"))


async def test_without_an_auth_token_no_signature_counts(context: Context, clients: Clients) -> None:
    await paged(context)
    async with clients(auth_token_file="") as client:
        headers = signature(f"{client.base_url}/hooks/sms", form(), "")
        answer = await client.post("/hooks/sms", data=form(), headers=headers)
    assert (answer.status_code, await acknowledged(context)) == (403, 0)


async def test_a_stranger_cannot_make_us_read_much(context: Context, clients: Clients) -> None:
    async with clients() as client:
        fields = form("x" * MOST_UNKNOWN_BYTES)
        headers = signature(f"{client.base_url}/hooks/sms", fields)
        assert (await client.post("/hooks/sms", data=fields, headers=headers)).status_code == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"id": "1"}', 400),
        (b'{"id": "1", "from": "+4915100000001"}', 400),
        (b'{"id": "", "from": "+4915100000001", "body": "123456"}', 400),
        (b'{"id": null, "from": "+4915100000001", "body": "123456"}', 400),
        (b'{"id": "1", "from": ["+4915100000001"], "body": "123456"}', 400),
        (b'{"id": "1", "from": "+4915100000001", "body": true}', 400),
        (b'\xff\xfe{"a": 1}', 400),
        (b"[" * 100_000, 400),
    ],
    ids=range(13),
)
async def test_bad_bodies_are_refused_in_words_and_leave_nothing(
    context: Context, clients: Clients, body: bytes, status: int
) -> None:
    await paged(context)
    headers = await bearer(context)
    async with clients() as client:
        answer = await client.post("/hooks/sms", content=body, headers=headers)
        assert answer.status_code == status
        assert answer.json()["message"]
        form_headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/hooks/sms", content=b"\xff" + body, headers=form_headers)
        assert answer.status_code == 400
    assert await acknowledged(context) == 0
    assert await services.events.recent(context) == []


async def test_a_form_without_an_end_is_refused(context: Context, clients: Clients) -> None:
    headers = await bearer(context) | {"Content-Type": "application/x-www-form-urlencoded"}
    async with clients() as client:
        answer = await client.post("/hooks/sms", content=b"a&" * 100_000, headers=headers)
    assert answer.status_code == 400


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    way=st.sampled_from(["sms", "voice"]),
    values=st.fixed_dictionaries(
        {}, optional={"id": json_values | st.uuids().map(str), "from": json_values | st.just(ANA), "to": texts}
    ),
    text=json_values | st.sampled_from(["123456", "UNSUBSCRIBE", "START", "1"]),
)
async def test_no_document_and_no_form_makes_a_500(
    context: Context, clients: Clients, way: str, values: dict[str, Any], text: Any
) -> None:
    if not await services.tokens.list_tokens(context):
        await paged(context)
        TOKEN.clear()
        TOKEN.update(await bearer(context))
    document = {**values, {"sms": "body", "voice": "digits"}[way]: text}
    names = {"id": "MessageSid" if way == "sms" else "CallSid", "from": "From", "to": "To"}
    fields = {names.get(name, name.capitalize()): str(value) for name, value in document.items()}
    encoded = urlencode(fields, errors="surrogatepass")
    async with clients() as client:
        answer = await client.post(f"/hooks/{way}", content=json.dumps(document).encode(), headers=TOKEN)
        assert answer.status_code in (200, 400), answer.text
        headers = TOKEN | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post(f"/hooks/{way}", content=encoded.encode(), headers=headers)
        assert answer.status_code in (200, 400), answer.text


TOKEN: dict[str, str] = {}


async def test_a_database_that_is_away_is_503_so_that_the_gateway_tries_again(
    context: Context, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paged(context)
    headers = await bearer(context)
    body = {"id": "1", "from": ANA, "body": "123456"}
    for error in (Unavailable("the database cannot be used now"), RuntimeError("a defect")):

        async def away(*_: object, error: Exception = error) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("imtui.services.replies.take_in", away)
            async with clients() as client:
                answer = await client.post("/hooks/sms", json=body, headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
    async with clients() as client:
        assert (await client.post("/hooks/sms", json=body, headers=headers)).status_code == 200
    assert await acknowledged(context) == 1


@pytest.mark.parametrize(
    "section",
    [
        {"auth_token_env": "NOT_SET_ANYWHERE"},
        {"auth_token_file": "/nowhere/at/all"},
        {"reply_url": "incidents.example.com/hooks/sms"},
    ],
)
def test_settings_that_cannot_work_are_refused_before_the_first_reply(
    context: Context, section: dict[str, str]
) -> None:
    with pytest.raises(ValidationFailed, match="configuration"):
        make_app(replace(context, config=Config(sections={"sms": section})), lambda: True)
