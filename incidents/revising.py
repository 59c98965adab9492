"""Other words for an answer that stands already: where the network allows, by the program; elsewhere by hand.

The published answer is never touched. A correction is a version of its own (`Answer.revises_id`) with
publications of its own, each of which changes the words of one that stands (`Publication.edits_id`). The
incident's status does not move; its history does. Where a body's answers are approved, corrections are too.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import next_version
from incidents.checking import keep_warnings
from incidents.errors import DraftGone, IncidentError, NotYours, ReasonMissing
from incidents.intake import clean
from incidents.lifecycle import advance
from incidents.moving import load_to_change
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.prompting import close_prompt, open_prompt
from incidents.reviewing import must_review, reviewers
from incidents.revised_publications import (
    UNDER_WAY,
    networks_of_correction,
    put_on_its_way,
    standing_answer,
)
from incidents.wording import Rules, faults
from models import (
    Answer,
    AnswerState,
    Body,
    Incident,
    Prompt,
    PromptKind,
    Publication,
    Step,
    Urgency,
)


class SameWords(IncidentError):
    """The new words are the old ones."""

    text_key = "refused.same_words"


class CorrectionUnderWay(IncidentError):
    """An earlier correction has not reached every post yet, or waits for its approver."""

    text_key = "refused.correction_under_way"


async def ask_for_revision(
    session: AsyncSession,
    *,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Prompt:
    """«Исправить ответ»: the person is asked for the new words.

    Raises:
        NoSuchIncident, NotAllowed, NotYours, StepNotAllowed, NothingStands, CorrectionUnderWay.
    """
    incident = await _revisable(session, incident_id, actor)
    standing = await standing_answer(session, incident.id)
    return await open_prompt(
        session,
        kind=PromptKind.REVISION,
        incident_id=incident.id,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        answer_id=standing.id,
    )


async def _revisable(session: AsyncSession, incident_id: int, actor: Actor) -> Incident:
    incident = await load_to_change(session, incident_id)
    await must_for(session, actor, Permission.REVISE, incident.body_id)
    advance(incident.status, Step.REVISE)  # raises
    under_way = await session.scalar(
        select(Publication.id)
        .where(
            Publication.incident_id == incident.id,
            Publication.edits_id.is_not(None),
            Publication.state.in_(UNDER_WAY),
        )
        .limit(1)
    )
    waits = await session.scalar(
        select(Answer.id)
        .where(
            Answer.incident_id == incident.id,
            Answer.revises_id.is_not(None),
            Answer.state == AnswerState.SUBMITTED,
            Answer.approved_at.is_(None),
        )
        .limit(1)
    )
    if under_way is not None or waits is not None:
        raise CorrectionUnderWay
    return incident


async def write_revision(
    session: AsyncSession, *, prompt: Prompt, text: str, actor: Actor, thread_id: int | None, now: datetime
) -> Answer:
    """Keep the new words as a draft and owe a last look at them. Photos stay as they were.

    Raises:
        PromptClosed, NotYours, StepNotAllowed, NothingStands, SameWords, CorrectionUnderWay.
    """
    close_prompt(prompt, now=now)
    incident = await _revisable(session, prompt.about, actor)
    standing = await standing_answer(session, incident.id)
    words = clean(text).strip()
    if words == standing.text:
        raise SameWords
    await session.execute(
        update(Answer)
        .where(
            Answer.incident_id == incident.id,
            Answer.state == AnswerState.DRAFT,
            Answer.revises_id.is_not(None),
            Answer.official_id == actor.official_id,
        )
        .values(state=AnswerState.SUPERSEDED)
    )
    answer = Answer(
        incident_id=incident.id,
        version=await next_version(session, incident.id),
        state=AnswerState.DRAFT,
        is_interim=standing.is_interim,
        text=words,
        photos=list(standing.photos),
        official_id=actor.official_id,
        control_at=standing.control_at,
        revises_id=standing.id,
        created_at=now,
    )
    session.add(answer)
    await session.flush()
    outbox.book_notice(
        session,
        "revision_preview",
        chat_id=prompt.chat_id,
        thread_id=thread_id,
        now=now,
        urgency=Urgency.ANSWERED_PERSON,
        answer_id=answer.id,
        incident_id=incident.id,
    )
    return answer


async def send_revision(
    session: AsyncSession, *, answer_id: int, actor: Actor, rules: Rules, now: datetime
) -> tuple[Incident, bool]:
    """The last press: to the approver where the body wants one (then True), else on its way to the posts.

    Raises:
        DraftGone, NotYours, StepNotAllowed, NothingStands, CorrectionUnderWay, EmptyAnswer.
        AnswerTooLong, TextRefused: a network where it goes would not take it; the draft is kept.
        PersonalData: nobody has let it through (incidents/overriding.py).
    """
    answer = await _draft(session, answer_id)
    incident = await _revisable(session, answer.incident_id, actor)
    await session.refresh(answer, with_for_update=True)
    if answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if answer.official_id != actor.official_id:
        raise NotYours(holder="")
    for fault in faults(answer.text, await networks_of_correction(session, answer), rules):
        raise fault
    await keep_warnings(session, answer)
    answer.state, answer.submitted_at = AnswerState.SUBMITTED, now
    body = await session.get_one(Body, incident.body_id)
    if not body.needs_approval:
        await put_on_its_way(session, incident, answer, actor=actor, rules=rules, now=now)
        return incident, False
    answer.submitted_at = None  # the card goes on showing what stands
    for chat_id in await reviewers(session, body.id):
        outbox.book_notice(
            session,
            "revision_review",
            chat_id=chat_id,
            now=now,
            answer_id=answer.id,
            incident_id=incident.id,
            name=actor.name,
        )
    return incident, True


async def approve_revision(
    session: AsyncSession, *, answer_id: int, actor: Actor, rules: Rules, now: datetime
) -> Incident:
    """Raises: DraftGone: decided already; NotAllowed, NotYours, StepNotAllowed."""
    incident, answer = await _to_review(session, answer_id, actor)
    await put_on_its_way(session, incident, answer, actor=actor, rules=rules, now=now)
    return incident


async def refuse_revision(
    session: AsyncSession, *, answer_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """What stands goes on standing; its author reads why.

    Raises:
        DraftGone: decided already; NotAllowed, NotYours, StepNotAllowed, ReasonMissing.
    """
    incident, answer = await _to_review(session, answer_id, actor)
    if not reason.strip():
        raise ReasonMissing
    answer.state = AnswerState.SUPERSEDED
    body = await session.get_one(Body, incident.body_id)
    await outbox.tell_body(
        session, "revision_refused", body=body, now=now, incident_id=incident.id, reason=reason.strip()
    )
    return incident


async def drop_revision(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Incident:
    """What stands goes on standing.

    Raises:
        DraftGone, NotYours.
    """
    answer = await _draft(session, answer_id)
    incident = await load_to_change(session, answer.incident_id)
    await session.refresh(answer, with_for_update=True)
    if answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if answer.official_id != actor.official_id:
        raise NotYours(holder="")
    answer.state = AnswerState.SUPERSEDED
    return incident


async def may_review(session: AsyncSession, *, answer_id: int, actor: Actor) -> Incident:
    """Asked before a reason is: nothing is asked that could not be done.

    Raises:
        DraftGone, NotAllowed, NotYours, StepNotAllowed.
    """
    return (await _to_review(session, answer_id, actor))[0]


async def _draft(session: AsyncSession, answer_id: int) -> Answer:
    answer = await session.get(Answer, answer_id)
    if answer is None or answer.revises_id is None:
        raise DraftGone
    return answer


async def _to_review(session: AsyncSession, answer_id: int, actor: Actor) -> tuple[Incident, Answer]:
    answer = await _draft(session, answer_id)
    incident = await load_to_change(session, answer.incident_id)
    await must_review(session, incident, actor)
    advance(incident.status, Step.REVISE)  # raises
    await session.refresh(answer, with_for_update=True)
    if answer.state is not AnswerState.SUBMITTED or answer.approved_at is not None:
        raise DraftGone
    return incident, answer
