"""X over HTTP: /x/2/… for the program, /control/x/ for whoever plays the residents."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from sandbox.x import reading, writing
from sandbox.x.asked import Asked
from sandbox.x.control import add_control_routes
from sandbox.x.faults import ERRORS, Fault, Faults
from sandbox.x.limits import WINDOW
from sandbox.x.problems import Problem, invalid, too_many, unauthorized, wrong_authentication
from sandbox.x.things import Caller
from sandbox.x.world import XWorld

LONGEST_HANG: Final = 600.0  # seconds
PREFIX: Final = "/x"
NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Route:
    """`allowed`: parameters besides fields. `callers`: app and/or user; `scope` a user's token needs."""

    method: str
    path: str
    act: Callable[..., dict[str, Any]]
    allowed: frozenset[str] = NONE
    callers: frozenset[str] = frozenset({"app", "user"})
    scope: str = ""
    status: int = 200

    @property
    def name(self) -> str:
        """As limits, faults and the record know it."""
        return f"{self.method} {self.path.replace('{id}', ':id').replace('{name}', ':name')}"


_TOKENS: Final = frozenset({"pagination_token", "next_token"})
_USER: Final = frozenset({"user"})
ROUTES: Final = (
    _Route("GET", "/2/tweets/search/recent", reading.search, reading.SEARCH),
    _Route("GET", "/2/tweets/counts/recent", reading.counts, reading.COUNTS),
    _Route("GET", "/2/tweets", reading.by_ids, frozenset({"ids"})),
    _Route("GET", "/2/tweets/{id}", reading.by_id),
    _Route("GET", "/2/users/me", reading.me, callers=_USER),
    _Route("GET", "/2/users/by/username/{name}", reading.by_username),
    _Route("GET", "/2/users/{id}", reading.by_number),
    _Route("GET", "/2/users/{id}/mentions", reading.mentions, reading.TIMELINE - {"exclude"}),
    _Route("GET", "/2/users/{id}/tweets", reading.posts_of, reading.TIMELINE),
    _Route("POST", "/2/tweets", writing.create, callers=_USER, scope="tweet.write", status=201),
    _Route("DELETE", "/2/tweets/{id}", writing.delete, callers=_USER, scope="tweet.write"),
    _Route("POST", "/2/media/upload", writing.upload, callers=_USER, scope="media.write"),
)


def add_routes(app: web.Application, world: XWorld) -> None:
    """The program's `api_url` is `http://host:port/x`."""
    faults = Faults()
    server = _Server(world, faults)
    for route in ROUTES:
        app.router.add_route(route.method, PREFIX + route.path, server.serving(route))
    add_control_routes(app, world, faults)


