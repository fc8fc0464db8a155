"""Chat rooms (`[chat.NAME]`) and notification topics (`[topic.NAME]`): what is told about incidents, beside pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from imtui.channels.http import TIMEOUT, Poster
from imtui.channels.protocol import Outcome, Outgoing, Rejected, Sender, check_names
from imtui.config import Config, secret, web_address
from imtui.domain.contact import ChannelType, check_address
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route

CHAT = ("kind", "webhook_url_env", "webhook_url_file", "signing_secret_env", "signing_secret_file")
TOPIC = ("url", "address", "chat")

Post = Callable[[Outgoing], Awaitable[Outcome]]


def _slack(message: Outgoing) -> dict[str, Any]:
    """Slack takes `&`, `<` and `>` for markup: https://docs.slack.dev/messaging/formatting-message-text."""
    return {"text": f"*{_escaped(message.subject)}*\n{_escaped(message.body)}"}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(message: Outgoing) -> dict[str, Any]:
    """An Adaptive Card in the envelope of a Teams workflow's webhook."""
    words = [
        {"type": "TextBlock", "text": message.subject, "weight": "Bolder", "wrap": True},
        {"type": "TextBlock", "text": message.body, "wrap": True},
    ]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": words}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _chime(message: Outgoing) -> dict[str, Any]:
    """Chime takes at most 4,096 characters of content."""
    return {"Content": f"{message.subject}\n{message.body}"[:4096]}


KINDS: Mapping[str, Callable[[Outgoing], dict[str, Any]]] = {"slack": _slack, "teams": _teams, "chime": _chime}


class Topics:
    """Tells rooms and topics by their section's name, such as `chat.ops-room` or `topic.managers`."""

    name = "topic"
    at_once = 8

    def __init__(self, config: Config, mail: Sender) -> None:
        self._poster = Poster(TIMEOUT)
        self._mail = mail
        self._ways: dict[str, Post] = {}
        for name, section in config.section("chat").items():
            self._ways[f"chat.{name}"] = self._room(f"chat.{name}", section)
        for name, section in config.section("topic").items():
            self._ways[f"topic.{name}"] = self._topic(f"topic.{name}", section)

    @property
    def known(self) -> frozenset[str]:
        """The rooms and topics that are configured."""
        return frozenset(self._ways)

    async def send(self, message: Outgoing) -> Outcome:
        way = self._ways.get(message.to)
        if way is None:
            return Rejected(f"[{message.to}] is not configured here", permanent=True)
        return await way(message)

    async def close(self) -> None:
        await self._poster.close()

    def _room(self, name: str, section: Mapping[str, Any]) -> Post:
        check_names(section, name, CHAT)
        shape = KINDS.get(str(section.get("kind", "")))
        if shape is None:
            raise ValidationFailed(f"configuration: [{name}] kind must be one of {', '.join(KINDS)}")
        address = secret(section, "webhook_url")
        if address is None:
            raise ValidationFailed(f"configuration: [{name}] needs webhook_url_env or webhook_url_file")
        url = web_address({"webhook_url": address}, f"configuration: [{name}]", "webhook_url")

        async def post(message: Outgoing) -> Outcome:
            return await self._poster.post(url, shape(message), message.id)

        return post

    def _topic(self, name: str, section: Mapping[str, Any]) -> Post:
        check_names(section, name, TOPIC)
        if len(section) != 1:
            raise ValidationFailed(f"configuration: [{name}] needs one of {', '.join(TOPIC)}")
        if "chat" in section:
            way = self._ways.get(f"chat.{section['chat']}")
            if way is None:
                raise ValidationFailed(f"configuration: [{name}] chat: there is no [chat.{section['chat']}]")
            return way
        if "address" in section:
            return self._mailed(check_address(ChannelType.EMAIL, str(section["address"])))
        return self._posted(name, web_address(section, f"configuration: [{name}]", "url"))

    def _mailed(self, address: str) -> Post:
        async def post(message: Outgoing) -> Outcome:
            return await self._mail.send(replace(message, type=Route.EMAIL, to=address))

        return post

    def _posted(self, name: str, url: str) -> Post:
        async def post(message: Outgoing) -> Outcome:
            document = {"id": message.id, "topic": name, "subject": message.subject, "message": message.body}
            return await self._poster.post(url, document, message.id)

        return post
