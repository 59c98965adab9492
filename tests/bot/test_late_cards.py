"""A card that has left a body is never alive there again, however late, and over whatever trouble, it is delivered."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import Render
from handlers.rendering import render
from incidents import responding
from incidents.people import actor_of
from models import Assignment, Body, Card, Incident, OutboxKind, OutboxRow, OutboxState, Status
from models.database import Database
from tests.bot.bot_stage import ANNA, BORIS, VERA, Office, Served, delivering, until
from tests.bot.test_delivery import an_incident
from tests.conftest import NOON

GONE = "Bad Request: message to edit not found"


async def assigned(database: Database) -> int:
    """An incident with roads, whose card is owed and not yet delivered."""
    number = await an_incident(database)
    async with database.writing() as session:
        incident = await session.get_one(Incident, number)
        assert incident.body_id is not None
        session.add(
            Assignment(incident_id=number, body_id=incident.body_id, assigned_at=NOON, return_until=NOON)
        )
    return number


async def reassign(database: Database, number: int, code: str = "housing") -> None:
    async with database.writing() as session:
        vera = await actor_of(session, VERA)
        body = await session.scalar(select(Body).where(Body.code == code))
        assert vera is not None
        assert body is not None
        await responding.hand_over(
            session, incident_id=number, body_id=body.id, reason="двор", actor=vera, now=NOON
        )


def all_said(database: Database) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return OutboxState.WAITING.value not in await Office(database).states()

    return said


def once_drafted(what: Callable[[], Awaitable[None]], *, chat: int) -> Render:
    """The renderer; when it has made the first card for `chat`, something else happens before that is sent."""
    happened = False

    async def made(session: AsyncSession, row: OutboxRow, **said: Any) -> Any:
        nonlocal happened
        outgoing = await render(session, row, **said)
        if row.kind is OutboxKind.CARD and row.chat_id == chat and not happened:
            happened = True
            await what()
        return outgoing

    return made


def shown(telegram: Served, chat: int) -> list[tuple[str, int]]:
    """The last line and the number of buttons that press, message by message."""
    return [
        (one["text"].splitlines()[-1], sum(len(row) for row in one["keyboard"]))
        for one in telegram.world.messages(chat)
        if one["from"]["is_bot"]
    ]


PASSED_ON = ("↪️ Передано: ЖКХ", 0)
ALIVE = 4  # buttons that press: take, answer, not ours, what was answered before


async def test_a_card_that_was_never_delivered_is_not_delivered_any_more(
    region: Database, telegram: Served
) -> None:
    number = await assigned(region)
    await reassign(region, number)
    async with delivering(region, telegram, render=render):
        await until(all_said(region))
    assert shown(telegram, ANNA) == []
    [(_, buttons)] = shown(telegram, BORIS)
    assert buttons == ALIVE


async def test_a_late_row_of_the_old_card_only_disarms_it(region: Database, telegram: Served) -> None:
    number = await assigned(region)
    async with delivering(region, telegram, render=render):
        await until(all_said(region))
        assert shown(telegram, ANNA)[0][1] == ALIVE
        async with (
            region.writing() as session
        ):  # an edit of the time when roads still had it, put off till now
            card = await session.scalar(select(Card).where(Card.chat_id == ANNA))
            assert card is not None
            session.add(
                OutboxRow(
                    kind=OutboxKind.CARD,
                    chat_id=ANNA,
                    urgency=30,
                    payload={"incident_id": number},
                    not_before=NOON.replace(year=2099),
                    created_at=NOON,
                )
            )
        await reassign(region, number)
        await until(lambda: shown(telegram, ANNA) == [PASSED_ON])
        async with region.writing() as session:
            await session.execute(update(OutboxRow).values(not_before=NOON))
        await until(all_said(region))
    assert shown(telegram, ANNA) == [PASSED_ON]


async def test_a_card_on_its_way_while_it_is_reassigned_ends_disarmed(
    region: Database, telegram: Served
) -> None:
    number = await assigned(region)
    made = once_drafted(lambda: reassign(region, number), chat=ANNA)
    async with delivering(region, telegram, render=made):
        await until(all_said(region))
    assert shown(telegram, ANNA) == [PASSED_ON]


async def test_a_disarmed_card_whose_message_is_gone_is_not_written_again(
    region: Database, telegram: Served
) -> None:
    number = await assigned(region)
    async with delivering(region, telegram, render=render):
        await until(all_said(region))
        telegram.world.fault("error", "editMessageText", status=400, description=GONE)
        await reassign(region, number)
        await until(all_said(region))
        assert len(shown(telegram, ANNA)) == 1
        # Should it come back, it comes as a new message.
        await reassign(region, number, "roads")
        await until(all_said(region))
    assert [buttons for _, buttons in shown(telegram, ANNA)][1:] == [ALIVE]


async def test_an_edit_that_fails_while_it_is_reassigned_ends_disarmed(
    region: Database, telegram: Served
) -> None:
    number = await assigned(region)
    async with delivering(region, telegram, render=render):
        await until(all_said(region))
    async with region.writing() as session:
        incident = await session.get_one(Incident, number)
        incident.status = Status.ACCEPTED
        await session.flush()
        session.add(
            OutboxRow(
                kind=OutboxKind.CARD,
                chat_id=ANNA,
                urgency=30,
                subject=f"card:{number}:{ANNA}",
                payload={"incident_id": number},
                not_before=NOON,
                created_at=NOON,
            )
        )
    telegram.world.fault("error", "editMessageText", status=400, description=GONE)
    made = once_drafted(lambda: reassign(region, number), chat=ANNA)
    async with delivering(region, telegram, render=made):
        await until(all_said(region))
    # The first message is the one Telegram said is gone; what took its place lost its buttons.
    assert shown(telegram, ANNA)[1:] == [PASSED_ON]


async def in_topics(database: Database, telegram: Served) -> tuple[int, int, int]:
    """Both bodies in one group, each in its own topic; roads has an incident whose card is owed."""
    number = await assigned(database)
    group = telegram.world.create_supergroup("Область", [ANNA, BORIS], is_forum=True).id
    roads, housing = (telegram.world.create_topic(ANNA, group, name).thread_id for name in ("Дороги", "ЖКХ"))
    async with database.writing() as session:
        for code, thread in (("roads", roads), ("housing", housing)):
            await session.execute(
                update(Body).where(Body.code == code).values(chat_id=group, thread_id=thread)
            )
        await session.execute(update(Card).values(chat_id=group, thread_id=roads))
        await session.execute(
            update(OutboxRow).values(chat_id=group, thread_id=roads, subject=f"card:{number}:{group}")
        )
    return number, group, housing


def threads(telegram: Served, chat: int) -> list[tuple[int | None, int]]:
    """The topic of each message, and its number of buttons."""
    return [
        (one["thread_id"], sum(len(row) for row in one["keyboard"]))
        for one in telegram.world.messages(chat)
        if one["from"]["is_bot"]
    ]


async def test_in_another_topic_of_the_group_the_old_card_is_disarmed(
    region: Database, telegram: Served
) -> None:
    number, group, housing = await in_topics(region, telegram)
    async with delivering(region, telegram, render=render):
        await until(all_said(region))
        await reassign(region, number)
        await until(all_said(region))
    assert shown(telegram, group)[0] == PASSED_ON
    assert [(thread == housing, buttons) for thread, buttons in threads(telegram, group)] == [
        (False, 0),
        (True, ALIVE),
    ]


async def test_on_its_way_to_one_topic_while_it_goes_to_another(region: Database, telegram: Served) -> None:
    number, group, housing = await in_topics(region, telegram)
    made = once_drafted(lambda: reassign(region, number), chat=group)
    async with delivering(region, telegram, render=made):
        await until(all_said(region))
    assert [(thread == housing, buttons) for thread, buttons in threads(telegram, group)] == [
        (False, 0),
        (True, ALIVE),
    ]
