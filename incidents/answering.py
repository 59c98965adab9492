"""From «Ответить» to an answer on its way: prompts, drafts, sending, approval."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import AnswerTooLong, DraftGone, EmptyAnswer, NotYours, PromptClosed
from incidents.intake import clean
from incidents.lifecycle import advance
from incidents.moving import load, move
from incidents.people import Actor
from incidents.promises import plan_next_look
from incidents.publishing import book_publications
from incidents.responding import hold
from models import (
    Answer,
    AnswerState,
    Body,
    Card,
    Incident,
    OutboxKind,
    Post,
    Prompt,
    PromptKind,
    Step,
    Urgency,
)


async def open_prompt(
    session: AsyncSession,
    *,
    kind: PromptKind,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
    **context: Any,
) -> Prompt:
    """Owe a question to the chat and remember what its reply will mean. Any number may be open at once."""
    prompt = Prompt(
        kind=kind,
        incident_id=incident_id,
        official_id=actor.official_id,
        chat_id=chat_id,
        context=context,
        created_at=now,
    )
    session.add(prompt)
    await session.flush()
    outbox.book(
        session,
        OutboxKind.PROMPT,
        chat_id=chat_id,
        thread_id=thread_id,
        payload={"prompt_id": prompt.id},
        urgency=Urgency.ANSWERED_PERSON,
        now=now,
    )
    return prompt


async def find_prompt(
    session: AsyncSession, *, chat_id: int, message_id: int, official_id: int
) -> Prompt | None:
    """What a reply to this message answers: a prompt, or a card (then the newest open prompt about it)."""
    prompt: Prompt | None = await session.scalar(
        select(Prompt)
        .where(
            Prompt.chat_id == chat_id,
            Prompt.message_id == message_id,
            Prompt.official_id == official_id,
        )
        .order_by(Prompt.id.desc())
        .limit(1)
    )
    if prompt is not None:
        return prompt
    about_card: Prompt | None = await session.scalar(
        select(Prompt)
        .join(Card, Card.incident_id == Prompt.incident_id)
        .where(
            Card.chat_id == chat_id,
            Card.message_id == message_id,
            Prompt.chat_id == chat_id,
            Prompt.official_id == official_id,
            Prompt.closed_at.is_(None),
        )
        .order_by(Prompt.id.desc())
        .limit(1)
    )
    return about_card


async def only_open_prompt(session: AsyncSession, *, chat_id: int, official_id: int) -> Prompt | None:
    """The person's one open prompt in this chat: words written without a swipe are meant for it."""
    found = list(
        await session.scalars(
            select(Prompt)
            .where(
                Prompt.chat_id == chat_id,
                Prompt.official_id == official_id,
                Prompt.closed_at.is_(None),
                Prompt.message_id.is_not(None),
            )
            .limit(2)
        )
    )
    return found[0] if len(found) == 1 else None


def close_prompt(prompt: Prompt, *, now: datetime) -> None:
    """Raises: PromptClosed: it was answered or withdrawn before."""
    if prompt.closed_at is not None:
        raise PromptClosed
    prompt.closed_at = now


