"""/duty: the chat that is awake at night. Bound in it by a curator, by the command or by a one-tap link."""

from typing import Final

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.telling import Spot, tell
from handlers.times import Reader
from handlers.words import Html
from incidents import duty
from incidents.chats import titled
from incidents.errors import InvitationRefused
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.routing import body_by_code
from models import ChatState

TOKEN: Final = "duty"  # noqa: S105 - what stands in the link; it grants nothing
_OFF: Final = frozenset({"off", "выкл", "снять"})
_NAME: Final = 60


def build_router() -> Router:
    """Included before the door (handlers/start.py): the link is no invitation."""
    router = Router(name=__name__)
    router.message.register(linked, CommandStart(deep_link=True, magic=F.args == TOKEN))
    router.message.register(duty_asked, Command("duty"))
    return router


async def linked(
    message: Message,
    *,
    transaction: Transaction,
    actor: Actor | None,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    """Raises: InvitationRefused: a stranger, who has nothing to bind."""
    if actor is None:
        raise InvitationRefused
    await _answer(message, "", transaction, actor, reader, spot, house)


async def duty_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    await _answer(message, (command.args or "").strip(), transaction, actor, reader, spot, house)


async def _answer(
    message: Message,
    said: str,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    actor.must(Permission.DUTY)
    async with transaction() as session:
        if said.casefold() in _OFF:
            await duty.unbind(
                session, actor=actor, chat_id=spot.chat_id, thread_id=spot.thread_id, now=reader.now
            )
            text: str = reader.words("duty.unbound")
        elif spot.is_private and not said:
            text = await _overview(session, reader, house)
        else:
            text = await _bound(session, message, said, actor, reader, spot)
        tell(session, spot, text, now=reader.now)


async def _bound(
    session: AsyncSession, message: Message, said: str, actor: Actor, reader: Reader, spot: Spot
) -> str:
    body = await body_by_code(session, said) if said else None
    bound = await duty.bind(
        session,
        actor=actor,
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        title=titled(message.chat.title or "", _topic(message)),
        body_id=body.id if body else None,
        now=reader.now,
    )
    if bound.body is None:
        return reader.words("duty.bound_region", title=line(bound.chat.title, _NAME))
    return reader.words(
        "duty.bound_body", title=line(bound.chat.title, _NAME), body=line(bound.body.name, _NAME)
    )


def _topic(message: Message) -> str | None:
    """The name of the topic: Telegram gives it with the message that every message of a topic replies to."""
    opened = message.reply_to_message.forum_topic_created if message.reply_to_message else None
    return opened.name if opened is not None else None


async def _overview(session: AsyncSession, reader: Reader, house: House) -> str:
    words = reader.words
    lines = []
    for bound in await duty.overview(session):
        whose = line(bound.body.name, _NAME) if bound.body else words.plain("duty.region")
        dead = "" if bound.chat.state is ChatState.LIVE else "_dead"
        lines.append(words(f"duty.row{dead}", whose=whose, title=line(bound.chat.title, _NAME)))
    head = Html("\n".join(lines)) if lines else words("duty.none")
    link = f"https://t.me/{house.bot_username}?startgroup={TOKEN}"
    return f"{head}\n\n{words('duty.how', link=link)}"
