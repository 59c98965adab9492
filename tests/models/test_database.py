"""The ground everything stands on: both engines keep times, refuse naive ones, and lose no update."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from models import Alarm, Body, Incident, Kind, Priority, Status
from models.database import Database, open_database
from tests.conftest import NOON


async def test_times_come_back_as_the_same_moment_in_utc(database: Database) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=5)))
    async with database.writing() as session:
        session.add(Alarm(key="k", text="t", raised_at=local))
    async with database.reading() as session:
        alarm = await session.get_one(Alarm, "k")
    assert alarm.raised_at == NOON
    assert alarm.raised_at.tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the very thing that must be refused
    with pytest.raises(StatementError, match="naive"):
        async with database.writing() as session:
            session.add(Alarm(key="k", text="t", raised_at=naive))


async def test_no_update_is_lost_when_many_read_and_then_write(database: Database) -> None:
    """With the drivers' defaults on SQLite seven of eight such transactions are lost, without an error."""
    async with database.writing() as session:
        session.add(Body(code="b", name="0", created_at=NOON))

    async def add_one() -> None:
        async with database.writing() as session:
            body = await session.scalar(select(Body).with_for_update())
            assert body is not None
            await asyncio.sleep(0.01)
            body.name = str(int(body.name) + 1)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(add_one())
    async with database.reading() as session:
        assert await session.scalar(select(Body.name)) == "8"


async def test_a_conditional_update_has_one_winner_of_two_hundred(database: Database) -> None:
    async with database.writing() as session:
        session.add(Body(code="b", name="free", created_at=NOON))
    won: list[int] = []

    async def take(number: int) -> None:
        async with database.writing() as session:
            result = await session.execute(
                update(Body).where(Body.name == "free").values(name=f"taken {number}").returning(Body.id)
            )
            if result.scalar_one_or_none() is not None:
                won.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(take(number))
    assert len(won) == 1


# SQLite's writers stand in line: the second reads what the first wrote.
@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
async def test_the_second_of_two_writers_finds_the_version_gone(database: Database) -> None:
    async with database.writing() as session:
        session.add(
            Incident(
                status=Status.NEW,
                kind=Kind.COMPLAINT,
                topic="roads",
                priority=Priority.ORDINARY,
                created_at=NOON,
            )
        )
    with pytest.raises(StaleDataError):
        async with database.writing() as slow:
            held = await slow.get_one(Incident, 1)
            async with database.writing() as fast:
                (await fast.get_one(Incident, 1)).place = "fast"
            held.place = "slow"


async def test_a_failed_transaction_leaves_nothing_and_rings_no_bell(database: Database) -> None:
    bell = database.doorbell()
    with pytest.raises(RuntimeError):
        async with database.writing() as session:
            session.add(Body(code="b", name="b", created_at=NOON))
            await session.flush()
            raise RuntimeError
    assert not bell.is_set()
    async with database.writing() as session:
        assert await session.scalar(select(func.count()).select_from(Body)) == 0
    assert bell.is_set()


async def test_what_must_commit_together_does(database: Database) -> None:
    async def mark(session: AsyncSession) -> None:
        session.add(Alarm(key="done", text="", raised_at=NOON))

    with pytest.raises(RuntimeError):
        async with database.writing(mark) as session:
            raise RuntimeError
    async with database.writing(mark) as session:
        assert await session.get(Alarm, "done") is None
    async with database.reading() as session:
        assert await session.get(Alarm, "done") is not None


async def test_on_sqlite_an_urgent_writer_has_the_next_turn(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'turns.sqlite3'}")
    began, may_end = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def hold() -> None:
        async with database.writing():
            began.set()
            await may_end.wait()

    async def write(name: str, *, urgent: bool = False) -> None:
        async with database.writing(urgent=urgent):
            order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(hold())
        await began.wait()
        routine = [group.create_task(write(f"routine {number}")) for number in range(3)]
        await asyncio.sleep(0)  # they stand in line now
        group.create_task(write("press", urgent=True))
        await asyncio.sleep(0)
        routine[1].cancel()
        may_end.set()
    assert order == ["press", "routine 0", "routine 2"]
    await write("after")
    assert order[-1] == "after"
    await database.close()
