"""A storm: many waiting incidents that are the same thing, as after a snowfall or when a main bursts.

Two are the same thing where their words are the same, or nearly; or where they speak of one topic in one territory
and came within hours of one another. Nothing is joined by this: it is offered to a curator, who ticks off what is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.keywords import words_of
from incidents.lifecycle import SETTLED
from incidents.queueing import WAITING
from incidents.rubricator import OTHER
from models import Claim, Incident, Post

LEAST: Final = 3
"""So many of a kind, the shown one included, are worth acting on at once."""

MOST: Final = 200
"""Incidents of one press."""

_NEAR: Final = timedelta(hours=6)
_ALIKE: Final = 0.7  # of all the words of two texts, the share they have in common
_LEAST_WORDS: Final = 4  # "Спасибо большое" is said of everything
_STEM: Final = 6  # letters: Russian endings do not count
_SHORTEST: Final = 3
_READ: Final = 500  # of the newest waiting incidents: no curator acts on more
_OPENING: Final = 600  # letters of a text that are compared


@dataclass(frozen=True, slots=True)
class Sign:
    """What one incident is told from another by; `words` as `stems` makes them."""

    incident_id: int
    topic: str
    subtopic: str
    territory: str
    created_at: datetime
    text_hash: str = ""
    words: frozenset[str] = frozenset()


def stems(text: str) -> frozenset[str]:
    """The words of a text without endings, case and order."""
    return frozenset(
        word[: min(_STEM, max(_SHORTEST, len(word) - 1))] for word in words_of(text) if len(word) >= _SHORTEST
    )


def is_same(one: Sign, other: Sign) -> bool:
    """Whether two incidents are the same thing (this module's rule)."""
    if one.text_hash and one.text_hash == other.text_hash:
        return True
    if _are_alike(one.words, other.words):
        return True
    is_near = abs(one.created_at - other.created_at) <= _NEAR
    return is_near and _is_one_topic(one, other) and one.territory == other.territory != ""


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < _LEAST_WORDS:
        return False
    return len(one & other) / len(one | other) >= _ALIKE


def _is_one_topic(one: Sign, other: Sign) -> bool:
    """The subtopics must not differ; where one is not known, it may be the same. "Other" is no topic."""
    known = {one.subtopic, other.subtopic} - {""}
    return one.topic == other.topic != OTHER and len(known) <= 1


def same_as(subject: Sign, others: Iterable[Sign]) -> list[int]:
    """Of the others those that are the same thing as the subject, in their order."""
    return [
        one.incident_id for one in others if one.incident_id != subject.incident_id and is_same(subject, one)
    ]


async def similar(session: AsyncSession, incident_id: int, *, official_id: int, now: datetime) -> list[int]:
    """Other waiting incidents that are the same thing and that no colleague is at, the oldest first.

    Few enough to be no storm is none at all: then the list is empty.
    """
    subject = await _signs(session, [incident_id])
    if not subject or incident_id not in subject:
        return []
    free = (
        select(Incident.id)
        .outerjoin(Claim, Claim.incident_id == Incident.id)
        .where(
            Incident.status.in_(WAITING),
            Incident.id != incident_id,
            or_(Claim.incident_id.is_(None), Claim.until <= now, Claim.official_id == official_id),
        )
        .order_by(Incident.id.desc())
        .limit(_READ)
    )
    others = await _signs(session, sorted(await session.scalars(free)))
    found = same_as(subject[incident_id], others.values())
    # The shown one is of the press as well, or what the others are merged into.
    return found[: MOST - 1] if len(found) >= LEAST - 1 else []


async def _signs(session: AsyncSession, numbers: Sequence[int]) -> dict[int, Sign]:
    first = (
        select(Post.incident_id, func.min(Post.id).label("post_id"))
        .where(Post.incident_id.in_(numbers))
        .group_by(Post.incident_id)
        .subquery()
    )
    rows = await session.execute(
        select(
            Incident.id,
            Incident.topic,
            Incident.subtopic,
            Incident.territory,
            Incident.created_at,
            func.coalesce(Post.text_hash, ""),
            func.coalesce(func.substr(Post.text, 1, _OPENING), ""),
        )
        .outerjoin(first, first.c.incident_id == Incident.id)
        .outerjoin(Post, Post.id == first.c.post_id)
        .where(Incident.id.in_(numbers))
        .order_by(Incident.id)
    )
    return {
        number: Sign(number, topic, subtopic or "", territory or "", at, text_hash, stems(text))
        for number, topic, subtopic, territory, at, text_hash, text in rows
    }


async def chosen(session: AsyncSession, found: Sequence[int], *, official_id: int) -> list[int]:
    """Of a storm's incidents those that are ticked: the ones this person has claimed."""
    rows = await session.scalars(
        select(Claim.incident_id).where(Claim.incident_id.in_(found), Claim.official_id == official_id)
    )
    ticked = set(rows)
    return [number for number in found if number in ticked]


async def may_join(session: AsyncSession, incident_id: int, found: Sequence[int]) -> list[int]:
    """Of these incidents those the shown one could be merged into: open, and with a clock where it has one."""
    mine = await session.get_one(Incident, incident_id)
    rows = await session.execute(
        select(Incident.id, Incident.status, Incident.registered_at).where(Incident.id.in_(found))
    )

    open_ones = {
        number
        for number, status, registered_at in rows
        if status not in SETTLED and (mine.registered_at is None or registered_at is not None)
    }
    return [number for number in found if number in open_ones and number != incident_id]
