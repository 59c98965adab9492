"""The way of an answer to its posts: at most once each. bot/publication.py makes the calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import BadLink, NotYours
from incidents.moving import load, move
from incidents.people import Actor
from incidents.promises import plan_next_look, policy_of
from models import (
    Answer,
    Body,
    Incident,
    Post,
    Publication,
    PublicationState,
    ReplyCapability,
    Status,
    Step,
)

LEASE = timedelta(minutes=2)
_LONGEST_LINK = 500  # characters: the column's
_UNSETTLED = (
    PublicationState.WAITING,
    PublicationState.SENDING,
    PublicationState.BY_HAND,
    PublicationState.STUCK,
)


async def book_publications(
    session: AsyncSession, incident: Incident, answer: Answer, *, now: datetime
) -> None:
    """One publication under each post of the incident; by hand where the network lets nobody else answer.

    Also called when posts join an incident whose answer is on its way: the missing ones are added.
    """
    posts = list(await session.scalars(select(Post).where(Post.incident_id == incident.id)))
    booked = set(await session.scalars(select(Publication.post_id).where(Publication.answer_id == answer.id)))
    for post in posts:
        if post.id in booked:
            continue
        by_api = post.reply_capability is ReplyCapability.API
        session.add(
            Publication(
                incident_id=incident.id,
                answer_id=answer.id,
                post_id=post.id,
                network=post.network,
                state=PublicationState.WAITING if by_api else PublicationState.BY_HAND,
                key=f"otklik-{answer.id}-{post.id}",
                not_before=now,
            )
        )
    await session.flush()


async def claim(session: AsyncSession, *, networks: Sequence[str], now: datetime, limit: int) -> list[int]:
    """Lease publications that are due, for `LEASE`. One in `SENDING` was cut short: read back first."""
    query = (
        select(Publication)
        .where(
            Publication.state.in_([PublicationState.WAITING, PublicationState.SENDING]),
            Publication.network.in_(networks),
            Publication.not_before <= now,
            or_(Publication.leased_until.is_(None), Publication.leased_until < now),
        )
        .order_by(Publication.not_before, Publication.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(query))
    for row in rows:
        row.leased_until = now + LEASE
    return [row.id for row in rows]


async def mark_sending(session: AsyncSession, publication_id: int) -> None:
    """Committed before the call goes out: after a crash nobody may believe it was never made."""
    publication = await session.get_one(Publication, publication_id)
    publication.state = PublicationState.SENDING
    publication.attempts += 1


async def published(
    session: AsyncSession, *, publication_id: int, native_id: str, url: str, now: datetime
) -> None:
    """The answer stands under the post."""
    publication = await session.get_one(Publication, publication_id)
    if publication.state is PublicationState.PUBLISHED:
        return
    publication.state = PublicationState.PUBLISHED
    publication.native_id, publication.url = native_id, url
    publication.published_at = now
    publication.leased_until, publication.error = None, ""
    await session.flush()
    await _settle(session, publication, now=now)


async def put_off(
    session: AsyncSession, *, publication_id: int, until: datetime, error: str, maybe_done: bool
) -> None:
    """Not now. Where the call may have taken effect it stays `SENDING`, to be read back first."""
    publication = await session.get_one(Publication, publication_id)
    publication.state = PublicationState.SENDING if maybe_done else PublicationState.WAITING
    publication.not_before = until
    publication.leased_until = None
    publication.error = error[:500]


async def give_up(
    session: AsyncSession,
    *,
    publication_id: int,
    state: PublicationState,
    error: str,
    now: datetime,
) -> None:
    """It cannot be published by us: refused, gone, or not to be reconciled. The official hears of it."""
    publication = await session.get_one(Publication, publication_id)
    publication.state = state
    publication.error = error[:500]
    publication.leased_until = None
    await session.flush()
    incident = await load(session, publication.incident_id)
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if body is not None:
        await outbox.tell_body(
            session,
            f"publication_{state.value}",
            body=body,
            now=now,
            incident_id=incident.id,
            error=publication.error,
        )
    if state is PublicationState.STUCK:
        await outbox.tell_curators(
            session, "publication_stuck", now=now, incident_id=incident.id, error=publication.error
        )
    await _settle(session, publication, now=now)


async def _settle(session: AsyncSession, publication: Publication, *, now: datetime) -> None:
    """Once nothing is on its way any more, the incident moves on, in the same transaction."""
    incident = await load(session, publication.incident_id)
    if incident.status is not Status.APPROVED:
        return
    states = set(
        await session.scalars(select(Publication.state).where(Publication.answer_id == publication.answer_id))
    )
    if states & set(_UNSETTLED):
        await outbox.refresh_cards(session, incident, now=now)
        return
    answer = await session.get_one(Answer, publication.answer_id)
    if PublicationState.PUBLISHED in states:
        await _stop_clock(session, incident, answer, now=now)
    elif PublicationState.REFUSED in states:
        await move(session, incident, Step.TAKE_BACK, now=now, by=None, reason=publication.error)
    else:
        await outbox.disarm_cards(session, incident)
        await move(session, incident, Step.LOSE_SOURCE, now=now, by=None, reason=publication.error)
    await plan_next_look(session, incident, now=now)


async def _stop_clock(session: AsyncSession, incident: Incident, answer: Answer, *, now: datetime) -> None:
    if answer.is_interim:
        policy = await policy_of(session, incident)
        incident.control_at = policy.interim_until(now)
        await move(session, incident, Step.PUBLISH_INTERIM, now=now, by=None)
    else:
        incident.answered_at = now
        await move(session, incident, Step.PUBLISH, now=now, by=None)


async def published_by_hand(
    session: AsyncSession, *, incident_id: int, link: str, actor: Actor, now: datetime
) -> Incident:
    """The official answered in the network and brings the link: the clock stops.

    Raises:
        NoSuchIncident, NotYours.
        BadLink: not an http(s) address, or nothing waits to be published by hand.
    """
    incident = await load(session, incident_id)
    if incident.body_id not in actor.bodies and not actor.is_curator:
        raise NotYours(holder="")
    if not link.startswith(("https://", "http://")) or len(link) > _LONGEST_LINK or len(link.split()) != 1:
        raise BadLink
    waiting = list(
        await session.scalars(
            select(Publication).where(
                Publication.incident_id == incident.id,
                Publication.state.in_([PublicationState.BY_HAND, PublicationState.STUCK]),
            )
        )
    )
    if not waiting:
        raise BadLink
    for publication in waiting:
        await published(session, publication_id=publication.id, native_id="", url=link, now=now)
    return incident
