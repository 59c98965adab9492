"""Who may do what: invitations, roles, and the person behind a press."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import CuratorsOnly, InvitationRefused, NotAllowed
from incidents.lifecycle import WITH_BODY
from incidents.moving import load_to_change
from incidents.permissions import MATRIX, Permission, Reach, who_may
from models import (
    AuditEntry,
    Body,
    ChatState,
    Incident,
    Invitation,
    Language,
    Membership,
    Official,
    Role,
)

INVITATION_LIFE = timedelta(hours=24)
_BODY_ROLES = frozenset({Role.OFFICIAL, Role.COORDINATOR, Role.APPROVER})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who entered, with the rights they have at this very press."""

    official_id: int
    telegram_id: int
    name: str
    language: Language
    roles: frozenset[Role]
    bodies: frozenset[int]  # answers for these, as an official or a coordinator
    approves: frozenset[int]
    coordinates: frozenset[int] = frozenset()
    heads: frozenset[int] = frozenset()

    @property
    def is_curator(self) -> bool:
        return Role.CURATOR in self.roles

    def own(self, role: Role) -> frozenset[int]:
        """The bodies where the person is this."""
        return {
            Role.OFFICIAL: self.bodies,
            Role.COORDINATOR: self.coordinates,
            Role.APPROVER: self.approves,
            Role.HEAD: self.heads,
        }.get(role, frozenset())

    def may(self, permission: Permission, body_id: int | None = None) -> bool:
        """Whether the person has the right with what is with this body; without one, with anything at all."""
        return any(
            reach is Reach.ALL or (bool(self.own(role)) if body_id is None else body_id in self.own(role))
            for role, reach in MATRIX[permission].items()
            if role in self.roles
        )

    def must(self, permission: Permission, body_id: int | None = None) -> None:
        """Raises: NotAllowed: none of the person's roles has the right; says who has."""
        if not self.may(permission, body_id):
            raise NotAllowed(permission=permission, who=who_may(permission))

    def must_be_curator(self) -> None:
        """Raises: CuratorsOnly."""
        if not self.is_curator:
            raise CuratorsOnly


async def actor_of(session: AsyncSession, telegram_id: int) -> Actor | None:
    """The active person with this Telegram id, or None: a stranger, or an ex-employee."""
    person = await session.scalar(
        select(Official).where(Official.telegram_id == telegram_id, Official.is_active)
    )
    if person is None:
        return None
    held = list(await session.scalars(select(Membership).where(Membership.official_id == person.id)))

    def bodies(*roles: Role) -> frozenset[int]:
        return frozenset(row.body_id for row in held if row.role in roles and row.body_id)

    return Actor(
        official_id=person.id,
        telegram_id=person.telegram_id,
        name=person.name,
        language=person.language,
        roles=frozenset(row.role for row in held),
        bodies=bodies(Role.OFFICIAL, Role.COORDINATOR),
        approves=bodies(Role.APPROVER),
        coordinates=bodies(Role.COORDINATOR),
        heads=bodies(Role.HEAD),
    )


