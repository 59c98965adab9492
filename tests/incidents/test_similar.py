"""Have we answered this before: the same on both engines."""

import pytest

from incidents import similar, triage
from incidents.errors import NotYours
from incidents.similar import AnswerGone
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, Arrive, Town
from tests.incidents.steps import accept, draft, publish, send


async def answered(town: Town, arrive: Arrive, number: int, text: str, answer: str) -> int:
    one = await arrive(number, text=text)
    await accept(town, one.id)
    await send(town, await draft(town, one.id, answer))
    await publish(town)
    return one.id


async def test_the_nearest_is_first_and_the_same_words_come_once(town: Town, arrive: Arrive) -> None:
    near = await answered(
        town, arrive, 2, "Яма на проезжей части у школы, бьём колёса", "Заделаем до пятницы."
    )
    await answered(town, arrive, 3, "Яма на проезжей части возле рынка", "ЗАДЕЛАЕМ  до пятницы.")
    far = await answered(town, arrive, 4, "Провал проезжей части у моста", "Ставим ограждение.")
    await answered(town, arrive, 5, "Снег не вывозят со двора", "Вывезем завтра.")
    for number in range(10, 30):
        await arrive(number, text=f"Другое дело {number}")
    one = await arrive(40, text="Огромная яма на проезжей части у школы")
    async with town.database.reading() as session:
        found = await similar.answered_before(session, one.id, actor=town.anna)
    assert [(row.incident_id, row.text) for row in found] == [
        (near, "Заделаем до пятницы."),
        (far, "Ставим ограждение."),
    ]
    assert found[0].url == "https://vk.com/wall-1_2?reply=9"
    assert found[0].body == "Дороги"


async def test_what_is_not_published_is_no_answer(town: Town, arrive: Arrive) -> None:
    first = await arrive(2, text="Яма на проезжей части")
    await accept(town, first.id)
    await send(town, await draft(town, first.id))
    one = await arrive(3, text="Яма на проезжей части")
    async with town.database.reading() as session:
        assert await similar.answered_before(session, one.id, actor=town.anna) == []


async def test_another_body_may_not_ask_but_reads_what_stands_in_the_open(town: Town, arrive: Arrive) -> None:
    await answered(town, arrive, 2, "Яма на проезжей части у школы", "Заделаем.")
    one = await arrive(3, text="Яма на проезжей части у школы")
    async with town.database.reading() as session:
        with pytest.raises(NotYours):
            await similar.answered_before(session, one.id, actor=town.boris)
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=one.id, body_id=town.housing, actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        assert len(await similar.answered_before(session, one.id, actor=town.boris)) == 1


@pytest.mark.parametrize("words", ["", "!!!", "на и в", "123 456", "ъ"])
async def test_a_text_without_telling_words_is_like_nothing(town: Town, arrive: Arrive, words: str) -> None:
    await answered(town, arrive, 2, "Яма", "Заделаем.")
    one = await arrive(3, text=words)
    async with town.database.reading() as session:
        assert await similar.answered_before(session, one.id, actor=town.anna) == []


async def test_an_answer_given_before_becomes_a_draft(town: Town, arrive: Arrive) -> None:
    await answered(town, arrive, 2, "Яма", "Заделаем.")
    one = await arrive(3)
    async with town.database.writing() as session:
        taken = await similar.begin_with(
            session, answer_id=1, incident_id=one.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        assert (taken.text, taken.incident_id, taken.photos) == ("Заделаем.", one.id, [])
    with pytest.raises(AnswerGone):
        async with town.database.writing() as session:
            await similar.begin_with(
                session,
                answer_id=2,
                incident_id=one.id,
                actor=town.anna,
                chat_id=ANNA,
                thread_id=None,
                now=NOON,
            )
