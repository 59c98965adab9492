"""Topic and territory find the body; what cannot be reached is not offered."""

from sqlalchemy import select

from incidents.incoming import Scored
from incidents.routing import search_bodies, suggest_bodies
from models import Body, ChatState, Route
from tests.conftest import NOON
from tests.incidents.conftest import Town

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
