"""What runs how often. APScheduler is a ticker only: every fact is in the rows, so a missed tick loses nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from bot.alarms import Trouble, clear_alarm, raise_alarm
from bot.bulk_work import BulkWork
from bot.index_filling import IndexFilling
from handlers.context import Clock
from incidents import auditing, being_away, contract
from incidents.communities import REQUIRED_NETWORKS
from incidents.sweeping import due, look_at
from incidents.weekly import tell_week, week_began_at
from models import OutboxRow, OutboxState
from models.database import Database

_log = logging.getLogger(__name__)

_MOST_TRIES: Final = 4
_WATCH_SECONDS: Final = 30
_WEEK_SECONDS: Final = 60
_CONTRACT_SECONDS: Final = 3600
_INDEX_SECONDS: Final = 3600
_BULK_SECONDS: Final = 2
_LATE: Final = timedelta(minutes=2)
_FORGOTTEN: Final = "auditor:forgotten"


class Sweeper:
    """Finds what time has brought, in rows, and does it; each incident in its own transaction."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        zone: tzinfo = UTC,
        required_networks: Sequence[str] = REQUIRED_NETWORKS,
    ) -> None:
        """`zone`: the region's, for its Mondays. `required_networks`: where every body must have a page."""
        self._database = database
        self._clock = clock
        self._zone = zone
        self._required_networks = required_networks
        self._told_week: datetime | None = None
        self._broken: set[int] = set()
        self._slow = Trouble(database, clock, key="messages wait to be sent", notify=False)
        self.index = IndexFilling(database)
        self._away = Trouble(database, clock, key="the sweep has no database", notify=False)
        self.bulk = BulkWork(database, clock=clock)

    async def sweep(self) -> None:
        """Look at every incident whose moment has come."""
        seen: set[int] = set()
        try:
            while True:
                async with self._database.reading() as session:
                    found = await due(session, now=self._clock(), limit=100 + len(self._broken))
                ahead = [number for number in found if number not in seen]
                if not ahead:
                    break
                for number in ahead:
                    seen.add(number)
                    await self._look_at(number)
            await self._absences()
            await self._away.over()
        except (SQLAlchemyError, OSError) as error:
            await self._away.met(f"deadlines cannot be looked at: {error}")

    async def _look_at(self, incident_id: int) -> None:
        for attempt in range(1, _MOST_TRIES + 1):
            try:
                async with self._database.writing() as session:
                    await look_at(session, incident_id=incident_id, now=self._clock())
            except StaleDataError:
                if attempt == _MOST_TRIES:
                    _log.info("incident %s is busy: the next sweep looks again", incident_id)
            except (SQLAlchemyError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - one broken incident must not keep the others' deadlines
                await self._broke(incident_id, error)
                return
            else:
                self._broken.discard(incident_id)
                return

    async def _broke(self, incident_id: int, error: Exception) -> None:
        if incident_id in self._broken:
            return
        self._broken.add(incident_id)
        _log.error("the deadline of incident %s cannot be looked at", incident_id, exc_info=error)
        text = f"the deadline of incident {incident_id} cannot be looked at: {type(error).__name__}: {error}"
        async with self._database.writing() as session:
            await raise_alarm(session, f"sweep:{incident_id}", text, now=self._clock())

    async def _absences(self) -> None:
        """Begin and end whatever absence's time has come, each in its own transaction."""
        async with self._database.reading() as session:
            found = await being_away.due(session, now=self._clock())
        for absence_id in found:
            try:
                async with self._database.writing() as session:
                    await being_away.look_at(session, absence_id, now=self._clock())
            except (SQLAlchemyError, OSError):
                raise
            except Exception:  # noqa: BLE001 - one broken absence must not keep the others; the auditor tells the operator
                _log.exception("absence %s cannot be looked at", absence_id)

    async def audit(self) -> None:
        """What hangs: there must be nothing. Curators hear of it, the operator of what only they can mend."""
        try:
            async with self._database.writing() as session:
                found = await auditing.look(session, now=self._clock())
                if found.technical:
                    text = "; ".join(found.technical)
                    _log.error("the auditor: %s", text)
                    await raise_alarm(session, _FORGOTTEN, text, now=self._clock())
                else:
                    await clear_alarm(session, _FORGOTTEN, now=self._clock())
        except (SQLAlchemyError, OSError) as error:
            await self._away.met(f"the auditor cannot look: {error}")

    async def tell_week(self) -> None:
        """The curators' weekly line; a restart neither repeats nor loses it."""
        now = self._clock()
        week = week_began_at(now, self._zone)
        if week == self._told_week:
            return
        try:
            async with self._database.writing() as session:
                if await tell_week(session, now=now, zone=self._zone, required=self._required_networks):
                    self._told_week = week
        except (SQLAlchemyError, OSError) as error:
            await self._away.met(f"the weekly line cannot be told: {error}")

    async def watch_contract(self) -> None:
        """Hand topics that the program routes wrongly back to the curators."""
        try:
            async with self._database.writing() as session:
                for topic in await contract.watch(session, now=self._clock()):
                    _log.warning("topic %s is not routed automatically any more", topic)
        except (SQLAlchemyError, OSError) as error:
            await self._away.met(f"routing cannot be watched: {error}")

    async def watch_sender(self) -> None:
        """Say once when what is due to be sent has waited for long, and when it no longer does."""
        now = self._clock()
        try:
            async with self._database.reading() as session:
                oldest = await session.scalar(
                    select(OutboxRow.not_before)
                    .where(OutboxRow.state == OutboxState.WAITING, OutboxRow.not_before < now - _LATE)
                    .order_by(OutboxRow.not_before)
                    .limit(1)
                )
        except (SQLAlchemyError, OSError) as error:
            await self._away.met(f"the outbox cannot be watched: {error}")
            return
        if oldest is None:
            await self._slow.over()
        else:
            await self._slow.met(f"messages wait to be sent since {oldest.isoformat()}")


async def tick(sweeper: Sweeper, *, sweep_seconds: float, audit_minutes: float, stop: asyncio.Event) -> None:
    """Sweep, audit and watch until `stop`; what has begun is finished."""
    # A tick that comes late counts all the same, and several late ones are one: by default APScheduler
    # drops a job that is one second late (agronholm/apscheduler#296).
    defaults = {"misfire_grace_time": None, "coalesce": True}
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
    work = (
        (sweeper.sweep, sweep_seconds),
        (sweeper.audit, audit_minutes * 60),
        (sweeper.watch_sender, _WATCH_SECONDS),
        (sweeper.tell_week, _WEEK_SECONDS),
        (sweeper.watch_contract, _CONTRACT_SECONDS),
        (sweeper.index.fill, _INDEX_SECONDS),
        (sweeper.bulk.work_off, _BULK_SECONDS),
    )
    bells = []
    async with asyncio.TaskGroup() as group:
        for do, seconds in work:
            bell = asyncio.Event()
            bell.set()  # once at the start
            bells.append(bell)
            scheduler.add_job(_ring, IntervalTrigger(seconds=seconds), args=[bell])
            group.create_task(_at_each(bell, do, stop))
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            for bell in bells:
                bell.set()


async def _ring(bell: asyncio.Event) -> None:
    bell.set()


async def _at_each(bell: asyncio.Event, do: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while True:
        await bell.wait()
        bell.clear()
        if stop.is_set():
            return
        await do()
