"""The approver's word: who may give it, who hears that it is wanted, and what happens where nobody can."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incidents import answering
from incidents.errors import NotAllowed, ReasonMissing, StepNotAllowed
from incidents.people import Actor, actor_of
from incidents.reviewing import OwnAnswer
from models import (
    Answer,
    Body,
    Card,
    CardState,
    ChatState,
    HistoryEntry,
    Language,
    Membership,
    Official,
    OutboxRow,
    Role,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, VERA, Arrive, Town
from tests.incidents.steps import card_of, draft, look, notices, reload, send

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
    for reason, refusal in (("нет срока", NotAllowed), (" ", ReasonMissing)):
        with pytest.raises(refusal):
            await decide(town, number, town.boris if refusal is NotAllowed else chief, reason)
    before = await notices(town, ANNA)
    await decide(town, number, chief, "нет срока")
    assert (await chiefs_card(town, number)).state is CardState.DISARMED
    assert await notices(town, ANNA) == [*before, "sent_back"]
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
    with pytest.raises(NotAllowed):
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
    assert await notices(town, CHIEF) == ["review_waits"]
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
    for actor, refusal in ((town.vera, StepNotAllowed), (town.anna, NotAllowed)):
        with pytest.raises(refusal):
            await decide(town, number, actor)


async def told(town: Town, chat_id: int, key: str) -> list[dict[str, object]]:
    async with town.database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow).where(OutboxRow.chat_id == chat_id).order_by(OutboxRow.id)
        )
        return [row.payload for row in rows if row.payload.get("key") == key]


async def test_sent_back_twice_in_a_row_and_then_agreed(town: Town, arrive: Arrive, chief: Actor) -> None:
    number = (await arrive()).id
    for text, reason in (("Сделаем.", "нет срока"), ("Сделаем скоро.", "скоро — это когда?")):
        await send(town, await draft(town, number, text))
        await decide(town, number, chief, reason)
    [first, second] = await told(town, ANNA, "sent_back")
    assert (first["name"], first["reason"]) == ("Анна", "нет срока")
    assert second["reason"] == "скоро — это когда?"
    await send(town, await draft(town, number, "Сделаем до 6 марта."))
    await decide(town, number, chief)
    assert (await reload(town, number)).status is Status.APPROVED
    news = await told(town, CHIEF, "new_version")
    async with town.database.reading() as session:
        texts = [
            (
                (await session.get_one(Answer, one["before_id"])).text,
                (await session.get_one(Answer, one["answer_id"])).text,
            )
            for one in news
        ]
    assert texts == [("Сделаем.", "Сделаем скоро."), ("Сделаем скоро.", "Сделаем до 6 марта.")]


async def test_a_body_that_cannot_be_reached_hears_of_rework_through_the_author(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.DEAD))
    await decide(town, number, chief, "нет срока")
    assert len(await told(town, ANNA, "sent_back")) == 1


async def also_approves(town: Town, actor: Actor) -> Actor:
    async with town.database.writing() as session:
        session.add(
            Membership(official_id=actor.official_id, role=Role.APPROVER, body_id=town.roads, granted_at=NOON)
        )
        await session.flush()
        found = await actor_of(session, actor.telegram_id)
    assert found is not None
    return found


async def test_nobody_approves_their_own_words_while_another_can(
    town: Town, arrive: Arrive, chief: Actor
) -> None:
    anna = await also_approves(town, town.anna)
    number = (await arrive()).id
    await send(town, await draft(town, number))
    with pytest.raises(OwnAnswer) as refused:
        await decide(town, number, anna)
    assert refused.value.others == "Шеф"
    assert (await reload(town, number)).status is Status.ON_REVIEW
    await decide(town, number, chief)


async def test_the_only_approver_approves_their_own_words_and_the_history_says_so(
    town: Town, arrive: Arrive
) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    anna = await also_approves(town, town.anna)
    number = (await arrive()).id
    await send(town, await draft(town, number))
    async with town.database.writing() as session:
        await answering.approve(session, incident_id=number, actor=anna, now=NOON, if_own="сам автор")
    async with town.database.reading() as session:
        entry = await session.scalar(select(HistoryEntry).where(HistoryEntry.step == Step.APPROVE))
        assert entry is not None
        assert entry.reason == "сам автор"
