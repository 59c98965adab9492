"""Notices of absences, of people who cannot be told, of the ladder and of the auditor: more than a line with blanks."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.away_words import absence_words, day_words, numbers_words
from handlers.callbacks import Open
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.times import Reader
from handlers.words import Html
from incidents.absences import days_of
from incidents.duty import waits_until
from incidents.lifecycle import SETTLED
from incidents.promises import deadline_of, policy_of
from models import Absence, Assignment, Body, Incident, Official, Status

_NAME: Final = 60
_SHOWN: Final = 10  # incidents of the auditor's line

OF_ABSENCES: Final = (
    "away_begun",
    "away_begun_alone",
    "away_stand_in",
    "away_more",
    "away_over",
    "away_over_stand_in",
    "away_asked",
    "away_set_by",
    "away_called_off",
    "away_free",
    "person_lost",
    "lost_stand_in",
    "lost_free",
    "lost_back",
)
ESCALATED: Final = ("escalated_coordinator", "escalated_curator", "escalated_head", "escalated_duty")
HANGING: Final = "hanging"


async def absence_notice(session: AsyncSession, payload: Mapping[str, Any], reader: Reader) -> Outgoing:
    """`taken`: the incidents it is about."""
    blanks: dict[str, object] = {
        "name": line(str(payload.get("name", "")), _NAME),
        "numbers": numbers_words(payload.get("taken", ()), reader.words),
    }
    absence = await session.get(Absence, payload["absence_id"]) if "absence_id" in payload else None
    if absence is not None:
        days = days_of(absence, reader.zone)
        blanks |= {
            "days": absence_words(absence, reader),
            "first": day_words(days.first, reader),
            "last": day_words(days.last, reader),
        }
    return Outgoing(reader.words(f"notice.{payload['key']}", **blanks))


async def escalated(
    session: AsyncSession, payload: Mapping[str, Any], chat_id: int, reader: Reader
) -> Outgoing | None:
    """How it stands as this leaves, and what is expected of the reader; None where it is answered meanwhile."""
    words = reader.words
    incident = await session.get(Incident, payload["incident_id"])
    if incident is None or incident.status in SETTLED:
        return None
    due_at = deadline_of(incident)
    level = str(payload["key"]).removeprefix("escalated_")
    said = words(
        "escalation.line",
        number=incident.id,
        deadline=reader.deadline(due_at) if due_at else "",
        state=await _state(session, incident, reader),
        ask=words(f"escalation.ask_{level}"),
    )
    message_id = await card_message(session, incident.id, chat_id)
    show = keyboards.button(words.plain("button.show", number=incident.id), Open(incident_id=incident.id))
    return Outgoing(said, keyboard=None if message_id else keyboards.markup([[show]]), reply_to=message_id)


async def _state(session: AsyncSession, incident: Incident, reader: Reader) -> Html:
    words = reader.words
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if body is None:
        return words("escalation.nobody")
    name = line(body.name, _NAME)
    if incident.status is Status.ON_REVIEW:
        return words("escalation.on_review", body=name)
    if incident.status is Status.APPROVED:
        return words("escalation.approved", body=name)
    holder = await session.get(Official, incident.official_id) if incident.official_id else None
    if holder is None:
        return words("escalation.untaken", body=name)
    return words("escalation.held", body=name, name=line(holder.name, _NAME))


async def hanging(payload: Mapping[str, Any], reader: Reader) -> Outgoing:
    """One line of what hangs, and one of what has been mended already."""
    words = reader.words
    standing = [(number, why) for number, why, is_mended in payload["hangs"] if not is_mended]
    mended = [(number, why) for number, why, is_mended in payload["hangs"] if is_mended]
    lines = []
    for key, found in (("hanging.head", standing), ("hanging.mended", mended)):
        if found:
            shown = ", ".join(
                words("hanging.one", number=number, why=words(f"hanging.{why}"))
                for number, why in found[:_SHOWN]
            )
            more = len(found) - _SHOWN
            if more > 0:
                shown = words("hanging.more", shown=Html(shown), more=more)
            lines.append(words(key, incidents=Html(shown)))
    if standing:
        lines.append(words("hanging.what_to_do"))
    return Outgoing("\n".join(lines))


async def morning_line(session: AsyncSession, incident: Incident, reader: Reader) -> Html | None:
    """What a card that came at night says: it may wait."""
    if incident.status is not Status.ASSIGNED:
        return None
    assigned_at = await session.scalar(
        select(Assignment.assigned_at).where(
            Assignment.incident_id == incident.id, Assignment.ended_at.is_(None)
        )
    )
    if assigned_at is None:
        return None
    policy = await policy_of(session, incident)
    until = waits_until(policy, incident.priority, assigned_at=assigned_at, now=reader.now)
    return reader.words("duty.morning", at=reader.moment(until)) if until else None
