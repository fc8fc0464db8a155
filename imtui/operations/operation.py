"""What an operation is: words, parameters, a handler, and its result as lines or JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from imtui.domain.asking import Question
    from imtui.services.context import Context


Tell = Callable[[str], None]
"""How progress is told, a sentence at a time."""


class Parameter(NamedTuple):
    """A parameter: `name` as the handler takes it. Options are written `--name`; positional ones stand in their
    order. `kind` is text, number, flag or texts (one or more; an option is written once for each); `choices` limits
    it. `file`: in the shell, the handler gets the named file with what is in it, except for the words of `known`, which
    are meant as they stand. `names`: of what kind is the existing
    thing that it names, such as "incident"; `imtui.operations.existing` knows which there are.
    `optional`: a positional one may be left out."""

    name: str
    help: str
    kind: str = "text"
    option: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    file: bool = False
    known: tuple[str, ...] = ()
    names: str = ""
    optional: bool = False

    @property
    def flag(self) -> str:
        """How an option is written."""
        return f"--{self.name.replace('_', '-')}"


class Operation(NamedTuple):
    """One operation. `handler` is called with the context and the parameters by name; `lines` turns its result into
    what people read, `document` into what programs read (None: the lines are all there is). `pages`: somebody may be
    paged, so it is said when no engine runs. `always_json`: the result is for programs in any case. `question`: called
    like the handler, it gives what to ask on the screen before the handler is; those that page, resolve or delete have
    one. `follow`: in a shell, called with the context, the handler's result and a way to tell progress, it waits for
    what comes of it and gives the result that is written; the `:` line waits for nothing."""

    words: tuple[str, ...]
    summary: str
    parameters: tuple[Parameter, ...]
    handler: Callable[..., Awaitable[Any]]
    lines: Callable[[Any], Iterable[str]]
    document: Callable[[Any], Any] | None = None
    pages: bool = False
    always_json: bool = False
    shell_only: bool = False
    """Whether it reads files or standard input, so that it makes sense in a shell only."""
    question: Callable[..., Awaitable[Question]] | None = None
    follow: Callable[[Context, Any, Tell], Awaitable[Any]] | None = None
    status: Callable[[Any], int] | None = None
    """The exit status that the result means in a shell, where it is not always 0."""

    @property
    def name(self) -> str:
        return " ".join(self.words)


Run = Callable[["Context"], Awaitable[Any]]
