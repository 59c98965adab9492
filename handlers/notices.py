"""Notices: words booked by key when something happened, said in the reader's language when they leave."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.approving import answer_photos, new_version_notice, sent_back_notice
from handlers.binding import HOW_TO_BIND, how_to_bind
from handlers.callbacks import Open
from handlers.cards import topic_name
from handlers.communities_file import FILE, registry_file
from handlers.context import House
from handlers.delegate import given, taken_away
from handlers.excerpts import line
from handlers.left import card_left
from handlers.outgoing import Outgoing
from handlers.override import override_refused, override_wanted
from handlers.photos import photos
from handlers.previews import preview
from handlers.proposals import proposed
from handlers.questions import card_message
from handlers.returning import returned
from handlers.revision_words import revision_by_hand, revision_preview, revision_review
from handlers.standing_in import (
    ESCALATED,
    HANGING,
    OF_ABSENCES,
    absence_notice,
    escalated,
    hanging,
)
from handlers.times import Reader
from handlers.triage_storms import bulk_told
from handlers.unreachable import NOTICES as UNREACHABLE
from handlers.unreachable import why_unreachable
from incidents.bulk import NOTICE as BULK
from incidents.delegating import TAKEN_AWAY, TOLD
from incidents.lifecycle import SETTLED
from incidents.outbox import CARD_LEFT
from incidents.overriding import REFUSED, WANTED
from incidents.promises import deadline_of
from incidents.proposals import NOTICE
from models import Body, Incident, Status

# What is still worth saying only while the incident is in one of these.
_OPEN: Final = frozenset(set(Status) - SETTLED)
_WHILE: Final[Mapping[str, frozenset[Status]]] = {
    "released": frozenset({Status.ASSIGNED}),
    "released_left": frozenset({Status.ASSIGNED}),
    "released_dismissed": frozenset({Status.ASSIGNED}),
    "reminder": _OPEN,
    "overdue": _OPEN,
    "reminder_curators": frozenset({Status.NEW, Status.REGISTERED}),
    "overdue_curators": _OPEN,
    "waits_for_triage": frozenset({Status.NEW, Status.REGISTERED}),
    "publication_refused": frozenset(Status),
    "publication_gone": frozenset(Status),
    "publication_stuck": frozenset({Status.APPROVED}),
    "publication_by_hand": frozenset({Status.APPROVED}),
    "answered_directly": frozenset({Status.ANSWERED, Status.CLOSED}),
    "link_doubtful": frozenset({Status.ANSWERED, Status.INTERIM, Status.APPROVED}),
    "photos_left_out": frozenset(Status),
    "review_waits": frozenset({Status.ON_REVIEW}),
    "review_hangs": frozenset({Status.ON_REVIEW}),
    "publish_hangs": frozenset({Status.APPROVED}),
    "overdue_duty": _OPEN,
    "draft_waits": frozenset({Status.ACCEPTED, Status.REWORK, Status.INTERIM}),
    "revision_refused": frozenset(Status),
    "revision_failed": frozenset(Status),
}
_TO_BODY: Final = frozenset(
    {"released", "released_left", "released_dismissed", "reminder", "overdue", "draft_waits"}
)
_BLANK: Final = 500  # UTF-16 units of anything that fills a blank


async def notice(
    session: AsyncSession, chat_id: int, payload: Mapping[str, Any], reader: Reader, house: House
) -> Outgoing | None:
    """The notice as a message; None where things have moved on and nobody needs to hear it."""
    key = payload["key"]
    own = _OF_THEIR_OWN.get(key)
    if own is not None:
        return await own(session, payload, chat_id, reader, house)
    blanks = {
        name: line(value, _BLANK) if isinstance(value, str) else value
        for name, value in payload.items()
        if name not in {"key", "incident_id"}
    }
    if "role" in blanks:
        blanks["role"] = reader.words.plain(f"role.{blanks['role']}")
    if "topic" in blanks:
        blanks["topic"] = topic_name(blanks["topic"], reader.words)
    if key in UNREACHABLE:
        blanks["error"] = line(why_unreachable(payload["error"], reader.words), _BLANK)
    if "incident_id" not in payload:
        return Outgoing(reader.words(f"notice.{key}", **blanks))
    return await _about(session, key, chat_id, payload["incident_id"], blanks, reader)


async def _about(
    session: AsyncSession,
    key: str,
    chat_id: int,
    incident_id: int,
    blanks: dict[str, Any],
    reader: Reader,
) -> Outgoing | None:
    incident = await session.get(Incident, incident_id)
    if incident is None or incident.status not in _WHILE[key]:
        return None
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if key in _TO_BODY and (body is None or body.chat_id != chat_id):
        return None  # it was handed on meanwhile
    due_at = deadline_of(incident)
    if key == "reminder" and due_at is not None and due_at <= reader.now:
        return None  # it comes too late: "overdue" says it
    known = {
        "number": incident.id,
        "deadline": reader.deadline(due_at) if due_at else "",
        "body": line(body.name, _BLANK) if body else reader.words("notice.nobody"),
    }
    message_id = await card_message(session, incident_id, chat_id)
    show = keyboards.button(
        reader.words.plain("button.show", number=incident.id), Open(incident_id=incident.id)
    )
    return Outgoing(
        reader.words(f"notice.{key}", **(known | blanks)),
        keyboard=None if message_id else keyboards.markup([[show]]),
        reply_to=message_id,
    )


_Own = Callable[[AsyncSession, Mapping[str, Any], int, Reader, House], Coroutine[Any, Any, Outgoing | None]]
# Notices that are more than a line with blanks.
_OF_THEIR_OWN: Final[Mapping[str, _Own]] = {
    "photos": lambda session, told, chat, reader, _: photos(session, told["incident_id"], chat, reader),
    FILE: lambda session, told, _chat, reader, _: registry_file(session, told, reader),
    NOTICE: lambda session, told, _chat, reader, _: proposed(session, told, reader),
    "preview": lambda session, told, chat, reader, house: preview(
        session, told["answer_id"], chat, reader, house, message_id=told.get("message_id")
    ),
    "answer_photos": lambda session, told, chat, reader, _: answer_photos(session, told, chat, reader),
    "sent_back": lambda session, told, chat, reader, _: sent_back_notice(session, told, chat, reader),
    "new_version": lambda session, told, chat, reader, _: new_version_notice(session, told, chat, reader),
    "returned": lambda session, told, chat, reader, _: returned(session, told, chat, reader),
    BULK: lambda session, told, _chat, reader, _: bulk_told(session, told, reader),
    CARD_LEFT: lambda session, told, _chat, reader, _: card_left(session, told, reader),
    TOLD: lambda session, told, chat, reader, _: given(session, told, chat, reader),
    TAKEN_AWAY: lambda session, told, chat, reader, _: taken_away(session, told, chat, reader),
    **dict.fromkeys(HOW_TO_BIND, how_to_bind),
    HANGING: lambda _session, told, _chat, reader, _house: hanging(told, reader),
    **dict.fromkeys(ESCALATED, lambda session, told, chat, reader, _: escalated(session, told, chat, reader)),
    **dict.fromkeys(
        OF_ABSENCES, lambda session, told, _chat, reader, _house: absence_notice(session, told, reader)
    ),
    "revision_preview": revision_preview,
    WANTED: override_wanted,
    REFUSED: override_refused,
    "revision_review": lambda session, told, chat, reader, _: revision_review(session, told, chat, reader),
    "revision_by_hand": lambda session, told, chat, reader, _: revision_by_hand(session, told, chat, reader),
}
