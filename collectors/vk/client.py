"""One token's way to the VK API: form bodies, pace, and errors turned into `NetworkError`.

Source: https://dev.vk.com/ru/api/api-requests
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.text import storable
from collectors.vk.errors import RATE_LIMIT, TOO_FAST, verdict

BROKEN_ANSWER: Final = timedelta(minutes=1)
SLOWEST: Final = 5.0  # seconds between calls at most, however often VK complains
TRIES_WHEN_TOO_FAST: Final = 4

# Nothing has left this machine when one of these is raised.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class VkClient:
    """Calls of one token, in turn and never faster than `calls_per_second`.

    Token and version travel in the body: a URL is written to logs, a body is not. `clock` counts seconds,
    monotonic.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        version: str,
        token: SecretStr,
        calls_per_second: float,
        timeout_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._methods = base_url.rstrip("/") + "/method/"
        self._version = version
        self._token = token
        self._usual = 1 / calls_per_second
        self._interval = self._usual
        self._timeout = timeout_seconds
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()
        self._closed_until: dict[str, float] = {}

    async def call(
        self, method: str, params: Mapping[str, str | int], *, writes: bool = False
    ) -> dict[str, Any]:
        """VK's `response`, an object.

        Raises:
            NetworkError: VK refused or failed; `maybe_done` only when `writes`.
        """
        answer = await self.ask(method, params, writes=writes)
        if not isinstance(answer, dict):
            raise _broken(method, f"an object was expected, came {type(answer).__name__}", maybe_done=writes)
        return answer

    async def ask(self, method: str, params: Mapping[str, str | int], *, writes: bool = False) -> Any:
        """VK's `response` as it is; "too many requests per second" is waited out here.

        Raises:
            NetworkError: VK refused or failed; `maybe_done` only when `writes`.
        """
        self._refuse_while_closed(method)
        for last in (*(False,) * (TRIES_WHEN_TOO_FAST - 1), True):
            await self._turn()
            answer = await self._post(method, params, writes=writes)
            error = answer.get("error")
            if error is None and "response" in answer:
                self._interval = max(self._usual, self._interval * 0.9)
                return answer["response"]
            refusal = self._refusal(method, error, writes=writes)
            if refusal.code != TOO_FAST or last:
                raise refusal
            self._interval = min(self._interval * 2, SLOWEST)
        raise AssertionError("the last try returns or raises")

    async def listen(self, server: str, *, key: str, ts: str, wait: int) -> dict[str, Any]:
        """One request of Bots Long Poll: what has happened since `ts`, at once or within `wait` seconds.

        The key has to travel in the URL: the program keeps httpx's own log quiet (bot/logs.py).
        Source: https://dev.vk.com/ru/api/bots-long-poll/getting-started

        Raises:
            NetworkError: LATER, the server does not answer, or not as documented.
        """
        longest = self._timeout + wait
        try:
            async with asyncio.timeout(longest):
                reply = await self._http.get(
                    server,
                    params={"act": "a_check", "key": key, "ts": ts, "wait": wait},
                    timeout=longest,
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise _broken("Long Poll", type(error).__name__, maybe_done=False) from None
        return _decoded("Long Poll", reply, writes=False)

    async def _turn(self) -> None:
        """Wait for this token's turn, and book the next one."""
        now = self._clock()
        at = max(now, self._free_at)
        self._free_at = at + self._interval
        if at > now:
            await self._sleep(at - now)

    async def _post(self, method: str, params: Mapping[str, str | int], *, writes: bool) -> dict[str, Any]:
        form = {key: storable(str(value)) for key, value in params.items()}
        form |= {"access_token": self._token.get_secret_value(), "v": self._version}
        try:
            # httpx limits each read alone: a body that drips would never end.
            async with asyncio.timeout(self._timeout):
                reply = await self._http.post(self._methods + method, data=form, timeout=self._timeout)
        except _NOT_SENT as error:
            raise _broken(method, type(error).__name__, maybe_done=False) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise _broken(method, type(error).__name__, maybe_done=writes) from None
        return _decoded(method, reply, writes=writes)

    def _refusal(self, method: str, error: object, *, writes: bool) -> NetworkError:
        code = error.get("error_code") if isinstance(error, dict) else None
        if not isinstance(error, dict) or not isinstance(code, int):
            return _broken(method, "neither `response` nor `error`", maybe_done=writes)
        ruling = verdict(code)
        if code == RATE_LIMIT and ruling.retry_after is not None:
            self._closed_until[method] = self._clock() + ruling.retry_after.total_seconds()
        # `request_params` echoes our request with the token in it: only the message is kept.
        words = str(error.get("error_msg", ""))[:200].replace(self._token.get_secret_value(), "***")
        return NetworkError(
            f"vk {method}: {code} {words}",
            outcome=ruling.outcome,
            retry_after=ruling.retry_after,
            maybe_done=writes and ruling.unsure,
            code=code,
        )

    def _refuse_while_closed(self, method: str) -> None:
        left = self._closed_until.get(method, 0.0) - self._clock()
        if left > 0 and method in self._closed_until:
            raise NetworkError(
                f"vk {method}: the quota of this method is used up",
                outcome=Outcome.LATER,
                retry_after=timedelta(seconds=left),
                code=RATE_LIMIT,
            )


def _decoded(method: str, reply: httpx.Response, *, writes: bool) -> dict[str, Any]:
    if reply.status_code != httpx.codes.OK:
        asked = reply.headers.get("Retry-After", "")
        wait = timedelta(seconds=min(int(asked), 86_400)) if asked.isdecimal() else BROKEN_ANSWER
        raise _broken(method, f"HTTP {reply.status_code}", maybe_done=writes, wait=wait)
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        raise _broken(method, "not JSON", maybe_done=writes) from None
    if not isinstance(answer, dict):
        raise _broken(method, "not a JSON object", maybe_done=writes)
    return answer


def _broken(method: str, what: str, *, maybe_done: bool, wait: timedelta = BROKEN_ANSWER) -> NetworkError:
    return NetworkError(
        f"vk {method}: {what}", outcome=Outcome.LATER, retry_after=wait, maybe_done=maybe_done
    )
