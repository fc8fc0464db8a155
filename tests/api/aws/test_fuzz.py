"""Whatever anybody sends must be answered: with an error that AWS clients can read, and an id to find it by; the server
must never fall over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import hypothesis
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import strategies as st
from starlette.applications import Starlette

from imtui.api.app import make_app
from imtui.operations.aws import model
from imtui.operations.aws.registry import HANDLERS
from imtui.services.context import Context
from tests.api.aws.client import Client, written
from tests.api.aws.shapes import valid

Signing = Callable[..., Awaitable[Client]]
Headers = Sequence[tuple[bytes, bytes]]

OPERATIONS = [(service, name) for service, handlers in HANDLERS.items() for name in handlers]
QUICK, SLOW = 100, 2000
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


class Raw(NamedTuple):
    """A request as it comes from the wire; `signs`: for which service it is signed, if for any. What has no header of
    AWS's and no path of theirs is no request to a service, and is not among these."""

    method: str
    path: bytes
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    signs: str = ""


_START = b'{"responsePlanArn": "arn:aws:ssm-incidents::111122223333:response-plan/web", "title": "%s"}'
_DATE = (b"x-amz-date", b"20260301T031000Z")


def _to(target: bytes, body: bytes) -> Raw:
    return Raw("POST", b"/", headers=((b"x-amz-target", target),), body=body, signs="ssm-contacts")


def _authorized(text: bytes) -> Raw:
    return Raw("POST", b"/startIncident", headers=((b"authorization", text), _DATE), body=b"{}")


