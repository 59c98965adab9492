"""The duty chat: bound by curators, shown what is urgent at night, silent by day."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from incidents import duty, triage
from incidents.chats import Place, works_in
from incidents.duty import NoDutyHere, NotAGroup, WorkingChat
from incidents.errors import NotAllowed
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import Body, Card, CardState, DutyChat, Incident, Priority
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE, Arrive, Town
from tests.incidents.steps import notices

REGION, OF_ROADS = -500, -600
NIGHT = datetime.fromisoformat("2026-03-02T23:00:00+03:00")
WEEK = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


async def bind(town: Town, chat_id: int, *, body_id: int | None = None, thread_id: int | None = None) -> None:
    async with town.database.writing() as session:
        await duty.bind(
            session,
            actor=town.vera,
            chat_id=chat_id,
            thread_id=thread_id,
            title=f"Чат {chat_id}",
            body_id=body_id,
            now=NOON,
        )


async def at_night(
    town: Town,
    arrive: Arrive,
    priority: Priority,
    *,
    now: datetime = NIGHT,
    quiet: str | None = "22:00-08:00",
) -> list[int]:
    """The chats where the card of something new stands."""
    async with town.database.writing() as session:
        await install_policies(session, {DEFAULT: Policy(name="24", quiet_hours=quiet)}, now=NOON)
    incident = await arrive(2, unsure=True, now=now)
    async with town.database.writing() as session:
        await session.execute(update(Incident).where(Incident.id == incident.id).values(priority=priority))
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=incident.id, body_id=town.roads, actor=town.vera, now=now)
    async with town.database.reading() as session:
        cards = await session.scalars(select(Card).where(Card.state == CardState.LIVE))
        return sorted(card.chat_id for card in cards if card.chat_id < 0)


@pytest.mark.parametrize(
    ("priority", "shown"),
    [(Priority.ACCIDENT, [REGION]), (Priority.RAISED, [REGION]), (Priority.ORDINARY, [])],
)
async def test_at_night_the_region_sees_what_is_urgent(
    town: Town, arrive: Arrive, priority: Priority, shown: list[int]
) -> None:
    await bind(town, REGION)
    assert await at_night(town, arrive, priority) == shown


@ON_SQLITE
async def test_by_day_it_sees_nothing(town: Town, arrive: Arrive) -> None:
    await bind(town, REGION)
    assert await at_night(town, arrive, Priority.ACCIDENT, now=NOON) == []


@ON_SQLITE
async def test_a_policy_without_quiet_hours_knows_the_usual_night(town: Town, arrive: Arrive) -> None:
    await bind(town, REGION)
    assert await at_night(town, arrive, Priority.ACCIDENT, quiet=None) == [REGION]


async def test_outside_the_working_hours_is_night_as_well(town: Town, arrive: Arrive) -> None:
    await bind(town, REGION)
    policy = Policy.model_validate({"name": "w", "calendar": {"kind": "working", "hours": WEEK}})
    sunday = datetime.fromisoformat("2026-03-08T12:00:00+03:00")
    assert duty.is_night(policy, sunday)
    assert duty.morning_after(policy, sunday) == datetime.fromisoformat("2026-03-09T09:00:00+03:00")
    until = duty.waits_until(policy, Priority.ORDINARY, assigned_at=sunday, now=sunday + timedelta(hours=1))
    assert until == datetime.fromisoformat("2026-03-09T09:00:00+03:00")
    for priority, assigned_at, now in (
        (Priority.RAISED, sunday, sunday),
        (Priority.ORDINARY, sunday, sunday + timedelta(days=1)),
        (Priority.ORDINARY, NOON, NOON),
    ):
        assert duty.waits_until(policy, priority, assigned_at=assigned_at, now=now) is None


@ON_SQLITE
async def test_a_bodys_own_duty_chat_comes_first(town: Town, arrive: Arrive) -> None:
    await bind(town, REGION)
    await bind(town, OF_ROADS, body_id=town.roads, thread_id=7)
    assert await at_night(town, arrive, Priority.ACCIDENT) == [OF_ROADS]
    async with town.database.writing() as session:
        incident = await session.scalar(select(Incident))
        assert incident is not None
        await triage.assign(
            session, incident_id=incident.id, body_id=town.housing, actor=town.vera, now=NIGHT
        )
        cards = await session.scalars(select(Card).where(Card.chat_id < 0))
        assert {card.chat_id: card.state for card in cards} == {
            OF_ROADS: CardState.DISARMED,
            REGION: CardState.LIVE,
        }


async def test_the_duty_chat_is_moved_and_ended(town: Town) -> None:
    await bind(town, REGION)
    await bind(town, REGION)  # once more changes nothing
    assert await notices(town, REGION) == []
    await bind(town, -501)
    assert await notices(town, REGION) == ["duty_moved"]
    async with town.database.reading() as session:
        found = await duty.chat_for(session, town.roads)
        assert found is not None
        assert found.chat_id == -501
    async with town.database.writing() as session:
        assert await duty.unbind(session, actor=town.vera, chat_id=-501, thread_id=None, now=NOON) == 1
    with pytest.raises(NoDutyHere):
        async with town.database.writing() as session:
            await duty.unbind(session, actor=town.vera, chat_id=-501, thread_id=None, now=NOON)


@ON_SQLITE
async def test_only_curators_bind_it_and_never_a_private_or_a_working_chat(town: Town) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.housing).values(chat_id=-9, thread_id=4))
    for chat_id, thread_id, actor, refusal in (
        (REGION, None, town.anna, NotAllowed),
        (town.vera.telegram_id, None, town.vera, NotAGroup),
        (-9, 4, town.vera, WorkingChat),
    ):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await duty.bind(
                    session, actor=actor, chat_id=chat_id, thread_id=thread_id, title="", now=NOON
                )
    await bind(town, -9, thread_id=5)  # another topic of the same group is another place
    async with town.database.reading() as session:
        assert len(list(await session.scalars(select(DutyChat)))) == 1


async def test_buttons_work_where_nights_are_watched(town: Town) -> None:
    await bind(town, REGION)
    await bind(town, OF_ROADS, body_id=town.roads)
    async with town.database.reading() as session:
        for actor, chat_id, works in (
            (town.anna, REGION, True),
            (town.boris, REGION, True),
            (town.anna, OF_ROADS, True),
            (town.boris, OF_ROADS, False),
            (town.anna, -1, False),
        ):
            assert await works_in(session, actor, Place(chat_id)) is works, (actor.name, chat_id)
