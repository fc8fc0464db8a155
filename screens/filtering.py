"""A screen with a list that one filters, sorts and marks; where its items come from is for those that stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import shown
from screens.live import LiveScreen
from widgets.virtual import VirtualList

if TYPE_CHECKING:
    from imtui.domain.filter import Fields, Filter, Term

_ROOMY = 100
HOW_TO_FILTER = "words, field:value, !not, a|b   tab completes   enter keeps   esc as before"


class FilteredScreen(LiveScreen):
    """Keeps the filter and the marks of its list."""

    ACTS: ClassVar[frozenset[str]] = frozenset(
        {"open", "back", "copy", "filter", "match-next", "match-previous", "filters", "sort", "mark-all"}
    )
    table: VirtualList[Any]
    """The list that is shown now."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        """The filter as somebody typed it."""
        self.wrong = ""
        """Why it means nothing; what was shown before stays then."""
        self.filter: tuple[Term, ...] = ()
        self.applied = ""
        """The text of the filter that is in force."""
        self.last: Filter | None = None
        """The filter that was set last, also after it was cleared."""
        self._typing = False
        """Whether the line is open where one types a filter: it says itself what is wrong with it."""

    def fields(self) -> Fields:
        """What can be looked for by name."""
        raise NotImplementedError

    def filtered(self) -> None:
        """The filter has changed: show what it lets through."""
        raise NotImplementedError

    def values(self) -> Mapping[str, Sequence[str]]:
        """What occurs in the fields, for completion."""
        return {}

    def headline(self) -> Sequence[tuple[str, str]]:
        """The list's own part of the title."""
        return ((self.HEADING, ""),)

    def tally(self) -> str:
        """How many items the filter lets through, in words."""
        return f"{self.table.count:,}"

    def hidden(self) -> int:
        """How many marked items are not shown."""
        shown_ = sum(self.table.known_by(item) in self.table.marked for item in self.table.items)
        return len(self.table.marked) - shown_

    def heading(self) -> Sequence[tuple[str, str]]:
        """The name, what is marked, and the filter: what may be cut comes last."""
        if self.wrong and not self._typing:
            return ((f"! {shown(self.wrong)}", "loud"),)
        name, *more = self.headline()
        pieces, marked = [name], self.table.marked
        if marked:
            hidden = self.hidden()
            pieces.append((f"  {len(marked):,} marked" + (f", {hidden:,} not shown" if hidden else ""), "strong"))
        if text := self.applied if self.wrong else self.text:  # what is shown is not by what means nothing
            pieces += [("  filter: " if self.size.width >= _ROOMY else "  /", "dim"), (shown(text), "warn")]
            pieces.append((f"  {self.tally()}", "dim"))
        return [*pieces, *more]

    def here(self) -> datetime:
        """Now, in the zone of the person: dates in a filter are theirs."""
        now = self.host.now()
        return now if self.host.utc else now.astimezone()

    @property
    def place(self) -> str:
        """What saved filters know this list by."""
        return type(self).__name__.removesuffix("Screen").lower()

    # ------------------------------------------------------------ acts

    def stepped_back(self) -> bool:
        """One step back within the list: the marks, then the filter; False where there is none."""
        if self.table.marked:
            self.table.marked.clear()
            self.table.tick(self.host.now())
        elif self.text:
            self.set_filter("")
        else:
            return False
        return True

    def act_mark_all(self) -> None:
        keys = {self.table.known_by(item) for item in self.table.items}
        if keys <= self.table.marked:
            self.table.marked -= keys
        else:
            self.table.marked |= keys
        self.table.tick(self.host.now())

    def act_filter(self) -> None:
        self.perform(self._ask_filter)

    def act_filters(self) -> None:
        from screens.filters import choose

        async def ask() -> None:
            text = await choose(self, self.place, self.text)
            if text is not None:
                self.set_filter(shown(text))

        self.perform(ask)

    def set_filter(self, text: str) -> None:
        """Filter by a text; while it means nothing, what was shown stays, and the title says why."""
        from imtui.domain.filter import parse  # the first frame does without

        self.text, self.wrong = text.strip(), ""
        try:
            found = parse(text, self.fields())
        except ValidationFailed as error:
            self.wrong = str(error)
        else:
            if found != self.filter:
                self.filter, self.applied = found, found.text
                self.last = found or self.last
                self.filtered()
        self.host.lines()

    async def _ask_filter(self) -> None:
        from imtui.domain.filter_completing import begin, completions
        from screens.filters import saved_in
        from screens.prompt import Prompt

        saved: Mapping[str, str] = await saved_in(self, self.place)
        values = self.values()
        before = self.text

        def tell(_: str) -> tuple[str, bool]:
            return (self.wrong, True) if self.wrong else (HOW_TO_FILTER, False)

        async def submit(text: str) -> str:
            self.set_filter(text)
            return self.wrong

        prompt = Prompt(
            "/",
            before,
            self.set_filter,
            history=self.host.history("filters"),
            complete=lambda text: completions(text, self.fields(), values, saved),
            begin=begin,
            tell=tell,
            submit=submit,
        )
        self._typing = True
        text: str | None = None
        try:
            text = await self.ask(prompt)
        finally:
            self._typing = False
            self.set_filter(before if text is None else text)
