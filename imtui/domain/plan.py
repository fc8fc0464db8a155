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


def stages_from_wire(plan: Any) -> tuple[Stage, ...]:
    """Stages from the service's `Plan` shape; raises ValidationFailed for anything else."""
    stages = _mapping(plan, "a plan", ("Stages", "RotationIds")).get("Stages", ())
    return tuple(_stage(item) for item in _list(stages, "Stages"))


def stages_from_kept(plan: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Stages as `stages_to_wire` wrote them, which need not be doubted: the engine reads thousands a second."""
    return tuple(
        Stage(
            stage["DurationInMinutes"],
            tuple(
                ChannelTarget(channel["ContactChannelId"], channel["RetryIntervalInMinutes"])
                if (channel := target.get("ChannelTargetInfo"))
                else ContactTarget(target["ContactTargetInfo"]["ContactId"], target["ContactTargetInfo"]["IsEssential"])
                for target in stage["Targets"]
            ),
        )
        for stage in plan.get("Stages", ())
    )


def _stage(given: Any) -> Stage:
    stage = _mapping(given, "a stage", ("DurationInMinutes", "Targets"))
    if "DurationInMinutes" not in stage:
        raise ValidationFailed("a stage needs DurationInMinutes", field="Plan")
    minutes = _whole(stage["DurationInMinutes"], "DurationInMinutes", 30)
    targets = stage.get("Targets")
    return Stage(minutes, tuple(_target(item) for item in (_list(targets, "Targets") if targets is not None else ())))


def _target(given: Any) -> ChannelTarget | ContactTarget:
    target = _mapping(given, "a target", ("ChannelTargetInfo", "ContactTargetInfo"))
    chosen = {name: info for name, info in target.items() if info is not None}
    if len(chosen) != 1:
        raise ValidationFailed("a target is either ChannelTargetInfo or ContactTargetInfo", field="Plan")
    if "ChannelTargetInfo" in chosen:
        info = _mapping(
            chosen["ChannelTargetInfo"], "ChannelTargetInfo", ("ContactChannelId", "RetryIntervalInMinutes")
        )
        retry = info.get("RetryIntervalInMinutes")
        minutes = 0 if retry is None else _whole(retry, "RetryIntervalInMinutes", 60)
        return ChannelTarget(_id(info.get("ContactChannelId"), "ContactChannelId"), minutes)
    info = _mapping(chosen["ContactTargetInfo"], "ContactTargetInfo", ("ContactId", "IsEssential"))
    essential = info.get("IsEssential", False)
    if not isinstance(essential, bool):
        raise ValidationFailed("IsEssential: true or false", field="Plan")
    return ContactTarget(_id(info.get("ContactId"), "ContactId"), essential)


def _mapping(value: Any, what: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValidationFailed(f"{what}: expected an object with {', '.join(known)}", field="Plan")
    if unknown := [str(name) for name in value if name not in known]:
        raise ValidationFailed(f"{what} has no {', '.join(unknown)[:80]}: there are {', '.join(known)}", field="Plan")
    return value


def _list(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValidationFailed(f"{name}: expected a list", field="Plan")
    return value


def _whole(value: Any, name: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValidationFailed(f"{name}: a whole number from 0 to {most}", field=name)
    return value


def _id(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValidationFailed(f"{name}: the ARN of a channel or contact", field="Plan")
    return value
