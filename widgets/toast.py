"""What is said in passing."""

from __future__ import annotations

from textual.notifications import Notification

LEAST_SECONDS = 0.1


class Said(Notification):
    """A notification that has always some time left. Textual sets a timer by what is left when it draws one, and a
    timer of less than nothing never lets go: on a slow machine, or where screens follow one another quickly, the
    program would hang for ever."""

    @property
    def time_left(self) -> float:
        return max(LEAST_SECONDS, super().time_left)

    @property
    def has_expired(self) -> bool:
        return super().time_left <= 0
