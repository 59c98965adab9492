"""The whole machine on one page: every collaborator is built here, once, and handed what it needs."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiogram import Dispatcher
from sqlalchemy.exc import SQLAlchemyError

from bot.alarms import Trouble
from bot.apologies import Apologies
from bot.backoff import retry_delay
from bot.client import open_bot
from bot.clock import FollowingClock, SystemClock
from bot.collecting import Collecting
from bot.delivery import Deliverer
from bot.explaining import Explaining, opener
from bot.hooks import HooksServer
from bot.housing import Housing
from bot.installing import install
from bot.learning import Learning
from bot.links import LinkChecks
from bot.migrating import upgrade
from bot.networks import Networks, read_link
from bot.pacing import Pacer
from bot.photos import from_telegram
from bot.polling import Poller
from bot.publication import PublicationDesk
from bot.pushes import Pushes
from bot.receiving import Receiver
from bot.registry import Registry
from bot.schedule import Sweeper, tick
from bot.settings import Settings
from bot.singleton import LockLostError, Locks, Part
from bot.sources import Sources
from bot.taking import Taker
from bot.watching import Watching
from classifier import WordForms
from collectors.contract import Collector
from handlers import build_router
from handlers.context import Clock
from handlers.rendering import render
from incidents.incoming import FoundPost
from incidents.intake import TriageRules
from models.database import Database, open_database

_log = logging.getLogger(__name__)

PARTS: Final = (Part.COLLECT, Part.RECEIVE, Part.DELIVER, Part.PUBLISH)
_LAST_WORDS: Final = 8.0  # seconds from being told to stop until whatever still runs is cut short
_LONGEST_PAUSE: Final = timedelta(seconds=30)
_LEARN_SECONDS: Final = 5.0


class Program:
    """One process of Otklik."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Clock,
        networks: Networks,
        stop: asyncio.Event,
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.stop = stop
        self.networks = networks
        self.forms = WordForms()
        self.token = Trouble(database, clock, key="telegram_token")
        self.open_classifier = opener(settings, database)
        self.explaining = Explaining(self.open_classifier)
        self.housing = Housing(
            settings,
            database,
            networks,
            forms=self.forms,
            token=self.token,
            explainer=self.explaining,
            clock=clock,
        )
        self.watching = Watching(database, networks.connectors, forms=self.forms)
        self.locks = Locks(settings.database.url)

    def work_of(self, part: Part) -> Callable[[Callable[[], None]], Awaitable[None]]:
        return {
            Part.COLLECT: self._collect,
            Part.RECEIVE: self._receive,
            Part.DELIVER: self._deliver,
            Part.PUBLISH: self._publish,
            Part.SWEEP: self._sweep,
        }[part]

    async def do(self, part: Part, started: Callable[[], None], *, locked: bool) -> None:
        """Do one part until told to stop; whatever breaks it, it begins again. `locked`: already ours."""
        failures = 0
        while not self.stop.is_set():
            try:
                async with AsyncExitStack() as stack:
                    if not locked:
                        await stack.enter_async_context(self.locks.hold(part))
                    await self.work_of(part)(started)
            except* LockLostError:
                _log.error("%s: the connection that held its lock is gone", part.value)
            except* Exception:  # noqa: BLE001 - a part that stopped silently is worse than one that begins again
                failures += 1
                _log.critical("%s broke and begins again", part.value, exc_info=True)
                await asyncio.sleep(retry_delay(failures, longest=_LONGEST_PAUSE).total_seconds())

    async def _collect(self, started: Callable[[], None]) -> None:
        settings, zone = self.settings, ZoneInfo(self.settings.region.timezone)
        opened = await self.open_classifier()
        learning = Learning(self.database, settings.classifier, opened, zone=zone, clock=self.clock)
        await learning.look()  # the champion speaks from the first post
        self.explaining.use(learning.current)
        rules = TriageRules(mode=settings.triage.mode, threshold=settings.triage.threshold)
        taker = Taker(self.database, classifier=learning.current, rules=rules, clock=self.clock)

        async def feeds() -> Sequence[Collector]:
            found = await self.watching.look()
            taker.matcher = self.watching.matcher
            return found

        async def take(network: str, posts: Sequence[FoundPost]) -> None:
            await taker.take(posts, source=f"{network}, pushed")

        collecting = Collecting(self.database, feeds, taker=taker, clock=self.clock)
        pushes = Pushes(self.database, self.networks.hooks, take=take, clock=self.clock)
        await feeds()  # what is pushed speaks of pages: they must be known
        started()
        registry = Registry(self.database, self.networks.connectors, clock=self.clock)
        await self._until_stop(
            collecting.run(), pushes.run(), registry.run(), self._serve_hooks(), learning.run()
        )

    async def _serve_hooks(self) -> None:
        """Where networks may push to us; nothing where no port is set."""
        section = self.settings.hooks
        served = {name: hook for name, hook in self.networks.hooks.items() if hook.path}
        if section.port and served:
            deaf = Trouble(self.database, self.clock, key="webhooks")
            while True:
                server = HooksServer(
                    self.database, served, host=section.host, port=section.port, clock=self.clock
                )
                try:
                    await server.run()
                except OSError as error:  # what is polled goes on
                    where = f"{section.host}:{section.port}"
                    await deaf.met(
                        f"webhooks cannot be served at {where}, see [hooks]: {error.strerror or error}"
                    )
                    await asyncio.sleep(_LONGEST_PAUSE.total_seconds())

    async def _receive(self, started: Callable[[], None]) -> None:
        telegram = self.settings.telegram
        async with open_bot(self.settings) as bot:
            house = await self.housing.house(bot)
            dispatcher = Dispatcher(disable_fsm=True)  # what waits for words is a row
            dispatcher.include_router(build_router())
            receiver = Receiver(
                self.database,
                bot,
                dispatcher,
                house=house,
                clock=self.clock,
                apologise=Apologies(self.database, house=house, clock=self.clock),
                workers=telegram.workers,
                sources=Sources(self.database, clock=self.clock)
                if "telegram" in self.networks.connectors
                else None,
            )
            poller = Poller(
                self.database,
                token=self.settings.token,
                api_url=telegram.api_url,
                keep=receiver.store,
                clock=self.clock,
                bad_token=self.token,
                poll_seconds=telegram.poll_seconds,
                recheck_seconds=telegram.recheck_seconds,
            )

            async def poll() -> None:
                await receiver.take_left_over()
                started()
                await poller.run()

            await self._until_stop(receiver.run(), poll())

    async def _deliver(self, started: Callable[[], None]) -> None:
        telegram = self.settings.telegram
        async with open_bot(self.settings) as bot:
            deliverer = Deliverer(
                self.database,
                bot,
                render=render,
                house=await self.housing.house(bot),
                clock=self.clock,
                pacer=Pacer(
                    per_second=telegram.per_second,
                    per_chat_seconds=telegram.per_chat_seconds,
                    per_group_minute=telegram.per_group_minute,
                ),
                token=self.token,
                recheck_seconds=telegram.recheck_seconds,
            )
            started()
            await deliverer.run(self.stop)

    async def _publish(self, started: Callable[[], None]) -> None:
        started()
        connectors = self.networks.connectors
        checks = LinkChecks(
            self.database,
            {name: one.verify_link for name, one in connectors.items() if one.verify_link is not None},
            read=read_link,
            clock=self.clock,
        )
        async with open_bot(self.settings) as bot, asyncio.TaskGroup() as group:
            desk = PublicationDesk(
                self.database, self.networks.publishers, clock=self.clock, photo_of=from_telegram(bot)
            )
            learning = group.create_task(self._learn_pages())
            group.create_task(checks.run(self.stop))
            await desk.run(self.stop)
            learning.cancel()

    async def _learn_pages(self) -> None:
        """Who publishes must know the pages, whichever process reads them."""
        while True:
            try:
                await self.watching.look()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("the registry cannot be read: %s", error)
            await asyncio.sleep(_LEARN_SECONDS)

    async def _sweep(self, started: Callable[[], None]) -> None:
        schedule, region = self.settings.schedule, self.settings.region
        started()
        await tick(
            Sweeper(
                self.database,
                clock=self.clock,
                zone=ZoneInfo(region.timezone),
                required_networks=region.required_networks,
            ),
            sweep_seconds=schedule.sweep_seconds,
            audit_minutes=schedule.audit_minutes,
            stop=self.stop,
        )

    async def _until_stop(self, *work: Coroutine[Any, Any, None]) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
            await self.stop.wait()
            for task in tasks:
                task.cancel()


