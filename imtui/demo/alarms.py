"""Alarms as CloudWatch and Alertmanager send them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from imtui.demo.team import ACCOUNT, REGION

_WATCHED = {
    "payment": ("LoadBalancer", "app/checkout/50dc6c495c0c9188"),
    "cart": ("TableName", "carts"),
    "login": ("FunctionName", "login"),
    "session": ("TableName", "sessions"),
    "query": ("InstanceId", "i-0a4f2c81d7e5b9360"),
    "index": ("InstanceId", "i-0a4f2c81d7e5b9360"),
    "product": ("LoadBalancer", "app/catalog/73e2d6bc24d8a067"),
    "price": ("DBInstanceIdentifier", "catalog-2"),
    "mail": ("QueueName", "outgoing-mail"),
    "image": ("FunctionName", "image-resize"),
}
"""What an alarm watches, by the beginning of its name: the dimension and its value."""

_ALERTS = {
    "LoadIsLate": "the nightly load has not finished",
    "StockDiffers": "stock differs from the shop's by more than 1 %",
    "DiskIsFilling": "loader-1 is full in two hours",
}
"""What Alertmanager says of each alert."""


def document(name: str, at: datetime, *, over: bool = False) -> dict[str, Any]:
    """What comes in when an alarm or alert begins, or is over."""
    if name in _ALERTS:
        return alert_group(name, at, "resolved" if over else "firing")
    return alarm(name, at, "OK" if over else "ALARM")


def alarm(name: str, at: datetime, state: str = "ALARM") -> dict[str, Any]:
    """A CloudWatch alarm's change to or from ALARM."""
    dimension, value = _WATCHED[name.partition("-")[0]]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": at.isoformat(),
        "region": REGION,
        "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "state": {"value": state, "reason": "Threshold crossed", "timestamp": at.isoformat()},
            "previousState": {"value": "OK" if state == "ALARM" else "ALARM"},
            "configuration": {
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {
                            "metric": {
                                "namespace": "Shop",
                                "name": name,
                                "dimensions": {dimension: value},
                            },
                            "period": 60,
                            "stat": "Average",
                        },
                    }
                ]
            },
        },
    }


def alert_group(name: str, at: datetime, status: str = "firing") -> dict[str, Any]:
    """An Alertmanager notification of the data team."""
    summary = _ALERTS[name]
    labels = {"alertname": name, "team": "data"}
    return {
        "version": "4",
        "receiver": "imtui",
        "status": status,
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "groupLabels": {"alertname": name},
        "commonLabels": labels,
        "commonAnnotations": {"summary": summary},
        "externalURL": "http://alertmanager.example",
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": {"summary": summary},
                "startsAt": at.isoformat(),
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.example/graph",
                "fingerprint": "8c6d2e21",
            }
        ],
    }
