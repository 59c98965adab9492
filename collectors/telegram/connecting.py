"""Telegram connected: what the bot hears comes through its inbox (bot/receiving.py), answers leave here."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from collectors.contract import (
    BotAccess,
    Check,
    Collector,
    Connector,
    NetworkError,
    Outcome,
    Page,
    PageFacts,
    Tools,
    Watch,
)
from collectors.pushing import HookAnswer, Pushed
from collectors.telegram.bot_api import BotApi
from collectors.telegram.links import NETWORK
from collectors.telegram.publish import TelegramPublisher
from collectors.telegram.settings import TelegramSourceSettings
from collectors.telegram.updates import PUBLIC, found_post, heard
from incidents.incoming import FoundPost

_ASK_AGAIN: Final = timedelta(minutes=5)


def connect(settings: TelegramSourceSettings, tools: Tools) -> Connector:
    """No call is made here.

    Raises:
        ValueError: the program has no bot.
    """
    if tools.bot is None:
        raise ValueError("enabled needs telegram.token: the bot itself is the reader")
    return TelegramHere(settings, tools, tools.bot).connector


class TelegramHere:
    """Nothing is polled: the program's own updates are the feed, and they are in the inbox already."""

    path = ""

    def __init__(self, settings: TelegramSourceSettings, tools: Tools, bot: BotAccess) -> None:
        self._api = BotApi(tools.http, bot, timeout_seconds=settings.timeout_seconds)
        self._pages: dict[str, Page] = {}
        self._linked: dict[int, int | None] = {}  # group → the channel whose comments it holds
        self.connector = Connector(
            network=NETWORK,
            watch=self._watch,
            publisher=TelegramPublisher(self._api, text_limit=settings.text_limit),
            look_up=self._look_up,
            check=self._check,
            hook=self,
        )

    def _watch(self, wanted: Watch) -> Sequence[Collector]:
        self._pages = {key: page for page in wanted.pages for key in (page.native_id, page.name) if key}
        self._linked.clear()
        return []

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        """Nobody but the bot's own inbox brings updates."""
        return HookAnswer(404)

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        """The post of one stored update.

        Raises:
            NetworkError: LATER: whose words they are could not be asked now.
        """
        known = heard(event.body, self._pages)
        if known is None:
            return []
        is_official = known.is_known
        if known.stranger is not None:
            is_official = known.stranger == await self._channel_of(known.chat_id)
        found = found_post(known, is_official=is_official)
        return [found] if found is not None else []

    async def _channel_of(self, group_id: int) -> int | None:
        """The channel the group is linked to: who writes as it is no resident. Asked once.

        Raises:
            NetworkError: LATER.
        """
        if group_id not in self._linked:
            try:
                group = await self._api.call("getChat", {"chat_id": group_id})
            except NetworkError as error:
                if error.outcome is Outcome.GONE:
                    return None  # the bot is out already; what it heard before is still told
                raise NetworkError(
                    str(error), outcome=Outcome.LATER, retry_after=error.retry_after or _ASK_AGAIN
                ) from None
            linked = group.get("linked_chat_id")
            self._linked[group_id] = linked if isinstance(linked, int) else None
        return self._linked[group_id]

    async def _look_up(self, page: Page) -> PageFacts:
        """Raises: NetworkError."""
        chat = await self._api.call("getChat", {"chat_id": page.native_id or f"@{page.name}"})
        me = await self._api.call("getMe", {})
        status = await self._status_in(chat.get("id"), me.get("id"))
        is_channel = chat.get("type") == "channel"
        sees = status == "administrator" or (
            status == "member" and bool(me.get("can_read_all_group_messages")) and not is_channel
        )
        return PageFacts(
            native_id=str(chat.get("id")),
            name=str(chat.get("username") or "").lower(),
            title=str(chat.get("title") or ""),
            can_answer=status in {"administrator", "member"} and not is_channel,
            problem=self._problem(chat, status, sees=sees),
        )

    def _problem(self, chat: Mapping[str, Any], status: str, *, sees: bool) -> str:
        if chat.get("type") not in PUBLIC:
            return "only channels and supergroups are read"
        if status not in {"administrator", "member"}:
            return "the bot is no member of this chat"
        if not sees:
            return "the bot sees no messages: make it an administrator"
        group = chat.get("linked_chat_id")
        if chat.get("type") == "channel" and group is not None and str(group) not in self._pages:
            return f"its comments are not read: add the discussion group {group}"
        return ""

    async def _status_in(self, chat_id: object, user_id: object) -> str:
        """The bot's own standing; "left" where it may not even ask."""
        try:
            member = await self._api.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        except NetworkError as error:
            if error.outcome in {Outcome.GONE, Outcome.NEVER}:
                return "left"
            raise
        return str(member.get("status"))

    async def _check(self) -> Sequence[Check]:
        me = await self._api.call("getMe", {})
        sees = bool(me.get("can_read_all_group_messages"))
        words = (
            "sees every message of its groups"
            if sees
            else "sees all messages only where it is an administrator"
        )
        return [Check(f"@{me.get('username')}", words)]
