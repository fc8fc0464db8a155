"""Contacts: people, schedules and escalation plans that can be engaged, and the channels of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from imtui.domain.errors import ValidationFailed
from imtui.domain.plan import ChannelTarget, Stage

MAX_STAGE_MINUTES = 30
ACTIVATION_CODE_MINUTES = 30


class ContactType(StrEnum):
    """`ssm-contacts` knows people, escalation plans and on-call schedules by one word: contact."""

    PERSONAL = "PERSONAL"
    ESCALATION = "ESCALATION"
    ONCALL_SCHEDULE = "ONCALL_SCHEDULE"


class ChannelType(StrEnum):
    EMAIL = "EMAIL"
    SMS = "SMS"
    VOICE = "VOICE"

    @property
    def label(self) -> str:
        return {"EMAIL": "e-mail", "SMS": "SMS", "VOICE": "voice"}[self.value]


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody or something that can be engaged. `stages` is the engagement plan of a person (channel
    targets) or the stages of an escalation plan (contact targets); `repeat` starts the plan again until
    someone acknowledges."""

    arn: str
    alias: str
    type: ContactType
    display_name: str = ""
    stages: tuple[Stage, ...] = ()
    repeat: bool = False
    rotations: tuple[str, ...] = ()
    """Of an on-call schedule, the ARNs of its rotations in their order."""
    tags: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1

    @property
    def label(self) -> str:
        return self.display_name or self.alias


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach a person. Only an activated one is ever paged. `last_result` is the latest delivery's
    outcome in words, with its instant."""

    arn: str
    contact_arn: str
    name: str
    type: ChannelType
    address: str
    activated: bool = False
    code_expires_at: datetime | None = None
    last_result: str = ""
    last_result_at: datetime | None = None


def reaching(stages: Iterable[Stage], channels: Iterable[Channel]) -> list[Channel]:
    """The activated channels of an engagement plan: by these, and by no other, a page can arrive."""
    named = {target.channel for stage in stages for target in stage.targets if isinstance(target, ChannelTarget)}
    return [channel for channel in channels if channel.activated and channel.arn in named]


_ALIAS = re.compile(r"[a-z0-9_\-]{1,255}")
_PHONE = re.compile(r"\+[0-9]{8,14}")
_NO_ADDRESS = frozenset(',;:<>()[]"\\')
_HOST_LABEL = re.compile(r"[\w\-]{1,63}")


def check_alias(alias: str) -> str:
    """The alias, or ValidationFailed: it becomes part of ARNs, so only `a-z 0-9 _ -`."""
    if not _ALIAS.fullmatch(alias):
        raise ValidationFailed("alias: use 1–255 lower-case letters, digits, '-' and '_'", field="alias")
    return alias


def check_address(type_: ChannelType, address: str) -> str:
    """A delivery address that can exist, or ValidationFailed: `name@host` for e-mail, `+` and digits (9–15
    characters in all) for phones. What begins a comment, a group or a second address of a mail header is no part of
    one."""
    address = address.strip()
    if type_ is ChannelType.EMAIL:
        name, _, host = address.rpartition("@")
        printable = address.isprintable() and not any(c in _NO_ADDRESS or c.isspace() for c in address)
        labels = host.split(".")
        known = printable and "@" not in name and all(_HOST_LABEL.fullmatch(label) for label in labels)
        if not (name and known and len(address) <= 320 and len(host) <= 253):
            raise ValidationFailed("e-mail address: expected name@host, such as ana@example.com", field="address")
    else:
        address = compact(address)
        if not _PHONE.fullmatch(address):
            raise ValidationFailed(
                "phone: '+' and country code, 9–15 characters in all, such as +4915112345678", "address"
            )
    return address


def compact(number: str) -> str:
    """A phone number without the signs that people put between its digits."""
    return re.sub(r"[ ().\-/]", "", number)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the engagement plan form: this channel, so many minutes after the engagement started."""

    minutes: int
    channel: str
    retry_minutes: int = 0


def lines_to_stages(lines: Iterable[PlanLine]) -> tuple[Stage, ...]:
    """The form's minutes from the start, as stage durations. Waits over 30 minutes become empty stages."""
    by_minute: dict[int, list[ChannelTarget]] = {}
    for line in lines:
        if not 0 <= line.minutes <= 24 * 60:
            raise ValidationFailed("minutes to wait: 0–1440 from the start of the engagement", field="minutes")
        if not 0 <= line.retry_minutes <= 60:
            raise ValidationFailed("retry interval: 0–60 minutes", field="retry_minutes")
        by_minute.setdefault(line.minutes, []).append(ChannelTarget(line.channel, line.retry_minutes))
    minutes = sorted(by_minute)
    stages: list[Stage] = []

    def wait(total: int) -> None:
        while total > 0:
            stages.append(Stage(min(total, MAX_STAGE_MINUTES)))
            total -= MAX_STAGE_MINUTES

    if minutes:
        wait(minutes[0])
    for start, end in pairwise([*minutes, *minutes[-1:]]):
        length = end - start
        stages.append(Stage(min(length, MAX_STAGE_MINUTES), tuple(by_minute[start])))
        wait(length - MAX_STAGE_MINUTES)
    return tuple(stages)


def stages_to_lines(stages: Iterable[Stage]) -> tuple[PlanLine, ...]:
    """The inverse of `lines_to_stages`."""
    lines: list[PlanLine] = []
    elapsed = 0
    for stage in stages:
        lines += [
            PlanLine(elapsed, target.channel, target.retry_minutes)
            for target in stage.targets
            if isinstance(target, ChannelTarget)
        ]
        elapsed += stage.minutes
    return tuple(lines)
