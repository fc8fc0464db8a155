"""Going to what something tells of: a contact, a plan, a notification, a related item, another incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imtui import services
from imtui.domain.contact import ContactType
from imtui.domain.timeline_links import Link, Where
from screens.listing import ListScreen
from screens.live import LiveScreen


async def go(screen: LiveScreen, link: Link) -> None:
    """Go to what a link leads to; says so where it is not there any more."""
    if link.where is Where.INCIDENT:
        found = await services.incidents.get(screen.context, link.ref)
        screen.host.open_incident(found.id)
    elif link.where is Where.CONTACT:
        await _contact(screen, link.ref)
    elif link.where is Where.RESPONSE_PLAN:
        from screens.response_plans import ResponsePlansScreen

        await _line(screen, ResponsePlansScreen(), lambda plan: plan.arn == link.ref)
    elif link.where is Where.MESSAGE:
        from screens.notifications import NotificationsScreen

        await _line(screen, NotificationsScreen(), lambda message: message.id == link.ref)


async def source(screen: LiveScreen, incident_id: str) -> None:
    """Go to the newest event that came for an incident from outside."""
    from screens.events import EventsScreen

    await _line(screen, EventsScreen(), lambda event: event.incident_id == incident_id)


async def choose(screen: LiveScreen, links: list[Link], names: dict[str, str]) -> Link | None:
    """One of several links, as somebody picks it."""
    if len(links) < 2:
        return links[0] if links else None
    from screens.palette import Entry, Palette

    labels = [names.get(link.ref) or link.ref.rpartition("/")[2] for link in links]
    choices = [Entry(str(place), "", labels[place], link.where.value) for place, link in enumerate(links)]
    picked = await screen.ask(Palette("Go to", choices))
    return links[int(picked)] if picked is not None else None


async def _contact(screen: LiveScreen, ref: str) -> None:
    contact = await services.contacts.get(screen.context, ref)
    if contact.type is ContactType.PERSONAL:
        from screens.contact import ContactScreen

        screen.app.push_screen(ContactScreen(contact.alias))
    else:
        from screens.plans import PlansScreen

        await _line(screen, PlansScreen(), lambda plan: plan.arn == contact.arn)


async def _line(screen: LiveScreen, target: ListScreen[Any], wanted: Callable[[Any], bool]) -> None:
    """Open a list with the cursor on the line that is wanted."""
    await screen.app.push_screen(target)
    await target.again()
    place = next((place for place, item in enumerate(target.table.items) if wanted(item)), None)
    if place is None:
        screen.host.said("it is not in this list any more, or not among the newest", wrong=True)
    else:
        target.table.go(place)