CORPUS = [
    _to(b"SSMContacts.ListContacts", b"[" * 100_000),
    _to(b"SSMContacts.ListContacts", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    _to(b"SSMContacts.ListContacts", b'{"MaxResults": 1e400}'),
    _to(b"SSMContacts.ListContacts", b'{"MaxResults": ' + b"9" * 5000 + b"}"),
    _to(b"SSMContacts.ListContacts", b'{"NextToken": "\\ud800"}'),
    _to(b"SSMContacts.ListContacts", b'{"AliasPrefix": "\\u0000"}'),
    _to(b"SSMContacts.ListContacts", b'{"Type": null, "Type": {}}'),
    _to(b"SSMContacts.ListContacts", b"\xef\xbb\xbf{}"),
    _to(b"SSMContacts.ListContacts", '{"AliasPrefix": "x"}'.encode("utf-16")),
    _to(b"SSMContacts.\xff\xfe", b"{}"),
    _to(b"SSMContacts.__class__", b"{}"),
    _to(b"SSMContacts." * 3000, b"{}"),
    _to(b".", b""),
    Raw("POST", b"/startIncident", body=_START % (b"\\ud83d" * 10), signs="ssm-incidents"),
    Raw("POST", b"/startIncident", body=_START % (b"x" * 100_000), signs="ssm-incidents"),
    Raw("POST", b"/startIncident", body=_START % b"x", signs="ssm-contacts"),
    Raw("POST", b"/startIncident", query=b"%zz&&=&;\xff", body=_START % b"x", signs="ssm-incidents"),
    Raw("GET", b"/getIncidentRecord", query=b"arn=%00%ff", signs="ssm-incidents"),
    Raw("GET", b"/getIncidentRecord", query=b"arn=arn:aws:ssm-incidents::1:x/y&arn", signs="ssm-incidents"),
    Raw("GET", b"/listTimelineEvents", body=b"{}", signs="ssm-incidents"),
    Raw("GET", b"/tags/%2e%2e%2f%00", signs="ssm-incidents"),
    Raw("GET", b"/tags/\n\x00", signs="ssm-incidents"),
    Raw("GET", b"/\n", headers=(_DATE,)),
    Raw("GET", b"/tags/" + b"%25" * 2000, signs="ssm-incidents"),
    Raw("DELETE", b"/tags/arn%3aaws%3Assm-incidents", query=b"tagKeys=" + b"&tagKeys=" * 300, signs="ssm-incidents"),
    Raw("POST", b"//startIncident", body=b"{}", signs="ssm-incidents"),
    Raw("PATCH", b"/startIncident", body=b"{}", signs="ssm-incidents"),
    Raw("POST", b"/" + b"\xf0\x9f\x94\xa5" * 50, headers=(_DATE,), body=b"{}"),
    Raw("POST", b"/startIncident", headers=((b"content-length", b"-1"), _DATE), body=b"{}"),
    Raw("POST", b"/startIncident", headers=((b"x-amz-date", b"yesterday"),), body=b"{}", signs="ssm-incidents"),
    Raw("POST", b"/startIncident", headers=((b"x-amz-security-token", b"t"),), body=b"{}", signs="ssm-incidents"),
    Raw("POST", b"/startIncident", headers=((b"host", b"a"), (b"host", b"b")), body=b"{}", signs="ssm-incidents"),
    _authorized(b"AWS4-HMAC-SHA256"),
    _authorized(b"AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature="),
    _authorized(b"AWS4-HMAC-SHA256 " + b"Credential=a/b/c/d/aws4_request," * 500),
    _authorized(b"AWS4-HMAC-SHA256 Credential=" + b"A" * 20 + b"/20260301/x/ssm-incidents/aws4_request, "
                b"SignedHeaders=host;" + b"h;" * 2000 + b", Signature=" + b"0" * 64),
    _authorized(b"AWS4-ECDSA-P256-SHA256 \xff\xff"),
    _authorized(b"Basic \x80"),
]  # fmt: skip


# ------------------------------------------------------------ how requests are made up

_words = st.text(max_size=40) | st.sampled_from(["arn:aws:", "*", "{}", "\x00", "%00", "../..", "🔥" * 9, "a" * 3000])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=20,
)
_token = st.from_regex(rb"[a-z0-9-]{1,20}", fullmatch=True)
_latin = st.binary(max_size=60).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))
_known = st.sampled_from(
    [
        b"authorization",
        b"x-amz-date",
        b"x-amz-target",
        b"x-amz-content-sha256",
        b"content-type",
        b"x-amz-security-token",
    ]
)
_headers = st.lists(st.tuples(_known | _token, _latin), max_size=4)
_services = st.sampled_from(["", *HANDLERS])
_wild = st.builds(
    Raw,
    st.sampled_from(METHODS),
    st.binary(max_size=40).map(lambda raw: b"/" + raw.replace(b"?", b"")),
    st.binary(max_size=40),
    _headers.map(lambda found: [_DATE, *found]),
    st.binary(max_size=200) | _json.map(lambda value: json.dumps(value).encode()),
    _services,
)


@st.composite
def _nearly(draw: st.DrawFn) -> Raw:
    """A valid request of some operation with a thing or two that are not."""
    service, name = draw(st.sampled_from(OPERATIONS))
    described = model.operation(service, name)
    assert described is not None
    document = valid(described.input_shape, least=draw(st.booleans())) if described.input_shape else {}
    for _ in range(draw(st.integers(0, 3))):
        document = _spoilt(draw, document)
    method, target, headers, body = written(service, name, document if isinstance(document, dict) else {})
    if not isinstance(document, dict):
        body = json.dumps(document).encode()
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=5)) + body[at + draw(st.integers(0, 3)) :]
    path, _, query = target.partition("?")
    if draw(st.integers(0, 6)) == 0:
        method = draw(st.sampled_from(METHODS))
    found = [_DATE, *((key.lower().encode(), text.encode()) for key, text in headers.items())]
    more = draw(st.just([]) | st.just([]) | _headers)
    signs = service if draw(st.integers(0, 5)) else draw(_services)
    return Raw(method, path.encode(), query.encode(), [*found, *more], body, signs)


