"""Two hundred officials press at once; strangers press what was never theirs. The whole program, real HTTP."""

from sqlalchemy import func, select

from bot.migrating import upgrade
from models import (
    AuditEntry,
    Body,
    ChatState,
    HistoryEntry,
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
from tests.bot.test_app import World, running
from tests.conftest import NOON

FIRST = 1000
STRANGER, FORMER, FOREIGN = 5001, 5002, 5003


async def _settle(world: World, *, people: int) -> tuple[Database, int]:
    """A body whose chat is a group of so many officials; a former one of it; one of another body."""
    url = world.settings.database.url
    await upgrade(url)
    database = open_database(url)
    members = [FIRST + number for number in range(people)]
    for number in (*members, STRANGER, FORMER, FOREIGN):
        world.telegram.create_user(number, first_name=f"Человек {number}")
        world.telegram.start(number)
    chat = world.telegram.create_supergroup("Дороги", [*members, STRANGER, FORMER, FOREIGN])
    async with database.writing() as session:
        roads = Body(
            code="roads",
            name="Дороги",
            chat_id=chat.id,
            chat_title="Дороги",
            chat_state=ChatState.LIVE,
            created_at=NOON,
        )
        housing = Body(code="housing", name="ЖКХ", created_at=NOON)
        session.add_all([roads, housing])
        await session.flush()
        session.add(Route(topic="roads", body_id=roads.id))
        for number, body in [*((one, roads) for one in members), (FORMER, roads), (FOREIGN, housing)]:
            person = Official(
                telegram_id=number,
                name=f"Человек {number}",
                language=Language.RU,
                is_active=number != FORMER,
                created_at=NOON,
            )
            session.add(person)
            await session.flush()
            session.add(
                Membership(official_id=person.id, role=Role.OFFICIAL, body_id=body.id, granted_at=NOON)
            )
    return database, chat.id


async def _card(world: World, chat_id: int) -> int:
    """Let a post come; the number of the message that shows it in the chat."""
    await world.vk("posts", community_id=1, text="Яма на Ленина", author_name="Пётр")

    def found() -> list[int]:
        return [
            int(one["message_id"]) for one in world.telegram.messages(chat_id) if "Яма" in (one["text"] or "")
        ]

    await until(found)
    return found()[0]


async def test_of_two_hundred_who_press_at_once_one_takes_it_and_the_others_read_who(world: World) -> None:
    database, chat_id = await _settle(world, people=200)
    async with running(world):
        message_id = await _card(world, chat_id)
        for number in range(200):
            world.telegram.press(FIRST + number, chat_id, message_id, label="✅ Принять")
        pressed = world.telegram.record.presses
        await until(lambda: all(one.acknowledged_at is not None for one in pressed), seconds=60)
        async with database.reading() as session:
            incident = await session.get_one(Incident, 1)
            winner = await session.get_one(Official, incident.official_id)
            accepted = await session.scalar(
                select(func.count()).select_from(HistoryEntry).where(HistoryEntry.step == "accept")
            )
        await until(lambda: winner.name in world.telegram.messages(chat_id)[-1]["text"])
    told = {one.user_id: one.text or "" for one in pressed}
    assert len(told) == 200
    assert accepted == 1
    losers = [text for person, text in told.items() if person != winner.telegram_id]
    assert len(losers) == 199
    assert [text for text in losers if winner.name not in text] == []
    assert winner.name not in told[winner.telegram_id]
    await database.close()


async def test_forged_presses_change_nothing_and_are_kept_in_the_audit_trail(world: World) -> None:
    database, chat_id = await _settle(world, people=1)
    async with running(world):
        message_id = await _card(world, chat_id)
        tries = [
            (STRANGER, "a1.acc:1"),  # never entered
            (FORMER, "a1.acc:1"),  # has left
            (FOREIGN, "a1.acc:1"),  # of another body
            (FIRST, "a1.acc:99"),  # no such incident
            (FIRST, "a1.reopen:1"),  # a curator's step, or none at all
            (FIRST, "a1.acc:1:drop table"),
            (FIRST, "zz.\x00"),
            (STRANGER, "я" * 32),
        ]
        for person, data in tries:
            world.telegram.press(person, chat_id, message_id, data=data, force=True)
        pressed = world.telegram.record.presses
        await until(lambda: all(one.acknowledged_at is not None for one in pressed))
        assert all(one.text for one in pressed)
    async with database.reading() as session:
        incident = await session.get_one(Incident, 1)
        audit = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "press")))
    assert (incident.status, incident.official_id) == (Status.ASSIGNED, None)
    assert sorted(one.telegram_id or 0 for one in audit) == sorted(person for person, _ in tries)
    await database.close()
