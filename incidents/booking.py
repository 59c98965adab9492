"""What an answer is owed to: the answer on its way, and one publication under each post."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import DraftGone
from models import Answer, AnswerState, Incident, Post, Publication, PublicationState, ReplyCapability


async def book_publications(
    session: AsyncSession, incident: Incident, answer: Answer, *, now: datetime
) -> None:
    """One publication under each post of the incident; by hand where the network lets nobody else answer.

    Also called when posts join an incident whose answer is on its way: the missing ones are added. A post
    closed to everybody holds up nothing while another can be answered; alone, it waits for the link to an
    answer given elsewhere.
    """
    posts = list(await session.scalars(select(Post).where(Post.incident_id == incident.id)))
    can_answer = any(post.reply_capability is not ReplyCapability.IMPOSSIBLE for post in posts)
    booked = set(await session.scalars(select(Publication.post_id).where(Publication.answer_id == answer.id)))
    for post in posts:
        if post.id in booked:
            continue
        state = PublicationState.BY_HAND
        if post.reply_capability is ReplyCapability.API:
            state = PublicationState.WAITING
        elif post.reply_capability is ReplyCapability.IMPOSSIBLE and can_answer:
            state = PublicationState.GONE
        session.add(
            Publication(
                incident_id=incident.id,
                answer_id=answer.id,
                post_id=post.id,
                network=post.network,
                state=state,
                key=f"otklik-{answer.id}-{post.id}",
                not_before=now,
                error=post.reply_reason if state is PublicationState.GONE else "",
            )
        )
    await session.flush()


async def next_version(session: AsyncSession, incident_id: int) -> int:
    """The number of the incident's next answer."""
    newest: int | None = await session.scalar(
        select(func.max(Answer.version)).where(Answer.incident_id == incident_id)
    )
    return (newest or 0) + 1


async def supersede_drafts(session: AsyncSession, incident_id: int) -> None:
    """No draft of the incident can be sent any more."""
    await session.execute(
        update(Answer)
        .where(Answer.incident_id == incident_id, Answer.state == AnswerState.DRAFT)
        .values(state=AnswerState.SUPERSEDED)
    )


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
