"""Links that people brought are read back: an answer must really stand there (incidents/confirming.py)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.publication_jobs import job_of
from collectors.contract import Link, NetworkError, Outcome, Published, Reply
from handlers.context import Clock
from incidents import confirming
from models import Publication
from models.database import Database

_log = logging.getLogger(__name__)

_POLL: Final = 15.0  # seconds: nobody waits for this
_BATCH: Final = 10
_LONGEST_CALL: Final = 60.0  # seconds
_PAUSE: Final = timedelta(minutes=5)
_STOPPED_PAUSE: Final = timedelta(hours=1)

Verify = Callable[[Link, Reply], Awaitable[Published | None]]


@dataclass(frozen=True, slots=True)
class _Brought:
    publication_id: int
    network: str
    link: Link
    reply: Reply


class LinkChecks:
    """Reads back what can be read. One at a time: these calls must not eat a network's quota."""

    def __init__(
        self,
        database: Database,
        verifiers: Mapping[str, Verify],
        *,
        read: Callable[[str], Link | None],
        clock: Clock,
    ) -> None:
        """`verifiers`: network → its connector's `verify_link`; `read` takes a pasted link apart."""
        self._database = database
        self._verifiers = verifiers
        self._read = read
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop`."""
        while self._verifiers and not stop.is_set():
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                _log.error("brought links cannot be read: %s", error)
            try:
                async with asyncio.timeout(_POLL):
                    await stop.wait()
            except TimeoutError:
                pass

    async def look(self) -> None:
        """Everything that is due, once."""
        for brought in await self._due():
            await self._check(brought)

    async def _due(self) -> list[_Brought]:
        async with self._database.reading() as session:
            found = await confirming.to_confirm(
                session, networks=list(self._verifiers), now=self._clock(), limit=_BATCH
            )
            return [await self._brought(session, one) for one in found]

    async def _brought(self, session: AsyncSession, publication_id: int) -> _Brought:
        publication = await session.get_one(Publication, publication_id)
        job = await job_of(session, publication_id)
        post_id, root_id = job.reply.post_id, job.reply.root_id
        known = Link(job.network, publication.native_id or "", root_id or post_id)
        return _Brought(
            publication_id=job.publication_id,
            network=job.network,
            link=self._read(publication.url or "") or known,
            reply=job.reply,
        )

    async def _check(self, brought: _Brought) -> None:
        """Ask the network once, outside any transaction, and write down what it says."""
        number = brought.publication_id
        try:
            async with asyncio.timeout(_LONGEST_CALL):
                found = await self._verifiers[brought.network](brought.link, brought.reply)
        except TimeoutError:
            await self._later(number, _PAUSE)
        except NetworkError as error:
            if error.outcome is Outcome.NEVER:  # nobody can tell: the person's word stands
                await self._confirmed(number, native_id=brought.link.native_id, url="")
            elif error.outcome in {Outcome.GONE, Outcome.REFUSED}:
                await self._denied(number, str(error))
            else:
                pause = error.retry_after or (_PAUSE if error.outcome is Outcome.LATER else _STOPPED_PAUSE)
                await self._later(number, pause)
        except Exception:  # noqa: BLE001 - a connector's fault says nothing of the link
            _log.exception("%s: the link of publication %s cannot be checked", brought.network, number)
            await self._later(number, _STOPPED_PAUSE)
        else:
            if found is None:
                await self._denied(number, "")
                return
            await self._confirmed(number, native_id=found.native_id, url=found.url)

    async def _confirmed(self, number: int, *, native_id: str, url: str) -> None:
        async with self._database.writing() as session:
            await confirming.confirmed(
                session, publication_id=number, native_id=native_id, url=url, now=self._clock()
            )

    async def _denied(self, number: int, error: str) -> None:
        _log.info("publication %s: the answer is not seen at its link", number)
        async with self._database.writing() as session:
            await confirming.denied(session, publication_id=number, error=error, now=self._clock())

    async def _later(self, number: int, pause: timedelta) -> None:
        async with self._database.writing() as session:
            await confirming.ask_later(session, publication_id=number, until=self._clock() + pause)
