"""Steps of a story in few words: what people do, and what is then to be seen."""

from datetime import datetime, timedelta

from sqlalchemy import select

from incidents import answering, publishing, responding, sweeping
from incidents.people import Actor
from incidents.wording import TextRules
from models import Card, Incident, OutboxKind, OutboxRow
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, Town

RULES = {"vk": TextRules(4096)}


async def notices(town: Town, chat_id: int) -> list[str]:
    async with town.database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow)
            .where(OutboxRow.chat_id == chat_id, OutboxRow.kind == OutboxKind.NOTICE)
            .order_by(OutboxRow.id)
        )
        return [str(row.payload["key"]) for row in rows]


async def card_of(town: Town, incident_id: int, chat_id: int) -> Card | None:
    async with town.database.reading() as session:
        found: Card | None = await session.scalar(
            select(Card).where(Card.incident_id == incident_id, Card.chat_id == chat_id)
        )
        return found


async def reload(town: Town, incident_id: int) -> Incident:
    async with town.database.reading() as session:
        return await session.get_one(Incident, incident_id)


async def accept(town: Town, number: int, actor: Actor | None = None) -> None:
    async with town.database.writing() as session:
        await responding.accept(session, incident_id=number, actor=actor or town.anna, now=NOON)


async def draft(town: Town, number: int, text: str = "Заделаем до пятницы.") -> int:
    async with town.database.writing() as session:
        prompt = await answering.ask_for_answer(
            session, incident_id=number, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        answer = await answering.write_draft(
            session, prompt=prompt, text=text, photos=["f1"], actor=town.anna, thread_id=None, now=NOON
        )
        return answer.id


async def send(town: Town, answer_id: int, *, is_interim: bool = False) -> None:
    async with town.database.writing() as session:
        await answering.send_answer(
            session, answer_id=answer_id, actor=town.anna, rules=RULES, now=NOON, is_interim=is_interim
        )


async def publish(town: Town) -> None:
    async with town.database.writing() as session:
        for number in await publishing.claim(session, networks=["vk"], now=NOON, limit=10):
            await publishing.mark_sending(session, number)
            await publishing.published(
                session,
                publication_id=number,
                native_id=f"wall-1_2_r{number}",
                url="https://vk.com/wall-1_2?reply=9",
                now=NOON + timedelta(hours=1),
            )


async def look(town: Town, number: int, now: datetime) -> Incident:
    """Let the sweep look at one incident."""
    async with town.database.writing() as session:
        await sweeping.look_at(session, incident_id=number, now=now)
    return await reload(town, number)
