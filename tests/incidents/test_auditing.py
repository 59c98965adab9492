"""Each kind of hang, made by hand, is found; what is safe is mended; and it is said once."""

from datetime import timedelta

import pytest
from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import answering, auditing, hanging
from incidents.auditing import Audit
from incidents.hanging import Hang, Why
from models import (
    Absence,
    Alarm,
    Body,
    Card,
    ChatState,
    Claim,
    Incident,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Prompt,
    Role,
    Urgency,
)
from models.database import Database
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import accept, notices
from tests.incidents.test_absences import DINA, person

HOUR = timedelta(hours=1)


async def delivered(town: Town) -> None:
    """All that was owed has arrived."""
    async with town.database.writing() as session:
        await session.execute(update(OutboxRow).values(state=OutboxState.SENT))
        await session.execute(update(Card).values(message_id=Card.id + 1000, delivered_at=NOON))


async def look(town: Town, after: timedelta = HOUR) -> Audit:
    async with town.database.writing() as session:
        return await auditing.look(session, now=NOON + after)


async def test_where_all_is_well_nothing_is_said(town: Town, arrive: Arrive) -> None:
    await accept(town, (await arrive(2)).id)
    await arrive(3, unsure=True)
    await delivered(town)
    assert await look(town, timedelta(minutes=59)) == Audit((), ())
    assert await notices(town, VERA) == []


async def test_a_body_without_a_live_chat(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(chat_state=ChatState.DEAD))
    assert (await look(town)).hangs == (Hang(number, Why.NO_CHAT),)
    await person(town, DINA, Role.COORDINATOR, town.roads)
    assert (await look(town)).hangs == ()


