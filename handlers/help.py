"""/help and /language."""

import difflib
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Speak
from handlers.commands import COMMANDS, open_to
from handlers.context import Transaction
from handlers.excerpts import folded, line
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents import outbox
from incidents.people import Actor
from models import Language, Official, OutboxKind, Role

_SHOWN: Final = 8  # commands before the fold
_NAME: Final = 32  # UTF-16 units; a command is not longer: https://core.telegram.org/bots/api#botcommand


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(help_asked, Command("help"))
    router.message.register(language_asked, Command("language"))
    router.callback_query.register(language_chosen, Speak.filter())
    return router


def help_text(actor: Actor, words: Words) -> str:
    """What this person can do: by role in a sentence, then every command that is open to them."""
    mine = [words(f"help.{role.value}") for role in Role if role in actor.roles]
    open_ones = [one for one in COMMANDS if open_to(one, actor.roles)]
    rows = [words("help.row", name=one.name, what=words.plain(f"command.{one.name}")) for one in open_ones]
    more = words("help.more", example=open_ones[0].name)
    return "\n\n".join([words("help.top"), *mine, folded(rows, shown=_SHOWN), more])


def help_of(name: str, actor: Actor, words: Words) -> str:
    """One command's help; what is possible instead, where there is no such command or not for this person."""
    wanted = name.strip().lstrip("/").partition("@")[0].lower()
    open_ones = {one.name for one in COMMANDS if open_to(one, actor.roles)}
    if wanted in open_ones:
        return words("help.row", name=wanted, what=words(f"help_of.{wanted}"))
    alike = difflib.get_close_matches(wanted, sorted(open_ones), n=1)
    if alike:
        return words("unknown_alike", command=line(wanted, _NAME), alike=alike[0])
    return f"{words('unknown_command', command=line(wanted, _NAME))}\n\n{help_text(actor, words)}"


async def help_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        asked = (command.args or "").split()
        words = reader.words
        text = help_of(asked[0], actor, words) if asked else help_text(actor, words)
        tell(session, spot, text, now=reader.now)


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
