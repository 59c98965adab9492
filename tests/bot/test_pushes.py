"""Pushed events: understood in their order, waited for where the network is down, never in anybody's way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.pushes import Pushes
from collectors.contract import NetworkError, Outcome
from collectors.pushing import HookAnswer, Pushed
from incidents.incoming import FoundPost
from models import PushRow
from models.database import Database
from tests.bot.bot_stage import until
from tests.conftest import NOON, MovableClock

Understand = Callable[[Pushed], Awaitable[Sequence[FoundPost]]]


def found(key: str) -> FoundPost:
    return FoundPost(network="net", native_id=key, text=key, url=f"https://net/{key}", posted_at=NOON)


async def plainly(event: Pushed) -> Sequence[FoundPost]:
    return [found(event.key)]


class Door:
    path = "/hooks/net"

    def __init__(self, understand: Understand = plainly) -> None:
        self._understand = understand

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        return HookAnswer(200)

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        return await self._understand(event)


class Taken(list[str]):
    """Stands for collecting: keeps what it was given."""

    async def __call__(self, network: str, posts: Sequence[FoundPost]) -> None:
        self.extend(f"{network} {post.native_id}" for post in posts)


@pytest.fixture
def taken() -> Taken:
    return Taken()


async def push(database: Database, *keys: str, network: str = "net", at: datetime = NOON) -> None:
    async with database.writing() as session:
        for key in keys:
            row = PushRow(network=network, key=key, body=key.encode(), received_at=at, not_before=at)
            session.add(row)
            await session.flush()


async def rows(database: Database) -> dict[str, PushRow]:
    async with database.reading() as session:
        return {row.key: row for row in await session.scalars(select(PushRow))}


async def test_events_are_understood_in_the_order_they_came(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    await push(database, *(f"e{number}" for number in range(60)))
    pushes = Pushes(database, {"net": Door()}, take=taken, clock=clock)
    assert await pushes.work_off("net") == 50
    assert await pushes.work_off("net") == 10
    assert await pushes.work_off("net") == 0
    assert taken == [f"net e{number}" for number in range(60)]
    assert {row.done_at for row in (await rows(database)).values()} == {NOON}


async def test_an_event_about_nothing_is_done_and_nobody_is_bothered(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    async def nothing(event: Pushed) -> Sequence[FoundPost]:
        return []

    await push(database, "e")
    await Pushes(database, {"net": Door(nothing)}, take=taken, clock=clock).work_off("net")
    assert (taken, (await rows(database))["e"].done_at) == ([], NOON)


async def test_a_crash_between_storing_and_understanding_loses_nothing(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    class Crash(BaseException):
        pass

    async def dies(event: Pushed) -> Sequence[FoundPost]:
        raise Crash

    async def dies_later(network: str, posts: Sequence[FoundPost]) -> None:
        await taken(network, posts)
        raise Crash

    await push(database, "e")
    with pytest.raises(Crash):
        await Pushes(database, {"net": Door(dies)}, take=taken, clock=clock).work_off("net")
    with pytest.raises(Crash):
        await Pushes(database, {"net": Door()}, take=dies_later, clock=clock).work_off("net")
    assert (await rows(database))["e"].done_at is None
    await Pushes(database, {"net": Door()}, take=taken, clock=clock).work_off("net")
    assert taken == ["net e", "net e"]  # taking twice is harmless, not taking is not
    assert (await rows(database))["e"].done_at == NOON


async def test_what_cannot_be_read_now_waits_and_lets_the_others_pass(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    is_down = True

    async def first_is_down(event: Pushed) -> Sequence[FoundPost]:
        if event.key == "first" and is_down:
            raise NetworkError("net: HTTP 502\0", outcome=Outcome.LATER, retry_after=timedelta(minutes=3))
        return [found(event.key)]

    await push(database, "first", "second")
    pushes = Pushes(database, {"net": Door(first_is_down)}, take=taken, clock=clock)
    await pushes.work_off("net")
    assert taken == ["net second"]
    waiting = (await rows(database))["first"]
    assert (waiting.done_at, waiting.attempts, waiting.error) == (None, 1, "net: HTTP 502")
    assert waiting.not_before >= NOON + timedelta(minutes=3)  # as it was asked for
    assert await pushes.work_off("net") == 0
    is_down = False
    clock.forward(minutes=4)
    await pushes.work_off("net")
    assert taken == ["net second", "net first"]
    assert (await rows(database))["first"].error == ""


async def test_each_failure_waits_longer(database: Database, clock: MovableClock, taken: Taken) -> None:
    async def down(event: Pushed) -> Sequence[FoundPost]:
        raise NetworkError("net: down", outcome=Outcome.LATER, retry_after=timedelta(seconds=1))

    await push(database, "e")
    pushes = Pushes(database, {"net": Door(down)}, take=taken, clock=clock)
    pauses = []
    for _ in range(80):
        assert await pushes.work_off("net") == 1
        row = (await rows(database))["e"]
        pauses.append((row.not_before - clock.now).total_seconds())
        if row.done_at is None:
            clock.now = row.not_before
    assert pauses[0] <= 5
    assert pauses[0] < pauses[3] < pauses[6]
    assert max(pauses) <= 30 * 60
    assert clock.now - NOON > timedelta(days=1)
    row = (await rows(database))["e"]
    assert (row.attempts, row.error) == (80, "net: down")
    assert row.done_at is not None  # given up: polling has brought it long ago


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.NEVER, Outcome.REFUSED, Outcome.STOP])
async def test_what_never_can_be_read_is_given_up_with_the_reason(
    database: Database, clock: MovableClock, taken: Taken, outcome: Outcome
) -> None:
    async def gone(event: Pushed) -> Sequence[FoundPost]:
        raise NetworkError("net: 210 no access", outcome=outcome)

    await push(database, "e")
    await Pushes(database, {"net": Door(gone)}, take=taken, clock=clock).work_off("net")
    row = (await rows(database))["e"]
    assert (row.done_at, row.error, taken) == (NOON, "net: 210 no access", [])


async def test_garbage_is_given_up_and_the_next_one_passes(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    async def breaks(event: Pushed) -> Sequence[FoundPost]:
        if event.key == "garbage":
            raise RecursionError("deep\0")
        return [found(event.key)]

    await push(database, "garbage", "good")
    await Pushes(database, {"net": Door(breaks)}, take=taken, clock=clock).work_off("net")
    assert taken == ["net good"]
    assert (await rows(database))["garbage"].error == "RecursionError: deep"


async def test_where_posts_cannot_be_stored_the_event_stays_open(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    async def no_database(network: str, posts: Sequence[FoundPost]) -> None:
        raise OperationalError("INSERT", {}, Exception("gone"))

    await push(database, "e")
    with pytest.raises(OperationalError):
        await Pushes(database, {"net": Door()}, take=no_database, clock=clock).work_off("net")
    row = (await rows(database))["e"]
    assert (row.done_at, row.attempts) == (None, 0)


async def test_a_network_that_hangs_is_in_nobodys_way(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    async def hangs(event: Pushed) -> Sequence[FoundPost]:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody wakes it")

    doors = {"slow": Door(hangs), "net": Door()}
    await push(database, "stuck", network="slow")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Pushes(database, doors, take=taken, clock=clock).run())
        await push(database, "e1")
        await until(lambda: taken == ["net e1"])
        await push(database, "e2")
        await until(lambda: taken == ["net e1", "net e2"])
        task.cancel()
    assert (await rows(database))["stuck"].done_at is None


async def test_the_loop_survives_a_database_that_comes_and_goes(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    failures = 0

    async def at_first_not(network: str, posts: Sequence[FoundPost]) -> None:
        nonlocal failures
        failures += 1
        if failures == 1:
            raise OSError("connection refused")
        await taken(network, posts)

    await push(database, "e")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Pushes(database, {"net": Door()}, take=at_first_not, clock=clock).run())
        await until(lambda: taken == ["net e"])
        task.cancel()


async def test_what_was_understood_long_ago_is_forgotten(
    database: Database, clock: MovableClock, taken: Taken
) -> None:
    await push(database, "old", "open")
    async with database.writing() as session:
        for row in await session.scalars(select(PushRow)):
            row.not_before = NOON + timedelta(days=30)
            row.done_at = NOON if row.key == "old" else None
    clock.forward(days=8)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Pushes(database, {"net": Door()}, take=taken, clock=clock).run())

        async def is_forgotten() -> bool:
            return set(await rows(database)) == {"open"}

        await until(is_forgotten)
        task.cancel()
