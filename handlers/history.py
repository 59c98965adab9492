"""📜 История: what happened to an incident, day by day, in sentences; page by page where there is much."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery
from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import History
from handlers.callbacks.find import HistoryPage
from handlers.context import Transaction
from handlers.excerpts import line, link, utf16
from handlers.explanation import label_text
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.turn_words import how_returned
from handlers.words import Html
from incidents.chronicle import Event, What, chronicle
from incidents.moving import load
from incidents.people import Actor
from incidents.searching import must_see
from models import HistoryEntry, Label, LabelField, Language, Post, Step

_OF_THE_NETWORK: Final = frozenset({Step.ANSWER_DIRECTLY, Step.LOSE_SOURCE})  # the program only saw it
_ON_A_PAGE: Final = 20  # events
_PAGE: Final = 3200  # UTF-16 units of HTML, the days' names and the title left out
_TIME: Final = 8
_REASON: Final = 120
_NAME: Final = 40
_SOURCE: Final = 60


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(history_pressed, History.filter())
    router.callback_query.register(page_turned, HistoryPage.filter())
    return router


async def history_pressed(
    query: CallbackQuery,
    *,
    callback_data: History,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The newest page, below the card."""
    number = callback_data.incident_id
    async with transaction() as session:
        text, rows = await _screen(session, number, None, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows, reply_to=spot.message_id)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def page_turned(
    query: CallbackQuery,
    *,
    callback_data: HistoryPage,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number = callback_data.incident_id
    async with transaction() as session:
        text, rows = await _screen(session, number, callback_data.page, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("list.shown", number=number))


async def _screen(
    session: AsyncSession, number: int, page: int | None, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    """`page` counts from the oldest; None is the newest.

    Raises:
        NotAllowed, NoSuchIncident, NotYours.
    """
    await must_see(session, actor, await load(session, number))
    packed = _packed(await chronicle(session, number), reader)
    pages = len(packed)
    shown = pages - 1 if page is None else min(page, pages - 1)
    some = packed[shown]
    words = reader.words
    title = (
        words("history.title", number=number)
        if pages == 1
        else words("history.title_page", number=number, page=shown + 1, pages=pages)
    )
    return "\n".join([title, *_days(some, reader)]), _turning(number, shown, pages, reader)


def _packed(events: Sequence[Event], reader: Reader) -> list[list[Event]]:
    """Page by page from the oldest: what has happened stays on its page."""
    pages: list[list[Event]] = [[]]
    room = _PAGE
    for event in events:
        length = utf16(sentence(event, reader)) + _TIME
        if len(pages[-1]) == _ON_A_PAGE or (pages[-1] and length > room):
            pages.append([])
            room = _PAGE
        pages[-1].append(event)
        room -= length
    return pages


def _turning(number: int, page: int, pages: int, reader: Reader) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if page > 0:
        earlier = HistoryPage(incident_id=number, page=page - 1)
        row.append(keyboards.button(reader.words.plain("history.earlier"), earlier))
    if page + 1 < pages:
        later = HistoryPage(incident_id=number, page=page + 1)
        row.append(keyboards.button(reader.words.plain("history.later"), later))
    return [row] if row else []


def _days(events: Sequence[Event], reader: Reader) -> list[str]:
    lines: list[str] = []
    for day, of_day in groupby(events, key=lambda event: event.at.astimezone(reader.zone).date()):
        this_year = day.year == reader.now.astimezone(reader.zone).year
        if reader.words.language is Language.RU:
            shape = "d MMMM, EEEE" if this_year else "d MMMM y, EEEE"
        else:
            shape = "EEEE, d MMMM" if this_year else "EEEE, d MMMM y"
        name = format_date(day, shape, locale=reader.words.language.value)
        lines += ["", reader.words("history.day", day=name)]
        lines += [
            reader.words(
                "history.row", at=f"{event.at.astimezone(reader.zone):%H:%M}", what=sentence(event, reader)
            )
            for event in of_day
        ]
    return lines


def sentence(event: Event, reader: Reader) -> Html:
    """One event, without its time."""
    words = reader.words
    what, reason = _told(event, reader)
    if reason:
        what = words("history.because", what=what, reason=line(reason, _REASON))
    if event.turn is not None:
        what = Html(what + how_returned(event.turn, reader))
    who = line(event.who, _NAME) if event.who else ""
    if event.step is not None and not who and event.step.step not in _OF_THE_NETWORK:
        who = words.plain("history.program")
    return words("history.by", what=what, who=who) if who else what


def _told(event: Event, reader: Reader) -> tuple[Html, str]:
    """What happened, and why."""
    words = reader.words
    match event:
        case Event(step=HistoryEntry() as step):
            body = line(event.body, _NAME) if event.body else "—"
            return words(f"history.step.{step.step.value}", body=body), step.reason
        case Event(label=Label() as label):
            return words("history.corrected", what=_set_right(label, reader)), ""
        case Event(post=Post() as post):
            parts = [words.name("network", post.network), line(post.community_title, _SOURCE)]
            return words("history.came", source=link(post.url, " · ".join(filter(None, parts)))), ""
        case Event(what=What.PUBLISHED):
            where = link(event.url, words.name("network", event.network))
            return words("history.published", where=where), ""
        case Event(what=What.EDITED):
            return words("history.edited"), ""
        case Event(what=What.REVISION):
            return words("history.revision", version=event.version), ""
        case _:
            return words("history.draft", version=event.version), ""


def _set_right(label: Label, reader: Reader) -> str:
    """A place is people's own words, and no yes or no."""
    if label.field is LabelField.PLACE:
        return reader.words.plain("history.place", place=line(label.value, _SOURCE))
    if label.field is LabelField.TERRITORY:
        return reader.words.plain("history.territory", place=line(label.value, _SOURCE))
    return label_text(label.field, label.value, reader.words)
