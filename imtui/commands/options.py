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


_WITH_VALUE = {"--db": "db", "--config": "config", "--as": "user", "--clock-speed": "clock_speed"}
_FLAGS = {"--read-only": "read_only", "--debug": "debug", "--json": "json", "--no-engine": "no_engine"}

HELP = (
    ("--db URL_OR_PATH", "the database; else IMTUI_DB, else the data folder of your login"),
    ("--config FILE", "the configuration; else IMTUI_CONFIG, else the configuration folder of your login"),
    ("--as ALIAS", "who you are; else IMTUI_USER, else your login name"),
    ("--read-only", "look at everything, change nothing"),
    ("--clock-speed N", "program time runs N times as fast; only while there is no incident (drills, tests)"),
    ("--no-engine", "page nobody from this process; another one does"),
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
            found[_WITH_VALUE[name]] = value
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
    return Options(**found), rest  # type: ignore[arg-type]


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
