"""Tokens for hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imtui import services
from imtui.domain.asking import Question
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, instant, iso

if TYPE_CHECKING:
    from imtui.services.context import Context
    from imtui.services.tokens import Token

NAME = Parameter("name", "the token's name")


async def create(context: Context, name: str) -> dict[str, str]:
    return {"Name": name, "Token": await services.tokens.create(context, name)}


async def list_(context: Context) -> list[Token]:
    return await services.tokens.list_tokens(context)


async def delete(context: Context, name: str) -> str:
    await services.tokens.delete(context, name)
    return name


async def ask_delete(context: Context, name: str) -> Question:
    return Question("Delete this token?", f"{name}\nWhoever sends events with it is refused at once.", "Delete")


OPERATIONS = (
    Operation(
        ("token", "create"),
        "make a token; it is shown this once",
        (NAME,),
        create,
        lambda made: [],
        lambda made: made,
        always_json=True,
        shell_only=True,
    ),
    Operation(
        ("token", "list"),
        "the names of all tokens",
        (),
        list_,
        lambda found: columns((x.name, instant(x.created_at), x.created_by) for x in found) or ["no tokens"],
        lambda found: [{"Name": x.name, "CreateDate": iso(x.created_at), "CreatedBy": x.created_by} for x in found],
    ),
    Operation(
        ("token", "delete"),
        "delete a token; it is refused at once",
        (NAME._replace(names="token"),),
        delete,
        lambda name: [f"token {name} is deleted"],
        lambda name: {"Name": name},
        question=ask_delete,
    ),
)
