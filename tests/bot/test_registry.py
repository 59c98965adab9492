"""The registry's pages are looked up once a day, whatever one network or one page does."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram import Dispatcher
from sqlalchemy import select

from bot.alarms import Trouble
from bot.clock import SystemClock
from bot.polling import Poller
from bot.receiving import Receiver
from bot.registry import Registry
from bot.schedule import Sweeper
from collectors.contract import Connector, NetworkError, Outcome, Page, PageFacts
from handlers import build_router
from handlers.rendering import render
from models import Community, CommunityState, OutboxRow
from models.database import Database
from tests.bot.bot_stage import HOUSE, TOKEN, VERA, Served, delivering, until
from tests.conftest import NOON, MovableClock
from tests.incidents.registry_stage import READERS

Answer = PageFacts | Exception


class Networks:
    """Connectors that answer by script, and what they were asked."""

    def __init__(self, **answers: Mapping[str, Answer]) -> None:
        self.answers = {network: dict(pages) for network, pages in answers.items()}
        self.asked: list[str] = []

    def connectors(self) -> dict[str, Connector]:
        return {network: self._connector(network) for network in self.answers}

    def _connector(self, network: str) -> Connector:
        async def look_up(page: Page) -> PageFacts:
            key = page.native_id or page.name
            self.asked.append(f"{network}:{key}")
            answer = self.answers[network][key]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return Connector(network=network, watch=lambda _: (), look_up=look_up)


def refused(outcome: Outcome, **fields: Any) -> NetworkError:
    return NetworkError(f"vk: {outcome.value}", outcome=outcome, **fields)


async def pages(database: Database, *natives: str, network: str = "vk", **fields: Any) -> None:
    async with database.writing() as session:
        for native_id in natives:
            session.add(Community(network=network, native_id=native_id, added_at=NOON, **fields))


async def registry(database: Database) -> dict[str, Community]:
    async with database.reading() as session:
        found = await session.scalars(select(Community).order_by(Community.id))
        return {f"{row.network}:{row.native_id or row.name}": row for row in found}


async def test_a_page_is_looked_up_once_a_day(database: Database, clock: MovableClock) -> None:
    facts = PageFacts(native_id="1", name="Dorogi", title="Минтранс", is_verified=True, can_answer=True)
    networks = Networks(vk={"dorogi": facts, "1": facts})
    async with database.writing() as session:
        session.add(Community(network="vk", name="dorogi", added_at=NOON))
        session.add(Community(network="vk", native_id="8", added_at=NOON, is_watched=False))
        session.add(Community(network="myspace", native_id="9", added_at=NOON))
    job = Registry(database, networks.connectors(), clock=clock)
    await job.look()
    await job.look()
    clock.forward(hours=23)
    await job.look()
    assert networks.asked == ["vk:dorogi"]
    row = (await registry(database))["vk:1"]
    assert (row.name, row.title, row.is_verified) == ("dorogi", "Минтранс", True)
    assert (row.state, row.problem, row.looked_up_at) == (CommunityState.CONNECTED, "", NOON)
    clock.forward(hours=1)
    networks.answers["vk"]["1"] = PageFacts(native_id="1", can_answer=False, problem="no token")
    await job.look()
    row = (await registry(database))["vk:1"]
    assert (row.state, row.problem, row.title) == (CommunityState.READ, "no token", "Минтранс")


async def test_a_page_that_is_gone_is_lost_and_may_be_found_again(
    database: Database, clock: MovableClock
) -> None:
    networks = Networks(vk={"1": refused(Outcome.GONE)})
    await pages(database, "1")
    job = Registry(database, networks.connectors(), clock=clock)
    await job.look()
    row = (await registry(database))["vk:1"]
    assert (row.state, row.problem, row.looked_up_at) == (CommunityState.LOST, "vk: gone", NOON)
    clock.forward(days=1)
    networks.answers["vk"]["1"] = PageFacts(native_id="1", can_answer=True)
    await job.look()
    row = (await registry(database))["vk:1"]
    assert (row.state, row.problem) == (CommunityState.CONNECTED, "")


async def test_later_means_later_for_that_network_alone(database: Database, clock: MovableClock) -> None:
    later = refused(Outcome.LATER, retry_after=timedelta(minutes=5))
    good = PageFacts(native_id="2", can_answer=True)
    networks = Networks(vk={"1": later, "2": good}, ok={"1": PageFacts(native_id="1")})
    await pages(database, "1", "2")
    await pages(database, "1", network="ok")
    job = Registry(database, networks.connectors(), clock=clock)
    await job.look()
    await job.look()
    assert sorted(networks.asked) == ["ok:1", "vk:1"]  # networks are asked side by side
    assert (await registry(database))["vk:1"].state is CommunityState.UNKNOWN
    clock.forward(minutes=5)
    await job.look()  # the page that was told "later" lets the other one go first
    assert networks.asked[2:] == ["vk:2", "vk:1"]


@pytest.mark.parametrize("trouble", [refused(Outcome.STOP), ZeroDivisionError("boom")])
async def test_one_bad_page_does_not_keep_the_others(
    database: Database, clock: MovableClock, trouble: Exception
) -> None:
    networks = Networks(vk={"1": trouble, "2": PageFacts(native_id="2", can_answer=True)})
    await pages(database, "1", "2")
    job = Registry(database, networks.connectors(), clock=clock)
    await job.look()
    clock.forward(minutes=10)
    await job.look()
    assert networks.asked == ["vk:1", "vk:2"]
    found = await registry(database)
    assert (found["vk:1"].state, found["vk:1"].looked_up_at) == (CommunityState.UNKNOWN, None)
    assert found["vk:1"].problem in {"vk: stop", "ZeroDivisionError: boom"}
    assert found["vk:2"].state is CommunityState.CONNECTED
    clock.forward(minutes=51)
    await job.look()
    assert networks.asked[2:] == ["vk:1"]


async def test_what_can_never_be_asked_is_asked_again_tomorrow(
    database: Database, clock: MovableClock
) -> None:
    networks = Networks(vk={"1": refused(Outcome.NEVER)})
    await pages(database, "1", state=CommunityState.READ)
    job = Registry(database, networks.connectors(), clock=clock)
    await job.look()
    clock.forward(hours=2)
    await job.look()
    assert networks.asked == ["vk:1"]
    row = (await registry(database))["vk:1"]
    assert (row.state, row.problem) == (CommunityState.READ, "vk: never")


async def test_it_goes_on_until_cancelled(database: Database, clock: MovableClock) -> None:
    networks = Networks(vk={"1": PageFacts(native_id="1"), "2": PageFacts(native_id="2")})
    await pages(database, "1")
    job = Registry(database, networks.connectors(), clock=clock, look_seconds=0.01)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(job.run())
        await until(lambda: networks.asked == ["vk:1"])
        await pages(database, "2")
        await until(lambda: networks.asked == ["vk:1", "vk:2"])
        task.cancel()


async def test_where_nothing_can_be_looked_up_nothing_runs(database: Database, clock: MovableClock) -> None:
    blind = Connector(network="vk", watch=lambda _: ())
    async with asyncio.timeout(5):
        await Registry(database, {"vk": blind}, clock=clock).run()


# -- the weekly line


async def test_the_weekly_line_outlives_a_restart(region: Database, clock: MovableClock) -> None:
    await pages(region, "1", state=CommunityState.LOST)
    moscow = ZoneInfo("Europe/Moscow")

    async def lines() -> list[Any]:
        async with region.reading() as session:
            return list(await session.scalars(select(OutboxRow.chat_id).order_by(OutboxRow.id)))

    clock.forward(days=7, hours=-4)  # Monday, 8:00 in Moscow
    await Sweeper(region, clock=clock, zone=moscow).tell_week()
    assert await lines() == []
    clock.forward(hours=1)
    for _ in range(2):
        sweeper = Sweeper(region, clock=clock, zone=moscow)
        await sweeper.tell_week()
        await sweeper.tell_week()
    assert await lines() == [VERA]
    clock.forward(days=7)
    await sweeper.tell_week()
    assert await lines() == [VERA, VERA]


# -- the file, over real HTTP


async def test_the_registry_goes_out_as_a_document_and_comes_back(region: Database, telegram: Served) -> None:
    async with region.writing() as session:
        page = Community(network="vk", native_id="1", title="Минтранс", added_at=NOON)
        session.add(page)
    house = replace(HOUSE, readers=READERS)
    clock = SystemClock()
    async with telegram.bot() as bot, delivering(region, telegram, render=render):
        dispatcher = Dispatcher(disable_fsm=True)
        dispatcher.include_router(build_router())
        receiver = Receiver(region, bot, dispatcher, house=house, clock=clock, apologise=no_apology)
        poller = Poller(
            region,
            token=TOKEN,
            api_url=telegram.url,
            keep=receiver.store,
            clock=clock,
            bad_token=Trouble(region, clock, key="telegram_token"),
            poll_seconds=1,
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(receiver.run()), group.create_task(poller.run())]
            telegram.world.say(VERA, "/communities file")
            await until(lambda: document(telegram))
            sent = telegram.world.files.by_id[document(telegram)["file_id"]]
            assert (sent.name or "").endswith(".xlsx")
            telegram.world.send_file(VERA, "document", sent.data, caption="/communities", name="r.xlsx")
            await until(lambda: "без изменений 1" in telegram.texts(VERA)[-1])
            csv = "Сеть;Ссылка\nvk;vk.com/club1\nvk;vk.com/club2\nmyspace;x\n".encode("cp1251")
            telegram.world.send_file(VERA, "document", csv, caption="/communities", name="r.csv")
            await until(lambda: "ошибок: 1" in telegram.texts(VERA)[-1])
            for task in tasks:
                task.cancel()
    assert "Строка 4, «Сеть»: сети «myspace» нет. Известны: vk, ok" in telegram.texts(VERA)[-1]
    assert list(await registry(region)) == ["vk:1"]


def document(telegram: Served) -> dict[str, Any]:
    """The newest file the bot has sent to the curator, {} before there is one."""
    sent = [one["file"] for one in telegram.world.messages(VERA) if one["file"] and one["from"]["is_bot"]]
    return dict(sent[-1]) if sent else {}


async def no_apology(_: Any, number: str) -> None:
    raise AssertionError(f"the program apologised: {number}")
