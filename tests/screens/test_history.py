"""What was typed is there again after the next login, and its file can harm nobody."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from screens.history import MOST, History, recalled


def test_lines_are_there_in_the_next_session_and_for_nobody_else(own_state: Path) -> None:
    History("history").add("incident list")
    History("history").add("  incident show 1 ")
    assert History("history").lines == ["incident list", "incident show 1"]
    assert History("filters").lines == []
    file = own_state / "history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in own_state.iterdir()] == ["history"]  # nothing half-written is left


def test_two_sessions_lose_nothing_of_each_other() -> None:
    one, two = History("history"), History("history")
    assert (one.lines, two.lines) == ([], [])
    one.add("from one")
    two.add("from two")
    assert History("history").lines == ["from one", "from two"]


def test_the_same_line_twice_is_one_and_only_the_newest_stay() -> None:
    history = History("history")
    history.add("again")
    history.add("again")
    assert history.lines == ["again"]
    for number in range(MOST + 5):
        history.add(f"line {number}")
    assert len(history.lines) == len(History("history").lines) == MOST
    assert history.lines[-1] == f"line {MOST + 4}"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * 2_000_000], ids=["bytes", "huge"])
def test_a_broken_file_is_ignored_and_written_anew(own_state: Path, data: bytes) -> None:
    own_state.mkdir(parents=True)
    (own_state / "history").write_bytes(data)
    history = History("history")
    assert history.lines == []
    history.add("new")
    assert History("history").lines == ["new"]


def test_what_somebody_put_into_the_file_is_text(own_state: Path) -> None:
    own_state.mkdir(parents=True)
    (own_state / "history").write_text("\x1b[2Jone\n\n\ntwo\u202e\ntwo\n", encoding="utf-8")
    assert History("history").lines == ["[2Jone", "two"]


def test_where_nothing_can_be_written_the_session_remembers(own_state: Path) -> None:
    own_state.parent.mkdir(parents=True)
    own_state.write_text("a file stands where the folder should be")
    history = History("history")
    history.add("one")
    history.add("two")
    assert history.lines == ["one", "two"]


def test_where_no_more_can_be_written_nothing_of_this_session_is_lost(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    History("history").add("old")

    def refuses(*_: object, **__: object) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuses)
    history = History("history")
    history.add("one")
    history.add("two")
    assert history.lines == ["old", "one", "two"]


def test_without_a_home_the_session_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    from imtui.domain.errors import ValidationFailed

    def nowhere() -> Path:
        raise ValidationFailed("the home folder is not known")

    monkeypatch.setattr("screens.history.state_folder", nowhere)
    history = History("history")
    history.add("one")
    assert history.lines == ["one"]


def test_a_process_that_dies_while_writing_leaves_the_old_file(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    History("history").add("old")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        History("history").add("new")
    assert History("history").lines == ["old"]
    assert [path.name for path in own_state.iterdir()] == ["history"]


def test_a_demonstration_leaves_nothing_behind(own_state: Path) -> None:
    history = History("history", kept=False)
    history.add("one")
    assert history.lines == ["one"]
    assert not own_state.exists()


@pytest.mark.parametrize(
    ("place", "by", "beginning", "at"),
    [
        (4, -1, "", 3),
        (4, -1, "incident", 3),
        (3, -1, "incident", 1),
        (1, -1, "incident", None),
        (4, -1, "ack", 2),
        (4, -1, "nothing", None),
        (1, 1, "incident", 3),
        (3, 1, "incident", 4),
        (4, 1, "incident", None),
        (4, -1, "incident show 2", 1),
    ],
)
def test_up_and_down_go_through_lines_with_the_same_beginning(
    place: int, by: int, beginning: str, at: int | None
) -> None:
    lines = ["token list", "incident show 22", "ack 1", "incident show 2"]
    assert recalled(lines, place, by, beginning) == at
