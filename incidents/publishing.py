"""The way of an answer to its posts: at most once each. bot/publication.py makes the calls."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import submitted_answer
from incidents.errors import StepNotAllowed
from incidents.lifecycle import advance
from incidents.links import LONGEST
from incidents.moving import load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import plan_next_look, policy_of
from incidents.revised_publications import correction_failed
from models import (
    Answer,
    Body,
    Incident,
    Publication,
    PublicationState,
    PublishedHow,
    Status,
    Step,
)

LEASE = timedelta(minutes=2)
_LONGEST_ID = 128  # characters: the column's
_OURS = frozenset({PublicationState.WAITING, PublicationState.SENDING})  # the program is at it
_A_PERSONS = frozenset({PublicationState.BY_HAND, PublicationState.STUCK})


class NotWantedAnyMore(Exception):
    """The publication was settled or taken back meanwhile: the call must not be made."""


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
    """Committed before the call goes out: after a crash nobody may believe it was never made.

    Raises:
        NotWantedAnyMore: the call must not be made.
    """
    marked = await session.execute(
        update(Publication)
        .where(Publication.id == publication_id, Publication.state.in_(_OURS))
        .values(state=PublicationState.SENDING, attempts=Publication.attempts + 1)
        .returning(Publication.id)
    )
    if marked.scalar_one_or_none() is None:
        raise NotWantedAnyMore(publication_id)


async def _to_settle(session: AsyncSession, publication_id: int) -> tuple[Publication, Incident]:
    """The publication and its incident as they are now, the incident first: in one order for everybody."""
    publication = await session.get_one(Publication, publication_id)
    incident = await load_to_change(session, publication.incident_id)
    await session.refresh(publication, with_for_update=True)
    return publication, incident


async def published(
    session: AsyncSession,
    *,
    publication_id: int,
    native_id: str,
    url: str,
    now: datetime,
    how: PublishedHow = PublishedHow.PROGRAM,
    photos_left_out: bool = False,
) -> None:
    """The answer stands under the post. What a person brought the link to is still to be confirmed.

    `photos_left_out`: Telegram did not give the photos, so it stands there without them; the body hears of it.
    """
    publication, incident = await _to_settle(session, publication_id)
    if publication.state is PublicationState.PUBLISHED:
        return
    publication.state = PublicationState.PUBLISHED
    publication.how = how
    publication.native_id, publication.url = native_id[:_LONGEST_ID] or None, url[:LONGEST]
    publication.published_at = now
    publication.leased_until, publication.error = None, ""
    if how is PublishedHow.LINK:  # as incidents/confirming.py counts
        publication.attempts, publication.not_before = 0, now
    await session.flush()
    if publication.edits_id is not None:
        await outbox.refresh_cards(session, incident, now=now)
        return
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if photos_left_out and body is not None:
        about: dict[str, Any] = {"incident_id": incident.id, "error": publication.url or ""}
        await outbox.tell_body(session, "photos_left_out", body=body, now=now, **about)
    await _settle(session, incident, publication, now=now)


async def put_off(
    session: AsyncSession, *, publication_id: int, until: datetime, error: str, maybe_done: bool
) -> None:
    """Not now. Where the call may have taken effect it stays `SENDING`, to be read back first.

    What was settled meanwhile is left alone: a late word must not make it be published twice.
    """
    await session.execute(
        update(Publication)
        .where(Publication.id == publication_id, Publication.state.in_(_OURS))
        .values(
            state=PublicationState.SENDING if maybe_done else PublicationState.WAITING,
            not_before=until,
            leased_until=None,
            error=error[:500],
        )
    )


async def give_up(
    session: AsyncSession,
    *,
    publication_id: int,
    state: PublicationState,
    error: str,
    now: datetime,
) -> None:
    """It cannot be published by us: refused, gone, a person's, or not to be reconciled. The official hears of it."""
    publication, incident = await _to_settle(session, publication_id)
    if publication.state not in _OURS:
        return
    publication.state = state
    publication.error = error[:500]
    publication.leased_until = None
    if publication.edits_id is not None:
        await correction_failed(session, incident, publication, state=state, now=now)
        return
    await session.flush()
    key = f"publication_{state.value}"
    about: dict[str, Any] = {"incident_id": incident.id, "error": publication.error}
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    told = body is not None and await outbox.tell_body(session, key, body=body, now=now, **about)
    if not told or state is PublicationState.STUCK:
        await outbox.tell_curators(session, key, now=now, **about)
    await _settle(session, incident, publication, now=now)


