"""Answers → networks, at most once each.

Committed as *sending* before the call; after an unknown outcome the thread is read back before any second
try; what cannot be reconciled goes to a person.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.photos import AnswerPhotos, PhotoOf, PhotoUnavailableError
from bot.publication_jobs import Job, job_of, release_leases
from collectors.contract import NetworkError, Outcome, Published, Publisher, Reply
from collectors.editing import Editor
from handlers.context import Clock
from incidents import publishing
from models import Publication, PublicationState
from models.database import Database

_log = logging.getLogger(__name__)

_POLL: Final = 0.5  # seconds
_PAUSE: Final = 0.1  # seconds between two looks
_BATCH: Final = 10
# Shorter than the lease: nobody else may take over a call that still goes on.
_LONGEST_CALL: Final = publishing.LEASE.total_seconds() * 0.75
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_STOPPED_PAUSE: Final = timedelta(minutes=10)
_LAST_WORDS: Final = 5.0
_MOST_FAULTS: Final = 5


class PublicationDesk:
    """Publishes what is booked. The callers make sure that there is only one (bot/singleton.py)."""

    def __init__(
        self,
        database: Database,
        publishers: Mapping[str, Publisher],
        *,
        clock: Clock,
        photo_of: PhotoOf | None = None,
    ) -> None:
        """`publishers`: network → the way back into it. `photo_of`: bot.photos.from_telegram."""
        self._database = database
        self._publishers = publishers
        self._clock = clock
        self._photos = AnswerPhotos(photo_of)
        self._stopped = {
            network: Trouble(database, clock, key=f"publish:{network}") for network in publishers
        }
        self._in_hand: set[int] = set()
        self._bell = database.doorbell()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`; what is under way then gets a few seconds more."""
        await self._persist(release_leases)
        async with asyncio.TaskGroup() as group:
            tasks: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                self._bell.clear()
                for job in await self._claim():
                    task = group.create_task(self._publish(job))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                await self._rest()
            if tasks:
                await asyncio.wait(tasks, timeout=_LAST_WORDS)
            for task in tasks:
                task.cancel()

    async def _rest(self) -> None:
        """Until something was written; many writes in a row are one reason to look."""
        try:
            async with asyncio.timeout(_POLL):
                await self._bell.wait()
            await asyncio.sleep(_PAUSE)
        except TimeoutError:
            pass

    async def _claim(self) -> list[Job]:
        now = self._clock()
        limit = _BATCH - len(self._in_hand)
        try:
            if limit <= 0 or not await self._any_due():
                return []
            async with self._database.writing() as session:
                found = await publishing.claim(
                    session, networks=list(self._publishers), now=now, limit=_BATCH
                )
                jobs = [await job_of(session, one) for one in found if one not in self._in_hand]
        except (SQLAlchemyError, OSError) as error:
            _log.error("publications cannot be read: %s", error)
            await asyncio.sleep(1)
            return []
        self._in_hand |= {job.publication_id for job in jobs}
        return jobs

    async def _any_due(self) -> bool:
        """A look that takes no writer's turn: most looks find nothing."""
        async with self._database.reading() as session:
            found = await session.scalar(
                select(Publication.id)
                .where(
                    Publication.state.in_([PublicationState.WAITING, PublicationState.SENDING]),
                    Publication.network.in_(list(self._publishers)),
                    Publication.not_before <= self._clock(),
                    Publication.id.not_in(self._in_hand),
                )
                .limit(1)
            )
        return found is not None

    async def _publish(self, job: Job) -> None:
        publisher = self._publishers[job.network]
        try:
            published = await self._reconciled(job, publisher)
            if published is None:
                return
            await self._stopped[publisher.network].over()
            await self._settle(
                publishing.published,
                publication_id=job.publication_id,
                native_id=published.native_id,
                url=published.url,
                now=self._clock(),
                photos_left_out=self._photos.were_left_out(job.publication_id),
            )
        except NetworkError as error:
            await self._refused(job, publisher, error)
        except Exception as error:  # noqa: BLE001 - a connector's fault; the call may have been made
            _log.exception("%s: publication %s broke", publisher.network, job.publication_id)
            await self._broke(job, error)
        finally:
            self._in_hand.discard(job.publication_id)
            self._bell.set()

    async def _reconciled(self, job: Job, publisher: Publisher) -> Published | None:
        """Publish, unless our answer stands there already; None when a person must look.

        Raises:
            NetworkError: from reading back, or from publishing.
        """
        if job.edits is not None:
            return await self._edited(job, job.edits, publisher)
        if job.was_sending:
            try:
                async with asyncio.timeout(_LONGEST_CALL):
                    found = await publisher.find(job.reply)
            except TimeoutError:
                raise _unknown("the thread could not be read back in time") from None
            except NetworkError as error:
                raise _still_unknown(error) from error
            if found is not None:
                _log.info("publication %s stood there already", job.publication_id)
                return found
            if not publisher.idempotent:
                await self._give_up(
                    job,
                    PublicationState.STUCK,
                    "the answer may have been published, but was not found under the post",
                )
                return None
        reply = await self._with_photos(job, publisher)
        try:
            await self._settle(publishing.mark_sending, publication_id=job.publication_id)
        except publishing.NotWantedAnyMore:
            _log.info("publication %s was withdrawn", job.publication_id)
            return None
        try:
            async with asyncio.timeout(_LONGEST_CALL):
                return await publisher.publish(reply)
        except TimeoutError:
            raise _unknown("no answer in time") from None

    async def _edited(self, job: Job, standing: Published, publisher: Publisher) -> Published | None:
        """Other words for what stands there: the same words twice do no harm, so nothing is read back.

        Raises:
            NetworkError: from the call.
        """
        if not isinstance(publisher, Editor):
            await self._give_up(job, PublicationState.BY_HAND, f"{job.network} is edited by hand")
            return None
        try:
            await self._settle(publishing.mark_sending, publication_id=job.publication_id)
        except publishing.NotWantedAnyMore:
            return None
        try:
            async with asyncio.timeout(_LONGEST_CALL):
                await publisher.edit(job.reply, native_id=standing.native_id)
        except TimeoutError:
            raise _unknown("no answer in time") from None
        return standing

    async def _with_photos(self, job: Job, publisher: Publisher) -> Reply:
        """Raises: NetworkError: Telegram does not give them now; the call to the network was not made."""
        try:
            photos = await self._photos.of(job.publication_id, job.photos, limit=publisher.photos_limit)
        except PhotoUnavailableError as error:
            raise NetworkError(str(error), outcome=Outcome.LATER, maybe_done=job.was_sending) from None
        return replace(job.reply, photos=photos)

    async def _refused(self, job: Job, publisher: Publisher, error: NetworkError) -> None:
        words = str(error)
        if error.maybe_done:
            await self._put_off(job, error, maybe_done=True)
            return
        match error.outcome:
            case Outcome.LATER:
                await self._put_off(job, error, maybe_done=False)
            case Outcome.STOP:
                await self._put_off(job, error, maybe_done=False)
                await self._stopped[publisher.network].met(
                    f"answers are not published in {publisher.network}: {words}"
                )
            case Outcome.GONE:
                await self._give_up(job, PublicationState.GONE, words)
            case Outcome.REFUSED:
                await self._give_up(job, PublicationState.REFUSED, words)
            case Outcome.BY_HAND:
                await self._give_up(job, PublicationState.BY_HAND, words)
            case Outcome.NEVER:
                await self._give_up(job, PublicationState.STUCK, words)

    async def _put_off(self, job: Job, error: NetworkError, *, maybe_done: bool) -> None:
        asked = error.retry_after
        if error.outcome is Outcome.STOP:
            asked = max(_STOPPED_PAUSE, asked or _STOPPED_PAUSE)
        pause = retry_delay(job.attempts + 1, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE, asked=asked)
        _log.warning("publication %s is put off for %s: %s", job.publication_id, pause, error)
        await self._settle(
            publishing.put_off,
            publication_id=job.publication_id,
            until=self._clock() + pause,
            error=str(error),
            maybe_done=maybe_done,
        )

    async def _broke(self, job: Job, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        if job.attempts + 1 >= _MOST_FAULTS:
            await self._give_up(job, PublicationState.STUCK, words)
        else:
            await self._put_off(job, _unknown(words), maybe_done=True)

    async def _give_up(self, job: Job, state: PublicationState, error: str) -> None:
        _log.warning("publication %s is %s: %s", job.publication_id, state.value, error)
        await self._settle(
            publishing.give_up,
            publication_id=job.publication_id,
            state=state,
            error=error,
            now=self._clock(),
        )

    async def _settle(self, step: Callable[..., Awaitable[None]], **arguments: Any) -> None:
        await self._persist(lambda session: step(session, **arguments))

    async def _persist(self, write: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Write what happened, however long the database is away or somebody else is faster."""
        attempts = 0
        while True:
            try:
                async with self._database.writing() as session:
                    await write(session)
            except (SQLAlchemyError, OSError) as error:
                attempts += 1
                if attempts == 1 and not isinstance(error, StaleDataError):
                    _log.error("publication waits for the database: %s", error)
                await asyncio.sleep(
                    retry_delay(
                        attempts, first=timedelta(milliseconds=50), longest=timedelta(seconds=10)
                    ).total_seconds()
                )
            else:
                return


def _unknown(words: str) -> NetworkError:
    return NetworkError(words, outcome=Outcome.LATER, maybe_done=True)


def _still_unknown(error: NetworkError) -> NetworkError:
    """Reading back failed: what was sent before is as unknown as it was, unless the post is gone."""
    return NetworkError(
        str(error),
        outcome=error.outcome,
        retry_after=error.retry_after,
        maybe_done=error.outcome in {Outcome.LATER, Outcome.STOP},
        code=error.code,
    )
