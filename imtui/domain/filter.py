"""The filter of a list, as people type it: `impact:1|2 !plan:web "card payments" for:>1h tag:team=shop`.

Words that are separated by spaces must all be found. `!` before one inverts it, quotes keep words together, `a|b` means
either, `field:value` looks in one field alone. docs/filters.md is the page for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from imtui.domain import filter_values
from imtui.domain.errors import ValidationFailed
from imtui.domain.filter_values import Range
from imtui.domain.filter_words import Signs, headed, last, plain, quoted, split, unsigned, words
from imtui.domain.text import clean

MOST_CHARACTERS = 1000
MOST_TERMS = 40
_LONGEST_LINE = 10_000

Facts = Mapping[str, Any]
"""What is known of an item: field → text, number, instant, several of these, or a mapping for tags; None or missing:
there is none. A duration is a number of seconds. Under "" stands the text that plain words are looked for in."""


class Kind(StrEnum):
    """What a field holds, and so how it is compared."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    INSTANT = "instant"
    DURATION = "duration"
    TAGS = "tags"


_ORDERED = (Kind.NUMBER, Kind.INSTANT, Kind.DURATION)


class Field(NamedTuple):
    """Something that can be looked for by name. `choices` of a number are its names, from 1 on."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()


class Fields:
    """The fields of one list, in the order in which they are offered."""

    def __init__(self, *fields: Field) -> None:
        self._fields = {field.name: field for field in fields}

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def get(self, name: str) -> Field | None:
        """The field of that name, in any case."""
        return self._fields.get(name.casefold())


class Term(NamedTuple):
    """One condition: any of `values` in `field` ("": anywhere) by `op`, one of : = < <= > >=. Text holds with `:` what
    contains it and with `=` what is it. Values are as they are compared: choices in full, numbers for their names."""

    field: str
    op: str
    values: tuple[str, ...]
    negated: bool = False
    kind: Kind = Kind.TEXT

    @property
    def text(self) -> str:
        """The term as one would type it."""
        head = f"{self.field}:{self.op.removeprefix(':')}" if self.field else ""
        return ("!" if self.negated else "") + head + "|".join(quoted(value) for value in self.values)

    def ranges(self, now: datetime) -> tuple[Range, ...]:
        """What a number, duration (in seconds) or instant must lie in one of; dates are in the zone of `now`."""
        match self.kind:
            case Kind.NUMBER:
                return tuple(filter_values.number(self.op, value) for value in self.values)
            case Kind.DURATION:
                return tuple(filter_values.duration(self.op, value) for value in self.values)
            case Kind.INSTANT:
                return tuple(filter_values.instant(self.op, value, now) for value in self.values)
        return ()

    @property
    def tags(self) -> tuple[tuple[str, str | None], ...]:
        """The keys with their values, None where any will do."""
        parts = (value.partition("=") for value in self.values)
        return tuple((key, value if equals else None) for key, equals, value in parts)


class Filter(tuple[Term, ...]):
    """Terms that must all hold; the empty one lets everything through."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The filter as one would type it; parsing it gives the same filter."""
        return " ".join(term.text for term in self)


def parse(text: str, fields: Fields) -> Filter:
    """The filter that a text means. A term whose value is still missing is left out. Raises ValidationFailed."""
    if len(text) > _LONGEST_LINE:
        raise ValidationFailed(f"a filter has at most {MOST_CHARACTERS} characters")
    terms: list[Term] = []
    waiting: Signs = ()
    for word in words(clean(text)):
        signs = word.signs
        if waiting and not (_is_head(waiting, fields) and _names_field(signs, fields)):
            signs = waiting + signs
        waiting = ()
        if signs == (("!", False),) or _is_head(signs, fields):
            waiting = signs  # `impact: 1`, `! word`: what follows belongs to it
        elif term := _term(signs, fields):
            terms.append(term)
    if len(terms) > MOST_TERMS:
        raise ValidationFailed(f"a filter has at most {MOST_TERMS} terms, this has {len(terms)}")
    if sum(len(value) for term in terms for value in term.values) > MOST_CHARACTERS:
        raise ValidationFailed(f"a filter has at most {MOST_CHARACTERS} characters")
    return Filter(dict.fromkeys(terms))


