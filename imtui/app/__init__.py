"""The full-screen program: it opens the services, knows the screens, follows changes, and runs the engine."""

import os

os.environ.setdefault("TEXTUAL_FPS", "200")  # a key that comes just after a change need not wait for the next frame

from imtui.app.program import ImtuiApp, run_app
from imtui.app.setting import Setting

__all__ = ["ImtuiApp", "Setting", "run_app"]
