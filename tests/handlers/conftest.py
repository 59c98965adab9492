"""The cast: Anna answers for roads in her private chat; Boris and Bella for housing in a group; Vera is the curator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import (
    Base,
    Body,
    ChatState,
    Community,
    Language,
    Membership,
    Official,
    Role,
    Route,
)
from models.database import Database, open_database
from tests.conftest import NOON, MovableClock
from tests.handlers.handlers_stage import (
    ANNA,
    BELLA,
    BORIS,
    HOUSING_CHAT,
    IRINA,
    NAMES,
    VERA,
    Stage,
    a_house,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite only: what is tested here is the conversation."""
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'otklik.sqlite3'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


async def _person(session: AsyncSession, who: int, role: Role, body: Body | None = None) -> None:
    official = Official(telegram_id=who, name=NAMES[who], language=Language.RU, created_at=NOON)
    session.add(official)
    await session.flush()
    session.add(
        Membership(official_id=official.id, role=role, body_id=body.id if body else None, granted_at=NOON)
    )


@pytest.fixture
async def stage(database: Database, clock: MovableClock) -> Stage:
    async with database.writing() as session:
        roads = Body(code="roads", name="Минтранс", chat_id=ANNA, chat_state=ChatState.LIVE, created_at=NOON)
        housing = Body(
            code="housing",
            name="Минжилищный <надзор>",
            chat_id=HOUSING_CHAT,
            chat_title="Чат ЖКХ",
            chat_state=ChatState.LIVE,
            created_at=NOON,
        )
        silent = Body(code="silent", name="Без чата", created_at=NOON)
        session.add_all([roads, housing, silent])
        await session.flush()
        session.add_all(
            [
                Route(topic="roads", body_id=roads.id),
                Route(topic="housing", body_id=housing.id),
                Community(network="vk", native_id="-1", territory="Верхнереченск", added_at=NOON),
            ]
        )
        await _person(session, ANNA, Role.OFFICIAL, roads)
        await _person(session, BORIS, Role.OFFICIAL, housing)
        await _person(session, BELLA, Role.OFFICIAL, housing)
        await _person(session, IRINA, Role.APPROVER, roads)
        await _person(session, VERA, Role.CURATOR)
        await install_policies(session, {DEFAULT: Policy(name="24")}, now=NOON)
    return Stage(
        database,
        clock,
        a_house(),
        {body.code: body.id for body in (roads, housing, silent)},
    )
