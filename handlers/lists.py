"""/my, /late, /queue: what is on hand, page by page; and one incident opened again with its history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import card_buttons, keyboards
from handlers.callbacks import History, Listed, Open, Turn
from handlers.cards import card, topic_name
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.explanation import label_text
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents import finding
from incidents.correcting import corrections
from incidents.errors import NotYours
from incidents.people import Actor
from incidents.promises import deadline_of
from models import HistoryEntry, Incident, Label, LabelField

PAGE: Final = 6  # incidents; more do not fit a phone's screen
_STEPS: Final = 25
_REASON: Final = 100
_OPENING: Final = 70  # UTF-16 units of the resident's text


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(my_asked, Command("my"))
    router.message.register(late_asked, Command("late"))
    router.message.register(queue_asked, Command("queue"))
    router.callback_query.register(page_turned, Turn.filter())
    router.callback_query.register(open_pressed, Open.filter())
    router.callback_query.register(history_pressed, History.filter())
    return router


async def my_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    await _show("my", transaction, actor, reader, spot)


async def late_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    await _show("late", transaction, actor, reader, spot)


async def queue_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    await _show("queue", transaction, actor, reader, spot)


async def _show(listed: Listed, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, listed, 0, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)


async def page_turned(
    query: CallbackQuery,
    *,
    callback_data: Turn,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.listed, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _page(
    session: AsyncSession, listed: Listed, offset: int, actor: Actor, reader: Reader
) -> finding.Page:
    if listed == "my":
        return await finding.on_hand(session, actor, limit=PAGE, offset=offset)
    if listed == "late":
        return await finding.late(session, actor, now=reader.now, limit=PAGE, offset=offset)
    actor.must_be_curator()
    return await finding.queue(session, limit=PAGE, offset=offset)


async def _screen(
    session: AsyncSession, listed: Listed, offset: int, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    words = reader.words
    page = await _page(session, listed, offset, actor, reader)
    if not page.incidents:
        return words(f"list.{listed}_empty"), []
    texts = await finding.openings(session, page.incidents)
    told = (_row(one, texts.get(one.id, ""), reader) for one in page.incidents)
    blocks = [words(f"list.{listed}", total=page.total), *told]
    rows: keyboards.Rows = [
        [keyboards.button(_label(one, words), Open(incident_id=one.id))] for one in page.incidents
    ]
    return "\n\n".join(blocks), [*rows, *_turning(listed, offset, page.total, words)]


def _row(incident: Incident, text: str, reader: Reader) -> Html:
    due_at = deadline_of(incident)
    return reader.words(
        "list.row",
        number=incident.id,
        topic=topic_name(incident.topic, reader.words),
        status=reader.words(f"status.{incident.status.value}"),
        deadline=reader.deadline(due_at) if due_at else reader.words("list.no_deadline"),
        text=line(text, _OPENING),
    )


def _label(incident: Incident, words: Words) -> str:
    return words.plain("list.button", number=incident.id, topic=topic_name(incident.topic, words))


def _turning(listed: Listed, offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = Turn(listed=listed, offset=max(offset - PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + PAGE < total:
        row.append(
            keyboards.button(words.plain("button.next_page"), Turn(listed=listed, offset=offset + PAGE))
        )
    return [row] if row else []


async def show_incident(session: AsyncSession, number: int, actor: Actor, reader: Reader, spot: Spot) -> None:
    """The incident as it is now, with the buttons this very person may press.

    Raises:
        NoSuchIncident, NotYours.
    """
    shown = await finding.view(session, number)
    must_see(shown, actor)
    steps = await finding.history(session, number)
    rows = card_buttons.under_view(shown, reader.words, actor)
    tell(session, spot, card(shown, steps, reader), now=reader.now, rows=rows)


def must_see(shown: finding.View, actor: Actor) -> None:
    """Raises: NotYours: it is another body's, and the person is no curator."""
    if not actor.is_curator and shown.incident.body_id not in actor.bodies | actor.approves:
        raise NotYours(holder=shown.body.name if shown.body else "")


async def open_pressed(
    query: CallbackQuery,
    *,
    callback_data: Open,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await show_incident(session, callback_data.incident_id, actor, reader, spot)
    await acknowledge(query, reader.words.plain("list.shown", number=callback_data.incident_id))


async def history_pressed(
    query: CallbackQuery,
    *,
    callback_data: History,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        must_see(await finding.view(session, number), actor)
        steps = await finding.history(session, number)
        told = [(entry.at, _history_row(entry, who, body, reader)) for entry, who, body in steps]
        told += _corrected(await corrections(session, number), reader)
        told.sort(key=lambda one: one[0])  # what is of one moment stays in its order
        lines = [reader.words("list.history", number=number), *(text for _, text in told[-_STEPS:])]
        tell(session, spot, "\n".join(lines), now=reader.now, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


def _history_row(entry: HistoryEntry, who: str, body: str, reader: Reader) -> Html:
    words = reader.words
    people = ", ".join(line(name, 40) for name in (who or words.plain("list.program"), body) if name)
    step = words(f"step.{entry.step.value}")
    if not entry.reason:
        return words("list.history_row", at=reader.day(entry.at), step=step, who=people)
    reason = line(entry.reason, _REASON)
    return words("list.history_more", at=reader.day(entry.at), step=step, who=people, reason=reason)


def _corrected(said: Sequence[tuple[Label, str]], reader: Reader) -> list[tuple[datetime, Html]]:
    """What curators set right; a subtopic says its topic as well."""
    below = {(label.official_id, label.at) for label, _ in said if label.field is LabelField.SUBTOPIC}
    return [
        (
            label.at,
            reader.words(
                "list.history_corrected",
                at=reader.day(label.at),
                who=line(who, 40),
                what=label_text(label.field, label.value, reader.words),
            ),
        )
        for label, who in said
        if label.field is not LabelField.TOPIC or (label.official_id, label.at) not in below
    ]
