"""What bot/publication.py has in hand: a publication with all that its call needs, read from rows."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from collectors.contract import Published, Reply
from models import Answer, Post, Publication, PublicationState


@dataclass(frozen=True, slots=True)
class Job:
    """`photos` are Telegram's file ids; `was_sending`: the call may have been made before.

    `edits`: the answer that stands already and gets other words.
    """

    publication_id: int
    attempts: int
    network: str
    was_sending: bool
    reply: Reply
    photos: tuple[str, ...]
    edits: Published | None = None


async def job_of(session: AsyncSession, publication_id: int) -> Job:
    """The publication as it is now."""
    publication = await session.get_one(Publication, publication_id)
    post = await session.get_one(Post, publication.post_id)
    answer = await session.get_one(Answer, publication.answer_id)
    return Job(
        publication_id=publication.id,
        attempts=publication.attempts,
        network=publication.network,
        was_sending=publication.state is PublicationState.SENDING,
        reply=Reply(
            post_id=post.native_id,
            root_id=post.root_id,
            text=answer.text,
            key=publication.key,
            author_name=post.author_name,
        ),
        photos=tuple(answer.photos),
        edits=None
        if publication.edits_id is None
        else Published(publication.native_id or "", publication.url or ""),
    )


async def release_leases(session: AsyncSession) -> None:
    """What a killed publisher held is free again; only the sole publisher may say so."""
    await session.execute(
        update(Publication).where(Publication.leased_until.is_not(None)).values(leased_until=None)
    )