def matcher(found: Filter, now: datetime) -> Callable[[Facts], bool]:
    """Whether an item's facts satisfy the filter, made ready for many items. Ages and dates are those of `now`."""
    tests = [(term.field, term.negated, _test(term, now)) for term in found]

    def holds(facts: Facts) -> bool:
        for field, negated, test in tests:  # noqa: SIM110 - a generator costs as much as the tests themselves
            if test(facts.get(field)) is negated:
                return False
        return True

    return holds


def matches(found: Filter, facts: Facts, now: datetime) -> bool:
    """Whether an item's facts satisfy the filter."""
    return matcher(found, now)(facts)


def complete(text: str, fields: Fields, values: Mapping[str, Sequence[str]] | None = None) -> list[tuple[str, str]]:
    """What the word at the end of the line could become, each with a hint. `values`: what occurs in a field, besides
    its choices."""
    signs = last(clean(text)).signs
    sign, signs = ("!", signs[1:]) if signs[:1] == (("!", False),) else ("", signs)
    head, value = headed(signs)
    if value is None:
        typed = plain(signs).casefold()
        return [(f"{sign}{f.name}:", f.help) for f in fields if f.name.startswith(typed)]
    field = fields.get(head)
    if field is None:
        return []
    op, value = _operator(value, field.kind)
    *before, end = split(value, "|")
    start = f"{sign}{field.name}:{op.removeprefix(':')}" + "".join(f"{quoted(plain(part))}|" for part in before if part)
    typed = plain(end).casefold()
    known = [choice.replace(" ", "-") for choice in field.choices] + list((values or {}).get(field.name, ()))
    offered = [one for one in dict.fromkeys(known) if one.casefold().startswith(typed) and one.casefold() != typed]
    if not (offered or typed or before) and op == ":":
        offered = list(_EXAMPLES.get(field.kind, ()))
        return [(start + one, field.help) for one in offered]
    return [(start + quoted(one), field.help) for one in offered]


_EXAMPLES: Mapping[Kind, tuple[str, ...]] = {
    Kind.NUMBER: ("1", "<=2"),
    Kind.DURATION: (">1h", "<15m"),
    Kind.INSTANT: ("today", "<24h", ">7d"),
}


# ------------------------------------------------------------ inside


def _names_field(signs: Signs, fields: Fields) -> bool:
    head, value = headed(unsigned(signs)[1])
    return value is not None and fields.get(head) is not None


def _is_head(signs: Signs, fields: Fields) -> bool:
    """Whether this is a field whose value is still missing."""
    head, value = headed(unsigned(signs)[1])
    field = fields.get(head) if value is not None else None
    return value is not None and field is not None and not _operator(value, field.kind)[1]


def _operator(value: Signs, kind: Kind) -> tuple[str, Signs]:
    offered = ("<=", ">=", "<", ">", "=") if kind in _ORDERED else () if kind is Kind.TAGS else ("=",)
    for op in offered:
        if value[: len(op)] == tuple((c, False) for c in op):
            return op, value[len(op) :]
    return ":", value


def _term(signs: Signs, fields: Fields) -> Term | None:
    negated, signs = unsigned(signs)
    head, value = headed(signs)
    if value is None:
        values = _either(signs)
        return Term("", ":", values, negated) if values else None
    field = fields.get(head)
    if field is None:
        raise ValidationFailed(_unknown(head, fields), head[:40])
    op, value = _operator(value, field.kind)
    values = _either(value)
    try:
        values = _checked(field, op, values)
    except ValidationFailed as error:
        raise ValidationFailed(f"{field.name}: {error}", field.name) from None
    return Term(field.name, op, values, negated, field.kind) if values else None


def _either(signs: Signs) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in map(plain, split(signs, "|")) if part))


