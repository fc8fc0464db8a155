"""A database with many incidents, made in seconds."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path

from imtui.domain.arns import Names
from storage import tables as t
from storage.opening import open_database

_OPEN = 50
_CHUNK = 5000


def fill(path: Path, count: int) -> str:
    """Fill a fresh database with `count` incidents, the last 50 of them open; the title that stands on top."""
    asyncio.run(_fill(path, count))
    return f"Checkout answers slowly {count}"


async def _fill(path: Path, count: int) -> None:
    database, clock = await open_database(str(path))
    names = Names()
    now = clock.now()
    try:
        for start in range(1, count + 1, _CHUNK):
            async with database.write(now) as unit:
                for number in range(start, min(start + _CHUNK, count + 1)):
                    at = now - timedelta(minutes=count - number)
                    is_open = number > count - _OPEN
                    unit.insert(
                        t.incidents,
                        {
                            "id": str(uuid.uuid4()),
                            "account": names.account,
                            "plan_arn": names.response_plan("web"),
                            "plan_name": "web",
                            "title": f"Checkout answers slowly {number}",
                            "impact": 1 if number == count else 2 + number % 4,
                            "status": "OPEN" if is_open else "RESOLVED",
                            "source": "manual",
                            "created_by": names.user("ana"),
                            "created_at": at,
                            "modified_at": at,
                            "modified_by": names.user("ana"),
                            "resolved_at": None if is_open else at + timedelta(minutes=30),
                            "chat_channel": [],
                            "notification_targets": [],
                        },
                    )
    finally:
        await database.close()