def _spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The same with another value at some place."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _spoilt(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [_spoilt(draw, value[0]), *value[1:]]
    return draw(_json)


# ------------------------------------------------------------ asking


class Door:
    """The application, asked without anything in between that would refuse what no client sends."""

    def __init__(self, app: Starlette, client: Client) -> None:
        self._app, self._client = app, client

    async def ask(self, raw: Raw) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, headers and body of the answer."""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": raw.method, "scheme": "http",
            "path": raw.path.decode("utf-8", "replace"), "raw_path": raw.path, "query_string": raw.query,
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8710),
            "headers": self._signed(raw) if raw.signs else list(raw.headers),
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"]), body

    def _signed(self, raw: Raw) -> list[tuple[bytes, bytes]]:
        """Signed over what can be signed; what else it carries is left as it is."""
        target = raw.path.decode("latin-1") + ("?" + raw.query.decode("latin-1") if raw.query else "")
        kept = [(key, text) for key, text in raw.headers if key not in (b"host", b"authorization", b"x-amz-date")]
        named = {key.decode("latin-1"): text.decode("latin-1") for key, text in kept}
        asked = AWSRequest(raw.method, f"http://signed{target}", {"host": "signed", **named}, raw.body)
        try:
            SigV4Auth(Credentials(self._client.key, self._client.secret), raw.signs, "eu-west-1").add_auth(asked)
        except (UnicodeError, ValueError):  # nobody could sign this
            return list(raw.headers)
        made = {key.lower().encode(): str(text).encode("latin-1") for key, text in asked.headers.items()}
        extra = [
            (key, text) for key, text in raw.headers if key == b"host" or (key == b"x-amz-date" and text != _DATE[1])
        ]
        return [*made.items(), *extra]


@pytest.fixture
async def door(server_context: Context, signing: Signing) -> AsyncIterator[Door]:
    """The server's application and an administrator's key."""
    app = make_app(server_context, lambda: True)
    async with app.router.lifespan_context(app):
        yield Door(app, await signing())


async def expect_an_answer(door: Door, raw: Raw) -> int:
    """Ask, and look at what every answer has."""
    status, headers, body = await door.ask(raw)
    assert status < 500, (raw, body)
    assert headers.get(b"x-amzn-requestid"), (raw, headers)
    if status >= 400:
        document = json.loads(body)
        assert document["__type"] == headers[b"x-amzn-errortype"].decode(), (raw, body)
        assert document["message"], (raw, body)
    return status


@pytest.mark.parametrize("raw", CORPUS, ids=range(len(CORPUS)))
async def test_a_request_that_was_nasty_once_is_refused_or_answered(door: Door, raw: Raw) -> None:
    await expect_an_answer(door, raw)


async def test_what_is_signed_here_is_signed_rightly_or_nothing_is_tried(door: Door) -> None:
    assert await expect_an_answer(door, _to(b"SSMContacts.ListContacts", b"{}")) == 200


async def run(door: Door, requests: st.SearchStrategy[Raw], count: int) -> set[int]:
    """Ask so many made-up requests; the statuses that came back. They are made up in a thread, asked in this loop."""
    loop = asyncio.get_running_loop()
    seen: set[int] = set()

    @hypothesis.settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(requests)
    def each(raw: Raw) -> None:
        seen.add(asyncio.run_coroutine_threadsafe(expect_an_answer(door, raw), loop).result(30))

    await asyncio.to_thread(each)
    return seen


async def test_a_request_with_a_wrong_thing_or_two_never_makes_a_500(door: Door) -> None:
    assert 400 in await run(door, _nearly(), QUICK)


async def test_bytes_of_any_kind_never_make_a_500(door: Door) -> None:
    assert min(await run(door, _wild, QUICK)) >= 400


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_no_request_makes_a_500_however_many_are_sent(door: Door) -> None:
    await run(door, _nearly() | _wild, SLOW)
