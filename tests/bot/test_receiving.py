"""Updates are stored before they are confirmed, and handled once, each person's in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.types import CallbackQuery, Message
from sqlalchemy import func, select, update
from sqlalchemy.orm.exc import StaleDataError

from bot.alarms import Trouble
from bot.clock import SystemClock
from bot.inbox import store
from bot.polling import Poller
from bot.receiving import Receiver
from handlers.context import Transaction
from incidents.people import audit
from models import (
    Alarm,
    AuditEntry,
    Body,
    ChatState,
    InboxRow,
    InboxState,
    Official,
    OutboxKind,
    OutboxRow,
)
from models.database import Database
from tests.bot.bot_stage import ANNA, BORIS, HOUSE, TOKEN, VERA, Office, Served, router, until
from tests.conftest import NOON

Handler = Callable[..., Any]


class Counter:
    """A handler that writes what it handled in its transaction, as real ones do."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.trouble: list[BaseException] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def take(self, message: Message, transaction: Transaction) -> None:
        await self.hold.wait()
        self.order.append(message.text or "")
        async with transaction() as session:
            audit(
                session,
                now=NOON,
                telegram_id=message.chat.id,
                chat_id=message.chat.id,
                action="said",
                outcome=message.text or "",
            )
            if self.trouble:
                raise self.trouble.pop()


async def said(database: Database) -> list[str]:
    async with database.reading() as session:
        found = await session.scalars(
            select(AuditEntry.outcome).where(AuditEntry.action == "said").order_by(AuditEntry.id)
        )
        return list(found)


async def states(database: Database) -> list[str]:
    async with database.reading() as session:
        found = await session.scalars(select(InboxRow.state).order_by(InboxRow.update_id))
        return [state.value for state in found]


def all_are(database: Database, *wanted: str) -> Callable[[], Any]:
    async def check() -> bool:
        return await states(database) == list(wanted)

    return check


@asynccontextmanager
async def receiving(
    database: Database,
    telegram: Served,
    *,
    polls: bool = True,
    recheck_seconds: float = 60,
    apologies: list[str] | None = None,
    **handlers: Handler,
) -> AsyncIterator[Receiver]:
    clock = SystemClock()
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router(**handlers))

    async def apologise(_: Any, number: str) -> None:
        if apologies is not None:
            apologies.append(number)

    async with telegram.bot() as bot:
        receiver = Receiver(database, bot, dispatcher, house=HOUSE, clock=clock, apologise=apologise)
        poller = Poller(
            database,
            token=TOKEN,
            api_url=telegram.url,
            keep=receiver.store,
            clock=clock,
            bad_token=Trouble(database, clock, key="telegram_token"),
            poll_seconds=1,
            recheck_seconds=recheck_seconds,
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(receiver.run())]
            await receiver.take_left_over()
            if polls:
                tasks.append(group.create_task(poller.run()))
            try:
                yield receiver
            finally:
                for task in tasks:
                    task.cancel()


@pytest.fixture(autouse=True)
async def greeted(telegram: Served) -> None:
    """The /start of everybody is no news any more."""
    telegram.world.updates.drop()


def text_update(number: int, text: str, who: int = ANNA) -> dict[str, Any]:
    person = {"id": who, "is_bot": False, "first_name": "Анна"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_700_000_000,
            "chat": {"id": who, "type": "private"},
            "from": person,
            "text": text,
        },
    }


async def test_what_people_write_is_handled(region: Database, telegram: Served) -> None:
    counter = Counter()
    async with receiving(region, telegram, message=counter.take):
        telegram.world.say(ANNA, "one")
        telegram.world.say(ANNA, "two")
        await until(all_are(region, "done", "done"))
    assert await said(region) == ["one", "two"]


async def test_nothing_is_confirmed_before_it_is_stored(region: Database, telegram: Served) -> None:
    clock, kept = SystemClock(), []

    async def refuse(updates: Any) -> None:
        kept.append(len(updates))
        raise OSError("disk full")

    poller = Poller(
        region,
        token=TOKEN,
        api_url=telegram.url,
        keep=refuse,
        clock=clock,
        bad_token=Trouble(region, clock, key="t"),
        poll_seconds=0,
    )
    telegram.world.say(ANNA, "precious")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(poller.run())
        await until(lambda: len(kept) >= 2)
        task.cancel()
    assert telegram.world.summary()["updates_confirmed"] == 0


