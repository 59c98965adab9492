"""Answers written in the network itself, past the bot: brought as a link, or noticed by a collector.

Both stop the clock by `Step.ANSWER_DIRECTLY` (docs/lifecycle.md says how, and what is withdrawn).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import next_version, submitted_answer, supersede_drafts
from incidents.errors import BadLink
from incidents.lifecycle import advance, allows
from incidents.links import AnswerLinks, Parse, address, answered_posts
from incidents.moving import load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import plan_next_look, start_clock
from incidents.publishing import published
from models import (
    Answer,
    AnswerState,
    Body,
    HistoryEntry,
    Incident,
    Post,
    Publication,
    PublicationState,
    PublishedHow,
    Status,
    Step,
)

_BY_PERSON = (PublicationState.BY_HAND, PublicationState.STUCK)
# What has not left yet: taken back, it never will.
_HELD = (PublicationState.WAITING, *_BY_PERSON)
# What may stand in the network already: a call that is under way cannot be taken back.
_STANDING = (PublicationState.PUBLISHED, PublicationState.SENDING)


@dataclass(frozen=True, slots=True)
class _Given:
    """One answer under one post, as it was found there or told of."""

    post: Post
    native_id: str
    url: str
    at: datetime


async def may_bring_link(session: AsyncSession, *, incident_id: int, actor: Actor) -> Incident:
    """Before a person is asked for the link.

    Raises:
        NoSuchIncident, NotAllowed, NotYours, StepNotAllowed.
    """
    incident = await load_to_change(session, incident_id)
    await must_for(session, actor, Permission.PUBLISH_BY_HAND, incident.body_id)
    advance(incident.status, Step.ANSWER_DIRECTLY)  # raises
    return incident


async def bring_link(
    session: AsyncSession,
    *,
    incident_id: int,
    link: str,
    parse: Parse,
    kinds: Mapping[str, AnswerLinks],
    actor: Actor,
    now: datetime,
) -> tuple[Incident, int]:
    """A person answered in the network and brings the link: their word stops the clock.

    An answer sent through the bot waits for a link under every post where only people publish; without one,
    the link is the answer. Returns the incident, and how many posts still wait for a link of their own.

    Raises:
        NoSuchIncident, NotAllowed, NotYours, StepNotAllowed.
        BadLink: not an http(s) address, or the program itself is publishing.
        LinkElsewhere, LinkToAnother, LinkToQuestion: it is no answer to this incident.
    """
    incident = await may_bring_link(session, incident_id=incident_id, actor=actor)
    url = address(link)
    waiting: dict[int, int] = {}
    if incident.status is Status.APPROVED:
        waiting = await _waiting_for_hands(session, incident)
        if not waiting:
            raise BadLink
    posts = list(
        await session.scalars(select(Post).where(Post.incident_id == incident.id).order_by(Post.posted_at))
    )
    if waiting:
        posts = [post for post in posts if post.id in waiting]
    fitting = answered_posts(posts, url, parse(url), kinds, parse=parse)
    if not fitting:  # an incident without posts
        raise BadLink
    if not waiting:
        post, native_id = fitting[0]
        given = _Given(post, native_id, url, now)
        await _answer_directly(
            session, incident, given, text="", by=actor.official_id, how=PublishedHow.LINK, now=now
        )
        return incident, 0
    for post, native_id in fitting:
        await published(
            session,
            publication_id=waiting.pop(post.id),
            native_id=native_id,
            url=url,
            how=PublishedHow.LINK,
            now=now,
        )
    return incident, len(waiting)


async def _waiting_for_hands(session: AsyncSession, incident: Incident) -> dict[int, int]:
    """Post → the publication a person must make under it."""
    answer = await submitted_answer(session, incident)
    rows = await session.execute(
        select(Publication.post_id, Publication.id).where(
            Publication.answer_id == answer.id, Publication.state.in_(_BY_PERSON)
        )
    )
    return {post_id: publication_id for post_id, publication_id in rows}  # noqa: C416 - rows are no pairs to mypy


async def notice(session: AsyncSession, comment: Post, asked: Post, *, now: datetime) -> Incident | None:
    """An official page answered these words in the network; the answer is not ours. None: nothing changes."""
    incident = await _incident_of(session, asked)
    if incident is None:
        return None
    if incident.status is Status.NEW:
        await start_clock(session, incident, now=now)
        await move(session, incident, Step.REGISTER, now=now, by=None)
    if not allows(incident.status, Step.ANSWER_DIRECTLY) or await _is_older(session, incident, comment):
        await plan_next_look(session, incident, now=now)
        return None
    at = min(max(comment.posted_at, incident.registered_at or now), now)
    given = _Given(asked, comment.native_id, comment.url, at)
    await _answer_directly(
        session, incident, given, text=comment.text, by=None, how=PublishedHow.NOTICED, now=now
    )
    return incident


async def _incident_of(session: AsyncSession, asked: Post) -> Incident | None:
    """The incident of the words as it is now: a curator may be merging it this moment."""
    while asked.incident_id is not None:
        incident = await load_to_change(session, asked.incident_id)
        await session.refresh(asked, ["incident_id"])
        if asked.incident_id == incident.id:
            return incident
    return None


async def _is_older(session: AsyncSession, incident: Incident, comment: Post) -> bool:
    """Whether the incident was reopened after this had been written: then it is what was not enough."""
    reopened_at: datetime | None = await session.scalar(
        select(func.max(HistoryEntry.at)).where(
            HistoryEntry.incident_id == incident.id, HistoryEntry.step == Step.REOPEN
        )
    )
    return reopened_at is not None and comment.posted_at <= reopened_at


async def _answer_directly(
    session: AsyncSession,
    incident: Incident,
    given: _Given,
    *,
    text: str,
    by: int | None,
    how: PublishedHow,
    now: datetime,
) -> None:
    await _withdraw_what_waits(session, incident)
    answer = Answer(
        incident_id=incident.id,
        version=await next_version(session, incident.id),
        state=AnswerState.SUBMITTED,
        text=text,
        photos=[],
        official_id=by,
        created_at=now,
        submitted_at=now,
    )
    session.add(answer)
    await session.flush()
    session.add(
        Publication(
            incident_id=incident.id,
            answer_id=answer.id,
            post_id=given.post.id,
            network=given.post.network,
            state=PublicationState.PUBLISHED,
            how=how,
            key=f"{how.value}-{answer.id}-{given.post.id}",
            not_before=now,
            native_id=given.native_id or None,
            url=given.url,
            published_at=given.at,
        )
    )
    incident.answered_at = given.at
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    await outbox.disarm_cards(session, incident, keep_chat=body.chat_id if body else None, keep_curators=True)
    await move(session, incident, Step.ANSWER_DIRECTLY, now=now, by=by)
    await plan_next_look(session, incident, now=now)
    if how is PublishedHow.NOTICED and body is not None:
        await outbox.tell_body(
            session, "answered_directly", body=body, now=now, incident_id=incident.id, url=given.url
        )


async def _withdraw_what_waits(session: AsyncSession, incident: Incident) -> None:
    """Drafts, an answer on review, publications that have not left. What may stand somewhere stays."""
    await supersede_drafts(session, incident.id)
    await session.execute(
        update(Publication)
        .where(Publication.incident_id == incident.id, Publication.state.in_(_HELD))
        .values(state=PublicationState.TAKEN_BACK, leased_until=None)
    )
    standing = select(Publication.answer_id).where(
        Publication.incident_id == incident.id, Publication.state.in_(_STANDING)
    )
    await session.execute(
        update(Answer)
        .where(
            Answer.incident_id == incident.id,
            Answer.state == AnswerState.SUBMITTED,
            Answer.id.not_in(standing),
        )
        .values(state=AnswerState.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
