"""The registry as a file: «Выгрузить», and a document with the caption /communities that changes it."""

import asyncio
import io
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, Document, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import House, Transaction
from handlers.excerpts import line
from handlers.outgoing import Outgoing, OutgoingFile
from handlers.registry_words import fault_line
from handlers.telling import Spot, acknowledge, tell
from handlers.times import Reader
from handlers.words import Words
from incidents import outbox
from incidents.communities import figures, scope_of
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.registering import Put, put
from incidents.registry_columns import Fault
from incidents.registry_export import as_xlsx
from incidents.registry_files import read_registry
from incidents.registry_tables import MOST_BYTES
from models import OutboxKind, Urgency

_log = logging.getLogger(__name__)

FILE: Final = "communities.file"  # the notice that is a document
_PATIENCE: Final = 60  # seconds for ten megabytes
_SHOWN: Final = 15  # faults; the message must not grow past Telegram's limit
_FAULT: Final = 200  # UTF-16 units

# -- out


async def file_asked(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    async with transaction() as session:
        owe_file(session, spot, actor, reader)
    await acknowledge(query, reader.words.plain("communities.file_soon"))


def owe_file(session: AsyncSession, spot: Spot, actor: Actor, reader: Reader) -> None:
    """Owe the registry, as far as the person sees it, as it will be when it leaves.

    Raises:
        NotAllowed: nothing of it is theirs.
    """
    scope = scope_of(actor)
    outbox.book(
        session,
        OutboxKind.NOTICE,
        chat_id=spot.chat_id,
        thread_id=spot.thread_id,
        payload={"key": FILE, "bodies": sorted(scope) if scope is not None else None},
        urgency=Urgency.ANSWERED_PERSON,
        now=reader.now,
    )


async def registry_file(session: AsyncSession, payload: Mapping[str, Any], reader: Reader) -> Outgoing:
    """The document itself, made when it leaves."""
    pages = await figures(session, now=reader.now, bodies=payload["bodies"])
    content = await asyncio.to_thread(as_xlsx, pages, language=reader.words.language, zone=reader.zone)
    name = f"communities-{reader.now.astimezone(reader.zone):%Y-%m-%d}.xlsx"
    text = reader.words("communities.file", total=len(pages))
    return Outgoing(text, file=OutgoingFile(name, content))


# -- in


async def file_came(
    message: Message,
    *,
    bot: Bot,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    """The file is fetched and read before the transaction; in it, all of it is put, or nothing."""
    actor.must(Permission.COMMUNITIES)
    document = message.document
    content = await _fetched(bot, document) if document is not None else None
    if content is None:
        async with transaction() as session:
            tell(session, spot, reader.words("communities.not_fetched"), now=reader.now)
        return
    reading = await asyncio.to_thread(read_registry, content, readers=house.readers)
    async with transaction() as session:
        done = Put(faults=reading.faults)
        if not reading.faults:
            done = await put(session, reading.lines, now=reader.now, by=actor)
        _note(session, actor, spot, reader, done)
        tell(session, spot, _told(done, reader.words), now=reader.now, reply_to=spot.message_id)


def _note(session: AsyncSession, actor: Actor, spot: Spot, reader: Reader, done: Put) -> None:
    audit(
        session,
        now=reader.now,
        telegram_id=actor.telegram_id,
        chat_id=spot.chat_id,
        action="import_communities",
        outcome="refused" if done.faults else "done",
        added=done.added,
        changed=done.changed,
        faults=len(done.faults),
    )


def _told(done: Put, words: Words) -> str:
    if not done.faults:
        return words("communities.imported", added=done.added, changed=done.changed, unchanged=done.unchanged)
    return "\n".join([words("communities.faults", total=len(done.faults)), *_some(done.faults, words)])


def _some(faults: Sequence[Fault], words: Words) -> list[str]:
    shown = [words("plain", text=line(fault_line(fault, words), _FAULT)) for fault in faults[:_SHOWN]]
    left = len(faults) - len(shown)
    return [*shown, words("communities.more_faults", number=left)] if left else [*shown]


class _Room(io.BytesIO):
    """Holds a file of at most one byte more than is allowed: who reads it sees that it is too large."""

    def write(self, data: Any, /) -> int:
        room = MOST_BYTES + 1 - self.tell()
        return super().write(bytes(data)[: max(room, 0)])


async def _fetched(bot: Bot, document: Document) -> bytes | None:
    """The file; None where Telegram does not give it. What is too large is not fetched, only refused."""
    if document.file_size is not None and document.file_size > MOST_BYTES:
        return bytes(MOST_BYTES + 1)
    room = _Room()
    try:
        await bot.download(document.file_id, destination=room, timeout=_PATIENCE)
    except (TelegramAPIError, aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
        _log.warning("a file of the registry was not fetched: %s", type(error).__name__)
        return None
    return room.getvalue()
