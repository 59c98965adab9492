"""Ticks and the sweep: every deadline is looked at, whatever one of them does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from bot import schedule
from bot.schedule import Sweeper, tick
from incidents import being_away, sweeping
from models import (
    Absence,
    Alarm,
    Incident,
    Kind,
    Official,
    Post,
    Prediction,
    Priority,
    ReplyCapability,
    RoutingHold,
    Status,
)
from models.database import Database
from tests.bot.bot_stage import until
from tests.conftest import NOON, MovableClock


async def incidents(database: Database, many: int) -> list[int]:
    async with database.writing() as session:
        rows = [
            Incident(
                status=Status.REGISTERED,
                kind=Kind.COMPLAINT,
                topic="roads",
                priority=Priority.ORDINARY,
                created_at=NOON,
                registered_at=NOON,
                due_at=NOON + timedelta(hours=24),
                next_look_at=NOON,
            )
            for _ in range(many)
        ]
        session.add_all(rows)
        await session.flush()
        return [row.id for row in rows]


async def looks(database: Database) -> list[bool]:
    async with database.reading() as session:
        found = await session.scalars(select(Incident.next_look_at).order_by(Incident.id))
        return [at is not None and at > NOON for at in found]


async def test_everything_due_is_looked_at(region: Database, clock: MovableClock) -> None:
    await incidents(region, 130)
    await Sweeper(region, clock=clock).sweep()
    assert await looks(region) == [True] * 130


async def test_a_broken_incident_is_one_alarm_and_the_others_are_looked_at(
    region: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = await incidents(region, 3)
    really = sweeping.look_at

    async def look_at(session: Any, *, incident_id: int, now: Any) -> None:
        if incident_id == first:
            raise ZeroDivisionError
        await really(session, incident_id=incident_id, now=now)

    monkeypatch.setattr(schedule, "look_at", look_at)
    sweeper = Sweeper(region, clock=clock)
    await sweeper.sweep()
    await sweeper.sweep()
    assert await looks(region) == [False, True, True]
    async with region.reading() as session:
        assert list(await session.scalars(select(Alarm.key))) == [f"sweep:{first}"]


async def test_who_was_slower_than_a_press_looks_again(
    region: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await incidents(region, 1)
    really, trouble = sweeping.look_at, [StaleDataError("gone"), StaleDataError("gone")]

    async def look_at(session: Any, **arguments: Any) -> None:
        if trouble:
            raise trouble.pop()
        await really(session, **arguments)

    monkeypatch.setattr(schedule, "look_at", look_at)
    await Sweeper(region, clock=clock).sweep()
    assert await looks(region) == [True]


async def test_the_auditor_finds_what_nobody_would_look_at(region: Database, clock: MovableClock) -> None:
    await incidents(region, 1)
    sweeper = Sweeper(region, clock=clock)
    await sweeper.audit()
    async with region.writing() as session:
        (await session.scalars(select(Incident))).one().next_look_at = None
    await sweeper.audit()
    async with region.reading() as session:
        alarm = await session.get_one(Alarm, "auditor:forgotten")
        mended = (await session.scalars(select(Incident))).one()
    assert alarm.cleared_at is None
    assert mended.next_look_at is not None
    await sweeper.audit()
    async with region.reading() as session:
        assert (await session.get_one(Alarm, "auditor:forgotten")).cleared_at is not None


async def test_absences_begin_with_the_sweep_and_one_that_breaks_stops_nothing(
    region: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with region.writing() as session:
        people = list(await session.scalars(select(Official.id).order_by(Official.id).limit(2)))
        for official_id in people:
            session.add(
                Absence(
                    official_id=official_id,
                    starts_at=NOON,
                    ends_at=NOON + timedelta(days=3),
                    created_by=official_id,
                    created_at=NOON,
                )
            )
    look_at = being_away.look_at

    async def broken(session: Any, absence_id: int, **moment: Any) -> None:
        if absence_id == 1:
            raise RuntimeError("a fault")
        await look_at(session, absence_id, **moment)

    monkeypatch.setattr(being_away, "look_at", broken)
    await incidents(region, 1)
    await Sweeper(region, clock=clock).sweep()
    assert "absence 1 cannot be looked at" in caplog.text
    async with region.reading() as session:
        begun = await session.scalars(select(Absence.begun_at).order_by(Absence.id))
        assert list(begun) == [None, NOON]
    monkeypatch.undo()
    clock.forward(days=3)
    await Sweeper(region, clock=clock).sweep()
    async with region.reading() as session:
        over = await session.scalars(select(Absence.over_at).order_by(Absence.id))
        assert list(over) == [clock(), clock()]


async def judged(database: Database, *, wrong: int) -> None:
    """So many posts about roads that the program gave to the wrong body."""
    async with database.writing() as session:
        post = Post(
            network="vk",
            native_id="wall-1_2",
            url="",
            text="яма",
            reply_capability=ReplyCapability.API,
            posted_at=NOON,
            collected_at=NOON,
        )
        session.add(post)
        await session.flush()
        session.add_all(
            Prediction(
                post_id=post.id,
                model_id="test",
                kind=Kind.COMPLAINT,
                kind_confidence=1.0,
                needs_answer=True,
                needs_answer_confidence=1.0,
                topics=[["roads", 0.9]],
                topic="roads",
                bodies=[],
                threshold=0.6,
                decision="assigned",
                outcome="wrong",
                outcome_at=NOON,
                at=NOON,
            )
            for _ in range(wrong)
        )


async def test_a_topic_routed_wrongly_goes_back_to_the_curators(
    region: Database, clock: MovableClock
) -> None:
    await judged(region, wrong=10)
    sweeper = Sweeper(region, clock=clock)
    await sweeper.watch_contract()
    await sweeper.watch_contract()
    async with region.reading() as session:
        held = [(one.topic, one.held_at) for one in await session.scalars(select(RoutingHold))]
    assert held == [("roads", NOON)]


async def test_ticks_watch_the_contract_as_well(region: Database, clock: MovableClock) -> None:
    await judged(region, wrong=10)
    stop = asyncio.Event()

    async def is_held() -> bool:
        async with region.reading() as session:
            return await session.scalar(select(RoutingHold.id)) is not None

    async with asyncio.TaskGroup() as group:
        group.create_task(tick(Sweeper(region, clock=clock), sweep_seconds=60, audit_minutes=60, stop=stop))
        await until(is_held)
        stop.set()


async def test_ticks_go_on_until_told_to_stop(region: Database, clock: MovableClock) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(tick(Sweeper(region, clock=clock), sweep_seconds=0.05, audit_minutes=60, stop=stop))

        async def all_looked_at() -> bool:
            found = await looks(region)
            return bool(found) and all(found)

        for _ in range(2):  # also what became due after the first tick
            await incidents(region, 1)
            await until(all_looked_at)
        stop.set()
