"""A stage for the conversation: whole updates in, the chats as people see them out. No network."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import AnswerCallbackQuery, GetChatMember, GetMe, TelegramMethod
from aiogram.types import ChatMemberBanned, ChatMemberLeft, ChatMemberMember, Update, User
from sqlalchemy import select

from handlers import build_router
from handlers.context import House
from handlers.outgoing import Outgoing
from handlers.rendering import render
from incidents import outbox
from incidents.incoming import FoundPost, Guess, Scored
from incidents.intake import TriageRules, take_in
from incidents.wording import TextRules
from models import (
    AuditEntry,
    Card,
    Incident,
    Kind,
    Language,
    Official,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Prompt,
)
from models.database import Database
from sandbox.telegram.entities import Entity
from sandbox.telegram.entities_html import parse_html
from tests.conftest import NOON, MovableClock

ANNA, BORIS, VERA, BELLA, IRINA, STRANGER = 101, 102, 103, 104, 105, 666
HOUSING_CHAT = -1002
SCREEN, SCREEN_LINES = 1600, 45  # of a phone: UTF-16 units and lines that are seen without opening a fold
_FOLDED = frozenset({"expandable_blockquote", "code", "pre"})
BOT_ID = 42
NAMES = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера", BELLA: "Белла", IRINA: "Ирина", STRANGER: "Чужой"}

POTHOLE = FoundPost(
    network="vk",
    native_id="wall-1_2",
    text="Яма <b>на</b> Ленина & никто не чинит",
    url="https://vk.com/wall-1_2",
    posted_at=NOON - timedelta(minutes=30),
    community_id="-1",
    community_title="Подслушано",
    author_name="Житель",
)


def guess(topic: str = "roads", *, sure: float = 0.9, needs_answer: bool = True) -> Guess:
    return Guess(
        model_id="test",
        kind=Kind.COMPLAINT,
        kind_confidence=0.9,
        needs_answer=needs_answer,
        needs_answer_confidence=0.9,
        official_reply=False,
        topics=(
            Scored(topic, sure),
            Scored("roads" if topic == "housing" else "housing", 0.05),
            Scored("other", 0.01),
        ),
        place="улица Ленина",
    )


class RecordingSession(BaseSession):
    """Telegram as far as a handler may speak to it directly: acknowledgements, and who the bot is."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[TelegramMethod[Any]] = []
        self.too_old = False
        self.members: dict[tuple[int, int], str] = {}  # (chat, person) → "left", "kicked"; others are members
        self.silent = False  # Telegram does not say who is where

    async def close(self) -> None: ...

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - the parent's signature
    ) -> Any:
        self.asked.append(method)
        if isinstance(method, GetMe):
            return User(id=BOT_ID, is_bot=True, first_name="Отклик", username="otklik_bot")
        if isinstance(method, GetChatMember):
            return self._member(method)
        assert isinstance(method, AnswerCallbackQuery), f"a handler called {method}"
        if self.too_old:
            raise TelegramBadRequest(
                method=method,
                message="Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        return True

    def _member(self, method: GetChatMember) -> ChatMemberMember | ChatMemberLeft | ChatMemberBanned:
        if self.silent:
            raise TelegramNetworkError(method=method, message="Request timeout error")
        user = User(id=method.user_id, is_bot=False, first_name=NAMES.get(method.user_id, "Кто-то"))
        match self.members.get((int(method.chat_id), method.user_id), "member"):
            case "left":
                return ChatMemberLeft(user=user)
            case "kicked":
                return ChatMemberBanned(user=user, until_date=NOON)
            case _:
                return ChatMemberMember(user=user)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - the parent's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,  # noqa: FBT001, FBT002 - the parent's signature
    ) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError
        yield b""


@dataclass
class Shown:
    """One message of the bot as it stands in a chat."""

    message_id: int
    outgoing: Outgoing
    visible: str

    @property
    def text(self) -> str:
        return self.outgoing.text

    @property
    def buttons(self) -> list[str]:
        keyboard = self.outgoing.keyboard
        return [one.text for row in keyboard.inline_keyboard for one in row] if keyboard else []

    def data(self, label: str) -> str:
        assert self.outgoing.keyboard is not None, f"no buttons under {self.visible!r}"
        for row in self.outgoing.keyboard.inline_keyboard:
            for one in row:
                if label in one.text and one.callback_data:
                    return one.callback_data
        raise AssertionError(f"no button {label!r} among {self.buttons}")


