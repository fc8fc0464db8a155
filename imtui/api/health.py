"""`GET /healthz` and `GET /metrics`: whether the program does its work, for machines."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from imtui.domain.errors import Unavailable
from imtui.services import health, incident_list
from imtui.services.context import Context

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthPages:
    """Both pages; `leads` says whether the engine of this process is the leader."""

    def __init__(self, context: Context, leads: Callable[[], bool]) -> None:
        self._context = context
        self._leads = leads

    async def healthz(self, request: Request) -> Response:
        """200 while all is well, 503 when somebody should look."""
        try:
            found = await health.report(self._context)
        except Unavailable as error:
            unknown = {
                "status": "degraded",
                "engine": {"leader": False, "holder": "", "epoch": 0},
                "outbox": {"pending": 0, "oldest_seconds": 0.0},
                "timers": {"pending": 0, "latest_lateness_seconds": 0.0},
                "problems": [str(error)],
            }
            return JSONResponse(unknown, 503)
        document = {
            "status": "ok" if found.ok else "degraded",
            "engine": {"leader": self._leads(), "holder": found.holder, "epoch": found.epoch},
            "outbox": {"pending": found.outbox_pending, "oldest_seconds": found.outbox_oldest_seconds},
            "timers": {"pending": found.timers_pending, "latest_lateness_seconds": found.latest_lateness_seconds},
            "problems": found.problems,
        }
        return JSONResponse(document, 200 if found.ok else 503)

    async def metrics(self, request: Request) -> Response:
        """The engine's state in Prometheus' text format."""
        try:
            found = await health.report(self._context)
            opened = (await incident_list.counts(self._context)).open
        except Unavailable:
            return PlainTextResponse("# the database is away\nimtui_up 0\n", 503, media_type=METRICS_TYPE)
        lines: list[str] = []

        def gauge(name: str, text: str, value: float) -> None:
            lines.extend((f"# HELP imtui_{name} {text}", f"# TYPE imtui_{name} gauge", f"imtui_{name} {value:g}"))

        gauge("up", "1 while the database answers.", 1)
        gauge("healthy", "1 while nothing is degraded.", found.ok)
        gauge("engine_leader", "1 while this process is the engine.", self._leads())
        gauge("engine_live", "1 while any process is the engine.", found.leader)
        gauge("engine_epoch", "How often the engine has changed hands.", found.epoch)
        gauge("outbox_pending", "Messages that are due and not sent.", found.outbox_pending)
        gauge("outbox_oldest_seconds", "Age of the oldest of them.", found.outbox_oldest_seconds)
        gauge("timers_pending", "Steps that wait for their instant.", found.timers_pending)
        gauge("timers_overdue_seconds", "By how much the earliest step is overdue.", found.timers_overdue_seconds)
        gauge("timers_lateness_seconds", "By how much the latest step was late.", found.latest_lateness_seconds)
        gauge("engagements_running", "Engagements that page until somebody answers.", found.running)
        gauge("alarms", "What is wrong with the program itself.", len(found.alarms))
        gauge("incidents_open", "Open incidents.", opened)
        return PlainTextResponse("\n".join(lines) + "\n", media_type=METRICS_TYPE)
