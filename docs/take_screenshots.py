"""Take the screenshots of the README from the running program: `python docs/take_screenshots.py`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imtui import services
from imtui.app import ImtuiApp, Setting
from imtui.commands.demo import prepare
from imtui.config import Config
from imtui.demo.cast import Cast
from imtui.demo.story import ALARM, OTHER, SUMMARY
from imtui.demo.week import WEEK, Past

FOLDER = Path(__file__).with_name("screenshots")
SIZE = (110, 30)
PATIENCE_SECONDS = 30.0
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


NIGHT = Past(
    0.3,
    (ALARM,),
    (
        *((minute, "", "tick") for minute in (2, 3, 6)),
        (6.8, "", "again", "25"),
        (7.3, "ben", "answer"),
        (9, "ben", "note", "Payments answer 503 since 4313 went out. Rolling back."),
        (10.5, "chidi", "event", "Orders are kept and charged again later: nobody loses a basket."),
        (11, "chidi", "link", "Dashboard | https://graphs.shop.example/d/payments"),
        (12.4, "chidi", "note", "Second provider takes a third of the load. Rollback is at 40 %."),
        (13, "ben", "impact", "2"),
        (14, "ben", "summary", SUMMARY),
    ),
)
"""What the pictures of the incident tell."""


async def main() -> None:
    """Open the demonstration's database with an incident that has unfolded, and take a picture of each screen."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        location = str(Path(folder) / "demo.db")
        await prepare(location, 1.0, (*WEEK[:-1], NIGHT))
        app = ImtuiApp(Setting(location, Config(), "dana"))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.context is not None)
            assert app.context is not None
            incident = (await services.incident_list.page(app.context, limit=1)).rows[0].id
            other = (await Cast(app.context).alarm([OTHER]))[0]
            await seen(pilot, app, "incidents", "Warehouse")
            app.open_incident(other)
            await until(pilot, lambda: "Dana Weiss" in _text(app))
            await pilot.press("5")
            await seen(pilot, app, "engagements", "due in")
            await pilot.press("escape")
            app.open_incident(incident)
            await seen(pilot, app, "details", "refused")
            await pilot.press("3")
            await seen(pilot, app, "timeline", "acknowledged by the code")
            await pilot.press("question_mark")
            await seen(pilot, app, "help", "Help: every act")
            await pilot.press("escape", "f6")
            await seen(pilot, app, "notifications", "work mail")
            await app.leave()
        light = ImtuiApp(Setting(location, Config(theme="light"), "dana"))
        async with light.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: light.context is not None)
            light.open_incident(incident)
            await seen(pilot, light, "details-light", "refused")
            await light.leave()


async def until(pilot: Any, true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_SECONDS
    while not true():
        if loop.time() > end:
            raise TimeoutError
        await pilot.pause(0.05)


async def seen(pilot: Any, app: ImtuiApp, name: str, text: str) -> None:
    """Write one picture as soon as it shows this and has come to rest; the fonts are those of whoever looks at it."""
    await until(pilot, lambda: text in _text(app))
    await pilot.pause(0.5)
    svg = _FONT_FACE.sub("", app.export_screenshot(title="imtui", simplify=True))
    (FOLDER / f"{name}.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def _text(app: ImtuiApp) -> str:
    return "\n".join("".join(segment.text for segment in line) for line in app.screen._compositor.render_strips())


if __name__ == "__main__":
    asyncio.run(main())
