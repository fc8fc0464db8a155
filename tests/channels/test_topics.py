"""Rooms and topics: what they are told, in the form their services take."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from imtui.channels.local import Local
from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected
from imtui.channels.topics import Topics
from imtui.config import Config
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route

AT = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


class Room:
    """A webhook on this machine that remembers what it got."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.status = 200
        room = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                room.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(room.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.server.shutdown()
    made.server.server_close()


def message(to: str) -> Outgoing:
    return Outgoing("id-1", Route.TOPIC, to, "[High] #1 <b>&", "Ana acknowledged.", "", AT)


async def told(config: Config, to: str) -> Outcome:
    topics = Topics(config, Local())
    try:
        return await topics.send(message(to))
    finally:
        await topics.close()


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("slack", {"text": "*[High] #1 &lt;b&gt;&amp;*\nAna acknowledged."}),
        ("chime", {"Content": "[High] #1 <b>&\nAna acknowledged."}),
    ],
)
async def test_a_room_is_told_in_its_services_own_form(
    room: Room, monkeypatch: pytest.MonkeyPatch, kind: str, document: dict[str, str]
) -> None:
    monkeypatch.setenv("ROOM", room.url)
    config = Config(sections={"chat": {"ops": {"kind": kind, "webhook_url_env": "ROOM"}}})
    assert isinstance(await told(config, "chat.ops"), Accepted)
    assert room.got == [document]


async def test_teams_gets_a_card(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOM", room.url)
    config = Config(sections={"chat": {"ops": {"kind": "teams", "webhook_url_env": "ROOM"}}})
    await told(config, "chat.ops")
    card = room.got[0]["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["text"] for block in card["content"]["body"]] == ["[High] #1 <b>&", "Ana acknowledged."]


async def test_a_topic_is_a_url_an_address_or_a_room(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOM", room.url)
    config = Config(
        sections={
            "chat": {"ops": {"kind": "slack", "webhook_url_env": "ROOM"}},
            "topic": {"a": {"url": room.url}, "b": {"address": "x@example.com"}, "c": {"chat": "ops"}},
        }
    )
    assert isinstance(await told(config, "topic.a"), Accepted)
    assert room.got[-1] == {
        "id": "id-1",
        "topic": "topic.a",
        "subject": "[High] #1 <b>&",
        "message": "Ana acknowledged.",
    }
    assert isinstance(await told(config, "topic.b"), Accepted)
    assert isinstance(await told(config, "topic.c"), Accepted)
    assert "text" in room.got[-1]


async def test_a_room_that_refuses_or_is_not_known_is_not_told(room: Room) -> None:
    config = Config(sections={"topic": {"a": {"url": room.url}}})
    room.status = 404
    assert await told(config, "topic.a") == Rejected("HTTP 404", permanent=True)
    room.status = 503
    assert await told(config, "topic.a") == Rejected("HTTP 503")
    assert await told(config, "topic.other") == Rejected("[topic.other] is not configured here", permanent=True)


@pytest.mark.parametrize(
    "sections",
    [
        {"chat": {"x": {"kind": "carrier-pigeon", "webhook_url_env": "HOME"}}},
        {"chat": {"x": {"kind": "slack"}}},
        {"chat": {"x": {"kind": "slack", "webhook_url_env": "NOT_SET_ANYWHERE"}}},
        {"chat": {"x": {"kind": "slack", "webhook_url_env": "HOME"}}},
        {"chat": {"x": {"kind": "slack", "webhook_url": "http://127.0.0.1/secret-in-the-clear"}}},
        {"topic": {"x": {}}},
        {"topic": {"x": {"url": "ftp://x"}}},
        {"topic": {"x": {"address": "nobody"}}},
        {"topic": {"x": {"chat": "none"}}},
        {"topic": {"x": {"url": "http://127.0.0.1", "address": "x@example.com"}}},
    ],
)
def test_what_cannot_work_is_said_before_the_first_incident(sections: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as error:
        Topics(Config(sections=sections), Local())
    assert "\n" not in str(error.value)
