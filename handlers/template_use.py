"""Templates where an answer is written: a press makes a draft of one."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks.answers import UseTemplate
from handlers.context import Transaction
from handlers.keyboards import Rows, button
from handlers.telling import Spot, acknowledge, tell
from handlers.times import Reader
from incidents.drafting import draft_from_template
from incidents.moving import load
from incidents.people import Actor
from incidents.templates import fitting

_IN_A_ROW: Final = 2


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(template_chosen, UseTemplate.filter())
    return router


async def offer_templates(session: AsyncSession, incident_id: int, reader: Reader, spot: Spot) -> None:
    """Owe the fitting ones to the spot; nothing where there are none. They stand above the question."""
    found = await fitting(session, await load(session, incident_id))
    buttons = [button(one.name, UseTemplate(incident_id=incident_id, template_id=one.id)) for one in found]
    rows: Rows = [buttons[at : at + _IN_A_ROW] for at in range(0, len(buttons), _IN_A_ROW)]
    if rows:
        text = reader.words("template.offer", number=incident_id)
        tell(session, spot, text, now=reader.now, rows=rows)


async def template_chosen(
    query: CallbackQuery,
    *,
    callback_data: UseTemplate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await draft_from_template(
            session,
            template_id=callback_data.template_id,
            incident_id=callback_data.incident_id,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
        )
    await acknowledge(query, reader.words.plain("template.used"))
