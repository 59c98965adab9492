"""Opening the database: SQLite by default, PostgreSQL by URL; one way to write and one way to read."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

# Measured (8 concurrent read-then-write transactions): with the driver's defaults 7 of 8 updates are lost
# without an error; with deferred BEGIN 7 of 8 fail as "locked"; BEGIN IMMEDIATE does all 8.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=16000",
)
_READ_ONLY = "otklik_read_only"


class _Turns:
    """A lock whose waiters come in order, the urgent ones first."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._count = 0

    @asynccontextmanager
    async def take(self, *, urgent: bool) -> AsyncIterator[None]:
        if self._is_taken:
            await self._wait(urgent=urgent)
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, *, urgent: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (not urgent, self._count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was our turn already: the next one must have it
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """The lock goes straight to the next waiter: nobody can slip in between."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._is_taken = False


class Database:
    """The engine and the two ways in: `writing()` commits once at its end, `reading()` never writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writers = async_sessionmaker(engine, expire_on_commit=False)
        reader = engine.execution_options(**{_READ_ONLY: True})
        self._readers = async_sessionmaker(reader, expire_on_commit=False)
        self._doorbells: list[asyncio.Event] = []
        # SQLite has one writer at a time. Waiting here is fair and costs nothing; waiting in SQLite is by
        # sleeps of up to 100 ms, and whoever wakes first is next.
        self._turns = _Turns() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def doorbell(self) -> asyncio.Event:
        """An event set after every commit of this process: wakes whoever waits for new rows."""
        bell = asyncio.Event()
        self._doorbells.append(bell)
        return bell

    @asynccontextmanager
    async def writing(
        self, before_commit: Callable[[AsyncSession], Any] | None = None, *, urgent: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One transaction. `before_commit` (awaitable) runs inside it, last: what must commit together.

        `urgent`: somebody has pressed and waits; on SQLite such a transaction is the next to have its turn.
        Never open one inside another: on SQLite the inner one would wait for the outer for ever.
        """
        turn = self._turns.take(urgent=urgent) if self._turns else nullcontext()
        async with turn, self._writers.begin() as session:
            yield session
            if before_commit is not None:
                await before_commit(session)
        for bell in self._doorbells:
            bell.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A snapshot to look at; never waits for a writer."""
        async with self._readers() as session:
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def open_database(url: str, *, pool_size: int = 8) -> Database:
    """Open `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…`; nothing is created or migrated."""
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=pool_size, max_overflow=8, pool_pre_ping=True)
        return Database(engine)
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=8, connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return Database(engine)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
