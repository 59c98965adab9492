"""The clock that follows another: it jumps along, and nonsense leaves it as it was."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.clock import FollowingClock, sleep_until
from tests.bot.bot_stage import until


class Other:
    """The clock that is followed: answers with `told`."""

    def __init__(self) -> None:
        self.told: Any = {"offset_seconds": 0}
        self.url = ""

    async def answer(self, _: web.Request) -> web.Response:
        return web.json_response(self.told)


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    other = Other()
    app = web.Application()
    app.router.add_get("/clock", other.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    other.url = f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
    yield other
    await runner.cleanup()


def ahead(clock: FollowingClock) -> int:
    """Whole hours before the machine's clock."""
    return round((clock() - datetime.now(UTC)).total_seconds() / 3600)


async def test_it_jumps_along_and_ignores_nonsense(other: Other) -> None:
    clock = FollowingClock(other.url)
    for told, hours in (
        ({"offset_seconds": 3 * 3600}, 3),
        ({"offset_seconds": "noon"}, 3),
        ([], 3),
        ({"now": (datetime.now(UTC) + timedelta(hours=5)).isoformat()}, 5),
        ({"now": "2026-03-02T09:00:00"}, 5),
    ):
        other.told = told
        await clock.look()
        assert ahead(clock) == hours, told


async def test_who_sleeps_is_woken_when_the_clock_is_moved(other: Other) -> None:
    clock = FollowingClock(other.url)
    awake = asyncio.Event()

    async def sleeper() -> None:
        await sleep_until(datetime.now(UTC) + timedelta(hours=24), clock)
        awake.set()

    async with asyncio.TaskGroup() as group:
        follower = group.create_task(clock.follow())
        group.create_task(sleeper())
        other.told = {"offset_seconds": 25 * 3600}
        await until(awake.is_set)
        follower.cancel()
