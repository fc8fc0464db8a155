"""An examination of everything that could keep a page from being sent."""

from __future__ import annotations

import shlex
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from imtui.domain.contact import ContactType
from imtui.domain.errors import Unavailable
from imtui.domain.oncall import zones
from imtui.domain.oncall.concerns import concerns
from imtui.domain.text import shown
from imtui.services import audit_proof, contacts, health, oncall, response_plans, rules
from imtui.services.context import Context
from imtui.services.secrets import key_for_opening
from storage import tables as t
from storage.integrity import check_integrity, is_network_file_system
from storage.tables_access import access_keys

_CLOCK_JUMP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `level`: ok, weak (works, but look at it), wrong."""

    level: str
    subject: str
    text: str


async def examine(context: Context) -> list[Finding]:
    """Everything, in the order in which it should be seen to."""
    found = []
    parts = (_file, _engine, _people, _rules, _keys, _time, _audit)
    for part in parts:
        found += [finding async for finding in part(context)]
    return found


async def _file(context: Context) -> AsyncIterator[Finding]:
    path = context.database.path
    if path is None:
        yield Finding("ok", "database", f"PostgreSQL at {context.database.url.render_as_string(hide_password=True)}")
        return
    damage = await check_integrity(context.database)
    size = path.stat().st_size
    if damage:
        yield Finding("wrong", "database", f"{path} is damaged ({damage[0]}): restore it from a backup")
    else:
        yield Finding("ok", "database", f"{path}, {size:,} bytes, intact")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("weak", "database", f"{path} can be read by others on this machine: chmod 600 it")
    kind = is_network_file_system(Path(path))
    if kind:
        yield Finding(
            "wrong", "database", f"{path} is on a network file system ({kind}), whose locks cannot be trusted"
        )


async def _engine(context: Context) -> AsyncIterator[Finding]:
    state = await health.report(context)
    waiting = state.running or state.outbox_pending
    if state.leader:
        yield Finding("ok", "engine", f"{state.holder} leads, epoch {state.epoch}")
    elif waiting:
        yield Finding("wrong", "engine", "no engine runs, and people wait to be paged: start `imtui` or `imtui serve`")
    else:
        yield Finding("weak", "engine", "no engine runs: `imtui` or `imtui serve` must run for anybody to be paged")
    if state.outbox_oldest_seconds > state.grace_seconds:
        text = f"{state.outbox_pending} messages wait, the oldest for {state.outbox_oldest_seconds:.0f} s"
        yield Finding("wrong", "outbox", text)
    else:
        yield Finding("ok", "outbox", f"{state.outbox_pending} messages wait")
    if state.timers_overdue_seconds > state.grace_seconds:
        yield Finding("wrong", "timers", f"a step is overdue by {state.timers_overdue_seconds:.0f} s")
    for alarm in state.alarms:
        level, subject = ("wrong", "alarm") if alarm.degrades else ("weak", "notice")
        yield Finding(level, subject, f"{alarm.text} (since {alarm.since.astimezone():%Y-%m-%d %H:%M})")
    for type_ in ("email", "sms", "voice"):
        if not context.config.section(type_):
            yield Finding("weak", "channels", f"[{type_}] is not configured: its messages stay on this machine")


async def _people(context: Context) -> AsyncIterator[Finding]:
    c = t.channels.c
    async with context.look("ssm-contacts:ListContactChannels", "*") as reader:
        query = sa.select(c.name, t.contacts.c.alias).join(t.contacts).where(sa.not_(c.activated))
        sleeping = await reader.all(query.order_by(t.contacts.c.alias, c.name))
    for row in sleeping:
        how = f"`imtui channel send-code {row.alias} {shown(shlex.quote(row.name))}`"
        text = f"{shown(row.name)} is not activated, so it is never paged: {how} sends a code"
        yield Finding("weak", row.alias, text)
    for plan in await response_plans.list_plans(context):
        for warning in await response_plans.warnings(context, plan.arn):
            yield Finding("weak", f"plan {plan.name}", shown(warning))
    for rota in await oncall.rotas(context):
        for text in oncall.sentences(rota, concerns(rota.rotations, context.now())):
            yield Finding("weak", f"schedule {rota.alias}", shown(text))
    people = await contacts.list_contacts(context, ContactType.PERSONAL)
    yield Finding("ok", "contacts", f"{len(people)} people")


async def _rules(context: Context) -> AsyncIterator[Finding]:
    known = {plan.arn for plan in await response_plans.list_plans(context)}
    found = await rules.list_rules(context)
    for rule in found:
        gone = [target["Arn"] for target in rule.targets if target["Arn"] not in known]
        if gone or not rule.targets:
            yield Finding("wrong", f"rule {rule.name}", f"points to {', '.join(gone) or 'nothing'}")
        elif not rule.enabled:
            yield Finding("weak", f"rule {rule.name}", "is disabled")
    yield Finding("ok", "rules", f"{len(found)} event rules")


async def _keys(context: Context) -> AsyncIterator[Finding]:
    async with context.database.read() as reader:
        count = int(await reader.scalar(sa.select(sa.func.count()).select_from(access_keys)) or 0)
    if not count:
        return
    try:
        await key_for_opening(context)
        yield Finding("ok", "access keys", f"{count}, and the key file of their secrets is here")
    except Unavailable as error:
        yield Finding("wrong", "access keys", str(error))


async def _time(context: Context) -> AsyncIterator[Finding]:
    try:
        yield Finding("ok", "time zones", f"data {zones.version()}, {len(zones.names())} places")
    except (ImportError, OSError):
        yield Finding("wrong", "time zones", "the time zone data is not installed: nobody can tell who is on call")
    async with context.database.read() as reader:
        latest = await reader.scalar(sa.select(sa.func.max(t.changes.c.at, type_=t.changes.c.at.type)))
    ahead = (latest - context.now()).total_seconds() if latest else 0.0
    if ahead > _CLOCK_JUMP_SECONDS:
        yield Finding("wrong", "clock", f"the newest change lies {ahead:.0f} s in the future: this clock was set back")
    else:
        speed = "" if context.clock.speed == 1.0 else f", {context.clock.speed:g} times as fast as the wall clock"
        yield Finding("ok", "clock", f"{context.now().astimezone():%Y-%m-%d %H:%M:%S %z}{speed}")


async def _audit(context: Context) -> AsyncIterator[Finding]:
    proof = await audit_proof.prove(context)
    for text in proof.wrong:
        yield Finding("wrong", "audit", shown(text))
    if proof.more:
        yield Finding("wrong", "audit", f"and {proof.more:,} more; compare with an export or a backup")
    newest = proof.newest
    text = f"{_many(proof.records, 'record')} under {_many(proof.seals, 'seal')}"
    if newest is not None:
        text += f", the newest is seal {newest.seq} {newest.hash}"
    if not proof.wrong:
        yield Finding("ok", "audit", text)
    if proof.unsealed:
        text = f"{_many(proof.unsealed, 'record')} not sealed yet: an engine does it every minute"
        yield Finding("ok", "audit", text)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
