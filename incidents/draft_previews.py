"""The last looks at drafts: owed to the chat, and retired where a newer draft took their place."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from models import Answer, AnswerState, OutboxKind, OutboxRow, OutboxState, Urgency

_RECENT: Final = 50  # notices of a chat among which a standing preview is looked for


async def retire_previews(session: AsyncSession, incident_id: int, *, chat_id: int, now: datetime) -> None:
    """A preview that stands in the chat with its buttons, of a draft that is replaced, is to say so."""
    drafts = set(
        await session.scalars(
            select(Answer.id).where(Answer.incident_id == incident_id, Answer.state == AnswerState.DRAFT)
        )
    )
    if not drafts:
        return
    told = await session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.chat_id == chat_id,
            OutboxRow.kind == OutboxKind.NOTICE,
            OutboxRow.state == OutboxState.SENT,
            OutboxRow.message_id.is_not(None),
        )
        .order_by(OutboxRow.id.desc())
        .limit(_RECENT)
    )
    shown = {
        row.message_id: (row.payload["answer_id"], row.thread_id)
        for row in told
        if row.payload.get("key") == "preview" and row.payload["answer_id"] in drafts
    }
    for message_id, (answer_id, thread_id) in shown.items():
        outbox.book_notice(
            session,
            "preview",
            chat_id=chat_id,
            thread_id=thread_id,
            now=now,
            urgency=Urgency.EDIT,
            answer_id=answer_id,
            incident_id=incident_id,
            message_id=message_id,
        )


def show_preview(
    session: AsyncSession,
    answer: Answer,
    *,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
    message_id: int | None = None,
) -> None:
    """Owe a last look at the draft; `message_id`: in the place of that message."""
    outbox.book_notice(
        session,
        "preview",
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        urgency=Urgency.ANSWERED_PERSON,
        answer_id=answer.id,
        incident_id=answer.incident_id,
        message_id=message_id,
    )
