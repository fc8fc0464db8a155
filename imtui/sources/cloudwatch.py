"""CloudWatch alarms: 'CloudWatch Alarm State Change' events, and the message an alarm sends to an SNS topic."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from imtui.domain import arns
from imtui.domain.errors import ValidationFailed
from imtui.sources.signal import Signal, State, alert_key, instant

DETAIL_TYPE = "CloudWatch Alarm State Change"
SOURCE = "aws.cloudwatch"
_STATES = {"ALARM": State.FIRING, "OK": State.QUIET}
_RESOURCES = {
    "InstanceId": ("ec2", "instance/{}"),
    "FunctionName": ("lambda", "function:{}"),
    "DBInstanceIdentifier": ("rds", "db:{}"),
    "TableName": ("dynamodb", "table/{}"),
    "QueueName": ("sqs", "{}"),
    "TopicName": ("sns", "{}"),
    "LoadBalancer": ("elasticloadbalancing", "loadbalancer/{}"),
}


def state_change(id_: str, event: Mapping[str, Any]) -> Signal:
    """The event that EventBridge carries; raises ValidationFailed when it has no alarm or state."""
    detail = event["detail"]
    name = detail.get("alarmName")
    state = detail.get("state")
    value = state.get("value") if isinstance(state, Mapping) else None
    if not isinstance(name, str) or not isinstance(value, str):
        raise ValidationFailed(f"{DETAIL_TYPE}: detail needs alarmName and state.value", "detail")
    before = detail.get("previousState")
    previous = before.get("value") if isinstance(before, Mapping) else None
    listed = event.get("resources")
    arn = next((x for x in listed if isinstance(x, str) and x), None) if isinstance(listed, list) else None
    region, account = str(event.get("region") or ""), str(event.get("account") or "")
    arn = arn or f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
    configuration = detail.get("configuration")
    metrics = configuration.get("metrics") if isinstance(configuration, Mapping) else None
    return Signal(
        id=id_,
        source=SOURCE,
        detail_type=DETAIL_TYPE,
        event=event,
        cause=name,
        incident_source=SOURCE,
        at=instant(state.get("timestamp")) or instant(event.get("time")) if isinstance(state, Mapping) else None,
        resource_arn=arn,
        alert=alert_key(arn),
        state=_STATES.get(value, State.UNCLEAR),
        began_quiet=value == "ALARM" and isinstance(previous, str) and previous != "ALARM",
        related=_related(name, arn, region, account, metrics if isinstance(metrics, list) else []),
    )


def notification(id_: str, message: Mapping[str, Any]) -> Signal:
    """The message of an alarm's SNS action. `AlarmActions` may name a response plan."""
    name, value = message.get("AlarmName"), message.get("NewStateValue")
    if not isinstance(name, str) or not isinstance(value, str):
        raise ValidationFailed("SNS alarm: the message needs AlarmName and NewStateValue", "Message")
    account = str(message.get("AWSAccountId") or "")
    arn = message.get("AlarmArn")
    if not isinstance(arn, str) or not arn:
        arn = f"arn:aws:cloudwatch:{message.get('Region') or ''}:{account}:alarm:{name}"
    region = arn.split(":")[3] if arn.count(":") >= 5 else ""
    trigger = message.get("Trigger")
    metrics = [_of_trigger(trigger)] if isinstance(trigger, Mapping) and trigger.get("MetricName") else []
    actions = message.get("AlarmActions")
    named = [x for x in actions if isinstance(x, str)] if isinstance(actions, list) else []
    previous = message.get("OldStateValue")
    return Signal(
        id=id_,
        source=SOURCE,
        detail_type=DETAIL_TYPE,
        event=_as_event(id_, name, arn, region, account, value, previous, metrics, message),
        cause=name,
        incident_source=SOURCE,
        at=instant(message.get("StateChangeTime")),
        resource_arn=arn,
        alert=alert_key(arn),
        state=_STATES.get(value, State.UNCLEAR),
        began_quiet=value == "ALARM" and isinstance(previous, str) and previous != "ALARM",
        plan=next((x for x in named if ":response-plan/" in x), None),
        related=_related(name, arn, region, account, metrics),
    )


def _as_event(
    id_: str,
    name: str,
    arn: str,
    region: str,
    account: str,
    value: str,
    previous: Any,
    metrics: list[Any],
    message: Mapping[str, Any],
) -> dict[str, Any]:
    """The same change as EventBridge would carry it, so that one rule serves both ways."""
    detail: dict[str, Any] = {
        "alarmName": name,
        "state": {"value": value, "reason": message.get("NewStateReason"), "timestamp": message.get("StateChangeTime")},
        "configuration": {"description": message.get("AlarmDescription"), "metrics": metrics},
    }
    if isinstance(previous, str):
        detail["previousState"] = {"value": previous}
    return {
        "version": "0",
        "id": id_,
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": account,
        "time": message.get("StateChangeTime"),
        "region": region,
        "resources": [arn],
        "detail": detail,
        "sns": dict(message),
    }


def _of_trigger(trigger: Mapping[str, Any]) -> dict[str, Any]:
    listed = trigger.get("Dimensions")
    dimensions = {
        str(item.get("name")): item.get("value")
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, Mapping)
    }
    metric = {"namespace": trigger.get("Namespace"), "name": trigger["MetricName"], "dimensions": dimensions}
    return {"id": "m1", "metricStat": {"metric": metric, "period": trigger.get("Period"), "stat": _stat(trigger)}}


def _stat(trigger: Mapping[str, Any]) -> Any:
    return trigger.get("Statistic") or trigger.get("ExtendedStatistic")


def _related(
    name: str, arn: str, region: str, account: str, metrics: list[Any]
) -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
    """The metrics of the alarm, the alarm, and the resources that its dimensions name."""
    found: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
    for metric in _metrics(metrics):
        label = str(metric.get("name") or "metric")
        text = json.dumps(metric, separators=(",", ":"))
        found[text] = ("METRIC", label, {"metricDefinition": text})
        dimensions = metric.get("dimensions")
        for dimension, value in dimensions.items() if isinstance(dimensions, Mapping) else ():
            if dimension in _RESOURCES and isinstance(value, str) and value and region:
                service, form = _RESOURCES[dimension]
                resource = f"arn:aws:{service}:{region}:{account}:{form.format(value)}"
                found[resource] = ("INVOLVED_RESOURCE", value, {"arn": resource})
    if arns.is_arn(arn):
        found[arn] = ("INVOLVED_RESOURCE", name, {"arn": arn})
    return tuple(found.values())


def _metrics(metrics: list[Any]) -> Iterable[Mapping[str, Any]]:
    for item in metrics:
        stat = item.get("metricStat") if isinstance(item, Mapping) else None
        metric = stat.get("metric") if isinstance(stat, Mapping) else None
        if isinstance(metric, Mapping):
            yield metric
