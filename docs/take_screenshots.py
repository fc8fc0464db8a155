"""Take the screenshots of the README from the running program: `python docs/take_screenshots.py`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Any

from imtui import services
from imtui.app import ImtuiApp, Setting
from imtui.commands.demo import prepare
from imtui.config import Config
from imtui.demo.alarms import alarm
from imtui.demo.history import acting, code_for, take_in

FOLDER = Path(__file__).with_name("screenshots")
SIZE = (110, 30)
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


async def main() -> None:
    """Open the demonstration's database, let an incident begin, and take a picture of each screen."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        location = str(Path(folder) / "demo.db")
        await prepare(location)
        app = ImtuiApp(Setting(location, Config(), "dana"))
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.context is not None)
            context = app.context
            assert context is not None
            incident = await take_in(context, [alarm("checkout-errors", context.now())])
            assert incident is not None
            await take_in(context, [alarm("search-latency", context.now())])
            code = None
            while code is None:
                await pilot.pause(0.1)
                code = await code_for(context, incident, "ana")
            await pilot.pause(1.5)
            take(app, "incidents")
            await services.engagements.acknowledge(acting(context, "ana"), code)
            note = "Payments answer 503 since the last deployment. Rolling back."
            await services.timeline.add_note(acting(context, "ana"), incident, note)
            app.open_incident(incident)
            await pilot.pause(1.5)
            take(app, "details")
            await pilot.press("escape")
            await pilot.pause(0.5)
            await pilot.press("down", "enter")
            await pilot.pause(1.0)
            await pilot.press("5")
            await pilot.pause(1.5)
            take(app, "engagements")
            await pilot.press("f6")
            await pilot.pause(1.5)
            take(app, "notifications")
            await app.leave()


async def until(pilot: Any, true: Any) -> None:
    """Wait until the program is ready."""
    while not true():
        await pilot.pause(0.05)


def take(app: ImtuiApp, name: str) -> None:
    """Write one picture; the fonts are those of whoever looks at it."""
    svg = _FONT_FACE.sub("", app.export_screenshot(title="imtui"))
    (FOLDER / f"{name}.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
