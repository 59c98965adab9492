"""Feeds: one loop each, its cursor stored with the posts it covers; which feeds there are may change any time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.clock import sleep_until
from bot.taking import Taker
from collectors.contract import Batch, Collector, NetworkError, Outcome
from handlers.context import Clock
from models import Feed
from models.database import Database

_log = logging.getLogger(__name__)

_MOST_PAGES: Final = 200  # read in one go; an endless cursor ends here
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(minutes=30)
_STOPPED_PAUSE: Final = timedelta(minutes=10)
_SAYS_SO_FOR: Final = timedelta(minutes=5)  # health pages show when a feed was last read

Feeds = Callable[[], Awaitable[Sequence[Collector]]]


class Collecting:
    """Reads every feed until cancelled; one feed's troubles are its own.

    `feeds` is asked for the feeds there should be, every `look_seconds`: what is new begins, what has gone ends.
    """

    def __init__(
        self, database: Database, feeds: Feeds, *, taker: Taker, clock: Clock, look_seconds: float = 5.0
    ) -> None:
        self._database = database
        self._feeds = feeds
        self._taker = taker
        self._clock = clock
        self._look_seconds = look_seconds
        self._readers: dict[str, tuple[FeedReader, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    wanted = {collector.feed: collector for collector in await self._feeds()}
                except (SQLAlchemyError, OSError) as error:
                    _log.warning("which feeds there are cannot be read: %s", error)
                else:
                    await self._settle(wanted, group)
                await asyncio.sleep(self._look_seconds)

    async def _settle(self, wanted: dict[str, Collector], group: asyncio.TaskGroup) -> None:
        for name in self._readers.keys() - wanted.keys():
            _, task = self._readers.pop(name)
            task.cancel()  # between two transactions or within one: nothing half-done stays
            _log.info("%s is not read any more", name)
        for name, collector in wanted.items():
            if name in self._readers:
                self._readers[name][0].collector = collector
                continue
            reader = FeedReader(self._database, collector, taker=self._taker, clock=self._clock)
            self._readers[name] = reader, group.create_task(reader.run())


class FeedReader:
    """One feed: when to read it, and how it fares."""

    def __init__(self, database: Database, collector: Collector, *, taker: Taker, clock: Clock) -> None:
        self._database = database
        self.collector = collector
        self._taker = taker
        self._clock = clock
        self._outage = Trouble(database, clock, key=f"{collector.feed} cannot be read", notify=False)
        self._stopped = Trouble(database, clock, key=f"feed:{collector.feed}"[:200])

    async def run(self) -> None:
        """Read the feed whenever its time comes, until cancelled."""
        first = True
        feed: Feed | None = None
        while True:
            try:
                feed = feed or await self._feed(retry_now=first)
                first = False
                await sleep_until(feed.next_at, self._clock)
                feed = await self.read(feed)
            except (SQLAlchemyError, OSError) as error:
                await self._outage.met(f"{self.collector.feed}: the database does not answer: {error}")
                await asyncio.sleep(1)

    async def _feed(self, *, retry_now: bool) -> Feed:
        """The feed's row, made if new. `retry_now`: after a restart a stopped feed has another try."""
        async with self._database.reading() as session:  # the common case takes no writer's turn
            known = await session.get(Feed, self.collector.feed)
        if known is not None and not (retry_now and known.stopped):
            return known
        async with self._database.writing() as session:
            feed = await session.get(Feed, self.collector.feed)
            if feed is None:
                feed = Feed(name=self.collector.feed, network=self.collector.network, next_at=self._clock())
                session.add(feed)
                await session.flush()
            elif retry_now and feed.stopped:
                feed.next_at = self._clock()
            return feed

    async def read(self, feed: Feed) -> Feed | None:
        """Read until the feed has no more. Raises only what the database raises.

        Where nothing has happened nothing is written: hundreds of waiting long polls must not take every turn
        of the one writer. The feed is returned then, to be read again; None: its row says how it stands now.
        """
        cursor = feed.cursor
        try:
            for _ in range(_MOST_PAGES):
                batch = await self.collector.fetch(cursor, now=self._clock())
                if self._is_idle(feed, batch):
                    feed.next_at = self._clock() + self.collector.every
                    return feed
                await self._taker.take(batch.posts, source=feed.name, advance=self._advancing(batch))
                if not batch.more or batch.cursor == cursor:
                    break
                cursor = batch.cursor
            else:
                _log.warning("%s has no end: the rest is read next time", feed.name)
        except NetworkError as error:
            await self._refused(feed, error)
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - garbage: this feed waits, the others go on
            if not self._outage.standing:
                _log.exception("%s: something no collector expects", feed.name)
            await self._refused(feed, NetworkError(f"{type(error).__name__}: {error}", outcome=Outcome.LATER))
        else:
            await self._outage.over()
            await self._stopped.over()
        return None

    def _is_idle(self, feed: Feed, batch: Batch) -> bool:
        """The cursor as stored, no post, no trouble to clear, and the row says so since a few minutes at most."""
        moved = batch.posts or batch.more or batch.cursor != feed.cursor
        if moved or feed.failures or feed.stopped or feed.last_ok_at is None:
            return False
        return self._clock() - feed.last_ok_at < _SAYS_SO_FOR

    def _advancing(self, batch: Batch) -> Callable[[AsyncSession], Awaitable[None]]:
        """What is written with the last posts of the batch: where the feed stands now."""

        async def advance(session: AsyncSession) -> None:
            row = await session.get_one(Feed, self.collector.feed)
            now = self._clock()
            row.cursor, row.last_ok_at = batch.cursor, now
            row.failures, row.error, row.stopped = 0, "", False
            row.next_at = now if batch.more else now + self.collector.every

        return advance

    async def _refused(self, feed: Feed, error: NetworkError) -> None:
        """The cursor stays where it was; later, or rarely where a person must mend it first."""
        stopped = error.outcome is not Outcome.LATER
        asked = error.retry_after
        if stopped:
            asked = max(_STOPPED_PAUSE, asked or _STOPPED_PAUSE)
        pause = retry_delay(feed.failures + 1, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE, asked=asked)
        async with self._database.writing() as session:
            row = await session.get_one(Feed, feed.name)
            row.failures += 1
            row.error = str(error)[:500]
            row.stopped = stopped
            row.next_at = self._clock() + pause
        if stopped:
            await self._stopped.met(f"{feed.name} is not read any more: {error}")
        else:
            await self._outage.met(f"{feed.name} cannot be read, tried again later: {error}")
