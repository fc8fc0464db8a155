"""A real Alertmanager posts its notifications to a real server: an alert becomes an incident and ends with it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from imtui.clock import SystemClock
from tests.api.test_processes import TEAM, Place, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ROUTES = """
route:
  receiver: imtui
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 4s
receivers:
  - name: imtui
    webhook_configs:
      - url: {url}/hooks/alertmanager?response-plan=web&resolve=true
        send_resolved: true
        http_config:
          authorization: {{credentials: {token}}}
"""


@pytest.fixture
def program() -> str:
    found = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if found is None:
        text = "no Alertmanager is installed"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    (tmp_path / "team.yaml").write_text(TEAM)
    made.run("apply", "team.yaml")
    yield made
    for server in made.servers:
        server.kill()
        server.wait()
        if server.stderr is not None:
            server.stderr.close()


@pytest.fixture
def alertmanager(program: str, place: Place) -> Iterator[str]:
    """The address of an Alertmanager that notifies a server of this place."""
    _, url = place.serve()
    token = json.loads(place.run("token", "create", "alertmanager"))["Token"]
    (place.folder / "alertmanager.yml").write_text(ROUTES.format(url=url, token=token))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        f"--config.file={place.folder / 'alertmanager.yml'}",
        f"--storage.path={place.folder / 'data'}",
        "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx.get(f"{address}/-/ready").status_code == 200
        except httpx.HTTPError:
            return False

    try:
        until(ready)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def shown(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(place.run("incident", "show", "1", "--json"))
    return found


def test_an_alert_is_one_incident_until_alertmanager_says_that_it_is_over(place: Place, alertmanager: str) -> None:
    alert = {
        "labels": {"alertname": "DiskFull", "instance": "web-1", "severity": "critical"},
        "annotations": {"summary": "the disk is full"},
        "generatorURL": "http://prometheus.example/graph",
    }
    other = {**alert, "labels": {**alert["labels"], "instance": "web-2"}}  # type: ignore[dict-item]
    httpx.post(f"{alertmanager}/api/v2/alerts", json=[alert, other]).raise_for_status()
    until(lambda: json.loads(place.run("incident", "list", "--json")), 20)
    found = shown(place)
    assert found["title"] == "Web DiskFull (2 alerts): the disk is full"
    assert (found["source"], found["status"]) == ("alertmanager", "OPEN")
    until(lambda: any("reported again" in event["text"] for event in shown(place)["timeline"]), 20)
    assert len(json.loads(place.run("incident", "list", "--json"))) == 1
    past = (SystemClock().wall() - timedelta(seconds=1)).isoformat()
    over = [{**one, "endsAt": past} for one in (alert, other)]
    httpx.post(f"{alertmanager}/api/v2/alerts", json=over).raise_for_status()
    until(lambda: shown(place)["status"] == "RESOLVED", 20)
    assert "has ended: the incident is resolved" in shown(place)["timeline"][-1]["text"]
