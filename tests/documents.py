"""Documents as the systems that people have send them."""

from __future__ import annotations

from typing import Any

ALARM_ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}"


def alarm(
    name: str = "checkout-errors",
    state: str = "ALARM",
    previous: str = "OK",
    id_: str = "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
) -> dict[str, Any]:
    """CloudWatch's 'Alarm State Change' as EventBridge delivers it."""
    return {
        "version": "0",
        "id": id_,
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": "2026-03-01T03:09:12Z",
        "region": "eu-central-1",
        "resources": [ALARM_ARN.format(name=name)],
        "detail": {
            "alarmName": name,
            "configuration": {
                "description": "More than 20 errors in a minute",
                "metrics": [
                    {
                        "id": "5c7a1b9e-8a0f-2d2b-9c57-6b1b8d4c6d10",
                        "metricStat": {
                            "metric": {
                                "dimensions": {"InstanceId": "i-12345678901234567"},
                                "name": "CPUUtilization",
                                "namespace": "AWS/EC2",
                            },
                            "period": 300,
                            "stat": "Average",
                        },
                        "returnData": True,
                    }
                ],
            },
            "previousState": {
                "reason": "Threshold Crossed: 1 out of the last 1 datapoints was not greater than the threshold.",
                "reasonData": '{"version":"1.0","queryDate":"2026-03-01T03:00:12.322+0000","threshold":20.0}',
                "timestamp": "2026-03-01T03:00:12.324+0000",
                "value": previous,
            },
            "state": {
                "reason": "Threshold Crossed: 1 out of the last 1 datapoints [99.5 (01/03/26 03:04:00)] was greater.",
                "reasonData": '{"version":"1.0","queryDate":"2026-03-01T03:09:12.322+0000","threshold":20.0}',
                "timestamp": "2026-03-01T03:09:12.324+0000",
                "value": state,
            },
        },
    }


def task_stopped(id_: str = "6a7e8feb-b491-4cf7-a9f1-bf3703467718") -> dict[str, Any]:
    """An EventBridge event of another service."""
    return {
        "version": "0",
        "id": id_,
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "111122223333",
        "time": "2026-03-01T03:08:00Z",
        "region": "us-west-1",
        "resources": ["arn:aws:ec2:us-west-1:111122223333:instance/i-1234567890abcdef0"],
        "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"},
    }


def alert_group(status: str = "firing", key: str = '{}:{alertname="InstanceDown"}', **labels: str) -> dict[str, Any]:
    """Alertmanager's webhook, version 4."""
    return {
        "receiver": "imtui",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "InstanceDown", "instance": "db-1:9100", "severity": "critical", **labels},
                "annotations": {"summary": "db-1 does not answer"},
                "startsAt": "2026-03-01T03:07:45.123Z",
                "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-03-01T03:17:45.123Z",
                "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0",
                "fingerprint": "9c9e5f1e6a9b2e1a",
            }
        ],
        "groupLabels": {"alertname": "InstanceDown"},
        "commonLabels": {"alertname": "InstanceDown", "instance": "db-1:9100", "severity": "critical", **labels},
        "commonAnnotations": {"summary": "db-1 does not answer"},
        "externalURL": "http://alertmanager.example.com:9093",
        "version": "4",
        "groupKey": key,
        "truncatedAlerts": 0,
    }


def sns_alarm(plan_arn: str = "", state: str = "ALARM") -> dict[str, Any]:
    """An SNS envelope whose message is a CloudWatch alarm's."""
    import json

    message = {
        "AlarmName": "queue-age",
        "AlarmDescription": "The queue is not being worked off",
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-02-01T00:00:00.000+0000",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint [901.0] was greater than the threshold (900.0).",
        "StateChangeTime": "2026-03-01T03:09:59.000+0000",
        "Region": "EU (Frankfurt)",
        "AlarmArn": ALARM_ARN.format(name="queue-age"),
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": [plan_arn] if plan_arn else [],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Namespace": "AWS/SQS",
            "StatisticType": "Statistic",
            "Statistic": "MAXIMUM",
            "Dimensions": [{"value": "orders", "name": "QueueName"}],
            "Period": 60,
        },
    }
    return {
        "Type": "Notification",
        "MessageId": "da41e39f-ea4d-435a-b922-c6aae3915ebe",
        "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
        "Subject": 'ALARM: "queue-age" in EU (Frankfurt)',
        "Message": json.dumps(message),
        "Timestamp": "2026-03-01T03:10:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService.pem",
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
    }
