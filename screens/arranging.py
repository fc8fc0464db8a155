"""What a list shows of its items, and in which order: the rules behind filter and sort, without a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from imtui.domain.filter import Facts, Filter, Kind, matcher
from widgets.virtual_table import Column

T = TypeVar("T")

ASCENDING, DESCENDING = "▲", "▼"


class Order(NamedTuple):
    """By which column a list is sorted."""

    column: int
    descending: bool = False

    def picked(self, column: int) -> Order:
        """The order after a column was picked: the present one turns round."""
        return Order(column, not self.descending if column == self.column else False)


class Arrangement(Generic[T]):
    """The items of a list and those of them that are shown. Facts and ranks are read once for the items that are
    there, however often one filters and sorts them."""

    def __init__(self, facts: Callable[[T], Facts], ranks: Callable[[T], Sequence[Any]]) -> None:
        self.items: Sequence[T] = ()
        self.filter = Filter()
        self.order: Order | None = None
        self._facts_of, self._ranks_of = facts, ranks
        self._facts: list[Facts] | None = None
        self._sorted: list[int] | None = None
        self._places: Sequence[int] = ()

    def take(self, items: Sequence[T]) -> None:
        """These are the items now, in the order in which they are shown when nobody sorts them."""
        if list(items) != list(self.items):
            self.items, self._facts, self._sorted, self._places = items, None, None, ()

    def sort(self, order: Order | None) -> None:
        """Sort by a column, or show the items as they came."""
        if order != self.order:
            self.order, self._sorted = order, None

    @property
    def facts(self) -> list[Facts]:
        """What is known of the items, in the order in which they came."""
        if self._facts is None:
            self._facts = [self._facts_of(item) for item in self.items]
        return self._facts

    def shown(self, now: datetime) -> list[T]:
        """The items that satisfy the filter, in order."""
        self._places = self._ordered()
        if self.filter:
            holds, facts = matcher(self.filter, now), self.facts
            self._places = [index for index in self._places if holds(facts[index])]
        return [self.items[index] for index in self._places]

    def matching(self, found: Filter, now: datetime) -> list[int]:
        """The lines, of those that were shown last, that another filter would let through."""
        holds, facts = matcher(found, now), self.facts
        return [line for line, index in enumerate(self._places) if holds(facts[index])]

    @property
    def ages(self) -> bool:
        """Whether what is shown changes by time alone."""
        return any(term.kind is Kind.INSTANT for term in self.filter)

    def _ordered(self) -> Sequence[int]:
        if self.order is None:
            return range(len(self.items))
        if self._sorted is None:
            column, descending = self.order
            ranks = [self._ranks_of(item)[column] for item in self.items]
            self._sorted = sorted_by([_comparable(rank) for rank in ranks], descending)
        return self._sorted


def sorted_by(ranks: Sequence[Any], descending: bool) -> list[int]:
    """The places of the ranks in their order; equal ones stay as they were, and those without a rank come last."""
    known = [index for index, rank in enumerate(ranks) if rank is not None]
    known.sort(key=lambda index: ranks[index], reverse=descending)
    return known + [index for index, rank in enumerate(ranks) if rank is None]


def headed(columns: Sequence[Column], order: Order | None) -> list[Column]:
    """The columns, the one that is sorted by with a sign."""
    if order is None:
        return list(columns)
    sign = DESCENDING if order.descending else ASCENDING
    return [
        column._replace(title=f"{column.title} {sign}") if index == order.column else column
        for index, column in enumerate(columns)
    ]


def next_match(matching: Sequence[int], cursor: int, by: int) -> tuple[int, bool] | None:
    """The next of the matching lines after the cursor (before it, with -1), and whether one had to begin again at the
    other end; None where there is none."""
    if not matching:
        return None
    if by > 0:
        after = next((index for index in matching if index > cursor), None)
        return (matching[0], True) if after is None else (after, False)
    before = next((index for index in reversed(matching) if index < cursor), None)
    return (matching[-1], True) if before is None else (before, False)


def _comparable(rank: Any) -> Any:
    """Texts are compared regardless of case; an empty one is none."""
    return (rank.casefold() or None) if isinstance(rank, str) else rank


def whole(facts: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """The facts, with all their texts, and more, as what plain words are looked for in."""
    texts: list[str] = list(more)
    for value in facts.values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, tuple):
            texts += [text for text in value if isinstance(text, str)]
        elif isinstance(value, Mapping):
            texts += [f"{key}={text}" for key, text in value.items()]
    return {**facts, "": "\n".join(texts)}
