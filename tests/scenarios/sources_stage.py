"""A body with a chat, people with phones, a registered channel with its group: what stories of pushed sources share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.migrating import upgrade
from models import (
    Body,
    ChatState,
    Community,
    Incident,
    Language,
    Membership,
    Official,
    Role,
    Route,
    Status,
)
from models.database import Database, open_database
from tests.bot.bot_stage import until
from tests.bot.test_app import ANNA, World
from tests.conftest import NOON


@asynccontextmanager
async def settled(world: World) -> AsyncIterator[Database]:
    """Anna answers for roads in her private chat."""
    url = world.settings.database.url
    await upgrade(url)
    database = open_database(url)
    world.telegram.start(ANNA)
    async with database.writing() as session:
        roads = Body(code="roads", name="Дороги", chat_id=ANNA, chat_state=ChatState.LIVE, created_at=NOON)
        anna = Official(telegram_id=ANNA, name="Анна", language=Language.RU, created_at=NOON)
        session.add_all([roads, anna])
        await session.flush()
        session.add(Route(topic="roads", body_id=roads.id))
        session.add(Membership(official_id=anna.id, role=Role.OFFICIAL, body_id=roads.id, granted_at=NOON))
    try:
        yield database
    finally:
        await database.close()


async def answer(world: World, number: int, about: str, text: str) -> None:
    """Anna takes the incident and answers, as a person does: by the buttons."""
    await until(lambda: any(about in one for one in world.texts(ANNA)))
    world.telegram.press(ANNA, ANNA, world.last(about), data=f"a1.acc:{number}")
    await until(lambda: any("В работе" in one and about in one for one in world.texts(ANNA)))
    world.telegram.press(ANNA, ANNA, world.last(about), data=f"a1.ans:{number}")
    await until(lambda: any("напишите ответ" in one for one in world.texts(ANNA)))
    world.telegram.say(ANNA, text, reply_to=world.last("напишите ответ"))
    await until(lambda: any("Проверьте ответ" in one for one in world.texts(ANNA)))
    world.telegram.press(ANNA, ANNA, world.last("Проверьте"), data=f"a1.send:{number}:0")


async def count(database: Database, table: Any, *where: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0


async def status_of(database: Database, number: int) -> Status:
    async with database.reading() as session:
        return (await session.get_one(Incident, number)).status


# -- Telegram


@dataclass
class Chats:
    olga: int
    petr: int
    channel: int
    group: int


async def channels(world: World, database: Database) -> Chats:
    """A registered channel with its discussion group; Olga leads both, Petr comments."""
    world.config.write_text(
        world.config.read_text(encoding="utf-8") + "\n[collectors.telegram]\nenabled = true\n",
        encoding="utf-8",
    )
    town = world.telegram
    olga, petr = (town.create_user(first_name=name).id for name in ("Ольга", "Пётр"))
    channel = town.create_channel("Город", olga, username="gorod").id
    group = town.create_supergroup("Обсуждение", [olga], bot_status="administrator").id
    town.link(channel, group)
    town.updates.drop()  # how they came about is another story
    async with database.writing() as session:
        session.add_all(
            Community(network="telegram", native_id=str(one), territory="Верхнереченск", added_at=NOON)
            for one in (channel, group)
        )
    return Chats(olga, petr, channel, group)
