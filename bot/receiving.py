"""Telegram's updates → inbox rows → handlers: each stored first, handled once, in its person's order."""

import asyncio
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from bot import inbox
from bot.backoff import retry_delay
from bot.chat_events import chat_event
from bot.inbox import AlreadyHandledError
from bot.lanes import Lanes
from bot.sources import Sources
from handlers.context import Clock, House
from models import InboxRow
from models.database import Database

_log = logging.getLogger(__name__)

_ROOM: Final = 1000  # updates that may wait in memory; more stay with Telegram
_PAGE: Final = 500
_MOST_RUNS: Final = 4  # the first, and three more when somebody was faster
_LONGEST_PAUSE: Final = timedelta(seconds=30)
_CONTENTION: Final = (StaleDataError, IntegrityError)
_PASSING: Final = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter)

Apologise = Callable[[Update, str], Awaitable[None]]
"""Tells the person that their press failed, with the error's number."""


class Receiver:
    """Handles what `store` kept; `run` is the workers."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        dispatcher: Dispatcher,
        *,
        house: House,
        clock: Clock,
        apologise: Apologise,
        workers: int = 16,
        sources: Sources | None = None,
    ) -> None:
        """`sources`: where Telegram is a source of residents' posts too."""
        self._database = database
        self._bot = bot
        self._dispatcher = dispatcher
        self._house = house
        self._clock = clock
        self._apologise = apologise
        self._sources = sources
        self._lanes: Lanes[InboxRow] = Lanes(self._handle, workers=workers, room=_ROOM)

    async def store(self, updates: Sequence[dict[str, Any]]) -> None:
        """Keep a batch, then hand it to the workers. Raises what the database raises: nothing was kept then."""
        await self._lanes.has_room()
        for row in await inbox.store(self._database, updates, now=self._clock()):
            self._lanes.put(row.lane, row)

    async def run(self) -> None:
        """Handle whatever is stored, until cancelled."""
        await self._lanes.run()

    async def take_left_over(self) -> None:
        """Hand the workers what an earlier run stored and did not handle. Before the first poll."""
        after: int | None = None
        while True:
            async with self._database.reading() as session:
                rows = await inbox.left_over(session, after=after, limit=_PAGE)
            for row in rows:
                await self._lanes.has_room()
                self._lanes.put(row.lane, row)
            if len(rows) < _PAGE:
                return
            after = rows[-1].update_id

    async def _is_residents(self, row: InboxRow, raw: dict[str, Any]) -> bool:
        """A post of a registered channel or group: nothing for the handlers."""
        if self._sources is None or not await self._sources.is_one(raw):
            return False
        try:
            async with self._database.writing() as session:
                await self._sources.keep(session, raw)
                await inbox.mark_done(session, row.update_id, now=self._clock())
        except AlreadyHandledError:
            _log.info("update %s was handled before", row.update_id)
        return True

    async def _handle(self, row: InboxRow) -> None:
        """Until it is done or failed for good; while the database is away, for as long as that takes."""
        outages = 0
        while True:
            try:
                await self._try(row)
            except (SQLAlchemyError, OSError) as error:
                outages += 1
                if outages == 1:
                    _log.error("update %s waits for the database: %s", row.update_id, error)
                await asyncio.sleep(retry_delay(outages, longest=_LONGEST_PAUSE).total_seconds())
            else:
                return

    async def _try(self, row: InboxRow) -> None:
        raw = json.loads(row.payload)
        try:
            if await self._about_reach(row, raw) or await self._is_residents(row, raw):
                return
            update = parse(raw, self._bot)
            kind = update.event_type
        except (ValidationError, UpdateTypeLookupError) as error:
            # Where and what, not whose words.
            where = (
                [one["loc"] for one in error.errors()] if isinstance(error, ValidationError) else "its kind"
            )
            _log.error("update %s cannot be read and is kept: %s", row.update_id, where)
            await self._fail(row, "cannot be read")
            return
        _log.debug("update %s: %s", row.update_id, kind)
        for run in range(1, _MOST_RUNS + 1):
            try:
                await self._feed(row, update)
            except (*_CONTENTION, *_PASSING) as error:
                if run == _MOST_RUNS:
                    await self._broke(row, update, error)
                    return
                await asyncio.sleep(random.uniform(0.01, 0.05) * run)  # noqa: S311 - spreading, not secrecy
            except AlreadyHandledError:
                _log.info("update %s was handled before", row.update_id)
                return
            except (SQLAlchemyError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - one person's update must not stop the others'
                await self._broke(row, update, error)
                return
            else:
                return

    async def _feed(self, row: InboxRow, update: Update) -> None:
        done = False

        async def mark(session: AsyncSession) -> None:
            await inbox.mark_done(session, row.update_id, now=self._clock())

        @asynccontextmanager
        async def transaction() -> AsyncIterator[AsyncSession]:
            nonlocal done
            async with self._database.writing(before_commit=mark, urgent=True) as session:
                yield session
            done = True

        try:
            await self._dispatcher.feed_update(
                self._bot,
                update,
                transaction=transaction,
                reading=self._database.reading,
                clock=self._clock,
                house=self._house,
            )
        except TelegramAPIError as error:
            if not done:
                raise
            # The step is committed; only its acknowledgement was lost.
            _log.warning("update %s: %s", row.update_id, error.message)
        except Exception:
            if not done:
                raise
            _log.exception("update %s: after its commit", row.update_id)
        if not done:
            async with self._database.writing() as session:
                await mark(session)

    async def _broke(self, row: InboxRow, update: Update, error: Exception) -> None:
        number = secrets.token_hex(3).upper()
        _log.error("error %s: update %s failed and is kept", number, row.update_id, exc_info=error)
        await self._fail(row, f"{number}: {type(error).__name__}: {error}")
        try:
            await self._apologise(update, number)
        except Exception as second:  # noqa: BLE001 - there is nobody left to tell
            _log.warning("error %s could not be told: %s", number, second)

    async def _fail(self, row: InboxRow, error: str) -> None:
        async with self._database.writing() as session:
            await inbox.mark_failed(session, row.update_id, error=error, now=self._clock())

    async def _about_reach(self, row: InboxRow, raw: dict[str, Any]) -> bool:
        """Blocked, kicked, let in again, renamed, somebody gone, become a supergroup: no handler's business."""
        event = chat_event(raw)
        if event is None:
            return False
        now = self._clock()
        try:
            async with self._database.writing() as session:
                await event(session, now)
                await inbox.mark_done(session, row.update_id, now=now)
        except AlreadyHandledError:
            _log.info("update %s was handled before", row.update_id)
        return True


def parse(raw: dict[str, Any], bot: Bot) -> Update:
    """Raises: pydantic.ValidationError: nothing aiogram knows, also without its lone surrogates."""
    try:
        return Update.model_validate(raw, context={"bot": bot})
    except ValidationError:
        return Update.model_validate(_storable(raw), context={"bot": bot})


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value
