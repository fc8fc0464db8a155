"""Command lines that nobody can mean, files that are none, and outputs that are closed: one line and its status."""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imtui.commands import run
from imtui.commands.options import UsageError, split
from imtui.commands.output import OutputLost, write, write_document, write_lines
from imtui.domain.errors import ValidationFailed
from imtui.operations.arguments import parse_line
from imtui.operations.files import read
from tests.documents import alarm
from tests.domain.nasty import texts

NEVER = "\udcff"
"""An argument that was no UTF-8, as Python hands it over."""

Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs a command line in this process on a database of its own: status, standard output, standard error."""
    (tmp_path / "config.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMTUI_DB", str(tmp_path / "imtui.db"))
    monkeypatch.setenv("IMTUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def call(*words: str) -> tuple[int, str, str]:
        status = run(words)
        out, err = capsys.readouterr()
        return status, out, err

    return call


def refused(result: tuple[int, str, str], status: int) -> str:
    found, out, err = result
    assert (found, out) == (status, ""), result
    assert err.startswith("imtui: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert "Traceback" not in err
    assert "defect" not in err
    assert len(err) < 2500
    return err


LONG = "x" * 5000


@pytest.mark.parametrize(
    "words",
    [
        ("--db", ""),
        ("--db=",),
        ("incident", "list", "--db"),
        ("--db", "--json", "incident", "list"),
        ("--as", "", "incident", "list"),
        ("--as", "a\nb", "incident", "list"),
        ("--as", "\x1b[31m", "incident", "list"),
        ("--as", "a/b:c", "incident", "list"),
        ("--as", NEVER, "incident", "list"),
        ("--as", "a" * 65, "incident", "list"),
        ("--config", "", "incident", "list"),
        ("--clock-speed", "nan", "incident", "list"),
        ("--clock-speed", "inf", "incident", "list"),
        ("--clock-speed", "-1", "incident", "list"),
        ("--clock-speed=0", "incident", "list"),
        ("--clock-speed", "1e99", "incident", "list"),
        ("incident", "list", "--limit", "-5"),
        ("incident", "list", "--limit", "0"),
        ("incident", "list", "--limit", "9" * 30),
        ("incident", "list", "--limit", "٥"),
        ("incident", "list", "--limit", "1.5"),
        ("incident", "list", "--status", "shut"),
        ("incident", "list", "--text", NEVER),
        ("incident", "list", "\x1b[31m"),
        ("incident", "show"),
        ("incident", "show", NEVER),
        ("incident", "start", NEVER),
        ("incident", "start", "web", "--token", NEVER),
        ("incident", "note", "1"),
        ("incident", "note", "1", "fine", NEVER),
        ("ack", NEVER),
        ("ack", "1", "2"),
        ("channel", "list", NEVER),
        ("event",),
        ("apply",),
        ("backup",),
        ("backup", ""),
        ("\x1b]0;owned\x07",),
        (LONG,),
        ("incident", LONG),
    ],
    ids=lambda words: ascii(" ".join(words))[:50],
)
def test_what_nobody_can_mean_is_wrong_usage(here: Here, words: tuple[str, ...], tmp_path: Path) -> None:
    refused(here(*words), 2)
    assert not (tmp_path / "imtui.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("incident", "show", ""),
        ("incident", "show", LONG),
        ("incident", "show", "\x1b[31m\u202e"),
        ("incident", "show", "-1"),
        ("incident", "show", "9" * 40),
        ("incident", "show", "arn:"),
        ("incident", "start", LONG),
        ("incident", "start", "web", "--impact", "9" * 40),
        ("ack", ""),
        ("ack", LONG),
        ("channel", "list", ""),
        ("token", "create", ""),
        ("token", "create", "a b"),
        ("token", "delete", LONG),
        ("--db", "/dev/null", "incident", "list"),
        ("--db", "/", "incident", "list"),
        ("--db", "config.toml/x", "incident", "list"),
        ("--db", LONG, "incident", "list"),
        ("--db", "~nobody-of-this-name/x", "incident", "list"),
        ("--db", "://", "incident", "list"),
        ("--config", "~nobody-of-this-name/x", "incident", "list"),
        ("--config", ".", "incident", "list"),
        ("--config", LONG, "incident", "list"),
        ("--config", "/dev/zero", "incident", "list"),
        ("event", ""),
        ("event", "."),
        ("event", LONG),
        ("event", "/dev/zero"),
        ("event", "config.toml"),
        ("apply", "."),
        ("apply", "/dev/full"),
        ("apply", "config.toml"),
        ("apply", "config.toml", "missing.yaml"),
        ("backup", "."),
        ("backup", "config.toml"),
        ("backup", "/dev/full"),
        ("backup", "missing/x"),
        ("backup", "config.toml/x"),
        ("backup", "~nobody-of-this-name/x"),
        ("backup", LONG),
    ],
    ids=lambda words: ascii(" ".join(words))[:50],
)
def test_what_cannot_be_done_is_refused(here: Here, words: tuple[str, ...]) -> None:
    refused(here(*words), 1)


@pytest.mark.parametrize("name", ["new\nline.db", "a b.db", "ü.db", "%20.db", "'x'.db"])
def test_a_database_may_have_any_name(here: Here, name: str, tmp_path: Path) -> None:
    assert here("--db", name, "incident", "list")[:2] == (0, "no incidents\n")
    assert (tmp_path / name).exists()


def test_a_file_that_is_bad_leaves_no_trace(here: Here, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    refused(here("event", "missing.json"), 1)
    assert not (tmp_path / "imtui.db").exists()
    here("incident", "list")
    (tmp_path / "good.json").write_text(json.dumps([alarm(), {"source": "x"}]))
    refused(here("event", "good.json"), 1)
    refused(here("event", "bad.json"), 1)
    assert here("event", "good.json")[2].count("event 2 of 2") == 1


@pytest.mark.parametrize("alias", ["\x1b", "a b", NEVER, "x" * 65])
def test_an_alias_of_the_environment_is_checked_as_well(
    here: Here, monkeypatch: pytest.MonkeyPatch, alias: str
) -> None:
    monkeypatch.setenv("IMTUI_USER", alias)
    refused(here("incident", "list"), 1)


def test_a_login_name_of_any_shape_shuts_nobody_out(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("\x1b[31mx\n", "DOMAIN\\ana", "\ud800", "\x07"):
        monkeypatch.setenv("LOGNAME", name.replace("\ud800", NEVER))
        assert here("incident", "list")[0] == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["incident", "list", "show", "event", "--json", "--", "-", "--limit", "--help", "1", "=", "--db="]
        )
        | texts.filter(lambda text: "\x00" not in text),
        max_size=5,
    )
)
def test_any_words_are_done_or_refused(here: Here, words: list[str]) -> None:
    """Nothing is read from standard input, and nothing is opened but the test's own database."""
    if "-" in words or not words or any(word.startswith(("--db", "--config")) for word in words):
        return
    status, _, err = here(*words)
    assert status in (0, 1, 2)
    assert "defect" not in err
    assert err.count("\n") == (0 if status == 0 else 1)


