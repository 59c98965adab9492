"""A person leaves, the service or only the body's chat: their rights end, and nothing they held is forgotten."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.invitations import revoke_of
from incidents.lifecycle import WITH_BODY, allows
from incidents.moving import load_to_change
from incidents.people import Actor, actor_of, audit
from incidents.promises import plan_next_look
from incidents.responding import release
from incidents.staffing import may_let_go
from models import (
    Body,
    Card,
    CardState,
    ChatState,
    Incident,
    Membership,
    Official,
    OutboxKind,
    Prompt,
    Role,
    Step,
)

_ANSWERING = (Role.OFFICIAL, Role.COORDINATOR)


async def dismiss(
    session: AsyncSession, *, official_id: int, actor: Actor | None, now: datetime
) -> list[int]:
    """End every right of a person; what they held goes back to its body. Returns those incidents.

    A body whose chat was the person's own has none any more, and curators hear of it.

    `actor` None is the operator's shell. The invitations they issued and nobody used are revoked.

    Raises:
        NotAllowed, NotYourBody, NotYourself, MoreThanYours, RoleGone.
    """
    held = list(await session.scalars(select(Membership).where(Membership.official_id == official_id)))
    if actor is not None:
        await may_let_go(session, actor, official_id, held)
    official = await session.get_one(Official, official_id)
    official.is_active = False
    await session.execute(delete(Membership).where(Membership.official_id == official.id))
    await revoke_of(session, official.id, now=now)
    await session.execute(
        update(Prompt)
        .where(Prompt.official_id == official.id, Prompt.closed_at.is_(None))
        .values(closed_at=now)
    )
    await _unbind(session, official, now=now)
    released = await release_held(session, official, "released_dismissed", now=now)
    _owe_menu(session, official, now=now)
    outbox.book_notice(session, "dismissed", chat_id=official.telegram_id, now=now)
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


async def take_role(
    session: AsyncSession, *, membership_id: int, actor: Actor, now: datetime
) -> tuple[Official, list[int]]:
    """Take one role away; with the last one the person leaves. Returns them and what went back to its body.

    Raises:
        NotAllowed, NotYourBody, NotYourself, RoleGone.
    """
    row = await session.get(Membership, membership_id, with_for_update=True, populate_existing=True)
    held = [row] if row is not None else []
    await may_let_go(session, actor, row.official_id if row else 0, held)
    [row] = held
    official = await session.get_one(Official, row.official_id)
    role, body_id = row.role, row.body_id
    await session.delete(row)
    await session.flush()
    await revoke_of(session, official.id, now=now, body_id=body_id)
    left = list(await session.scalars(select(Membership).where(Membership.official_id == official.id)))
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action="take_role",
        outcome="done",
        official_id=official.id,
        role=role.value,
        body_id=body_id,
    )
    if not left:
        return official, await dismiss(session, official_id=official.id, actor=None, now=now)
    released: list[int] = []
    answers_still = any(one.body_id == body_id and one.role in _ANSWERING for one in left)
    if body_id is not None and role in _ANSWERING and not answers_still:
        await _unbind(session, official, now=now, only=body_id)
        released = await release_held(session, official, "released_dismissed", now=now, bodies=[body_id])
    _owe_menu(session, official, now=now)
    name: str | None = await session.scalar(select(Body.name).where(Body.id == body_id))
    where: dict[str, Any] = {"body": name} if name else {}
    key = "role_taken" if name else "role_taken_region"
    outbox.book_notice(session, key, chat_id=official.telegram_id, now=now, role=role.value, **where)
    return official, released


def _owe_menu(session: AsyncSession, official: Official, *, now: datetime) -> None:
    """The menu shows what the person may do, and that is less now."""
    outbox.book(
        session,
        OutboxKind.COMMANDS,
        chat_id=official.telegram_id,
        payload={},
        subject=f"commands:{official.telegram_id}",
        now=now,
    )


async def left_chat(session: AsyncSession, *, chat_id: int, telegram_id: int, now: datetime) -> list[int]:
    """Somebody is no longer in the body's group: what they held there is anybody's again, and the body hears of it.

    Their roles stay: leaving a group may be a slip of the thumb, and dismissing is a press in /people.
    """
    actor = await actor_of(session, telegram_id)
    if actor is None:
        return []
    bodies = await session.scalars(select(Body.id).where(Body.chat_id == chat_id, Body.id.in_(actor.bodies)))
    official = await session.get_one(Official, actor.official_id)
    released = await release_held(session, official, "released_left", now=now, bodies=list(bodies))
    audit(
        session,
        now=now,
        telegram_id=telegram_id,
        chat_id=chat_id,
        action="left_chat",
        outcome="done",
        released=released,
    )
    return released


async def release_held(
    session: AsyncSession,
    official: Official,
    key: str,
    *,
    now: datetime,
    bodies: Collection[int] | None = None,
) -> list[int]:
    """What the person held is anybody's of its body again; `bodies`: only theirs. `key`: how the body hears of it."""
    query = select(Incident.id).where(Incident.official_id == official.id).order_by(Incident.id)
    if bodies is not None:
        query = query.where(Incident.body_id.in_(bodies))
    held = await session.scalars(query)
    return [number for number in list(held) if await _release(session, number, official, key, now=now)]


async def _release(
    session: AsyncSession, incident_id: int, official: Official, key: str, *, now: datetime
) -> bool:
    incident = await load_to_change(session, incident_id)
    if incident.official_id != official.id or not allows(incident.status, Step.RELEASE):
        return False
    await release(session, incident, now=now)
    body = await session.get_one(Body, incident.body_id)
    told = await outbox.tell_body(
        session, key, body=body, now=now, incident_id=incident.id, name=official.name
    )
    if not told:
        await outbox.show_to_curators(session, incident, now=now)
    await plan_next_look(session, incident, now=now)
    return True


async def _unbind(
    session: AsyncSession, official: Official, *, now: datetime, only: int | None = None
) -> None:
    query = select(Body).where(Body.chat_id == official.telegram_id)
    bodies = list(await session.scalars(query if only is None else query.where(Body.id == only)))
    for body in bodies:
        body.chat_id, body.chat_state, body.chat_title = None, ChatState.NONE, ""
        await outbox.tell_curators(session, "body_without_chat", now=now, body=body.name, name=official.name)
    of_bodies = select(Incident.id).where(Incident.body_id.in_([body.id for body in bodies]))
    cards = update(Card).where(Card.chat_id == official.telegram_id)
    if only is not None:
        cards = cards.where(Card.incident_id.in_(of_bodies))
    await session.execute(
        cards.values(state=CardState.DISARMED).execution_options(synchronize_session="fetch")
    )
    with_them = await session.scalars(
        of_bodies.where(Incident.status.in_(list(WITH_BODY))).order_by(Incident.id)
    )
    for number in list(with_them):
        await outbox.show_to_curators(session, await load_to_change(session, number), now=now)
