"""Sending refuses personal data by itself; who lets it through, why, and what is kept of it."""

import pytest
from sqlalchemy import select

from incidents.answer_checks import Code
from incidents.answering import ask_for_answer, send_answer, write_draft
from incidents.checking import PersonalData
from incidents.errors import NotAllowed, ReasonMissing
from incidents.overriding import NothingToOverride, ask_override, override, refuse_override
from models import Answer, AnswerState, AuditEntry, Prompt, PromptKind
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, Arrive, Town

NAMING = "Жалоба Петровой Анны Ивановны, кв. 5, ответим завтра."


async def a_draft(town: Town, arrive: Arrive, text: str = NAMING, number: int = 2) -> int:
    incident = await arrive(number)
    async with town.database.writing() as session:
        prompt = await ask_for_answer(
            session, incident_id=incident.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        answer = await write_draft(
            session, prompt=prompt, text=text, photos=[], actor=town.anna, thread_id=None, now=NOON
        )
        return answer.id


async def send(town: Town, answer_id: int) -> None:
    async with town.database.writing() as session:
        await send_answer(session, answer_id=answer_id, actor=town.anna, rules={}, now=NOON)


async def answer(town: Town, answer_id: int) -> Answer:
    async with town.database.reading() as session:
        return await session.get_one(Answer, answer_id)


async def test_sending_refuses_and_keeps_the_draft(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    with pytest.raises(PersonalData) as refused:
        await send(town, answer_id)
    assert refused.value.groups == (Code.FLAT, Code.FULL_NAME)
    assert (await answer(town, answer_id)).state is AnswerState.DRAFT


async def test_let_through_by_name_it_goes_out_with_its_warnings(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    async with town.database.writing() as session:
        await override(session, answer_id=answer_id, reason=" так\nнадо ", actor=town.vera, now=NOON)
    await send(town, answer_id)
    sent = await answer(town, answer_id)
    assert (sent.state, sent.override_by) == (AnswerState.SUBMITTED, town.vera.official_id)
    assert (sent.override_reason, sent.warnings) == ("так надо", ["flat", "full_name"])
    async with town.database.reading() as session:
        kept = await session.scalar(select(AuditEntry).where(AuditEntry.action == "override"))
    assert kept is not None
    assert NAMING not in str(kept.details)


async def test_an_official_lets_nothing_through(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    async with town.database.writing() as session:
        with pytest.raises(NotAllowed):
            await override(session, answer_id=answer_id, reason="надо", actor=town.anna, now=NOON)
        with pytest.raises(NotAllowed):
            await refuse_override(session, answer_id=answer_id, actor=town.boris, now=NOON)
        with pytest.raises(NotAllowed):
            await ask_override(
                session, answer_id=answer_id, actor=town.boris, chat_id=ANNA, thread_id=None, now=NOON
            )


async def test_a_reason_is_wanted(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    async with town.database.writing() as session:
        with pytest.raises(ReasonMissing):
            await override(session, answer_id=answer_id, reason=" \n ", actor=town.vera, now=NOON)


async def test_who_may_is_asked_why_and_who_may_not_asks_them(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    async with town.database.writing() as session:
        others = await ask_override(
            session, answer_id=answer_id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        nobody = await ask_override(
            session, answer_id=answer_id, actor=town.vera, chat_id=ANNA, thread_id=None, now=NOON
        )
        assert (others, nobody) == (1, 0)
        asked = await session.scalar(select(Prompt).where(Prompt.kind == PromptKind.OVERRIDE))
    assert asked is not None
    assert asked.official_id == town.vera.official_id


async def test_twice_is_once(town: Town, arrive: Arrive) -> None:
    answer_id = await a_draft(town, arrive)
    async with town.database.writing() as session:
        await override(session, answer_id=answer_id, reason="надо", actor=town.vera, now=NOON)
        with pytest.raises(NothingToOverride):
            await override(session, answer_id=answer_id, reason="надо", actor=town.vera, now=NOON)


async def test_the_bodys_last_answers_are_looked_at(town: Town, arrive: Arrive) -> None:
    text = "Улицу чистим по ночам, трактор прошёл в три часа, тротуар дочистили вручную утром, следующая уборка завтра."
    await send(town, await a_draft(town, arrive, text))
    second = await a_draft(town, arrive, text, number=3)
    await send(town, second)
    assert "template_copy" in (await answer(town, second)).warnings
