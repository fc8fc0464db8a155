"""Getting prepared: what there is of each step, read anew each time; and the few marks that a person leaves on the way.

To skip a step is a mark of one person, like having looked: the audit log does not know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from imtui.domain.contact import ContactType
from imtui.domain.preparation import Found, Person, Receipt, Response, Step, Trial
from imtui.services import channels, contacts, looks, messages, plans, rehearsals, response_plans
from imtui.services.context import Context
from storage import tables as t

_OPENED = "prepared"
_SKIPPED = "prepared/skipped/"
_REHEARSED = "prepared/rehearsed/"
_TESTED = "prepared/tested/"


async def read(context: Context, tonight: datetime) -> Found:
    """What there is now. `tonight` is the second instant that is rehearsed."""
    marks = await looks.marks(context, _OPENED)
    ways = await channels.of_everybody(context)
    people = tuple(Person(who, ways.get(who.arn, [])) for who in await contacts.list_contacts(context))
    turns = await contacts.list_contacts(context, ContactType.ONCALL_SCHEDULE)
    found = []
    for plan in await response_plans.list_plans(context):
        engages = tuple(arn.rpartition("/")[2] for arn in plan.engagements)
        weaknesses = tuple(await response_plans.warnings(context, plan.arn))
        found.append(Response(plan.arn, plan.name, engages, weaknesses))
    tester = _tester(context, people, marks)
    return Found(
        at=context.now(),
        people=people,
        schedules=tuple(contact.alias for contact in turns),
        plans=tuple(contact.alias for contact in await plans.list_plans(context)),
        responses=tuple(found),
        trial=await _trial(context, found, marks, tonight),
        tester=tester,
        tested=await _tests(context, tester) if tester else (),
        skipped=frozenset(_those(marks, _SKIPPED)),
    )


async def first_time(context: Context) -> bool:
    """Whether there is nobody and nothing yet, and the caller has not been led here before. It tells of nobody, so no
    policy is asked; another account prepares nothing here."""
    if context.foreign:
        return False
    async with context.database.read() as reader:
        for table in (t.contacts, t.incidents, t.response_plans):
            if await reader.first(sa.select(sa.literal(1)).select_from(table).limit(1)) is not None:
                return False
    return not await looks.marks(context, _OPENED)


async def opened(context: Context) -> None:
    """Remember that the caller was led here."""
    await looks.looked(context, [_OPENED])


async def skip(context: Context, step: Step, skipped: bool) -> None:
    """Skip a step, or take it up again."""
    place = _SKIPPED + step.value
    await (looks.looked(context, [place]) if skipped else looks.forget(context, [place]))


async def rehearsed(context: Context, plan: str) -> None:
    """Remember that the caller has looked at a rehearsal of this response plan (ARN)."""
    await looks.looked(context, [_REHEARSED + plan])


async def tested(context: Context, contact: str) -> None:
    """Remember whom the caller has sent a test page (ARN)."""
    await looks.forget(context, await looks.marks(context, _TESTED))
    await looks.looked(context, [_TESTED + contact])


# ---------------------------------------------------------------- inside


def _those(marks: Mapping[str, datetime], prefix: str) -> list[str]:
    """What was marked under a prefix, the latest first."""
    mine = sorted((at, place) for place, at in marks.items() if place.startswith(prefix))
    return [place.removeprefix(prefix) for _, place in reversed(mine)]


def _tester(context: Context, people: tuple[Person, ...], marks: Mapping[str, datetime]) -> Person | None:
    """Whom the test pages are for: whoever was tested last, else the caller, else the first who can be."""
    able = {person.contact.arn: person for person in people if person.active}
    wanted = [*_those(marks, _TESTED), context.names.contact(context.caller.name), *able]
    return next((able[arn] for arn in wanted if arn in able), None)


async def _trial(
    context: Context, found: list[Response], marks: Mapping[str, datetime], tonight: datetime
) -> Trial | None:
    """A rehearsal of the plan that was looked at last, or else of the first."""
    if not found:
        return None
    seen = _those(marks, _REHEARSED)
    by_arn = {response.arn: response for response in found}
    plan = next((by_arn[arn] for arn in seen if arn in by_arn), found[0])
    now = await rehearsals.of(context, plan.arn)
    night = await rehearsals.of(context, plan.arn, at=tonight)
    return Trial(plan.name, len(now.course.pages), len(night.course.pages), plan.arn in seen)


async def _tests(context: Context, person: Person) -> tuple[Receipt, ...]:
    """The latest test page to each activated channel of a person."""
    m = t.messages.c
    arns = [channel.arn for channel in person.active]
    query = sa.select(t.messages).where(m.channel_arn.in_(arns), m.kind == "test").order_by(m.created_at)
    async with context.look("imtui:ListMessages", "*") as reader:
        latest = {row.channel_arn: row for row in await reader.all(query)}
    return tuple(
        Receipt(channel.name, messages.state_of(row), row.sent_at or row.created_at)
        if (row := latest.get(channel.arn)) is not None
        else Receipt(channel.name)
        for channel in person.active
    )
