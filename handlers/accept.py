"""The «Принять» button."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.callbacks import Accept
from handlers.context import Transaction
from handlers.telling import acknowledge
from handlers.times import Reader
from incidents.people import Actor
from incidents.promises import deadline_of
from incidents.responding import accept


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(accept_pressed, Accept.filter())
    return router


async def accept_pressed(
    query: CallbackQuery, *, callback_data: Accept, transaction: Transaction, actor: Actor, reader: Reader
) -> None:
    async with transaction() as session:
        incident = await accept(session, incident_id=callback_data.incident_id, actor=actor, now=reader.now)
    due_at = deadline_of(incident)
    deadline = reader.plain_deadline(due_at) if due_at else ""
    await acknowledge(query, reader.words.plain("accepted", deadline=deadline))
