"""What people look at, and that the engine finds it by an index however many incidents are done with."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import finding, responding, sweeping
from incidents.errors import NoSuchIncident, NotAllowed
from incidents.moving import load
from models import Incident, Post, Prediction
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE, Arrive, Town
from tests.incidents.steps import accept, draft, publish, send

pytestmark = ON_SQLITE


async def plan_of(town: Town, look: Callable[[AsyncSession], Awaitable[Any]]) -> list[str]:
    """How SQLite goes about every query of `look`."""
    asked: list[tuple[str, Any]] = []
    engine = town.database.engine.sync_engine

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    async with town.database.reading() as session:
        await look(session)
        event.remove(engine, "before_cursor_execute", listen)
        connection = await session.connection()
        plan: list[str] = []
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plan += [str(row[-1]) for row in rows]
    return plan


async def test_what_a_person_has_on_hand_is_found_by_the_indexes_of_what_is_open(town: Town) -> None:
    plan = await plan_of(town, lambda session: finding.on_hand(session, town.anna))
    for index in ("ix_incidents_official_due_open", "ix_incidents_body_due_open"):
        assert sum(f"SEARCH incidents USING INDEX {index}" in line for line in plan) == 2  # count and page
    assert not [line for line in plan if line.startswith("SCAN incidents")]


async def test_what_is_due_is_found_by_its_index(town: Town) -> None:
    plan = await plan_of(town, lambda session: sweeping.due(session, now=NOON))
    assert len(plan) == 1
    assert plan[0].startswith("SEARCH incidents USING COVERING INDEX ix_incidents_next_look")


async def test_what_is_late_is_looked_for_only_among_the_open(town: Town) -> None:
    for actor in (town.anna, town.vera):
        plan = await plan_of(town, lambda session, who=actor: finding.late(session, who, now=NOON))  # type: ignore[misc]
        walked = [line for line in plan if "incidents" in line]
        assert walked
        assert all("_open" in line for line in walked)
    plan = await plan_of(town, sweeping.forgotten)
    assert [line for line in plan if "_open" in line] == plan


async def test_the_queue_is_found_by_status(town: Town) -> None:
    plan = await plan_of(town, finding.queue)
    assert [line for line in plan if "incidents" in line and "ix_incidents_status_id" not in line] == []


async def test_pages_follow_one_another_without_a_gap(town: Town, arrive: Arrive) -> None:
    numbers = [(await arrive(number, now=NOON + timedelta(minutes=number))).id for number in range(2, 7)]
    async with town.database.reading() as session:
        pages = [await finding.on_hand(session, town.carol, limit=2, offset=start) for start in (0, 2, 4)]
        nobody = await finding.on_hand(session, town.boris)
        with pytest.raises(NotAllowed):
            await finding.on_hand(session, town.vera)  # a curator answers for no body
    assert [page.total for page in pages] == [5, 5, 5]
    assert [one.id for page in pages for one in page.incidents] == numbers
    assert nobody.total == 0


async def test_what_is_done_with_is_on_nobody_s_hands(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    await publish(town)
    async with town.database.reading() as session:
        assert (await finding.on_hand(session, town.anna)).total == 0
        assert (await finding.late(session, town.vera, now=NOON + timedelta(days=9))).total == 0


async def test_one_incident_is_seen_whole(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    async with town.database.reading() as session:
        view = await finding.view(session, number)
        steps = [(entry.step.value, who, body) for entry, who, body in await finding.history(session, number)]
    assert view.answer is not None
    assert view.body is not None
    assert view.official is not None
    assert [row.answer_id for row in view.publications] == [view.answer.id]
    assert [body.code for body in view.suggested] == ["roads", "housing"]
    assert steps == [
        ("register", "", ""),
        ("assign", "", "Дороги"),
        ("accept", "Анна", "Дороги"),
        ("send", "Анна", "Дороги"),
    ]


async def test_the_history_names_the_body_that_gave_it_back(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await accept(town, number)
    async with town.database.writing() as session:
        await responding.give_back(session, incident_id=number, reason="не наше", actor=town.anna, now=NOON)
    async with town.database.reading() as session:
        entry, who, body = (await finding.history(session, number))[-1]
    assert (entry.reason, who, body) == ("не наше", "Анна", "Дороги")


async def test_an_incident_whose_posts_are_gone_is_still_shown(town: Town, arrive: Arrive) -> None:
    """Texts go after the retention period; counts stay."""
    number = (await arrive()).id
    async with town.database.writing() as session:
        for table in (Prediction, Post):
            for row in await session.scalars(select(table)):
                await session.delete(row)
    async with town.database.reading() as session:
        view = await finding.view(session, number)
    assert (view.posts, view.prediction, view.suggested, view.same_words) == ([], None, [], [])


async def test_a_number_nobody_has_is_a_refusal(town: Town) -> None:
    async with town.database.reading() as session:
        with pytest.raises(NoSuchIncident):
            await load(session, 99)
        assert await session.get(Incident, 99) is None
