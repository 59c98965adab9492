"""Topic and territory find the body; what cannot be reached is not offered. The rules' order: test_rules_order.py."""

import pytest
from sqlalchemy import select, update

from incidents import responding, triage
from incidents.errors import NoSuchBody
from incidents.incoming import Scored
from incidents.routing import body_by_code, search_bodies, suggest_bodies
from models import Body, ChatState, Route
from tests.conftest import NOON
from tests.incidents.conftest import ON_SQLITE, Arrive, Town

pytestmark = ON_SQLITE
GUESSES = (Scored("roads", 0.7), Scored("housing", 0.2), Scored("health", 0.1))


async def suggested(town: Town, territory: str = "") -> list[tuple[str, float]]:
    async with town.database.reading() as session:
        found = await suggest_bodies(session, GUESSES, territory=territory)
    return [(guess.body.code, guess.confidence) for guess in found]


async def test_bodies_come_in_the_order_of_their_topics(town: Town) -> None:
    assert await suggested(town) == [("roads", 0.7), ("housing", 0.2)]


async def test_a_rule_for_the_territory_beats_one_for_everywhere(town: Town) -> None:
    async with town.database.writing() as session:
        local = Body(code="local", name="Заречье", chat_id=777, chat_state=ChatState.LIVE, created_at=NOON)
        session.add(local)
        await session.flush()
        session.add(Route(topic="roads", territory="Заречье", body_id=local.id))
    assert (await suggested(town, "Заречье"))[0] == ("local", 0.7)
    assert ("local", 0.7) not in await suggested(town, "Верхнереченск")


async def test_a_body_without_a_live_chat_is_not_offered(town: Town) -> None:
    async with town.database.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        body.chat_state = ChatState.DEAD
    assert await suggested(town) == [("housing", 0.2)]
    async with town.database.reading() as session:
        assert await search_bodies(session, "дорог") == []


async def test_bodies_are_found_by_words_in_any_letter_case(town: Town) -> None:
    async with town.database.reading() as session:
        for words in ("ДОРОГИ", "roads", "дор"):
            assert [body.code for body in await search_bodies(session, words)] == ["roads"]
        assert await search_bodies(session, "космос") == []


async def test_a_body_is_found_by_its_code(town: Town) -> None:
    async with town.database.reading() as session:
        assert (await body_by_code(session, " Roads ")).id == town.roads
        with pytest.raises(NoSuchBody) as refusal:
            await body_by_code(session, "космос")
    assert refusal.value.code == "космос"


async def test_a_body_that_is_no_more_is_no_body(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.housing).values(is_active=False))
    for body_id in (town.housing, 99):
        with pytest.raises(NoSuchBody):
            async with town.database.writing() as session:
                await triage.assign(session, incident_id=number, body_id=body_id, actor=town.vera, now=NOON)
        with pytest.raises(NoSuchBody):
            async with town.database.writing() as session:
                await responding.give_back(
                    session,
                    incident_id=number,
                    reason="не наше",
                    actor=town.anna,
                    now=NOON,
                    suggested_body_id=body_id,
                )


async def test_bodies_are_found_by_what_people_call_them(town: Town) -> None:
    async with town.database.writing() as session:
        session.add(
            Body(
                code="care",
                name="Министерство здравоохранения и соцзащиты",
                chat_id=778,
                chat_state=ChatState.LIVE,
                created_at=NOON,
            )
        )
    async with town.database.reading() as session:
        for words in ("минздрав", "МинЗдрав", "минсоцзащиты"):
            assert [body.code for body in await search_bodies(session, words)] == ["care"]
        assert await search_bodies(session, "минтранс") == []
