"""A server on a fresh database, and clients who sign."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from imtui import services
from imtui.api.app import make_app
from imtui.clock import SystemClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.arns import Names
from imtui.services.context import Context
from imtui.services.users import PolicyText
from storage.database import Database
from tests.api.aws.client import Client


@pytest.fixture(autouse=True)
def own_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that secrets are kept under: the tests' own."""
    monkeypatch.setenv("IMTUI_KEY_FILE", str(tmp_path / "key"))


@pytest.fixture
def server_context(database: Database) -> Context:
    """Ana at the machine itself, by the real clock: signatures are as old as they are."""
    names = Names()
    return Context(database, SystemClock(), names, Caller("ana", "ana", "test", names.user("ana")), Config())


@pytest.fixture
async def http(server_context: Context) -> AsyncIterator[httpx.AsyncClient]:
    """The server's port."""
    app = make_app(server_context, lambda: True)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8710") as client:
            yield client


@pytest.fixture
def signing(server_context: Context, http: httpx.AsyncClient) -> Callable[..., Awaitable[Client]]:
    """Makes a user with a policy, of this account or another, and the client who signs with their key."""

    async def make(alias: str = "root", policy: str = "administrator", account: str | None = None) -> Client:
        await services.users.create(server_context, alias, policies=[PolicyText(policy)], account=account)
        made = await services.access_keys.create(server_context, alias)
        return Client(http, made.key.id, made.secret)

    return make
