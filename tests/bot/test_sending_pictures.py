"""Pictures on their way to a chat: the one above a card, and albums Telegram may not be able to fetch."""

from dataclasses import replace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import EditMessageText, SendMediaGroup, SendMessage, SendPhoto, TelegramMethod
from aiogram.methods.base import Response, TelegramType
from aiogram.types import LinkPreviewOptions

from bot.sending import Again, Letter, Sent, send
from handlers.outgoing import Outgoing
from tests.bot.bot_stage import ANNA, Served

PHOTO = "https://sun9-1.userapi.com/c1/a.jpg?size=1"


class Overhearing(BaseRequestMiddleware):
    """Takes down what the bot calls."""

    def __init__(self) -> None:
        self.called: list[TelegramMethod[Any]] = []

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        self.called.append(method)
        return await make_request(bot, method)


def overheard(bot: Bot) -> list[TelegramMethod[Any]]:
    """Every call the bot makes from now on."""
    overhearing = Overhearing()
    bot.session.middleware.register(overhearing)
    return overhearing.called


def letter(outgoing: Outgoing) -> Letter:
    return Letter(chat_id=ANNA, thread_id=None, outgoing=outgoing)


async def test_a_card_shows_its_first_photo_above_the_words(telegram: Served) -> None:
    async with telegram.bot() as bot:
        called = overheard(bot)
        outgoing = Outgoing("<b>№ 1</b>", preview=PHOTO)
        sent = await send(bot, letter(outgoing))
        assert isinstance(sent, Sent)
        await send(bot, letter(replace(outgoing, text="<b>№ 1</b> · взято", message_id=sent.message_id)))
    for method, kind in zip(called, (SendMessage, EditMessageText), strict=True):
        assert isinstance(method, kind)
        options = method.link_preview_options
        assert options is not None
        assert (options.url, options.prefer_large_media, options.show_above_text) == (PHOTO, True, True)


async def test_words_without_a_photo_ask_for_no_preview_of_their_own(telegram: Served) -> None:
    async with telegram.bot() as bot:
        called = overheard(bot)
        await send(bot, letter(Outgoing("https://vk.com/wall-1_2")))
    assert isinstance(called[0], SendMessage)
    assert not isinstance(called[0].link_preview_options, LinkPreviewOptions), "the bot's own default holds"


@pytest.mark.parametrize(("number", "kind"), [(1, SendPhoto), (3, SendMediaGroup)])
async def test_photos_arrive_as_one_album(telegram: Served, number: int, kind: type[object]) -> None:
    files = [
        telegram.world.files.add("photo", b"\xff\xd8\xff" + bytes([one])).file_id for one in range(number)
    ]
    async with telegram.bot() as bot:
        called = overheard(bot)
        sent = await send(bot, letter(Outgoing("📷 <b>№ 1</b>", album=tuple(files), instead="по ссылкам")))
    assert isinstance(sent, Sent)
    assert [type(one) for one in called] == [kind]
    chat = telegram.world.chat(ANNA)
    pictures = [one for one in chat.messages.values() if "photo" in one.body]
    assert [one.body.get("caption", "") for one in pictures] == ["📷 № 1", *[""] * (number - 1)]
    assert sent.message_id == pictures[0].id


@pytest.mark.parametrize("number", [1, 3])
async def test_photos_that_telegram_cannot_fetch_come_as_links(telegram: Served, number: int) -> None:
    album = tuple(f"{PHOTO}&n={one}" for one in range(number))
    async with telegram.bot() as bot:
        outcome = await send(
            bot, letter(Outgoing("📷", album=album, instead="Откройте по ссылкам", reply_to=5))
        )
        assert isinstance(outcome, Again)
        assert isinstance(await send(bot, outcome.letter), Sent)
    assert telegram.texts(ANNA) == ["Откройте по ссылкам"]
