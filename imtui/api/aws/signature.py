"""Signature Version 4: who signed a request, and whether it is the request that was signed.

What is signed is put together by botocore, as clients do it, of the headers that the signature names and no others.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from imtui.domain.errors import ImtuiError

SKEW = timedelta(minutes=15)
_SCHEME = "AWS4-HMAC-SHA256"
_STAMP = "%Y%m%dT%H%M%SZ"
_KEY = re.compile(r"[A-Za-z0-9]{16,128}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_MOST_HEADERS = 100


class NotSigned(ImtuiError):
    """The request carries no signature."""

    code = "MissingAuthenticationTokenException"


class Incomplete(ImtuiError):
    """The signature cannot be understood."""

    code = "IncompleteSignatureException"


class UnknownKey(ImtuiError):
    """There is no such access key (any more)."""

    code = "UnrecognizedClientException"


class WrongSignature(ImtuiError):
    """It was not signed with this key, not at this time, or it is not what was signed."""

    code = "InvalidSignatureException"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `target` is its raw path with its query, header names are in lower case, and what came
    more than once is joined by commas."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """What the `Authorization` header says."""

    key: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str


def signed(request: Request) -> Signed:
    """Take the header apart; raises NotSigned or Incomplete."""
    header = request.headers.get("authorization", "")
    if not header.strip():
        raise NotSigned("Missing Authentication Token: sign the request with an access key (`imtui access-key create`)")
    scheme, _, rest = header.strip().partition(" ")
    if scheme != _SCHEME:
        raise Incomplete(f"the Authorization header must begin with {_SCHEME}")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    scope = parts.get("Credential", "").split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or not _KEY.fullmatch(scope[0]):
        raise Incomplete("Credential: KEY/DATE/REGION/SERVICE/aws4_request is expected")
    if not _SIGNATURE.fullmatch(parts.get("Signature", "")):
        raise Incomplete("Signature: 64 hexadecimal digits are expected")
    names = tuple(parts.get("SignedHeaders", "").split(";"))
    if not names or len(names) > _MOST_HEADERS or list(names) != sorted(set(names)) or not {"host"} <= set(names):
        raise Incomplete("SignedHeaders: names in order are expected, host among them")
    if any(name not in request.headers for name in names):
        raise Incomplete("SignedHeaders: each of them must be sent")
    if loose := [name for name in request.headers if name.startswith("x-amz-") and name not in names]:
        raise Incomplete(f"SignedHeaders: {loose[0][:80]} must be among them")
    if not request.target.startswith("/"):
        raise Incomplete("the path must begin with /")
    return Signed(scope[0], scope[1], scope[2], scope[3], names, parts["Signature"])


def check(request: Request, found: Signed, service: str, secret: str, wall: datetime) -> None:
    """Raise unless this very request was signed with the secret for the service, within 15 minutes of `wall`."""
    stamp = request.headers.get("x-amz-date", "")
    try:
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Incomplete("X-Amz-Date: an instant such as 20260301T031000Z is expected") from None
    if found.date != stamp[:8]:
        raise WrongSignature("Credential should be scoped with the date of X-Amz-Date")
    if found.service != service:
        raise WrongSignature(f"Credential should be scoped to correct service: '{service}'")
    if abs(at - wall) > SKEW:
        early = "Signature not yet current" if at > wall else "Signature expired"
        raise WrongSignature(f"{early}: {stamp} is more than 15 minutes from {wall:{_STAMP}}; set the clock")
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed is not None and claimed != hashlib.sha256(request.body).hexdigest():
        raise WrongSignature("the body is not the one that X-Amz-Content-SHA256 was made of")
    if not hmac.compare_digest(_signature(request, found, stamp, secret), found.signature):
        raise WrongSignature(
            "The request signature we calculated does not match the signature you provided. "
            "Check your secret access key and signing method."
        )


def _signature(request: Request, found: Signed, stamp: str, secret: str) -> str:
    headers = {name: request.headers[name] for name in found.headers}
    again = AWSRequest(request.method, f"http://signed{request.target}", headers, request.body)
    again.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(found.key, secret), found.service, found.region)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    key = _signing_key(secret, found.date, found.region, found.service)
    return hmac.digest(key, text.encode(), "sha256").hex()


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that a secret gives for a day, a Region and a service: most requests of one caller share it."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
