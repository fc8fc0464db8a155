"""Secrets at rest: the key file of this machine, and the mark in the database of which key it must be."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa

from imtui.config import key_file
from imtui.domain.errors import Unavailable
from imtui.services.context import Context
from storage import tables as t
from storage.database import Reader, Unit
from storage.secrets import Key, make_key, read_key

_SETTING = "key"


async def key_for_sealing(context: Context, unit: Unit) -> Key:
    """The key to encrypt with; made when this database has no secrets yet and there is none. Raises Unavailable."""
    path = key_file(context.config)
    wanted = await _fingerprint(unit)
    key = await asyncio.to_thread(read_key, path)
    if key is None and wanted is None:
        key = await asyncio.to_thread(make_key, path)
    if key is None or wanted not in (None, key.fingerprint):
        raise _lost(context, found=key is not None)
    if wanted is None:
        unit.insert(t.settings, {"key": _SETTING, "value": {"fingerprint": key.fingerprint}})
    return key


async def key_for_opening(context: Context) -> Key:
    """The key that this database's secrets were encrypted with; raises Unavailable where it is not here."""
    async with context.database.read() as reader:
        wanted = await _fingerprint(reader)
    key = await asyncio.to_thread(read_key, key_file(context.config))
    if key is None or wanted != key.fingerprint:
        raise _lost(context, found=key is not None)
    return key


async def _fingerprint(reader: Reader) -> str | None:
    kept = await reader.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == _SETTING))
    return str(kept["fingerprint"]) if kept else None


def _lost(context: Context, *, found: bool) -> Unavailable:
    path = key_file(context.config)
    what = f"{path} is not the key" if found else f"the key file {path} is not there"
    return Unavailable(
        f"{what} that the secrets of this database were encrypted with: copy that file back, or name it by "
        "IMTUI_KEY_FILE or [secrets] key_file"
    )
