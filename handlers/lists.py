"""/my, /late, /queue: what is on hand, page by page; and one incident opened again."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import card_buttons, keyboards
from handlers.callbacks import Listed, Open, Turn
from handlers.callbacks.answers import Drafts
from handlers.cards import card, topic_name
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.queue_words import at_work, queue_head
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.triage_menus import go_on
from handlers.words import Html, Words, without_markup
from incidents import finding, queueing, searching
from incidents.errors import NotYours
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.promises import deadline_of
from incidents.searches import bodies_of
from models import Incident

PAGE: Final = 6  # incidents; more do not fit a phone's screen
_OPENING: Final = 70  # UTF-16 units of the resident's text


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(my_asked, Command("my"))
    router.message.register(late_asked, Command("late"))
    router.message.register(queue_asked, Command("queue"))
    router.callback_query.register(page_turned, Turn.filter())
    router.callback_query.register(open_pressed, Open.filter())
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
        text, rows = await _screen(session, listed, 0, actor, reader, spot)
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
        text, rows = await _screen(session, callback_data.listed, callback_data.offset, actor, reader, spot)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _page(
    session: AsyncSession, listed: Listed, offset: int, actor: Actor, reader: Reader, spot: Spot
) -> finding.Page:
    within = None if spot.is_private else await bodies_of(session, spot.chat_id, spot.thread_id)
    if listed == "my":
        return await finding.on_hand(session, actor, within=within, limit=PAGE, offset=offset)
    if listed == "late":
        return await finding.late(session, actor, now=reader.now, within=within, limit=PAGE, offset=offset)
    return await queueing.page(session, actor=actor, limit=PAGE, offset=offset)


async def _screen(
    session: AsyncSession, listed: Listed, offset: int, actor: Actor, reader: Reader, spot: Spot
) -> tuple[str, keyboards.Rows]:
    words = reader.words
    page = await _page(session, listed, offset, actor, reader, spot)
    begun: keyboards.Rows = []
    if listed == "my":
        begun = [[keyboards.button(words.plain("drafts.button"), Drafts(offset=0))]]
    if not page.incidents:
        return words(f"list.{listed}_empty"), begun
    texts = await finding.openings(session, page.incidents)
    told = [_row(one, texts.get(one.id, ""), reader) for one in page.incidents]
    head = words(f"list.{listed}", total=page.total)
    if listed == "queue":
        begun = go_on(words, anew=True)
        head = await queue_head(session, reader)
        held = await at_work(session, page.incidents, reader)
        told = [_with(row, held.get(one.id)) for row, one in zip(told, page.incidents, strict=True)]
    blocks = [head, *told]
    rows: keyboards.Rows = [
        [keyboards.button(_label(one, words), Open(incident_id=one.id))] for one in page.incidents
    ]
    return "\n\n".join(blocks), [*rows, *_turning(listed, offset, page.total, words), *begun]


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


def _with(row: Html, more: Html | None) -> Html:
    return Html(f"{row}\n{more}") if more is not None else row


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
        NotAllowed, NoSuchIncident, NotYours.
    """
    actor.must(Permission.SEE_INCIDENT)  # whoever sees none is not told which there are
    shown = await finding.view(session, number)
    await searching.must_see(session, actor, shown.incident)
    steps = await finding.history(session, number)
    rows = card_buttons.under_view(shown, reader.words, actor)
    tell(session, spot, card(shown, steps, reader), now=reader.now, rows=rows)


def must_see(shown: finding.View, actor: Actor) -> None:
    """Raises: NotAllowed; NotYours: it is another body's, and the person sees only their own's."""
    actor.must(Permission.SEE_INCIDENT)
    scope = actor.scope(Permission.SEE_INCIDENT)  # what is with no body is the curators'
    if scope is not None and shown.incident.body_id not in scope:
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
