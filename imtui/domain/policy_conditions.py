"""The conditions of policy statements: operators over what is known about a request.

What is not known about a request fails a condition, except one that only rules something out (`StringNotEquals` and
the like), one that ends in `IfExists`, and `ForAllValues:`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.glob import Look, compiled, matches, variables

Facts = Mapping[str, tuple[str, ...]]
"""What is known about a request: the values of each condition key, whose name is in small letters."""

Test = Callable[[str, str, Look | None], bool]
"""Whether a value of the request is as a value of the policy says."""

_IF_EXISTS = "IfExists"
_SETS = {"foranyvalue": any, "forallvalues": all}
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: an operator, a key in small letters, and the values of which one must fit."""

    operator: str
    key: str
    values: tuple[str, ...]
    negated: bool
    if_exists: bool = False
    over: str = ""
    """Of keys with many values: `foranyvalue` or `forallvalues`; empty for other keys."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it asks for, in small letters: its own, and those of the variables in its values."""
        return (self.key, *(name for value in self.values for name in variables(value)))

    def holds(self, facts: Facts, look: Look | None) -> bool:
        """Whether it holds for what is known; `look` fills in variables, where the policy has any."""
        given = facts.get(self.key, ())
        if self.operator == _NULL:
            return any((value.lower() == "true") is not bool(given) for value in self.values)
        if not given:
            return self._of_nothing()
        test = _TESTS[self.operator]
        fits = (any(test(value, one, look) for one in self.values) is not self.negated for value in given)
        if self.over:
            return bool(_SETS[self.over](fits))
        return all(fits) if self.negated else any(fits)

    def _of_nothing(self) -> bool:
        if self.over == "foranyvalue":
            return self.if_exists
        return self.if_exists or self.negated or self.over == "forallvalues"


def parse_conditions(written: Any) -> tuple[Condition, ...]:
    """The conditions of a statement; raises ValidationFailed, which names operator and key."""
    if not isinstance(written, dict):
        raise ValidationFailed("an object of operators is expected")
    found = []
    for operator, keys in written.items():
        if not isinstance(keys, dict) or not keys:
            raise ValidationFailed(f"{operator[:80]}: an object of condition keys is expected")
        for key, values in keys.items():
            found.append(_condition(operator, key, values))
    return tuple(found)


def _condition(written: str, key: str, values: Any) -> Condition:
    over, colon, name = written.rpartition(":")
    if_exists = name.endswith(_IF_EXISTS)
    name = (name[: -len(_IF_EXISTS)] if if_exists else name).lower()
    wrong_set = colon and over.lower() not in _SETS
    if wrong_set or name not in (*_TESTS, *_NEGATED, _NULL) or (name == _NULL and (if_exists or colon)):
        raise ValidationFailed(f"there is no operator {written[:80]!r}; there are {', '.join(_NAMES)}")
    if not key or not key.isprintable():
        raise ValidationFailed(f"{written}: a condition key such as aws:username is expected")
    listed = values if isinstance(values, list) else [values]
    if not listed or not all(isinstance(each, (str, bool, int, float)) for each in listed):
        raise ValidationFailed(f"{written}: {key[:80]}: a value or a list of values is expected")
    texts = tuple(_text(each) for each in listed)
    operator = _NEGATED.get(name, name)
    for text in texts:
        _check(operator, written, text)
    return Condition(operator, key.lower(), texts, name in _NEGATED, if_exists, over.lower())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(operator: str, written: str, text: str) -> None:
    """A value that the operator can never make sense of is refused, not silently without effect."""
    kinds: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("numeric", number, "a number"),
        ("date", instant, "an instant such as 2026-03-01T03:10:00Z"),
        ("ipaddress", _network, "an IP address or a range such as 203.0.113.0/24"),
        ("bool", _truth, "true or false"),
        ("null", _truth, "true or false"),
        ("arn", _arn, "an ARN"),
    )
    if "${" in text:
        return
    for begin, read, words in kinds:
        if operator.startswith(begin) and read(text) is None:
            raise ValidationFailed(f"{written}: {text[:80]!r} is not {words}")


