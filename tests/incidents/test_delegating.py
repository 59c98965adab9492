"""The coordinator of a body gives its work to named colleagues, knowing how much each has."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from incidents import responding, sweeping, triage
from incidents.delegating import (
    ColleagueAway,
    HeldMeanwhile,
    HoldsAlready,
    NotAColleague,
    colleagues,
    delegate,
    gives_out_here,
)
from incidents.errors import AlreadyTaken, AlreadyYours, NotAllowed, NotYours, StepNotAllowed
from incidents.people import Actor, actor_of
from incidents.workload import Load, of_bodies, of_people
from models import (
    Absence,
    Assignment,
    Body,
    CardState,
    HistoryEntry,
    Incident,
    Membership,
    Official,
    Role,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, BORIS, CAROL, ON_SQLITE, Arrive, Town
from tests.incidents.steps import accept, card_of, draft, notices, reload, send

GROUP = -1001
NINA = 106


@pytest.fixture
async def nina(town: Town) -> Actor:
    """The coordinator of roads, whose chat is a group."""
    async with town.database.writing() as session:
        official = Official(telegram_id=NINA, name="Нина", created_at=NOON)
        session.add(official)
        await session.flush()
        session.add(
            Membership(official_id=official.id, role=Role.COORDINATOR, body_id=town.roads, granted_at=NOON)
        )
        await session.execute(update(Body).where(Body.id == town.roads).values(chat_id=GROUP))
        actor = await actor_of(session, NINA)
    assert actor is not None
    return actor


async def give(
    town: Town, number: int, to: Actor | int, by: Actor, *, holder: int | None = None, minutes: int = 0
) -> None:
    async with town.database.writing() as session:
        await delegate(
            session,
            incident_id=number,
            official_id=to if isinstance(to, int) else to.official_id,
            actor=by,
            now=NOON + timedelta(minutes=minutes),
            holder=holder,
        )


async def test_the_colleague_holds_it_and_is_told(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    await give(town, number, town.anna, nina, holder=0, minutes=4)
    after = await reload(town, number)
    assert (after.status, after.official_id) == (Status.ACCEPTED, town.anna.official_id)
    assert await notices(town, ANNA) == ["delegated"]
    card = await card_of(town, number, ANNA)
    assert card is not None
    assert (card.state, card.for_curators) == (CardState.LIVE, False)
    async with town.database.reading() as session:
        entry = await session.scalar(select(HistoryEntry).where(HistoryEntry.step == Step.DELEGATE))
        turn = await session.scalar(select(Assignment).where(Assignment.incident_id == number))
    assert entry is not None
    assert turn is not None
    assert (entry.official_id, entry.reason) == (nina.official_id, "Анна")
    assert (turn.accepted_by, turn.accepted_at) == (town.anna.official_id, NOON + timedelta(minutes=4))


async def test_the_former_holder_is_told_and_loses_the_buttons(
    town: Town, arrive: Arrive, nina: Actor
) -> None:
    number = (await arrive()).id
    await give(town, number, town.anna, nina)
    await give(town, number, town.carol, nina, holder=town.anna.official_id)
    assert (await reload(town, number)).official_id == town.carol.official_id
    assert await notices(town, ANNA) == ["delegated", "delegated_away"]
    assert await notices(town, CAROL) == ["delegated"]
    mine, hers = await card_of(town, number, ANNA), await card_of(town, number, CAROL)
    assert mine is not None
    assert hers is not None
    assert (mine.state, hers.state) == (CardState.DISARMED, CardState.LIVE)
    # Back again: the card is alive once more.
    await give(town, number, town.anna, nina)
    mine = await card_of(town, number, ANNA)
    assert mine is not None
    assert mine.state is CardState.LIVE


async def test_what_the_coordinator_takes_themselves_is_told_to_nobody(
    town: Town, arrive: Arrive, nina: Actor
) -> None:
    number = (await arrive()).id
    await give(town, number, nina, nina)
    assert await notices(town, NINA) == []
    assert (await reload(town, number)).official_id == nina.official_id
    with pytest.raises(AlreadyYours):
        await accept(town, number, nina)


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.REWORK, Status.INTERIM])
async def test_work_begun_goes_on_where_it_stands(
    town: Town, arrive: Arrive, nina: Actor, status: Status
) -> None:
    number = (await arrive()).id
    await accept(town, number)
    async with town.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == number).values(status=status))
    await give(town, number, town.carol, nina)
    assert (await reload(town, number)).status is status


async def test_an_answer_on_its_way_is_given_to_nobody(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    with pytest.raises(StepNotAllowed):
        await give(town, number, town.carol, nina)


async def test_who_cannot_be_given_anything(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    with pytest.raises(NotAColleague):
        await give(town, number, town.boris, nina)
    with pytest.raises(NotAColleague):
        await give(town, number, 2**31 - 1, nina)
    async with town.database.writing() as session:
        await session.execute(
            update(Official).where(Official.id == town.anna.official_id).values(is_reachable=False)
        )
        session.add(_absence(town.carol, 0, 24))
    for person in (town.anna, town.carol):
        with pytest.raises(ColleagueAway):
            await give(town, number, person, nina)
    async with town.database.writing() as session:
        await session.execute(
            update(Official)
            .where(Official.id == town.anna.official_id)
            .values(is_reachable=True, is_active=False)
        )
    with pytest.raises(NotAColleague):
        await give(town, number, town.anna, nina)
    assert (await reload(town, number)).status is Status.ASSIGNED


async def test_only_the_bodys_own_coordinator_gives_out(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    for person in (town.anna, town.vera, town.boris):
        with pytest.raises(NotAllowed):
            await give(town, number, town.carol, person)
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=number, body_id=town.housing, actor=town.vera, now=NOON)
    with pytest.raises(NotYours) as refused:
        await give(town, number, town.carol, nina)
    assert refused.value.holder == "ЖКХ"


async def test_two_presses_one_winner(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    await accept(town, number)
    with pytest.raises(HeldMeanwhile) as late:
        await give(town, number, town.carol, nina, holder=0)
    assert late.value.name == "Анна"
    with pytest.raises(HoldsAlready):
        await give(town, number, town.anna, nina)
    await give(town, number, town.carol, nina, holder=town.anna.official_id)
    with pytest.raises(AlreadyTaken) as taken:
        await accept(town, number)
    assert taken.value.name == "Карина"  # and not the coordinator, who gave it to her


async def test_what_a_dismissed_colleague_held_is_free_to_give(
    town: Town, arrive: Arrive, nina: Actor
) -> None:
    number = (await arrive()).id
    await accept(town, number)
    async with town.database.writing() as session:
        await session.execute(
            update(Official).where(Official.id == town.anna.official_id).values(is_active=False)
        )
    await give(town, number, town.carol, nina, holder=0)
    assert (await reload(town, number)).official_id == town.carol.official_id
    assert await notices(town, ANNA) == []


def _absence(person: Actor, begins: int, ends: int) -> Absence:
    return Absence(
        official_id=person.official_id,
        starts_at=NOON + timedelta(hours=begins),
        ends_at=NOON + timedelta(hours=ends),
        created_by=person.official_id,
        created_at=NOON,
    )


async def test_colleagues_with_what_they_have_the_least_busy_first(
    town: Town, arrive: Arrive, nina: Actor
) -> None:
    for one in range(3):
        await accept(town, (await arrive(2 + one)).id)
    over = _absence(nina, -5, 24)
    over.over_at = NOON
    async with town.database.writing() as session:
        session.add_all([_absence(town.carol, -1, 24), _absence(town.carol, 48, 72), over])
        session.add(_absence(town.anna, 1, 24))  # not yet
    async with town.database.reading() as session:
        found = await colleagues(session, town.roads, now=NOON)
    assert [(one.official.name, one.load, one.can_take) for one in found] == [
        ("Нина", Load(0, 0), True),
        ("Анна", Load(3, 0), True),
        ("Карина", Load(0, 0), False),
    ]
    assert found[2].away_until == NOON + timedelta(hours=24)
    async with town.database.reading() as session:
        later = {one.official.name: one for one in await colleagues(session, town.roads, now=_in(24))}
    assert later["Карина"].can_take
    assert later["Анна"].can_take


def _in(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


async def test_the_load_of_bodies_counts_what_they_owe(town: Town, arrive: Arrive, nina: Actor) -> None:
    numbers = [(await arrive(2 + one)).id for one in range(3)]
    await accept(town, numbers[0])
    await send(town, await draft(town, numbers[1]))
    async with town.database.writing() as session:
        await responding.give_back(session, incident_id=numbers[2], reason="нет", actor=town.anna, now=NOON)
        due = NOON + timedelta(hours=1)
        await session.execute(update(Incident).where(Incident.id == numbers[0]).values(due_at=due))
    both = [town.roads, town.housing]
    async with town.database.reading() as session:
        assert await of_bodies(session, both, NOON + timedelta(hours=2)) == {
            town.roads: Load(2, 1),
            town.housing: Load(0, 0),
        }
        assert await of_bodies(session, [], NOON) == {}
        assert await of_people(session, town.roads, NOON + timedelta(hours=2)) == {
            town.anna.official_id: Load(2, 1),
            town.carol.official_id: Load(),
            nina.official_id: Load(),
        }


@ON_SQLITE
async def test_the_load_is_read_from_an_index(town: Town) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT body_id, count(*) FROM incidents "
        "WHERE status NOT IN ('answered', 'closed', 'skipped', 'merged', 'source_gone') "
        "AND body_id IN (1, 2) GROUP BY body_id"
    )
    async with town.database.reading() as session:
        plan = " ".join(str(row) for row in await session.execute(text(query)))
    assert "ix_incidents_body_due_open" in plan


async def test_the_button_is_for_groups_of_a_body_with_a_coordinator_and_for_coordinators(
    town: Town, nina: Actor
) -> None:
    async with town.database.reading() as session:
        assert await gives_out_here(session, town.roads, chat_id=GROUP)
        assert await gives_out_here(session, town.roads, chat_id=NINA)
        assert not await gives_out_here(session, town.roads, chat_id=ANNA)
        assert not await gives_out_here(session, town.housing, chat_id=BORIS)
        assert not await gives_out_here(session, None, chat_id=GROUP)


async def test_a_silent_delegate_is_released_like_anybody(town: Town, arrive: Arrive, nina: Actor) -> None:
    number = (await arrive()).id
    await give(town, number, town.anna, nina)
    assert (await reload(town, number)).next_look_at is not None
    async with town.database.writing() as session:
        incident = await session.get_one(Incident, number)
        await responding.release(session, incident, now=NOON + timedelta(hours=9))
    assert (await reload(town, number)).status is Status.ASSIGNED
    async with town.database.reading() as session:
        assert await sweeping.forgotten(session) == []