async def _settle(
    session: AsyncSession, incident: Incident, publication: Publication, *, now: datetime
) -> None:
    """Once nothing is on its way any more, the incident moves on, in the same transaction."""
    if incident.status is not Status.APPROVED:
        return
    answer = await session.get_one(Answer, publication.answer_id)
    found = await session.execute(
        select(Publication.state, Publication.error).where(Publication.answer_id == answer.id)
    )
    states = {state: error for state, error in found}  # noqa: C416 - rows are no pairs to mypy
    stands = PublicationState.PUBLISHED in states
    refused = PublicationState.REFUSED in states and not stands
    if states.keys() & _OURS or (states.keys() & _A_PERSONS and not refused):
        await outbox.refresh_cards(session, incident, now=now)
        return
    if stands:
        await _stop_clock(session, incident, answer, now=now)
    elif refused:
        # Other words are wanted before anybody publishes these by hand elsewhere.
        await _withdraw(session, answer, _A_PERSONS)
        reason = states[PublicationState.REFUSED]
        await move(session, incident, Step.TAKE_BACK, now=now, by=None, reason=reason)
    else:
        await outbox.disarm_cards(session, incident)
        await move(session, incident, Step.LOSE_SOURCE, now=now, by=None, reason=publication.error)
    await plan_next_look(session, incident, now=now)


async def _withdraw(session: AsyncSession, answer: Answer, states: AbstractSet[PublicationState]) -> None:
    await session.execute(
        update(Publication)
        .where(Publication.answer_id == answer.id, Publication.state.in_(states))
        .values(state=PublicationState.TAKEN_BACK, leased_until=None)
    )


async def take_back(
    session: AsyncSession, *, incident_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """Withdraw an answer from where it does not stand yet: other words are wanted, or it can never be there.

    What was stuck counts as not published: the person has looked. Where the answer stands under some posts
    already, only the rest is given up and the incident is answered.

    Raises:
        NoSuchIncident, NotYours.
        StepNotAllowed: no answer waits for publication, or a call may be under way.
    """
    incident = await load_to_change(session, incident_id)
    await must_for(session, actor, Permission.PUBLISH_BY_HAND, incident.body_id)
    advance(incident.status, Step.TAKE_BACK)  # raises
    answer = await submitted_answer(session, incident)
    states = set(
        await session.scalars(
            select(Publication.state).where(Publication.answer_id == answer.id).with_for_update()
        )
    )
    if PublicationState.SENDING in states:
        raise StepNotAllowed(step=Step.TAKE_BACK, status=incident.status)
    await _withdraw(session, answer, _OURS | _A_PERSONS)
    if PublicationState.PUBLISHED in states:
        await _stop_clock(session, incident, answer, now=now)
    else:
        await move(session, incident, Step.TAKE_BACK, now=now, by=actor.official_id, reason=reason.strip())
    await plan_next_look(session, incident, now=now)
    return incident


async def _stop_clock(session: AsyncSession, incident: Incident, answer: Answer, *, now: datetime) -> None:
    if answer.is_interim:
        policy = await policy_of(session, incident)
        # Without a date of its own a second interim answer is welcome, but it buys no more time.
        incident.control_at = answer.control_at or incident.control_at or policy.interim_until(now)
        await move(session, incident, Step.PUBLISH_INTERIM, now=now, by=None)
    else:
        incident.answered_at = now
        await move(session, incident, Step.PUBLISH, now=now, by=None)
