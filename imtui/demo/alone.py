"""Writing a file that nobody else has opened yet, while somebody waits: its statements run in this thread.

The driver hands each statement to a thread of its own, so that a slow disk holds up nothing else. Here there is
nothing else, and half of the time would go into handing over. Nor does it wait for the disk after each of them: what
is thrown away need not survive a power cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiosqlite
import sqlalchemy as sa


@contextmanager
def alone() -> Iterator[None]:
    """Databases that are opened in this block run their statements in the calling thread, until they are closed."""

    def connect(dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        if dialect.driver == "aiosqlite":
            parameters["async_creator_fn"] = _connection

    def hurry(connection: Any, record: Any, _proxy: Any) -> None:
        if isinstance(getattr(record.driver_connection, "_tx", None), _Here):
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

    sa.event.listen(sa.Engine, "do_connect", connect)
    sa.event.listen(sa.Pool, "checkout", hurry)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "do_connect", connect)
        sa.event.remove(sa.Pool, "checkout", hurry)


class _Here:
    """Stands for the driver's thread and for its queue: what is put into it is done."""

    daemon = True

    def start(self) -> None:
        """There is nothing to start."""

    def put_nowait(self, item: tuple[Any, Any]) -> None:
        """Do it, and give what comes of it to whoever waits."""
        future, work = item
        try:
            result = work()
        except BaseException as error:
            if future is not None:
                future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


def _connection(*arguments: Any, **parameters: Any) -> aiosqlite.Connection:
    connection = aiosqlite.connect(*arguments, **parameters)
    here: Any = _Here()
    connection._thread = here
    connection._tx = here
    return connection