async def works_in(session: AsyncSession, actor: Actor, *, chat_id: int) -> bool:
    """Whether the chat is that of a body the person answers or approves for."""
    found = await session.scalar(
        select(Body.id).where(Body.chat_id == chat_id, Body.id.in_(actor.bodies | actor.approves)).limit(1)
    )
    return found is not None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def invite(
    session: AsyncSession,
    *,
    token: str,
    role: Role,
    now: datetime,
    body_id: int | None = None,
    by: Actor | None = None,
) -> Invitation:
    """Issue an invitation for `token` (random, at most 64 characters of A-Z a-z 0-9 _ -, made by the caller).

    `by` None is the operator's shell.

    Raises:
        CuratorsOnly: the inviter is no curator.
    """
    if by is not None:
        by.must_be_curator()
    if (role in _BODY_ROLES) != (body_id is not None):
        raise ValueError(f"the role {role} and the body {body_id} do not go together")
    invitation = Invitation(
        token_hash=hash_of(token),
        role=role,
        body_id=body_id,
        created_by=by.official_id if by else None,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    session.add(invitation)
    await session.flush()
    return invitation


@dataclass(frozen=True, slots=True)
class Entered:
    """How an invitation ended: the role, the body, and whether this chat is now the body's."""

    official: Official
    role: Role
    body: Body | None
    bound_chat: bool


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who presses the invitation link, and in which chat."""

    telegram_id: int
    name: str
    username: str
    language: Language
    chat_id: int
    thread_id: int | None = None
    chat_title: str = ""


async def enter(session: AsyncSession, *, token: str, who: Newcomer, now: datetime) -> Entered:
    """Use an invitation, once. The first official of a body, or one who enters from a group, binds the chat.

    The cards of what the body has already go to the new chat. A group that is another body's chat is not
    bound: one chat must not serve two bodies.

    Raises:
        InvitationRefused: unknown, used, expired or revoked.
    """
    used = await session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == hash_of(token),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now, used_by=who.telegram_id)
        .returning(Invitation.id)
    )
    invitation_id = used.scalar_one_or_none()
    if invitation_id is None:
        raise InvitationRefused
    invitation = await session.get_one(Invitation, invitation_id)
    official = await _person(session, who, now=now)
    await _grant(session, official, invitation, now=now)
    body = await session.get(Body, invitation.body_id) if invitation.body_id else None
    is_group = who.chat_id != who.telegram_id
    bound = False
    if body is not None and invitation.role is Role.OFFICIAL:
        wanted = is_group or body.chat_state is not ChatState.LIVE
        bound = wanted and not (is_group and await _is_anothers_chat(session, body, who))
        if bound:
            await _bind(session, body, who, now=now)
    audit(
        session,
        now=now,
        telegram_id=who.telegram_id,
        chat_id=who.chat_id,
        action="enter",
        outcome="done",
        role=invitation.role.value,
        body_id=invitation.body_id,
    )
    await session.flush()
    return Entered(official, invitation.role, body, bound)


async def _is_anothers_chat(session: AsyncSession, body: Body, who: Newcomer) -> bool:
    same_thread = Body.thread_id.is_(None) if who.thread_id is None else Body.thread_id == who.thread_id
    found = await session.scalar(
        select(Body.id).where(Body.chat_id == who.chat_id, same_thread, Body.id != body.id).limit(1)
    )
    return found is not None


async def _bind(session: AsyncSession, body: Body, who: Newcomer, *, now: datetime) -> None:
    body.chat_id, body.thread_id = who.chat_id, who.thread_id
    body.chat_title = (who.chat_title or who.name)[:200]
    body.chat_state = ChatState.LIVE
    await session.flush()
    held = await session.scalars(
        select(Incident.id)
        .where(Incident.body_id == body.id, Incident.status.in_(list(WITH_BODY)))
        .order_by(Incident.id)
    )
    for number in list(held):
        incident = await load_to_change(session, number)
        await outbox.place_cards(session, incident, body=body, now=now)
        await outbox.refresh_cards(session, incident, now=now)


async def _person(session: AsyncSession, who: Newcomer, *, now: datetime) -> Official:
    official = await session.scalar(select(Official).where(Official.telegram_id == who.telegram_id))
    if official is None:
        official = Official(telegram_id=who.telegram_id, language=who.language, created_at=now)
        session.add(official)
    official.name, official.username = who.name[:200], who.username[:64]
    official.is_active = official.is_reachable = True
    await session.flush()
    return official


async def _grant(session: AsyncSession, official: Official, invitation: Invitation, *, now: datetime) -> None:
    held = await session.scalar(
        select(Membership.id).where(
            Membership.official_id == official.id,
            Membership.role == invitation.role,
            Membership.body_id.is_(None)
            if invitation.body_id is None
            else Membership.body_id == invitation.body_id,
        )
    )
    if held is None:
        session.add(
            Membership(
                official_id=official.id,
                role=invitation.role,
                body_id=invitation.body_id,
                granted_at=now,
                granted_by=invitation.created_by,
            )
        )


def audit(
    session: AsyncSession,
    *,
    now: datetime,
    telegram_id: int | None,
    chat_id: int | None,
    action: str,
    outcome: str,
    **details: Any,
) -> None:
    """Keep what was tried and how it ended."""
    session.add(
        AuditEntry(
            at=now,
            telegram_id=telegram_id,
            chat_id=chat_id,
            action=action[:64],
            outcome=outcome[:64],
            details=details,
        )
    )