async def run(
    settings: Settings,
    *,
    only: frozenset[Part] | None = None,
    stop: asyncio.Event,
    ready: asyncio.Event | None = None,
) -> None:
    """Run the program, or some parts of it, until `stop`; `ready` is set when every part is at work.

    Raises:
        AlreadyRunningError: another process uses the same SQLite database.
    """
    parts = [part for part in PARTS if only is None or part in only]
    url = settings.database.url
    async with AsyncExitStack() as stack:
        on_file = url.startswith("sqlite")
        if on_file:  # before the database is touched: a second process is refused at once
            locks = Locks(url)
            for part in parts:
                await stack.enter_async_context(locks.hold(part))
        await upgrade(url)
        database = open_database(url)
        stack.push_async_callback(database.close)
        clock = FollowingClock(settings.clock.follow_url) if settings.clock.follow_url else SystemClock()
        if isinstance(clock, FollowingClock):
            await clock.look()
        await install(settings, database, now=clock())
        networks = await stack.enter_async_context(Networks(settings, database, clock=clock))
        program = Program(settings, database, clock=clock, networks=networks, stop=stop)
        waiting = {*parts, Part.SWEEP}

        def started(part: Part) -> None:
            waiting.discard(part)
            if not waiting and ready is not None and not ready.is_set():
                # One full collection now, none over these objects later: p99 of a press falls tenfold.
                gc.collect()
                gc.freeze()
                _log.info("Otklik is at work: %s", ", ".join(part.value for part in parts))
                ready.set()

        async with asyncio.TaskGroup() as group:
            if isinstance(clock, FollowingClock):
                follower = group.create_task(clock.follow())
            tasks = [
                group.create_task(program.do(part, partial(started, part), locked=on_file and part in parts))
                for part in (*parts, Part.SWEEP)
            ]
            await stop.wait()
            _log.info("stopping")
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
            for task in tasks:
                task.cancel()
            if isinstance(clock, FollowingClock):
                follower.cancel()
    _log.info("stopped")
