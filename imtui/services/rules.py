"""Event rules: which events start incidents, and by which response plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.rules import check_pattern
from imtui.domain.text import clean
from imtui.services.context import Context
from storage import tables as t
from storage.database import Unit

MAX_TARGETS = 5
MAX_DESCRIPTION = 512
_NAME = re.compile(r"[A-Za-z0-9._\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: events that match the pattern go to the targets, which are response plans. With `resolve` on a
    target, the event's end resolves the incident."""

    arn: str
    name: str
    description: str
    pattern: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...]
    enabled: bool


async def put(
    context: Context,
    name: str,
    pattern: Mapping[str, Any],
    targets: Sequence[Mapping[str, Any]],
    *,
    description: str = "",
    enabled: bool = True,
) -> Rule:
    """Make a rule, or replace the one of this name. A target is `{"Id", "Arn", "resolve"?}`."""
    async with context.change("events:PutRule", context.names.rule(name), description=description) as unit:
        rule = Rule(context.names.rule(name), name, description, pattern, tuple(targets), enabled)
        await put_in(unit, context, rule)
        row = await unit.first(sa.select(t.rules).where(t.rules.c.name == name))
        assert row is not None
        return rule_of(row)


async def list_rules(context: Context) -> list[Rule]:
    """All rules, by name."""
    async with context.look("events:ListRules", "*") as reader:
        return [rule_of(row) for row in await reader.all(sa.select(t.rules).order_by(t.rules.c.name))]


async def delete(context: Context, name: str) -> None:
    """Delete a rule."""
    async with context.change("events:DeleteRule", context.names.rule(name)) as unit:
        gone = await unit.run(sa.delete(t.rules).where(t.rules.c.name == name))
        if not gone.rowcount:
            raise NotFound(f"there is no rule {name[:80]}")
        unit.changed("rule", name)


async def put_in(unit: Unit, context: Context, rule: Rule) -> bool:
    """Write a rule inside a unit of work; whether anything changed."""
    if not _NAME.fullmatch(rule.name):
        raise ValidationFailed("rule name: 1–64 letters, digits, '.', '-' and '_'", "Name")
    if len(rule.description) > MAX_DESCRIPTION:
        raise ValidationFailed(f"description: at most {MAX_DESCRIPTION} characters", "Description")
    check_pattern(rule.pattern)
    values = {
        "description": clean(rule.description),
        "pattern": dict(rule.pattern),
        "enabled": rule.enabled,
        "targets": await _checked_targets(unit, context, rule.targets),
    }
    row = await unit.first(sa.select(t.rules).where(t.rules.c.name == rule.name))
    if row is None:
        arn = context.names.rule(rule.name)
        await unit.run(sa.insert(t.rules).values(arn=arn, name=rule.name, bus="default", **values))
    elif any(getattr(row, name) != value for name, value in values.items()):
        await unit.run(sa.update(t.rules).where(t.rules.c.arn == row.arn).values(**values))
    else:
        return False
    unit.changed("rule", rule.name)
    return True


def rule_of(row: sa.Row[Any]) -> Rule:
    """A row of `rules`."""
    return Rule(row.arn, row.name, row.description, row.pattern, tuple(row.targets), row.enabled)


async def _checked_targets(unit: Unit, context: Context, targets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(targets) > MAX_TARGETS:
        raise ValidationFailed(f"targets: at most {MAX_TARGETS} for a rule", "Targets")
    checked = []
    for index, target in enumerate(targets):
        ref = str(target.get("Arn", ""))
        arn = ref if arns.is_arn(ref) else context.names.response_plan(ref)
        if await unit.first(sa.select(t.response_plans.c.arn).where(t.response_plans.c.arn == arn)) is None:
            raise ValidationFailed(f"target {ref[:120]!r}: there is no such response plan", "Targets")
        made: dict[str, Any] = {"Id": str(target.get("Id") or index + 1), "Arn": arn}
        if not _NAME.fullmatch(made["Id"]):
            raise ValidationFailed("target Id: 1–64 letters, digits, '.', '-' and '_'", "Targets")
        if target.get("resolve"):
            made["resolve"] = True
        checked.append(made)
    return checked
