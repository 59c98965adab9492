"""What networks pushed, stored by bot/hooks.py: understood and handed on, each network in a loop of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from bot.backoff import retry_delay
from collectors.contract import NetworkError, Outcome
from collectors.pushing import Hook, Pushed
from handlers.context import Clock
from incidents.incoming import FoundPost
from models import PushRow
from models.database import Database

_log = logging.getLogger(__name__)

Take = Callable[[str, Sequence[FoundPost]], Awaitable[None]]
"""Stores the posts of a network; when it returns, they are safe. Taking the same posts twice must be harmless."""

_POLL: Final = 0.5  # seconds: what another process wrote rings no bell here
_PAUSE: Final = 0.02  # seconds: many writes in a row are one reason to look
_BATCH: Final = 50
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=30)
_GIVES_UP: Final = 80  # attempts of one event: more than a day; polling has brought it long ago
_KEPT: Final = timedelta(days=7)  # then what was understood is forgotten: it holds people's words
_SWEEP: Final = timedelta(hours=1)


class Pushes:
    """`run` until cancelled. Events are taken in the order they came; one that must wait lets others pass."""

    def __init__(self, database: Database, hooks: Mapping[str, Hook], *, take: Take, clock: Clock) -> None:
        """`hooks`: network → its webhook."""
        self._database = database
        self._hooks = hooks
        self._take = take
        self._clock = clock
        self._bells = {network: database.doorbell() for network in hooks}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for network in self._hooks:
                group.create_task(self._serve(network))

    async def _serve(self, network: str) -> None:
        """One network for ever: its slowness and its troubles are its own."""
        sweep_at = self._clock()
        failures = 0
        while True:
            self._bells[network].clear()
            try:
                handled = await self.work_off(network)
                if self._clock() >= sweep_at:
                    await self._forget_old(network)
                    sweep_at = self._clock() + _SWEEP
                failures = 0
            except (SQLAlchemyError, OSError) as error:
                failures += 1
                if failures == 1:
                    _log.error("%s: pushed events cannot be worked off: %s", network, error)
                await asyncio.sleep(retry_delay(failures).total_seconds())
                continue
            if not handled:
                await self._rest(network)

    async def _rest(self, network: str) -> None:
        try:
            async with asyncio.timeout(_POLL):
                await self._bells[network].wait()
            await asyncio.sleep(_PAUSE)
        except TimeoutError:
            pass

    async def work_off(self, network: str) -> int:
        """Once through what is open and due of a network: how many events that were.

        Raises:
            SQLAlchemyError, OSError: the database does not answer; what is open stays open.
        """
        async with self._database.reading() as session:
            found = await session.scalars(
                select(PushRow)
                .where(
                    PushRow.network == network,
                    PushRow.done_at.is_(None),
                    PushRow.not_before <= self._clock(),
                )
                .order_by(PushRow.id)
                .limit(_BATCH)
            )
            due = list(found)
        for row in due:
            await self._work_off_one(row)
        return len(due)

    async def _work_off_one(self, row: PushRow) -> None:
        try:
            posts = await self._hooks[row.network].understand(Pushed(row.key, row.body))
            if posts:
                await self._take(row.network, posts)
        except NetworkError as error:
            await self._failed(row, error)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - garbage: this event is given up, the others pass
            _log.exception("%s: something no webhook expects", row.network)
            await self._failed(row, NetworkError(f"{type(error).__name__}: {error}", outcome=Outcome.NEVER))
        else:
            async with self._database.writing() as session:
                mine = await session.get_one(PushRow, row.id)
                mine.done_at, mine.error = self._clock(), ""

    async def _failed(self, row: PushRow, error: NetworkError) -> None:
        """Later, where the network says so; else given up, with the reason kept. Polling catches up."""
        async with self._database.writing() as session:
            mine = await session.get_one(PushRow, row.id)
            mine.attempts += 1
            mine.error = _storable(str(error))
            if error.outcome is Outcome.LATER and mine.attempts < _GIVES_UP:
                pause = retry_delay(
                    mine.attempts, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE, asked=error.retry_after
                )
                mine.not_before = self._clock() + pause
                return
            mine.done_at = self._clock()
        _log.warning("%s: a pushed event was given up: %s", row.network, error)

    async def _forget_old(self, network: str) -> None:
        async with self._database.writing() as session:
            await session.execute(
                delete(PushRow).where(PushRow.network == network, PushRow.done_at < self._clock() - _KEPT)
            )


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:500]
