"""The audit log: what was done and refused, and all of it in a file."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from imtui import services
from imtui.domain.errors import Conflict, Unavailable, ValidationFailed
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, instant, iso

if TYPE_CHECKING:
    from imtui.domain.audit import Record
    from imtui.domain.audit_chain import Seal
    from imtui.services.context import Context

_BUFFER = 1024 * 1024


async def audit(
    context: Context,
    since: str | None,
    until: str | None,
    who: str | None,
    what: str | None,
    on: str | None,
    result: str | None,
    id: str | None,  # noqa: A002 - it is the option's name
    changes: bool,
    limit: int,
) -> list[Record]:
    from imtui.domain.audit import Wanted, event_name

    failed = {"ok": False, "refused": True}.get(result) if result is not None else None
    wanted = Wanted(
        since=_instant("since", since, context.now()),
        until=_instant("until", until, context.now()),
        caller=who,
        event=event_name(what) if what else None,
        about=on,
        request_id=id,
        read_only=False if changes else None,
        failed=failed,
        error=result if result is not None and failed is None else None,
    )
    found, _ = await services.audit.lookup(context, wanted, limit=limit)
    return found


def _instant(name: str, text: str | None, now: datetime) -> datetime | None:
    """An instant as filters take it: a date, a time, or an age such as 24h."""
    if text is None:
        return None
    from imtui.domain.filter_values import instant as span

    try:
        low = span(":", text, now.astimezone()).low
    except ValidationFailed as error:
        raise ValidationFailed(f"--{name}: {error}", name) from None
    assert isinstance(low, datetime)
    return low


def _lines(found: list[Record]) -> list[str]:
    return columns(
        (instant(r.at), r.caller, r.address or r.origin, r.event_name, r.resource, r.result) for r in found
    ) or ["no such record"]


def document(record: Record) -> dict[str, Any]:
    """A record for programs."""
    return {
        "id": record.id,
        "requestId": record.request_id,
        "at": iso(record.at),
        "user": record.caller,
        "login": record.login,
        "origin": record.origin,
        "address": record.address,
        "accessKeyId": record.access_key,
        "userAgent": record.user_agent,
        "action": record.action,
        "readOnly": record.read_only,
        "resource": record.resource,
        "parameters": record.values,
        "error": record.error,
        "message": record.message,
    }


# ------------------------------------------------------------ export


class Exported(NamedTuple):
    """What was written."""

    file: str
    records: int
    seals: int
    newest: str


async def export(context: Context, file: str) -> Exported:
    """Write everything into a new file, which stands complete under its name or not at all."""
    from imtui.config import expanded

    target = expanded(file)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    records = seals = 0
    newest = ""
    try:
        _unless_there(target)
        with _opened(part) as stream:
            async for item in services.audit.exported(context):
                if isinstance(item, bytes):
                    stream.write(item + b"\n")
                    records += 1
                else:
                    stream.write(_seal_line(item))
                    seals, newest = seals + 1, item.hash
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, target)
    except FileExistsError:
        raise Conflict(f"{target} exists already: nothing was written, give another name") from None
    except OSError as error:
        raise Unavailable(f"{target} cannot be written ({error.strerror or error}): there is no export") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return Exported(str(target), records, seals, newest)


def _unless_there(target: Path) -> None:
    if target.exists():
        raise FileExistsError


def _opened(part: Path) -> IO[bytes]:
    """A new file that only its owner can read."""

    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    return open(part, "xb", buffering=_BUFFER, opener=opener)


def _seal_line(seal: Seal) -> bytes:
    return json.dumps({"seal": seal._asdict()}, separators=(",", ":")).encode() + b"\n"


def _exported(done: Exported) -> list[str]:
    under = f" under {done.seals:,} seals, the newest {done.newest}" if done.seals else ", none of them sealed yet"
    return [f"{done.file}: {done.records:,} records{under}"]


OPERATIONS = (
    Operation(
        ("audit",),
        "who did what, from where, and what came of it: the newest first",
        (
            Parameter("since", "not before: 2026-03-01, 2026-03-01T03:10, today, or an age such as 24h", option=True),
            Parameter("until", "before this instant", option=True),
            Parameter("who", "the user's alias", option=True),
            Parameter("what", "the action, such as StartIncident", option=True),
            Parameter("on", "a part of the resource: an ARN, a name, a number", option=True),
            Parameter("result", "ok, refused, or an error such as AccessDeniedException", option=True),
            Parameter("id", "the request id", option=True),
            Parameter("changes", "without what was only read", "flag", option=True, default=False),
            Parameter("limit", "how many at most", "number", option=True, default=100),
        ),
        audit,
        _lines,
        lambda found: [document(record) for record in found],
    ),
    Operation(
        ("audit", "export"),
        "write all audit records and their seals into a new file, as JSON lines",
        (Parameter("file", "where to; it must not exist"),),
        export,
        _exported,
        lambda done: {"file": done.file, "records": done.records, "seals": done.seals, "newestSeal": done.newest},
        shell_only=True,
    ),
)
