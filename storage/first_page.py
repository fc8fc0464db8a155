"""The first screen of incidents, read with the standard library while everything else loads behind it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imtui.clock import SystemClock
from imtui.domain.incident import FirstPage, Impact, IncidentRow, Status
from storage.files import uri
from storage.schema import APPLICATION_ID, SCHEMA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY_SECONDS = 0.2

_OPEN = """
SELECT i.number, i.id, i.title, i.impact, i.created_at, i.resolved_at, i.chat_channel, i.exhausted_at, i.drill,
       (SELECT count(DISTINCT target_arn) FROM engagements e
         WHERE e.incident_id = i.id AND e.target_type = 'PERSONAL'),
       (SELECT count(DISTINCT target_arn) FROM engagements e
         WHERE e.incident_id = i.id AND e.target_type = 'PERSONAL' AND e.acknowledged_at IS NOT NULL),
       (SELECT min(due_at) FROM timers m WHERE m.incident_id = i.id AND m.kind = 'engagement'),
       EXISTS (SELECT 1 FROM engagements e WHERE e.incident_id = i.id AND e.target_arn = ?
                 AND e.acknowledged_at IS NULL AND e.status <> 'STOPPED') AS mine
  FROM incidents i
 WHERE i.status = 'OPEN'
 ORDER BY NOT mine, i.exhausted_at IS NULL, i.impact, i.number DESC
 LIMIT ?
"""


_MAY_NOT = """
SELECT 1 FROM users u
 WHERE u.alias = ?
   AND (u.deleted_at IS NOT NULL OR u.account <> ?
        OR NOT EXISTS (SELECT 1 FROM user_policies p WHERE p.alias = u.alias)
        OR EXISTS (SELECT 1 FROM user_policies p
                    WHERE p.alias = u.alias AND p.name NOT IN ('administrator', 'resolver', 'viewer')))
"""
"""Whether it takes more than this to know if a user may see the list: one of another account, or whose policies are
not those that are known by name, which allow it."""


def first_page(location: str, rows: int, me: str) -> tuple[FirstPage, SystemClock] | None:
    """The first rows of a SQLite file of this version, for the contact `me` (an ARN), with its clock; None for anything
    else: opening explains it. None, too, for a user who may not see the list, or of whom that is not known yet."""
    if "://" in location:
        return None
    path = Path(location).expanduser()
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(uri(path, "ro"), uri=True, timeout=_BUSY_SECONDS)) as connection:
            if _header(connection, "user_version") != SCHEMA or _header(connection, "application_id") != APPLICATION_ID:
                return None
            connection.execute("BEGIN")
            if connection.execute(_MAY_NOT, (me.rpartition("/")[2], me.split(":")[4])).fetchone():
                return None
            opened = connection.execute("SELECT sum(incidents) FROM tallies WHERE status = 'OPEN'").fetchone()[0] or 0
            found = [_row(values) for values in connection.execute(_OPEN, (me, rows))]
            stored = connection.execute("SELECT value FROM settings WHERE key = 'clock'").fetchone()
            return FirstPage(found, opened), _clock(stored)
    except (sqlite3.Error, ValueError, TypeError):
        return None


def _header(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _row(values: tuple[Any, ...]) -> IncidentRow:
    number, id_, title, impact, created, resolved, chat, exhausted, drill, engaged, acknowledged, due, mine = values
    return IncidentRow(
        number=number,
        id=id_,
        title=title,
        impact=Impact(impact),
        status=Status.OPEN,
        created_at=_instant(created),
        resolved_at=None if resolved is None else _instant(resolved),
        chat_channel=_chat(chat),
        engaged=engaged,
        acknowledged=acknowledged,
        next_escalation=None if due is None else _instant(due),
        exhausted=exhausted is not None,
        drill=bool(drill),
        mine=bool(mine),
    )


def _chat(text: str) -> str:
    if text == "[]":
        return ""
    import json

    topics = json.loads(text)
    return str(topics[0]).rpartition(":")[2] if topics else ""


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _clock(stored: tuple[str] | None) -> SystemClock:
    if stored is None:
        return SystemClock()
    import json

    value = json.loads(stored[0])
    return SystemClock(float(value["speed"]), datetime.fromisoformat(value["origin"]))
