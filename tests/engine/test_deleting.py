"""An incident that is deleted while its page is on its way: the page is recorded, and no other is lost for it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected
from imtui.clock import ManualClock
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
from tests.engine.conftest import Provider
from tests.organisation import organise


@pytest.mark.parametrize(
    "outcome", [Accepted("250 OK"), Rejected("550 no such user", permanent=True), Rejected("down")]
)
async def test_a_page_whose_incident_is_deleted_meanwhile_is_recorded(
    context: Context,
    engine: Engine,
    provider: Provider,
    manual_clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Outcome,
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    sent: list[Outgoing] = []

    async def send(message: Outgoing) -> Outcome:
        sent.append(message)
        await services.incidents.delete(context, 1)
        return outcome

    with monkeypatch.context() as patched:
        patched.setattr(provider, "send", send)
        await engine.tick()
    assert len(sent) == 1
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.incidents)) == 0
        state = await reader.scalar(sa.select(t.messages.c.state).where(t.messages.c.id == sent[0].id))
    assert state == {"250 OK": "SENT", "550 no such user": "FAILED", "down": "PENDING"}[outcome.info]
    manual_clock.advance(3600)
    await engine.tick()
    assert provider.take() == [], "nobody is paged for what is not there any more"
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
