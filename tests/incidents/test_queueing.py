"""The queue: its order, who is at what, and how long it has waited."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from incidents import queueing, responding, triage
from incidents.errors import NotAllowed
from incidents.people import Actor, actor_of
from models import Claim, Incident, Language, Membership, Official, Priority, Role
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE, Arrive, Town

LIDA = 105


async def second_curator(town: Town) -> Actor:
    async with town.database.writing() as session:
        person = Official(telegram_id=LIDA, name="Лида", language=Language.RU, created_at=NOON)
        session.add(person)
        await session.flush()
        session.add(Membership(official_id=person.id, role=Role.CURATOR, granted_at=NOON))
    async with town.database.reading() as session:
        found = await actor_of(session, LIDA)
    assert found is not None
    return found


async def take(town: Town, actor: Actor, now: datetime = NOON) -> int | None:
    async with town.database.writing() as session:
        found = await queueing.take_next(session, actor=actor, now=now)
        return found.id if found else None


async def urgent(town: Town, number: int, priority: Priority) -> None:
    async with town.database.writing() as session:
        (await session.get_one(Incident, number)).priority = priority


async def test_accidents_first_then_what_was_returned_then_by_age(town: Town, arrive: Arrive) -> None:
    hour = timedelta(hours=1)
    oldest = await arrive(2, unsure=True, now=NOON - hour)
    newest = await arrive(3, unsure=True, now=NOON)
    raised = await arrive(4, unsure=True, now=NOON)
    accident = await arrive(5, unsure=True, now=NOON)
    returned = await arrive(6, now=NOON)
    for incident in (oldest, newest, returned):
        await urgent(town, incident.id, Priority.ORDINARY)
    await urgent(town, raised.id, Priority.RAISED)
    await urgent(town, accident.id, Priority.ACCIDENT)
    async with town.database.writing() as session:
        await responding.give_back(
            session, incident_id=returned.id, reason="не наше", actor=town.anna, now=NOON
        )
    taken = []
    for _ in range(5):
        number = await take(town, town.vera)
        assert number is not None
        taken.append(number)
        async with town.database.writing() as session:
            await triage.skip(session, incident_id=number, reason="шутка", actor=town.vera, now=NOON)
    assert taken == [accident.id, raised.id, returned.id, oldest.id, newest.id]
    assert await take(town, town.vera) is None


async def test_two_curators_read_different_cards(town: Town, arrive: Arrive) -> None:
    first, second = await arrive(2, unsure=True), await arrive(3, unsure=True)
    lida = await second_curator(town)
    taken = await asyncio.gather(take(town, town.vera), take(town, lida))
    assert set(taken) == {first.id, second.id}
    assert await take(town, town.vera, NOON + timedelta(minutes=14)) == taken[0]


async def test_of_one_card_one_of_two_gets_it(town: Town, arrive: Arrive) -> None:
    only = await arrive(2, unsure=True)
    lida = await second_curator(town)
    taken = await asyncio.gather(take(town, town.vera), take(town, lida))
    assert sorted(taken, key=str) == [only.id, None]


async def test_a_claim_expires_by_itself_and_one_of_two_gets_the_card(town: Town, arrive: Arrive) -> None:
    only = await arrive(2, unsure=True)
    lida = await second_curator(town)
    await take(town, town.vera)
    assert await take(town, lida, NOON + timedelta(minutes=15, seconds=-1)) is None
    later = NOON + timedelta(minutes=15)
    taken = await asyncio.gather(take(town, town.vera, later), take(town, lida, later))
    assert sorted(taken, key=str) == [only.id, None]


async def test_every_press_begins_the_lease_anew(town: Town, arrive: Arrive) -> None:
    only = await arrive(2, unsure=True)
    lida = await second_curator(town)
    await take(town, town.vera)
    async with town.database.writing() as session:
        later = NOON + timedelta(minutes=10)
        assert await queueing.claim(session, incident_id=only.id, actor=town.vera, now=later)
    async with town.database.writing() as session:
        at = NOON + timedelta(minutes=20)
        assert not await queueing.claim(session, incident_id=only.id, actor=lida, now=at)
        held = await queueing.held_by_another(session, only.id, actor=lida, now=at)
        assert held is not None
        assert (held.name, held.until) == ("Вера", NOON + timedelta(minutes=25))
        assert await queueing.held_by_another(session, only.id, actor=town.vera, now=at) is None


async def test_what_is_passed_over_comes_last_and_is_anybodys(town: Town, arrive: Arrive) -> None:
    first, second = await arrive(2, unsure=True), await arrive(3, unsure=True)
    lida = await second_curator(town)
    order = []
    for minute in range(4):
        now = NOON + timedelta(minutes=minute)
        number = await take(town, town.vera, now)
        assert number is not None
        order.append(number)
        async with town.database.writing() as session:
            await queueing.pass_over(session, incident_id=number, actor=town.vera, now=now)
    assert order == [first.id, second.id, first.id, second.id]
    assert await take(town, lida, NOON + timedelta(minutes=4)) == first.id
    async with town.database.writing() as session:
        again = await queueing.begin(session, actor=town.vera, now=NOON + timedelta(minutes=5))
        assert again is not None
        assert again.id == second.id  # the first is Лида's, though Вера passed it over longer ago


async def test_a_new_round_begins_at_the_top(town: Town, arrive: Arrive) -> None:
    first, second = await arrive(2, unsure=True), await arrive(3, unsure=True)
    await take(town, town.vera)
    async with town.database.writing() as session:
        await queueing.pass_over(session, incident_id=first.id, actor=town.vera, now=NOON)
    assert await take(town, town.vera) == second.id
    async with town.database.writing() as session:
        again = await queueing.begin(session, actor=town.vera, now=NOON)
        assert again is not None
        assert again.id == first.id


async def test_who_stops_is_at_nothing(town: Town, arrive: Arrive) -> None:
    only = await arrive(2, unsure=True)
    lida = await second_curator(town)
    await take(town, town.vera)
    async with town.database.writing() as session:
        found = await queueing.next_held(session, now=NOON)
        assert found is not None
        assert (found[0], found[1].name) == (only.id, "Вера")
        await queueing.stop(session, actor=town.vera, now=NOON)
        assert list(await session.scalars(select(Claim))) == []
        assert await queueing.next_held(session, now=NOON) is None
    assert await take(town, lida) == only.id


async def test_only_curators_have_a_queue(town: Town) -> None:
    async with town.database.writing() as session:
        for act in (queueing.begin, queueing.take_next, queueing.stop):
            with pytest.raises(NotAllowed):
                await act(session, actor=town.anna, now=NOON)
        with pytest.raises(NotAllowed):
            await queueing.pass_over(session, incident_id=1, actor=town.anna, now=NOON)


async def test_how_long_it_waits_counts_from_the_return(town: Town, arrive: Arrive) -> None:
    for number, minutes in ((2, 20), (3, 31), (4, 61)):
        await arrive(number, unsure=True, now=NOON - timedelta(minutes=minutes))
    returned = await arrive(5, now=NOON - timedelta(minutes=300))
    async with town.database.writing() as session:
        at = NOON - timedelta(minutes=45)
        await responding.give_back(
            session, incident_id=returned.id, reason="не наше", actor=town.anna, now=at
        )
        told = await queueing.ageing(session, now=NOON)
    assert (told.total, told.over_half_hour, told.over_hour) == (4, 3, 1)
    assert told.oldest == NOON - timedelta(minutes=61)
    assert not told.is_overload


@ON_SQLITE
async def test_the_queue_is_read_by_an_index(town: Town) -> None:
    async with town.database.reading() as session:
        query = select(Incident.id).where(Incident.status.in_(queueing.WAITING)).order_by(*queueing.IN_ORDER)
        connection = await session.connection()
        spelled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        plan = str(list(await session.execute(text(f"EXPLAIN QUERY PLAN {spelled}"))))
    assert "SEARCH incidents USING INDEX ix_incidents_status_id" in plan or "COVERING INDEX" in plan
    assert "SCAN incidents'" not in plan
