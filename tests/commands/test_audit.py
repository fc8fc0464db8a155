"""The audit log in a shell: what was done is found, exported whole, and what was tampered with makes doctor fail."""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from imtui.config import here
from imtui.engine import sealing
from storage.opening import open_database
from tests.commands.test_shell import Shell, one_line, shell

__all__ = ["shell"]


async def sealed(path: Path) -> None:
    database, clock = await open_database(str(path))
    async with database.write(clock.now()) as unit:
        await sealing.seal(unit)
    await database.close()


def test_what_a_command_did_read_and_was_refused_is_found(shell: Shell) -> None:
    assert shell("apply", "team.yaml").returncode == 0
    assert shell("--as", "ana", "incident", "start", "web").returncode == 0
    assert shell("--as", "ana", "incident", "resolve", "9").returncode == 1
    assert shell("--as", "ben", "incident", "list").returncode == 0
    records = json.loads(shell("audit", "--json").stdout)
    done = [(r["user"], r["action"], r["readOnly"], r["error"]) for r in reversed(records)]
    assert ("ana", "ssm-incidents:StartIncident", False, None) in done
    assert ("ana", "ssm-incidents:UpdateIncidentRecord", False, "ResourceNotFoundException") in done
    assert done.count(("ben", "ssm-incidents:ListIncidentRecords", True, None)) == 1
    assert all(r["address"] and r["origin"] == "command" and r["requestId"] for r in records)
    asked = json.loads(shell("audit", "--who", "ana", "--result", "refused", "--since", "1h", "--json").stdout)
    assert [r["error"] for r in asked] == ["ResourceNotFoundException"]
    assert [r["user"] for r in json.loads(shell("audit", "--what", "StartIncident", "--json").stdout)] == ["ana"]
    assert "StartIncident" in shell("audit", "--changes", "--on", "response-plan/web").stdout
    assert shell("audit", "--until", "2001-01-01").stdout == "no such record\n"


def test_a_wall_that_may_only_look_leaves_no_trace(shell: Shell) -> None:
    shell("incident", "list")
    before = json.loads(shell("--read-only", "audit", "--json").stdout)
    assert json.loads(shell("--read-only", "audit", "--json").stdout) == before


async def test_an_export_can_be_verified_with_nothing_but_sha256(shell: Shell, tmp_path: Path) -> None:
    shell("apply", "team.yaml")
    shell("incident", "start", "web")
    await sealed(tmp_path / "imtui.db")
    shell("incident", "resolve", "1")
    done = shell("audit", "export", "audit.jsonl")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "audit.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    digest = hashlib.sha256()
    seals = 0
    for line in file.read_bytes().splitlines(keepends=True):
        document = json.loads(line)
        if "seal" not in document:
            digest.update(line)
            continue
        seal = document["seal"]
        assert seal["digest"] == digest.hexdigest()
        keys = ("previous", "seq", "first_id", "last_id", "records", "digest", "sealed_at")
        text = json.dumps([seal[key] for key in keys], separators=(",", ":"))
        assert seal["hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert seal["hash"] in done.stdout
        seals += 1
        digest = hashlib.sha256()
    assert seals == 1
    assert "UpdateIncidentRecord" in file.read_text().splitlines()[-1]
    assert "exists already" in one_line(shell("audit", "export", "audit.jsonl"), 1)
    assert "cannot be written" in one_line(shell("audit", "export", "missing/x"), 1)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


async def test_doctor_fails_when_the_log_was_tampered_with(shell: Shell, tmp_path: Path) -> None:
    shell("apply", "team.yaml")
    await sealed(tmp_path / "imtui.db")
    before = shell("doctor").stdout
    assert "2 records under 1 seal," in before
    with closing(sqlite3.connect(tmp_path / "imtui.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_unchanged")
        connection.execute("UPDATE audit SET caller = 'nobody'")
    done = shell("doctor")
    assert done.returncode == 1
    assert "record 1 was altered after it was sealed (seal 1)" in done.stdout


def test_over_ssh_the_far_end_is_recorded_else_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    assert here() == "192.0.2.7"
    monkeypatch.delenv("SSH_CONNECTION")
    assert here() == socket.gethostname()
