"""`imtui drill` as a shell sees it: what it says while it waits, how it ends, what goes on without it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

TEAM = """
Resources:
  Ana:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: ana
      DisplayName: Ana
      Type: PERSONAL
      Plan: [{DurationInMinutes: 5, Targets: [{ChannelTargetInfo: {ChannelId: !Ref Mail, RetryIntervalInMinutes: 1}}]}]
  Mail:
    Type: AWS::SSMContacts::ContactChannel
    Properties: {ChannelAddress: ana@example.com, ChannelName: mail, ChannelType: EMAIL, ContactId: !Ref Ana}
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: Web is down, Impact: 2}, Engagements: [!Ref Ana]}
"""


class Place:
    """A folder with a database, and the programs started on it."""

    def __init__(self, folder: Path) -> None:
        (folder / "config.toml").touch()
        (folder / "team.yaml").write_text(TEAM)
        self.database = folder / "imtui.db"
        self.folder = folder
        self.env = {**os.environ, "IMTUI_DB": str(self.database), "IMTUI_CONFIG": str(folder / "config.toml")}
        self.started: list[subprocess.Popen[str]] = []

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "imtui", *words]
        return subprocess.run(
            command, env=self.env, capture_output=True, text=True, check=False, cwd=self.folder, timeout=30
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "imtui", *words]
        program = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder
        )
        self.started.append(program)
        return program


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    assert made.run("apply", "team.yaml").returncode == 0
    with closing(sqlite3.connect(made.database)) as connection, connection:
        connection.execute("UPDATE channels SET activated = 1")
    yield made
    for program in made.started:
        if program.poll() is None:
            program.kill()
        program.communicate()


def line(program: subprocess.Popen[str]) -> str:
    """The next line on its standard error."""
    assert program.stderr is not None
    return program.stderr.readline()


def test_begun_without_waiting_it_can_be_read_later_and_says_that_nobody_is_paged_without_an_engine(
    place: Place,
) -> None:
    begun = place.run("drill", "web", "--no-wait")
    assert begun.returncode == 0
    assert begun.stdout.startswith("DRILL #1 has begun: Web is down; it is over ")
    assert "no engine runs" in begun.stderr
    read = place.run("drill-report", "1")
    assert "Ana: no page has gone out yet" in read.stdout
    document = json.loads(place.run("drill-report", "1", "--json").stdout)
    assert document["status"] == "OPEN"
    assert document["people"][0]["outcome"] == "waiting"
    place.run("incident", "start", "web")
    refused = place.run("drill-report", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "imtui: #2 is no drill: nothing was measured\n"
    assert place.run("drill", "web", "--wait", "0").returncode == 2


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_it_waits_for_the_answers_while_another_process_pages(place: Place) -> None:
    server = place.start("serve", "--listen", "127.0.0.1:0")
    assert "listening" in line(server)
    drill = place.start("drill", "web", "--json")
    assert "DRILL #1 has begun" in line(drill)
    assert "Ana is paged by mail (kept here)" in line(drill)
    assert place.run("--as", "ana", "incident", "take", "1").returncode == 0
    assert "Ana: answered after" in line(drill)
    out, _ = drill.communicate(timeout=30)
    assert drill.returncode == 0
    document = json.loads(out)
    assert document["status"] == "RESOLVED"
    assert document["counts"]["answered"] == 1
    assert document["medianSeconds"] == document["people"][0]["seconds"] > 0


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_broken_off_it_says_how_to_see_what_it_measures_and_goes_on(place: Place) -> None:
    drill = place.start("drill", "web")
    assert "no engine runs" in line(drill)
    assert "DRILL #1 has begun" in line(drill)
    drill.send_signal(signal.SIGINT)
    _, said = drill.communicate(timeout=30)
    assert said == "imtui: drill #1 goes on without being watched: imtui drill-report 1\nimtui: interrupted\n"
    assert drill.returncode == 1
    assert json.loads(place.run("incident", "show", "1", "--json").stdout)["status"] == "OPEN"
