"""The client of the Bot API, as the settings have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.settings import Settings


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """The client of the configured Bot API; its connections are closed at the end."""
    telegram = settings.telegram
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(telegram.api_url), timeout=telegram.timeout_seconds
    )
    defaults = DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True)
    bot = Bot(settings.token, session=session, default=defaults)
    try:
        yield bot
    finally:
        await session.close()
