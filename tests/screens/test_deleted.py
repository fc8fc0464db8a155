"""An incident that is deleted while somebody looks at it: they are told, and everything goes on."""

from __future__ import annotations

from imtui import services
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from tests.screens.conftest import Opened, text_of, until


async def test_who_looks_at_a_deleted_incident_is_told_and_sees_the_others(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web", title="Deleted one")).incident
    await services.incidents.start(team, "web", title="Kept one")
    async with opened() as (app, pilot):
        app.open_incident(incident.id)
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "Latest events" in text_of(app))
        await services.incidents.delete(team, incident.id)
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen) and "Kept one" in text_of(app))
        await until(pilot, lambda: "#1 was deleted" in text_of(app))
        await until(pilot, lambda: "Deleted one" not in text_of(app))
        await services.incidents.start(team, "web", title="A new one")
        await until(pilot, lambda: "A new one" in text_of(app))
