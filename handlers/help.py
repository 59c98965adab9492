"""/help and /language."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Speak
from handlers.context import Transaction
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents import outbox
from incidents.people import Actor
from models import Language, Official, OutboxKind, Role


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(help_asked, Command("help"))
    router.message.register(language_asked, Command("language"))
    router.callback_query.register(language_chosen, Speak.filter())
    return router


def help_text(actor: Actor, words: Words) -> str:
    """What this person can do, by role."""
    mine = [words(f"help.{role.value}") for role in Role if role in actor.roles]
    return "\n\n".join([words("help.top"), *mine, words("help.language")])


async def help_asked(
    message: Message, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        tell(session, spot, help_text(actor, reader.words), now=reader.now)


async def language_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    code = (command.args or "").strip().lower()
    async with transaction() as session:
        if code in {one.value for one in Language}:
            text = await _speak(session, Language(code), actor, reader)
            tell(session, spot, text, now=reader.now)
        else:
            rows = [
                [keyboards.button("Русский", Speak(language=Language.RU))],
                [keyboards.button("English", Speak(language=Language.EN))],
            ]
            tell(session, spot, reader.words("language.choose"), now=reader.now, rows=rows)


async def language_chosen(
    query: CallbackQuery,
    *,
    callback_data: Speak,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text = await _speak(session, callback_data.language, actor, reader)
        change(session, spot, text, now=reader.now)
    await acknowledge(query, text)


async def _speak(session: AsyncSession, language: Language, actor: Actor, reader: Reader) -> str:
    person = await session.get_one(Official, actor.official_id)
    person.language = language
    outbox.book(
        session,
        OutboxKind.COMMANDS,
        chat_id=actor.telegram_id,
        payload={},
        subject=f"commands:{actor.telegram_id}",
        now=reader.now,
    )
    return Words(language)("language.set")
