"""Users and keys from the shell: the first login is an administrator, refusals say why, secrets are told once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imtui.commands import run
from imtui.commands.options import UsageError, split
from imtui.config import login_name
from imtui.services.here import login_alias
from tests.commands.test_shell import TEAM, one_line

Done = subprocess.CompletedProcess[str]
Shell = Callable[..., Done]

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Own", "Effect": "Allow", "Action": "ssm-incidents:*", "Resource": "*"},
        {"Sid": "Never", "Effect": "Deny", "Action": "ssm-incidents:DeleteIncidentRecord", "Resource": "*"},
    ],
}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs `imtui` in this process, on a database and with a key file of its own."""
    (tmp_path / "config.toml").touch()
    (tmp_path / "team.yaml").write_text(TEAM)
    monkeypatch.chdir(tmp_path)
    for name, file in (("DB", "imtui.db"), ("CONFIG", "config.toml"), ("KEY_FILE", "imtui.key")):
        monkeypatch.setenv(f"IMTUI_{name}", str(tmp_path / file))

    def call(*words: str) -> Done:
        status = run(words)
        return Done(words, status, *capsys.readouterr())

    return call


def test_the_first_login_is_an_administrator_and_others_are_what_their_policies_say(shell: Shell) -> None:
    me = login_alias(login_name())
    [first] = json.loads(shell("user", "list", "--json").stdout)
    assert (first["UserName"], first["Policies"]) == (me, ["administrator"])
    assert shell("apply", "team.yaml").returncode == 0
    assert shell("user", "create", "val", "--display-name", "Val", "--policy", "viewer").returncode == 0
    told = one_line(shell("--as", "val", "incident", "start", "web"), 1)
    assert told == (
        "imtui: User: arn:aws:iam::111122223333:user/val is not authorized to perform: ssm-incidents:StartIncident on "
        "resource: arn:aws:ssm-incidents::111122223333:response-plan/web "
        "(because no statement of its policies allows it)\n"
    )
    assert shell("--as", "val", "incident", "list").returncode == 0
    assert shell("user", "attach-policy", "val", "AWSIncidentManagerResolverAccess").stdout == (
        "user val (Val): resolver, viewer\n"
    )
    assert shell("--as", "val", "incident", "start", "web").returncode == 0
    assert "imtui:Backup" in one_line(shell("--as", "val", "backup", "copy.db"), 1)
    command = [sys.executable, "-m", "imtui", "--as", "val", "serve", "--listen", "127.0.0.1:0"]
    assert "imtui:Serve" in one_line(subprocess.run(command, capture_output=True, text=True, check=False), 1)
    assert shell("user", "detach-policy", "val", "resolver").returncode == 0
    assert shell("user", "delete", "val").returncode == 0
    assert "no user val any more" in one_line(shell("--as", "val", "incident", "list"), 1)


def test_a_policy_of_ones_own_comes_from_a_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps(POLICY))
    (tmp_path / "wrong.json").write_text(json.dumps({**POLICY, "Statement": {"Effect": "Perhaps"}}))
    assert "statement 1: Effect" in one_line(shell("user", "create", "ben", "--policy", "wrong.json"), 1)
    assert "missing.json" in one_line(shell("user", "create", "ben", "--policy", "missing.json"), 1)
    made = json.loads(shell("user", "create", "ben", "--policy", "own.json", "--policy", "viewer", "--json").stdout)
    assert made["Policies"] == ["own", "viewer"]
    shown = json.loads(shell("user", "show", "ben", "--json").stdout)
    assert shown["Policies"][0] == {"PolicyName": "own", "PolicyDocument": POLICY}
    assert '"Sid": "Never"' in shell("user", "show", "ben").stdout
    allowed = shell("user", "can", "ben", "ssm-incidents:StartIncident", "web")
    assert (allowed.returncode, allowed.stdout) == (0, 'allowed: statement "Own" of policy own allows it\n')
    denied = shell("user", "can", "ben", "ssm-incidents:DeleteIncidentRecord", "*")
    assert (denied.returncode, denied.stdout) == (1, 'denied: statement "Never" of policy own denies it\n')
    nothing = shell("user", "can", "ben", "events:PutRule", "*", "--json")
    assert nothing.returncode == 1
    assert json.loads(nothing.stdout) == {"Allowed": False, "ExplicitDeny": False, "Statement": None, "Policy": None}
    assert shell("user", "detach-policy", "ben", "own.json").returncode == 0
    assert json.loads(shell("user", "show", "ben", "--json").stdout)["Policies"][0]["PolicyName"] == "viewer"


def test_a_secret_is_told_once(shell: Shell, tmp_path: Path) -> None:
    shell("user", "create", "ben")
    made = json.loads(shell("access-key", "create", "ben").stdout)
    assert sorted(made) == ["AccessKeyId", "CreateDate", "SecretAccessKey", "UserName"]
    [listed] = json.loads(shell("access-key", "list", "ben", "--json").stdout)
    assert (listed["AccessKeyId"], listed["LastUsedDate"]) == (made["AccessKeyId"], None)
    assert "never used" in shell("access-key", "list", "ben").stdout
    for file in tmp_path.iterdir():
        assert made["SecretAccessKey"].encode() not in file.read_bytes(), file
    assert shell("access-key", "delete", made["AccessKeyId"]).returncode == 0
    assert shell("access-key", "list", "ben").stdout == "no access keys\n"
    assert "no access key" in one_line(shell("access-key", "delete", made["AccessKeyId"]), 1)
    shell("access-key", "create", "ben")
    assert "the key file of their secrets is here" in shell("doctor").stdout
    (tmp_path / "imtui.key").unlink()
    lost = shell("doctor")
    assert (lost.returncode, "is not there" in lost.stdout) == (1, True)
    assert "is not there" in one_line(shell("access-key", "create", "ben"), 1)


@pytest.mark.parametrize("option", ["--as", "--db", "--config"])
def test_what_a_forced_command_fixes_cannot_be_said_again(option: str) -> None:
    with pytest.raises(UsageError, match=f"{option} stands twice"):
        split([option, "ben", "incident", "list", f"{option}=root"])
    assert split([option, "ben", "incident", "list", option, "ben"])[1] == ["incident", "list"]


def test_the_key_file_is_named_by_the_configuration(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[secrets]\nkey = "x"\n')
    assert "there is key_file alone" in one_line(shell("user", "list"), 1)


def test_an_administrators_command_loads_neither_policies_nor_encryption(shell: Shell) -> None:
    assert shell("incident", "list").returncode == 0
    program = "import sys\nfrom imtui.cli import main\nmain(['incident', 'list'])\nprint('LOADED', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "imtui.services.rights" in loaded
    assert not loaded & {"cryptography", "imtui.domain.policy", "imtui.services.users"}
