"""Feeds: what is new is taken in once, the cursor goes with it, and one feed's troubles are its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.collecting import Collecting, Feeds
from bot.taking import Taker
from collectors.contract import Batch, Collector, NetworkError, Outcome
from incidents.incoming import Explanation, FoundPost, Guess, Scored
from incidents.intake import TriageRules
from models import Alarm, Feed, Incident, Kind, Post, Status
from models.database import Database
from tests.bot.bot_stage import until
from tests.conftest import NOON, MovableClock


def found(number: int, text: str = "Яма") -> FoundPost:
    return FoundPost(
        network="vk",
        native_id=f"wall-1_{number}",
        text=text,
        url=f"https://vk.com/wall-1_{number}",
        posted_at=NOON,
        community_id="1",
    )


class Shelf:
    """A feed whose readings are laid out beforehand; the last one comes again and again."""

    network = "vk"
    every = timedelta(minutes=1)

    def __init__(self, *readings: Batch | Exception, feed: str = "vk:wall:-1") -> None:
        self.feed = feed
        self.readings = list(readings)
        self.cursors: list[str | None] = []

    async def fetch(self, cursor: str | None, *, now: datetime) -> Batch:
        self.cursors.append(cursor)
        reading = self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
        if isinstance(reading, Exception):
            raise reading
        return reading


class Roads:
    """Everything is about roads; remembers what it was asked."""

    model_id = "test-1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        self.asked += texts
        return [
            Guess(
                model_id=self.model_id,
                kind=Kind.COMPLAINT,
                kind_confidence=0.9,
                needs_answer=True,
                needs_answer_confidence=0.9,
                official_reply=False,
                topics=(Scored("roads", 0.9), Scored("housing", 0.1)),
            )
            for _ in texts
        ]

    def explain(self, text: str) -> Explanation:
        return Explanation(guess=self.classify([text])[0], words={})


@asynccontextmanager
async def collecting(
    database: Database, clock: MovableClock, *shelves: Collector, classifier: Roads | None = None
) -> AsyncIterator[None]:
    async def feeds() -> Sequence[Collector]:
        return shelves

    async with at_work(database, clock, feeds, classifier=classifier):
        yield


@asynccontextmanager
async def at_work(
    database: Database, clock: MovableClock, feeds: Feeds, *, classifier: Roads | None = None
) -> AsyncIterator[None]:
    taker = Taker(database, classifier=classifier or Roads(), rules=TriageRules(), clock=clock)
    work = Collecting(database, feeds, taker=taker, clock=clock, look_seconds=0.01)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work.run())
        try:
            yield
        finally:
            task.cancel()


async def feed(database: Database, name: str = "vk:wall:-1") -> Feed | None:
    async with database.reading() as session:
        return await session.get(Feed, name)


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Post)) or 0


def read_to(database: Database, cursor: str) -> Callable[[], Any]:
    async def check() -> bool:
        row = await feed(database)
        return row is not None and row.cursor == cursor

    return check


async def test_feeds_come_and_go_while_the_program_runs(region: Database, clock: MovableClock) -> None:
    """The registry has changed: a new page is read at once, one that is watched no more is left alone."""
    first, second = Shelf(Batch([], "c1")), Shelf(Batch([], "d1"), feed="vk:wall:-2")
    shelves: list[Collector] = [first]

    async def feeds() -> Sequence[Collector]:
        return shelves

    async with at_work(region, clock, feeds):
        await until(read_to(region, "c1"))
        shelves[:] = [second]
        await until(lambda: second.cursors)
        seen = len(first.cursors)

        def read_again() -> bool:
            clock.forward(minutes=1)
            return len(second.cursors) > 1

        await until(read_again)
        assert len(first.cursors) == seen


async def test_a_silent_feed_writes_nothing_but_says_now_and_then_that_it_is_read(
    region: Database, clock: MovableClock
) -> None:
    shelf = Shelf(Batch([], "c1"))
    async with collecting(region, clock, shelf):
        await until(read_to(region, "c1"))
        first = await feed(region)
        assert first is not None
        for _ in range(3):
            seen = len(shelf.cursors)
            clock.forward(seconds=61)
            await until(lambda: len(shelf.cursors) > seen)  # noqa: B023 - awaited within its turn
        still = await feed(region)
        assert still is not None
        assert still.last_ok_at == first.last_ok_at
        clock.forward(minutes=5)
        await until(lambda: is_later(region, first))
    assert set(shelf.cursors) == {None, "c1"}


async def is_later(database: Database, before: Feed) -> bool:
    row = await feed(database)
    return row is not None and row.last_ok_at != before.last_ok_at


async def test_what_a_feed_is_made_of_may_change_under_its_name(
    region: Database, clock: MovableClock
) -> None:
    """The page has another title now: the feed goes on from the same cursor."""
    before, after = Shelf(Batch([], "c1")), Shelf(Batch([found(9)], "c2"))
    shelves: list[Collector] = [before]

    async def feeds() -> Sequence[Collector]:
        return shelves

    async with at_work(region, clock, feeds):
        await until(read_to(region, "c1"))
        shelves[:] = [after]

        async def has_gone_on() -> bool:
            clock.forward(minutes=1)  # the old one may be read once more before the change is seen
            return bool(await read_to(region, "c2")())

        await until(has_gone_on)
    assert after.cursors[0] == "c1"


async def test_a_new_post_is_with_its_body_at_once(region: Database, clock: MovableClock) -> None:
    async with collecting(region, clock, Shelf(Batch([found(1)], "c1"))):
        await until(read_to(region, "c1"))
    async with region.reading() as session:
        incident = (await session.scalars(select(Incident))).one()
    assert incident.status is Status.ASSIGNED


async def test_read_twice_is_stored_once_and_asked_once(region: Database, clock: MovableClock) -> None:
    roads = Roads()
    shelf = Shelf(
        Batch([found(1), found(1), found(2)], "c1"),
        Batch([found(1), found(2), found(3)], "c2"),
        Batch([], "c3"),
    )
    async with collecting(region, clock, shelf, classifier=roads):
        await until(read_to(region, "c1"))
        clock.forward(minutes=2)
        await until(read_to(region, "c2"))
    assert (await count(region), len(roads.asked)) == (3, 3)
    assert shelf.cursors[:2] == [None, "c1"]


async def test_an_edited_post_keeps_its_old_words(region: Database, clock: MovableClock) -> None:
    shelf = Shelf(Batch([found(1)], "c1"), Batch([found(1, "Яма засыпана")], "c2"), Batch([], "c3"))
    async with collecting(region, clock, shelf):
        await until(read_to(region, "c1"))
        clock.forward(minutes=2)
        await until(read_to(region, "c2"))
    async with region.reading() as session:
        post = (await session.scalars(select(Post))).one()
    assert (post.text, post.text_version) == ("Яма засыпана", 2)


async def test_a_full_page_is_followed_by_the_next_at_once(region: Database, clock: MovableClock) -> None:
    shelf = Shelf(
        Batch([found(number) for number in range(120)], "c1", more=True),
        Batch([found(number) for number in range(120, 130)], "c2"),
    )
    async with collecting(region, clock, shelf):
        await until(read_to(region, "c2"))
    assert await count(region) == 130


async def test_a_failure_leaves_the_cursor_where_it_was_and_is_said_once(
    region: Database, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    busy = NetworkError("vk: 6 too many requests", outcome=Outcome.LATER)
    shelf = Shelf(Batch([found(1)], "c1"), busy, busy, ValueError("<html>"), Batch([found(2)], "c2"))
    async with collecting(region, clock, shelf):
        await until(read_to(region, "c1"))

        async def read_again() -> bool:
            clock.forward(minutes=5)
            return await count(region) == 2

        await until(read_again)
    assert shelf.cursors[:5] == [None, "c1", "c1", "c1", "c1"]
    said = [record for record in caplog.records if "cannot be read, tried again" in record.getMessage()]
    assert len(said) == 1
    row = await feed(region)
    assert row is not None
    assert (row.failures, row.error) == (0, "")


async def test_a_long_wait_the_network_asks_for_is_kept(region: Database, clock: MovableClock) -> None:
    shelf = Shelf(NetworkError("flood", outcome=Outcome.LATER, retry_after=timedelta(hours=2)))
    async with collecting(region, clock, shelf):

        async def failed() -> bool:
            row = await feed(region)
            return row is not None and row.failures == 1

        await until(failed)
    row = await feed(region)
    assert row is not None
    assert row.next_at >= NOON + timedelta(hours=2)


async def test_a_stopped_feed_is_one_alarm_and_the_others_go_on(
    region: Database, clock: MovableClock
) -> None:
    revoked = NetworkError("vk: 5 authorization failed", outcome=Outcome.STOP)
    broken = Shelf(revoked, revoked, revoked, Batch([], "mended"), feed="vk:wall:-2")
    fine = Shelf(Batch([found(1)], "c1"))

    async def mended() -> bool:
        clock.forward(minutes=11)
        row = await feed(region, "vk:wall:-2")
        return row is not None and row.cursor == "mended" and not row.stopped

    async def alarms() -> list[bool]:
        async with region.reading() as session:
            return [one.cleared_at is not None for one in await session.scalars(select(Alarm))]

    async def is_over() -> bool:
        return await alarms() == [True]

    async with collecting(region, clock, broken, fine):
        await until(alarms)
        await until(read_to(region, "c1"))
        assert await alarms() == [False]
        await until(mended)
        await until(is_over)


async def test_a_post_that_cannot_be_stored_stops_no_other(region: Database, clock: MovableClock) -> None:
    naive = FoundPost(
        network="vk",
        native_id="wall-1_9",
        text="x",
        url="https://vk.com/wall-1_9",
        posted_at=datetime(2026, 1, 1),  # noqa: DTZ001 - that is what is wrong with it
    )
    async with collecting(region, clock, Shelf(Batch([found(1), naive, found(2)], "c1"))):
        await until(read_to(region, "c1"))
    assert await count(region) == 2


async def test_after_a_restart_a_feed_goes_on_where_it_was(region: Database, clock: MovableClock) -> None:
    async with collecting(region, clock, Shelf(Batch([found(1)], "c1"))):
        await until(read_to(region, "c1"))
    clock.forward(minutes=2)
    shelf = Shelf(Batch([found(2)], "c2"))
    async with collecting(region, clock, shelf):
        await until(read_to(region, "c2"))
    assert shelf.cursors == ["c1"]
