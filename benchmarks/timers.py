"""Timers: ten thousand due over ten seconds, and ten thousand at one instant beside APScheduler.

Each timer is a real step of an escalation: it moves the engagement and writes a page, its message and a change row.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Figure, percentile
from imtui.channels.protocol import Accepted, Outcome, Outgoing
from imtui.config import Config
from imtui.domain.escalation import begin
from imtui.domain.plan import ChannelTarget, Stage
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from storage import tables as t
from storage.opening import open_database
from storage.runs import Known, engagement_row, timer_row

COMMAND = "python -m benchmarks timers"
COUNT = 10_000
SPREAD_SECONDS = 10.0
LATENESS_MS = 50.0
TIMES_APSCHEDULER = 3.0
RUNS = 3


class Sink:
    """Takes every message at once, so that the engine alone is measured."""

    name = "sink"
    at_once = 500

    async def send(self, message: Outgoing) -> Outcome:
        return Accepted()

    async def close(self) -> None:
        return


def run() -> list[Figure]:
    """Both figures."""
    spread: list[dict[str, Any]] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            spread.append(asyncio.run(_run(Path(folder) / "spread.db", SPREAD_SECONDS)))
    late = sorted(percentile(run["late"], 0.99) * 1000 for run in spread)
    usual = percentile([percentile(run["late"], 0.5) * 1000 for run in spread], 0.5)
    moved, written = min(run["moved"] for run in spread), min(run["messages"] for run in spread)
    figures = [
        Figure(
            f"{COUNT:,} steps due over {SPREAD_SECONDS:.0f} s",
            f"{moved:,} moved once, {written:,} messages written; late p50 {usual:.0f} ms, p99 "
            f"{percentile(late, 0.5):.0f} ms (the median of {RUNS} runs; {late[0]:.0f} to {late[-1]:.0f})",
            f"each once, late p99 ≤ {LATENESS_MS:.0f} ms",
            moved == written == COUNT and percentile(late, 0.5) <= LATENESS_MS,
            COMMAND,
        )
    ]
    ours, theirs = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(COUNT / asyncio.run(_run(Path(folder) / "burst.db", 0.0))["seconds"])
        with tempfile.TemporaryDirectory() as folder:
            theirs.append(COUNT / _apscheduler(Path(folder) / "jobs.db"))
    ratio = percentile(ours, 0.5) / percentile(theirs, 0.5)
    figures.append(
        Figure(
            f"{COUNT:,} steps due at one instant",
            f"{percentile(ours, 0.5):,.0f}/s, APScheduler's job store {percentile(theirs, 0.5):,.0f}/s: {ratio:.1f} ×",
            f"≥ {TIMES_APSCHEDULER:.0f} × APScheduler with handlers that do nothing",
            ratio >= TIMES_APSCHEDULER,
            COMMAND,
        )
    )
    return figures


async def _run(path: Path, spread: float) -> dict[str, Any]:
    database, clock = await open_database(str(path))
    first = clock.now() + timedelta(seconds=3.0)
    await _fill(database, first, spread)
    engine = Engine(database, clock, Config(), providers=dict.fromkeys(Route, Sink()))
    while clock.now() < first - timedelta(seconds=0.5):
        await clock.pause(0.05)
    working = asyncio.create_task(engine.run())
    remaining = COUNT
    last = first
    e = t.engagements.c
    while remaining:
        await clock.pause(0.1 if spread else 0.02)
        async with database.read() as reader:
            query = sa.select(sa.func.count()).select_from(t.engagements).where(e.next_stage == 0)
            remaining = await reader.scalar(query)
        last = clock.now()
    async with database.read() as reader:
        pages = await reader.all(
            sa.select(t.pages.c.created_at, t.pages.c.engagement_id, e.started_at).join(
                t.engagements, e.id == t.pages.c.engagement_id
            )
        )
        messages = await reader.scalar(sa.select(sa.func.count()).select_from(t.messages))
        latest = await reader.scalar(sa.select(sa.func.max(t.pages.c.created_at, type_=t.pages.c.created_at.type)))
    engine.stop()
    await working
    await database.close()
    return {
        "late": [(row.created_at - row.started_at).total_seconds() for row in pages],
        "moved": len({row.engagement_id for row in pages}),
        "messages": messages,
        "seconds": max(0.001, (max(last, latest) - first).total_seconds()),
    }


async def _fill(database: Any, first: datetime, spread: float) -> None:
    """As many people as timers, each engaged by their own plan of two stages."""
    names = Config().names
    async with database.write(first) as unit:
        for number in range(COUNT):
            arn = names.contact(f"p{number}")
            channel = names.channel(f"p{number}", str(uuid.uuid4()))
            stages = (Stage(30, (ChannelTarget(channel),)), Stage(30, (ChannelTarget(channel),)))
            contact = Known(arn, f"p{number}", _PERSONAL, "", stages, False)
            due = first + timedelta(seconds=spread * number / COUNT)
            id_ = str(uuid.uuid4())
            unit.insert(
                t.contacts,
                {
                    "arn": arn,
                    "account": names.account,
                    "alias": f"p{number}",
                    "type": "PERSONAL",
                    "plan": {"Stages": []},
                },
            )
            unit.insert(
                t.channels,
                {
                    "arn": channel,
                    "contact_arn": arn,
                    "name": "mail",
                    "type": "EMAIL",
                    "address": f"p{number}@example.com",
                    "activated": True,
                },
            )
            run_ = begin(arn, stages, due)
            unit.insert(
                t.engagements,
                engagement_row(
                    id_=id_, run=run_, contact=contact, incident_id=None, started_by="bench", started_at=due
                ),
            )
            unit.insert(t.timers, timer_row(str(uuid.uuid4()), id_, None, due))


def _apscheduler(path: Path) -> float:
    """Seconds in which APScheduler 3.11 runs as many jobs that do nothing, from its SQLAlchemy store on SQLite."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{path}")},
        executors={"default": ThreadPoolExecutor(20)},
        timezone=UTC,
    )
    scheduler.start(paused=True)
    due = datetime.now(UTC)
    done = sys.modules[__name__].__dict__.setdefault("_DONE", [])
    done.clear()
    for _ in range(COUNT):
        scheduler.add_job(nothing, "date", run_date=due, misfire_grace_time=3600)
    started = time.perf_counter()
    scheduler.resume()
    while len(done) < COUNT:
        time.sleep(0.01)
    seconds = time.perf_counter() - started
    scheduler.shutdown()
    return seconds


def nothing() -> None:
    """A job that does nothing but say that it ran."""
    sys.modules["benchmarks.timers"].__dict__["_DONE"].append(None)


def _personal() -> Any:
    from imtui.domain.contact import ContactType

    return ContactType.PERSONAL


_PERSONAL = _personal()
