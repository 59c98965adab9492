"""Which question somebody's words answer: by swipe, by the card, or because only one question is open."""

from datetime import datetime, timedelta
from typing import Final

from aiogram.types import Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.telling import Spot
from handlers.times import Reader
from incidents.answering import find_prompt, only_open_prompt
from incidents.drafting import drop_prompt, with_signature
from incidents.errors import (
    AlreadyTaken,
    IncidentError,
    NoSuchIncident,
    NotAllowed,
    NotYours,
    PromptClosed,
    StepNotAllowed,
)
from incidents.first import GivenBack
from incidents.people import Actor
from models import (
    Answer,
    AnswerState,
    Body,
    Incident,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Prompt,
    PromptKind,
)

# After these no other words would help: the question is withdrawn, so that it does not catch the next ones.
_HOPELESS: Final = (AlreadyTaken, GivenBack, NoSuchIncident, NotAllowed, NotYours, StepNotAllowed)
_RECENT: Final = 10
_CANCEL: Final = frozenset({"отмена", "отменить", "cancel"})
# The photos of an album come as messages of their own, a moment after one another.
_ALBUM_PAUSE: Final = timedelta(seconds=1)


def swiped(message: Message) -> Message | None:
    """The message replied to. In a topic every message "replies" to the one that opened the topic: that is none."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created is not None else replied


async def meant_by(session: AsyncSession, message: Message, actor: Actor) -> Prompt | None:
    """The question these words answer, open or closed; None where it cannot be told."""
    replied = swiped(message)
    if replied is not None:
        return await find_prompt(
            session,
            chat_id=message.chat.id,
            message_id=replied.message_id,
            official_id=actor.official_id,
        )
    if message.chat.type != "private":
        return None
    return await only_open_prompt(session, chat_id=message.chat.id, official_id=actor.official_id)


def is_cancel(message: Message) -> bool:
    """Whether the person takes a question back in words instead of answering it."""
    return (message.text or "").strip(" .!").casefold() in _CANCEL


async def cancel_meant(
    session: AsyncSession, message: Message, spot: Spot, actor: Actor, reader: Reader
) -> str:
    """Withdraw the question these words are meant for; the words to say."""
    prompt = await meant_by(session, message, actor)
    if prompt is not None and prompt.closed_at is None:
        await drop_prompt(session, prompt_id=prompt.id, actor=actor, now=reader.now)
        if prompt.incident_id is None:
            return reader.words("cancelled")
        return reader.words("drafts.cancelled", number=prompt.incident_id)
    if prompt is None and await has_open(session, spot, actor):
        return reader.words("drafts.cancel_which")
    return reader.words("no_question")


async def asked_of_another(session: AsyncSession, message: Message, actor: Actor) -> bool:
    """Whether the message replied to is a question to a colleague."""
    replied = swiped(message)
    if replied is None:
        return False
    found = await session.scalar(
        select(Prompt.id).where(
            Prompt.chat_id == message.chat.id,
            Prompt.message_id == replied.message_id,
            Prompt.official_id != actor.official_id,
        )
    )
    return found is not None


async def has_open(session: AsyncSession, spot: Spot, actor: Actor) -> bool:
    """Whether the person owes any answer in this chat."""
    found = await session.scalar(
        select(Prompt.id)
        .where(
            Prompt.chat_id == spot.chat_id,
            Prompt.official_id == actor.official_id,
            Prompt.closed_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


async def withdraw_hopeless(
    session: AsyncSession, message: Message, actor: Actor, refusal: IncidentError, *, now: datetime
) -> None:
    """Close the question these words were meant for, if what it asks for can never be done."""
    if not isinstance(refusal, _HOPELESS):
        return
    prompt = await meant_by(session, message, actor)
    if prompt is not None and prompt.closed_at is None:
        prompt.closed_at = now


def remember(prompt: Prompt, message: Message, answer: Answer) -> None:
    """Which message became the draft: its later edits and the rest of its album are known by this."""
    prompt.context = {
        **prompt.context,
        "answer_id": answer.id,
        "message_id": message.message_id,
        "album": message.media_group_id,
    }


async def draft_of(
    session: AsyncSession, spot: Spot, actor: Actor, *, key: str, value: int | str | None
) -> Answer | None:
    """The answer that a message (`key` "message_id") or an album (`key` "album") became, in whatever state."""
    recent = await session.scalars(
        select(Prompt)
        .where(
            Prompt.chat_id == spot.chat_id,
            Prompt.official_id == actor.official_id,
            Prompt.kind == PromptKind.ANSWER,
        )
        .order_by(Prompt.id.desc())
        .limit(_RECENT)
    )
    for prompt in recent:
        if value is not None and prompt.context.get(key) == value:
            return await session.get(Answer, prompt.context["answer_id"])
    return None


async def join_album(
    session: AsyncSession, message: Message, spot: Spot, actor: Actor, *, now: datetime
) -> bool:
    """Add a later photo of an album to the draft its first photo became. False: it belongs to no draft.

    Raises:
        PromptClosed: the draft was sent or dropped meanwhile.
    """
    answer = await draft_of(session, spot, actor, key="album", value=message.media_group_id)
    if answer is None or not message.photo:
        return False
    if answer.state is not AnswerState.DRAFT:
        raise PromptClosed
    answer.photos = [*answer.photos, message.photo[-1].file_id]
    if not answer.text and message.caption:
        answer.text = with_signature(message.caption.strip(), await signature_of(session, answer))
    await show_preview_later(session, spot, answer, now=now)
    return True


async def signature_of(session: AsyncSession, answer: Answer) -> str:
    """How the body that has the incident ends its answers."""
    found: str | None = await session.scalar(
        select(Body.signature)
        .join(Incident, Incident.body_id == Body.id)
        .where(Incident.id == answer.incident_id)
    )
    return found or ""


async def show_preview_later(session: AsyncSession, spot: Spot, answer: Answer, *, now: datetime) -> None:
    """Let the preview wait for the rest of the album."""
    waiting = await session.scalars(
        select(OutboxRow).where(
            OutboxRow.chat_id == spot.chat_id,
            OutboxRow.kind == OutboxKind.NOTICE,
            OutboxRow.state == OutboxState.WAITING,
        )
    )
    for row in waiting:
        if row.payload.get("key") == "preview" and row.payload.get("answer_id") == answer.id:
            row.not_before = now + _ALBUM_PAUSE
