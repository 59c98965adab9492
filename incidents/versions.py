"""The versions of an answer: who wrote which, what became of it, and what changed from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.moving import load
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from models import (
    Answer,
    AnswerState,
    HistoryEntry,
    Official,
    Publication,
    PublicationState,
    Step,
)

_COMPARED: Final = 700  # words of each text; comparing longer ones would hold up everybody else


class Fate(StrEnum):
    """What became of a version."""

    DRAFT = "draft"
    ON_REVIEW = "on_review"
    SENT = "sent"  # waits for publication
    PUBLISHED = "published"
    SENT_BACK = "sent_back"  # by the approver, or taken back from publication
    REPLACED = "replaced"  # a later draft took its place, or it was dropped


class Change(StrEnum):
    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words one after another, and whether they are the same, gone, or new."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """`changes` from the version before; empty for the first one and where nothing changed."""

    answer: Answer
    author: str
    fate: Fate
    reason: str
    changes: Sequence[Piece]


async def versions(session: AsyncSession, incident_id: int, actor: Actor) -> list[Version]:
    """Every version, the newest first.

    Raises:
        NoSuchIncident, NotAllowed, NotYours.
    """
    incident = await load(session, incident_id)
    await must_for(session, actor, Permission.SEE_INCIDENT, incident.body_id)
    rows = [
        (answer, name or "")
        for answer, name in await session.execute(
            select(Answer, Official.name)
            .outerjoin(Official, Official.id == Answer.official_id)
            .where(Answer.incident_id == incident_id)
            .order_by(Answer.version)
        )
    ]
    standing = set(
        await session.scalars(
            select(Publication.answer_id).where(
                Publication.incident_id == incident_id, Publication.state == PublicationState.PUBLISHED
            )
        )
    )
    refusals = list(
        await session.scalars(
            select(HistoryEntry)
            .where(
                HistoryEntry.incident_id == incident_id,
                HistoryEntry.step.in_([Step.SEND_BACK, Step.TAKE_BACK]),
            )
            .order_by(HistoryEntry.id)
        )
    )
    found: list[Version] = []
    before: Answer | None = None
    for answer, author in rows:
        reason = _reason(answer, refusals)
        fate = _fate(answer, is_published=answer.id in standing, was_refused=reason is not None)
        changes = compare(before.text, answer.text) if before is not None else []
        found.append(Version(answer, author, fate, reason or "", changes))
        before = answer
    return found[::-1]


def _reason(answer: Answer, refusals: Sequence[HistoryEntry]) -> str | None:
    """Why it came back: the first refusal after it was sent; None where there is none."""
    if answer.submitted_at is None or answer.state is not AnswerState.SUPERSEDED:
        return None
    return next((entry.reason for entry in refusals if entry.at >= answer.submitted_at), None)


def _fate(answer: Answer, *, is_published: bool, was_refused: bool) -> Fate:
    if is_published:
        return Fate.PUBLISHED
    if answer.state is AnswerState.DRAFT:
        return Fate.DRAFT
    if answer.state is AnswerState.SUPERSEDED:
        return Fate.SENT_BACK if was_refused else Fate.REPLACED
    return Fate.SENT if answer.approved_at else Fate.ON_REVIEW


async def version_text(session: AsyncSession, answer_id: int, actor: Actor) -> Answer | None:
    """One version whole; None where there is none.

    Raises:
        NotAllowed, NotYours.
    """
    answer = await session.get(Answer, answer_id)
    if answer is None:
        return None
    incident = await load(session, answer.incident_id)
    await must_for(session, actor, Permission.SEE_INCIDENT, incident.body_id)
    return answer


def compare(before: str, after: str) -> list[Piece]:
    """What changed, word by word; nothing where the words are the same. Of very long texts, the beginning.

    The order is that of reading: where words took the place of others, the old ones come first.
    """
    old, new = before.split()[:_COMPARED], after.split()[:_COMPARED]
    if old == new:
        return []
    pieces: list[Piece] = []
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(a=old, b=new).get_opcodes():
        if change == "equal":
            pieces.append(Piece(Change.KEPT, " ".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece(Change.GONE, " ".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece(Change.NEW, " ".join(new[new_from:new_to])))
    return pieces
