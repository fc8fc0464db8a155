"""Plans as `ssm-contacts` shapes them: stages with durations and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imtui.domain.errors import ValidationFailed


@dataclass(frozen=True, slots=True)
class ChannelTarget:
    """A person's channel. `retry_minutes` (0–60; 0: the engine's back-off) is the wait after a failed delivery."""

    channel: str
    retry_minutes: int = 0


@dataclass(frozen=True, slots=True)
class ContactTarget:
    """A person or schedule. `essential`: acknowledgement stops plan progression."""

    contact: str
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """What is engaged at once, and the minutes (0–30) until the next stage begins."""

    minutes: int
    targets: tuple[ChannelTarget | ContactTarget, ...] = ()


def stages_to_wire(stages: Sequence[Stage]) -> dict[str, Any]:
    """The service's `Plan` shape."""

    def target(item: ChannelTarget | ContactTarget) -> dict[str, Any]:
        if isinstance(item, ChannelTarget):
            return {
                "ChannelTargetInfo": {"ContactChannelId": item.channel, "RetryIntervalInMinutes": item.retry_minutes}
            }
        return {"ContactTargetInfo": {"ContactId": item.contact, "IsEssential": item.essential}}

    return {"Stages": [{"DurationInMinutes": s.minutes, "Targets": [target(t) for t in s.targets]} for s in stages]}


def stages_from_wire(plan: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Stages from the service's `Plan` shape; raises ValidationFailed for anything else."""

    def whole(value: object, name: str, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ValidationFailed(f"{name}: a whole number from 0 to {most}", field=name)
        return value

    def target(item: Mapping[str, Any]) -> ChannelTarget | ContactTarget:
        if channel := item.get("ChannelTargetInfo"):
            retry = whole(channel.get("RetryIntervalInMinutes", 0), "RetryIntervalInMinutes", 60)
            return ChannelTarget(str(channel["ContactChannelId"]), retry)
        contact = item["ContactTargetInfo"]
        return ContactTarget(str(contact.get("ContactId") or ""), bool(contact.get("IsEssential", False)))

    try:
        return tuple(
            Stage(
                whole(stage["DurationInMinutes"], "DurationInMinutes", 30),
                tuple(target(item) for item in stage.get("Targets", ())),
            )
            for stage in plan.get("Stages", ())
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValidationFailed(f"plan: not of the form Stages → Targets ({error})", field="Plan") from None
