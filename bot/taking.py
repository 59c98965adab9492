"""From what a network brought to stored posts and incidents: by polling and by push alike."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import Clock
from incidents.incoming import Classifier, FoundPost, Guess
from incidents.intake import TriageRules, clean, known_posts, see_again, take_in
from incidents.keywords import Matcher
from models import Post
from models.database import Database

_log = logging.getLogger(__name__)

_PER_TRANSACTION: Final = 10  # posts: a long batch must not keep a press waiting for its turn
_NO_KEYWORDS: Final = Matcher(())

Advance = Callable[[AsyncSession], Awaitable[None]]


class Taker:
    """Classifies what is new off the event loop, and stores it; what is known is compared."""

    def __init__(
        self, database: Database, *, classifier: Classifier, rules: TriageRules, clock: Clock
    ) -> None:
        self._database = database
        self._classifier = classifier
        self._rules = rules
        self._clock = clock
        self.matcher = _NO_KEYWORDS  # replaced when the keywords change

    async def take(self, found: Sequence[FoundPost], *, source: str, advance: Advance | None = None) -> None:
        """Store what is new or changed, and with the last of it whatever `advance` writes.

        `source` names the feed in the log. Raises only what the database raises.
        """
        posts = list({(post.network, post.native_id): post for post in found}.values())
        news = await self._news(posts)
        fresh = [post for post, is_new in news if is_new]
        judged = await asyncio.to_thread(self._judge, fresh) if fresh else {}
        # In one order for all: two feeds that store the same posts must not wait for each other.
        changed = sorted((post for post, _ in news), key=lambda post: post.native_id)
        chunks = [changed[at : at + _PER_TRANSACTION] for at in range(0, len(changed), _PER_TRANSACTION)]
        last = chunks.pop() if chunks else []
        for chunk in chunks:
            await self._store(chunk, judged, source=source, advance=None)
        if last or advance is not None:
            await self._store(last, judged, source=source, advance=advance)

    def _judge(self, fresh: Sequence[FoundPost]) -> dict[str, tuple[Guess, Sequence[int]]]:
        """CPU only. Native id → what the classifier says, and the keywords the text has."""
        guesses = self._classifier.classify([post.text for post in fresh])
        matcher = self.matcher
        return {
            post.native_id: (guess, matcher.hits(post.text))
            for post, guess in zip(fresh, guesses, strict=True)
        }

    async def _news(self, posts: Sequence[FoundPost]) -> list[tuple[FoundPost, bool]]:
        """The posts that are not stored as they are now; True: never seen before."""
        news: list[tuple[FoundPost, bool]] = []
        async with self._database.reading() as session:
            for at in range(0, len(posts), 500):
                page = posts[at : at + 500]
                known = await known_posts(session, page[0].network, [one.native_id for one in page])
                for post in page:
                    row = known.get(post.native_id)
                    if row is None or _differs(row, post):
                        news.append((post, row is None))
        return news

    async def _store(
        self,
        posts: Sequence[FoundPost],
        judged: dict[str, tuple[Guess, Sequence[int]]],
        *,
        source: str,
        advance: Advance | None,
    ) -> None:
        """One transaction; where one post breaks it, each has its own, and the broken one is left out."""
        try:
            async with self._database.writing() as session:
                for post in posts:
                    await self._put(session, post, judged, now=self._clock())
                if advance is not None:
                    await advance(session)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception:
            if not posts:
                raise
            _log.exception("%s: one of %s posts cannot be stored", source, len(posts))
            await self._store_one_by_one(posts, judged, source=source)
            if advance is not None:
                await self._store([], judged, source=source, advance=advance)

    async def _store_one_by_one(
        self, posts: Sequence[FoundPost], judged: dict[str, tuple[Guess, Sequence[int]]], *, source: str
    ) -> None:
        for post in posts:
            try:
                async with self._database.writing() as session:
                    await self._put(session, post, judged, now=self._clock())
            except (OperationalError, InterfaceError, OSError):
                raise
            except Exception:  # noqa: BLE001 - whatever is wrong with it, the others must pass
                _log.exception("%s: %s cannot be stored", source, post.native_id)

    async def _put(
        self,
        session: AsyncSession,
        post: FoundPost,
        judged: dict[str, tuple[Guess, Sequence[int]]],
        *,
        now: datetime,
    ) -> None:
        known = await known_posts(session, post.network, [post.native_id])
        if post.native_id in known:
            await see_again(session, known[post.native_id], post, now=now)
        elif post.native_id in judged:
            guess, keyword_ids = judged[post.native_id]
            await take_in(session, post, guess, rules=self._rules, now=now, keyword_ids=keyword_ids)


def _differs(row: Post, post: FoundPost) -> bool:
    return row.text != clean(post.text) or row.reply_capability is not post.reply_capability
