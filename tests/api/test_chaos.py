"""Two servers on one database, killed and stopped at random, with a gateway that refuses, hangs and drops: every page
arrives, a repeat has the same id and is written down as uncertain, and everything comes to its end."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_processes import Place, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SECONDS = 40
SPEED = 60
INCIDENTS = 30
TEAM = """
Resources:
  Ana:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: ana
      Type: PERSONAL
      Plan:
        - {DurationInMinutes: 2, Targets: [{ChannelTargetInfo: {ChannelId: !Ref AnaSms, RetryIntervalInMinutes: 1}}]}
        - {DurationInMinutes: 2, Targets: [{ChannelTargetInfo: {ChannelId: !Ref AnaVoice, RetryIntervalInMinutes: 1}}]}
  AnaSms:
    Type: AWS::SSMContacts::ContactChannel
    Properties: {ContactId: !Ref Ana, ChannelName: mobile, ChannelType: SMS, ChannelAddress: "+4915100000001"}
  AnaVoice:
    Type: AWS::SSMContacts::ContactChannel
    Properties: {ContactId: !Ref Ana, ChannelName: phone, ChannelType: VOICE, ChannelAddress: "+4915100000001"}
  Ben:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: ben
      Type: PERSONAL
      Plan:
        - {DurationInMinutes: 2, Targets: [{ChannelTargetInfo: {ChannelId: !Ref BenSms, RetryIntervalInMinutes: 1}}]}
  BenSms:
    Type: AWS::SSMContacts::ContactChannel
    Properties: {ContactId: !Ref Ben, ChannelName: mobile, ChannelType: SMS, ChannelAddress: "+4915100000002"}
  Nights:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: nights
      Type: ESCALATION
      Plan:
        - {DurationInMinutes: 5, Targets: [{ContactTargetInfo: {ContactId: !Ref Ana, IsEssential: true}}]}
        - {DurationInMinutes: 5, Targets: [{ContactTargetInfo: {ContactId: !Ref Ben, IsEssential: true}}]}
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: Web, Impact: 2}, Engagements: [!Ref Nights]}
"""


class Gateway:
    """Takes SMS and calls; what it has taken over it remembers, whether it said so or not."""

    def __init__(self, seed: int) -> None:
        self.taken: list[dict[str, Any]] = []
        self.calm = True
        self.chance = random.Random(seed)
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                mood = 1.0 if gateway.calm else gateway.chance.random()
                if mood < 0.2:
                    self.send_error(503)
                    return
                gateway.taken.append(document)
                if mood < 0.35:
                    self.close_connection = True  # it took the message over and never says so
                    return
                if mood < 0.45:
                    time.sleep(1.5)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway(seed=int(os.environ.get("IMTUI_CHAOS_SEED", "7")))
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def place(tmp_path: Path, gateway: Gateway) -> Iterator[Place]:
    made = Place(tmp_path)
    (tmp_path / "team.yaml").write_text(TEAM)
    (tmp_path / "config.toml").write_text(
        f'[sms]\nurl = "{gateway.url}/sms"\ntimeout = 3\n[voice]\nurl = "{gateway.url}/voice"\ntimeout = 3\n'
    )
    made.run("--clock-speed", str(SPEED), "apply", "team.yaml")
    with closing(sqlite3.connect(tmp_path / "imtui.db", timeout=10)) as database, database:
        database.execute("UPDATE channels SET activated = 1, activation_code = NULL, code_expires_at = NULL")
        database.execute("UPDATE messages SET state = 'CANCELLED' WHERE kind = 'activation'")
    yield made
    for server in made.servers:
        if server.poll() is None:
            server.send_signal(signal.SIGCONT)
            server.kill()
        server.wait()
        if server.stderr is not None:
            server.stderr.close()


def ask(place: Place, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.folder / "imtui.db", timeout=10)) as database:
        return database.execute(query).fetchall()


def test_whatever_happens_to_servers_and_gateway_every_page_arrives(place: Place, gateway: Gateway) -> None:
    chance = gateway.chance
    servers = [place.serve()[0], place.serve()[0]]
    gateway.calm = False
    end = time.perf_counter() + SECONDS
    started = 0
    while time.perf_counter() < end:
        if started < INCIDENTS and chance.random() < 0.7:
            started += 1
            place.run("incident", "start", "web", "--title", f"Disk {started} is full")
        number = chance.randrange(2)
        act = chance.random()
        if act < 0.15:
            servers[number].kill()
            servers[number].wait()
            servers[number] = place.serve()[0]
        elif act < 0.3:
            servers[number].send_signal(signal.SIGSTOP)
            threading.Event().wait(chance.uniform(0.5, 6))
            servers[number].send_signal(signal.SIGCONT)
        codes = [str(item.get("code") or item["body"].rpartition("Reply ")[2][:6]) for item in list(gateway.taken)]
        if codes and chance.random() < 0.3:
            try:
                place.run("ack", chance.choice(codes))
            except Exception:
                continue  # answered or resolved before: refused, which is right
    gateway.calm = True
    until(lambda: not ask(place, "SELECT 1 FROM messages WHERE state IN ('PENDING', 'CLAIMED')"), 90)
    until(lambda: not ask(place, "SELECT 1 FROM timers"), 60)
    handed = Counter(item["id"] for item in gateway.taken)
    for id_, state, unknown in ask(place, "SELECT id, state, unknown FROM messages WHERE kind = 'page'"):
        assert state in ("SENT", "CANCELLED"), (id_, state)
        if state == "SENT":
            assert handed[id_] >= 1, "said to be sent, and never handed over"
        assert handed[id_] <= 1 or unknown, "a repeat without an unknown outcome"
    assert ask(place, "SELECT count(*) FROM incidents")[0][0] == started
    assert not ask(place, "SELECT 1 FROM engagements WHERE status = 'RUNNING'")
    reached = (
        "SELECT count(DISTINCT incident_id) FROM pages JOIN messages m ON m.id = message_id WHERE m.state = 'SENT'"
    )
    assert ask(place, reached)[0][0] == started, "an incident that paged nobody"
    place.run("doctor")
