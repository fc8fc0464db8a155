"""The configuration file: whatever stands in it, it is taken, or refused in one line that names it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imtui.commands.program import check_providers
from imtui.config import Config, database_location, expanded, load_config, login_name, seconds, secret, web_address
from imtui.domain.errors import ValidationFailed
from tests.domain.nasty import texts

SETTINGS: dict[str, dict[str, str]] = {
    "": {"account": '"111122223333"', "region": '"zz-local-1"', "theme": '"dark"'},
    "email": {"smtp": '"smtp://127.0.0.1:1025"', "from": '"incidents@example.com"', "timeout": "5"},
    "sms": {"url": '"http://127.0.0.1:9001/sms"', "timeout": "5"},
    "voice": {"url": '"http://127.0.0.1:9001/voice"', "timeout": "5"},
    "chat.ops-room": {"kind": '"slack"'},
    "heartbeat": {"url": '"https://watcher.example/ping"', "seconds": "60"},
    "audit": {"days": "90"},
    "keys": {"resolve": '"Z"'},
}
WRONG = (
    "5",
    "-1",
    "nan",
    "inf",
    "1e400",
    "true",
    '""',
    '"x"',
    "[]",
    '["x"]',
    "{}",
    "{a = 1}",
    "2026-03-01",
    '"\\u001b[31m"',
)


def written(settings_: dict[str, dict[str, str]]) -> str:
    parts = []
    for section, names in settings_.items():
        parts += [f"[{section}]"] if section else []
        parts += [f"{name} = {value}" for name, value in names.items()]
    return "\n".join(parts) + "\n"


def outcome(file: Path) -> str:
    """Empty when the file is taken, else why it is refused."""
    try:
        check_providers(load_config(str(file)))
    except ValidationFailed as error:
        return str(error)
    return ""


def test_every_setting_of_every_section_with_every_wrong_kind_of_value(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(written({name: names for name, names in SETTINGS.items() if name != "chat.ops-room"}))
    assert outcome(file) == ""
    taken = set()
    for section, names in SETTINGS.items():
        for name in names:
            for value in WRONG:
                file.write_text(written({section: {**names, name: value}}))
                refusal = outcome(file)
                assert "\n" not in refusal
                assert len(refusal) < 500
                if not refusal:
                    taken.add((section, name, value))
                elif section not in ("", "chat.ops-room"):
                    assert section in refusal, refusal
    kinds = {'""', '"x"', "5", "true", "nan", "inf", "1e400", "-1", "2026-03-01", '"\\u001b[31m"'}
    assert {value for section, name, value in taken if section == "chat.ops-room"} <= kinds
    others = {(section, name, value) for section, name, value in taken if section not in ("chat.ops-room", "keys")}
    numbers = {
        ("email", "timeout"),
        ("sms", "timeout"),
        ("voice", "timeout"),
        ("heartbeat", "seconds"),
        ("audit", "days"),
    }
    assert others <= {(*known, "5") for known in numbers} | {("", "theme", '""'), ("", "region", '"x"')}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_configuration_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    refusal = outcome(file)
    assert not refusal or refusal.startswith(f"configuration {file}: ")


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), texts, st.lists(st.integers())))
def test_seconds_are_a_number_of_seconds_or_refused(value: Any) -> None:
    try:
        found = seconds({"timeout": value}, "[x]", "timeout", 5)
    except ValidationFailed as error:
        refusal = str(error)
    else:
        assert 0.1 <= found <= 86_400
        return
    assert refusal.startswith("[x] timeout")


@given(texts | st.text("htps:/[]@.:%x09 ?#", max_size=30).map("http://".__add__))
def test_the_address_of_a_web_server_is_one_or_refused(text: str) -> None:
    try:
        found = web_address({"url": text}, "[x]", "url")
    except ValidationFailed:
        return
    assert found == text
    assert found.isascii()
    assert " " not in found


@pytest.mark.parametrize(
    "data",
    [b"", b" \n", b"two\nlines", b"\xff\xfe", b"a\x00b", b"\x1b[31m", b"x" * 5000],
    ids=lambda data: ascii(data)[:20],
)
def test_a_secret_is_one_line_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(data)
    with pytest.raises(ValidationFailed, match="one line"):
        secret({"token_file": str(file)}, "token")
    file.write_bytes(b"s3cret \n")
    assert secret({"token_file": str(file)}, "token") == "s3cret"


def test_without_a_home_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(path: str) -> str:
        return path

    monkeypatch.setattr(os.path, "expanduser", nowhere)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "IMTUI_DB", "IMTUI_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for call in (database_location, load_config, lambda: expanded("~/x")):
        with pytest.raises(ValidationFailed, match="home folder"):
            call()


def test_a_configuration_that_is_not_there_by_default_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("IMTUI_CONFIG", raising=False)
    assert load_config() == Config()
    monkeypatch.setenv("LOGNAME", "\x1b[31m\n")
    assert login_name().isprintable()
