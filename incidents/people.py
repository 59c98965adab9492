"""Who may do what: the person behind a press, with the rights they have at this very moment; and the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError, NotAllowed, NotYours
from incidents.permissions import MATRIX, Permission, Reach, who_may
from models import AuditEntry, Body, Language, Membership, Official, Role

ANY_BODY: Final = 0  # no body has this number


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
    everywhere: frozenset[Role] = frozenset()  # roles held in no body in particular: the region's head

    def own(self, role: Role) -> frozenset[int]:
        """The bodies where the person is this."""
        return {
            Role.OFFICIAL: self.bodies,
            Role.COORDINATOR: self.coordinates,
            Role.APPROVER: self.approves,
            Role.HEAD: self.heads,
        }.get(role, frozenset())

    def may(self, permission: Permission, body_id: int | None = ANY_BODY) -> bool:
        """Whether the person has the right with what is with this body; not named: with anything at all.

        `body_id` None is what no body has: no reach of one's own goes there.
        """
        scope = self.scope(permission)
        return scope is None or (bool(scope) if body_id == ANY_BODY else body_id in scope)

    def scope(self, permission: Permission) -> frozenset[int] | None:
        """The bodies the right reaches to; None: all there are, and what is with none."""
        mine: set[int] = set()
        for role, reach in MATRIX[permission].items():
            if role not in self.roles:
                continue
            if reach is Reach.ALL or role in self.everywhere:
                return None
            mine |= self.own(role)
        return frozenset(mine)

    def must(self, permission: Permission, body_id: int | None = ANY_BODY) -> None:
        """Raises: NotAllowed: none of the person's roles has the right; says who has."""
        if not self.may(permission, body_id):
            raise NotAllowed(permission=permission, who=who_may(permission))


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
        everywhere=frozenset(row.role for row in held if row.role is Role.HEAD and row.body_id is None),
    )


async def must_for(session: AsyncSession, actor: Actor, permission: Permission, body_id: int | None) -> None:
    """The right with what this body has; None: nobody has it.

    Raises:
        NotAllowed: the person has the right with nothing at all; says who has.
        NotYours: they have it with another body's only; says whose it is.
    """
    scope = actor.scope(permission)
    if scope is None or body_id in scope:
        return
    actor.must(permission)
    holder: str | None = await session.scalar(select(Body.name).where(Body.id == body_id))
    raise NotYours(holder=holder or "")


class NotYourBody(IncidentError):
    """The right reaches to another body only."""

    text_key = "refused.not_your_body"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"{name} is not theirs")
        self.name = name


async def must_for_body(
    session: AsyncSession, actor: Actor, permission: Permission, body_id: int | None
) -> None:
    """The right with the body itself: its people, its chat, its templates. None: with what is no body's.

    Raises:
        NotAllowed: also for what is no body's; says who may. NotYourBody.
    """
    scope = actor.scope(permission)
    if scope is None or body_id in scope:
        return
    actor.must(permission)
    if body_id is None:
        everywhere = tuple(one for one in who_may(permission) if MATRIX[permission][one] is Reach.ALL)
        raise NotAllowed(permission=permission, who=everywhere)
    name: str | None = await session.scalar(select(Body.name).where(Body.id == body_id))
    raise NotYourBody(name=name or "—")


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
