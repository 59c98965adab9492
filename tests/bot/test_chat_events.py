"""Chats and who is in them, by the updates Telegram sends: ordinary events, through the real receiving path."""

import asyncio
from typing import Any

from sqlalchemy import select, update

from incidents.intake import TriageRules, take_in
from models import (
    AuditEntry,
    Body,
    ChatState,
    DutyChat,
    Incident,
    Membership,
    Official,
    OutboxRow,
    Role,
    Status,
)
from models.database import Database
from tests.bot.bot_stage import ANNA, VERA, Served, until
from tests.bot.test_receiving import all_are, receiving
from tests.conftest import NOON
from tests.handlers.handlers_stage import POTHOLE, guess

GROUP = -1005


async def told(region: Database, telegram: Served, *updates: dict[str, Any]) -> None:
    async with receiving(region, telegram, polls=False) as receiver:
        await receiver.store([{"update_id": number, **one} for number, one in enumerate(updates, 1)])
        async with asyncio.timeout(20):
            await until(all_are(region, *["done"] * len(updates)))


def group_message(**fields: Any) -> dict[str, Any]:
    chat = {"id": GROUP, "type": "supergroup", "title": "Дорожники"}
    return {"message": {"message_id": 1, "date": 1, "chat": chat, **fields}}


def member(who: int, status: str) -> dict[str, Any]:
    return {"user": {"id": who, "is_bot": False, "first_name": "Анна"}, "status": status}


def moved(kind: str, before: str, after: str, *, who: int, by: int = ANNA) -> dict[str, Any]:
    chat = {"id": GROUP, "type": "supergroup", "title": "Дорожники"}
    return {
        kind: {
            "chat": chat,
            "date": 1,
            "from": {"id": by, "is_bot": False, "first_name": "Анна"},
            "old_chat_member": member(who, before),
            "new_chat_member": member(who, after),
        }
    }


async def roads_in(region: Database, *, thread_id: int | None = None) -> int:
    async with region.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        body.chat_id, body.thread_id, body.chat_state = GROUP, thread_id, ChatState.LIVE
        body.chat_title = "Дорожники · Ямы" if thread_id else "Дорожники"
        return body.id


async def body_title(region: Database) -> str:
    async with region.reading() as session:
        return await session.scalar(select(Body.chat_title).where(Body.code == "roads")) or ""


async def keys(region: Database, chat_id: int) -> list[str]:
    async with region.reading() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.chat_id == chat_id))
        return [row.payload["key"] for row in rows if "key" in row.payload]


async def test_a_renamed_group_and_topic_are_called_by_their_new_names(
    region: Database, telegram: Served
) -> None:
    await roads_in(region)
    await told(region, telegram, group_message(new_chat_title="Минтранс"))
    assert await body_title(region) == "Минтранс"


async def test_a_renamed_topic_keeps_its_group(region: Database, telegram: Served) -> None:
    await roads_in(region, thread_id=7)
    edited = group_message(message_thread_id=7, forum_topic_edited={"name": "Дороги"})
    await told(region, telegram, edited, group_message(new_chat_title="Минтранс"))
    assert await body_title(region) == "Минтранс · Дороги"


async def test_who_leaves_the_bodys_group_gives_back_what_they_held(
    region: Database, telegram: Served
) -> None:
    await roads_in(region)
    async with region.writing() as session:
        anna = await session.scalar(select(Official.id).where(Official.telegram_id == ANNA))
        incident = await take_in(session, POTHOLE, guess(), rules=TriageRules(), now=NOON)
        assert incident is not None
        number = incident.id
        body_id = await session.scalar(select(Body.id).where(Body.code == "roads"))
        await session.execute(
            update(Incident)
            .where(Incident.id == number)
            .values(status=Status.ACCEPTED, official_id=anna, body_id=body_id, due_at=NOON)
        )
    left = {"id": ANNA, "is_bot": False, "first_name": "Анна"}
    out = moved("chat_member", "member", "kicked", who=ANNA)
    await told(region, telegram, out, group_message(left_chat_member=left))
    async with region.reading() as session:
        after = await session.get_one(Incident, number)
        noted = list(
            await session.scalars(select(AuditEntry.details).where(AuditEntry.action == "left_chat"))
        )
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)
    assert (await keys(region, GROUP)).count("released_left") == 1
    assert [one["released"] for one in noted] == [[number], []]


async def test_a_bot_added_by_hand_says_how_to_bind_once(region: Database, telegram: Served) -> None:
    added = moved("my_chat_member", "left", "member", who=42)
    promoted = moved("my_chat_member", "member", "administrator", who=42)
    await told(region, telegram, added, promoted)
    assert await keys(region, GROUP) == ["how_to_bind"]


async def test_a_curator_who_adds_it_is_told_in_private(region: Database, telegram: Served) -> None:
    await told(region, telegram, moved("my_chat_member", "left", "member", who=42, by=VERA))
    assert (await keys(region, GROUP), await keys(region, VERA)) == ([], ["added_to_group"])


async def test_a_stranger_who_adds_it_hears_nothing_and_a_bound_group_too(
    region: Database, telegram: Served
) -> None:
    await told(region, telegram, moved("my_chat_member", "left", "member", who=42, by=666))
    assert await keys(region, GROUP) == []
    async with region.reading() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "bot_added"))
    assert entry.outcome == "stranger"


async def test_a_night_watch_moves_with_its_group(region: Database, telegram: Served) -> None:
    async with region.writing() as session:
        by = await session.scalar(select(Official.id).where(Official.telegram_id == VERA))
        session.add(DutyChat(chat_id=GROUP, bound_by=by, bound_at=NOON))
    await told(region, telegram, group_message(migrate_to_chat_id=-1009))
    async with region.reading() as session:
        assert (await session.scalars(select(DutyChat.chat_id))).all() == [-1009]


async def test_people_who_come_change_nothing(region: Database, telegram: Served) -> None:
    await roads_in(region)
    await told(region, telegram, moved("chat_member", "left", "member", who=ANNA))
    async with region.reading() as session:
        assert Role.OFFICIAL in (await session.scalars(select(Membership.role))).all()
    assert await keys(region, GROUP) == []
