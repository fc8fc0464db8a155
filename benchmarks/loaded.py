"""What a program that shows screens has loaded: nothing of a server, of migrations or of a cloud."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

UNWANTED = ("alembic", "botocore", "uvicorn", "starlette")
_PATIENCE = 60

_LOOK_AROUND = """
import asyncio, json, sys
from imtui.app.program import ImtuiApp
from imtui.app.setting import Setting
from imtui.config import Config

async def look_around():
    app = ImtuiApp(Setting(sys.argv[1], Config(), "ana"))
    async with app.run_test(size=(120, 36)) as pilot:
        for _ in range(200):
            await pilot.pause(0.05)
            if app.context is not None:
                break
        assert app.context is not None
        for key in ("pagedown", "2", "1", "enter", "3", "5", "7", "escape", "f3", "f4", "f5", "f6", "f7", "f2"):
            await pilot.press(key)
            await pilot.pause(0.2)
        screens = [type(screen).__name__ for screen in app.screen_stack]
        modules = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps({"screens": screens, "modules": modules, "count": len(sys.modules)}))

asyncio.run(look_around())
"""


def unwanted(database: Path) -> tuple[list[str], int]:
    """Which of the unwanted are loaded after a look at every kind of screen, and how many modules are in all."""
    command = [sys.executable, "-c", _LOOK_AROUND, str(database)]
    done = subprocess.run(command, check=True, timeout=_PATIENCE, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["screens"][-1:] == ["IncidentsScreen"], found["screens"]
    assert "sqlalchemy" in found["modules"]
    return [name for name in UNWANTED if name in found["modules"]], int(found["count"])
