"""💡 Как отвечали: the three nearest answers given before, to read, to copy, or to begin with."""

import html
from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.callbacks.find import HowAnswered, TakeAnswer
from handlers.cards import topic_name
from handlers.context import Transaction
from handlers.excerpts import excerpt, line, link, utf16
from handlers.keyboards import Button, Rows, button
from handlers.telling import Spot, acknowledge, tell
from handlers.times import Reader
from handlers.words import Html
from incidents.lifecycle import allows
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.similar import Similar, answered_before, begin_with
from models import Incident, Step

_LONGEST_COPY: Final = 256  # https://core.telegram.org/bots/api#copytextbutton
_MESSAGE: Final = 4096
_SHOWN: Final = (900, 400, 150)  # UTF-16 units of an answer; the most that fits into one message
_LINES: Final = 100
_BODY: Final = 60


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(how_answered_pressed, HowAnswered.filter())
    router.callback_query.register(answer_taken, TakeAnswer.filter())
    return router


async def how_answered_pressed(
    query: CallbackQuery,
    *,
    callback_data: HowAnswered,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        found = await answered_before(session, number, actor=actor)
        rows = _rows(found, await load(session, number), actor, reader)
        tell(session, spot, _text(found, number, reader), now=reader.now, rows=rows, reply_to=spot.message_id)
    said = reader.words.plain("similar.shown") if found else reader.words.plain("similar.none")
    await acknowledge(query, said)


async def answer_taken(
    query: CallbackQuery,
    *,
    callback_data: TakeAnswer,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await begin_with(
            session,
            answer_id=callback_data.answer_id,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("similar.taken"))


def _text(found: Sequence[Similar], number: int, reader: Reader) -> str:
    if not found:
        return reader.words("similar.none")
    text = ""
    for limit in _SHOWN:
        title = reader.words("similar.title", number=number)
        text = "\n\n".join([title, *(_block(one, limit, reader) for one in found)])
        if utf16(text) <= _MESSAGE:
            break
    return text


def _block(one: Similar, limit: int, reader: Reader) -> str:
    """Folded, so that three fit a phone; what no button can copy is copied by a touch."""
    words = reader.words
    age = words("similar.ago", span=reader.span(max(reader.now - one.answered_at, reader.now - reader.now)))
    where = link(one.url, words.plain("similar.open_answer")) if one.url else ""
    head = words(
        "similar.row",
        number=one.incident_id,
        topic=topic_name(one.topic, words),
        body=line(one.body, _BODY) or "—",
        age=Html(f"{age} · {where}" if where else age),
    )
    shown = html.escape(excerpt(one.text, limit, lines=_LINES), quote=False)
    quoted = shown if _is_short(one) else f"<code>{shown}</code>"
    return f"{head}\n<blockquote expandable>{quoted}</blockquote>"


def _is_short(one: Similar) -> bool:
    return utf16(one.text) <= _LONGEST_COPY


def _rows(found: Sequence[Similar], incident: Incident, actor: Actor, reader: Reader) -> Rows:
    words = reader.words
    is_open = allows(incident.status, Step.ACCEPT) or allows(incident.status, Step.SEND)
    may_answer = is_open and incident.body_id is not None and actor.may(Permission.ANSWER, incident.body_id)
    rows: Rows = []
    for one in found:
        row: list[Button] = []
        if _is_short(one):
            row.append({"text": words.plain("similar.copy", number=one.incident_id), "copy": one.text})
        if may_answer:
            take = TakeAnswer(incident_id=incident.id, answer_id=one.answer_id)
            row.append(button(words.plain("similar.take", number=one.incident_id), take))
        rows.append(row)
    return rows