def number(text: str) -> float | None:
    """A number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def instant(text: str) -> float | None:
    """An instant in ISO 8601 or in seconds since 1970, as such seconds; None for anything else."""
    seconds = number(text)
    if seconds is not None and "-" not in text[1:]:
        return seconds
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _network(text: str) -> Any:
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _arn(text: str) -> list[str] | None:
    parts = text.split(":", _ARN_PARTS - 1)
    return parts if len(parts) == _ARN_PARTS or text == "*" else None


def _filled(text: str, look: Look | None) -> str | None:
    """A value of a policy in which `*` and `?` mean nothing."""
    if look is None or "${" not in text:
        return text
    tokens = compiled(text, look)
    return None if tokens is None else "".join(c for c, _ in tokens)


def _equal(value: str, wanted: str, look: Look | None) -> bool:
    return value == _filled(wanted, look)


def _equal_in_any_case(value: str, wanted: str, look: Look | None) -> bool:
    filled = _filled(wanted, look)
    return filled is not None and value.casefold() == filled.casefold()


def _like(value: str, wanted: str, look: Look | None) -> bool:
    return matches(compiled(wanted, look), value)


def _arn_like(value: str, wanted: str, look: Look | None) -> bool:
    """Each of the six parts by itself: a `*` does not reach over a colon."""
    if wanted == "*":
        return True
    given, parts = value.split(":", _ARN_PARTS - 1), _arn(_variables_shielded(wanted))
    if parts is None or len(given) != _ARN_PARTS:
        return False
    return all(matches(compiled(part.replace(_SHIELD, ":"), look), one) for part, one in zip(parts, given, strict=True))


_SHIELD = "\x00"


def _variables_shielded(text: str) -> str:
    """The colons inside `${…}` are none of the ARN's."""
    head, *rest = text.split("${")
    shielded = [head]
    for each in rest:
        name, closed, after = each.partition("}")
        shielded.append(f"{name.replace(':', _SHIELD)}{closed}{after}" if closed else each)
    return "${".join(shielded)


def _compared(read: Callable[[str], float | None], fits: Callable[[float, float], bool]) -> Test:
    def test(value: str, wanted: str, look: Look | None) -> bool:
        filled = _filled(wanted, look)
        one, other = read(value), None if filled is None else read(filled)
        return one is not None and other is not None and fits(one, other)

    return test


def _same_truth(value: str, wanted: str, look: Look | None) -> bool:
    filled = _filled(wanted, look)
    return filled is not None and _truth(value) is not None and _truth(value) is _truth(filled)


def _in_network(value: str, wanted: str, look: Look | None) -> bool:
    import ipaddress

    filled = _filled(wanted, look)
    network = None if filled is None else _network(filled)
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return network is not None and any(each in network for each in (address, mapped) if each is not None)


_NULL = "null"
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "equals": lambda one, other: one == other,
    "lessthan": lambda one, other: one < other,
    "lessthanequals": lambda one, other: one <= other,
    "greaterthan": lambda one, other: one > other,
    "greaterthanequals": lambda one, other: one >= other,
}
_TESTS: Mapping[str, Test] = {
    "stringequals": _equal,
    "stringequalsignorecase": _equal_in_any_case,
    "stringlike": _like,
    "arnequals": _arn_like,
    "arnlike": _arn_like,
    "bool": _same_truth,
    "ipaddress": _in_network,
    **{f"numeric{name}": _compared(number, fits) for name, fits in _COMPARISONS.items()},
    **{f"date{name}": _compared(instant, fits) for name, fits in _COMPARISONS.items()},
}
_NEGATED: Mapping[str, str] = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
_NAMES: Sequence[str] = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike"),
    *("StringNotLike", "NumericEquals", "NumericLessThan", "DateEquals", "DateLessThan", "Bool", "IpAddress"),
    *("NotIpAddress", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Null"),
)
