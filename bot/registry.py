"""Each watched page is looked up once a day: its number, title, mark, and whether the program may answer as it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.alarms import Trouble
from collectors.contract import Connector, NetworkError, Outcome, Page, PageFacts
from handlers.context import Clock
from incidents.communities import to_look_up
from incidents.registering import Told, could_not_look, learn, lose
from models import Community
from models.database import Database

_log = logging.getLogger(__name__)

LookUp = Callable[[Page], Awaitable[PageFacts]]

EVERY: Final = timedelta(days=1)
_BATCH: Final = 50  # pages of one network in a round
_LONGEST_CALL: Final = 60.0  # seconds
_PAUSE: Final = timedelta(minutes=1)  # where a network says "later" and not when
_STOPPED_PAUSE: Final = timedelta(minutes=10)  # a token or a right is missing: a person must mend it
_SECOND_TRY: Final = timedelta(hours=1)  # a page that could not be looked up lets the others go first


class Registry:
    """`run` until cancelled. Networks wait for each other only at the end of a round; pages of one go in turn."""

    def __init__(
        self,
        database: Database,
        connectors: Mapping[str, Connector],
        *,
        clock: Clock,
        look_seconds: float = 20.0,
    ) -> None:
        """`connectors`: network → connector; those that can look nothing up are left out."""
        self._database = database
        self._look_ups: Mapping[str, LookUp] = {
            network: connector.look_up
            for network, connector in connectors.items()
            if connector.look_up is not None
        }
        self._clock = clock
        self._look_seconds = look_seconds
        self._quiet_until: dict[str, datetime] = {}  # network → it asked for silence
        self._tried: dict[int, datetime] = {}  # page → when it may be tried again
        self._late: set[int] = set()  # pages whose network said "later": the others go first
        self._away = Trouble(database, clock, key="the registry has no database", notify=False)

    async def run(self) -> None:
        if not self._look_ups:
            return
        while True:
            try:
                await self.look()
                await self._away.over()
            except* (SQLAlchemyError, OSError) as errors:
                await self._away.met(f"pages cannot be looked up: {errors.exceptions[0]}")
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """One round: every network that does not want silence, some pages each.

        Raises:
            ExceptionGroup: of what the database raises.
        """
        async with asyncio.TaskGroup() as group:
            for network, look_up in self._look_ups.items():
                group.create_task(self._round(network, look_up))

    async def _round(self, network: str, look_up: LookUp) -> None:
        for page in await self._due(network):
            if self._quiet_until.get(network, self._clock()) > self._clock():
                return
            await self._look_at(page, look_up)

    async def _due(self, network: str) -> Sequence[Community]:
        now = self._clock()
        if self._quiet_until.get(network, now) > now:
            return ()
        self._tried = {number: until for number, until in self._tried.items() if until > now}
        async with self._database.reading() as session:
            # More than a round: those that failed lately are passed over.
            found = await to_look_up(
                session,
                networks=[network],
                before=now - EVERY,
                limit=_BATCH + len(self._tried) + len(self._late),
            )
        waiting = [page for page in found if page.id not in self._tried]
        return sorted(waiting, key=lambda page: page.id in self._late)[:_BATCH]

    async def _look_at(self, page: Community, look_up: LookUp) -> None:
        asked = Page(
            native_id=page.native_id or "", name=page.name, title=page.title, territory=page.territory
        )
        self._late.discard(page.id)
        try:
            async with asyncio.timeout(_LONGEST_CALL):
                facts = await look_up(asked)
        except NetworkError as error:
            await self._refused(page, error)
        except TimeoutError:
            await self._refused(page, NetworkError("no answer in time", outcome=Outcome.LATER))
        except Exception as error:  # noqa: BLE001 - a connector's fault: this page waits, the others go on
            _log.exception("%s: page %s cannot be looked up", page.network, page.id)
            await self._put_off(page, f"{type(error).__name__}: {error}", pause=None)
        else:
            told = Told(
                native_id=facts.native_id,
                name=facts.name,
                title=facts.title,
                is_verified=facts.is_verified,
                can_answer=facts.can_answer,
                problem=facts.problem,
            )
            async with self._database.writing() as session:
                await learn(session, page.id, told, now=self._clock())

    async def _refused(self, page: Community, error: NetworkError) -> None:
        _log.info("%s: page %s cannot be looked up: %s", page.network, page.id, error)
        match error.outcome:
            case Outcome.GONE:
                async with self._database.writing() as session:
                    await lose(session, page.id, problem=str(error), now=self._clock())
            case Outcome.LATER:
                self._late.add(page.id)
                self._quiet_until[page.network] = self._clock() + (error.retry_after or _PAUSE)
            case Outcome.STOP:
                await self._put_off(page, str(error), pause=max(_STOPPED_PAUSE, error.retry_after or _PAUSE))
            case Outcome.REFUSED | Outcome.NEVER:  # asking again today cannot help
                async with self._database.writing() as session:
                    now = self._clock()
                    await could_not_look(session, page.id, problem=str(error), now=now)

    async def _put_off(self, page: Community, problem: str, *, pause: timedelta | None) -> None:
        """The page has another try in an hour, its network after the `pause`."""
        now = self._clock()
        self._tried[page.id] = now + _SECOND_TRY
        if pause is not None:
            self._quiet_until[page.network] = now + pause
        async with self._database.writing() as session:
            await could_not_look(session, page.id, problem=problem, now=None)
