"""One token's way to the Graph API: proof, pace, and errors turned into `NetworkError`.

Source: https://developers.facebook.com/docs/graph-api/overview and .../guides/secure-requests
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome, Photo
from collectors.graph.errors import Closes, Verdict, verdict
from collectors.graph.settings import GraphSettings
from collectors.graph.usage import Pace, app_load, business_load

BROKEN_ANSWER: Final = timedelta(minutes=1)
_LONGEST_ASKED: Final = 86_400  # seconds of Retry-After that are believed

# Nothing has left this machine when one of these is raised.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

Params = Mapping[str, str | int]


def appsecret_proof(token: str, app_secret: str) -> str:
    """The hex HMAC-SHA256 that shows that a call comes from the application's own server."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


class GraphClients:
    """Makes the clients of one network's tokens; the application's limit is kept by all of them together."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: GraphSettings,
        *,
        network: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.http = http
        self.settings = settings
        self.network = network
        self._clock = clock
        self._sleep = sleep
        self.app = self.pace()

    def pace(self) -> Pace:
        return Pace(
            slow_percent=self.settings.slow_percent,
            stop_percent=self.settings.stop_percent,
            clock=self._clock,
            sleep=self._sleep,
        )

    def client(self, token: SecretStr) -> "GraphClient":
        return GraphClient(self, token)


class GraphClient:
    """Calls of one token. It travels in a header: a URL is written to logs, a header is not."""

    def __init__(self, clients: GraphClients, token: SecretStr) -> None:
        settings = clients.settings
        self._http = clients.http
        self._network = clients.network
        self._base = f"{settings.api_url.rstrip('/')}/{settings.api_version}/"
        self._timeout = settings.timeout_seconds
        self._token = token
        self._app_secret = settings.app_secret
        self._app = clients.app
        self._own = clients.pace()
        self._writes = clients.pace()

    async def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """The object that the API answers.

        Raises:
            NetworkError: it refused or failed.
        """
        return await self._ask("GET", path, params=dict(params or {}) | self._proof())

    async def post(self, path: str, form: Params, *, photo: Photo | None = None) -> dict[str, Any]:
        """Write. A photo goes as `source`, form data.

        Raises:
            NetworkError: see `maybe_done`.
        """
        files = {"source": ("photo", photo.content, photo.content_type)} if photo is not None else None
        data = {key: str(value) for key, value in form.items()} | self._proof()
        return await self._ask("POST", path, data=data, files=files)

    def _proof(self) -> dict[str, str]:
        if self._app_secret is None:
            return {}
        proof = appsecret_proof(self._token.get_secret_value(), self._app_secret.get_secret_value())
        return {"appsecret_proof": proof}

    async def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        what, writes = f"{self._network} {method} {path}", method != "GET"
        for pace in (self._app, self._own, *((self._writes,) if writes else ())):
            await pace.turn(what)
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        try:
            # httpx limits each read alone: a body that drips would never end.
            async with asyncio.timeout(self._timeout):
                reply = await self._http.request(
                    method, self._base + path, headers=headers, timeout=self._timeout, **content
                )
        except _NOT_SENT as error:
            raise _broken(what, type(error).__name__, maybe_done=False) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise _broken(what, type(error).__name__, maybe_done=writes) from None
        self._app.learn(app_load(reply.headers))
        self._own.learn(business_load(reply.headers))
        return self._decoded(reply, what=what, writes=writes)

    def _decoded(self, reply: httpx.Response, *, what: str, writes: bool) -> dict[str, Any]:
        try:
            answer = json.loads(reply.content)
        except (ValueError, RecursionError):
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(error, dict):
            raise self._refusal(error, reply, what=what, writes=writes)
        if reply.status_code != httpx.codes.OK:
            wait = max(_asked(reply), BROKEN_ANSWER) if _asked(reply) else BROKEN_ANSWER
            raise _broken(what, f"HTTP {reply.status_code}", maybe_done=writes, wait=wait)
        if not isinstance(answer, dict):
            raise _broken(what, "not a JSON object", maybe_done=writes)
        return answer

    def _refusal(
        self, error: Mapping[str, Any], reply: httpx.Response, *, what: str, writes: bool
    ) -> NetworkError:
        code, subcode = _code(error.get("code")), _code(error.get("error_subcode"))
        if code is None:
            return _broken(what, "an error without a code", maybe_done=writes)
        ruling = verdict(code, subcode, is_transient=error.get("is_transient") is True)
        number = f"{code}/{subcode}" if subcode is not None else str(code)
        return NetworkError(
            f"{what}: {number} {self._words(error)}",
            outcome=ruling.outcome,
            retry_after=self._wait(ruling, reply),
            maybe_done=writes and ruling.unsure,
            code=code,
        )

    def _wait(self, ruling: Verdict, reply: httpx.Response) -> timedelta | None:
        """How long to wait, by the headers where they tell; the calls concerned are held back meanwhile."""
        if ruling.outcome is not Outcome.LATER or ruling.retry_after is None:
            return None
        closed = {Closes.APP: self._app, Closes.TOKEN: self._own, Closes.WRITES: self._writes}
        pace = closed.get(ruling.closes)
        if pace is None:
            return max(ruling.retry_after, _asked(reply))
        if not business_load(reply.headers).regain:
            pace.close(max(ruling.retry_after, _asked(reply)))
        return max(pace.left, self._own.left)

    def _words(self, error: Mapping[str, Any]) -> str:
        """The network's own words, without what must stay secret."""
        told = [error.get("error_user_msg"), error.get("message")]
        words = next((text for text in told if isinstance(text, str) and text), "")[:300]
        secrets = [self._token, *([self._app_secret] if self._app_secret is not None else [])]
        for secret in [*(one.get_secret_value() for one in secrets), *self._proof().values()]:
            words = words.replace(secret, "***")
        return words


def _code(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _asked(reply: httpx.Response) -> timedelta:
    seconds = reply.headers.get("Retry-After", "")
    whole = seconds.isascii() and seconds.isdecimal() and len(seconds) < 10  # noqa: PLR2004 - 30 years
    return timedelta(seconds=min(int(seconds), _LONGEST_ASKED) if whole else 0)


def _broken(what: str, why: str, *, maybe_done: bool, wait: timedelta = BROKEN_ANSWER) -> NetworkError:
    return NetworkError(f"{what}: {why}", outcome=Outcome.LATER, retry_after=wait, maybe_done=maybe_done)
