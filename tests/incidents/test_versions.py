"""The versions of an answer: what became of each, and what changed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from incidents import answering
from incidents.errors import NotAllowed, NotYours
from incidents.versions import Change, Fate, compare, version_text, versions
from models import Body
from tests.conftest import NOON
from tests.incidents.conftest import Arrive, Town
from tests.incidents.steps import draft, publish, send


async def test_every_version_is_kept_and_says_what_became_of_it(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    number = (await arrive()).id
    await draft(town, number, "Первый.")
    await send(town, await draft(town, number, "Второй."))
    async with town.database.writing() as session:
        await answering.send_back(session, incident_id=number, reason="нет сроков", actor=town.vera, now=NOON)
    third = await draft(town, number, "Второй до 6 марта.")

    async def fates() -> list[tuple[int, Fate, str]]:
        async with town.database.reading() as session:
            found = await versions(session, number, town.anna)
        return [(one.answer.version, one.fate, one.reason) for one in found]

    before = [(2, Fate.SENT_BACK, "нет сроков"), (1, Fate.REPLACED, "")]
    assert await fates() == [(3, Fate.DRAFT, ""), *before]
    await send(town, third)
    assert await fates() == [(3, Fate.ON_REVIEW, ""), *before]
    async with town.database.writing() as session:
        await answering.approve(session, incident_id=number, actor=town.vera, now=NOON)
    assert await fates() == [(3, Fate.SENT, ""), *before]
    await publish(town)
    assert await fates() == [(3, Fate.PUBLISHED, ""), *before]
    async with town.database.reading() as session:
        newest, *_ = await versions(session, number, town.vera)
        assert newest.author == "Анна"
        assert [(piece.change, piece.text) for piece in newest.changes] == [
            (Change.GONE, "Второй."),
            (Change.NEW, "Второй до 6 марта."),
        ]


async def test_versions_are_for_those_who_see_the_incident(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer_id = await draft(town, number)
    stranger = replace(town.anna, roles=frozenset(), bodies=frozenset())
    async with town.database.reading() as session:
        for actor, refusal in ((town.boris, NotYours), (stranger, NotAllowed)):
            with pytest.raises(refusal):
                await versions(session, number, actor)
            with pytest.raises(refusal):
                await version_text(session, answer_id, actor)
        assert await version_text(session, 999, town.anna) is None
        answer = await version_text(session, answer_id, town.vera)
        assert answer is not None
        assert len(await versions(session, number, town.carol)) == 1


def test_a_change_is_shown_where_it_stands() -> None:
    pieces = compare("Яму заделаем на этой неделе.", "Яму заделаем до 6 марта.")
    assert [(piece.change, piece.text) for piece in pieces] == [
        (Change.KEPT, "Яму заделаем"),
        (Change.GONE, "на этой неделе."),
        (Change.NEW, "до 6 марта."),
    ]
    assert compare("слова  те\nже", "слова те же") == []


@given(
    st.lists(st.sampled_from("абвг"), max_size=60).map(" ".join),
    st.lists(st.sampled_from("абвг"), max_size=60).map(" ".join),
)
def test_the_pieces_put_together_are_the_two_texts(before: str, after: str) -> None:
    pieces = compare(before, after)
    if before == after:
        assert pieces == []
        return
    old = " ".join(piece.text for piece in pieces if piece.change is not Change.NEW)
    new = " ".join(piece.text for piece in pieces if piece.change is not Change.GONE)
    assert (old, new) == (before, after)
