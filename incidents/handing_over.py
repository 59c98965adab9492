"""Work goes from a person who cannot do it to whoever can, and back: absences and blocked bots.

What moved is kept in the audit trail, and is brought back from there: incident → who got it, 0 for the whole body.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import chats
from incidents.chats import Place
from incidents.delegating import hand_to
from incidents.lifecycle import allows
from incidents.moving import load_to_change
from incidents.people import audit
from incidents.promises import plan_next_look
from incidents.responding import release
from incidents.substitutes import present
from incidents.workload import WORKERS
from models import (
    Answer,
    AuditEntry,
    Body,
    HistoryEntry,
    Incident,
    Membership,
    Official,
    Prompt,
    Status,
    Step,
)
from models.incident import OPEN

_WITH_PERSON: Final = [status for status in Status if allows(status, Step.RELEASE)]


@dataclass(frozen=True, slots=True)
class Handed:
    """Incident → the official who has it now, 0 for anybody of its body."""

    to: dict[int, int] = field(default_factory=dict)

    @property
    def taken(self) -> list[int]:
        return sorted(number for number, person in self.to.items() if person)

    @property
    def free(self) -> list[int]:
        return sorted(number for number, person in self.to.items() if not person)


Receipt = tuple[int, datetime]
"""Who got an incident, 0 for the whole body, and when."""

_MOVED: Final = "handed_over"


def note(
    session: AsyncSession,
    person: Official,
    handed: Handed,
    moved: Mapping[int, int],
    *,
    why: str,
    now: datetime,
) -> None:
    """Keep what went from the person to whom; `why`: "away:<absence>" or "lost"."""
    audit(
        session,
        now=now,
        telegram_id=person.telegram_id,
        chat_id=None,
        action=_MOVED,
        outcome=why,
        handed={str(number): who for number, who in handed.to.items()},
        chats={str(body_id): chat for body_id, chat in moved.items()},
    )


async def _trail(session: AsyncSession, since: datetime) -> list[AuditEntry]:
    found = await session.scalars(
        select(AuditEntry).where(AuditEntry.at >= since, AuditEntry.action == _MOVED).order_by(AuditEntry.id)
    )
    return list(found)


async def receipts(
    session: AsyncSession, person: Official, *, why: str, since: datetime
) -> dict[int, Receipt]:
    """What went from the person for this reason, the last time for each."""
    found: dict[int, Receipt] = {}
    for entry in await _trail(session, since):
        if entry.outcome == why and entry.telegram_id == person.telegram_id:
            found |= {int(number): (int(who), entry.at) for number, who in entry.details["handed"].items()}
    return found


async def sent_to(
    session: AsyncSession, person: Official, *, why: str, since: datetime
) -> dict[int, set[int]]:
    """Bodies whose chat was moved for this reason → every chat where absences have sent them since."""
    mine: set[int] = set()
    sent: dict[int, set[int]] = {}
    for entry in await _trail(session, since):
        for body_id, chat in entry.details["chats"].items():
            sent.setdefault(int(body_id), set()).add(int(chat))
            if entry.outcome == why and entry.telegram_id == person.telegram_id:
                mine.add(int(body_id))
    return {body_id: chats for body_id, chats in sent.items() if body_id in mine}


async def held_by(session: AsyncSession, official_id: int) -> list[int]:
    """What the person holds and could be taken from them, oldest first."""
    found = await session.scalars(
        select(Incident.id)
        .where(text(OPEN), Incident.official_id == official_id, Incident.status.in_(_WITH_PERSON))
        .order_by(Incident.id)
    )
    return list(found)


async def works_for(session: AsyncSession, official_id: int, body_id: int | None) -> bool:
    """Whether the person may hold what is with this body: by their own membership, whoever they stand in for."""
    found = await session.scalar(
        select(Membership.id)
        .join(Official, Official.id == Membership.official_id)
        .where(
            Membership.official_id == official_id,
            Membership.body_id == body_id,
            Membership.role.in_(WORKERS),
            Official.is_active,
        )
        .limit(1)
    )
    return found is not None


async def hand_over(
    session: AsyncSession,
    person: Official,
    to: int | None,
    *,
    now: datetime,
    unless_touched_since: datetime | None = None,
) -> Handed:
    """What the person holds goes to `to`, where they work for its body, else back to the body.

    `unless_touched_since`: what the person has themselves worked on after this moment stays with them.
    An answer that waits for its approver or its publication stays, until it comes back.
    """
    handed = Handed()
    other = await session.get(Official, to) if to is not None else None
    for number in await held_by(session, person.id):
        incident = await load_to_change(session, number)
        if incident.official_id != person.id or not allows(incident.status, Step.RELEASE):
            continue
        if unless_touched_since is not None and await _touched(
            session, number, person.id, after=unless_touched_since
        ):
            continue
        if other is not None and await works_for(session, other.id, incident.body_id):
            body = await session.get_one(Body, incident.body_id)
            await hand_to(session, incident, body, other, by=None, before=person, now=now, tells=False)
            handed.to[number] = other.id
        else:
            await release(session, incident, now=now, reason=person.name)
            handed.to[number] = 0
        await plan_next_look(session, incident, now=now)
    return handed


async def give_back(
    session: AsyncSession, person: Official, handed: Mapping[int, Receipt], *, now: datetime
) -> list[int]:
    """Bring back what nobody has begun since: whoever wrote to a resident finishes it. Returns the numbers."""
    back: list[int] = []
    for number in sorted(handed):
        has, since = handed[number]
        incident = await load_to_change(session, number)
        if (
            has == person.id
            or (incident.official_id or 0) != has
            or not allows(incident.status, Step.DELEGATE)
        ):
            continue
        if not has and incident.status is not Status.ASSIGNED:
            continue
        if has and await _touched(session, number, has, after=since):
            continue
        if not await works_for(session, person.id, incident.body_id):
            continue
        body = await session.get_one(Body, incident.body_id)
        before = await session.get(Official, has) if has else None
        await hand_to(session, incident, body, person, by=None, before=before, now=now, tells=False)
        await plan_next_look(session, incident, now=now)
        back.append(number)
    return back


async def _touched(session: AsyncSession, number: int, official_id: int, *, after: datetime) -> bool:
    """Whether this person has done anything with the incident."""
    for at, whose, who in (
        (HistoryEntry.at, HistoryEntry.incident_id, HistoryEntry.official_id),
        (Prompt.created_at, Prompt.incident_id, Prompt.official_id),
        (Answer.created_at, Answer.incident_id, Answer.official_id),
    ):
        last = await session.scalar(select(func.max(at)).where(whose == number, who == official_id))
        if last is not None and last > after:
            return True
    return False


async def move_chats(
    session: AsyncSession, person: Official, to: int | None, *, now: datetime
) -> dict[int, int]:
    """Bodies whose chat is the person's private one get another's: body → chat. None is left without a reader."""
    moved: dict[int, int] = {}
    for body in list(await session.scalars(select(Body).where(Body.chat_id == person.telegram_id))):
        heir = await _heir(session, body, person, to)
        if heir is not None:
            await chats.move_in(session, body, Place(heir.telegram_id, None, heir.name), now=now)
            moved[body.id] = heir.telegram_id
    return moved


async def _heir(session: AsyncSession, body: Body, person: Official, to: int | None) -> Official | None:
    """The substitute, else a coordinator of the body, else any colleague who is there."""
    if to is not None and await works_for(session, to, body.id):
        return await session.get(Official, to)
    for role in reversed(WORKERS):
        members = await session.scalars(
            select(Membership.official_id).where(
                Membership.body_id == body.id, Membership.role == role, Membership.official_id != person.id
            )
        )
        here = await present(session, list(members))
        found: Official | None = await session.scalar(
            select(Official)
            .where(
                Official.id.in_(here),
                Official.id != person.id,
                Official.is_active,
                Official.is_reachable,
            )
            .order_by(Official.id)
            .limit(1)
        )
        if found is not None and await works_for(session, found.id, body.id):
            return found
    return None


async def bring_chats_back(
    session: AsyncSession, person: Official, moved: Mapping[int, set[int]], *, now: datetime
) -> None:
    """The person's private chat is their bodies' again; `moved`: where each was sent meanwhile.

    One bound by hand to another chat since then stays there.
    """
    for body_id, sent_to in moved.items():
        body = await session.get(Body, body_id)
        if body is not None and body.chat_id in sent_to:
            await chats.move_in(session, body, Place(person.telegram_id, None, person.name), now=now)
