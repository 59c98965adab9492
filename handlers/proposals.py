"""A rule that presses speak against: the line to the curators, and the press that changes it."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards, rules_words
from handlers.callbacks import TakeProposal
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from incidents import proposals
from incidents.people import Actor
from models import Body

_NAME: Final = 80  # UTF-16 units


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(taken, TakeProposal.filter())
    return router


async def proposed(session: AsyncSession, payload: Mapping[str, Any], reader: Reader) -> Outgoing:
    """The notice `proposals.NOTICE`: what goes where again and again, and the button."""
    words = reader.words
    places = [line(payload["territory"], _NAME)] if payload["territory"] else []
    told = words(
        "rule_proposed.told",
        what=", ".join([rules_words.topic_words(payload["topic"], words), *places]),
        moved=payload["moved"],
        judged=payload["judged"],
        people=words.count("count.people", payload["people"]),
        body=await _body_name(session, payload["to"]),
        instead_of=await _body_name(session, payload["instead_of"]),
    )
    press = TakeProposal(proposal_id=payload["proposal_id"])
    return Outgoing(
        told, keyboard=keyboards.markup([[keyboards.button(words.plain("rule_proposed.button"), press)]])
    )


async def _body_name(session: AsyncSession, code: str) -> str:
    name: str | None = await session.scalar(select(Body.name).where(Body.code == code))
    return line(name or code, _NAME)


async def taken(
    query: CallbackQuery,
    *,
    callback_data: TakeProposal,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words = reader.words
    async with transaction() as session:
        rule = await proposals.take(session, callback_data.proposal_id, actor=actor, now=reader.now)
        body = await session.get_one(Body, rule.body_id)
        told = rules_words.why_noted(rule, body, words)
        change(session, spot, words("rules.added", number=rule.id, why=told), now=reader.now)
    await acknowledge(query, words.plain("rules.added_short", number=rule.id))
