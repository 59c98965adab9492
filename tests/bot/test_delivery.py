"""Outbox → Telegram over real HTTP, against the sandbox and its troubles."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.pacing import Pacer
from incidents import outbox
from models import (
    Alarm,
    Body,
    Card,
    ChatState,
    Incident,
    Kind,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Priority,
    Prompt,
    PromptKind,
    Status,
    Urgency,
)
from models.database import Database
from tests.bot.bot_stage import ANNA, BORIS, OLGA, VERA, Office, Served, delivering, until
from tests.conftest import NOON

SENT = OutboxState.SENT.value


async def an_incident(database: Database, *, to: int = ANNA) -> int:
    async with database.writing() as session:
        body = await session.scalar(select(Body).where(Body.chat_id == to))
        assert body is not None
        incident = Incident(
            status=Status.ASSIGNED,
            kind=Kind.COMPLAINT,
            topic="roads",
            priority=Priority.ORDINARY,
            body_id=body.id,
            created_at=NOON,
            registered_at=NOON,
            due_at=NOON + timedelta(hours=24),
        )
        session.add(incident)
        await session.flush()
        await outbox.show_card(session, incident, chat_id=to, now=NOON)
        return incident.id


async def card_of(database: Database, incident_id: int) -> Card:
    async with database.reading() as session:
        card = await session.scalar(select(Card).where(Card.incident_id == incident_id))
        assert card is not None
        return card


async def refresh(database: Database, incident_id: int, **changes: Any) -> None:
    async with database.writing() as session:
        incident = await session.get_one(Incident, incident_id)
        for name, value in changes.items():
            setattr(incident, name, value)
        await session.flush()
        await outbox.refresh_cards(session, incident, now=NOON)


async def test_what_is_owed_arrives_in_order(region: Database, telegram: Served) -> None:
    office = Office(region)
    await office.owe("one", "two", "three", to=ANNA)
    async with delivering(region, telegram):
        await until(lambda: len(telegram.texts(ANNA)) == 3)
        await until(office_done(office))
    assert telegram.texts(ANNA) == ["one", "two", "three"]


def office_done(office: Office) -> Any:
    async def done() -> bool:
        return OutboxState.WAITING.value not in await office.states()

    return done


async def test_the_urgent_overtake_the_routine(region: Database, telegram: Served) -> None:
    office = Office(region)
    await office.owe("routine", to=ANNA, urgency=Urgency.EDIT)
    await office.owe("news", to=ANNA, urgency=Urgency.NEW_CARD)
    await office.owe("you pressed", to=ANNA, urgency=Urgency.ANSWERED_PERSON)
    async with delivering(region, telegram):
        await until(lambda: len(telegram.texts(ANNA)) == 3)
    assert telegram.texts(ANNA) == ["you pressed", "news", "routine"]


async def test_the_card_knows_its_message_and_version(region: Database, telegram: Served) -> None:
    number = await an_incident(region)
    async with delivering(region, telegram):
        await until(office_done(Office(region)))
    card = await card_of(region, number)
    async with region.reading() as session:
        version = (await session.get_one(Incident, number)).version
    message = telegram.world.messages(ANNA)[-1]
    assert (card.message_id, card.shown_version) == (message["message_id"], version)
    assert card.delivered_at is not None


async def test_rows_of_one_card_are_one_message(region: Database, telegram: Served) -> None:
    number = await an_incident(region)
    for _ in range(4):
        await refresh(region, number)
    async with delivering(region, telegram):
        await until(office_done(Office(region)))
    assert len(telegram.texts(ANNA)) == 1
    assert sorted(await Office(region).states()) == ["folded"] * 4 + [SENT]


async def test_a_card_that_changes_is_edited_and_equal_words_are_success(
    region: Database, telegram: Served
) -> None:
    number = await an_incident(region)
    async with delivering(region, telegram):
        await until(office_done(Office(region)))
        await refresh(region, number)  # the words stay as they are
        await until(office_done(Office(region)))
        assert telegram.calls("editMessageText") == []
        async with region.writing() as session:  # as if we had died before we noted what was sent
            await session.execute(update(Card).values(shown_digest=""))
        await refresh(region, number)
        await until(office_done(Office(region)))
        await refresh(region, number, status=Status.ANSWERED)
        await until(office_done(Office(region)))
    assert telegram.texts(ANNA) == [f"card {number} answered"]
    assert await Office(region).states() == [SENT, "folded", SENT, SENT]
    edits = telegram.calls("editMessageText")
    assert [edit.ok for edit in edits] == [False, True]
    assert "not modified" in edits[0].description


async def test_a_card_that_cannot_be_edited_is_sent_anew(region: Database, telegram: Served) -> None:
    number = await an_incident(region)
    async with delivering(region, telegram):
        await until(office_done(Office(region)))
        first = await card_of(region, number)
        assert first.message_id is not None
        telegram.world.fault(
            "error", "editMessageText", status=400, description="Bad Request: message to edit not found"
        )
        await refresh(region, number, status=Status.ANSWERED)
        await until(office_done(Office(region)))
    card = await card_of(region, number)
    assert card.message_id is not None
    assert card.message_id > first.message_id
    assert telegram.texts(ANNA)[-1] == f"card {number} answered"


async def test_a_prompt_keeps_the_number_of_its_question(region: Database, telegram: Served) -> None:
    number = await an_incident(region)
    async with region.writing() as session:
        official = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
        assert official is not None
        prompt = Prompt(
            kind=PromptKind.ANSWER,
            incident_id=number,
            official_id=official.id,
            chat_id=ANNA,
            created_at=NOON,
        )
        session.add(prompt)
        await session.flush()
        prompt_id = prompt.id
        outbox.book(session, OutboxKind.PROMPT, chat_id=ANNA, payload={"prompt_id": prompt_id}, now=NOON)
    async with delivering(region, telegram):
        await until(office_done(Office(region)))
    message = telegram.world.messages(ANNA)[-1]
    async with region.reading() as session:
        assert (await session.get_one(Prompt, prompt_id)).message_id == message["message_id"]
    assert message["force_reply"] is not None


async def test_nothing_to_say_any_more_is_folded(region: Database, telegram: Served) -> None:
    office = Office(region)
    await office.owe("x", to=ANNA, silent=True)
    await office.owe("y", to=ANNA)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert (telegram.texts(ANNA), await office.states()) == (["y"], ["folded", SENT])


async def test_a_hung_chat_delays_nobody_else(region: Database, telegram: Served) -> None:
    telegram.world.fault("delay", "sendMessage", chat_id=ANNA, seconds=30)
    office = Office(region)
    await office.owe("hangs", to=ANNA)
    async with delivering(region, telegram, patience=60):
        await until(lambda: telegram.calls("sendMessage", ANNA))
        await office.owe(*(f"{number}" for number in range(5)), to=BORIS)
        await until(lambda: len(telegram.texts(BORIS)) == 5)
        assert telegram.texts(ANNA) == []
        telegram.world.close()


async def test_retry_after_is_waited_out(region: Database, telegram: Served) -> None:
    telegram.world.fault("retry_after", "sendMessage", seconds=2)
    office = Office(region)
    await office.owe("one", "two", to=ANNA)
    await office.owe("three", to=BORIS)
    async with delivering(region, telegram):
        await until(office_done(office))
    first, *later = telegram.calls("sendMessage")
    assert first.ok is False
    in_flight = [call for call in later if call.monotonic < first.ended + 0.1]
    assert len(in_flight) <= 1
    assert all(call.monotonic - first.ended >= 2 for call in later if call not in in_flight)
    assert (telegram.texts(ANNA), telegram.texts(BORIS)) == (["one", "two"], ["three"])


async def test_a_groups_silence_leaves_the_others_alone(region: Database, telegram: Served) -> None:
    group = telegram.world.create_group("Дороги", [ANNA, BORIS]).id
    telegram.world.fault("retry_after", "sendMessage", chat_id=group, seconds=3600)
    office = Office(region)
    await office.owe("to the group", to=group)
    async with delivering(region, telegram):
        await until(lambda: telegram.calls("sendMessage", group))
        await office.owe("to Anna", to=ANNA)
        await until(lambda: telegram.texts(ANNA) == ["to Anna"])
    assert len(telegram.calls("sendMessage", group)) == 1


async def test_troubles_of_the_server_are_waited_out(region: Database, telegram: Served) -> None:
    for kind in ("bad_gateway", "restart", "drop"):
        telegram.world.fault(kind, "sendMessage")
    office = Office(region)
    await office.owe("one", "two", to=ANNA)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert telegram.texts(ANNA) == ["one", "two"]


async def test_markup_telegram_cannot_read_is_sent_as_plain_words(region: Database, telegram: Served) -> None:
    office = Office(region)
    await office.owe("<b>Яма &lt;3 <i>тут</b>", to=ANNA)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert telegram.texts(ANNA) == ["Яма <3 тут"]
    assert await office.states() == [SENT]


async def test_a_blocked_bot_is_told_to_the_curators(region: Database, telegram: Served) -> None:
    number = await an_incident(region)
    telegram.world.block(ANNA)
    office = Office(region)
    await office.owe("and more", to=ANNA)
    async with delivering(region, telegram):
        await until(lambda: any("body_unreachable" in text for text in telegram.texts(VERA)))
        await until(lambda: any(f"card {number}" in text for text in telegram.texts(VERA)))
    assert set(await office.states(chat_id=ANNA)) == {OutboxState.DEAD.value}
    assert len(telegram.calls("sendMessage", ANNA)) == 1
    async with region.reading() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        anna = await session.scalar(select(Official).where(Official.telegram_id == ANNA))
    assert body is not None
    assert anna is not None
    assert (body.chat_state, anna.is_reachable) == (ChatState.DEAD, False)


async def test_a_migrated_group_gets_its_messages_under_the_new_number(
    region: Database, telegram: Served
) -> None:
    group = telegram.world.create_group("Дороги", [ANNA, BORIS]).id
    async with region.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        body.chat_id = group
    number = await an_incident(region, to=group)
    new = telegram.world.create_supergroup("Дороги", [ANNA, BORIS]).id
    telegram.world.fault("migrate", "sendMessage", chat_id=group, migrate_to_chat_id=new)
    office = Office(region)
    await office.owe("hello", to=group)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert sorted(telegram.texts(new)) == [f"card {number} assigned", "hello"]
    async with region.reading() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
    assert body is not None
    assert (body.chat_id, (await card_of(region, number)).chat_id) == (new, new)


async def test_a_lost_topic_is_told_and_the_words_go_to_the_chat(region: Database, telegram: Served) -> None:
    group = telegram.world.create_supergroup("Дороги", [ANNA, BORIS], is_forum=True).id
    async with region.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        body.chat_id, body.thread_id = group, 77
    office = Office(region)
    await office.owe("one", "two", to=group, thread=77)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert telegram.texts(group) == ["one", "two"]
    assert [text for text in telegram.texts(VERA) if "body_topic_gone" in text] != []
    assert len([call for call in telegram.calls("sendMessage", group) if not call.ok]) == 1


async def test_what_telegram_refuses_for_good_is_given_up_and_told_once(
    region: Database, telegram: Served
) -> None:
    office = Office(region)
    await office.owe("x" * 5000, "fine", "y" * 5000, to=ANNA)
    async with delivering(region, telegram):
        await until(office_done(office))
    assert await office.states(chat_id=ANNA) == ["dead", SENT, "dead"]
    assert len([text for text in telegram.texts(OLGA) if "key=alarm" in text]) == 1


async def test_a_wrong_token_is_one_alarm_and_loses_nothing(
    region: Database, telegram: Served, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.world.fault("error", "sendMessage", count=5, status=401, description="Unauthorized")
    office = Office(region)
    await office.owe("one", to=ANNA)
    await office.owe("two", to=BORIS)

    async def alarms() -> list[Alarm]:
        async with region.reading() as session:
            return list(await session.scalars(select(Alarm)))

    async def is_over() -> bool:
        return [alarm.cleared_at is not None for alarm in await alarms()] == [True]

    async with delivering(region, telegram, recheck_seconds=0.2):
        await until(alarms)
        await until(lambda: telegram.texts(ANNA) == ["one"] and telegram.texts(BORIS) == ["two"])
        await until(is_over)
        await until(office_done(office))
    assert len(telegram.texts(OLGA)) == 2  # raised, over
    assert len([record for record in caplog.records if record.levelname == "CRITICAL"]) == 1


async def test_a_killed_senders_rows_are_taken_over(region: Database, telegram: Served) -> None:
    office = Office(region)
    await office.owe("left over", to=ANNA)
    async with region.writing() as session:
        row = await session.scalar(select(OutboxRow))
        assert row is not None
        row.leased_until = office.clock() + timedelta(hours=1)
    async with delivering(region, telegram):
        await until(lambda: telegram.texts(ANNA) == ["left over"])


async def test_words_that_cannot_be_made_stop_nobody(region: Database, telegram: Served) -> None:
    async def broken(session: Any, row: OutboxRow, **_: Any) -> Any:
        from tests.bot.bot_stage import plain  # noqa: PLC0415

        if row.payload.get("text") == "bad":
            raise KeyError("no such words")
        return await plain(session, row, **_)

    office = Office(region)
    await office.owe("bad", "good", to=ANNA)
    async with delivering(region, telegram, render=broken):
        await until(lambda: telegram.texts(ANNA) == ["good"])

        async def is_kept() -> bool:
            return (await office.rows())[0].attempts == 1

        await until(is_kept)
    row = (await office.rows())[0]
    assert (row.state, "no such words" in row.error) == (OutboxState.WAITING, True)


async def test_the_limits_are_kept_at_the_server(region: Database, telegram: Served) -> None:
    office = Office(region)
    for who in (ANNA, BORIS, VERA):
        await office.owe("one", "two", "three", to=who)
    async with delivering(region, telegram, pacer=Pacer()):
        await until(office_done(office))
    assert not [call for call in telegram.world.record.calls if call.over_limit]


async def test_stopping_waits_for_what_is_in_flight(region: Database, telegram: Served) -> None:
    telegram.world.fault("delay", "sendMessage", seconds=0.3)
    office = Office(region)
    await office.owe("the last", to=ANNA)
    async with delivering(region, telegram):
        await until(lambda: telegram.calls("sendMessage"))
    assert (telegram.texts(ANNA), await office.states()) == (["the last"], [SENT])
