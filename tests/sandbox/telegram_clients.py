"""Two independent Bot API clients behind one small face, for sessions both must get through.

What differs between aiogram and python-telegram-bot is the spelling of types, files and errors.
"""

from typing import Any, Protocol

import aiogram
import telegram
from aiogram import exceptions, methods, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from pydantic import TypeAdapter
from telegram import error

Json = dict[str, Any]


class Refused(Exception):
    def __init__(self, words: str, *, retry_after: int | None = None, migrated_to: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after = retry_after
        self.migrated_to = migrated_to


class Client(Protocol):
    async def open(self) -> None: ...
    async def call(self, method: str, **parameters: Any) -> Any: ...
    def keyboard(self, *rows: list[Json]) -> Any: ...
    def force_reply(self, placeholder: str) -> Any: ...
    def photo(self, data: bytes) -> Any: ...
    def album(self, *photos: bytes) -> list[Any]: ...
    def commands(self, **listed: str) -> list[Any]: ...
    async def download(self, file_id: str) -> bytes: ...
    async def close(self) -> None: ...


class Aiogram:
    def __init__(self, url: str, token: str) -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(url))
        self.bot = aiogram.Bot(token, session=session)

    async def open(self) -> None:
        await self.bot.me()

    async def call(self, method: str, **parameters: Any) -> Any:
        try:
            return await getattr(self.bot, method)(**parameters)
        except exceptions.TelegramRetryAfter as refusal:
            raise Refused(str(refusal), retry_after=refusal.retry_after) from refusal
        except exceptions.TelegramMigrateToChat as refusal:
            raise Refused(str(refusal), migrated_to=refusal.migrate_to_chat_id) from refusal
        except exceptions.TelegramAPIError as refusal:
            raise Refused(refusal.message) from refusal

    def keyboard(self, *rows: list[Json]) -> types.InlineKeyboardMarkup:
        return types.InlineKeyboardMarkup.model_validate({"inline_keyboard": list(rows)})

    def force_reply(self, placeholder: str) -> types.ForceReply:
        return types.ForceReply(input_field_placeholder=placeholder)

    def photo(self, data: bytes) -> types.BufferedInputFile:
        return types.BufferedInputFile(data, "яма.png")

    def album(self, *photos: bytes) -> list[Any]:
        return [types.InputMediaPhoto(media=self.photo(data), caption="альбом") for data in photos]

    def commands(self, **listed: str) -> list[Any]:
        return [types.BotCommand(command=name, description=text) for name, text in listed.items()]

    async def download(self, file_id: str) -> bytes:
        stream = await self.bot.download(file_id)
        assert stream is not None
        return stream.read()

    async def close(self) -> None:
        await self.bot.session.close()


class PythonTelegramBot:
    def __init__(self, url: str, token: str) -> None:
        self.bot = telegram.Bot(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")

    async def open(self) -> None:
        await self.bot.initialize()

    async def call(self, method: str, **parameters: Any) -> Any:
        try:
            return await getattr(self.bot, method)(**parameters)
        except error.RetryAfter as refusal:
            seconds = refusal.retry_after
            assert isinstance(seconds, int)
            raise Refused(refusal.message, retry_after=seconds) from refusal
        except error.ChatMigrated as refusal:
            raise Refused(refusal.message, migrated_to=refusal.new_chat_id) from refusal
        except error.TelegramError as refusal:
            raise Refused(refusal.message) from refusal

    def keyboard(self, *rows: list[Json]) -> telegram.InlineKeyboardMarkup:
        return telegram.InlineKeyboardMarkup.de_json({"inline_keyboard": list(rows)}, self.bot)

    def force_reply(self, placeholder: str) -> telegram.ForceReply:
        return telegram.ForceReply(input_field_placeholder=placeholder)

    def photo(self, data: bytes) -> telegram.InputFile:
        return telegram.InputFile(data, "яма.png")

    def album(self, *photos: bytes) -> list[Any]:
        return [telegram.InputMediaPhoto(data, caption="альбом") for data in photos]

    def commands(self, **listed: str) -> list[Any]:
        return [telegram.BotCommand(name, text) for name, text in listed.items()]

    async def download(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def close(self) -> None:
        await self.bot.shutdown()


CLIENTS: list[type[Client]] = [Aiogram, PythonTelegramBot]

_PTB: dict[str, type[telegram.TelegramObject]] = {
    "getme": telegram.User,
    "getupdates": telegram.Update,
    "getchat": telegram.ChatFullInfo,
    "getchatmember": telegram.ChatMember,
    "getfile": telegram.File,
    "createforumtopic": telegram.ForumTopic,
    "copymessage": telegram.MessageId,
    "getwebhookinfo": telegram.WebhookInfo,
    "getmycommands": telegram.BotCommand,
    "getmydescription": telegram.BotDescription,
    "sendmediagroup": telegram.Message,
}
_AIOGRAM = {
    name.lower(): TypeAdapter(getattr(methods, name).__returning__)
    for name in methods.__all__
    if name not in {"Request", "Response", "TelegramMethod"}
}
# Required by Bot API 10.3 (aiogram), unknown to 10.0 (python-telegram-bot).
_NEWER = frozenset({"can_send_welcome_messages"})


def validate(method: str, result: Any) -> None:
    """Both libraries read the result, and neither finds a field it does not know."""
    read = _AIOGRAM[method].validate_python(result)
    for model in read if isinstance(read, list) else [read]:
        _no_strangers(model)
    if isinstance(result, (bool, int)):
        return
    kind = _PTB.get(method, telegram.Message)
    for item in result if isinstance(result, list) else [result]:
        parsed = kind.de_json(item, None)
        assert parsed is not None
        assert set(parsed.api_kwargs) <= _NEWER, (method, parsed.api_kwargs)


def _no_strangers(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _no_strangers(item)
    elif isinstance(value, types.TelegramObject):
        assert not value.model_extra, (type(value), value.model_extra)
        for name in value.model_fields_set:
            _no_strangers(getattr(value, name))
