"""The bill of a paid network: kept by month, over restarts, from several feeds at once."""

import asyncio
from datetime import UTC, datetime

from bot.meter import SpendingMeter
from models.database import Database
from tests.conftest import MovableClock


async def test_what_was_spent_is_kept_by_network_and_month(database: Database, clock: MovableClock) -> None:
    meter = SpendingMeter(database, "x", clock=clock)
    assert await meter.this_month() == 0
    await asyncio.gather(*(meter.add(5_000) for _ in range(20)))
    await SpendingMeter(database, "vk", clock=clock).add(1)
    assert await SpendingMeter(database, "x", clock=clock).this_month() == 100_000
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    assert await meter.this_month() == 0


async def test_nothing_spent_writes_nothing(database: Database, clock: MovableClock) -> None:
    meter = SpendingMeter(database, "x", clock=clock)
    await meter.add(0)
    assert await meter.this_month() == 0
