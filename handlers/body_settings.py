"""/signature and /approval: how a body's answers end, and whether somebody approves them first."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from handlers.context import Transaction
from handlers.excerpts import line, quoted
from handlers.telling import Spot, tell
from handlers.times import Reader
from incidents.body_settings import body_to_sign_for, set_approval, set_signature
from incidents.people import Actor
from incidents.permissions import Permission

_NAME: Final = 80  # UTF-16 units
_SHOWN: Final = 220
_NONE: Final = frozenset({"-", "—", "нет", "none"})
_SWITCH: Final = {"on": True, "вкл": True, "да": True, "off": False, "выкл": False, "нет": False}


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(signature_asked, Command("signature"))
    router.message.register(approval_asked, Command("approval"))
    return router


async def signature_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """`/signature roads С уважением, Минтранс`; without words the present one is shown; "-" takes it away."""
    actor.must(Permission.TEMPLATES)
    words = reader.words
    code, _, text = (command.args or "").strip().partition(" ")
    async with transaction() as session:
        if not code:
            tell(session, spot, words("signature.use"), now=reader.now)
            return
        body = await body_to_sign_for(session, code, actor)
        name = line(body.name, _NAME)
        if text.strip():
            wanted = "" if text.strip().casefold() in _NONE else text
            await set_signature(session, body, wanted, actor=actor, now=reader.now)
        if body.signature:
            said = words("signature.is", body=name, text=quoted(body.signature, _SHOWN))
        else:
            said = words("signature.none", body=name)
        tell(session, spot, said, now=reader.now)


async def approval_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """`/approval roads on`."""
    actor.must(Permission.SET_APPROVAL)
    words = reader.words
    code, _, wanted = (command.args or "").strip().partition(" ")
    switch = _SWITCH.get(wanted.strip().casefold())
    async with transaction() as session:
        if not code or switch is None:
            tell(session, spot, words("approval.use"), now=reader.now)
            return
        body = await set_approval(session, code, wanted=switch, actor=actor, now=reader.now)
        name = line(body.name, _NAME)
        text = words("approval.is_on", body=name) if switch else words("approval.is_off", body=name)
        tell(session, spot, text, now=reader.now)
