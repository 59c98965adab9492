"""Which question somebody's words answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from incidents import answering
from incidents.errors import DraftGone, NotAllowed, NotYours, StepNotAllowed
from incidents.people import Actor
from models import Answer, AnswerState, Card, Membership, Official, Prompt, PromptKind, Status
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, Arrive, Town
from tests.incidents.steps import accept, draft, reload, send

pytestmark = ON_SQLITE


async def ask(town: Town, number: int, message_id: int | None, actor: Actor | None = None) -> int:
    async with town.database.writing() as session:
        prompt = await answering.ask_for_answer(
            session,
            incident_id=number,
            actor=actor or town.anna,
            chat_id=ANNA,
            thread_id=None,
            now=NOON,
        )
        prompt.message_id = message_id
        return prompt.id


async def only(town: Town) -> int | None:
    async with town.database.reading() as session:
        found = await answering.only_open_prompt(session, chat_id=ANNA, official_id=town.anna.official_id)
        return found.id if found else None


async def replied_to(town: Town, message_id: int) -> int | None:
    async with town.database.reading() as session:
        found = await answering.find_prompt(
            session, chat_id=ANNA, message_id=message_id, official_id=town.anna.official_id
        )
        return found.id if found else None


async def test_a_swipe_finds_its_question_among_many(town: Town, arrive: Arrive) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    one, other = await ask(town, first, 71), await ask(town, second, 72)
    assert await replied_to(town, 71) == one
    assert await replied_to(town, 72) == other
    assert await replied_to(town, 73) is None
    async with town.database.writing() as session:
        await session.execute(update(Card).where(Card.incident_id == first).values(message_id=50))
    assert await replied_to(town, 50) == one  # the card stands for the question about it


async def test_words_without_a_swipe_are_meant_for_the_only_question(town: Town, arrive: Arrive) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    assert await only(town) is None
    await ask(town, first, None)
    assert await only(town) is None  # it has not reached the chat
    one = await ask(town, first, 71)
    assert await only(town) == one
    again = await ask(town, first, 72)
    assert await only(town) == again  # pressed twice, asked once
    await ask(town, second, 73)
    assert await only(town) is None


async def test_a_question_about_what_is_done_or_gone_catches_no_words(town: Town, arrive: Arrive) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    await ask(town, first, 71)
    await send(town, await draft(town, first))
    one = await ask(town, second, 72)
    assert await only(town) == one
    async with town.database.writing() as session:
        await session.execute(delete(Membership).where(Membership.official_id == town.anna.official_id))
    assert await only(town) is None


async def test_other_questions_are_not_about_who_holds_it(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        prompt = await answering.open_prompt(
            session,
            kind=PromptKind.RETURN_REASON,
            incident_id=number,
            actor=town.anna,
            chat_id=ANNA,
            thread_id=None,
            now=NOON,
            body_id=7,
        )
        prompt.message_id = 71
    assert await only(town) == prompt.id
    assert prompt.context == {"body_id": 7}


async def test_words_of_somebody_who_lost_the_role_are_refused(town: Town, arrive: Arrive) -> None:
    prompt_id = await ask(town, (await arrive()).id, 71)
    stranger = replace(town.anna, bodies=frozenset())
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await answering.write_draft(
                session,
                prompt=await session.get_one(Prompt, prompt_id),
                text="т",
                photos=[],
                actor=stranger,
                thread_id=None,
                now=NOON,
            )


async def test_a_draft_is_discarded_by_its_author_once(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer_id = await draft(town, number)
    for actor, answer, refusal in (
        (town.carol, answer_id, NotYours),
        (town.anna, 99, DraftGone),
        (town.anna, answer_id, None),
        (town.anna, answer_id, DraftGone),
    ):
        async with town.database.writing() as session:
            if refusal is None:
                incident = await answering.discard_draft(session, answer_id=answer, actor=actor, now=NOON)
                assert incident.id == number
            else:
                with pytest.raises(refusal):
                    await answering.discard_draft(session, answer_id=answer, actor=actor, now=NOON)
    async with town.database.reading() as session:
        assert (await session.get_one(Answer, answer_id)).state is AnswerState.SUPERSEDED


async def test_nothing_is_written_while_an_answer_is_on_its_way(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    with pytest.raises(StepNotAllowed):
        await ask(town, number, 71)


async def test_what_a_colleague_who_left_held_may_be_answered_and_taken_by_others(
    town: Town, arrive: Arrive
) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    await accept(town, first)
    await accept(town, second)
    async with town.database.writing() as session:
        await session.execute(update(Official).where(Official.telegram_id == ANNA).values(is_active=False))
    await ask(town, first, 71, town.carol)
    await accept(town, second, town.carol)
    for number in (first, second):
        after = await reload(town, number)
        assert (after.status, after.official_id) == (Status.ACCEPTED, town.carol.official_id)
        assert after.next_look_at == NOON + timedelta(hours=8)
