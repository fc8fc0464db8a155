"""What exists, by the kinds that parameters name: what a `:` line can be completed with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from imtui import services
from imtui.domain.incident import Impact, Status
from imtui.domain.managed_policies import NAMES as MANAGED_NAMES

if TYPE_CHECKING:
    from imtui.services.context import Context

MOST = 200
"""Of more incidents than this nobody wants to see a list at the prompt."""

Named = tuple[str, str]
"""What one types for a thing, and what it is."""


async def existing(context: Context, kind: str, given: Mapping[str, str]) -> list[Named]:
    """What there is of a kind; `given` holds the parameters that stand before. Of an unknown kind there is nothing."""
    reader = _READERS.get(kind)
    return await reader(context, given) if reader else []


async def _incidents(context: Context, status: Status | None) -> list[Named]:
    page = await services.incident_list.page(context, status=status.value if status else None, limit=MOST)
    marked = [(row, "" if row.status is Status.OPEN else "  (resolved)") for row in page.rows]
    return [(str(row.number), f"{row.title}{mark}") for row, mark in marked]


async def _any(context: Context, _: Mapping[str, str]) -> list[Named]:
    return await _incidents(context, None)


async def _open(context: Context, _: Mapping[str, str]) -> list[Named]:
    return await _incidents(context, Status.OPEN)


async def _resolved(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(number, text.removesuffix("  (resolved)")) for number, text in await _incidents(context, Status.RESOLVED)]


async def _drills(context: Context, _: Mapping[str, str]) -> list[Named]:
    page = await services.incident_list.page(context, text="is:drill", sort="newest", limit=MOST)
    return [(str(row.number), row.title) for row in page.rows]


async def _contacts(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(contact.alias, contact.display_name) for contact in await services.contacts.list_contacts(context)]


async def _engageable(context: Context, given: Mapping[str, str]) -> list[Named]:
    plans = await services.plans.list_plans(context)
    turns = await _schedules(context, given)
    return [
        *await _contacts(context, given),
        *((alias, f"schedule {label}") for alias, label in turns),
        *((plan.alias, f"plan {plan.label}") for plan in plans),
    ]


async def _schedules(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(rota.alias, rota.label) for rota in await services.oncall.rotas(context)]


async def _rotations(context: Context, given: Mapping[str, str]) -> list[Named]:
    [rota] = await services.oncall.rotas(context, [given.get("schedule", "")])
    return [(rotation.name, rotation.now.zone.key) for rotation in rota.rotations]


async def _rehearsable(context: Context, given: Mapping[str, str]) -> list[Named]:
    return [*await _response_plans(context, given), *await _open(context, given), *await _engageable(context, given)]


async def _acknowledgements(context: Context, given: Mapping[str, str]) -> list[Named]:
    return [(f"{alias}@5", f"{name} acknowledges after 5 minutes") for alias, name in await _contacts(context, given)]


async def _response_plans(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(plan.name, plan.template.title) for plan in await services.response_plans.list_plans(context)]


async def _channels(context: Context, given: Mapping[str, str]) -> list[Named]:
    found = await services.channels.for_contact(context, given.get("contact", ""))
    return [(x.name, f"{x.address}{'' if x.activated else ', not activated'}") for x in found]


async def _tokens(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(token.name, f"made by {token.created_by}") for token in await services.tokens.list_tokens(context)]


async def _users(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(user.alias, user.display_name) for user in await services.users.list_users(context)]


async def _policies(context: Context, given: Mapping[str, str]) -> list[Named]:
    return [(name, "") for name in (await services.users.get(context, given.get("alias", ""))).policies]


async def _managed(_: Context, __: Mapping[str, str]) -> list[Named]:
    return [(name, "") for name in MANAGED_NAMES]


async def _access_keys(context: Context, _: Mapping[str, str]) -> list[Named]:
    found = []
    for user in await services.users.list_users(context):
        found += [(key.id, f"of {user.alias}") for key in await services.access_keys.list_keys(context, user.alias)]
    return found


async def _impacts(context: Context, _: Mapping[str, str]) -> list[Named]:
    return [(str(int(impact)), impact.label) for impact in Impact]


_READERS: Mapping[str, Callable[[Context, Mapping[str, str]], Awaitable[list[Named]]]] = {
    "incident": _any,
    "open incident": _open,
    "resolved incident": _resolved,
    "drill": _drills,
    "contact": _contacts,
    "contact or plan": _engageable,
    "schedule": _schedules,
    "rotation": _rotations,
    "response plan": _response_plans,
    "channel": _channels,
    "token": _tokens,
    "user": _users,
    "policy of the user": _policies,
    "known policy": _managed,
    "access key": _access_keys,
    "impact": _impacts,
    "rehearsable": _rehearsable,
    "acknowledgement": _acknowledgements,
}

KINDS = frozenset(_READERS)