async def ask_for_answer(
    session: AsyncSession,
    *,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Prompt:
    """«Ответить»: the person takes the incident if nobody has, and is asked for the words.

    Raises:
        NoSuchIncident, NotYours, AlreadyTaken, StepNotAllowed.
    """
    incident = await load(session, incident_id)
    await hold(session, incident, actor, now=now)
    await plan_next_look(session, incident, now=now)
    return await open_prompt(
        session,
        kind=PromptKind.ANSWER,
        incident_id=incident_id,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
    )


async def write_draft(
    session: AsyncSession,
    *,
    prompt: Prompt,
    text: str,
    photos: Sequence[str],
    actor: Actor,
    thread_id: int | None,
    now: datetime,
) -> Answer:
    """Keep what was written and owe a preview of it. The prompt is closed; earlier drafts are superseded.

    A draft that cannot be sent as it is (too long, empty) is kept all the same: sending refuses it.

    Raises:
        PromptClosed, NotYours, AlreadyTaken, StepNotAllowed.
    """
    close_prompt(prompt, now=now)
    incident = await load(session, prompt.incident_id)
    await hold(session, incident, actor, now=now)
    await _supersede_drafts(session, incident.id)
    answer = Answer(
        incident_id=incident.id,
        version=await _next_version(session, incident.id),
        state=AnswerState.DRAFT,
        text=clean(text).strip(),
        photos=list(photos),
        official_id=actor.official_id,
        created_at=now,
    )
    session.add(answer)
    await session.flush()
    outbox.book_notice(
        session,
        "preview",
        chat_id=prompt.chat_id,
        thread_id=thread_id,
        now=now,
        urgency=Urgency.ANSWERED_PERSON,
        answer_id=answer.id,
        incident_id=incident.id,
    )
    return answer


async def _supersede_drafts(session: AsyncSession, incident_id: int) -> None:
    await session.execute(
        update(Answer)
        .where(Answer.incident_id == incident_id, Answer.state == AnswerState.DRAFT)
        .values(state=AnswerState.SUPERSEDED)
    )


async def _next_version(session: AsyncSession, incident_id: int) -> int:
    newest: int | None = await session.scalar(
        select(func.max(Answer.version)).where(Answer.incident_id == incident_id)
    )
    return (newest or 0) + 1


async def _own_draft(session: AsyncSession, answer_id: int, actor: Actor) -> Answer:
    answer = await session.get(Answer, answer_id)
    if answer is None or answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if answer.official_id != actor.official_id:
        raise NotYours(holder="")
    return answer


async def send_answer(
    session: AsyncSession,
    *,
    answer_id: int,
    actor: Actor,
    limits: Mapping[str, int],
    now: datetime,
    is_interim: bool = False,
) -> Incident:
    """The last press: to the approver where the body wants one, else on its way to the network.

    `limits`: network → longest answer in characters.

    Raises:
        DraftGone, NotYours, AlreadyTaken, StepNotAllowed, EmptyAnswer, AnswerTooLong.
    """
    answer = await _own_draft(session, answer_id, actor)
    incident = await load(session, answer.incident_id)
    await hold(session, incident, actor, now=now)
    await _check_words(session, answer, incident, limits)
    answer.state = AnswerState.SUBMITTED
    answer.submitted_at = now
    answer.is_interim = is_interim
    body = await session.get_one(Body, incident.body_id)
    if body.needs_approval:
        await move(session, incident, Step.SUBMIT, now=now, by=actor.official_id)
    else:
        answer.approved_at, answer.approved_by = now, actor.official_id
        await move(session, incident, Step.SEND, now=now, by=actor.official_id)
        await book_publications(session, incident, answer, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def _check_words(
    session: AsyncSession, answer: Answer, incident: Incident, limits: Mapping[str, int]
) -> None:
    if not answer.text:
        raise EmptyAnswer
    networks = await session.scalars(select(Post.network).where(Post.incident_id == incident.id).distinct())
    limit = min((limits[network] for network in networks if network in limits), default=None)
    if limit is not None and len(answer.text) > limit:
        raise AnswerTooLong(length=len(answer.text), limit=limit)


async def discard_draft(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Incident:
    """Raises: DraftGone, NotYours."""
    answer = await _own_draft(session, answer_id, actor)
    answer.state = AnswerState.SUPERSEDED
    return await load(session, answer.incident_id)


async def submitted_answer(session: AsyncSession, incident: Incident) -> Answer:
    """The newest answer on its way.

    Raises:
        DraftGone: there is none.
    """
    answer: Answer | None = await session.scalar(
        select(Answer)
        .where(Answer.incident_id == incident.id, Answer.state == AnswerState.SUBMITTED)
        .order_by(Answer.version.desc())
        .limit(1)
    )
    if answer is None:
        raise DraftGone
    return answer


async def approve(session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime) -> Incident:
    """The approver agrees: the answer is on its way.

    Raises:
        NoSuchIncident, NotYours, StepNotAllowed.
    """
    incident = await _to_review(session, incident_id, actor)
    answer = await submitted_answer(session, incident)
    answer.approved_at, answer.approved_by = now, actor.official_id
    await move(session, incident, Step.APPROVE, now=now, by=actor.official_id)
    await book_publications(session, incident, answer, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def send_back(
    session: AsyncSession, *, incident_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """The approver wants other words. The deadline does not move.

    Raises:
        NoSuchIncident, NotYours, StepNotAllowed.
    """
    incident = await _to_review(session, incident_id, actor)
    answer = await submitted_answer(session, incident)
    answer.state = AnswerState.SUPERSEDED
    await move(session, incident, Step.SEND_BACK, now=now, by=actor.official_id, reason=reason)
    await plan_next_look(session, incident, now=now)
    return incident


async def _to_review(session: AsyncSession, incident_id: int, actor: Actor) -> Incident:
    incident = await load(session, incident_id)
    if incident.body_id not in actor.approves:
        raise NotYours(holder="")
    advance(incident.status, Step.APPROVE)  # raises
    return incident
