"""The way to the X API: headers, limits, and errors turned into `NetworkError`.

Source: https://docs.x.com/x-api/fundamentals/rate-limits , .../response-codes-and-errors
"""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from collectors.contract import NetworkError, Outcome
from collectors.text import storable
from collectors.x.oauth1 import Signer
from collectors.x.problems import BROKEN_ANSWER, Trouble, verdict

LONGEST_WAIT: Final = timedelta(hours=24)
WORDS: Final = 200  # characters of X's own words kept in an error

_NUMBER: Final = re.compile(r"(?<=[a-z])/\d+(?=/|$)")
_NAME: Final = re.compile(r"(?<=/by/username/).+")
# Nothing has left this machine when one of these is raised.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class XError(NetworkError):
    """X's refusal, with what only this folder tells apart."""

    trouble: Trouble = Trouble.OTHER


def _some_seconds() -> float:
    """Jitter: 1 to 6 seconds, so that feeds do not come back all at once."""
    return 1 + secrets.randbelow(5000) / 1000


class XClient:
    """Calls with whatever signer; a limit that is used up is not called again before it opens.

    `clock` counts Unix seconds, as the limits' headers do.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        timeout_seconds: float = 30.0,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = _some_seconds,
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._timeout = timeout_seconds
        self._clock = clock
        self._jitter = jitter
        self._closed_until: dict[tuple[str, str, str], float] = {}

    async def get(self, path: str, params: Mapping[str, str], *, by: Signer) -> dict[str, Any]:
        """X's answer to a reading call.

        Raises:
            NetworkError: X refused or failed.
        """
        return await self._call("GET", path, by=by, params=params)

    async def post(
        self, path: str, body: Mapping[str, Any], *, by: Signer, writes: bool = True
    ) -> dict[str, Any]:
        """X's answer to a call with a JSON body. `writes`: people see what it does.

        Raises:
            NetworkError: `maybe_done` only when `writes`.
        """
        return await self._call("POST", path, by=by, body=body, writes=writes)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        by: Signer,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        writes: bool = False,
    ) -> dict[str, Any]:
        limit = (by.who, method, _NAME.sub(":name", _NUMBER.sub("/:id", path)))
        name = f"{method} {limit[2]}"
        self._refuse_while_closed(limit, name)
        query = {key: storable(value) for key, value in (params or {}).items()}
        headers = {"Authorization": by.header(method, self._base + path, query)}
        try:
            # httpx limits each read alone: a body that drips would never end.
            async with asyncio.timeout(self._timeout):
                reply = await self._http.request(
                    method,
                    self._base + path,
                    params=query or None,
                    json=body,
                    headers=headers,
                    timeout=self._timeout,
                )
        except _NOT_SENT as error:
            raise broken(f"{name}: {type(error).__name__}") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise broken(f"{name}: {type(error).__name__}", maybe_done=writes) from None
        self._note_limit(limit, reply)
        return self._decoded(reply, name=name, by=by, writes=writes)

    def _decoded(self, reply: httpx.Response, *, name: str, by: Signer, writes: bool) -> dict[str, Any]:
        answer = _json(reply)
        if not reply.is_success:
            problem = answer if isinstance(answer, dict) else {}
            raise self._refusal(reply, problem, name=name, by=by, writes=writes)
        if not isinstance(answer, dict):
            raise broken(f"{name}: not a JSON object", maybe_done=writes)
        if "data" not in answer and "meta" not in answer:
            raise self._nothing(answer, name=name, by=by, writes=writes)
        return answer

    def _nothing(self, answer: Mapping[str, Any], *, name: str, by: Signer, writes: bool) -> NetworkError:
        """200, and nothing but `errors`: the first of them speaks for all."""
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        if not isinstance(first, dict) or not first.get("type"):
            return broken(f"{name}: neither `data` nor `meta`", maybe_done=writes)
        ruling = verdict(400, first, writes=writes, reset=None)
        words = by.masked(f"{first.get('title', '')}: {first.get('detail', '')}"[:WORDS])
        return NetworkError(
            f"x {name}: {words}",
            outcome=ruling.outcome,
            retry_after=ruling.retry_after,
            maybe_done=writes and not ruling.certain,
            code=200,
        )

    def _refusal(
        self, reply: httpx.Response, problem: Mapping[str, Any], *, name: str, by: Signer, writes: bool
    ) -> NetworkError:
        status = reply.status_code
        # The OpenAPI has a second, older shape of errors too: {"errors": [{"message", "code"}]}.
        older = problem.get("errors")
        first = older[0] if isinstance(older, list) and older and isinstance(older[0], dict) else {}
        detail = f"{problem.get('detail', '')} {first.get('message', '')}".strip()
        told = {**problem, "detail": detail} if problem else {}
        ruling = verdict(status, told, writes=writes, reset=self._until_reset(reply))
        words = by.masked(f"{told.get('title', '')}: {told.get('detail', '')}"[:WORDS]) if told else ""
        error = XError(
            f"x {name}: HTTP {status} {words}".rstrip(),
            outcome=ruling.outcome,
            retry_after=ruling.retry_after,
            maybe_done=writes and not ruling.certain,
            code=status,
        )
        error.trouble = ruling.trouble
        return error

    def _until_reset(self, reply: httpx.Response) -> timedelta | None:
        """How long until the limit opens; None where no header says so."""
        if reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
            reset = _whole(reply, "x-rate-limit-reset")
            if reset is not None:
                wait = timedelta(seconds=max(0.0, reset - self._clock()) + self._jitter())
                return min(wait, LONGEST_WAIT)
        asked = _whole(reply, "retry-after")
        return min(timedelta(seconds=asked), LONGEST_WAIT) if asked else None

    def _note_limit(self, limit: tuple[str, str, str], reply: httpx.Response) -> None:
        reset = _whole(reply, "x-rate-limit-reset")
        if reset is not None and _whole(reply, "x-rate-limit-remaining") == 0:
            self._closed_until[limit] = reset + self._jitter()
        else:
            self._closed_until.pop(limit, None)

    def _refuse_while_closed(self, limit: tuple[str, str, str], name: str) -> None:
        left = self._closed_until.get(limit, 0.0) - self._clock()
        if left > 0:
            raise NetworkError(
                f"x {name}: the limit of these 15 minutes is used up",
                outcome=Outcome.LATER,
                retry_after=min(timedelta(seconds=left), LONGEST_WAIT),
                code=429,
            )


def broken(what: str, *, maybe_done: bool = False) -> NetworkError:
    """An answer that cannot be understood, or none."""
    return NetworkError(f"x {what}", outcome=Outcome.LATER, retry_after=BROKEN_ANSWER, maybe_done=maybe_done)


def _json(reply: httpx.Response) -> Any:
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        return None


def _whole(reply: httpx.Response, header: str) -> int | None:
    value = reply.headers.get(header, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 12 else None  # noqa: PLR2004 - Unix seconds have ten digits
