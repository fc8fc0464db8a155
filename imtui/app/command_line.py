"""The `:` line: operations as in the shell, with completion, and asked first where a key would ask."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from imtui.domain.errors import ImtuiError, ValidationFailed
from screens.history import History
from screens.prompt import Prompt

if TYPE_CHECKING:
    from imtui.operations.operation import Operation
    from imtui.services.context import Context

Offer = tuple[str, str]

_MOST_IN_PASSING = 2
"""A result of more lines is read, not said in passing."""


class Host(Protocol):
    """What the line needs of the program."""

    @property
    def context(self) -> Context | None:
        """The surroundings of calls; None until the database is open."""
        ...

    def said(self, text: str, *, wrong: bool = False) -> None:
        """Show what was done, or why not."""
        ...

    def defect(self, error: Exception) -> None:
        """Say that something went wrong that should not have, and go on."""
        ...

    def behind(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that nobody waits for; what goes wrong is said."""
        ...

    async def confirmed(self, title: str, text: str, verb: str) -> bool:
        """Ask, with Cancel in focus."""
        ...

    def read(self, title: str, text: str) -> None:
        """Show a longer text."""
        ...


class CommandLine:
    """What the `:` line says and does. What exists is read beside it, once for each opening, and what was read before
    is offered until then: no key waits for the database."""

    def __init__(self, host: Host, history: History) -> None:
        self._host = host
        self._history = history
        self._known: dict[tuple[str, str], list[Offer]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._prompt: Prompt | None = None
        self._result: tuple[str, list[str]] | None = None

    def prompt(self, value: str = "") -> Prompt:
        """A new line to show, with something in it already."""

        async def run(line: str) -> str:
            return await self._run(line, made)

        made = Prompt(":", value, history=self._history, complete=self._complete, tell=tell, submit=run)
        self._asked.clear()
        self._result = None
        self._prompt = made
        return made

    def show_result(self) -> None:
        """Show what the line has done, once it is closed: a long result to read, a short one in passing."""
        result, self._result = self._result, None
        if result is None:
            return
        name, lines = result
        if len(lines) > _MOST_IN_PASSING:
            self._host.read(name, "\n".join(lines))
        elif lines:
            self._host.said("\n".join(lines))

    # ------------------------------------------------------------ completion

    def _complete(self, line: str) -> Sequence[Offer]:
        from imtui.operations.completion import matching, read

        reading = read(line)
        known = self._existing(reading.names, reading.given) if reading.names else []
        return [] if reading.wrong else matching(known, reading.offers, line)

    def _existing(self, kind: str, given: Mapping[str, str]) -> list[Offer]:
        key = (kind, given.get("contact", "") if kind == "channel" else "")
        context = self._host.context
        if key not in self._asked and context is not None:
            self._asked.add(key)
            self._host.behind(lambda: self._read(key, context, given))
        return self._known.get(key, [])

    async def _read(self, key: tuple[str, str], context: Context, given: Mapping[str, str]) -> None:
        from imtui.operations.existing import existing

        try:
            found = await existing(context, key[0], given)
        except ImtuiError:
            return  # such as a contact that does not exist: then nothing is offered, and enter says why
        if found != self._known.get(key):
            self._known[key] = found
            if self._prompt is not None and self._prompt.is_attached and not self._prompt.left:
                self._prompt.again()

    # ------------------------------------------------------------ doing

    async def _run(self, line: str, prompt: Prompt) -> str:
        """Do what the line says; why not, when it was not done."""
        from imtui.operations.arguments import parse_line
        from imtui.operations.completion import read

        why = ""
        try:
            try:
                operation, values = parse_line(line)
            except ValidationFailed as error:
                return read(line).wrong or str(error)
            context = self._host.context
            if context is None:
                why = "the database is still being opened: try again in a moment"
            elif not await self._sure(operation, context, values, prompt):
                return "not done: nothing was changed"
            else:
                result = await operation.handler(context, **values)
                self._result = operation.name, list(operation.lines(result))
        except ImtuiError as error:
            why = str(error)
        except Exception as error:
            self._host.defect(error)
            why = "this could not be done; the line stays"
        if prompt.left and why:
            self._host.said(why, wrong=True)
        elif prompt.left:
            self.show_result()
        return why

    async def _sure(self, operation: Operation, context: Context, values: Mapping[str, Any], prompt: Prompt) -> bool:
        """Whoever may only look is refused, not asked; who has left the line meanwhile has changed their mind."""
        if operation.question is None or context.caller.read_only:
            return True
        question = await operation.question(context, **values)
        if prompt.left:
            return False
        return await self._host.confirmed(question.title, question.text, question.verb)


def tell(line: str) -> tuple[str, bool]:
    """What to say below a line, and whether something is wrong with it."""
    from imtui.operations.completion import read

    reading = read(line)
    if reading.wrong:
        return reading.wrong, True
    return reading.usage or "a command, such as: incident note 12 looking into it", False
