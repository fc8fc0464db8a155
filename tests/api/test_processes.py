"""Real servers on one database: killed, ended, and what was answered before."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.documents import alarm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TEAM = """
Resources:
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: Web, Impact: 2}}
"""


class Place:
    """A folder with a database, and the servers started on it."""

    def __init__(self, folder: Path) -> None:
        (folder / "config.toml").touch()
        (folder / "team.yaml").write_text(TEAM)
        self.folder = folder
        self.env = {**os.environ, "IMTUI_DB": str(folder / "imtui.db"), "IMTUI_CONFIG": str(folder / "config.toml")}
        self.servers: list[subprocess.Popen[str]] = []

    def run(self, *words: str) -> str:
        command = [sys.executable, "-m", "imtui", *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=True, cwd=self.folder).stdout

    def serve(self) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "imtui", "serve", "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(command, env=self.env, stderr=subprocess.PIPE, text=True)
        self.servers.append(server)
        assert server.stderr is not None
        line = server.stderr.readline()
        assert line.startswith("imtui: listening on http://127.0.0.1:")
        return server, line.split()[-1]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    made.run("apply", "team.yaml")
    yield made
    for server in made.servers:
        if server.poll() is None:
            server.kill()
        server.wait()
        if server.stderr is not None:
            server.stderr.close()


def until(true: Callable[[], Any], seconds: float = 15.0) -> float:
    """Seconds until something is so."""
    started = time.perf_counter()
    while not true():
        assert time.perf_counter() - started < seconds
        threading.Event().wait(0.05)
    return time.perf_counter() - started


def leads(url: str) -> bool:
    return bool(httpx.get(f"{url}/healthz").json()["engine"]["leader"])


def test_another_engine_takes_over_within_five_seconds_of_a_kill(place: Place) -> None:
    first, one = place.serve()
    _, two = place.serve()
    until(lambda: leads(one))
    assert not leads(two)
    epoch = httpx.get(f"{two}/healthz").json()["engine"]["epoch"]
    first.send_signal(signal.SIGKILL)
    assert until(lambda: leads(two)) <= 5.0
    assert httpx.get(f"{two}/healthz").json()["engine"]["epoch"] > epoch


def test_a_server_that_is_asked_to_end_ends_in_order_and_gives_the_lease_back(place: Place) -> None:
    first, one = place.serve()
    _, two = place.serve()
    until(lambda: leads(one))
    with httpx.Client() as idle:
        idle.get(f"{one}/healthz")
        first.send_signal(signal.SIGTERM)
        started = time.perf_counter()
        assert first.wait(5) == 0
        assert time.perf_counter() - started < 5
    assert until(lambda: leads(two)) < 2.0


def test_a_server_that_is_asked_to_end_ends_in_time_although_the_database_is_locked(place: Place) -> None:
    server, url = place.serve()
    until(lambda: leads(url))
    with closing(sqlite3.connect(place.folder / "imtui.db", isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: not leads(url), 20)  # it could not renew its lease: the lock holds
        server.send_signal(signal.SIGTERM)
        assert server.wait(5) == 0
        other.execute("ROLLBACK")


def test_what_was_answered_is_kept_when_the_server_is_killed(place: Place) -> None:
    server, url = place.serve()
    token = json.loads(place.run("token", "create", "hook"))["Token"]
    answered: list[str] = []

    def post(part: int) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
            for number in range(10_000):
                document = alarm(f"a{number % 7}", id_=f"{part}-{number}")
                try:
                    answer = client.post(f"{url}/hooks/eventbridge?response-plan=web", json=document)
                except httpx.HTTPError:
                    return
                if answer.status_code == 200:
                    answered.append(document["id"])

    threads = [threading.Thread(target=post, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) > 100)
    server.send_signal(signal.SIGKILL)
    for thread in threads:
        thread.join()
    place.serve()
    connection = sqlite3.connect(place.folder / "imtui.db")
    kept = {row[0] for row in connection.execute("SELECT id FROM events")}
    incidents = connection.execute("SELECT count(*) FROM incidents").fetchone()[0]
    connection.close()
    assert set(answered) <= kept
    assert incidents == 7
