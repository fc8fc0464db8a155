"""The lines in which a tour speaks; they stand only where there is a tour."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.lines import Line


class TourLine(Line):
    """One of them. It takes no room while nothing is said."""

    DEFAULT_CSS = """
    TourLine { display: none; background: $panel; }
    TourLine.-shown { display: block; }
    """

    def tell(self, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]] = ()) -> None:
        """Say this, or nothing."""
        self.set_class(bool(left), "-shown")
        self.say(left, right)
