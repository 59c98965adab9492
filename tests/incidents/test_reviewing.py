"""The approver's word: who may give it, who hears that it is wanted, and what happens where nobody can."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incidents import answering
from incidents.errors import NotYours, ReasonMissing, StepNotAllowed
from incidents.people import Actor, actor_of
from models import Body, Card, CardState, Language, Membership, Official, Role, Status
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import card_of, draft, look, notices, reload, send

pytestmark = ON_SQLITE
CHIEF = 105


@pytest.fixture
async def chief(town: Town) -> Actor:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
        person = Official(telegram_id=CHIEF, name="Шеф", language=Language.RU, created_at=NOON)
        session.add(person)
        await session.flush()
        session.add(
            Membership(official_id=person.id, role=Role.APPROVER, body_id=town.roads, granted_at=NOON)
        )
        await session.flush()
        actor = await actor_of(session, CHIEF)
    assert actor is not None
    return actor


async def decide(town: Town, number: int, actor: Actor, reason: str | None = None) -> None:
    async with town.database.writing() as session:
        if reason is None:
            await answering.approve(session, incident_id=number, actor=actor, now=NOON)
        else:
            await answering.send_back(session, incident_id=number, reason=reason, actor=actor, now=NOON)


async def chiefs_card(town: Town, number: int) -> Card:
    card = await card_of(town, number, CHIEF)
    assert card is not None
    return card


async def test_the_approver_gets_a_card_of_their_own_and_the_body_hears_of_rework(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    assert (await chiefs_card(town, number)).state is CardState.LIVE
    for reason, refusal in (("нет срока", NotYours), (" ", ReasonMissing)):
        with pytest.raises(refusal):
            await decide(town, number, town.boris if refusal is NotYours else chief, reason)
    before = await notices(town, ANNA)
    await decide(town, number, chief, "нет срока")
    assert (await chiefs_card(town, number)).state is CardState.DISARMED
    assert await notices(town, ANNA) == [*before, "reminder"]
    with pytest.raises(StepNotAllowed):
        await decide(town, number, chief)
    await send(town, await draft(town, number, "До пятницы."))
    assert (await chiefs_card(town, number)).state is CardState.LIVE
    await decide(town, number, chief)
    assert (await chiefs_card(town, number)).state is CardState.DISARMED
    assert (await reload(town, number)).status is Status.APPROVED


async def test_a_curator_stands_in_only_for_absent_approvers(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    with pytest.raises(NotYours):
        await decide(town, number, town.vera)
    async with town.database.writing() as session:
        await session.execute(update(Official).where(Official.telegram_id == CHIEF).values(is_active=False))
    await decide(town, number, town.vera)
    assert (await reload(town, number)).status is Status.APPROVED


async def test_where_there_is_no_approver_the_curators_are_asked(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    number = (await arrive()).id
    await send(town, await draft(town, number))
    card = await card_of(town, number, VERA)
    assert card is not None
    assert not card.for_curators  # the approver's buttons are wanted


async def test_an_answer_that_waits_for_approval_is_remembered_to_the_approver(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    await look(town, number, NOON + timedelta(hours=12))
    assert await notices(town, CHIEF) == ["overdue_curators"]
    assert "reminder" in await notices(town, ANNA)


async def test_an_approver_in_the_body_s_own_chat_sees_it_there(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(chat_id=CHIEF))
    number = (await arrive()).id
    await send(town, await draft(town, number))
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Card.chat_id))) == [CHIEF]
    await look(town, number, NOON + timedelta(hours=12))
    assert await notices(town, CHIEF) == ["reminder"]


async def test_what_is_with_nobody_is_nobody_s_to_approve(town: Town, arrive: Arrive) -> None:
    number = (await arrive(unsure=True)).id
    for actor in (town.vera, town.anna):
        with pytest.raises(NotYours):
            await decide(town, number, actor)
