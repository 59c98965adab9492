"""From «Ответить» to an answer on its way: prompts, drafts, sending, approval."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import book_publications, next_version, supersede_drafts
from incidents.errors import DraftGone, NotYours, PromptClosed
from incidents.intake import clean
from incidents.lifecycle import NEXT
from incidents.moving import load_to_change, move
from incidents.people import Actor
from incidents.promises import plan_next_look
from incidents.responding import hold
from incidents.reviewing import approve, ask_for_review, send_back
from incidents.wording import Rules, faults, networks_of
from models import (
    Answer,
    AnswerState,
    Body,
    Card,
    Incident,
    Membership,
    OutboxKind,
    Prompt,
    PromptKind,
    Role,
    Status,
    Step,
    Urgency,
)

__all__ = [
    "approve",
    "ask_for_answer",
    "close_prompt",
    "discard_draft",
    "find_prompt",
    "only_open_prompt",
    "open_prompt",
    "photos_of_draft",
    "send_answer",
    "send_back",
    "write_draft",
]

_ANSWERABLE = [Status.ASSIGNED, *(before for before, step in NEXT if step is Step.SEND)]


async def open_prompt(
    session: AsyncSession,
    *,
    kind: PromptKind,
    incident_id: int | None,
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
    """The person's one open prompt in this chat: words written without a swipe are meant for it.

    Asked twice the same is asked once; asked about what is answered or with another body now, not at all.
    """
    theirs = select(Membership.body_id).where(
        Membership.official_id == official_id, Membership.role == Role.OFFICIAL
    )
    found = list(
        await session.scalars(
            select(Prompt)
            .join(Incident, Incident.id == Prompt.incident_id)
            .where(
                Prompt.chat_id == chat_id,
                Prompt.official_id == official_id,
                Prompt.closed_at.is_(None),
                Prompt.message_id.is_not(None),
                or_(
                    Prompt.kind != PromptKind.ANSWER,
                    Incident.status.in_(_ANSWERABLE) & Incident.body_id.in_(theirs),
                ),
            )
            .order_by(Prompt.id.desc())
        )
    )
    asked = {(prompt.kind, prompt.incident_id) for prompt in found}
    return found[0] if len(asked) == 1 else None


def close_prompt(prompt: Prompt, *, now: datetime) -> None:
    """Raises: PromptClosed: it was answered or withdrawn before."""
    if prompt.closed_at is not None:
        raise PromptClosed
    prompt.closed_at = now


async def photos_of_draft(session: AsyncSession, incident_id: int, actor: Actor) -> list[str]:
    """The photos of the person's newest draft about this incident."""
    found: list[str] | None = await session.scalar(
        select(Answer.photos)
        .where(
            Answer.incident_id == incident_id,
            Answer.official_id == actor.official_id,
            Answer.state == AnswerState.DRAFT,
        )
        .order_by(Answer.version.desc())
        .limit(1)
    )
    return list(found or ())


async def ask_for_answer(
    session: AsyncSession,
    *,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
    photos: Sequence[str] = (),
) -> Prompt:
    """«Ответить»: the person takes the incident if nobody has, and is asked for the words.

    `photos` go with the new words unless other photos come with them.

    Raises:
        NoSuchIncident, NotYours, AlreadyTaken, StepNotAllowed.
    """
    incident = await load_to_change(session, incident_id)
    await hold(session, incident, actor, now=now)
    prompt = await open_prompt(
        session,
        kind=PromptKind.ANSWER,
        incident_id=incident_id,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        **({"photos": list(photos)} if photos else {}),
    )
    await plan_next_look(session, incident, now=now)
    return prompt


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
    incident = await load_to_change(session, prompt.about)
    await hold(session, incident, actor, now=now)
    await supersede_drafts(session, incident.id)
    answer = Answer(
        incident_id=incident.id,
        version=await next_version(session, incident.id),
        state=AnswerState.DRAFT,
        text=clean(text).strip(),
        photos=list(photos) or list(prompt.context.get("photos", ())),
        official_id=actor.official_id,
        created_at=now,
    )
    session.add(answer)
    await session.flush()
    await plan_next_look(session, incident, now=now)
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


async def _own_draft(session: AsyncSession, answer_id: int, actor: Actor) -> tuple[Answer, Incident]:
    answer = await session.get(Answer, answer_id)
    if answer is None:
        raise DraftGone
    incident = await load_to_change(session, answer.incident_id)
    await session.refresh(answer)
    if answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if answer.official_id != actor.official_id:
        raise NotYours(holder="")
    return answer, incident


async def send_answer(
    session: AsyncSession,
    *,
    answer_id: int,
    actor: Actor,
    rules: Rules,
    now: datetime,
    is_interim: bool = False,
) -> Incident:
    """The last press: to the approver where the body wants one, else on its way to the network.

    `rules`: what each network wants of the words.

    Raises:
        DraftGone, NotYours, AlreadyTaken, StepNotAllowed, EmptyAnswer.
        AnswerTooLong, TextRefused: a network where it goes would not take it; the draft is kept.
    """
    answer, incident = await _own_draft(session, answer_id, actor)
    await hold(session, incident, actor, now=now)
    for fault in faults(answer.text, await networks_of(session, incident.id), rules):
        raise fault
    answer.state = AnswerState.SUBMITTED
    answer.submitted_at = now
    answer.is_interim = is_interim
    body = await session.get_one(Body, incident.body_id)
    if body.needs_approval:
        await move(session, incident, Step.SUBMIT, now=now, by=actor.official_id)
        await ask_for_review(session, incident, body, now=now)
    else:
        answer.approved_at, answer.approved_by = now, actor.official_id
        await move(session, incident, Step.SEND, now=now, by=actor.official_id)
        await book_publications(session, incident, answer, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def discard_draft(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Incident:
    """Raises: DraftGone, NotYours."""
    answer, incident = await _own_draft(session, answer_id, actor)
    answer.state = AnswerState.SUPERSEDED
    return incident
