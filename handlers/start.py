"""/start: the door. With an invitation a person enters, and from a group the group becomes the body's chat."""

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.access import language_of
from handlers.context import House, Transaction
from handlers.help import help_text
from handlers.telling import Spot, tell
from handlers.times import Reader
from handlers.words import Words
from incidents import outbox
from incidents.invitations import Entered, Newcomer, enter
from incidents.people import Actor
from incidents.workload import WORKERS
from models import OutboxKind, Urgency


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(invitation_brought, CommandStart(deep_link=True))
    router.message.register(started, CommandStart())
    return router


async def invitation_brought(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor | None,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    who = _newcomer(message, spot, house)
    async with transaction() as session:
        entered = await enter(session, token=(command.args or "").strip(), who=who, now=reader.now)
        words = Words(entered.official.language) if spot.is_private else reader.words
        tell(session, spot, _welcome(entered, words), now=reader.now)
        _owe_menu(session, spot, reader)
        if not spot.is_private:  # their own menu is another now, too
            _owe_menu(session, Spot(who.telegram_id, None, None, is_private=True), reader)


def _newcomer(message: Message, spot: Spot, house: House) -> Newcomer:
    user = message.from_user
    if user is None:  # access lets nobody nameless through
        raise ValueError("an invitation brought by nobody")
    return Newcomer(
        telegram_id=user.id,
        name=user.full_name[:200],
        username=(user.username or "")[:64],
        language=language_of(user, house),
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        chat_title=(message.chat.title or "")[:200],
    )


def _welcome(entered: Entered, words: Words) -> str:
    body = entered.body.name if entered.body else words("invitation.of_region")
    lines = [words(f"welcome.{entered.role.value}", name=entered.official.name, body=body)]
    if entered.body is not None and entered.bound_chat:
        lines.append(words("welcome.bound", body=body))
    elif entered.is_anothers:
        lines.append(words("welcome.chat_taken", body=body))
    elif entered.body is not None and entered.body.chat_title and entered.role in WORKERS:
        lines.append(words("welcome.not_bound", chat=entered.body.chat_title))
    return "\n\n".join([*lines, words("welcome.next")])


def _owe_menu(session: AsyncSession, spot: Spot, reader: Reader) -> None:
    outbox.book(
        session,
        OutboxKind.COMMANDS,
        chat_id=spot.chat_id,
        payload={},
        urgency=Urgency.NOTICE,
        subject=f"commands:{spot.chat_id}",
        now=reader.now,
    )


async def started(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        hello = reader.words("welcome_back", name=actor.name)
        tell(session, spot, f"{hello}\n\n{help_text(actor, reader.words)}", now=reader.now)
        _owe_menu(session, spot, reader)
