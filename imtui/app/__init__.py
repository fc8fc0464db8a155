"""The full-screen program: it opens the services, knows the screens, follows changes, and runs the engine."""

from imtui.app.program import ImtuiApp, run_app
from imtui.app.setting import Setting

__all__ = ["ImtuiApp", "Setting", "run_app"]
