"""A Facebook and an Instagram that run over real HTTP, and what tests ask of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.graph import FacebookWorld, InstagramWorld, add_routes
from sandbox.graph.access import Token
from sandbox.graph.things import Post
from tests.sandbox.graph_judge import FacebookRequestError, Judge

Answer = TypeVar("Answer")
PAGE, USER, SECRET = "page-token", "user-token", "app-secret"


class Noon:
    """Noon of a Monday; seconds of waiting move with it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, **amount: float) -> None:
        by = timedelta(**amount)
        self.at += by
        self.seconds += by.total_seconds()


class Graph:
    """Both worlds, one Page "Город" with its Instagram account, and a client without manners."""

    def __init__(self, url: str, http: aiohttp.ClientSession, clock: Noon, facebook: FacebookWorld) -> None:
        self.url, self.http, self.clock, self.facebook = url, http, clock, facebook
        self.town = facebook.add_page(name="gorod", title="Город")
        self.judges: list[Judge] = []

    def settle(self, instagram: InstagramWorld) -> None:
        self.instagram = instagram
        self.account = instagram.add_page(name="gorod", title="Город", page_id=self.town.id)
        self.facebook.access.tokens |= {
            PAGE: Token(PAGE, "page", self.town.id),
            USER: Token(USER, "user"),
        }

    async def asks(
        self, look: Callable[[Judge], Answer], *, token: str = PAGE, app_secret: str = ""
    ) -> Answer:
        """What facebook-business gets with this token."""
        judge = Judge(self.url, token, app_secret=app_secret)
        self.judges.append(judge)
        return await asyncio.to_thread(look, judge)

    async def get(self, path: str, *, token: str = PAGE, **params: Any) -> Any:
        return (await self.call("GET", path, token=token, **params))[1]

    async def call(
        self, verb: str, path: str, *, token: str = PAGE, **params: Any
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of one raw call; the token goes into the header."""
        headers = {"Authorization": f"Bearer {token}"}
        about: dict[str, Any] = {"data": params} if verb == "POST" else {"params": params}
        async with self.http.request(
            verb, f"{self.url}/graph/v25.0/{path}", headers=headers, **about
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text), dict(answer.headers)

    async def control(self, path: str, /, *, expect: int = 200, by: str = "POST", **body: Any) -> Any:
        """`path` begins with the network: "facebook/posts"."""
        async with self.http.request(by, f"{self.url}/control/{path}", json=body) as answer:
            assert answer.status == expect, await answer.text()
            return await answer.json()

    async def look(self, path: str) -> Any:
        async with self.http.get(f"{self.url}/control/{path}") as answer:
            return await answer.json()


@asynccontextmanager
async def running_graph() -> AsyncIterator[Graph]:
    clock = Noon()
    facebook = FacebookWorld(clock, monotonic=clock.monotonic)
    instagram = InstagramWorld(facebook)
    app = web.Application()
    add_routes(app, facebook, instagram)
    async with TestServer(app, host="127.0.0.1") as server, aiohttp.ClientSession() as http:
        graph = Graph(str(server.make_url("")).rstrip("/"), http, clock, facebook)
        graph.settle(instagram)
        yield graph
        for judge in graph.judges:
            judge.close()


def a_post(graph: Graph, text: str = "Яма на Ленина", *, name: str = "Анна Петрова", **more: Any) -> Post:
    author = graph.facebook.person(name)
    return graph.facebook.offer_post(graph.town, author=author, text=text, **more)


def a_comment(graph: Graph, post: Post, text: str = "И у нас", **more: Any) -> str:
    return graph.facebook.offer_comment(post, author=graph.facebook.person("Борис"), text=text, **more).id


def code_of(error: pytest.ExceptionInfo[FacebookRequestError]) -> tuple[int, int | None, int]:
    value = error.value
    return value.api_error_code(), value.api_error_subcode(), value.http_status()
