"""Alarms as CloudWatch and Alertmanager send them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

_ACCOUNT, _REGION = "111122223333", "zz-local-1"


def alarm(name: str, at: datetime, state: str = "ALARM") -> dict[str, Any]:
    """A CloudWatch alarm's change to or from ALARM."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": _ACCOUNT,
        "time": at.isoformat(),
        "region": _REGION,
        "resources": [f"arn:aws:cloudwatch:{_REGION}:{_ACCOUNT}:alarm:{name}"],
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
                                "dimensions": {"FunctionName": name.split("-")[0]},
                            },
                            "period": 60,
                            "stat": "Average",
                        },
                    }
                ]
            },
        },
    }


def alert_group(name: str, summary: str, at: datetime, status: str = "firing") -> dict[str, Any]:
    """An Alertmanager notification of the data team."""
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
