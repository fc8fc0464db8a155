"""Alertmanager's webhook, version 4: one group of alerts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.sources.signal import Signal, State, alert_key, instant

SOURCE = "alertmanager"
DETAIL_TYPE = "Alert Group"


def signal(document: Any) -> Signal:
    """One notification of a group; raises ValidationFailed for a document that is none. Notifications have no id, so
    each one is an event of its own."""
    if not isinstance(document, Mapping):
        raise ValidationFailed("alert group: expected an object with groupKey, status and alerts")
    key, status, alerts = document.get("groupKey"), document.get("status"), document.get("alerts")
    if not isinstance(key, str) or not key:
        raise ValidationFailed("alert group: groupKey must be a text", "groupKey")
    if status not in ("firing", "resolved"):
        raise ValidationFailed("alert group: status must be firing or resolved", "status")
    if not isinstance(alerts, list) or not all(isinstance(alert, Mapping) for alert in alerts):
        raise ValidationFailed("alert group: alerts must be a list of objects", "alerts")
    labels = _texts(document.get("commonLabels")) | _texts(document.get("groupLabels"))
    annotations = _texts(document.get("commonAnnotations"))
    starts = [at for at in (instant(alert.get("startsAt")) for alert in alerts) if at is not None]
    receiver = str(document.get("receiver") or "")
    plan = _texts(document.get("commonLabels")).get("response_plan")
    id_ = str(uuid.uuid4())
    return Signal(
        id=id_,
        source=SOURCE,
        detail_type=DETAIL_TYPE,
        event=_event(id_, document),
        cause=_cause(labels, annotations, alerts),
        incident_source=SOURCE,
        at=min(starts, default=None),
        alert=alert_key(f"{SOURCE}:{receiver}:{key}"),
        state=State.FIRING if status == "firing" else State.QUIET,
        plan=plan or None,
        related=tuple(_links(document, alerts)),
    )


def _event(id_: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": id_,
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "resources": [],
        "detail": document,
    }


def _cause(labels: Mapping[str, str], annotations: Mapping[str, str], alerts: list[Any]) -> str:
    """What the title is extended by: the alert's name, and its summary where all alerts share one."""
    name = labels.get("alertname") or "alerts"
    firing = sum(1 for alert in alerts if alert.get("status") != "resolved")
    count = f" ({firing} alerts)" if firing > 1 else ""
    summary = annotations.get("summary")
    return f"{name}{count}: {summary}" if summary else f"{name}{count}"


def _links(document: Mapping[str, Any], alerts: list[Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    found: dict[str, str] = {}
    for title, url in [
        *((("Alertmanager"), url) for url in [document.get("externalURL")]),
        *(("Graph of the alert", alert.get("generatorURL")) for alert in alerts[:5]),
    ]:
        if isinstance(url, str) and url.startswith(("http://", "https://")) and len(url) <= 4000:
            found.setdefault(url, title)
    return [("OTHER", title, {"url": url}) for url, title in found.items()]


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): item for key, item in value.items() if isinstance(item, str)}
