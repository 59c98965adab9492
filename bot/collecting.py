"""Collectors → classifier → intake: one loop a feed, its cursor stored with the posts it covers."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.clock import sleep_until
from collectors.contract import Batch, Collector, NetworkError, Outcome
from handlers.context import Clock
from incidents.incoming import Classifier, FoundPost, Guess
from incidents.intake import TriageRules, clean, known_posts, see_again, take_in
from models import Feed, Post
from models.database import Database

_log = logging.getLogger(__name__)

_PER_TRANSACTION: Final = 10  # posts: a long batch must not keep a press waiting for its turn
_MOST_PAGES: Final = 200  # read in one go; an endless cursor ends here
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(minutes=30)
_STOPPED_PAUSE: Final = timedelta(minutes=10)


class Collecting:
    """Reads every feed until cancelled; one feed's troubles are its own."""

    def __init__(
        self,
        database: Database,
        collectors: Sequence[Collector],
        *,
        classifier: Classifier,
        rules: TriageRules,
        clock: Clock,
    ) -> None:
        self._database = database
        self._collectors = collectors
        self._classifier = classifier
        self._rules = rules
        self._clock = clock

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for collector in self._collectors:
                reader = FeedReader(
                    self._database,
                    collector,
                    classifier=self._classifier,
                    rules=self._rules,
                    clock=self._clock,
                )
                group.create_task(reader.run())


class FeedReader:
    """One feed: when to read it, what to make of it, and how it fares."""

    def __init__(
        self,
        database: Database,
        collector: Collector,
        *,
        classifier: Classifier,
        rules: TriageRules,
        clock: Clock,
    ) -> None:
        self._database = database
        self._collector = collector
        self._classifier = classifier
        self._rules = rules
        self._clock = clock
        self._outage = Trouble(database, clock, key=f"{collector.feed} cannot be read", notify=False)
        self._stopped = Trouble(database, clock, key=f"feed:{collector.feed}"[:200])

    async def run(self) -> None:
        """Read the feed whenever its time comes, until cancelled."""
        first = True
        while True:
            try:
                feed = await self._feed(retry_now=first)
                first = False
                await sleep_until(feed.next_at, self._clock)
                await self.read(feed)
            except (SQLAlchemyError, OSError) as error:
                await self._outage.met(f"{self._collector.feed}: the database does not answer: {error}")
                await asyncio.sleep(1)

    async def _feed(self, *, retry_now: bool) -> Feed:
        """The feed's row, made if new. `retry_now`: after a restart a stopped feed has another try."""
        async with self._database.reading() as session:  # the common case takes no writer's turn
            known = await session.get(Feed, self._collector.feed)
        if known is not None and not (retry_now and known.stopped):
            return known
        async with self._database.writing() as session:
            feed = await session.get(Feed, self._collector.feed)
            if feed is None:
                feed = Feed(name=self._collector.feed, network=self._collector.network, next_at=self._clock())
                session.add(feed)
                await session.flush()
            elif retry_now and feed.stopped:
                feed.next_at = self._clock()
            return feed

    async def read(self, feed: Feed) -> None:
        """Read until the feed has no more. Raises only what the database raises."""
        cursor = feed.cursor
        try:
            for _ in range(_MOST_PAGES):
                batch = await self._collector.fetch(cursor, now=self._clock())
                await self._take(batch)
                if not batch.more or batch.cursor == cursor:
                    break
                cursor = batch.cursor
            else:
                _log.warning("%s has no end: the rest is read next time", self._collector.feed)
        except NetworkError as error:
            await self._refused(feed, error)
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - garbage: this feed waits, the others go on
            if not self._outage.standing:
                _log.exception("%s: something no collector expects", self._collector.feed)
            await self._refused(feed, NetworkError(f"{type(error).__name__}: {error}", outcome=Outcome.LATER))
        else:
            await self._outage.over()
            await self._stopped.over()

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

    async def _take(self, batch: Batch) -> None:
        """Store what is new or changed, and with the last of it the cursor."""
        posts = list({post.native_id: post for post in batch.posts}.values())
        news = await self._news(posts)
        fresh = [post for post, is_new in news if is_new]
        guesses: list[Guess] = []
        if fresh:
            guesses = await asyncio.to_thread(self._classifier.classify, [post.text for post in fresh])
        guess_of = {post.native_id: guess for post, guess in zip(fresh, guesses, strict=True)}
        # In one order for all: two feeds that store the same posts must not wait for each other.
        found = sorted((post for post, _ in news), key=lambda post: post.native_id)
        chunks = [found[at : at + _PER_TRANSACTION] for at in range(0, len(found), _PER_TRANSACTION)] or [[]]
        for chunk in chunks[:-1]:
            await self._store(chunk, guess_of, batch=None)
        await self._store(chunks[-1], guess_of, batch=batch)

    async def _news(self, posts: Sequence[FoundPost]) -> list[tuple[FoundPost, bool]]:
        """The posts that are not stored as they are now; True: never seen before."""
        news: list[tuple[FoundPost, bool]] = []
        async with self._database.reading() as session:
            for at in range(0, len(posts), 500):
                page = posts[at : at + 500]
                known = await known_posts(session, self._collector.network, [one.native_id for one in page])
                for post in page:
                    row = known.get(post.native_id)
                    if row is None or _differs(row, post):
                        news.append((post, row is None))
        return news

    async def _store(
        self, posts: Sequence[FoundPost], guess_of: dict[str, Guess], *, batch: Batch | None
    ) -> None:
        """One transaction; where one post breaks it, each has its own, and the broken one is left out."""
        try:
            async with self._database.writing() as session:
                for post in posts:
                    await self._put(session, post, guess_of, now=self._clock())
                if batch is not None:
                    await self._advance(session, batch)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception:
            if not posts:
                raise
            _log.exception("%s: one of %s posts cannot be stored", self._collector.feed, len(posts))
            await self._store_one_by_one(posts, guess_of)
            if batch is not None:
                await self._store([], guess_of, batch=batch)

    async def _store_one_by_one(self, posts: Sequence[FoundPost], guess_of: dict[str, Guess]) -> None:
        for post in posts:
            try:
                async with self._database.writing() as session:
                    await self._put(session, post, guess_of, now=self._clock())
            except (OperationalError, InterfaceError, OSError):
                raise
            except Exception:  # noqa: BLE001 - whatever is wrong with it, the others must pass
                _log.exception("%s: %s cannot be stored", self._collector.feed, post.native_id)

    async def _put(
        self, session: AsyncSession, post: FoundPost, guess_of: dict[str, Guess], *, now: datetime
    ) -> None:
        known = await known_posts(session, post.network, [post.native_id])
        if post.native_id in known:
            await see_again(session, known[post.native_id], post, now=now)
        elif post.native_id in guess_of:
            await take_in(session, post, guess_of[post.native_id], rules=self._rules, now=now)

    async def _advance(self, session: AsyncSession, batch: Batch) -> None:
        row = await session.get_one(Feed, self._collector.feed)
        now = self._clock()
        row.cursor, row.last_ok_at = batch.cursor, now
        row.failures, row.error, row.stopped = 0, "", False
        row.next_at = now if batch.more else now + self._collector.every


def _differs(row: Post, post: FoundPost) -> bool:
    return row.text != clean(post.text) or row.reply_capability is not post.reply_capability
