"""The way to Odnoklassniki's API: signed forms, pace, and errors turned into `NetworkError`.

Source: https://apiok.ru/en/dev/methods
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
from collectors.ok.errors import verdict
from collectors.ok.signature import signature
from collectors.text import storable

BROKEN_ANSWER: Final = timedelta(minutes=1)

# Nothing has left this machine when one of these is raised.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class OkClient:
    """Calls of one session, in turn and never faster than `calls_per_second`.

    Everything travels in the body: a URL is written to logs, a body is not. `clock` counts seconds, monotonic.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        url: str,
        application_key: str,
        token: SecretStr,
        secret: SecretStr,
        calls_per_second: float,
        timeout_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`secret` is the session's, see signature.py."""
        self._http = http
        self._url = url
        self._application_key = application_key
        self._token = token
        self._secret = secret
        self._interval = 1 / calls_per_second
        self._timeout = timeout_seconds
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()
        self._closed_until: dict[str, tuple[float, int]] = {}

    async def call(
        self, method: str, params: Mapping[str, str | int], *, writes: bool = False
    ) -> dict[str, Any]:
        """OK's answer, an object.

        Raises:
            NetworkError: OK refused or failed; `maybe_done` only when `writes`.
        """
        answer = await self.ask(method, params, writes=writes)
        if not isinstance(answer, dict):
            raise broken(method, f"an object was expected, came {type(answer).__name__}", maybe_done=writes)
        return answer

    async def ask(self, method: str, params: Mapping[str, str | int], *, writes: bool = False) -> Any:
        """OK's answer as it is: an object, a list, a bare value, or None.

        Raises:
            NetworkError: OK refused or failed; `maybe_done` only when `writes`.
        """
        self._refuse_while_closed(method)
        await self._turn()
        answer = await self._post(method, params, writes=writes)
        if isinstance(answer, dict) and "error_code" in answer:
            raise self._refusal(method, answer, writes=writes)
        return answer

    async def _turn(self) -> None:
        """Wait for the next turn, and book the one after."""
        now = self._clock()
        at = max(now, self._free_at)
        self._free_at = at + self._interval
        if at > now:
            await self._sleep(at - now)

    async def _post(self, method: str, params: Mapping[str, str | int], *, writes: bool) -> Any:
        form = {key: storable(str(value)) for key, value in params.items()}
        form |= {"method": method, "application_key": self._application_key, "format": "json"}
        form["sig"] = signature(form, self._secret.get_secret_value())
        form["access_token"] = self._token.get_secret_value()
        try:
            # httpx limits each read alone: a body that drips would never end.
            async with asyncio.timeout(self._timeout):
                reply = await self._http.post(self._url, data=form, timeout=self._timeout)
        except _NOT_SENT as error:
            raise broken(method, type(error).__name__, maybe_done=False) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise broken(method, type(error).__name__, maybe_done=writes) from None
        return _decoded(method, reply, writes=writes)

    def _refusal(self, method: str, answer: Mapping[str, object], *, writes: bool) -> NetworkError:
        code = answer["error_code"]
        if not isinstance(code, int):
            return broken(method, "an error without a code", maybe_done=writes)
        ruling = verdict(code)
        if ruling.closes and ruling.retry_after is not None:
            self._closed_until[method] = (self._clock() + ruling.retry_after.total_seconds(), code)
        words = storable(answer.get("error_msg"))[:200]
        for secret in (self._token, self._secret):
            words = words.replace(secret.get_secret_value(), "***")
        return NetworkError(
            f"ok {method}: {code} {words}",
            outcome=ruling.outcome,
            retry_after=ruling.retry_after,
            maybe_done=writes and ruling.unsure,
            code=code,
        )

    def _refuse_while_closed(self, method: str) -> None:
        until, code = self._closed_until.get(method, (0.0, 0))
        left = until - self._clock()
        if left > 0 and method in self._closed_until:
            raise NetworkError(
                f"ok {method}: not called again so soon after {code}",
                outcome=Outcome.LATER,
                retry_after=timedelta(seconds=left),
                code=code,
            )


def _decoded(method: str, reply: httpx.Response, *, writes: bool) -> Any:
    if reply.status_code != httpx.codes.OK:
        asked = reply.headers.get("Retry-After", "")
        wait = timedelta(seconds=min(int(asked), 86_400)) if asked.isdecimal() else BROKEN_ANSWER
        wait = max(wait, timedelta(seconds=1))
        raise broken(method, f"HTTP {reply.status_code}", maybe_done=writes, wait=wait)
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        raise broken(method, "not JSON", maybe_done=writes) from None


def broken(
    method: str, what: str, *, maybe_done: bool = False, wait: timedelta = BROKEN_ANSWER
) -> NetworkError:
    """An answer that is none: to be asked for again."""
    return NetworkError(
        f"ok {method}: {what}", outcome=Outcome.LATER, retry_after=wait, maybe_done=maybe_done
    )
