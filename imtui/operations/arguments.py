"""Operations as command lines: the shell and the `:` line parse by the same descriptions."""

from __future__ import annotations

import argparse
import shlex
from typing import Any, NoReturn

from imtui.domain.errors import ValidationFailed
from imtui.operations import GROUPS, OPERATIONS, Operation
from imtui.operations.aws import spoken
from imtui.operations.operation import Parameter

MOST = 1_000_000
PROGRAM = "imtui"
"""The word that a line may begin with, as it was copied from a shell."""


class _Line(argparse.ArgumentParser):
    """A parser whose complaints are errors, not the end of the program."""

    def error(self, message: str) -> NoReturn:
        raise ValidationFailed(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise ValidationFailed(message or "write a command, such as: incident note 12 looking into it")


def add_operations(commands: Any, *, in_shell: bool) -> None:
    """Add every operation to the sub-commands of a parser; those for the shell only where `in_shell` says so."""
    groups: dict[str, Any] = {}
    alone: dict[str, Any] = {}
    for operation in OPERATIONS:
        if operation.shell_only and not in_shell:
            continue
        if len(operation.words) == 1:
            alone[operation.name] = _add(commands, operation.name, operation, in_shell)
            continue
        group, word = operation.words
        if group not in groups:
            parser = alone.get(group) or subcommand(commands, group, GROUPS[group], add_help=in_shell)
            required = group not in alone  # one that does something by itself may have commands, too
            groups[group] = parser.add_subparsers(metavar="COMMAND", title="commands", required=required)
        _add(groups[group], word, operation, in_shell)


def subcommand(commands: Any, name: str, text: str, *, add_help: bool = True) -> Any:
    """A sub-command with its help."""
    description = text[:1].upper() + text[1:] + "."
    return commands.add_parser(name, help=text, description=description, allow_abbrev=False, add_help=add_help)


def parse_line(line: str) -> tuple[Operation, dict[str, Any]]:
    """The operation of a `:` line with its arguments; raises ValidationFailed in words."""
    try:
        words = shlex.split(line)
    except ValueError:
        raise ValidationFailed("the quotes do not match: close them, or put a \\ before one that is meant") from None
    words = spoken.addressed(words)
    if words[:1] == [PROGRAM]:
        del words[0]
    if spoken.is_meant(words):
        return spoken.operation(words)
    parser = _Line(prog="", add_help=False, allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_operations(commands, in_shell=False)
    values = vars(parser.parse_args(words))
    return values.pop("command"), values


def _add(commands: Any, name: str, operation: Operation, in_shell: bool) -> Any:
    parser = subcommand(commands, name, operation.summary, add_help=in_shell)
    parser.set_defaults(command=operation)
    for parameter in operation.parameters:
        _parameter(parser, parameter)
    return parser


def _parameter(parser: Any, parameter: Parameter) -> None:
    settings: dict[str, Any] = {"help": parameter.help}
    if parameter.choices:
        settings["choices"] = parameter.choices
    if parameter.kind == "flag":
        settings["action"] = "store_true"
    elif parameter.kind == "number":
        settings["type"] = number
    if parameter.kind == "texts":
        settings |= {"action": "append"} if parameter.option else {"nargs": "+"}
    elif parameter.optional:
        settings |= {"nargs": "?", "default": parameter.default}
    if parameter.option:
        if not parameter.choices and parameter.kind != "flag":
            settings["metavar"] = parameter.name.upper()
        settings |= {"dest": parameter.name, "default": parameter.default}
        parser.add_argument(parameter.flag, **settings)
    else:
        parser.add_argument(parameter.name, metavar=parameter.name.upper(), **settings)


def number(text: str) -> int:
    """A number of a command line; raises ArgumentTypeError for one out of bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST}")
    return int(text)