@dataclass
class Stage:
    database: Database
    clock: MovableClock
    house: House
    bodies: dict[str, int]
    session: RecordingSession = field(default_factory=RecordingSession)
    chats: dict[int, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    menus: dict[int, list[str]] = field(default_factory=dict)
    _ids: int = 1000
    _updates: int = 0

    def __post_init__(self) -> None:
        self.bot = Bot("42:TEST", session=self.session)
        self.dispatcher = Dispatcher()
        self.dispatcher.include_router(build_router())

    # -- people

    def _user(self, who: int) -> dict[str, Any]:
        return {"id": who, "is_bot": False, "first_name": NAMES.get(who, "Кто-то"), "language_code": "ru"}

    def _chat(self, chat: int) -> dict[str, Any]:
        if chat > 0:
            return {"id": chat, "type": "private", "first_name": NAMES.get(chat, "Кто-то")}
        return {"id": chat, "type": "supergroup", "title": "Чат ЖКХ"}

    def _message(self, chat: int, message_id: int, **fields: Any) -> dict[str, Any]:
        at = int(self.clock().timestamp())
        return {"message_id": message_id, "date": at, "chat": self._chat(chat), **fields}

    async def feed(self, **event: Any) -> None:
        self._updates += 1
        update = Update.model_validate({"update_id": self._updates, **event}, context={"bot": self.bot})
        await self.dispatcher.feed_update(
            self.bot,
            update,
            transaction=self.database.writing,
            reading=self.database.reading,
            clock=self.clock,
            house=self.house,
        )

    async def press_data(self, who: int, data: str, *, chat: int | None = None, on: int = 1) -> str:
        """Press something; the words of the acknowledgement. An alert begins with "!"."""
        before = len(self.session.asked)
        message = self._message(chat or who, on, text="…", from_user=None)
        message["from"] = {"id": BOT_ID, "is_bot": True, "first_name": "Отклик"}
        await self.feed(
            callback_query={
                "id": str(self._updates),
                "from": self._user(who),
                "chat_instance": "x",
                "message": message,
                "data": data,
            }
        )
        answers = [one for one in self.session.asked[before:] if isinstance(one, AnswerCallbackQuery)]
        assert len(answers) == 1, f"pressed once, answered {len(answers)} times"
        text = answers[0].text or ""
        assert text.strip(), "a press was answered with nothing"
        assert len(text) <= 200
        await self.deliver()
        return ("!" if answers[0].show_alert else "") + text

    async def press(self, who: int, label: str, *, chat: int | None = None, on: Shown | None = None) -> str:
        """Press the newest button of that label in the chat."""
        shown = on or next(
            one for one in reversed(self.chats[chat or who]) if any(label in text for text in one.buttons)
        )
        return await self.press_data(who, shown.data(label), chat=chat, on=shown.message_id)

    async def write(
        self,
        who: int,
        text: str | None = None,
        *,
        chat: int | None = None,
        to: Shown | int | None = None,
        edited: int | None = None,
        **fields: Any,
    ) -> int:
        """Write, with a swipe to `to` where given. Returns the message's id."""
        self._ids += 1
        message_id = edited or self._ids
        message = self._message(chat or who, message_id, **fields)
        message["from"] = self._user(who)
        if text is not None:
            message["text"] = text
            if text.startswith("/"):
                length = len(text.split(maxsplit=1)[0])
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if to is not None:
            replied = self._message(chat or who, to if isinstance(to, int) else to.message_id, text="…")
            replied["from"] = {"id": BOT_ID, "is_bot": True, "first_name": "Отклик"}
            message["reply_to_message"] = replied
        if edited is not None:
            message["edit_date"] = int(self.clock().timestamp())
            await self.feed(edited_message=message)
        else:
            await self.feed(message=message)
        await self.deliver()
        return message_id

    # -- the way out

    async def deliver(self) -> None:
        """Send all that is due, as delivery does: one by one, the most urgent first."""
        while await self._deliver_one():
            pass

    async def _deliver_one(self) -> bool:
        now = self.clock()
        async with self.database.writing() as session:
            row = await session.scalar(
                select(OutboxRow)
                .where(OutboxRow.state == OutboxState.WAITING, OutboxRow.not_before <= now)
                .order_by(OutboxRow.urgency, OutboxRow.id)
                .limit(1)
            )
            if row is None:
                return False
            outgoing = await render(session, row, house=self.house, now=now)
            row.state = OutboxState.SENT if outgoing else OutboxState.FOLDED
            if outgoing is None:
                return True
            if outgoing.commands is not None:
                self.menus[row.chat_id] = [one.command for one in outgoing.commands]
                return True
            shown = self._put(row.chat_id, outgoing)
            if row.kind is OutboxKind.PROMPT:
                (await session.get_one(Prompt, row.payload["prompt_id"])).message_id = shown.message_id
            elif row.kind is OutboxKind.CARD:
                card = await session.scalar(
                    select(Card).where(
                        Card.incident_id == row.payload["incident_id"], Card.chat_id == row.chat_id
                    )
                )
                assert card is not None
                card.message_id = shown.message_id
        return True

    def _put(self, chat_id: int, outgoing: Outgoing) -> Shown:
        visible = checked(outgoing)
        for shown in self.chats[chat_id]:
            if shown.message_id == outgoing.message_id:
                shown.outgoing, shown.visible = outgoing, visible
                return shown
        self._ids += 1
        shown = Shown(outgoing.message_id or self._ids, outgoing, visible)
        self.chats[chat_id].append(shown)
        return shown

    def last(self, chat: int) -> Shown:
        return self.chats[chat][-1]

    def text(self, chat: int) -> str:
        """What the newest message of the chat shows, without markup."""
        return self.last(chat).visible

    # -- the region

    async def arrive(
        self,
        number: int = 2,
        *,
        text: str = POTHOLE.text,
        topic: str = "roads",
        sure: float = 0.9,
        needs_answer: bool = True,
        **changes: Any,
    ) -> int:
        """A post arrives and its card is delivered; the incident's number."""
        found = replace(POTHOLE, native_id=f"wall-1_{number}", text=text, **changes)
        async with self.database.writing() as session:
            incident = await take_in(
                session,
                found,
                guess(topic, sure=sure, needs_answer=needs_answer),
                rules=TriageRules(),
                now=self.clock(),
            )
            assert incident is not None
        await self.deliver()
        return incident.id

    async def incident(self, number: int) -> Incident:
        async with self.database.reading() as session:
            return await session.get_one(Incident, number)

    async def audited(self) -> list[tuple[str, str]]:
        async with self.database.reading() as session:
            rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            return [(row.action, row.outcome) for row in rows]

    async def says_english(self, who: int) -> None:
        async with self.database.writing() as session:
            person = await session.scalar(select(Official).where(Official.telegram_id == who))
            assert person is not None
            person.language = Language.EN

    async def notify(self, chat: int, key: str, **params: Any) -> None:
        async with self.database.writing() as session:
            outbox.book_notice(session, key, chat_id=chat, now=self.clock(), **params)
        await self.deliver()


def seen_at_once(visible: str, entities: Sequence[Entity]) -> tuple[int, int]:
    """How many UTF-16 units and lines are read without opening a fold; what is there to be copied does not count."""
    raw = visible.encode("utf-16-le")
    units: list[bytes] = [raw[at : at + 2] for at in range(0, len(raw), 2)]
    for one in entities:
        if one["type"] in _FOLDED:
            units[one["offset"] : one["offset"] + one["length"]] = [b""] * one["length"]
    seen = [unit for unit in units if unit]
    return len(seen), seen.count(b"\n\x00") + 1


def checked(outgoing: Outgoing) -> str:
    """The visible words, if Telegram would take the message at all."""
    visible, entities = parse_html(outgoing.text)  # raises what Telegram would answer
    assert visible.strip()
    units, lines = seen_at_once(visible, entities)
    assert (units <= SCREEN, lines <= SCREEN_LINES) == (True, True), f"more than a phone's screen:\n{visible}"
    assert len(outgoing.text.encode("utf-16-le")) // 2 <= 4096
    if outgoing.album:
        assert len(outgoing.album) <= 10
        assert len(visible) <= 1024
        assert len(outgoing.instead.encode("utf-16-le")) // 2 <= 4096
        assert outgoing.keyboard is None
    if outgoing.keyboard is not None:
        for row in outgoing.keyboard.inline_keyboard:
            assert 1 <= len(row) <= 8
            for one in row:
                assert one.text.strip()
                if one.copy_text is not None:
                    assert 1 <= len(one.copy_text.text) <= 256
                else:
                    assert one.url or 1 <= len((one.callback_data or "").encode()) <= 64
        assert not outgoing.force_reply
    return visible


def tokens() -> Sequence[str]:
    return [f"token{number}" for number in range(100)]


def a_house(**changes: Any) -> House:
    made = iter(tokens())
    house = House(
        bot_username="otklik_bot",
        zone=ZoneInfo("Europe/Moscow"),
        language=Language.RU,
        new_token=lambda: next(made),
        rules={"vk": TextRules(3000)},
    )
    return replace(house, **changes)


def in_hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)
