"""The acts of the incident list on what is meant: the marked incidents, or the one under the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from imtui import services
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.domain.incident import Incident
from imtui.domain.text import cut, shown
from screens import incident_acts
from screens.forms import Field, Form
from screens.live import LiveScreen

_NAMED = 8
_SAID = 4
"""So many refusals are said one by one."""


async def resolve(screen: LiveScreen, ids: Sequence[str]) -> list[str]:
    """Resolve them after one question; which ones were."""
    if len(ids) == 1:
        await incident_acts.resolve(screen, ids[0])
        return []
    found = [one for one in await _incidents(screen, ids) if one.is_open]
    if not found:
        screen.host.said("they are resolved already")
        return []
    text = f"{_named(found)}\n\nEverything that pages people for them stops."
    if not await screen.sure(f"Resolve {len(found)} incidents?", text, "Resolve"):
        return []
    return await _each(screen, found, lambda one: services.incidents.resolve(screen.context, one.id), "resolved")


async def reopen(screen: LiveScreen, ids: Sequence[str]) -> list[str]:
    """Open them again after one question."""
    if len(ids) == 1:
        await incident_acts.reopen(screen, ids[0])
        return []
    found = [one for one in await _incidents(screen, ids) if not one.is_open]
    if not found:
        screen.host.said("they are open")
        return []
    if not await screen.sure(f"Open {len(found)} incidents again?", f"{_named(found)}\n\nNobody is paged.", "Open"):
        return []
    return await _each(screen, found, lambda one: services.incidents.reopen(screen.context, one.id), "open again")


async def take(screen: LiveScreen, ids: Sequence[str]) -> list[str]:
    """I'm taking them."""
    if len(ids) == 1:
        await incident_acts.take(screen, ids[0])
        return []
    found = await _incidents(screen, ids)
    return await _each(screen, found, lambda one: services.engagements.take(screen.context, one.id), "yours")


async def note(screen: LiveScreen, ids: Sequence[str]) -> list[str]:
    """Write one note to each of them."""
    if len(ids) == 1:
        await incident_acts.note(screen, ids[0])
        return []
    found = await _incidents(screen, ids)
    written: list[str] = []

    async def submit(values: dict[str, Any]) -> bool:
        text = str(values["text"])
        written.extend(
            await _each(
                screen, found, lambda one: services.timeline.add_note(screen.context, one.id, text), "noted", loud=True
            )
        )
        return True

    form = Form(f"Note to {len(found)} incidents", [Field("text", "Note", "", "area")], submit, verb="Write")
    await screen.ask(form)
    return written


async def copied(screen: LiveScreen, ids: Sequence[str]) -> str:
    """A line for each."""
    return "\n".join(f"#{one.number} {shown(one.title)}" for one in await _incidents(screen, ids))


async def _incidents(screen: LiveScreen, ids: Sequence[str]) -> list[Incident]:
    found = [await services.incidents.get(screen.context, one) for one in ids]
    return sorted(found, key=lambda one: one.number)


def _named(found: Sequence[Incident]) -> str:
    lines = [f"#{one.number} {cut(shown(one.title), 50)}" for one in found[:_NAMED]]
    if len(found) > _NAMED:
        lines.append(f"and {len(found) - _NAMED} more")
    return "\n".join(lines)


async def _each(
    screen: LiveScreen,
    found: Sequence[Incident],
    act: Callable[[Incident], Awaitable[Any]],
    done: str,
    *,
    loud: bool = False,
) -> list[str]:
    """Do something to each; what is refused is said, the rest is done. The ids of those for which it was. `loud`: when
    all are refused, that is raised."""
    ids: list[str] = []
    refused: list[ImtuiError] = []
    for one in found:
        try:
            await act(one)
        except Unavailable:
            raise  # so would be all that follow
        except ImtuiError as error:
            refused.append(error)
            if len(refused) <= _SAID and not (loud and len(found) == len(refused)):
                screen.host.said(f"#{one.number}: {error}", wrong=True)
        else:
            ids.append(one.id)
    if loud and refused and not ids:
        raise refused[0]
    if len(refused) > _SAID:
        screen.host.said(f"and {len(refused) - _SAID} more were refused: they are still marked", wrong=True)
    if ids:
        screen.host.said(f"{len(ids)} incident{'' if len(ids) == 1 else 's'}: {done}")
    return ids
