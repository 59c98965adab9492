"""`invite`: the first way in, from the operator's shell."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.invitations import BODY_ROLES, INVITATION_LIFE, invite
from models import Body, Role

_BRINGS_GROUP = frozenset({Role.OFFICIAL, Role.COORDINATOR})


class CannotInvite(Exception):
    """In words for the operator."""


async def issue(session: AsyncSession, *, role: Role, body_code: str | None, now: datetime) -> str:
    """A new invitation's token.

    Raises:
        CannotInvite: the role and the body do not go together, or there is no such body.
    """
    body_id = None
    if role in BODY_ROLES or (role is Role.HEAD and body_code):
        if not body_code:
            raise CannotInvite(f"the role {role.value} belongs to a body: add --body CODE")
        body_id = await session.scalar(
            select(Body.id).where(Body.code == body_code.strip().lower(), Body.is_active)
        )
        if body_id is None:
            known = ", ".join(await session.scalars(select(Body.code).order_by(Body.code).limit(20)))
            raise CannotInvite(f"there is no body {body_code!r}; known: {known or 'none, import them first'}")
    elif body_code:
        raise CannotInvite(f"the role {role.value} belongs to no body: leave --body out")
    token = secrets.token_urlsafe(32)
    await invite(session, token=token, role=role, body_id=body_id, now=now)
    return token


def words_for(token: str, *, bot_username: str, role: Role) -> list[str]:
    """What the operator passes on."""
    hours = int(INVITATION_LIFE.total_seconds() // 3600)
    address = f"https://t.me/{bot_username or '<the bot>'}"
    lines = [f"Link for one person, once, within {hours} hours: {address}?start={token}"]
    if role in _BRINGS_GROUP:
        lines.append(f"The same for a group, which then gets the body's cards: {address}?startgroup={token}")
    if not bot_username:
        lines.append("Telegram did not tell the bot's name: put it in place of <the bot>.")
    return lines