async def test_killed_between_storing_and_handling_it_is_handled_once_after_the_restart(
    region: Database, telegram: Served
) -> None:
    counter = Counter()
    counter.hold.clear()
    async with receiving(region, telegram, message=counter.take):
        telegram.world.say(ANNA, "one")
        await until(all_are(region, "new"))
    assert await said(region) == []
    counter.hold.set()
    async with receiving(region, telegram, message=counter.take):
        await until(all_are(region, "done"))
        telegram.world.say(ANNA, "two")
        await until(all_are(region, "done", "done"))
    assert await said(region) == ["one", "two"]


async def test_an_update_that_comes_twice_is_handled_once(region: Database, telegram: Served) -> None:
    counter = Counter()
    async with receiving(region, telegram, polls=False, message=counter.take) as receiver:
        for _ in range(3):
            await receiver.store([text_update(7, "again"), text_update(8, "more", BORIS)])
        await until(all_are(region, "done", "done"))
    assert sorted(counter.order) == ["again", "more"]


async def test_what_another_process_handled_is_rolled_back_here(region: Database, telegram: Served) -> None:
    counter = Counter()
    counter.hold.clear()
    async with receiving(region, telegram, polls=False, message=counter.take) as receiver:
        await receiver.store([text_update(7, "one"), text_update(8, "two")])
        async with region.writing() as session:
            await session.execute(
                update(InboxRow).where(InboxRow.update_id == 7).values(state=InboxState.DONE)
            )
        counter.hold.set()
        await until(all_are(region, "done", "done"))
    assert (counter.order, await said(region)) == (["one", "two"], ["two"])


async def test_one_persons_updates_keep_their_order_and_others_do_not_wait(
    region: Database, telegram: Served
) -> None:
    order: list[str] = []
    gate = asyncio.Event()

    async def handler(message: Message) -> None:
        if message.text == "0":
            await gate.wait()
        order.append(f"{message.chat.id}:{message.text}")

    async with receiving(region, telegram, polls=False, message=handler) as receiver:
        await receiver.store([text_update(number, f"{number}") for number in range(4)])
        await receiver.store([text_update(50, "b", BORIS)])
        await until(lambda: order == [f"{BORIS}:b"])
        gate.set()
        await until(all_are(region, *["done"] * 5))
    assert order[1:] == [f"{ANNA}:{number}" for number in range(4)]


async def test_an_update_nobody_can_read_blocks_nobody(region: Database, telegram: Served) -> None:
    counter = Counter()
    async with receiving(region, telegram, polls=False, message=counter.take) as receiver:
        strange = {"update_id": 1, "message": {"from": {"id": ANNA}, "date": "yesterday"}}
        await receiver.store([strange, {"update_id": 2, "never_heard_of": {}}, text_update(3, "fine")])
        await until(all_are(region, "failed", "failed", "done"))
    assert counter.order == ["fine"]
    async with region.reading() as session:
        kept = await session.get_one(InboxRow, 1)
    assert json.loads(kept.payload) == strange


async def test_nul_and_lone_surrogates_are_stored_and_handled(region: Database, telegram: Served) -> None:
    counter = Counter()
    async with receiving(region, telegram, polls=False, message=counter.take) as receiver:
        broken = text_update(1, "x")
        broken["message"]["from"]["first_name"] = "А\ud800\x00"
        await receiver.store([broken])
        await until(all_are(region, "done"))
    assert counter.order == ["x"]


async def test_who_was_slower_runs_again(region: Database, telegram: Served) -> None:
    counter = Counter()
    counter.trouble = [StaleDataError("gone"), StaleDataError("gone")]
    async with receiving(region, telegram, polls=False, message=counter.take) as receiver:
        await receiver.store([text_update(1, "press")])
        await until(all_are(region, "done"))
    assert (counter.order, await said(region)) == (["press"] * 3, ["press"])


async def test_a_fault_of_ours_is_kept_numbered_and_told(
    region: Database, telegram: Served, caplog: pytest.LogCaptureFixture
) -> None:
    counter, apologies = Counter(), list[str]()
    counter.trouble = [ZeroDivisionError("bug")]
    async with receiving(
        region, telegram, polls=False, apologies=apologies, message=counter.take
    ) as receiver:
        await receiver.store([text_update(1, "bad"), text_update(2, "good")])
        await until(all_are(region, "failed", "done"))
    assert await said(region) == ["good"]
    assert len(apologies) == 1
    assert f"error {apologies[0]}" in caplog.text
    async with region.reading() as session:
        assert apologies[0] in (await session.get_one(InboxRow, 1)).error


