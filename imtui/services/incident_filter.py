"""The filter of incidents as conditions of a query. What a text contains is looked up by the words that the database
keeps of each incident (`storage/derived.py`), so that a search among very many takes no longer than among few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from imtui.domain.escalation import RunStatus
from imtui.domain.filter import Filter, Kind, Term
from imtui.domain.incident import NEWEST, Status
from imtui.services.context import Context
from storage import tables as t
from storage.derived import SEARCH

SHORTEST = 3
"""Words of so many letters are found by the index. Shorter ones are looked for among the newest incidents only."""

_ESCAPE = "\\"


def mine(context: Context) -> sa.ColumnElement[bool]:
    """Whether the caller was paged for an incident, and has not acknowledged."""
    e = t.engagements.c
    return sa.exists().where(
        e.incident_id == t.incidents.c.id,
        e.target_arn == context.names.contact(context.caller.name),
        e.acknowledged_at.is_(None),
        e.status != RunStatus.STOPPED.value,
    )


class Query:
    """What must hold for an incident, and the tables that tell it. `few`: only some of the incidents are asked about
    anyway (those that are open), so that each is looked at."""

    def __init__(self, context: Context, found: Filter, dialect: str, *, few: bool) -> None:
        self._context = context
        self._found = found
        self._indexed = not few and dialect == "sqlite"
        key = "rowid" if dialect == "sqlite" else "number"
        self._row: sa.ColumnElement[int] = sa.literal_column(f"{SEARCH.name}.{key}", sa.Integer)
        self.conditions = [self._condition(term) for term in found]
        self.short = not few and any(_short(term) for term in found)
        """Whether only the newest incidents are looked at, because a word is so short."""
        if self.short:
            newest = sa.select(sa.func.max(t.incidents.c.number)).scalar_subquery()
            self.conditions.append(t.incidents.c.number > newest - NEWEST)
        self.match = " AND ".join(filter(None, map(_matched, found))) if self._indexed else ""

    def select(self, *columns: Any) -> sa.Select[Any]:
        """A query of incidents that satisfy the filter."""
        if not self.match:
            return sa.select(*columns).select_from(t.incidents).where(*self.conditions)
        joined = SEARCH.join(t.incidents, t.incidents.c.number == self._row)
        matched = sa.text("incident_search MATCH :words").bindparams(words=self.match)
        return sa.select(*columns).select_from(joined).where(matched, *self.conditions)

    @property
    def number(self) -> sa.ColumnElement[int]:
        """An incident's number to order by: the index gives its finds in this order."""
        return self._row if self.match else t.incidents.c.number

    # ------------------------------------------------------------ inside

    def _condition(self, term: Term) -> sa.ColumnElement[bool]:
        condition = self._positive(term)
        return sa.not_(condition) if term.negated else condition

    def _positive(self, term: Term) -> sa.ColumnElement[bool]:
        i = t.incidents.c
        if term.kind in (Kind.NUMBER, Kind.INSTANT, Kind.DURATION):
            return self._within(term)
        match term.field:
            case "":
                if self._indexed and _matched(term):
                    return sa.true()
                return self._either(self._said(value) for value in term.values)
            case "status":
                return i.status.in_([value.upper() for value in term.values])
            case "is":
                return self._either(self._is(value) for value in term.values)
            case "tag":
                return self._either(self._tagged(key, value) for key, value in term.tags)
            case "who":
                return self._either(self._engaged(value, term.op) for value in term.values)
            case "chat":
                return self._either(like(sa.cast(i.chat_channel, sa.String), value) for value in term.values)
            case "by":
                whole = term.op == "="
                return self._either(like(i.created_by, f"/{v}" if whole else v, end=whole) for v in term.values)
        column = {"title": i.title, "plan": i.plan_name, "source": i.source, "resource": i.resource_arn}[term.field]
        if term.op == "=":
            return self._either(sa.func.lower(column) == value.lower() for value in term.values)
        return self._either(like(sa.func.coalesce(column, ""), value) for value in term.values)

    @staticmethod
    def _either(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
        return sa.or_(sa.false(), *conditions)

    def _said(self, value: str) -> sa.ColumnElement[bool]:
        words = SEARCH.c.words + ""  # without this SQLite would ask the index about every incident again
        same = self._row == t.incidents.c.number
        return sa.exists().where(same, like(words, value)).correlate(t.incidents)

    def _within(self, term: Term) -> sa.ColumnElement[bool]:
        i, now = t.incidents.c, self._context.now()
        column: Any = {"impact": i.impact, "number": i.number, "started": i.created_at, "resolved": i.resolved_at}.get(
            term.field
        )
        ranges = term.ranges(now.astimezone())
        if column is None:  # how long it lasts: microseconds as they are stored
            end = sa.func.coalesce(sa.type_coerce(i.resolved_at, sa.BigInteger), sa.literal(now, i.created_at.type))
            column = sa.type_coerce(end, sa.BigInteger) - sa.type_coerce(i.created_at, sa.BigInteger)
            ranges = tuple(
                r._replace(
                    low=None if r.low is None else int(r.low * 1e6), high=None if r.high is None else int(r.high * 1e6)
                )
                for r in ranges
            )
        parts = []
        for low, high, with_low, with_high in ranges:
            bounds = [column.is_not(None)]
            if low is not None:
                bounds.append(column >= low if with_low else column > low)
            if high is not None:
                bounds.append(column <= high if with_high else column < high)
            parts.append(sa.and_(*bounds))
        return self._either(parts)

    def _is(self, word: str) -> sa.ColumnElement[bool]:
        i, e = t.incidents.c, t.engagements.c
        is_open = i.status == Status.OPEN.value
        match word:
            case "mine":
                return is_open & mine(self._context)
            case "silent":
                return is_open & i.exhausted_at.is_not(None)
            case "acknowledged":
                return sa.exists().where(e.incident_id == i.id, e.acknowledged_at.is_not(None))
        return i.drill

    def _tagged(self, key: str, value: str | None) -> sa.ColumnElement[bool]:
        i, g = t.incidents.c, t.tags.c
        arn = sa.literal("arn:aws:ssm-incidents::") + i.account + ":incident-record/" + i.plan_name + "/" + i.id
        same = [g.arn == arn, sa.func.lower(g.key) == key.lower()]
        if value is not None:
            same.append(sa.func.lower(g.value) == value.lower())
        return sa.exists().where(*same)

    def _engaged(self, value: str, op: str) -> sa.ColumnElement[bool]:
        e = t.engagements.c
        alias = like(e.target_arn, f"contact/{value}" if op == "=" else value, end=op == "=")
        within = like(e.target_arn, ":contact/")
        return sa.exists().where(e.incident_id == t.incidents.c.id, within, alias)


def like(column: Any, value: str, *, end: bool = False) -> sa.ColumnElement[bool]:
    """Whether a text contains a value in any case; `end`: whether it ends with it. SQLite knows the case of ASCII
    letters only: of others the usual ways to write them are tried."""
    forms = {value} if value.isascii() else {value, value.lower(), value.upper(), value.capitalize()}
    patterns = [f"%{_escaped(form)}{'' if end else '%'}" for form in sorted(forms)]
    return sa.or_(*(column.ilike(pattern, escape=_ESCAPE) for pattern in patterns))


def _escaped(value: str) -> str:
    return value.replace(_ESCAPE, _ESCAPE * 2).replace("%", "\\%").replace("_", "\\_")


_WHERE = {
    "": "words",
    "title": "words",
    "plan": "words",
    "source": "more",
    "resource": "more",
    "chat": "more",
    "by": "more",
}


def _matched(term: Term) -> str:
    """What the index must find for a term; empty where it cannot help."""
    if term.negated:
        return ""
    if term.field == "tag":
        return _any("words", [key if value is None else f"{key}={value}" for key, value in term.tags])
    return _any(_WHERE[term.field], term.values) if term.field in _WHERE else ""


def _any(column: str, values: Sequence[str]) -> str:
    if any(len(value) < SHORTEST for value in values):
        return ""
    return "(" + " OR ".join('{} : "{}"'.format(column, value.replace('"', '""')) for value in values) + ")"


def _short(term: Term) -> bool:
    return not term.negated and not term.field and any(len(value) < SHORTEST for value in term.values)
