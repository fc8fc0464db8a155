"""Saved filters of a list: the one that is set can be saved under a name, and called back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from imtui import services
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.text import clean, cut
from screens.chooser import Choice, Chooser, Chosen
from screens.forms import Field, Form

if TYPE_CHECKING:
    from imtui.services.context import Context
    from screens.live import LiveScreen

LONGEST_NAME = 40
_SAVE = ""


class Store(Protocol):
    """Where saved filters are kept; `place` names the list."""

    async def saved(self, context: Context, place: str) -> Mapping[str, str]:
        """The filters by their names."""
        ...

    async def save(self, context: Context, place: str, name: str, text: str) -> Any:
        """Keep a filter under a name, instead of the one that was there."""
        ...

    async def delete(self, context: Context, place: str, name: str) -> Any:
        """Forget one."""
        ...


def store() -> Store | None:
    """Where they are kept; None where they cannot be."""
    return cast("Store | None", getattr(services, "filters", None))


async def saved_in(screen: LiveScreen, place: str) -> Mapping[str, str]:
    """The saved filters of a list; none where they cannot be read, because one can filter without them."""
    found = store()
    if found is None:
        return {}
    try:
        return await found.saved(screen.context, place)
    except ImtuiError:
        return {}


async def choose(screen: LiveScreen, place: str, present: str) -> str | None:
    """Let somebody save the present filter, delete one, or choose one; the text of the chosen one."""
    found = store()
    if found is None:
        raise ImtuiError("filters cannot be saved here")
    while True:
        saved = dict(await found.saved(screen.context, place))
        choices = [Choice(name, name, text) for name, text in saved.items()]
        if present:
            choices.insert(0, Choice(_SAVE, "save as …", present))
        if not choices:
            text = "no filter is saved for this list: {filter} sets one, then {filters} saves it"
            screen.host.said(screen.keyed(text))
            return None
        also = {"D": "delete"} if saved else {}
        picked: Chosen | None = await screen.ask(Chooser("Saved filters", choices, also=also))
        if picked is None:
            return None
        if picked.id == _SAVE:
            if not picked.key:
                await _save(screen, found, place, present, saved)
                return None
        elif not picked.key:
            return saved.get(picked.id)
        elif await screen.sure("Delete this saved filter?", f"{picked.id}: {saved.get(picked.id, '')}", "Delete"):
            await found.delete(screen.context, place, picked.id)
            screen.host.said(f"the filter {picked.id} is deleted")


async def _save(screen: LiveScreen, found: Store, place: str, text: str, saved: Mapping[str, str]) -> None:
    async def submit(values: dict[str, Any]) -> str:
        name = clean(str(values["name"])).strip().lstrip("@")
        if not name or len(name) > LONGEST_NAME or any(c.isspace() for c in name):
            raise ValidationFailed(f"name: one word of at most {LONGEST_NAME} characters", "name")
        await found.save(screen.context, place, name, text)
        return name

    known = f"; there are {cut(', '.join(saved), 40)}" if saved else ""
    field = Field("name", "Name", help=f"one word; @name and tab call it back in the filter line{known}")
    name = await screen.ask(Form("Save this filter", [field], submit, note=text))
    if name is not None:
        screen.host.said(f"the filter is saved: @{name} and tab call it back")
