"""getUpdates: nothing is confirmed to Telegram before it is stored here.

Source: core.telegram.org/bots/api#getupdates. aiogram's own polling confirms updates before their handlers
begin (aiogram/aiogram#1397), so we ask by ourselves, and in plain JSON: one strange update blocks nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from sqlalchemy.exc import SQLAlchemyError

from bot.alarms import Trouble
from bot.backoff import retry_delay
from bot.delivery import refused_token
from handlers.context import Clock
from models.database import Database

_log = logging.getLogger(__name__)

# Said explicitly: Telegram remembers the last list it was given, also another program's.
ALLOWED_UPDATES: Final = (
    *("message", "edited_message", "callback_query", "my_chat_member", "chat_member"),
    *("channel_post", "edited_channel_post"),  # of registered channels: bot/sources.py
)
_PATIENCE: Final = 10  # seconds beyond the long poll before an answer counts as lost
_LONGEST_PAUSE: Final = timedelta(seconds=30)

Keep = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]
"""Stores a batch; when it returns, the batch is safe."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """`code` 200: `updates` came. `retry_after`: seconds, where Telegram asked for them."""

    code: int
    words: str = ""
    updates: tuple[dict[str, Any], ...] = ()
    retry_after: float = 0


class Poller:
    """Asks Telegram for updates until cancelled."""

    def __init__(
        self,
        database: Database,
        *,
        token: str,
        api_url: str,
        keep: Keep,
        clock: Clock,
        bad_token: Trouble,
        poll_seconds: int = 25,
        recheck_seconds: float = 60,
    ) -> None:
        self._url = f"{api_url.rstrip('/')}/bot{token}/"
        self._keep = keep
        self._poll = poll_seconds
        self._recheck = recheck_seconds
        self._bad_token = bad_token
        self._conflict = Trouble(database, clock, key="telegram_conflict")
        self._outage = Trouble(database, clock, key="telegram gives no updates", notify=False)
        self._storage = Trouble(database, clock, key="updates cannot be stored", notify=False)
        self._offset: int | None = None
        self._failures = 0

    async def run(self) -> None:
        """Poll for ever."""
        timeout = aiohttp.ClientTimeout(total=self._poll + _PATIENCE, connect=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                answer = await self._ask(http)
                if answer.code == HTTPStatus.OK:
                    await self._take(answer.updates)
                else:
                    await asyncio.sleep(await self._pause_after(answer, http))

    async def _take(self, updates: tuple[dict[str, Any], ...]) -> None:
        try:
            if updates:
                await self._keep(updates)
        except (SQLAlchemyError, OSError) as error:
            self._failures += 1
            await self._storage.met(f"updates cannot be stored, and are not confirmed: {error}")
            await asyncio.sleep(retry_delay(self._failures, longest=_LONGEST_PAUSE).total_seconds())
            return
        self._failures = 0
        # Without anything to confirm no offset is sent: after a quiet week Telegram numbers updates anew,
        # perhaps with smaller numbers than before.
        self._offset = max(one["update_id"] for one in updates) + 1 if updates else None
        for trouble in (self._bad_token, self._conflict, self._outage, self._storage):
            await trouble.over()

    async def _ask(self, http: aiohttp.ClientSession) -> _Answer:
        question: dict[str, Any] = {
            "timeout": self._poll,
            "limit": 100,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            question["offset"] = self._offset
        try:
            async with http.post(self._url + "getUpdates", json=question) as reply:
                told = await reply.json(content_type=None)
                return _understand(reply.status, told)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return _Answer(0, type(error).__name__)

    async def _pause_after(self, answer: _Answer, http: aiohttp.ClientSession) -> float:
        """Tell of the trouble, once; how many seconds to wait."""
        if answer.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
            await self._bad_token.met(refused_token(f"{answer.code} {answer.words}", self._recheck))
            return self._recheck
        self._failures += 1
        if answer.code == HTTPStatus.CONFLICT:
            if "webhook" in answer.words:
                _log.warning("a webhook was set for this bot: it is removed, updates are kept")
                await self._remove_webhook(http)
            else:
                await self._conflict.met(
                    "another program asks Telegram for this bot's updates: stop it, or give it a bot of its own"
                )
        else:
            await self._outage.met(f"Telegram gives no updates ({answer.code or ''} {answer.words})")
        pause = retry_delay(
            self._failures, longest=_LONGEST_PAUSE, asked=timedelta(seconds=answer.retry_after)
        )
        return pause.total_seconds()

    async def _remove_webhook(self, http: aiohttp.ClientSession) -> None:
        try:
            async with http.post(self._url + "deleteWebhook", json={"drop_pending_updates": False}):
                pass
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("the webhook could not be removed: %s", type(error).__name__)


def _understand(status: int, told: Any) -> _Answer:
    if not isinstance(told, dict):
        return _Answer(HTTPStatus.BAD_GATEWAY, "an answer that is not the Bot API's")
    if told.get("ok") is True and isinstance(told.get("result"), list):
        good = tuple(one for one in told["result"] if _has_number(one))
        if len(good) < len(told["result"]):
            _log.error("%s updates came without a number and cannot be kept", len(told["result"]) - len(good))
        return _Answer(HTTPStatus.OK, updates=good)
    parameters = told.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return _Answer(
        code=status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY,
        words=str(told.get("description", ""))[:200],
        retry_after=float(asked) if isinstance(asked, int | float) else 0,
    )


def _has_number(update: Any) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int
