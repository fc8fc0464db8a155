"""Saved filters: what somebody looks for again and again, by the list it is for. They belong to one person and follow
them to every terminal."""

from __future__ import annotations

import sqlalchemy as sa

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import clean
from imtui.services.context import Context
from storage import tables as t

MAX_NAME = 40
MOST = 100


async def saved(context: Context, place: str) -> dict[str, str]:
    """The caller's filters of a list: their texts by name."""
    f = t.saved_filters.c
    query = sa.select(f.name, f.text).where(f.owner == context.caller.arn, f.place == place).order_by(f.name)
    async with context.look("imtui:ListFilters", place) as reader:
        return {row.name: row.text for row in await reader.all(query)}


async def save(context: Context, place: str, name: str, text: str) -> None:
    """Keep a filter under a name; one of that name is replaced."""
    name, text = clean(name).strip(), clean(text).strip()
    if not name or len(name) > MAX_NAME or not name.isprintable() or " " in name:
        raise ValidationFailed(f"name: one word of at most {MAX_NAME} characters", "name")
    if not text:
        raise ValidationFailed("there is no filter to save: / makes one", "text")
    async with context.change("imtui:SaveFilter", place, name=name, text=text) as unit:
        f = t.saved_filters
        mine = (f.c.owner == context.caller.arn) & (f.c.place == place)
        await unit.run(sa.delete(f).where(mine, f.c.name == name))
        if int(await unit.scalar(sa.select(sa.func.count()).select_from(f).where(mine)) or 0) >= MOST:
            raise ValidationFailed(f"at most {MOST} filters can be saved for a list: delete one first", "name")
        unit.insert(f, {"owner": context.caller.arn, "place": place, "name": name, "text": text})


async def delete(context: Context, place: str, name: str) -> None:
    """Forget a filter; one that is not there is none."""
    async with context.change("imtui:DeleteFilter", place, name=name) as unit:
        f = t.saved_filters
        await unit.run(sa.delete(f).where(f.c.owner == context.caller.arn, f.c.place == place, f.c.name == name))
