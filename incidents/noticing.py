"""What an official page wrote under residents' words: our own answer come back, or one given past the bot."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import direct
from incidents.confirming import confirmed
from incidents.publishing import published
from models import Answer, Incident, Post, Publication, PublicationState, PublishedHow

# The answer may stand although nobody has told us so yet.
_OPEN: Final = (
    PublicationState.WAITING,
    PublicationState.SENDING,
    PublicationState.STUCK,
    PublicationState.BY_HAND,
)
# An answer can be stored before the words it answers: within one batch the order is that of the ids.
_LOOKBACK: Final = 2000  # posts
_SKEW: Final = timedelta(minutes=5)  # between the network's clock and ours
_NAME: Final = 4  # words that a network puts before an answer: whom it answers
_TOO_SHORT: Final = 3  # words: fewer are said by many


async def notice_comment(session: AsyncSession, comment: Post, *, now: datetime) -> None:
    """A message of an official page was stored; where it answers an open incident, the clock stops.

    What answers a resident is what stands right under their words: `parent_id`, or the post itself where the
    comment has no other parent.
    """
    asked = await _asked(session, comment)
    if await _is_ours(session, comment, asked, now=now):
        return
    if asked is not None and not asked.is_official:
        await direct.notice(session, comment, asked, now=now)


async def answered_before(session: AsyncSession, asked: Post, *, now: datetime) -> Incident | None:
    """A resident's words were stored after their answer: the incident, answered; None where it is not."""
    # The network is compared below: asked for here, SQLite would take its index and walk through all of it.
    comments = await session.scalars(
        select(Post)
        .where(
            Post.id > asked.id - _LOOKBACK,
            Post.is_official,
            or_(
                Post.parent_id == asked.native_id,
                Post.parent_id.is_(None) & (Post.root_id == asked.native_id),
            ),
        )
        .order_by(Post.posted_at, Post.id)
    )
    for comment in list(comments):
        if comment.network != asked.network or await _published_by_us(session, comment) is not None:
            continue
        incident = await direct.notice(session, comment, asked, now=now)
        if incident is not None:
            return incident
    return None


async def _asked(session: AsyncSession, comment: Post) -> Post | None:
    native_id = comment.parent_id or comment.root_id
    if native_id is None:
        return None
    found: Post | None = await session.scalar(
        select(Post).where(Post.network == comment.network, Post.native_id == native_id)
    )
    return found


async def _is_ours(session: AsyncSession, comment: Post, asked: Post | None, *, now: datetime) -> bool:
    """Whether a publication of ours is meant. One that is not known to have arrived is settled by this."""
    known = await _published_by_us(session, comment)
    if known is not None:
        if known.how is PublishedHow.LINK:
            await confirmed(
                session, publication_id=known.id, native_id=comment.native_id, url=comment.url, now=now
            )
        return True
    meant = await _by_words(session, comment, asked)
    if meant is None:
        return False
    if meant.state is not PublicationState.PUBLISHED:
        by_us = meant.state is PublicationState.SENDING or (
            meant.state is PublicationState.STUCK and meant.attempts > 0
        )
        await published(
            session,
            publication_id=meant.id,
            native_id=comment.native_id,
            url=comment.url,
            how=PublishedHow.PROGRAM if by_us else PublishedHow.NOTICED,
            now=now,
        )
    return True


async def _published_by_us(session: AsyncSession, comment: Post) -> Publication | None:
    found: Publication | None = await session.scalar(
        select(Publication)
        .where(Publication.network == comment.network, Publication.native_id == comment.native_id)
        .limit(1)
    )
    return found


async def _by_words(session: AsyncSession, comment: Post, asked: Post | None) -> Publication | None:
    """The publication of the same words: under the very post; or, still on its way, in the same thread.

    Some networks put an answer to a reply under the comment at the top of its thread.
    """
    if asked is None:
        return None
    here = Post.id == asked.id
    thread = comment.root_id or asked.root_id or asked.native_id
    rows = await session.execute(
        select(Publication, Answer.text, here)
        .join(Post, Post.id == Publication.post_id)
        .join(Answer, Answer.id == Publication.answer_id)
        .where(
            Publication.network == comment.network,
            Publication.state.in_([*_OPEN, PublicationState.PUBLISHED]),
            or_(here, Post.root_id == thread, Post.native_id == thread),
        )
        .order_by(Publication.id)
    )
    same = [(one, is_here) for one, text, is_here in rows if says(comment.text, text)]
    on_their_way = sorted(
        ((not is_here, one.id, one) for one, is_here in same if one.state in _OPEN), key=lambda row: row[:2]
    )
    if on_their_way:
        return on_their_way[0][2]
    return next((one for one, is_here in same if is_here and _just_published(one, comment)), None)


def _just_published(publication: Publication, comment: Post) -> bool:
    """Whether the comment may be what we published, under another spelling of its id; not a later repetition."""
    at = publication.published_at
    return publication.how is PublishedHow.PROGRAM and at is not None and comment.posted_at <= at + _SKEW


def says(found: str, ours: str) -> bool:
    """Whether these words are our answer as the network gives it back: perhaps with a name before it.

    Letter case, spaces and punctuation do not count.
    """
    wanted, there = _words(ours), _words(found)
    if len(wanted) < _TOO_SHORT:
        return there == wanted and (bool(wanted) or found.strip() == ours.strip() != "")
    return there[-len(wanted) :] == wanted and len(there) - len(wanted) <= _NAME


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
