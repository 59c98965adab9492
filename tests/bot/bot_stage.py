"""What the tests of the program share: who is who, and the program's parts built against the sandbox."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Trouble
from bot.clock import SystemClock
from bot.delivery import Deliverer, Render
from bot.pacing import Pacer
from handlers.context import House
from handlers.outgoing import Outgoing
from incidents import outbox
from models import Card, Incident, Language, OutboxKind, OutboxRow, Prompt, Urgency
from models.database import Database
from sandbox.telegram.world import TelegramWorld

ANNA, BORIS, VERA, OLGA = 101, 102, 103, 104  # Telegram ids, and so private chats
NAMES = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера", OLGA: "Ольга"}
TOKEN = "42:TEST-token-of-the-sandbox"
HOUSE = House(
    bot_username="otklik_bot",
    zone=ZoneInfo("Europe/Moscow"),
    language=Language.RU,
    new_token=lambda: secrets.token_urlsafe(32),
)


@dataclass
class Served:
    """The emulated Telegram and its address."""

    url: str
    world: TelegramWorld

    def texts(self, chat_id: int) -> list[str]:
        """What the bot wrote into the chat, oldest first."""
        return [one["text"] for one in self.world.messages(chat_id) if one["from"]["is_bot"]]

    def calls(self, method: str, chat_id: int | None = None) -> list[Any]:
        return [
            call
            for call in self.world.record.calls
            if call.method.lower() == method.lower() and chat_id in {None, call.chat_id}
        ]

    @asynccontextmanager
    async def bot(self, *, patience: float = 5) -> AsyncIterator[Bot]:
        session = AiohttpSession(api=TelegramAPIServer.from_base(self.url), timeout=patience)
        try:
            yield Bot(TOKEN, session=session)
        finally:
            await session.close()


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait on a condition, plain or awaitable."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return
            await asyncio.sleep(0.01)


async def plain(session: AsyncSession, row: OutboxRow, *, house: House, now: Any) -> Outgoing | None:
    """A renderer of few words: what delivery does must not depend on what is said."""
    payload = row.payload
    if payload.get("silent"):
        return None
    if row.kind is OutboxKind.CARD:
        number = payload["incident_id"]
        card = await session.scalar(
            select(Card).where(Card.incident_id == number, Card.chat_id == row.chat_id)
        )
        incident = await session.get_one(Incident, number)
        assert card is not None
        return Outgoing(f"card {number} {incident.status}", message_id=card.message_id)
    if row.kind is OutboxKind.PROMPT:
        prompt = await session.get_one(Prompt, payload["prompt_id"])
        return Outgoing(f"write about {prompt.incident_id}", force_reply=True)
    if row.kind is OutboxKind.NOTICE:
        words = " ".join(f"{key}={value}" for key, value in payload.items())
        return Outgoing(words.replace("<", "&lt;"))
    return Outgoing(payload["text"], message_id=payload.get("message_id"), reply_to=payload.get("reply_to"))


@dataclass
class Office:
    """Owes texts and counts what became of them."""

    database: Database
    clock: SystemClock = field(default_factory=SystemClock)

    async def owe(
        self,
        *texts: str,
        to: int,
        thread: int | None = None,
        urgency: Urgency = Urgency.NOTICE,
        kind: OutboxKind = OutboxKind.TEXT,
        **payload: Any,
    ) -> None:
        async with self.database.writing() as session:
            for text in texts:
                outbox.book(
                    session,
                    kind,
                    chat_id=to,
                    thread_id=thread,
                    payload={"text": text, **payload},
                    urgency=urgency,
                    now=self.clock(),
                )

    async def rows(self, **where: Any) -> list[OutboxRow]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(OutboxRow).filter_by(**where).order_by(OutboxRow.id)))

    async def states(self, **where: Any) -> list[str]:
        return [row.state.value for row in await self.rows(**where)]


@asynccontextmanager
async def delivering(
    database: Database,
    served: Served,
    *,
    render: Render = plain,
    pacer: Pacer | None = None,
    patience: float = 5,
    recheck_seconds: float = 60,
) -> AsyncIterator[Deliverer]:
    """A sender at work, told to stop at the end."""
    clock = SystemClock()
    stop = asyncio.Event()
    async with served.bot(patience=patience) as bot:
        deliverer = Deliverer(
            database,
            bot,
            render=render,
            house=HOUSE,
            clock=clock,
            pacer=pacer or Pacer(per_chat_seconds=0),
            token=Trouble(database, clock, key="telegram_token"),
            recheck_seconds=recheck_seconds,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(deliverer.run(stop))
            try:
                yield deliverer
            finally:
                stop.set()


def router(**handlers: Callable[..., Any]) -> Router:
    """A router of one test: observer name → handler."""
    made = Router()
    for observer, handler in handlers.items():
        made.observers[observer].register(handler)
    return made
