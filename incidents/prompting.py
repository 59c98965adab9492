"""Prompts: a question to a person as a row, so that a restart loses nothing and any number may be open."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import PromptClosed
from incidents.lifecycle import NEXT
from incidents.people import Actor
from models import Card, Incident, Membership, OutboxKind, Prompt, PromptKind, Role, Status, Step, Urgency

ANSWERABLE = [Status.ASSIGNED, *(before for before, step in NEXT if step is Step.SEND)]


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


async def open_prompts(
    session: AsyncSession, *, official_id: int, chat_id: int | None = None, delivered: bool = False
) -> list[Prompt]:
    """What the person is asked and has not answered, the newest first; in one chat, or anywhere.

    Asked about what is answered or with another body now is asked no more. `delivered`: only what stands in
    the chat already.
    """
    theirs = select(Membership.body_id).where(
        Membership.official_id == official_id,
        Membership.role.in_([Role.OFFICIAL, Role.COORDINATOR]),
    )
    query = (
        select(Prompt)
        .outerjoin(Incident, Incident.id == Prompt.incident_id)
        .where(
            Prompt.official_id == official_id,
            Prompt.closed_at.is_(None),
            or_(
                Prompt.kind != PromptKind.ANSWER,
                Incident.status.in_(ANSWERABLE) & Incident.body_id.in_(theirs),
            ),
        )
        .order_by(Prompt.id.desc())
    )
    if chat_id is not None:
        query = query.where(Prompt.chat_id == chat_id)
    if delivered:
        query = query.where(Prompt.message_id.is_not(None))
    return list(await session.scalars(query))


async def only_open_prompt(session: AsyncSession, *, chat_id: int, official_id: int) -> Prompt | None:
    """The person's one open prompt in this chat: words written without a swipe are meant for it.

    Asked twice the same is asked once.
    """
    found = await open_prompts(session, official_id=official_id, chat_id=chat_id, delivered=True)
    asked = {(prompt.kind, prompt.incident_id) for prompt in found}
    return found[0] if len(asked) == 1 else None


def close_prompt(prompt: Prompt, *, now: datetime) -> None:
    """Raises: PromptClosed: it was answered or withdrawn before."""
    if prompt.closed_at is not None:
        raise PromptClosed
    prompt.closed_at = now
