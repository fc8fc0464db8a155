"""The full-screen program: it opens the services, knows the screens, follows changes, and runs the engine."""

from imtui.app.program import ImtuiApp, Setting, run_app

__all__ = ["ImtuiApp", "Setting", "run_app"]
