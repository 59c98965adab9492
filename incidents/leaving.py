"""A person leaves: their rights end, and nothing they held is forgotten."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.lifecycle import WITH_BODY, allows
from incidents.moving import load_to_change
from incidents.people import Actor, audit
from incidents.promises import plan_next_look
from incidents.responding import release
from models import (
    Body,
    Card,
    CardState,
    ChatState,
    Incident,
    Invitation,
    Membership,
    Official,
    Prompt,
    Step,
)


async def dismiss(
    session: AsyncSession, *, official_id: int, actor: Actor | None, now: datetime
) -> list[int]:
    """End every right of a person; what they held goes back to its body. Returns those incidents.

    A body whose chat was the person's own has none any more, and curators hear of it.

    `actor` None is the operator's shell. The invitations they issued and nobody used are revoked.

    Raises:
        CuratorsOnly: the one who dismisses is no curator.
    """
    if actor is not None:
        actor.must_be_curator()
    official = await session.get_one(Official, official_id)
    official.is_active = False
    await session.execute(delete(Membership).where(Membership.official_id == official.id))
    await session.execute(
        update(Invitation)
        .where(Invitation.created_by == official.id, Invitation.used_at.is_(None))
        .values(revoked_at=now)
    )
    await session.execute(
        update(Prompt)
        .where(Prompt.official_id == official.id, Prompt.closed_at.is_(None))
        .values(closed_at=now)
    )
    await _unbind(session, official, now=now)
    held = await session.scalars(
        select(Incident.id).where(Incident.official_id == official.id).order_by(Incident.id)
    )
    released = [number for number in list(held) if await _release(session, number, official, now=now)]
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id if actor else None,
        chat_id=None,
        action="dismiss",
        outcome="done",
        official_id=official.id,
        released=released,
    )
    return released


async def _unbind(session: AsyncSession, official: Official, *, now: datetime) -> None:
    bodies = list(await session.scalars(select(Body).where(Body.chat_id == official.telegram_id)))
    for body in bodies:
        body.chat_id, body.chat_state, body.chat_title = None, ChatState.NONE, ""
        await outbox.tell_curators(session, "body_unreachable", now=now, body=body.name, error=official.name)
    await session.execute(
        update(Card).where(Card.chat_id == official.telegram_id).values(state=CardState.DISARMED)
    )
    with_them = await session.scalars(
        select(Incident.id)
        .where(Incident.body_id.in_([body.id for body in bodies]), Incident.status.in_(list(WITH_BODY)))
        .order_by(Incident.id)
    )
    for number in list(with_them):
        await outbox.show_to_curators(session, await load_to_change(session, number), now=now)


async def _release(session: AsyncSession, incident_id: int, official: Official, *, now: datetime) -> bool:
    incident = await load_to_change(session, incident_id)
    if not allows(incident.status, Step.RELEASE):
        return False
    await release(session, incident, now=now)
    body = await session.get_one(Body, incident.body_id)
    told = await outbox.tell_body(
        session, "released", body=body, now=now, incident_id=incident.id, name=official.name
    )
    if not told:
        await outbox.show_to_curators(session, incident, now=now)
    await plan_next_look(session, incident, now=now)
    return True
