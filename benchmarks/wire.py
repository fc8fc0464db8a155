"""The wire: incidents looked at and started through AWS's own protocol, beside a server for testing AWS clients.

That server, moto, does not know incidents. The nearest that it does is asked of it: to look at a parameter of `ssm` by
its name, and to put a new one; it keeps them in memory and checks no signature, here they are on disk before they are
answered. Point IMTUI_MOTO_SERVER to its program `moto_server`, or have it on the PATH.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from benchmarks.figures import Figure, median, percentile
from benchmarks.intake import TEMPLATE
from benchmarks.signed import REGION, Key, Measured, send, signed

COMMAND = "python -m benchmarks wire"
IMTUI = str(Path(sys.executable).with_name("imtui"))
TURNS = 3
LOOKS, STARTS, WRITERS = 500, 400, 8
CROWD, EACH = 200, 5
BOTO3_LOOKS, BOTO3_STARTS = 400, 150
PEOPLE = 5
"""Users with two keys each: what one key may ask in a second is bounded."""

READY_SECONDS = 30.0


class Side(NamedTuple):
    """A server. `look` and `make` are requests by their number, `look_by_boto3` and `make_by_boto3` calls."""

    url: str
    look: Callable[[int], bytes]
    make: Callable[[int], bytes]
    look_by_boto3: Callable[[], Any]
    make_by_boto3: Callable[[int], Any]


class Found(NamedTuple):
    """What was measured at a server, one for each turn."""

    looks: list[Measured]
    starts: list[Measured]
    boto3_looks: list[Measured]
    boto3_starts: list[Measured]
    crowds: list[Measured]


def run() -> list[Figure]:
    """All figures of the wire."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours = stack.enter_context(_imtui(Path(folder)))
        program = os.environ.get("IMTUI_MOTO_SERVER") or shutil.which("moto_server")
        theirs = stack.enter_context(_moto(program)) if program and _works(program) else None
        sides = [ours] if theirs is None else [ours, theirs]
        found = [Found([], [], [], [], []) for _ in sides]
        for turn in range(TURNS):
            for side, known in zip(sides, found, strict=True):
                _measure(side, known, turn)
    return _figures(found[0], found[1] if len(found) > 1 else None)


def _measure(side: Side, known: Found, turn: int) -> None:
    def sent(requests: Sequence[bytes], clients: int) -> Measured:
        return asyncio.run(send(side.url, requests, clients))

    first = (turn + 1) * 100_000
    known.looks.append(sent([side.look(n) for n in range(LOOKS)], 1))
    known.starts.append(sent([side.make(first + n) for n in range(STARTS)], WRITERS))
    known.boto3_looks.append(_called(lambda _: side.look_by_boto3(), range(BOTO3_LOOKS)))
    known.boto3_starts.append(_called(side.make_by_boto3, range(first + STARTS, first + STARTS + BOTO3_STARTS)))
    crowd = [side.make(first + n) if n % 5 == 0 else side.look(n) for n in range(50_000, 50_000 + CROWD * EACH)]
    known.crowds.append(sent(crowd, CROWD))


def _called(call: Callable[[int], Any], numbers: range) -> Measured:
    """Calls of boto3, one after the other."""
    each = []
    began = time.perf_counter()
    for n in numbers:
        started = time.perf_counter()
        call(n)
        each.append(time.perf_counter() - started)
    return Measured(each, time.perf_counter() - began, [])


# ------------------------------------------------------------ what is told


def _figures(ours: Found, theirs: Found | None) -> list[Figure]:
    wide = f"{CROWD} connections at once, one request of five starts an incident"
    return [
        _latency("GetIncidentRecord, one connection", ours.looks, theirs and theirs.looks),
        _rate(f"StartIncident, {WRITERS} connections", ours.starts, theirs and theirs.starts),
        _latency("GetIncidentRecord by boto3", ours.boto3_looks, theirs and theirs.boto3_looks),
        _rate("StartIncident by boto3, one after the other", ours.boto3_starts, theirs and theirs.boto3_starts),
        _crowd(wide, ours.crowds, theirs and theirs.crowds),
    ]


def _latency(name: str, ours: list[Measured], theirs: list[Measured] | None) -> Figure:
    _expect_none_wrong(ours)
    p99 = _median_of(ours, 0.99)
    text = f"p50 {1000 * _median_of(ours, 0.5):.1f} ms, p99 {1000 * p99:.1f} ms"
    if theirs is None:
        return Figure(name, f"{text} ({_ALONE})", "p99 ≤ 20 ms", p99 <= 0.02, COMMAND)
    _expect_none_wrong(theirs)
    other = _median_of(theirs, 0.99)
    text += f"; moto's `ssm` GetParameter p50 {1000 * _median_of(theirs, 0.5):.1f} ms, p99 {1000 * other:.1f} ms"
    return Figure(name, text, "p99 ≤ moto's", p99 <= other, COMMAND)


