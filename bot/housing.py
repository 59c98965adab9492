"""What is the same for every press (handlers/context.House), put together once: the bot's name, networks' rules."""

import asyncio
import secrets
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError

from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.delivery import refused_token
from bot.networks import Networks, enabled, read_link
from bot.settings import Settings
from collectors.contract import Publisher
from collectors.editing import Editor
from collectors.networks import NETWORKS
from handlers.context import Clock, Explain, House
from incidents.keywords import Forms
from incidents.wording import TextRules
from models.database import Database

_LONGEST_PAUSE: Final = timedelta(seconds=30)


class Housing:
    """`house(bot)` waits until Telegram tells the bot's name."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        networks: Networks,
        *,
        forms: Forms,
        token: Trouble,
        explainer: Explain | None = None,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._networks = networks
        self._forms = forms
        self._explainer = explainer
        self._token = token
        self._outage = Trouble(database, clock, key="Telegram does not answer", notify=False)

    async def house(self, bot: Bot) -> House:
        region = self._settings.region
        return House(
            bot_username=await self._name_of(bot),
            zone=ZoneInfo(region.timezone),
            language=region.language,
            new_token=lambda: secrets.token_urlsafe(32),
            rules={name: _rules(one) for name, one in self._networks.publishers.items()},
            links=read_link,
            answer_links={network.name: network.answer_links for network in NETWORKS},
            compose={network.name: network.compose for network in NETWORKS if network.compose is not None},
            compiled={network.title: network.compiled for network, _ in enabled(self._settings)},
            word_forms=self._forms,
            explainer=self._explainer,
            readers={network.name: network.page_of_link for network in NETWORKS if network.has_pages},
            required_networks=region.required_networks,
        )

    async def _name_of(self, bot: Bot) -> str:
        """The bot's username, asked until Telegram tells it."""
        failures = 0
        while True:
            try:
                me = await bot.get_me()
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                recheck = self._settings.telegram.recheck_seconds
                await self._token.met(refused_token(error.message, recheck))
                await asyncio.sleep(recheck)
            except (AiogramError, OSError) as error:
                failures += 1
                await self._outage.met(f"Telegram does not answer: {getattr(error, 'message', error)}")
                await asyncio.sleep(retry_delay(failures, longest=_LONGEST_PAUSE).total_seconds())
            else:
                await self._token.over()
                await self._outage.over()
                return me.username or ""


def _rules(publisher: Publisher) -> TextRules:
    return TextRules(
        limit=publisher.text_limit,
        measure=publisher.measure,
        objection=publisher.objection,
        photos_limit=publisher.photos_limit,
        can_edit=isinstance(publisher, Editor),
    )
