"""A small region: two bodies with chats, their officials, a curator, and a post about a pothole."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.incoming import FoundPost, Guess, Scored
from incidents.intake import TriageRules, take_in
from incidents.people import Actor, actor_of
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies
from models import (
    Body,
    ChatState,
    Community,
    Incident,
    Kind,
    Language,
    Membership,
    Official,
    Role,
    Route,
)
from models.database import Database
from tests.conftest import NOON

ANNA, BORIS, VERA, CAROL = 101, 102, 103, 104  # Telegram ids, and so private chats

# For what does not differ between the engines, or cannot happen on the other one.
ON_SQLITE = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Town:
    database: Database
    roads: int
    housing: int
    anna: Actor  # answers for roads
    carol: Actor  # so does she
    boris: Actor  # answers for housing
    vera: Actor  # the curator


async def _person(session: AsyncSession, telegram_id: int, name: str, role: Role, body: Body | None) -> None:
    official = Official(telegram_id=telegram_id, name=name, language=Language.RU, created_at=NOON)
    session.add(official)
    await session.flush()
    session.add(
        Membership(official_id=official.id, role=role, body_id=body.id if body else None, granted_at=NOON)
    )


@pytest.fixture
async def town(database: Database) -> Town:
    async with database.writing() as session:
        roads = Body(code="roads", name="Дороги", chat_id=ANNA, chat_state=ChatState.LIVE, created_at=NOON)
        housing = Body(code="housing", name="ЖКХ", chat_id=BORIS, chat_state=ChatState.LIVE, created_at=NOON)
        session.add_all([roads, housing, Body(code="silent", name="Без чата", created_at=NOON)])
        await session.flush()
        session.add_all(
            [
                Route(topic="roads", body_id=roads.id),
                Route(topic="housing", body_id=housing.id),
                Community(network="vk", native_id="-1", territory="Верхнереченск", added_at=NOON),
            ]
        )
        await _person(session, ANNA, "Анна", Role.OFFICIAL, roads)
        await _person(session, CAROL, "Карина", Role.OFFICIAL, roads)
        await _person(session, BORIS, "Борис", Role.OFFICIAL, housing)
        await _person(session, VERA, "Вера", Role.CURATOR, None)
        await install_policies(session, {DEFAULT: Policy(name="24")}, now=NOON)
        people = [await actor_of(session, who) for who in (ANNA, CAROL, BORIS, VERA)]
    anna, carol, boris, vera = (person for person in people if person is not None)
    return Town(database, roads.id, housing.id, anna, carol, boris, vera)


POTHOLE = FoundPost(
    network="vk",
    native_id="wall-1_2",
    text="Яма на Ленина!",
    url="https://vk.com/wall-1_2",
    posted_at=NOON,
    community_id="-1",
)
ABOUT_ROADS = Guess(
    model_id="test",
    kind=Kind.COMPLAINT,
    kind_confidence=0.9,
    needs_answer=True,
    needs_answer_confidence=0.9,
    official_reply=False,
    topics=(Scored("roads", 0.9), Scored("housing", 0.05), Scored("other", 0.01)),
)

Arrive = Callable[..., Awaitable[Incident]]


@pytest.fixture
def arrive(town: Town) -> Arrive:
    """Let a post arrive; assigned to roads unless the classifier is `unsure`."""

    async def arrive(
        number: int = 2, *, unsure: bool = False, now: datetime = NOON, text: str = "Яма на Ленина!"
    ) -> Incident:
        found = replace(POTHOLE, native_id=f"wall-1_{number}", text=text)
        guess = replace(ABOUT_ROADS, topics=(Scored("roads", 0.1),)) if unsure else ABOUT_ROADS
        async with town.database.writing() as session:
            incident = await take_in(session, found, guess, rules=TriageRules(), now=now)
        assert incident is not None
        return incident

    return arrive
