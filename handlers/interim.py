"""An interim answer: by which day the final one will follow."""

from datetime import date
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery
from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks.answers import BackToPreview, ControlDate, OwnDate
from handlers.context import House, Transaction
from handlers.keyboards import Rows, button
from handlers.sent import sent
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from handlers.words import Words
from incidents.answering import close_prompt, open_prompt, send_answer
from incidents.draft_previews import show_preview
from incidents.drafting import own_draft
from incidents.interims import Choice, choice, day_of
from incidents.people import Actor
from models import PromptKind

_DAY: Final = "EEEEEE dd.MM"  # "пн 23.11": https://babel.pocoo.org/en/latest/dates.html#date-fields


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(day_chosen, ControlDate.filter())
    router.callback_query.register(own_day_pressed, OwnDate.filter())
    router.callback_query.register(back_pressed, BackToPreview.filter())
    return router


async def ask_when(session: AsyncSession, answer_id: int, actor: Actor, reader: Reader, spot: Spot) -> None:
    """The choice of days, in the place of the preview."""
    found = await choice(session, answer_id=answer_id, actor=actor, now=reader.now)
    text = reader.words("interim.ask", number=found.incident.id, latest=reader.day(found.latest))
    change(session, spot, text, now=reader.now, rows=_days(found, answer_id, reader.words))


def _days(found: Choice, answer_id: int, words: Words) -> Rows:
    return [
        *(
            [button(day_name(day, words), ControlDate(answer_id=answer_id, day=day.toordinal()))]
            for day in found.days
        ),
        [button(words.plain("interim.button_own"), OwnDate(answer_id=answer_id))],
        [button(words.plain("button.back_page"), BackToPreview(answer_id=answer_id))],
    ]


def day_name(day: date, words: Words) -> str:
    """As "пн 23.11"."""
    return format_date(day, _DAY, locale=words.language.value)


async def day_chosen(
    query: CallbackQuery,
    *,
    callback_data: ControlDate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        incident = await send_answer(
            session,
            answer_id=callback_data.answer_id,
            actor=actor,
            rules=house.rules,
            now=reader.now,
            is_interim=True,
            control_on=date.fromordinal(callback_data.day),
        )
        short, text = sent(incident, reader)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, short)


async def own_day_pressed(
    query: CallbackQuery,
    *,
    callback_data: OwnDate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        found = await choice(session, answer_id=callback_data.answer_id, actor=actor, now=reader.now)
        await open_prompt(
            session,
            kind=PromptKind.CONTROL_DATE,
            incident_id=found.incident.id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            answer_id=callback_data.answer_id,
            menu=spot.message_id,
        )
    await acknowledge(query, reader.words.plain("interim.asked"))


async def take_control_date(taken: Taken) -> None:
    """The day written is the last press: the interim answer goes out. A bad one is refused, the question stays."""
    close_prompt(taken.prompt, now=taken.reader.now)
    answer_id = int(taken.prompt.context["answer_id"])
    _, incident = await own_draft(taken.session, answer_id, taken.actor)
    day = await day_of(taken.session, incident, taken.text, now=taken.reader.now)
    incident = await send_answer(
        taken.session,
        answer_id=answer_id,
        actor=taken.actor,
        rules=taken.house.rules,
        now=taken.reader.now,
        is_interim=True,
        control_on=day,
    )
    _, text = sent(incident, taken.reader)
    menu = taken.prompt.context.get("menu")
    if menu:
        spot = Spot(taken.spot.chat_id, taken.spot.thread_id, int(menu), taken.spot.is_private)
        change(taken.session, spot, text, now=taken.reader.now)
    taken.tell(taken.reader.words("interim.taken", number=incident.id, day=day_name(day, taken.reader.words)))


async def back_pressed(
    query: CallbackQuery,
    *,
    callback_data: BackToPreview,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        answer, _ = await own_draft(session, callback_data.answer_id, actor)
        show_preview(
            session,
            answer,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            message_id=spot.message_id,
        )
    await acknowledge(query, reader.words.plain("interim.back"))
