"""What can hang, and the questions that find it: every one of them by an index."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, or_, select, text

from models import Assignment, Body, Card, CardState, ChatState, Incident, Official, Prompt, Status
from models.incident import OPEN

PATIENCE: Final = timedelta(minutes=15)  # what is younger may still be on its way
_MOST: Final = 500  # of one kind


class Why(StrEnum):
    """What is missing; its words are `hanging.<value>` in handlers/texts."""

    NO_CHAT = "no_chat"  # nobody of its body can be told
    NO_CURATOR = "no_curator"  # it waits for curators, and none can be reached
    NO_CARD = "no_card"  # the card never came where somebody can press it
    NO_STEP = "no_step"  # nothing would ever look at it again, or nothing does
    NO_HOLDER = "no_holder"  # held by somebody who is gone
    NO_QUESTION = "no_question"  # somebody pressed «Ответить» and was never asked


@dataclass(frozen=True, slots=True)
class Hang:
    incident_id: int
    why: Why
    is_mended: bool = False


# By body and without an order: else SQLite goes through all incidents by their number. Whoever asks sorts.
_OPEN: Final = text(f"incidents.{OPEN}")


def unowned() -> Select[int]:
    """Open incidents of bodies whose chat is not live."""
    silent = select(Body.id).where(Body.chat_state != ChatState.LIVE)
    return select(Incident.id).where(_OPEN, Incident.body_id.in_(silent)).limit(_MOST)


def undelivered(now: datetime) -> Select[int]:
    """Open incidents of reachable bodies without a card in the body's chat."""
    return (
        select(Incident.id)
        .join(Body, Body.id == Incident.body_id)
        .join(Assignment, (Assignment.incident_id == Incident.id) & Assignment.ended_at.is_(None))
        .outerjoin(
            Card,
            (Card.incident_id == Incident.id)
            & (Card.chat_id == Body.chat_id)
            & (Card.state == CardState.LIVE)
            & Card.message_id.is_not(None),
        )
        .where(
            _OPEN,
            Incident.body_id.in_(select(Body.id).where(Body.chat_state == ChatState.LIVE)),
            Assignment.assigned_at < now - PATIENCE,
            Card.id.is_(None),
        )
        .limit(_MOST)
    )


def stepless() -> Select[int]:
    """Open incidents that nothing would ever look at again."""
    anybody = or_(Incident.body_id.in_(select(Body.id)), Incident.body_id.is_(None))
    return select(Incident.id).where(_OPEN, anybody, Incident.next_look_at.is_(None)).limit(_MOST)


def overslept(now: datetime) -> Select[int]:
    """Incidents whose look is long due: the sweep does not run, or fails on them."""
    return (
        select(Incident.id)
        .where(Incident.next_look_at.is_not(None), Incident.next_look_at < now - PATIENCE)
        .order_by(Incident.id)
        .limit(_MOST)
    )


def ownerless() -> Select[int]:
    """Open incidents held by somebody who left."""
    gone = select(Official.id).where(Official.is_active.is_(False))
    with_person = Incident.status.in_([Status.ACCEPTED, Status.REWORK, Status.INTERIM])
    return select(Incident.id).where(_OPEN, with_person, Incident.official_id.in_(gone)).limit(_MOST)


def unasked(now: datetime) -> Select[Prompt]:
    """Questions that never reached their chat; by the index (official_id, closed_at)."""
    return (
        select(Prompt)
        .where(
            Prompt.official_id.in_(select(Official.id).where(Official.is_active, Official.is_reachable)),
            Prompt.closed_at.is_(None),
            Prompt.message_id.is_(None),
            Prompt.created_at < now - PATIENCE,
        )
        .order_by(Prompt.id)
        .limit(_MOST)
    )
