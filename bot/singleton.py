"""One process at a time for each part of the program: one receiver, one sender, one publisher, one collector.

Beside an SQLite file a second process is refused: it is a mistake. On PostgreSQL it waits and takes over.
"""

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO
from zlib import crc32

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

_log = logging.getLogger(__name__)
_KEY: Final = 0x4F746B6C_00000000  # PostgreSQL advisory locks; the part's CRC fills the lower half


class Part(StrEnum):
    COLLECT = "collect"
    RECEIVE = "receive"
    DELIVER = "deliver"
    PUBLISH = "publish"
    SWEEP = "sweep"  # deadlines; every process tries, one does it


class AlreadyRunningError(Exception):
    """Another process does this part of the work with the same SQLite database."""

    def __init__(self, part: Part) -> None:
        super().__init__(
            f"another Otklik already runs with this database ({part.value}): stop it first, or use PostgreSQL"
        )


class LockLostError(Exception):
    """The connection that held the lock is gone: somebody else may be at work already."""


class Locks:
    """`hold(part)` for the time this process does the part."""

    def __init__(self, url: str, *, wait_seconds: float = 2) -> None:
        self._url = make_url(url)
        self._wait = wait_seconds

    @asynccontextmanager
    async def hold(self, part: Part) -> AsyncIterator[None]:
        """Hold the part's lock.

        Raises:
            AlreadyRunningError: on SQLite, at once, except for the sweep, which waits.
            ExceptionGroup: of one LockLostError, on PostgreSQL, when the connection broke; the body is cancelled.
        """
        if self._url.get_backend_name() == "sqlite":
            path = Path(f"{self._url.database}.{part.value}.lock")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:  # noqa: ASYNC230 - an empty file, once
                await self._lock_file(file, part)
                yield
            return
        engine = create_async_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await self._lock_row(connection, part)
                async with _watched(connection, self._wait):
                    yield
        finally:
            await engine.dispose()

    async def _lock_file(self, file: TextIO, part: Part) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if part is not Part.SWEEP:
                    raise AlreadyRunningError(part) from None
                await asyncio.sleep(self._wait)
            else:
                return

    async def _lock_row(self, connection: AsyncConnection, part: Part) -> None:
        waiting = False
        ask = text("SELECT pg_try_advisory_lock(:key)")
        while not await connection.scalar(ask, {"key": _KEY + (crc32(part.encode()) & 0x7FFFFFFF)}):
            if not waiting:
                _log.info("another process does %s: waiting to take over", part.value)
            waiting = True
            await asyncio.sleep(self._wait)
        if waiting:
            _log.warning("took over: %s", part.value)


@asynccontextmanager
async def _watched(connection: AsyncConnection, every: float) -> AsyncIterator[None]:
    """Cancel the body when the connection, and with it the lock, is gone."""
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(_watch(connection, every))
        yield
        watch.cancel()


async def _watch(connection: AsyncConnection, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            async with asyncio.timeout(10):
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise LockLostError from error
