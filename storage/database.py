"""Opening the database, reading it, and changing it in units of work.

SQLite runs in WAL mode with full synchronisation; every unit of work is one `BEGIN IMMEDIATE` transaction.
PostgreSQL runs through asyncpg; a unit of work there begins by taking the writers' lock, so that units follow one
another as they do on SQLite: none meets another half way, none can deadlock, and change rows commit in their order.
Both tell other programs what changed: see `storage/watch.py`.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from imtui.domain.errors import Unavailable, ValidationFailed
from storage import errands
from storage import tables as t

BUSY_SECONDS = 10.0
WRITERS_LOCK = 0x696D747569  # 'imtui'
STALLED_SECONDS = 5.0
"""On PostgreSQL, how long a unit of work may stand still before the server ends it for the others' sake."""

NOTIFY_CHANNEL = "imtui_changes"

T = TypeVar("T")


@lru_cache(maxsize=4)
def _order(_: int) -> Mapping[sa.Table, int]:
    """Which table's rows come first, for so many tables as there are: more may have been described meanwhile."""
    return {table: index for index, table in enumerate(t.metadata.sorted_tables)}


@lru_cache(maxsize=256)
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


class LeaseLost(Exception):
    """The engine that began this unit of work is not the leader any more; nothing was changed."""


class Fence:
    """Proof of leadership, checked inside every transaction of the engine."""

    def __init__(self, holder: str, epoch: int) -> None:
        self.holder = holder
        self.epoch = epoch


