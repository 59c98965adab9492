"""One process at a time for each part."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.migrating import upgrade
from bot.singleton import AlreadyRunningError, LockLostError, Locks, Part
from tests.bot.bot_stage import until


async def test_beside_one_sqlite_file_a_second_process_is_refused(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'o.sqlite3'}"
    async with Locks(url).hold(Part.DELIVER):
        with pytest.raises(AlreadyRunningError, match=r"another Otklik already runs .*deliver"):
            await Locks(url).hold(Part.DELIVER).__aenter__()
        async with Locks(url).hold(Part.RECEIVE):
            pass
    async with Locks(url).hold(Part.DELIVER):
        pass


async def test_the_next_process_takes_over(empty_url: str) -> None:
    """The sweep waits on both engines; every part does so on PostgreSQL."""
    order: list[str] = []
    first_may_go = asyncio.Event()

    async def work(name: str, *, wait: bool) -> None:
        async with Locks(empty_url, wait_seconds=0.05).hold(Part.SWEEP):
            order.append(name)
            if wait:
                await first_may_go.wait()
            order.append(f"{name} done")

    async with asyncio.TaskGroup() as group:
        group.create_task(work("first", wait=True))
        await until(lambda: order == ["first"])
        group.create_task(work("second", wait=False))
        await asyncio.sleep(0.2)  # the second has tried some times meanwhile
        assert order == ["first"]
        first_may_go.set()
    assert order == ["first", "first done", "second", "second done"]


async def test_processes_that_start_together_migrate_one_after_the_other(empty_url: str) -> None:
    await asyncio.gather(*(upgrade(empty_url) for _ in range(3)))
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM inbox")) == 0
    await engine.dispose()


async def test_whose_lock_is_gone_stops_working(empty_url: str) -> None:
    """The server ends the connection that holds the lock."""
    if empty_url.startswith("sqlite"):
        pytest.skip("a file's lock lives as long as its process")
    admin = create_async_engine(empty_url)
    held = asyncio.Event()

    async def work() -> None:
        async with Locks(empty_url, wait_seconds=0.05).hold(Part.DELIVER):
            held.set()
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            await held.wait()
            async with admin.connect() as connection:
                await connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks"
                        " WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database ="
                        " (SELECT oid FROM pg_database WHERE datname = current_database())"
                    )
                )
    await admin.dispose()
    assert caught.value.subgroup(LockLostError) is not None
