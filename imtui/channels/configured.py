"""Which provider serves which type of channel, as the configuration says."""

from __future__ import annotations

from imtui.channels.email import Email
from imtui.channels.http import Gateway
from imtui.channels.local import Local
from imtui.channels.protocol import Sender
from imtui.channels.topics import Topics
from imtui.config import Config
from imtui.domain.contact import ChannelType
from imtui.domain.route import Route


def senders(config: Config) -> dict[Route, Sender]:
    """A sender for each way; raises ValidationFailed for a section that cannot work, before the first page."""
    chosen: dict[Route, Sender] = {}
    for type_ in ChannelType:
        route = Route(type_.value)
        section = config.section(type_.value.lower())
        if not section:
            chosen[route] = Local()
        elif type_ is ChannelType.EMAIL:
            chosen[route] = Email(section)
        else:
            chosen[route] = Gateway(type_, section)
    chosen[Route.TOPIC] = Topics(config, chosen[Route.EMAIL])
    return chosen
