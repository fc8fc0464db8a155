"""Intake over HTTP: events on disk before they are answered, beside Alertmanager, which keeps them in memory."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, median

COMMAND = "python -m benchmarks intake"
IMTUI = str(Path(sys.executable).with_name("imtui"))
SINGLE, CLIENTS = 3_000, 32
BATCHES, BATCH = 20, 1_000
ALARMS = 50
TEMPLATE = """
Resources:
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: Web, Impact: 3}}
"""


def run() -> list[Figure]:
    """All figures of the intake."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder)) as (url, token):
        hook = f"{url}/hooks/eventbridge?response-plan=web"
        clients = {"httpx": _post_with_httpx, "a bare client": _post}
        rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in clients}
        for turn in range(3):
            for name, post in clients.items():
                ours, theirs = rates[name]
                key = f"{turn}-{name[0]}"
                alarms = [_alarm(f"single-{key}-{n % ALARMS}", f"{key}-{n}") for n in range(SINGLE)]
                bodies = [json.dumps(alarm).encode() for alarm in alarms]
                ours.append(SINGLE / asyncio.run(post(hook, token, bodies)))
                theirs.append(_alertmanager(Path(folder) / f"am-{key}", post))
        started = time.perf_counter()
        lists = [
            json.dumps([_alarm(f"batch-{n % ALARMS}", f"b{part}-{n}") for n in range(BATCH)]).encode()
            for part in range(BATCHES)
        ]
        started = time.perf_counter()
        asyncio.run(_post(hook, token, lists, clients=2))
        in_batches = BATCHES * BATCH / (time.perf_counter() - started)
        incidents = _incidents(Path(folder))
    figures = [_single(name, *found) for name, found in rates.items()]
    figures += [
        Figure(f"events in lists of {BATCH:,}", f"{in_batches:,.0f}/s", "≥ 10,000/s", in_batches >= 10_000, COMMAND),
        Figure(
            f"{BATCHES * BATCH:,} events of {ALARMS} alarms",
            f"{incidents} incidents",
            f"{ALARMS} incidents",
            incidents == ALARMS,
            COMMAND,
        ),
    ]
    return figures


def _single(client: str, ours: list[float], theirs: list[float]) -> Figure:
    rate, known = median(ours), [value for value in theirs if value]
    name = f"single events over HTTP, {CLIENTS} connections of {client}"
    if not known:
        text = f"{rate:,.0f}/s (no Alertmanager is installed to compare with)"
        return Figure(name, text, "≥ 1,200/s", rate >= 1200, COMMAND)
    ratio = rate / median(known)
    text = f"{rate:,.0f}/s, Alertmanager {median(known):,.0f}/s: {ratio:.2f} ×"
    return Figure(name, text, "≥ 0.5 × Alertmanager's alerts into memory", ratio >= 0.5, COMMAND)


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[str, str]]:
    """A server on a fresh database with one response plan, and a token."""
    env = {**os.environ, "IMTUI_DB": str(folder / "imtui.db"), "IMTUI_CONFIG": str(folder / "config.toml")}
    (folder / "config.toml").touch()
    (folder / "team.yaml").write_text(TEMPLATE)
    subprocess.run([IMTUI, "apply", str(folder / "team.yaml")], env=env, check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run([IMTUI, "token", "create", "bench"], env=env, check=True, capture_output=True, text=True)
    command = [IMTUI, "serve", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        line = server.stderr.readline()
        yield line.rpartition(" ")[2].strip(), json.loads(made.stdout)["Token"]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


async def _post(url: str, token: str, bodies: list[bytes], clients: int = CLIENTS) -> float:
    """Post all bodies over so many connections; the seconds it took. A plain client, so that the server is measured."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    queue = list(reversed(bodies))
    head = f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"

    async def client() -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        while queue:
            body = queue.pop()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in answer.partition(b"\r\n")[0]:
                raise RuntimeError(answer.decode())
            length = next(x for x in answer.lower().split(b"\r\n") if x.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - started


async def _post_with_httpx(url: str, token: str, bodies: list[bytes]) -> float:
    """The same with the client that applications use; what it can do itself bounds both servers."""
    import httpx

    queue = list(reversed(bodies))
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=30) as session:

        async def client() -> None:
            while queue:
                (await session.post(url, content=queue.pop())).raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return time.perf_counter() - started


def _alertmanager(folder: Path, post: Callable[[str, str, list[bytes]], Coroutine[Any, Any, float]]) -> float:
    """Alerts a second that Alertmanager's API takes, one in each request; 0 when it is not installed."""
    program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    if program is None:
        return 0.0
    folder.mkdir()
    (folder / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--config.file={folder / 'am.yml'}", f"--storage.path={folder}", "--cluster.listen-address="]
    command = [program, *options, f"--web.listen-address=127.0.0.1:{port}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _ready(f"http://127.0.0.1:{port}/-/ready")
        bodies = [
            json.dumps([{"labels": {"alertname": f"a{n % ALARMS}"}, "annotations": {"n": str(n)}}]).encode()
            for n in range(SINGLE)
        ]
        return SINGLE / asyncio.run(post(f"http://127.0.0.1:{port}/api/v2/alerts", "", bodies))
    finally:
        server.terminate()
        server.wait(10)


def _ready(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def _incidents(folder: Path) -> int:
    env = {**os.environ, "IMTUI_DB": str(folder / "imtui.db")}
    command = [IMTUI, "incident", "list", "--json", "--text", "batch", "--limit", "1000"]
    listed = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return len(json.loads(listed.stdout))


def _alarm(name: str, id_: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": id_,
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": "2026-03-01T03:09:12Z",
        "region": "zz-local-1",
        "resources": [f"arn:aws:cloudwatch:zz-local-1:111122223333:alarm:{name}"],
        "detail": {"alarmName": name, "state": {"value": "ALARM"}, "previousState": {"value": "OK"}},
    }