def _checked(field: Field, op: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values as they are compared; raises ValidationFailed for those that mean nothing in this field."""
    found: list[str] = []
    for value in values:
        if field.kind is Kind.TAGS:
            found.append(_tag(value, found))
        elif field.choices and not (field.kind is Kind.NUMBER and value.lstrip("#").isdecimal()):
            found += _chosen(field, value)
        else:
            found.append(value)
    for value in found:
        if field.kind is Kind.NUMBER:
            asked = filter_values.number("=", value).low
            if field.choices and not 1 <= asked <= len(field.choices):
                raise ValidationFailed(f"{value[:40]!r} is not within 1 and {len(field.choices)}")
        elif field.kind is Kind.DURATION:
            filter_values.duration(op, value)
        elif field.kind is Kind.INSTANT:
            filter_values.instant(op, value, _ANY_DAY)
    return tuple(dict.fromkeys(found))


_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _chosen(field: Field, value: str) -> list[str]:
    """The choices that a value is, or is the beginning of."""
    typed = _bare(value)
    found = [c for c in field.choices if _bare(c) == typed] or [c for c in field.choices if _bare(c).startswith(typed)]
    if not found or not typed:
        raise ValidationFailed(f"{value[:40]!r} is unknown: use {', '.join(field.choices)}")
    if field.kind is Kind.NUMBER:
        return [str(field.choices.index(choice) + 1) for choice in found]
    return found


def _bare(value: str) -> str:
    return "".join(c for c in value.casefold() if c not in " -_")


def _tag(value: str, before: Sequence[str]) -> str:
    """`key` or `key=value`; after `key=a|` a value alone is of the same key."""
    key, equals, rest = value.partition("=")
    if not key:
        raise ValidationFailed(f"{value[:40]!r} has no key: give it as key or key=value")
    if not equals and before and "=" in before[-1]:
        return f"{before[-1].partition('=')[0]}={value}"
    return value if rest else key


def _unknown(head: str, fields: Fields) -> str:
    from difflib import get_close_matches  # only for those who mistype: it costs time to import

    names = [field.name for field in fields]
    near = get_close_matches(head.casefold()[:40], names, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"no field {head[:40]!r}: {meant}There are {', '.join(names)}"


def _test(term: Term, now: datetime) -> Callable[[Any], bool]:
    """Whether what is known of a field satisfies a term, without its negation."""
    if term.kind in _ORDERED:
        return _within(term.ranges(now), datetime if term.kind is Kind.INSTANT else (int, float))
    if term.kind is Kind.TAGS:
        wanted = [(key.casefold(), None if value is None else value.casefold()) for key, value in term.tags]
        return lambda fact: (
            isinstance(fact, Mapping)
            and any(
                key.casefold() == name and (text is None or value.casefold() == text)
                for key, value in fact.items()
                for name, text in wanted
            )
        )
    looked = tuple(value.casefold() for value in term.values)
    if term.kind is Kind.CHOICE or term.op == "=":
        return _among(lambda text: text.casefold() in looked)
    if len(looked) == 1:  # what one types most, on each key
        only = looked[0]
        return _among(lambda text: only in text.casefold())
    return _among(lambda text: any(value in text.casefold() for value in looked))


def _within(ranges: Sequence[Range], kinds: type | tuple[type, ...]) -> Callable[[Any], bool]:
    def test(fact: Any) -> bool:
        points = fact if isinstance(fact, tuple) else (fact,)
        return any(isinstance(point, kinds) and one.holds(point) for point in points for one in ranges)

    return test


def _among(holds: Callable[[str], bool]) -> Callable[[Any], bool]:
    """Whether a text, or one of several, is looked for."""

    def test(fact: Any) -> bool:
        return holds(fact) if isinstance(fact, str) else any(map(holds, _texts(fact)))

    return test


def _texts(fact: Any) -> Sequence[str]:
    return tuple(map(str, fact)) if isinstance(fact, tuple | list | set | frozenset) else ()


INCIDENT_FIELDS = Fields(
    Field("status", Kind.CHOICE, "whether it is open", ("open", "resolved")),
    Field("impact", Kind.NUMBER, "1 (critical) to 5 (no impact)", ("critical", "high", "medium", "low", "no impact")),
    Field("title", Kind.TEXT, "what it is called"),
    Field("is", Kind.CHOICE, "silent: nobody is left to page", ("mine", "silent", "acknowledged", "drill")),
    Field("who", Kind.TEXT, "alias of an engaged contact"),
    Field("plan", Kind.TEXT, "response plan"),
    Field("tag", Kind.TAGS, "key or key=value"),
    Field("for", Kind.DURATION, "how long it lasts, or lasted"),
    Field("started", Kind.INSTANT, "when it began, or how long ago"),
    Field("resolved", Kind.INSTANT, "when it was resolved, or how long ago"),
    Field("by", Kind.TEXT, "who started it"),
    Field("source", Kind.TEXT, "what started it"),
    Field("resource", Kind.TEXT, "a resource it concerns"),
    Field("chat", Kind.TEXT, "chat channel"),
    Field("number", Kind.NUMBER, "its number"),
)
