"""The card of those addresses and numbers that pages come from."""

from __future__ import annotations

from imtui.channels.http import numbers
from imtui.domain.errors import NotFound
from imtui.domain.vcard import card
from imtui.services.context import Context

NAME = "Incident pages"
NOTE = "Pages of incidents come from here: let calls and messages of this contact through 'do not disturb'."


async def lines(context: Context) -> list[str]:
    """The lines of the card; raises NotFound while the configuration names no sender."""
    await context.may("imtui:ListSenders", "*")
    found = {name: numbers(context.config.section(name), f"configuration: [{name}]") for name in ("sms", "voice")}
    address = context.config.section("email").get("from")
    mail = (str(address),) if address else ()
    if not (mail or any(found.values())):
        raise NotFound("the configuration names no sender yet: give [sms] from, [voice] from or [email] from")
    uid = f"imtui-{context.names.account}-{context.names.region}"
    return card(NAME, uid, found["sms"], found["voice"], mail, NOTE)
