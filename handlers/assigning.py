"""/assign and /reassign: a curator names the body, by its code or by words of its name."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.arguments import number_of
from handlers.callbacks.moving import GiveMeant
from handlers.context import Transaction
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from incidents.choosing import Meant, meant
from incidents.intake import clean
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.triage import assign
from incidents.workload import of_bodies
from models import AuditEntry, Body

_ASKED: Final = "assign_asked"  # the audit's action; its entry holds the reason until the body is chosen


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(assign_asked, Command("assign"))
    router.message.register(reassign_asked, Command("reassign"))
    router.callback_query.register(meant_chosen, GiveMeant.filter())
    return router


async def assign_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.TRIAGE)
    number, said = number_of(command)
    async with transaction() as session:
        if number is None or not said:
            tell(session, spot, reader.words("curator.use_assign"), now=reader.now)
        else:
            await _give(session, number, await meant(session, said), actor, reader, spot)


async def reassign_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The same, but the body that loses the incident is owed a reason."""
    actor.must(Permission.REASSIGN)
    number, said = number_of(command)
    async with transaction() as session:
        named = await meant(session, said) if number is not None and said else None
        if number is None or named is None or not named.reason:
            tell(session, spot, reader.words("reassign.use"), now=reader.now)
        else:
            await _give(session, number, named, actor, reader, spot)


async def _give(
    session: AsyncSession, number: int, named: Meant, actor: Actor, reader: Reader, spot: Spot
) -> None:
    if not named.is_clear:
        await _ask_which(session, number, named, actor, reader, spot)
        return
    [body] = named.bodies
    reason = clean(named.reason)
    await assign(session, incident_id=number, body_id=body.id, actor=actor, now=reader.now, reason=reason)
    tell(session, spot, reader.words("curator.assigned", number=number, body=body.name), now=reader.now)


async def _ask_which(
    session: AsyncSession, number: int, named: Meant, actor: Actor, reader: Reader, spot: Spot
) -> None:
    incident = await load(session, number)
    asked = AuditEntry(
        at=reader.now,
        telegram_id=actor.telegram_id,
        chat_id=spot.chat_id,
        action=_ASKED,
        outcome="asked",
        details={"incident_id": number, "reason": clean(named.reason)},
    )
    session.add(asked)
    await session.flush()
    loads = await of_bodies(session, [body.id for body in named.bodies], reader.now)
    rows = [
        [
            keyboards.button(
                keyboards.with_load(body, loads),
                GiveMeant(
                    incident_id=number, body_id=body.id, asked_id=asked.id, holder=incident.body_id or 0
                ),
            )
        ]
        for body in named.bodies
    ]
    rows += keyboards.put_away(reader.words)
    tell(session, spot, reader.words("reassign.which", number=number), now=reader.now, rows=rows)


async def meant_chosen(
    query: CallbackQuery,
    *,
    callback_data: GiveMeant,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, body_id = callback_data.incident_id, callback_data.body_id
    words = reader.words
    async with transaction() as session:
        await assign(
            session,
            incident_id=number,
            body_id=body_id,
            actor=actor,
            now=reader.now,
            reason=await _reason(session, callback_data),
            holder=callback_data.holder,
        )
        name = (await session.get_one(Body, body_id)).name
        change(session, spot, words("curator.assigned", number=number, body=name), now=reader.now)
    await acknowledge(query, words.plain("curator.assigned_short", body=name))


async def _reason(session: AsyncSession, pressed: GiveMeant) -> str:
    asked = await session.get(AuditEntry, pressed.asked_id)
    if asked is None or asked.action != _ASKED or asked.details.get("incident_id") != pressed.incident_id:
        return ""
    return str(asked.details.get("reason", ""))
