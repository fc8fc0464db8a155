"""The commands as a shell sees them: what they print, how they end, what they load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents import alarm

Shell = Callable[..., "subprocess.CompletedProcess[str]"]

TEAM = """
Resources:
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: Web is down, Impact: 2}}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs `imtui` on a database of its own."""
    env = {**os.environ, "IMTUI_DB": str(tmp_path / "imtui.db"), "IMTUI_CONFIG": str(tmp_path / "config.toml")}
    (tmp_path / "config.toml").touch()
    (tmp_path / "team.yaml").write_text(TEAM)

    def run(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "imtui", *words]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, input=stdin, cwd=tmp_path, check=False, timeout=30
        )

    return run


def one_line(done: subprocess.CompletedProcess[str], status: int) -> str:
    assert done.returncode == status, done
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("imtui: ")
    return done.stderr


def test_an_incident_from_the_first_command_to_the_last(shell: Shell) -> None:
    assert shell("apply", "team.yaml").returncode == 0
    started = json.loads(shell("incident", "start", "web", "--title", "Paris", "--json").stdout)
    assert (started["number"], started["created"]) == (1, True)
    assert "Paris" in shell("incident", "list").stdout
    assert shell("incident", "note", "1", "looking", "into", "it").stdout == "noted: looking into it\n"
    assert shell("--as", "ana", "incident", "resolve", "1").returncode == 0
    shown = json.loads(shell("incident", "show", "1", "--json").stdout)
    assert shown["status"] == "RESOLVED"
    assert [event["text"] for event in shown["timeline"]][1:] == ["looking into it", "ana resolved the incident"]


def test_an_event_from_standard_input_is_answered_as_json(shell: Shell) -> None:
    shell("apply", "team.yaml")
    done = shell("event", "-", "--response-plan", "web", stdin=json.dumps(alarm()))
    result = json.loads(done.stdout)["results"][0]
    assert result["action"] == "started"
    assert result["incidentRecordArn"].startswith("arn:aws:ssm-incidents::111122223333:incident-record/web/")
    assert (
        json.loads(shell("event", "-", stdin=json.dumps(alarm(id_="x"))).stdout)["results"][0]["action"] == "unmatched"
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("nonsense",), 2),
        (("incident",), 2),
        (("incident", "start"), 2),
        (("incident", "list", "--limit", "x"), 2),
        (("--db",), 2),
        (("--clock-speed", "fast", "incident", "list"), 2),
        ((), 2),
        (("demo",), 2),
        (("incident", "start", "no-such-plan"), 1),
        (("incident", "show", "99"), 1),
        (("incident", "show", "\x1b[31mred"), 1),
        (("ack", "123456"), 1),
        (("apply", "missing.yaml"), 1),
        (("event", "missing.json"), 1),
        (("serve", "--listen", "0.0.0.0:0"), 1),
        (("serve", "--listen", "nowhere"), 2),
        (("--config", "/no/such/file", "incident", "list"), 1),
        (("--db", "mysql://x/y", "incident", "list"), 1),
        (("token", "delete", "none"), 1),
        (("--read-only", "incident", "start", "web"), 1),
    ],
)
def test_what_is_refused_is_one_line_with_its_status(shell: Shell, words: tuple[str, ...], status: int) -> None:
    one_line(shell(*words), status)


def test_half_a_document_is_refused(shell: Shell) -> None:
    one_line(shell("event", "-", stdin='{"source": "aws.'), 1)
    one_line(shell("event", "-", stdin=""), 1)


def test_common_options_stand_before_or_after(shell: Shell, tmp_path: Path) -> None:
    other = str(tmp_path / "other.db")
    assert shell("--db", other, "incident", "list").stdout == shell("incident", "list", f"--db={other}").stdout
    assert Path(other).exists()


def test_doctor_finds_an_incident_that_nobody_is_paged_for(shell: Shell, tmp_path: Path) -> None:
    shell("apply", "team.yaml")
    assert shell("doctor").returncode == 0
    (tmp_path / "imtui.db").chmod(0o644)
    assert "chmod 600" in shell("doctor").stdout


def test_a_token_is_shown_once_and_deleted(shell: Shell) -> None:
    made = json.loads(shell("token", "create", "hook").stdout)
    assert made["Name"] == "hook"
    assert len(made["Token"]) > 30
    assert made["Token"] not in shell("token", "list", "--json").stdout
    one_line(shell("token", "create", "hook"), 1)
    assert shell("token", "delete", "hook").returncode == 0


@pytest.mark.parametrize("words", [("--help",), ("incident", "--help"), ("serve", "--help"), ("--version",)])
def test_help_stands_on_every_level(shell: Shell, words: tuple[str, ...]) -> None:
    done = shell(*words)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "imtui" in done.stdout


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("from imtui.cli import main; main(['--help'])", ("sqlalchemy", "textual", "httpx", "yaml", "starlette")),
        (
            "from imtui.cli import main; main(['incident', 'list'])",
            ("textual", "httpx", "starlette", "yaml", "alembic"),
        ),
        ("import imtui.app", ("sqlalchemy", "httpx", "starlette", "yaml", "asyncpg", "aiosqlite")),
        ("import imtui.services.events, imtui.engine.engine, imtui.api.app", ("textual", "screens", "widgets")),
    ],
)
def test_nothing_heavy_is_loaded_where_it_is_not_used(tmp_path: Path, code: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys\n{code}\nprint('LOADED', *sorted(sys.modules))"
    env = {**os.environ, "IMTUI_DB": str(tmp_path / "imtui.db")}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert not loaded & set(unwanted)


def test_tags_are_set_and_removed_by_one_word_each(shell: Shell) -> None:
    assert shell("apply", "team.yaml").returncode == 0
    assert shell("incident", "start", "web").returncode == 0
    assert shell("incident", "tag", "1", "team=shop", "url=a=b").stdout == "team=shop\nurl=a=b\n"
    assert shell("incident", "tag", "1", "team-", "x-=1").stdout == "url=a=b\nx-=1\n"
    assert "line 1: write key=value" in one_line(shell("incident", "tag", "1", "nonsense"), 1)
    assert json.loads(shell("incident", "show", "1", "--json").stdout)["tags"] == {"url": "a=b", "x-": "1"}


def test_an_incident_is_not_handed_over_to_nobody(shell: Shell) -> None:
    assert shell("apply", "team.yaml").returncode == 0
    assert shell("incident", "start", "web").returncode == 0
    for words in (("page-again", "1", "ben"), ("hand-over", "1", "ben", "--note", "look at the disk")):
        done = shell("incident", *words)
        assert done.returncode == 1, done
        assert "there is no contact ben" in done.stderr
