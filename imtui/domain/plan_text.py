"""Plans as people type them in a form: one line for each channel, or for each stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from imtui.domain.contact import Channel, PlanLine, lines_to_stages, stages_to_lines
from imtui.domain.errors import ValidationFailed
from imtui.domain.plan import ContactTarget, Stage

ENGAGEMENT_HELP = "one line each: minutes from the start: channel[, retry minutes] — such as  5: mobile, retry 2"
ESCALATION_HELP = "one line for a stage: minutes: who, who — a * after a name: acknowledgement stops the plan"
NOBODY = "–"
"""Stands for the people of a stage that only waits; no alias can be written like this."""

_LINE = re.compile(r"\s*(\d{1,4})\s*(?:min|m)?\s*:\s*(.*?)\s*")
_RETRY = re.compile(r"(.*?),\s*retry\s+(\d{1,3})")


def engagement_plan(text: str, channels: Sequence[Channel]) -> tuple[Stage, ...]:
    """The stages of a person's plan; channels are named by name, address or ARN. Raises ValidationFailed with the
    line."""
    lines = []
    for number, minutes, rest in _lines(text, most=24 * 60):
        retry = _RETRY.fullmatch(rest)
        name, wait = (retry.group(1).strip(), int(retry.group(2))) if retry else (rest, 0)
        found = _named(name, channels)
        if not found:
            known = ", ".join(channel.name for channel in channels) or "none yet"
            raise ValidationFailed(f"line {number}: there is no channel {name[:40]!r}; there are: {known}", "stages")
        if len(found) > 1:
            raise ValidationFailed(
                f"line {number}: {len(found)} channels are called {name[:40]!r}: give the address or the ARN", "stages"
            )
        lines.append(PlanLine(minutes, found[0].arn, wait))
    return lines_to_stages(lines)


def engagement_text(stages: Iterable[Stage], channels: Sequence[Channel]) -> str:
    """The inverse of `engagement_plan`: each channel by the first of name, address and ARN that means it alone."""
    labels = {channel.arn: _label(channel, channels) for channel in channels}
    return "\n".join(
        f"{line.minutes}: {labels.get(line.channel, line.channel)}"
        + (f", retry {line.retry_minutes}" if line.retry_minutes else "")
        for line in stages_to_lines(stages)
    )


def engagement_steps(stages: Iterable[Stage], channels: Sequence[Channel]) -> list[tuple[str, bool]]:
    """The lines of `engagement_text`, each with whether its channel is activated."""
    stages = tuple(stages)
    active = {channel.arn for channel in channels if channel.activated}
    return [
        (text, line.channel in active)
        for text, line in zip(engagement_text(stages, channels).splitlines(), stages_to_lines(stages), strict=True)
    ]


def _named(name: str, channels: Sequence[Channel]) -> list[Channel]:
    for label in ("arn", "name", "address"):
        if found := [channel for channel in channels if getattr(channel, label) == name]:
            return found
    return []


def _label(channel: Channel, channels: Sequence[Channel]) -> str:
    for label in (channel.name, channel.address):
        whole = len(label.splitlines()) == 1 and label == label.strip() and not _RETRY.fullmatch(label)
        if whole and _named(label, channels) == [channel]:
            return label
    return channel.arn


def escalation_plan(text: str, contacts: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages of an escalation plan; `contacts` maps aliases to ARNs. Raises ValidationFailed with the line."""
    stages = []
    for number, minutes, rest in _lines(text, most=30):
        targets = []
        for word in (part.strip() for part in rest.split(",")) if rest != NOBODY else ():
            alias = word.removesuffix("*").strip()
            if alias not in contacts:
                known = ", ".join(sorted(contacts)) or "none yet"
                raise ValidationFailed(
                    f"line {number}: there is no contact {alias[:40]!r}; there are: {known}", "stages"
                )
            targets.append(ContactTarget(contacts[alias], word.endswith("*")))
        stages.append(Stage(minutes, tuple(targets)))
    return tuple(stages)


def escalation_text(stages: Iterable[Stage]) -> str:
    """The inverse of `escalation_plan`."""
    lines = []
    for stage in stages:
        named = [
            target.contact.rpartition("/")[2] + ("*" if target.essential else "")
            for target in stage.targets
            if isinstance(target, ContactTarget)
        ]
        lines.append(f"{stage.minutes}: {', '.join(named) or NOBODY}")
    return "\n".join(lines)


def _lines(text: str, most: int) -> Iterable[tuple[int, int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if found is None or not found.group(2):
            raise ValidationFailed(f"line {number}: expected minutes, a colon and who, such as  5: ana", "stages")
        minutes = int(found.group(1))
        if minutes > most:
            raise ValidationFailed(f"line {number}: at most {most} minutes", "stages")
        yield number, minutes, found.group(2)