async def test_a_card_that_never_came_is_sent_again(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(update(Card).values(message_id=None, delivered_at=None))
    assert (await look(town, timedelta(minutes=14))).hangs == ()
    assert (await look(town)).hangs == (Hang(number, Why.NO_CARD, is_mended=True),)
    assert (await look(town)).hangs == ()  # on its way
    async with town.database.reading() as session:
        waiting = await session.scalars(
            select(OutboxRow).where(OutboxRow.chat_id == ANNA, OutboxRow.state == OutboxState.WAITING)
        )
        assert [row.kind for row in waiting] == [OutboxKind.CARD]


async def test_a_card_that_was_never_booked_is_sent(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(delete(Card))
    assert (await look(town)).hangs == (Hang(number, Why.NO_CARD, is_mended=True),)


async def test_what_nothing_would_look_at_gets_a_look(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(next_look_at=None))
    found = await look(town)
    assert found.hangs == (Hang(number, Why.NO_STEP, is_mended=True),)
    assert f"{number}" in found.technical[0]
    assert (await look(town)).hangs == ()


@ON_SQLITE
async def test_what_the_sweep_does_not_look_at_is_the_operators(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await delivered(town)
    found = await look(town, timedelta(hours=13))
    assert found.hangs == (Hang(number, Why.NO_STEP),)
    assert "overdue for the sweep" in found.technical[0]


async def test_what_somebody_gone_holds_is_freed(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    await accept(town, number)
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(
            update(Official).where(Official.id == town.anna.official_id).values(is_active=False)
        )
    assert (await look(town)).hangs == (Hang(number, Why.NO_HOLDER, is_mended=True),)
    async with town.database.reading() as session:
        assert (await session.get_one(Incident, number)).official_id is None


async def test_a_question_that_never_came_is_asked_again(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2)).id
    async with town.database.writing() as session:
        await answering.ask_for_answer(
            session, incident_id=number, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
    await delivered(town)
    assert (await look(town)).hangs == (Hang(number, Why.NO_QUESTION, is_mended=True),)
    assert (await look(town)).hangs == ()
    async with town.database.writing() as session:
        await session.execute(update(Prompt).values(message_id=5))
    assert (await look(town, timedelta(hours=3))).hangs == ()


async def test_curators_who_cannot_be_reached_are_the_operators_trouble(town: Town, arrive: Arrive) -> None:
    number = (await arrive(2, unsure=True)).id
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(update(Official).where(Official.telegram_id == VERA).values(is_reachable=False))
    found = await look(town, timedelta(minutes=30))
    assert found.hangs == (Hang(number, Why.NO_CURATOR),)
    assert "invite a curator" in found.technical[0]


async def test_dead_messages_of_live_chats_and_late_absences_are_technical(town: Town) -> None:
    async with town.database.writing() as session:
        for chat, state in ((ANNA, OutboxState.DEAD), (ANNA, OutboxState.SENT), (VERA, OutboxState.DEAD)):
            session.add(
                OutboxRow(
                    kind=OutboxKind.TEXT,
                    chat_id=chat,
                    urgency=Urgency.NOTICE,
                    payload={},
                    state=state,
                    not_before=NOON,
                    created_at=NOON,
                )
            )
        await session.execute(update(Official).where(Official.telegram_id == VERA).values(is_reachable=False))
        session.add(
            Absence(
                official_id=town.anna.official_id,
                starts_at=NOON,
                ends_at=NOON + 48 * HOUR,
                created_by=town.anna.official_id,
                created_at=NOON,
            )
        )
    found = await look(town)
    assert [line.split(" ", 1)[0] for line in found.technical] == ["1", "1"]
    assert "absences" in found.technical[0]
    assert "messages" in found.technical[1]
    assert (await look(town, timedelta(hours=26))).technical == (found.technical[0],)


@ON_SQLITE
async def test_leases_that_are_over_are_swept_away(town: Town, arrive: Arrive) -> None:
    old, young = (await arrive(2, unsure=True)).id, (await arrive(3, unsure=True)).id
    async with town.database.writing() as session:
        for number, until in ((old, NOON), (young, NOON + HOUR)):
            session.add(Claim(incident_id=number, official_id=town.vera.official_id, until=until))
    await look(town)
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Claim.incident_id))) == [young]


async def test_it_is_said_once_until_it_changes_or_a_day_has_passed(town: Town, arrive: Arrive) -> None:
    numbers = [(await arrive(number)).id for number in (2, 3)]
    await delivered(town)
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.DEAD))
        await session.execute(update(Incident).where(Incident.id == numbers[1]).values(body_id=town.housing))
        await session.execute(update(Body).where(Body.id == town.housing).values(chat_state=ChatState.LIVE))
        await session.execute(update(Incident).values(next_look_at=NOON + 90 * 24 * HOUR))
        await session.execute(update(Card).values(chat_id=town.boris.telegram_id))
    for hour, total in ((1, 1), (2, 1), (24, 1), (25, 2), (26, 2)):
        await look(town, hour * HOUR)
        assert await notices(town, VERA) == ["hanging"] * total, hour
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.DEAD))
    await look(town, 27 * HOUR)
    await look(town, 28 * HOUR)
    assert len(await notices(town, VERA)) == 3
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.LIVE))
        await session.execute(delete(Card))
    async with town.database.reading() as session:
        alarm = await session.get_one(Alarm, "auditor:hanging")
        assert alarm.cleared_at is None


QUESTIONS = [
    hanging.unowned(),
    hanging.undelivered(NOON),
    hanging.stepless(),
    hanging.overslept(NOON),
    hanging.ownerless(),
    hanging.unasked(NOON),
]


@pytest.mark.parametrize("question", QUESTIONS)
@ON_SQLITE
async def test_no_question_walks_through_every_incident_or_prompt(
    database: Database, question: Select[int]
) -> None:
    async with database.reading() as session:
        plan = await _plan(session, question)
    walks = [step for step in plan if step.startswith(("SCAN incidents", "SCAN prompts"))]
    assert [step for step in walks if "_open" not in step and "next_look" not in step] == [], plan


async def _plan(session: AsyncSession, question: Select[int]) -> list[str]:
    connection = await session.connection()
    compiled = question.compile(
        dialect=connection.sync_connection.dialect if connection.sync_connection else None,
        compile_kwargs={"literal_binds": True},
    )
    rows = await session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
    return [str(row[3]) for row in rows]
