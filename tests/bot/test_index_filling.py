"""What was stored before there was an index is indexed at the start, behind everybody's work."""

from sqlalchemy import func, select, text

from bot.index_filling import IndexFilling
from models import Incident, Kind, Post, Priority, ReplyCapability, SearchDoc, Status
from models.database import Database
from tests.conftest import NOON


async def test_everything_is_filled_in_and_nothing_twice(database: Database) -> None:
    async with database.writing() as session:
        for number in range(1, 251):
            incident = Incident(
                status=Status.NEW,
                kind=Kind.COMPLAINT,
                topic="roads",
                priority=Priority.ORDINARY,
                created_at=NOON,
            )
            session.add(incident)
            await session.flush()
            session.add(
                Post(
                    network="vk",
                    native_id=str(number),
                    url="",
                    text=f"Ямы на дорогах {number}",
                    reply_capability=ReplyCapability.API,
                    posted_at=NOON,
                    collected_at=NOON,
                    incident_id=incident.id,
                )
            )
    filling = IndexFilling(database, pause=0)
    await filling.fill()
    await filling.fill()
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SearchDoc)) == 250
        assert (
            await session.scalar(select(SearchDoc.words).where(SearchDoc.incident_id == 7)) == "ям на дорог 7"
        )


async def test_without_a_database_it_gives_way_till_the_next_time(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE search_docs RENAME TO elsewhere"))
    await IndexFilling(database, pause=0).fill()
