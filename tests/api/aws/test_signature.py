"""Whoever has not the key, or changed a byte on the way, must not get in; whoever has signed rightly must."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from imtui.api.aws.signature import Incomplete, NotSigned, Request, WrongSignature, check, signed

KEY, SECRET = "AKIA0123456789ABCDEF", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
SERVICE = "ssm-incidents"


def made(
    method: str = "POST",
    target: str = "/startIncident",
    body: bytes = b'{"title":"x"}',
    headers: Mapping[str, str] | None = None,
    at: datetime = NOW,
    service: str = SERVICE,
    secret: str = SECRET,
) -> Request:
    """A request as a client signs and sends it."""
    asked = AWSRequest(method, f"http://127.0.0.1:8710{target}", {"Host": "127.0.0.1:8710", **(headers or {})}, body)
    with mock.patch("botocore.auth.get_current_datetime", return_value=at):
        SigV4Auth(Credentials(KEY, secret), service, "eu-west-1").add_auth(asked)
    return Request(method, target, {name.lower(): value for name, value in asked.headers.items()}, body)


def changed(request: Request, **values: Any) -> Request:
    known = {"method": request.method, "target": request.target, "headers": request.headers, "body": request.body}
    return Request(**{**known, **values})


def passes(request: Request, *, service: str = SERVICE, secret: str = SECRET, wall: datetime = NOW) -> None:
    check(request, signed(request), service, secret, wall)


@pytest.mark.parametrize(
    "request_",
    [
        made(),
        made("GET", "/getIncidentRecord?arn=arn%3Aaws%3Assm-incidents%3A%3A1%3Aincident-record%2Fweb%2F1"),
        made("DELETE", "/tags/arn%3Aaws%3Ax%2Fy?tagKeys=b&tagKeys=a", b""),
        made("GET", "/a//b/../c%2Fd?x=&y"),
        made(headers={"X-Amz-Target": "SSMContacts.ListContacts", "Content-Type": " application/x-amz-json-1.1  "}),
        made(body=b""),
    ],
    ids=["post", "query", "path", "odd-path", "target", "empty"],
)
def test_what_a_client_signs_is_let_in(request_: Request) -> None:
    passes(request_)


@given(
    st.text(st.sampled_from("abcZ09-_.~/%2F"), max_size=30).filter(lambda text: "%" not in text),
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "1", "%20", "%2F", "a-b"])), max_size=4),
    st.binary(max_size=50),
)
def test_whatever_is_signed_is_let_in_and_nothing_else(path: str, query: list[tuple[str, str]], body: bytes) -> None:
    target = "/" + path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")
    request = made(target=target, body=body)
    passes(request)
    with pytest.raises(WrongSignature):
        passes(changed(request, body=body + b"x"))
    with pytest.raises(WrongSignature):
        passes(changed(request, target=target + "&d=1" if query else target + "?d=1"))


@pytest.mark.parametrize(
    "values",
    [{"method": "PUT"}, {"target": "/updateIncidentRecord"}, {"body": b"{}"}],
    ids=lambda values: next(iter(values)),
)
def test_what_was_changed_on_the_way_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(WrongSignature):
        passes(changed(made(), **values))


@pytest.mark.parametrize("name", ["host", "x-amz-date"])
def test_a_header_that_was_signed_cannot_be_changed(name: str) -> None:
    request = made()
    other = {"host": "example.com", "x-amz-date": "20260301T031001Z"}[name]
    with pytest.raises(WrongSignature):
        passes(changed(request, headers={**request.headers, name: other}))


def test_another_secret_and_another_service_are_refused() -> None:
    with pytest.raises(WrongSignature, match="does not match"):
        passes(made(secret="another"))
    with pytest.raises(WrongSignature, match="correct service: 'ssm-incidents'"):
        passes(made(service="ssm-contacts"))


@pytest.mark.parametrize("minutes", [-16, 16])
def test_what_was_signed_too_early_or_too_late_is_refused(minutes: int) -> None:
    request = made(at=NOW + timedelta(minutes=minutes))
    with pytest.raises(WrongSignature, match="15 minutes"):
        passes(request)
    passes(request, wall=NOW + timedelta(minutes=minutes + (-14 if minutes > 0 else 14)))


def test_a_body_that_is_not_the_claimed_one_is_refused() -> None:
    request = made(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    with pytest.raises(WrongSignature, match="Content-SHA256"):
        passes(request)


def test_a_header_of_amazons_that_was_not_signed_is_refused() -> None:
    request = made()
    with pytest.raises(Incomplete, match="x-amz-target"):
        passes(changed(request, headers={**request.headers, "x-amz-target": "SSMContacts.DeleteContact"}))


def test_nothing_and_another_scheme_are_told_apart() -> None:
    request = made()
    without = {name: value for name, value in request.headers.items() if name != "authorization"}
    with pytest.raises(NotSigned):
        signed(changed(request, headers=without))
    with pytest.raises(Incomplete):
        signed(changed(request, headers={**without, "authorization": "Bearer x"}))


@given(st.text(max_size=200) | st.from_regex(r"AWS4-HMAC-SHA256 [A-Za-z0-9=/,; ]{0,200}", fullmatch=True))
def test_no_header_makes_it_fall_over(header: str) -> None:
    request = made()
    try:
        passes(changed(request, headers={**request.headers, "authorization": header}))
    except (NotSigned, Incomplete, WrongSignature):
        return
    raise AssertionError("nobody signed this")


@pytest.mark.parametrize("stamp", ["", "now", "20260301", "20261301T000000Z", "99999999T999999Z"])
def test_an_instant_that_is_none_is_refused(stamp: str) -> None:
    request = made()
    with pytest.raises((Incomplete, WrongSignature)):
        passes(changed(request, headers={**request.headers, "x-amz-date": stamp}))