class _Server:
    def __init__(self, world: XWorld, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._numbers = itertools.count(1)

    def serving(self, route: _Route) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            query = dict(request.query)
            fault = self._faults.take(route.name)
            try:
                caller = self._caller(request, query)
            except Problem as problem:
                self._record(route, query, "nobody")
                return self._refused(problem, query, {})
            self._record(route, query, caller.who)
            verdict = self._world.limits.take(route.name, caller.who, is_user=caller.is_user)
            self._world.record.over_limit += verdict.over
            if not verdict.allowed:
                return self._refused(too_many(), query, verdict.headers)
            if fault is not None and fault.kind == "error":
                return self._ordered(fault, query, verdict.headers)
            body: dict[str, Any] = {}
            status = route.status
            if fault is not None and fault.kind == "endless":
                query = {key: value for key, value in query.items() if key not in _TOKENS}
            if fault is None or fault.after_work:
                body, status = await self._work(route, request, query, caller)
            if fault is None:
                return _json(body, status, verdict.headers)
            return await self._spoilt(request, fault, body, status, verdict.headers)

        return answer

    def _record(self, route: _Route, query: dict[str, str], who: str) -> None:
        self._world.record.call(route.name, query, who=who, monotonic=self._world.monotonic())

    def _caller(self, request: web.Request, query: dict[str, str]) -> Caller:
        header = request.headers.get("Authorization", "")
        url = f"{request.scheme}://{request.host}{request.path}"
        # Behind a proxy that put its own address before ours, the caller signed what it knew.
        if forwarded := request.headers.get("X-Forwarded-Host"):
            scheme = request.headers.get("X-Forwarded-Proto", "https")
            url = f"{scheme}://{forwarded}{request.path.removeprefix(PREFIX)}"
        return self._world.keyring.caller(
            header, method=request.method, url=url, query=query, now=self._world.wall()
        )

    async def _work(
        self, route: _Route, request: web.Request, query: dict[str, str], caller: Caller
    ) -> tuple[dict[str, Any], int]:
        dialect = _dialect(self._world, query)
        try:
            _may(route, caller)
            place = request.match_info.values()
            if route.method == "POST":
                return route.act(self._world, await _body(request), caller), route.status
            if route.method == "DELETE":
                return route.act(self._world, caller, *place), route.status
            asked = Asked(query, dialect=self._world.dialect, allowed=route.allowed)
            return route.act(self._world, asked, caller, *place), route.status
        except Problem as problem:
            return problem.body(dialect), problem.status

    def _refused(self, problem: Problem, query: dict[str, str], headers: dict[str, str]) -> web.Response:
        return _json(problem.body(_dialect(self._world, query)), problem.status, headers)

    def _ordered(self, fault: Fault, query: dict[str, str], headers: dict[str, str]) -> web.Response:
        problem = ERRORS[fault.error]
        if problem.status == web.HTTPOk.status_code:
            return _json({"errors": [problem.body(_dialect(self._world, query))]}, 200, headers)
        if problem.status == web.HTTPTooManyRequests.status_code and problem.kind == "":
            reset = str(int(self._world.wall() + WINDOW))
            headers = {**headers, "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
        return self._refused(problem, query, headers)

    async def _spoilt(
        self, request: web.Request, fault: Fault, body: dict[str, Any], status: int, headers: dict[str, str]
    ) -> web.StreamResponse:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return _json(body, status, headers)
        if fault.kind == "endless":
            # The same page whatever is asked for, as if there always were a next one.
            meta = {**body.get("meta", {}), "next_token": f"endless{next(self._numbers)}"}
            return _json({**body, "meta": meta}, status, headers)
        if fault.kind == "partial":
            errors = [ERRORS["internal"].body("post")]
            return _json({**body, "errors": errors}, status, headers)
        if fault.kind == "hang":
            return await _hang(request, fault.seconds or LONGEST_HANG)
        if fault.kind == "cut":
            return await _cut(request, body)
        if fault.kind == "status":
            return web.Response(status=fault.code, text="<html><h1>oops</h1></html>")
        return web.Response(text="<html>ой" if fault.kind == "garbage" else "", content_type="text/html")


def _may(route: _Route, caller: Caller) -> None:
    """Raises:
    Problem: 403, the endpoint is not for this kind of token, or the token has not this right.
    """
    kind = "user" if caller.is_user else "app"
    if kind not in route.callers:
        raise wrong_authentication("OAuth 1.0a User Context, OAuth 2.0 User Context")
    if route.scope == "tweet.write" and not caller.may_write:
        raise Problem(
            403,
            "Forbidden",
            "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        )
    if route.scope and caller.scopes and route.scope not in caller.scopes:
        raise unauthorized()


async def _body(request: web.Request) -> Any:
    """JSON, or the fields of a multipart body.

    Raises:
        Problem: 400, it is neither.
    """
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        return {
            key: value.file.read() if isinstance(value, web.FileField) else value
            for key, value in form.items()
        }
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise invalid("body", "", "The body is not JSON") from None


def _dialect(world: XWorld, query: dict[str, str]) -> str:
    """Which generation's address of problems an answer carries."""
    if world.dialect != "both":
        return world.dialect
    return "tweet" if "tweet.fields" in query else "post"


def _json(body: dict[str, Any], status: int, headers: dict[str, str]) -> web.Response:
    # ASCII with \uXXXX: so a lone surrogate can travel.
    kind = "application/json" if status < web.HTTPBadRequest.status_code else "application/problem+json"
    return web.Response(text=json.dumps(body), status=status, content_type=kind, headers=headers)


async def _hang(request: web.Request, seconds: float) -> web.Response:
    """Say nothing until the client gives up, or for `seconds`; then the connection is gone."""
    deadline = asyncio.get_running_loop().time() + seconds
    while request.transport is not None and not request.transport.is_closing():
        if asyncio.get_running_loop().time() >= deadline:
            request.transport.abort()
            break
        await asyncio.sleep(0.02)
    return web.Response(status=499)


async def _cut(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Half of the answer, then the connection is gone."""
    whole = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
