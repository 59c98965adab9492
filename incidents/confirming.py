"""Links that people brought, read back in the network: bot/links.py makes the calls.

A person's word has stopped the clock already, and nothing is reopened here: "not found" is also what a network says
of what it hides from us. Who answered and the curators are told, and the card says it.

A row needs no columns of its own for this: its state is `PUBLISHED`, so `attempts` counts how often the network
denied or confirmed it, `error` says what it said last ("" is well), `not_before` when to ask.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.moving import load_to_change
from models import (
    Body,
    Incident,
    Publication,
    PublicationState,
    PublishedHow,
    Status,
)

MOST_ASKED: Final = 2  # a fresh comment is not seen everywhere at once
_ASK_AGAIN: Final = timedelta(minutes=10)
_WATCHED: Final = (Status.ANSWERED, Status.INTERIM, Status.APPROVED)


def is_doubtful(publication: Publication) -> bool:
    """Whether the network does not show what the link promised, asked as often as it is asked."""
    return (
        publication.how is PublishedHow.LINK
        and publication.attempts >= MOST_ASKED
        and bool(publication.error)
    )


async def to_confirm(
    session: AsyncSession, *, networks: Sequence[str], now: datetime, limit: int
) -> list[int]:
    """Publications whose link is due to be read back, by id. Once an incident is closed nobody asks any more."""
    found = await session.scalars(
        select(Publication.id)
        .join(Incident, Incident.id == Publication.incident_id)
        .where(
            Incident.status.in_(_WATCHED),
            Publication.how == PublishedHow.LINK,
            Publication.state == PublicationState.PUBLISHED,
            Publication.native_id.is_not(None),
            Publication.network.in_(networks),
            Publication.attempts < MOST_ASKED,
            or_(Publication.attempts == 0, Publication.error != ""),
            Publication.not_before <= now,
        )
        .order_by(Publication.not_before, Publication.id)
        .limit(limit)
    )
    return list(found)


async def confirmed(
    session: AsyncSession, *, publication_id: int, native_id: str, url: str, now: datetime
) -> None:
    """The answer stands where the link said; the network's own id and address take the place of the pasted ones."""
    publication = await session.get_one(Publication, publication_id)
    incident = await load_to_change(session, publication.incident_id)
    await session.refresh(publication, with_for_update=True)
    publication.attempts, publication.error = publication.attempts + 1, ""
    publication.native_id = native_id[:128] or publication.native_id
    publication.url = url[:500] or publication.url
    await session.flush()
    await outbox.refresh_cards(session, incident, now=now)


async def denied(session: AsyncSession, *, publication_id: int, error: str, now: datetime) -> None:
    """The network does not show it. Asked once more; then the person and the curators hear of it."""
    publication = await session.get_one(Publication, publication_id)
    incident = await load_to_change(session, publication.incident_id)
    await session.refresh(publication, with_for_update=True)
    if publication.attempts and not publication.error:
        return  # confirmed meanwhile
    publication.attempts += 1
    publication.error = error[:500] or "not found"
    publication.not_before = now + _ASK_AGAIN
    await session.flush()
    if publication.attempts != MOST_ASKED:
        return
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if body is not None:
        await outbox.tell_body(
            session, "link_doubtful", body=body, now=now, incident_id=incident.id, url=publication.url
        )
    await outbox.tell_curators(
        session, "link_doubtful", now=now, incident_id=incident.id, url=publication.url
    )
    await outbox.refresh_cards(session, incident, now=now)


async def ask_later(session: AsyncSession, *, publication_id: int, until: datetime) -> None:
    """The network did not answer now: that says nothing of the link."""
    await session.execute(
        update(Publication).where(Publication.id == publication_id).values(not_before=until)
    )
