"""Whoever sits before the program sees what they may see, from the first picture on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imtui import services
from imtui.domain.incident import IncidentTemplate, parse_impact
from imtui.services.context import Context
from imtui.services.users import PolicyText
from storage.first_page import first_page
from tests.screens.conftest import Opened, text_of, until

CONSUMER = "999988887777"


def document(**statement: Any) -> str:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": everything | statement})


@pytest.fixture
async def shared(team: Context) -> Context:
    """An incident of `web`, which is shared with Eve's account, and one of `db`, which is not."""
    template = IncidentTemplate(title="Secret database", impact=parse_impact(2))
    await services.response_plans.create(team, "db", template=template)
    for plan in ("db", "web"):
        await services.incidents.start(team, plan)
    await services.sharing.put(team, "web", document(Principal={"AWS": CONSUMER}))
    await services.users.create(team, "eve", policies=[PolicyText("administrator")], account=CONSUMER)
    return team


async def test_the_program_of_another_account_shows_what_is_shared_and_goes_on(shared: Context, opened: Opened) -> None:
    async with opened(user="eve") as (app, pilot):
        assert app.first is None, "the first picture is read before anybody has asked who sits there"
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        assert "Secret database" not in text_of(app)
        assert "not authorized" not in text_of(app)
        assert "2 Resolved 0" in text_of(app)
        await services.incidents.resolve(shared, "2")
        await until(pilot, lambda: "Web shop is down" not in text_of(app))
        assert "2 Resolved 1" in text_of(app)


@pytest.mark.parametrize(
    ("policies", "account", "shown"),
    [
        ([PolicyText("viewer")], None, True),
        ([PolicyText("viewer"), PolicyText("resolver")], None, True),
        ([], None, False),
        ([PolicyText("own", document(Effect="Deny"))], None, False),
        ([PolicyText("administrator"), PolicyText("own", document(Effect="Deny"))], None, False),
        ([PolicyText("administrator")], CONSUMER, False),
    ],
)
async def test_the_first_picture_is_for_those_who_may_see_the_list(
    shared: Context, policies: list[PolicyText], account: str | None, shown: bool
) -> None:
    path, me = str(shared.database.path), shared.names.contact("zoe")
    assert first_page(path, 10, me) is not None, "who is no user is trusted with the file"
    await services.users.create(shared, "zoe", policies=policies, account=account)
    assert (first_page(path, 10, me) is not None) is shown
    await services.users.delete(shared, "zoe")
    assert first_page(path, 10, me) is None
