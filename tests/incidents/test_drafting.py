"""What a person has begun: found again, asked again, dropped, and remembered before the deadline."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from incidents import answering, drafting, interims, publishing
from incidents.control_dates import DateBeyondNorm, NormIsOver
from incidents.errors import DraftGone, NotYours, PromptClosed
from incidents.people import Actor
from incidents.policies import Policy
from models import Answer, AnswerState, Body, Incident, Prompt, PromptKind, Reminder, Status
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, Arrive, Town
from tests.incidents.steps import RULES, accept, draft, look, notices, publish, reload, send
from tests.incidents.test_sweeping import use_policy

HOUR = timedelta(hours=1)


async def ask(
    town: Town,
    number: int | None,
    *,
    kind: PromptKind = PromptKind.ANSWER,
    actor: Actor | None = None,
    now: datetime = NOON,
) -> int:
    async with town.database.writing() as session:
        prompt = await answering.open_prompt(
            session,
            kind=kind,
            incident_id=number,
            actor=actor or town.anna,
            chat_id=ANNA,
            thread_id=None,
            now=now,
        )
        prompt.message_id = 70 + prompt.id
        return prompt.id


async def begun(town: Town, actor: Actor | None = None) -> list[tuple[int | None, str]]:
    async with town.database.reading() as session:
        found = await drafting.in_progress(session, actor or town.anna)
    return [
        (
            one.incident.id if one.incident else None,
            "draft" if one.draft else one.prompt.kind.value if one.prompt else one.reason,
        )
        for one in found
    ]


async def test_everything_begun_is_there_once_the_nearest_deadline_first(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    sent_back, drafted, asked = [(await arrive(number, now=NOON + number * HOUR)).id for number in (2, 3, 4)]
    await send(town, await draft(town, sent_back))
    async with town.database.writing() as session:
        await answering.send_back(
            session, incident_id=sent_back, reason="нет сроков", actor=town.vera, now=NOON
        )
    await draft(town, drafted)
    await ask(town, drafted)  # «Изменить» pressed: the draft stands until the new words come
    await ask(town, asked)
    await ask(town, asked)
    await ask(town, None, kind=PromptKind.TEMPLATE)
    await ask(town, asked, kind=PromptKind.RETURN_REASON)
    assert await begun(town) == [
        (sent_back, "нет сроков"),
        (drafted, "draft"),
        (asked, "return_reason"),
        (asked, "answer"),
        (None, "template"),
    ]
    assert await begun(town, town.carol) == []


async def test_what_went_to_another_body_or_out_is_begun_no_more(town: Town, arrive: Arrive) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    await draft(town, first)
    await ask(town, second)
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(body_id=town.housing))
    assert await begun(town) == []
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(body_id=town.roads))
    await send(town, (await newest(town)).id)
    assert await begun(town) == [(second, "answer")]


async def newest(town: Town) -> Answer:
    async with town.database.reading() as session:
        answer = await session.scalar(select(Answer).order_by(Answer.id.desc()).limit(1))
    assert answer is not None
    return answer


async def test_a_question_is_asked_again_with_all_it_knew(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await accept(town, number)
    async with town.database.writing() as session:
        prompt = await answering.ask_for_answer(
            session,
            incident_id=number,
            actor=town.anna,
            chat_id=ANNA,
            thread_id=None,
            now=NOON,
            photos=["p1"],
        )
    async with town.database.writing() as session:
        again = await drafting.ask_again(
            session, prompt_id=prompt.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        assert (again.kind, again.incident_id, again.context) == (
            PromptKind.ANSWER,
            number,
            {"photos": ["p1"]},
        )
    for prompt_id, actor, refusal in (
        (prompt.id, town.anna, PromptClosed),
        (again.id, town.carol, DraftGone),
        (999, town.anna, DraftGone),
    ):
        with pytest.raises(refusal):
            async with town.database.writing() as session:
                await drafting.ask_again(
                    session, prompt_id=prompt_id, actor=actor, chat_id=ANNA, thread_id=None, now=NOON
                )


async def test_a_dropped_question_goes_with_its_twins_and_no_other(town: Town, arrive: Arrive) -> None:
    first, second = (await arrive(2)).id, (await arrive(3)).id
    one = await ask(town, first)
    await ask(town, first)
    kept = await ask(town, second)
    async with town.database.writing() as session:
        with pytest.raises(DraftGone):
            await drafting.drop_prompt(session, prompt_id=one, actor=town.boris, now=NOON)
        await drafting.drop_prompt(session, prompt_id=one, actor=town.anna, now=NOON)
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Prompt.id).where(Prompt.closed_at.is_(None)))) == [kept]


async def test_a_question_about_no_incident_is_meant_by_words_without_a_swipe(town: Town) -> None:
    prompt = await ask(town, None, kind=PromptKind.TEMPLATE)
    async with town.database.reading() as session:
        found = await answering.only_open_prompt(session, chat_id=ANNA, official_id=town.anna.official_id)
        assert found is not None
        assert found.id == prompt


async def test_photos_stay_with_what_was_sent_back_and_not_with_what_stands(
    town: Town, arrive: Arrive
) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    number = (await arrive()).id
    await send(town, await draft(town, number))
    async with town.database.writing() as session:
        assert await drafting.photos_so_far(session, number, town.anna) == []
        await answering.send_back(session, incident_id=number, reason="нет", actor=town.vera, now=NOON)
        assert await drafting.photos_so_far(session, number, town.anna) == ["f1"]
        assert await drafting.photos_so_far(session, number, town.carol) == []


async def pass_to(town: Town, number: int, moment: datetime) -> None:
    """Let the sweep look whenever it must, until that moment."""
    while (at := (await reload(town, number)).next_look_at) is not None and at <= moment:
        await look(town, number, at)


async def test_a_draft_left_alone_is_spoken_of_once_before_the_deadline(town: Town, arrive: Arrive) -> None:
    await use_policy(town, Policy(name="24", release_after="48h"))
    number = (await arrive()).id
    await draft(town, number)
    await pass_to(town, number, NOON + 20 * HOUR - timedelta(minutes=1))
    assert "draft_waits" not in await notices(town, ANNA)
    await pass_to(town, number, NOON + 20 * HOUR)
    assert (await notices(town, ANNA)).count("draft_waits") == 1
    await pass_to(town, number, NOON + 48 * HOUR)
    assert (await notices(town, ANNA)).count("draft_waits") == 1
    async with town.database.reading() as session:
        codes = set(await session.scalars(select(Reminder.code)))
    assert f"draft:{(await newest(town)).id}" in codes


async def test_a_fresh_draft_is_left_in_peace_for_two_hours(town: Town, arrive: Arrive) -> None:
    await use_policy(town, Policy(name="3", total="3h", first_reaction="1h"))
    number = (await arrive()).id
    await draft(town, number)
    await pass_to(town, number, NOON + timedelta(minutes=119))
    assert "draft_waits" not in await notices(town, ANNA)
    await pass_to(town, number, NOON + 2 * HOUR)
    assert "draft_waits" in await notices(town, ANNA)


async def test_what_was_sent_is_no_draft(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    await pass_to(town, number, NOON + 24 * HOUR)
    assert "draft_waits" not in await notices(town, ANNA)


async def test_the_control_date_is_the_one_that_was_promised(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer_id = await draft(town, number)
    async with town.database.writing() as session:
        with pytest.raises(NotYours):
            await interims.choice(session, answer_id=answer_id, actor=town.carol, now=NOON)
        found = await interims.choice(session, answer_id=answer_id, actor=town.anna, now=NOON)
        assert found.latest == NOON + timedelta(days=7)
        with pytest.raises(DateBeyondNorm):
            await interims.promised(session, found.incident, (NOON + timedelta(days=8)).date(), now=NOON)
        await answering.send_answer(
            session,
            answer_id=answer_id,
            actor=town.anna,
            rules=RULES,
            now=NOON,
            is_interim=True,
            control_on=(NOON + timedelta(days=2)).date(),
        )
    await publish(town)  # an hour later
    after = await reload(town, number)
    control_at = datetime.fromisoformat("2026-03-04T18:00:00+03:00")
    assert (after.status, after.control_at) == (Status.INTERIM, control_at)
    await pass_to(town, number, control_at - 12 * HOUR - timedelta(minutes=1))
    assert "reminder" not in await notices(town, ANNA)
    await pass_to(town, number, control_at - 12 * HOUR)
    assert (await notices(town, ANNA))[-1] == "reminder"
    await look(town, number, control_at)
    assert (await notices(town, ANNA))[-1] == "overdue"


async def test_the_norm_is_counted_from_the_first_interim_answer(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number), is_interim=True)
    await publish(town)
    first = NOON + HOUR
    answer_id = await draft(town, number, "Ещё работаем.")
    async with town.database.writing() as session:
        later = NOON + timedelta(days=3)
        found = await interims.choice(session, answer_id=answer_id, actor=town.anna, now=later)
        assert found.latest == first + timedelta(days=7)
        with pytest.raises(NormIsOver):
            await interims.choice(session, answer_id=answer_id, actor=town.anna, now=found.latest)
        day = found.days[-1]
        await answering.send_answer(
            session,
            answer_id=answer_id,
            actor=town.anna,
            rules=RULES,
            now=later,
            is_interim=True,
            control_on=day,
        )
        for publication in await publishing.claim(session, networks=["vk"], now=later, limit=1):
            await publishing.published(
                session, publication_id=publication, native_id="r", url="https://vk.com/x", now=later
            )
    moved = (await reload(town, number)).control_at
    assert moved is not None
    assert moved.date() == day
    await look(town, number, moved)
    async with town.database.reading() as session:
        codes = set(await session.scalars(select(Reminder.code).where(Reminder.told)))
    assert "final2:overdue" in codes


async def test_a_draft_sent_or_dropped_is_nobodys_to_open(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    answer_id = await draft(town, number)
    async with town.database.writing() as session:
        await session.execute(
            update(Answer).where(Answer.id == answer_id).values(state=AnswerState.SUPERSEDED)
        )
        for wanted in (answer_id, 999):
            with pytest.raises(DraftGone):
                await drafting.own_draft(session, wanted, town.anna)