async def test_an_acknowledgement_that_fails_undoes_nothing(region: Database, telegram: Served) -> None:
    counter = Counter()

    async def pressed(query: CallbackQuery, transaction: Transaction) -> None:
        async with transaction() as session:
            audit(session, now=NOON, telegram_id=ANNA, chat_id=ANNA, action="said", outcome="pressed")
        await query.answer("ok")

    telegram.world.fault(
        "error", "answerCallbackQuery", status=400, description="Bad Request: query is too old"
    )
    async with receiving(
        region, telegram, polls=False, message=counter.take, callback_query=pressed
    ) as receiver:
        press = {
            "id": "1",
            "from": {"id": ANNA, "is_bot": False, "first_name": "А"},
            "chat_instance": "1",
            "data": "a1",
        }
        await receiver.store([{"update_id": 1, "callback_query": press}])
        await until(all_are(region, "done"))
    assert await said(region) == ["pressed"]


async def test_a_blocked_bot_and_its_return_are_events(region: Database, telegram: Served) -> None:
    async def state() -> tuple[ChatState, bool]:
        async with region.reading() as session:
            body = await session.scalar(select(Body).where(Body.code == "roads"))
            anna = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
            assert body is not None
            assert anna is not None
            return body.chat_state, anna.is_reachable

    async with receiving(region, telegram):
        telegram.world.block(ANNA)
        await until(all_are(region, "done"))
        assert await state() == (ChatState.DEAD, False)
        telegram.world.unblock(ANNA)
        await until(all_are(region, "done", "done"))
        assert await state() == (ChatState.LIVE, True)
    told = await Office(region).rows(chat_id=VERA, kind=OutboxKind.NOTICE)
    assert [row.payload["key"] for row in told] == ["body_unreachable"]


async def test_a_group_that_becomes_a_supergroup_takes_everything_along(
    region: Database, telegram: Served
) -> None:
    await Office(region).owe("hello", to=-5)
    async with receiving(region, telegram, polls=False) as receiver:
        message = {
            "message_id": 1,
            "date": 1,
            "chat": {"id": -5, "type": "group"},
            "migrate_to_chat_id": -1005,
        }
        await receiver.store([{"update_id": 1, "message": message}])
        await until(all_are(region, "done"))
    async with region.reading() as session:
        assert list(await session.scalars(select(OutboxRow.chat_id))) == [-1005]


async def test_another_poller_and_a_bad_token_are_one_alarm_each(
    region: Database, telegram: Served, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.world.fault("error", "getUpdates", count=4, status=401, description="Unauthorized")
    telegram.world.fault("conflict", "getUpdates", count=2)
    telegram.world.fault("bad_gateway", "getUpdates")
    counter = Counter()

    async def alarms() -> dict[str, bool]:
        async with region.reading() as session:
            return {alarm.key: alarm.cleared_at is not None for alarm in await session.scalars(select(Alarm))}

    async def both_are_over() -> bool:
        return await alarms() == {"telegram_token": True, "telegram_conflict": True}

    async with receiving(region, telegram, recheck_seconds=0.05, message=counter.take):
        telegram.world.say(ANNA, "still here")
        await until(all_are(region, "done"))
        await until(both_are_over)
    assert len([record for record in caplog.records if record.levelname == "CRITICAL"]) == 2
    assert await said(region) == ["still here"]


async def test_a_webhook_in_the_way_is_removed_and_nothing_dropped(
    region: Database, telegram: Served
) -> None:
    telegram.world.fault(
        "error",
        "getUpdates",
        status=409,
        description="Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
        "delete the webhook first",
    )
    counter = Counter()
    telegram.world.say(ANNA, "early")
    async with receiving(region, telegram, message=counter.take):
        await until(all_are(region, "done"))
    assert len(telegram.calls("deleteWebhook")) == 1


async def test_storing_asks_for_nothing_twice(region: Database) -> None:
    first = await store(region, [text_update(1, "a"), text_update(2, "b")], now=NOON)
    again = await store(region, [text_update(2, "b"), text_update(3, "c")], now=NOON)
    assert ([row.update_id for row in first], [row.update_id for row in again]) == ([1, 2], [3])
    async with region.reading() as session:
        assert await session.scalar(select(func.count()).select_from(InboxRow)) == 3
