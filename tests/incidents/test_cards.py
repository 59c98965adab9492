"""Cards: who has one, who keeps its buttons, and where a new message is wanted."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox, responding, triage
from models import (
    Body,
    Card,
    CardState,
    ChatState,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Role,
    Urgency,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, BORIS, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import card_of, look, notices

pytestmark = ON_SQLITE
GROUP = -1001


async def deliver(town: Town) -> None:
    """Every row is sent, and every card of them stands in its chat."""
    async with town.database.writing() as session:
        for row in await session.scalars(select(OutboxRow).where(OutboxRow.state == OutboxState.WAITING)):
            row.state = OutboxState.SENT
        for card in await session.scalars(select(Card).where(Card.message_id.is_(None))):
            card.message_id = card.id


async def hand_over(town: Town, number: int, body_id: int) -> None:
    async with town.database.writing() as session:
        await responding.hand_over(
            session, incident_id=number, body_id=body_id, reason="вам", actor=town.vera, now=NOON
        )


async def message_in(town: Town, number: int, chat_id: int) -> int | None:
    card = await card_of(town, number, chat_id)
    assert card is not None
    assert card.state is CardState.LIVE
    return card.message_id


async def test_what_comes_back_is_a_new_message_below(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await deliver(town)
    await hand_over(town, number, town.housing)
    await deliver(town)  # the old message has lost its buttons
    await hand_over(town, number, town.roads)
    assert await message_in(town, number, ANNA) is None


async def test_what_comes_back_before_it_was_seen_to_leave_is_the_old_message(
    town: Town, arrive: Arrive
) -> None:
    """A second message would leave the first with live buttons for ever."""
    number = (await arrive()).id
    await deliver(town)
    await hand_over(town, number, town.housing)
    await hand_over(town, number, town.roads)
    assert await message_in(town, number, ANNA) is not None


async def test_another_topic_of_the_same_group_gets_a_message_of_its_own(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        for thread, code in ((7, "roads"), (8, "housing")):
            await session.execute(
                update(Body).where(Body.code == code).values(chat_id=GROUP, thread_id=thread)
            )
    number = (await arrive()).id
    await deliver(town)
    await hand_over(town, number, town.housing)
    assert await message_in(town, number, GROUP) is None
    card = await card_of(town, number, GROUP)
    assert card is not None
    assert card.thread_id == 8


async def test_a_curator_who_is_the_body_too_keeps_the_body_s_buttons(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(chat_id=VERA))
    number = (await arrive()).id
    await look(town, number, NOON + timedelta(hours=24))
    assert "overdue_curators" in await notices(town, VERA)
    card = await card_of(town, number, VERA)
    assert card is not None
    assert not card.for_curators
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="спам", actor=town.vera, now=NOON)
        await triage.reopen(session, incident_id=number, reason="нет", actor=town.vera, now=NOON)
    card = await card_of(town, number, VERA)
    assert card is not None
    assert card.for_curators


async def test_a_body_that_lost_its_chat_is_told_nothing_and_shown_nothing(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        body = await session.get_one(Body, town.roads)
        body.chat_id, body.chat_state = None, ChatState.NONE
        assert not await outbox.tell_body(session, "reminder", body=body, now=NOON)
        await outbox.place_cards(session, incident, body=body, now=NOON)
    card = await card_of(town, incident.id, ANNA)
    assert card is not None
    assert card.state is CardState.DISARMED


async def test_troubles_of_the_program_go_to_the_operators_or_else_to_the_curators(town: Town) -> None:
    async def told(session: AsyncSession) -> list[int]:
        return await outbox.operators(session)

    async with town.database.writing() as session:
        assert await told(session) == [VERA]
        session.add(
            Membership(official_id=town.boris.official_id, role=Role.OPERATOR, body_id=None, granted_at=NOON)
        )
        await session.flush()
        assert await told(session) == [BORIS]
        await session.execute(
            update(Official).where(Official.telegram_id == BORIS).values(is_reachable=False)
        )
        assert await told(session) == [VERA]


async def test_a_row_may_be_booked_for_later(town: Town) -> None:
    later = NOON + timedelta(hours=1)
    async with town.database.writing() as session:
        outbox.book(
            session,
            OutboxKind.TEXT,
            chat_id=ANNA,
            payload={"text": "т"},
            now=NOON,
            not_before=later,
            urgency=Urgency.EDIT,
        )
    async with town.database.reading() as session:
        row = (await session.scalars(select(OutboxRow))).one()
    assert (row.not_before, row.created_at, row.urgency) == (later, NOON, Urgency.EDIT)
