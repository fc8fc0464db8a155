"""Command lines: one parser for all operations and the commands that are more than an operation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from imtui import __version__
from imtui.commands.options import HELP, Options, usage
from imtui.commands.output import write
from imtui.operations import Operation
from imtui.operations.arguments import add_operations, subcommand
from imtui.operations.aws import SERVICES

LISTEN = "127.0.0.1:8710"


class Chosen(NamedTuple):
    """A command with its arguments, ready to run."""

    command: str | Operation
    values: dict[str, Any]

    def run(self, options: Options) -> int:
        if isinstance(self.command, Operation):
            from imtui.commands.acting import act

            return act(options, self.command, self.values)
        from importlib import import_module

        status: int = import_module(f"imtui.commands.{self.command}").run(options, **self.values)
        return status


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        sys.exit(usage(f"{self.prog.partition(' ')[2]}: {message}".lstrip(": ")))

    def _print_message(self, message: str, file: Any = None) -> None:
        """Help and version."""
        write(message)


def parse(words: Sequence[str]) -> Chosen | int:
    """The command of a command line, or the exit status when it asked for help or cannot be meant."""
    try:
        values = vars(_parser().parse_args(_unambiguous(words)))
    except SystemExit as end:
        return int(end.code or 0)
    command = values.pop("command", None)
    if command is None:
        return usage("which command?")
    return Chosen(command, values)


def _unambiguous(words: Sequence[str]) -> list[str]:
    """A `--` before the command says nothing; after it, what follows is no option."""
    return list(words[1:] if words[:1] == ["--"] else words)


def _parser() -> _Parser:
    options = "\n".join(f"  {name:<20}{text}" for name, text in HELP)
    parser = _Parser(
        prog="imtui",
        description="An incident manager that lives in the terminal. Without a command: the full-screen program.",
        epilog=f"common options, before or after the command:\n{options}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"imtui {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _own(commands)
    add_operations(commands, in_shell=True)
    return parser


def _own(commands: Any) -> None:
    demo = subcommand(commands, "demo", "the program on a throw-away database: a team, a history, a live incident")
    demo.set_defaults(command="demo")
    serve = subcommand(commands, "serve", "the engine, the wire and the hooks, without a screen")
    serve.add_argument("--listen", metavar="HOST:PORT", default=LISTEN, help=f"where to listen (default {LISTEN})")
    serve.add_argument("--insecure", action="store_true", help="allow an address that other machines can reach")
    serve.add_argument("--tls-certificate", metavar="FILE", help="the certificate with its chain, in PEM")
    serve.add_argument("--tls-key", metavar="FILE", help="its key, in PEM")
    serve.set_defaults(command="serve")
    for service, text in SERVICES.items():
        subcommand(commands, service, text)  # `imtui/commands/aws.py` reads what follows
    doctor = subcommand(commands, "doctor", "check the database, the engine, the outbox, people and rules")
    doctor.set_defaults(command="doctor")
    backup = subcommand(commands, "backup", "write a consistent copy of the database while others use it")
    backup.add_argument("file", metavar="FILE", help="where to; it must not exist")
    backup.set_defaults(command="backup")
