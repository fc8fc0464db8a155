"""A client that signs like AWS's own and sends whatever it is told, without looking at it first."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from imtui.operations.aws import model


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else {}

    @property
    def error(self) -> str:
        return str(self.headers.get("x-amzn-errortype", ""))


@dataclass
class Client:
    """`http` is where requests go; `key` and `secret` sign them."""

    http: httpx.AsyncClient
    key: str
    secret: str

    async def call(self, service: str, operation: str, document: Any = None) -> Answer:
        """An operation with a JSON document, which may be anything."""
        method, target, headers, body = written(service, operation, {} if document is None else document)
        return await self.send(service, method, target, headers, body)

    async def send(
        self, service: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Sign and send a request."""
        url = f"{self.http.base_url.scheme}://{self.http.base_url.netloc.decode()}{target}"
        asked = AWSRequest(method, url, {"Host": self.http.base_url.netloc.decode(), **(headers or {})}, body)
        SigV4Auth(Credentials(self.key, self.secret), service, "eu-west-1").add_auth(asked)
        request = self.http.build_request(method, url, content=body, headers=dict(asked.headers.items()))
        request.url = request.url.copy_with(raw_path=target.encode())
        found = await self.http.send(request)
        return Answer(found.status_code, found.headers, found.content)


def written(service: str, operation: str, document: Any) -> tuple[str, str, dict[str, str], bytes]:
    """Method, target, headers and body of an operation, by its model as far as the document can be read by it."""
    described = model.operation(service, operation)
    assert described is not None
    metadata = described.service_model.metadata
    if metadata["protocol"] == "json":
        headers = {
            "X-Amz-Target": f"{metadata['targetPrefix']}.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        return "POST", "/", headers, json.dumps(document).encode()
    path, query, rest = described.http["requestUri"], [], dict(document) if isinstance(document, dict) else document
    for name, shape in model.members(described.input_shape):
        where, key = shape.serialization.get("location"), shape.serialization.get("name", name)
        if where == "uri":
            text = rest.pop(name, None)
            path = path.replace("{" + key + "}", urllib.parse.quote(str(text) if text else "-", safe=""))
        elif where == "querystring" and name in rest:
            value = rest.pop(name)
            query += [(key, str(item)) for item in (value if isinstance(value, list) else [value])]
    target = path + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")
    return described.http["method"], target, {"Content-Type": "application/json"}, json.dumps(rest).encode()