@given(texts | st.text("incidet nolshw12-'\"\\ ", max_size=40))
def test_any_line_of_the_prompt_is_an_operation_or_refused_in_words(line: str) -> None:
    try:
        operation, values = parse_line(line)
    except ValidationFailed as error:
        refusal = str(error)
    else:
        assert operation.name
        assert isinstance(values, dict)
        return
    assert refusal


@given(st.lists(texts, max_size=6))
def test_common_options_of_any_words_are_split_or_refused(words: list[str]) -> None:
    try:
        options, rest = split(words)
    except UsageError:
        return
    assert options.clock_speed is None or 0.01 <= options.clock_speed <= 100_000
    assert all(word in words for word in rest)


# ---------------------------------------------------------------- outputs


class Full(io.StringIO):
    """A disk without room."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_result_that_cannot_be_written_is_said_to_be_done(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    for out, words in ((Full(), "No space left"), (None, "closed")):
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(OutputLost, match=f"^done, but .*{words}"):
            write("x")


class Terminal(io.StringIO):
    """Keeps what is written, in the encoding that it was made with."""

    encoding = ""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self.encoding = encoding


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp437", "utf-16"])
@pytest.mark.parametrize("text", ["Größe 日本 🔥", "\x1b[31m\x9b31m\u202e", "\ud800", "\\u0041 \\"])
def test_json_is_json_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str, text: str) -> None:
    out = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    write_document({"a": text})
    written = out.getvalue()
    assert json.loads(written) == {"a": text}
    assert written.replace("\n", "").isprintable()
    written.encode(encoding)


@given(texts)
def test_no_line_gives_a_command_to_the_terminal(text: str) -> None:
    out = Terminal("utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        write_lines([text])
    assert not set(out.getvalue()) & set("\x1b\x07\x9b\u202e\u2066")


def imtui(*words: str, folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    env = {**os.environ, "IMTUI_DB": str(folder / "imtui.db"), "IMTUI_CONFIG": str(folder / "config.toml")}
    (folder / "config.toml").touch()
    return subprocess.Popen([sys.executable, "-m", "imtui", *words], env=env, cwd=folder, **options)


def test_closed_and_full_outputs_of_a_real_process(tmp_path: Path) -> None:
    def ends(out: IO[bytes] | int, *words: str) -> tuple[int, bytes]:
        process = imtui(*words, folder=tmp_path, stdout=out, stderr=subprocess.PIPE)
        err = process.communicate(timeout=30)[1]
        return process.returncode, err

    with open("/dev/full", "wb") as full:
        for words in (("incident", "list"), ("--help",), ("doctor",)):
            status, err = ends(full, *words)
            assert status == 1
            assert err == b"imtui: done, but the result could not be written (No space left on device)\n"
    read_end, write_end = os.pipe()
    os.close(read_end)
    assert ends(write_end, "incident", "list") == (1, b"")
    os.close(write_end)
    closing = [sys.executable, "-c", "import os, sys; os.close(1); os.execv(sys.executable, sys.argv[1:])"]
    listing = [sys.executable, "-m", "imtui", "--db", str(tmp_path / "imtui.db"), "incident", "list"]
    gone = subprocess.run(
        [*closing, *listing],
        stderr=subprocess.PIPE,
        check=False,
        timeout=30,
    )
    assert gone.returncode == 1
    assert gone.stderr == b"imtui: done, but standard output is closed: the result cannot be written\n"


def test_waiting_for_input_can_be_broken_off(tmp_path: Path) -> None:
    process = imtui("event", "-", folder=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b"{")
    process.stdin.flush()
    while _unread(process.stdin):
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 1
    assert process.stderr.read() == b"imtui: interrupted\n"
    assert not (tmp_path / "imtui.db").exists()
    process.stdin.close()
    process.stderr.close()


def _unread(pipe: IO[bytes]) -> int:
    """How much of what was written the other side has not taken yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_a_fifo_is_a_file_like_any_other(tmp_path: Path) -> None:
    fifo = tmp_path / "events"
    os.mkfifo(fifo)
    with subprocess.Popen(["sh", "-c", f"printf hello > '{fifo}'"]):
        assert read(str(fifo)).data == b"hello"


def test_who_a_login_is_fixed_to_cannot_be_somebody_else() -> None:
    """As `sshd` puts it before whatever the login asks for."""
    with pytest.raises(UsageError, match="--as stands twice"):
        split(["--as", "ben", "--as", "root", "user", "list"])
    assert split(["--as", "ben", "who", "--as=ben"])[0].user == "ben"