class Reader:
    """A consistent view for queries."""

    def __init__(self, connection: AsyncConnection, dialect: str) -> None:
        self.connection = connection
        self.dialect = dialect

    async def all(self, statement: sa.Executable, parameters: Any = None) -> Sequence[sa.Row[Any]]:
        """Every row."""
        return (await self.connection.execute(statement, parameters)).all()

    async def first(self, statement: sa.Executable, parameters: Any = None) -> sa.Row[Any] | None:
        """The first row, or None."""
        return (await self.connection.execute(statement, parameters)).first()

    async def scalar(self, statement: sa.Executable, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        return (await self.connection.execute(statement, parameters)).scalar()


class Unit(Reader):
    """A unit of work: everything in it is committed together, or nothing is.

    `insert` collects rows and writes them in batches, what is referred to before what refers to it; a query that
    must see them calls `flush` first.
    """

    def __init__(self, connection: AsyncConnection, dialect: str, now: datetime) -> None:
        super().__init__(connection, dialect)
        self.now = now
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {}
        self._changes: dict[tuple[str, str], str | None] = {}

    def insert(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Add a row; every row of one table in a unit names the same columns."""
        self._rows.setdefault(table, []).append(dict(row))

    def changed(self, topic: str, ref: str, incident_id: str | None = None) -> None:
        """Tell every open screen, once per subject and unit, when this unit is committed; a flood as one."""
        self._changes[topic, ref] = incident_id

    @property
    def told(self) -> bool:
        """Whether any screen will be told of this unit."""
        return bool(self._changes)

    async def run(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Execute an insert, update or delete; a list of parameters runs as one batch."""
        return await self.connection.execute(statement, parameters)

    async def flush(self) -> None:
        """Write the collected rows. On SQLite they go with the next statement, or with the commit."""
        rows, self._rows = self._rows, {}
        with await self._later():
            for table in sorted(rows, key=_order(len(t.metadata.tables)).__getitem__):
                await self.connection.execute(_insert(table), rows[table])

    async def finish(self) -> bool:
        """Write what is left, and the change rows last; whether there are any."""
        await self.flush()
        if not self._changes:
            return False
        rows = [
            {"at": self.now, "topic": topic, "ref": ref, "incident_id": incident}
            for topic, ref, incident in _coalesced(self._changes)
        ]
        with await self._later():
            await self.connection.execute(_insert(t.changes), rows)
        if self.dialect == "postgresql":
            await self.connection.execute(sa.select(sa.func.pg_notify(NOTIFY_CHANNEL, "")))
        return True

    async def _later(self) -> AbstractContextManager[None]:
        """Within this, nobody waits for statements of which nothing need be known."""
        if self.dialect != "sqlite":
            return nullcontext()
        driver = (await self.connection.get_raw_connection()).driver_connection
        return driver.later() if isinstance(driver, errands.Connection) else nullcontext()


MOST_CHANGES = 100
"""Of more subjects of one topic than this in one unit, it is only told that there were many, in each incident."""


def _coalesced(changes: Mapping[tuple[str, str], str | None]) -> list[tuple[str, str, str | None]]:
    """Topic, subject and incident of each change; `*` stands for the subjects of a flood."""
    counts = Counter(topic for topic, _ in changes)
    found = dict.fromkeys(
        (topic, ref if counts[topic] <= MOST_CHANGES else "*", incident) for (topic, ref), incident in changes.items()
    )
    return list(found)


async def _to_the_end(work: Awaitable[T]) -> T:
    """Await what must not be left half done, even when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Database:
    """One open database. `open_database` makes it."""

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        self.url = url
        self.read_only = read_only
        self.dialect = url.get_backend_name()
        self.path = Path(url.database) if self.dialect == "sqlite" and url.database else None
        self.listeners: set[Callable[[], None]] = set()
        """Called after each commit of this process that changed something; `storage/watch.py` wakes on it."""
        self.at_close: list[Callable[[], None]] = []
        """Called when it is closed: what others hold open beside its connections goes, too."""
        self._write_lock = asyncio.Lock()
        self._writer = self._engine(writer=True)
        self._readers = self._engine(writer=False)
        self._plain: sa.Engine | None = None

    def _engine(self, *, writer: bool) -> AsyncEngine:
        def compact(value: Any) -> str:
            return json.dumps(value, separators=(",", ":"))

        if self.dialect != "sqlite":
            limits = {"lock_timeout": BUSY_SECONDS, "idle_in_transaction_session_timeout": STALLED_SECONDS}
            settings = {name: str(int(seconds * 1000)) for name, seconds in limits.items()} if writer else {}
            return create_async_engine(
                self.url,
                pool_size=1 if writer else 4,
                max_overflow=4,
                pool_pre_ping=True,
                json_serializer=compact,
                isolation_level="READ COMMITTED" if writer else "REPEATABLE READ",
                connect_args={"server_settings": {"application_name": "imtui", **settings}, "timeout": BUSY_SECONDS},
            )
        engine = create_async_engine(
            self.url,
            pool_size=1 if writer else 3,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": errands.writing if writer else errands.viewing},
            json_serializer=compact,
        )

        @sa.event.listens_for(engine.sync_engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA synchronous=FULL")
            if not writer or self.read_only:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @sa.event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writer and not self.read_only else "BEGIN")

        return engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A view of one instant: what was committed before it, however long one reads."""
        with _told():
            async with self._readers.connect() as connection, connection.begin():
                yield Reader(connection, self.dialect)

    async def row(self, statement: sa.Executable, parameters: Any = None) -> sa.Row[Any] | None:
        """The first row of a single statement, or None. What is asked again and again while nothing happens is asked
        so: on SQLite it is one errand to a thread, where `read` makes a dozen."""
        if self.path is None:
            async with self.read() as reader:
                return await reader.first(statement, parameters)
        with _told():
            return await asyncio.to_thread(self._row, statement, parameters)

    def _row(self, statement: sa.Executable, parameters: Any) -> sa.Row[Any] | None:
        if self._plain is None:
            self._plain = _plain_engine(self.url)
        with self._plain.connect() as connection:
            return connection.execute(statement, parameters).first()

    @asynccontextmanager
    async def write(self, now: datetime, fence: Fence | None = None) -> AsyncIterator[Unit]:
        """A unit of work, committed when the block ends well and rolled back when it raises.

        Raises LeaseLost when the fence does not hold any more, Unavailable when the database is away.
        """
        if self.read_only:
            raise Unavailable("the database is open for reading only: nothing was changed")
        async with self._write_lock:
            with _told():
                connection = await self._writer.connect()
                try:
                    await connection.begin()
                    if self.dialect == "postgresql":
                        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
                    unit = Unit(connection, self.dialect, now)
                    if fence is not None:
                        await self._check(unit, fence)
                    yield unit
                    changed = await unit.finish()
                    await _to_the_end(self._commit(connection))
                except BaseException:
                    await _to_the_end(_rolled_back(connection))
                    raise
                finally:
                    await _to_the_end(connection.close())
        if changed:
            for listener in tuple(self.listeners):
                listener()

    async def _commit(self, connection: AsyncConnection) -> None:
        """Commit. When a server is lost just then, nobody can know on which side of the commit: that is said."""
        try:
            await connection.commit()
        except Exception as error:
            if self.dialect == "postgresql" and is_away(error):
                raise Unavailable(
                    "the database was lost while this was committed: look whether it was done before you try again"
                ) from error
            raise

    async def _check(self, unit: Unit, fence: Fence) -> None:
        """No other unit can take the lease before this one ends: compare the epoch."""
        query = sa.select(t.lease.c.epoch).where(t.lease.c.name == "engine", t.lease.c.holder == fence.holder)
        if await unit.scalar(query) != fence.epoch:
            raise LeaseLost

    async def close(self) -> None:
        """Close every connection."""
        for let_go in self.at_close:
            let_go()
        await self._writer.dispose()
        await self._readers.dispose()
        if self._plain is not None:
            self._plain.dispose()


def _plain_engine(url: URL) -> sa.Engine:
    """SQLite without a loop, for reading single statements in any thread."""
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"), pool_size=3, max_overflow=-1, connect_args={"timeout": BUSY_SECONDS}
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    return engine


async def _rolled_back(connection: AsyncConnection) -> None:
    """Roll back as far as the connection still allows: one that is gone has rolled back by itself."""
    try:
        await connection.rollback()
    except Exception as error:
        await connection.invalidate(error)


_OURS = ("23", "42")
"""Classes of SQLSTATE that a defect of this program causes: broken constraints, wrong statements."""

_VALUES = ("22", "54")
"""Classes of SQLSTATE of values that cannot be kept: characters that do not exist, keys that are too long."""

_DENIED = "42501"


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database cannot be used now, rather than that this program has a defect."""
    if isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError)):
        return True
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    if isinstance(state, str):
        return state == _DENIED or not state.startswith(_OURS + _VALUES)
    if isinstance(error, sa.exc.DBAPIError):
        # A damaged file is sqlite3.DatabaseError itself; its subclasses are told apart above and by SQLAlchemy.
        return error.connection_invalidated or type(original) is sqlite3.DatabaseError
    return type(original).__module__.startswith("asyncpg")


def _cannot_be_kept(error: BaseException) -> bool:
    """Whether the database refuses a value as such, however often it is asked."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    wrong = isinstance(error, sa.exc.DataError) or isinstance(original, (UnicodeError, OverflowError))
    return wrong or (isinstance(state, str) and state.startswith(_VALUES))


@contextmanager
def _told() -> Iterator[None]:
    """What the database cannot do is said as Unavailable, what it cannot keep as ValidationFailed."""
    try:
        yield
    except Exception as error:
        if _cannot_be_kept(error):
            raise ValidationFailed(
                f"a value cannot be kept by the database ({_reason(error)}): nothing was changed"
            ) from error
        if is_away(error):
            raise away(error) from error
        raise


def away(error: BaseException) -> Unavailable:
    """What a person is told when the database does not answer as it should."""
    return Unavailable(f"the database cannot be used now ({_reason(error)}); nothing was changed, try again")


def _reason(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    if isinstance(original, OSError) and original.strerror:
        return original.strerror
    return str(original).splitlines()[0][:200] if str(original) else type(original).__name__


def database_url(text: str) -> URL:
    """A path or URL as people give it, as a URL with its driver; raises ValidationFailed."""
    if "://" not in text:
        return URL.create("sqlite+aiosqlite", database=str(Path(text).expanduser().resolve()))
    try:
        url = make_url(text)
    except sa.exc.ArgumentError:
        raise ValidationFailed("database: neither a path nor a URL such as postgresql://user@host/name") from None
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+asyncpg")
    raise ValidationFailed(f"database: {url.get_backend_name()} is not supported, use SQLite or PostgreSQL")
