"""Invitations: the only way in. Single-use, a day long, for one role and one body, and kept as a hash."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.chats import Place, is_anothers, move_in
from incidents.errors import IncidentError, InvitationRefused
from incidents.people import Actor, audit, must_for_body
from incidents.permissions import Permission
from models import Body, ChatState, Invitation, Language, Membership, Official, Role

INVITATION_LIFE: Final = timedelta(hours=24)
BODY_ROLES: Final = frozenset({Role.OFFICIAL, Role.COORDINATOR, Role.APPROVER})
_WITH_OR_WITHOUT: Final = frozenset({Role.HEAD})  # of one body, or of the region
_BRINGS_CHAT: Final = frozenset({Role.OFFICIAL, Role.COORDINATOR})


class InvitationGone(IncidentError):
    """Used, revoked or expired before the press."""

    text_key = "refused.invitation_gone"


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def permission_for(role: Role) -> Permission:
    """What it takes to invite to a role, and to call the invitation off."""
    return Permission.INVITE_STAFF if role is Role.OFFICIAL else Permission.INVITE_ANYBODY


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
        NotAllowed, NotYourBody: the inviter may not let such a person in, or not for this body.
    """
    if by is not None:
        await must_for_body(session, by, permission_for(role), body_id)
    if role not in _WITH_OR_WITHOUT and (role in BODY_ROLES) != (body_id is not None):
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
    _note(session, invitation, by, "issued", now=now)
    return invitation


def _note(
    session: AsyncSession, invitation: Invitation, by: Actor | None, outcome: str, *, now: datetime
) -> None:
    audit(
        session,
        now=now,
        telegram_id=by.telegram_id if by else None,
        chat_id=None,
        action="invitation",
        outcome=outcome,
        invitation_id=invitation.id,
        role=invitation.role.value,
        body_id=invitation.body_id,
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """An invitation that still opens; `mine`: the reader may call it off."""

    invitation: Invitation
    body: Body | None
    by: Official | None  # None: the operator's shell
    mine: bool


async def still_open(session: AsyncSession, actor: Actor, *, now: datetime, limit: int = 20) -> list[Opened]:
    """What still opens, the first to expire first; a coordinator sees their own body's.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.INVITE_STAFF)
    query = (
        select(Invitation, Body, Official)
        .outerjoin(Body, Body.id == Invitation.body_id)
        .outerjoin(Official, Official.id == Invitation.created_by)
        .where(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.expires_at, Invitation.id)
        .limit(limit)
    )
    scope = actor.scope(Permission.INVITE_STAFF)
    if scope is not None:
        query = query.where(Invitation.body_id.in_(scope))
    return [
        Opened(invitation, body, by, actor.may(permission_for(invitation.role), invitation.body_id))
        for invitation, body, by in await session.execute(query)
    ]


async def revoke(session: AsyncSession, *, invitation_id: int, actor: Actor, now: datetime) -> Invitation:
    """It opens nothing any more.

    Raises:
        NotAllowed, NotYourBody.
        InvitationGone: used, revoked or expired before.
    """
    actor.must(Permission.INVITE_STAFF)
    invitation = await session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if invitation is None:
        raise InvitationGone
    await must_for_body(session, actor, permission_for(invitation.role), invitation.body_id)
    if invitation.used_at or invitation.revoked_at or invitation.expires_at <= now:
        raise InvitationGone
    invitation.revoked_at = now
    _note(session, invitation, actor, "revoked", now=now)
    await session.flush()
    return invitation


async def revoke_of(
    session: AsyncSession, official_id: int, *, now: datetime, body_id: int | None = None
) -> None:
    """What the person issued and nobody used opens nothing any more; `body_id`: only to this body."""
    mine = [
        Invitation.created_by == official_id,
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
    ]
    if body_id is not None:
        mine.append(Invitation.body_id == body_id)
    await session.execute(update(Invitation).where(*mine).values(revoked_at=now))


@dataclass(frozen=True, slots=True)
class Entered:
    """How an invitation ended: the role, the body, and whether this chat is now the body's."""

    official: Official
    role: Role
    body: Body | None
    bound_chat: bool
    is_anothers: bool = False  # the chat is another body's, so it was not bound


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

    @property
    def place(self) -> Place:
        return Place(self.chat_id, self.thread_id, self.chat_title or self.name)


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
    bound = taken = False
    if body is not None and invitation.role in _BRINGS_CHAT:
        wanted = not who.place.is_private or body.chat_state is not ChatState.LIVE
        taken = wanted and await is_anothers(session, body, who.place)
        bound = wanted and not taken
        if bound:
            await move_in(session, body, who.place, now=now)
    audit(
        session,
        now=now,
        telegram_id=who.telegram_id,
        chat_id=who.chat_id,
        action="enter",
        outcome="done",
        role=invitation.role.value,
        body_id=invitation.body_id,
        invitation_id=invitation.id,
        bound=bound,
    )
    await session.flush()
    return Entered(official, invitation.role, body, bound, taken)


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
    same_body = (
        Membership.body_id.is_(None)
        if invitation.body_id is None
        else Membership.body_id == invitation.body_id
    )
    held = await session.scalar(
        select(Membership.id).where(
            Membership.official_id == official.id, Membership.role == invitation.role, same_body
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
