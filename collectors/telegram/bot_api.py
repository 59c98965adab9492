"""Calls of the Bot API, outside aiogram: collectors start light. Source: https://core.telegram.org/bots/api"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from collectors.contract import BotAccess, NetworkError, Outcome

_BROKEN: Final = timedelta(minutes=1)
_UNAUTHORIZED: Final = (401, 404)
_GONE: Final = (
    "message to be replied not found",
    "replied message not found",
    "message to edit not found",
    "message can't be edited",
    "chat not found",
    "topic_closed",
)
_CLOSED: Final = (
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "chat_admin_required",
    "member list is inaccessible",
)
_TEXT: Final = ("message is too long", "message text is empty", "can't parse entities")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


_TOKEN: Final = re.compile(r"/bot\d+:[\w-]+/", re.ASCII)


class _NoToken(logging.Filter):
    """httpx writes every URL into its log at INFO; the Bot API wants the token in the URL."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN.sub("/bot***/", str(one)) if isinstance(one, httpx.URL) else one for one in record.args
            )
        return True


_NO_TOKEN: Final = _NoToken()


class BotApi:
    """One bot. The token is part of the URL: no URL is ever put into an error."""

    def __init__(self, http: httpx.AsyncClient, bot: BotAccess, *, timeout_seconds: float) -> None:
        self._http = http
        self._base = f"{bot.api_url.rstrip('/')}/bot{bot.token.get_secret_value()}/"
        self._timeout = timeout_seconds
        logging.getLogger("httpx").addFilter(_NO_TOKEN)  # the same one again is not added

    async def call(self, method: str, params: Mapping[str, Any], *, writes: bool = False) -> dict[str, Any]:
        """The `result`, an object.

        Raises:
            NetworkError: Telegram refused or failed; `maybe_done` only when `writes`.
        """
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._http.post(self._base + method, json=dict(params), timeout=self._timeout)
        except _NOT_SENT as error:
            raise _broken(method, type(error).__name__, maybe_done=False) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise _broken(method, type(error).__name__, maybe_done=writes) from None
        try:
            told = json.loads(reply.content)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or "ok" not in told:
            raise _broken(method, f"HTTP {reply.status_code}, not the Bot API's words", maybe_done=writes)
        if not told["ok"]:
            raise _refusal(method, told, writes=writes)
        result = told.get("result")
        if not isinstance(result, dict):
            raise _broken(method, "no object came", maybe_done=writes)
        return result


def _broken(method: str, what: str, *, maybe_done: bool) -> NetworkError:
    return NetworkError(
        f"telegram {method}: {what}", outcome=Outcome.LATER, retry_after=_BROKEN, maybe_done=maybe_done
    )


def _refusal(method: str, told: Mapping[str, Any], *, writes: bool) -> NetworkError:
    """Kinds of 400 are told apart by their words: the server gives nothing else.

    A server that breaks down may have done its work before.
    """
    code, words = told.get("error_code"), str(told.get("description") or "")[:200]
    outcome, wait = _verdict(code, words.casefold())
    asked = told.get("parameters")
    seconds = asked.get("retry_after") if isinstance(asked, dict) else None
    if isinstance(seconds, int) and seconds > 0:
        outcome, wait = Outcome.LATER, timedelta(seconds=seconds)
    return NetworkError(
        f"telegram {method}: {code} {words}",
        outcome=outcome,
        retry_after=wait,
        maybe_done=writes and not (isinstance(code, int) and code < httpx.codes.INTERNAL_SERVER_ERROR),
        code=code if isinstance(code, int) else None,
    )


def _verdict(code: object, words: str) -> tuple[Outcome, timedelta | None]:
    if code in _UNAUTHORIZED:
        return Outcome.STOP, None
    if (
        not isinstance(code, int)
        or code == httpx.codes.TOO_MANY_REQUESTS
        or code >= httpx.codes.INTERNAL_SERVER_ERROR
    ):
        return Outcome.LATER, _BROKEN
    if any(part in words for part in _TEXT):
        return Outcome.REFUSED, None
    if code == httpx.codes.FORBIDDEN or any(part in words for part in (*_GONE, *_CLOSED)):
        return Outcome.GONE, None
    return Outcome.NEVER, None
