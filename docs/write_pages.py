"""Write the pages that are derived from the program: `python docs/write_pages.py` (keys and commands)."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from imtui.actions import ACTIONS, shown_key
from imtui.commands.options import HELP
from imtui.operations import OPERATIONS, Operation
from imtui.operations.completion import usage_of

FOLDER = Path(__file__).parent


def keys() -> str:
    """Every act with its keys, by group."""
    parts = [
        "# Keys",
        "",
        "Written by `docs/write_pages.py`. `?` in the program shows the same, filters and runs it.",
        "",
    ]
    for group, actions in groupby(sorted(ACTIONS, key=lambda a: a.group), key=lambda a: a.group):
        parts += [f"## {group}", "", "| key | act | id |", "|---|---|---|"]
        parts += [f"| {' '.join(f'`{shown_key(k)}`' for k in a.keys)} | {a.label} | `{a.id}` |" for a in actions]
        parts.append("")
    parts += ["Keys are remapped in the configuration file by id:", "", "```toml", "[keys]", 'resolve = "Z"', "```", ""]
    return "\n".join(parts)


def commands() -> str:
    """Every command with its parameters."""
    parts = ["# Commands", "", "Written by `docs/write_pages.py`. `imtui COMMAND --help` says the same.", ""]
    parts += ["| command | what it does |", "|---|---|"]
    own = (
        ("imtui", "the full-screen program"),
        ("imtui demo", "the same on a throw-away database"),
        (
            "imtui serve [--listen HOST:PORT] [--tls-certificate FILE --tls-key FILE] [--insecure]",
            "the engine, the wire and the hooks, without a screen",
        ),
        ("imtui doctor", "checks everything that could keep a page from being sent; status 1 on trouble"),
        ("imtui backup FILE", "a consistent copy of the database while others use it"),
    )
    parts += [f"| `{usage}` | {text} |" for usage, text in own]
    parts += [f"| `{_usage(operation)}` | {operation.summary} |" for operation in OPERATIONS]
    parts += ["", "Before or after the command:", "", "| option | meaning |", "|---|---|"]
    parts += [f"| `{option}` | {text} |" for option, text in HELP]
    parts += ["", "Exit status: 0 done, 1 refused or failed, 2 wrong usage. Errors are one line on standard error.", ""]
    return "\n".join(parts)


def _usage(operation: Operation) -> str:
    return f"imtui {usage_of(operation)}".replace("|", "\\|")


if __name__ == "__main__":
    (FOLDER / "keys.md").write_text(keys(), encoding="utf-8")
    (FOLDER / "commands.md").write_text(commands(), encoding="utf-8")
