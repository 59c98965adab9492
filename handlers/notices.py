"""Notices: words booked by key when something happened, said in the reader's language when they leave."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Open
from handlers.cards import topic_name
from handlers.communities_file import FILE, registry_file
from handlers.context import House
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.photos import photos
from handlers.previews import preview
from handlers.proposals import proposed
from handlers.questions import card_message
from handlers.times import Reader
from incidents.lifecycle import SETTLED
from incidents.promises import deadline_of
from incidents.proposals import NOTICE
from models import Body, Incident, Status

# What is still worth saying only while the incident is in one of these.
_OPEN: Final = frozenset(set(Status) - SETTLED)
_WHILE: Final[Mapping[str, frozenset[Status]]] = {
    "returned": frozenset({Status.REGISTERED}),
    "released": frozenset({Status.ASSIGNED}),
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
}
_TO_BODY: Final = frozenset({"released", "reminder", "overdue"})
_BLANK: Final = 500  # UTF-16 units of anything that fills a blank


async def notice(
    session: AsyncSession, chat_id: int, payload: Mapping[str, Any], reader: Reader, house: House
) -> Outgoing | None:
    """The notice as a message; None where things have moved on and nobody needs to hear it."""
    key = payload["key"]
    if key == "photos":
        return await photos(session, payload["incident_id"], chat_id, reader)
    if key == FILE:
        return await registry_file(session, payload, reader)
    if key == NOTICE:
        return await proposed(session, payload, reader)
    if key == "preview":
        return await preview(session, payload["answer_id"], chat_id, reader, house)
    blanks = {
        name: line(value, _BLANK) if isinstance(value, str) else value
        for name, value in payload.items()
        if name not in {"key", "incident_id"}
    }
    if "topic" in blanks:
        blanks["topic"] = topic_name(blanks["topic"], reader.words)
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
