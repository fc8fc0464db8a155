"""Which provider serves which type of channel, as the configuration says."""

from __future__ import annotations

from imtui.channels.email import Email
from imtui.channels.http import Gateway
from imtui.channels.local import Local
from imtui.channels.protocol import Sender
from imtui.config import Config
from imtui.domain.contact import ChannelType


def senders(config: Config) -> dict[ChannelType, Sender]:
    """A sender for each type; raises ValidationFailed for a section that cannot work, before the first page."""
    chosen: dict[ChannelType, Sender] = {}
    for type_ in ChannelType:
        section = config.section(type_.value.lower())
        if not section:
            chosen[type_] = Local()
        elif type_ is ChannelType.EMAIL:
            chosen[type_] = Email(section)
        else:
            chosen[type_] = Gateway(type_, section)
    return chosen