def _rate(name: str, ours: list[Measured], theirs: list[Measured] | None) -> Figure:
    _expect_none_wrong(ours)
    rate = _a_second(ours)
    if theirs is None:
        return Figure(name, f"{rate:,.0f}/s ({_ALONE})", "≥ 100/s", rate >= 100, COMMAND)
    _expect_none_wrong(theirs)
    other = _a_second(theirs)
    text = f"{rate:,.0f}/s; moto's `ssm` PutParameter {other:,.0f}/s, into memory: {rate / other:.2f} ×"
    return Figure(name, text, "≥ moto's", rate >= other, COMMAND)


def _crowd(name: str, ours: list[Measured], theirs: list[Measured] | None) -> Figure:
    def said(turns: list[Measured]) -> str:
        count, wrong = sum(len(turn.each) for turn in turns), sum(len(turn.errors) for turn in turns)
        return f"{wrong} errors in {count:,} answers, p99 {1000 * _median_of(turns, 0.99):,.0f} ms"

    for error in [error for turn in ours for error in turn.errors][:3]:
        print(error, file=sys.stderr)
    text = said(ours) + (f"; moto {said(theirs)}" if theirs else f" ({_ALONE})")
    return Figure(name, text, "no error", not any(turn.errors for turn in ours), COMMAND)


_ALONE = "no moto is installed to compare with"


def _median_of(turns: list[Measured], share: float) -> float:
    return median([percentile(turn.each, share) for turn in turns])


def _a_second(turns: list[Measured]) -> float:
    return median([len(turn.each) / turn.whole for turn in turns])


def _expect_none_wrong(turns: list[Measured]) -> None:
    wrong = [error for turn in turns for error in turn.errors]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of the answers were errors: {wrong[0]}")


# ------------------------------------------------------------ the servers


@contextmanager
def _imtui(folder: Path) -> Iterator[Side]:
    """The server on a fresh database with one response plan, and one incident to look at."""
    env = {**os.environ, "IMTUI_DB": str(folder / "imtui.db"), "IMTUI_CONFIG": str(folder / "config.toml")}
    env["IMTUI_KEY_FILE"] = str(folder / "key")
    (folder / "config.toml").touch()
    (folder / "team.yaml").write_text(TEMPLATE)

    def imtui(*words: str) -> str:
        return subprocess.run([IMTUI, *words], env=env, check=True, capture_output=True, text=True).stdout

    imtui("apply", str(folder / "team.yaml"))
    keys = []
    for person in range(PEOPLE):
        imtui("user", "create", f"u{person}", "--policy", "administrator")
        for _ in range(2):
            made = json.loads(imtui("access-key", "create", f"u{person}"))
            keys.append(Key(made["AccessKeyId"], made["SecretAccessKey"]))
    command = [IMTUI, "serve", "--listen", "127.0.0.1:0"]
    with _running(command, env) as server:
        assert server.stderr is not None
        url = server.stderr.readline().rpartition(" ")[2].strip()
        client = _boto3("ssm-incidents", url, keys[0])
        plan = "arn:aws:ssm-incidents::111122223333:response-plan/web"
        incident = client.start_incident(responsePlanArn=plan)["incidentRecordArn"]

        def asked(n: int, path: str, document: Any) -> bytes:
            key = keys[n % len(keys)]
            return signed(url, key, "ssm-incidents", path, document, {"Content-Type": "application/json"})

        def start(n: int) -> bytes:  # one key each 100 calls: those of one caller are what an automation sends
            return asked(
                n // 100, "/startIncident", {"responsePlanArn": plan, "title": f"No {n}", "clientToken": f"t{n}"}
            )

        yield Side(
            url,
            lambda n: asked(n, f"/getIncidentRecord?arn={quote(incident, safe='')}", None),
            start,
            lambda: client.get_incident_record(arn=incident),
            lambda n: client.start_incident(responsePlanArn=plan, title=f"No {n}"),
        )


@contextmanager
def _moto(program: str) -> Iterator[Side]:
    """The server of moto, with one parameter to look at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with _running([program, "-H", "127.0.0.1", "-p", str(port)], env):
        url = f"http://127.0.0.1:{port}"
        _wait_for(port)
        key = Key("AKIAAAAAAAAAAAAAAAAA", "secret")
        client = _boto3("ssm", url, key)
        client.put_parameter(Name="known", Value="x" * 300, Type="String")

        def asked(operation: str, document: Any) -> bytes:
            headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AmazonSSM.{operation}"}
            return signed(url, key, "ssm", "/", document, headers)

        def put(n: int) -> dict[str, str]:
            return {"Name": f"p{n}", "Value": f"No {n}", "Type": "String"}

        yield Side(
            url,
            lambda _: asked("GetParameter", {"Name": "known"}),
            lambda n: asked("PutParameter", put(n)),
            lambda: client.get_parameter(Name="known"),
            lambda n: client.put_parameter(**put(n)),
        )


@contextmanager
def _running(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program until the block ends; what it says on its error stream is dropped after the first line."""
    quiet = command[0] != IMTUI
    stderr = subprocess.DEVNULL if quiet else subprocess.PIPE
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=stderr, text=True)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if server.stderr is not None:
            server.stderr.close()


def _works(program: str) -> bool:
    """Whether it is installed, and not merely named somewhere."""
    try:
        return subprocess.run([program, "--help"], capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False


def _wait_for(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


def _boto3(service: str, url: str, key: Key) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
