"""The options that every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imtui.commands.output import say
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.text import cut
from imtui.domain.user import check_user

_MOST_WORDS = 1000


class UsageError(ImtuiError):
    """A command line that cannot be meant."""


class Options(NamedTuple):
    """What they were given; None where the environment and the defaults decide."""

    db: str | None = None
    config: str | None = None
    user: str | None = None
    read_only: bool = False
    clock_speed: float | None = None
    debug: bool = False
    json: bool = False
    no_engine: bool = False
    ascii: bool = False
    mouse: bool = False
    rotate: float | None = None


_WITH_VALUE = {"--db": "db", "--config": "config", "--as": "user", "--clock-speed": "clock_speed"}
_FLAGS = {
    "--read-only": "read_only",
    "--debug": "debug",
    "--json": "json",
    "--no-engine": "no_engine",
    "--ascii": "ascii",
    "--mouse": "mouse",
}

ROTATE_SECONDS = 20.0

HELP = (
    ("--db URL_OR_PATH", "the database; else IMTUI_DB, else the data folder of your login"),
    ("--config FILE", "the configuration; else IMTUI_CONFIG, else the configuration folder of your login"),
    ("--as ALIAS", "who you are; else IMTUI_USER, else your login name"),
    ("--read-only", "look at everything, change nothing"),
    ("--clock-speed N", "program time runs N times as fast; only while there is no incident (drills, tests)"),
    ("--no-engine", "page nobody from this process; another one does"),
    ("--ascii", "the screen in ASCII characters only; by itself where the locale is not UTF-8"),
    ("--mouse", "take the mouse too: wheel and click"),
    ("--rotate [SECONDS]", "with --read-only, for the wall: one open incident after the other (20)"),
    ("--json", "print results as JSON"),
    ("--debug", "show where an error comes from"),
)


def split(words: Sequence[str]) -> tuple[Options, list[str]]:
    """The common options, and the words that are left. What follows `--` is left as it is."""
    found: dict[str, object] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += [word, *queue]
            break
        name, equals, value = word.partition("=")
        if name in _WITH_VALUE:
            if not equals:
                if not queue or (queue[0].startswith("--") and queue[0] != "--"):
                    raise UsageError(f"{name} needs a value")
                value = queue.pop(0)
            if not value:
                raise UsageError(f"{name} needs a value")
            if found.setdefault(_WITH_VALUE[name], value) != value:  # where a login fixes it, nobody is somebody else
                raise UsageError(f"{name} stands twice: which one is meant?")
            found[_WITH_VALUE[name]] = value
        elif name == "--rotate":
            if not equals and queue and _is_number(queue[0]):
                value = queue.pop(0)
            found["rotate"] = _rotation(value) if value or equals else ROTATE_SECONDS
        elif word in _FLAGS:
            found[_FLAGS[word]] = True
        else:
            rest.append(word)
    if "clock_speed" in found:
        found["clock_speed"] = _speed(str(found["clock_speed"]))
    if "user" in found:
        try:
            check_user(str(found["user"]))
        except ValidationFailed as error:
            raise UsageError(f"--as: {error}") from None
    if "rotate" in found and "read_only" not in found:
        raise UsageError("--rotate is for who only looks: add --read-only")
    return Options(**found), rest  # type: ignore[arg-type]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _rotation(text: str) -> float:
    if not _is_number(text) or not 1 <= float(text) <= 3600:
        raise UsageError("--rotate: a number of seconds from 1 to 3600")
    return float(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        raise UsageError("--clock-speed needs a number") from None
    if not 0.01 <= speed <= 100_000:
        raise UsageError("--clock-speed: a number from 0.01 to 100000")
    return speed


def usage(text: str) -> int:
    """Say what is wrong with the command line; the exit status."""
    say(f"{cut(text, _MOST_WORDS)} (see imtui --help)")
    return 2
