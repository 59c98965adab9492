"""A sandbox's X over real HTTP, and the program's side of it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from collectors.contract import Collector, Connector, Page, Publisher, Reply, Tools, Watch
from collectors.x import XSettings, connect
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, parse
from sandbox.x import XWorld, add_routes

BEARER = "bearer-secret-1"
KEYS = {
    "consumer_key": "consumer-key-2",
    "consumer_secret": "consumer-secret-3",
    "access_token": "7-access-token-4",
    "access_secret": "access-secret-5",
}
SECRETS = (BEARER, *KEYS.values())
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
GOROD, OTHER = Page("1000", "gorod", "Город Солнечный", "Солнечный"), Page("2000", "raion", "Район")
FORMS = {"яма": ("яма", "ямы", "яме", "яму", "ямой"), "дорога": ("дорога", "дороги", "дороге", "дорогу")}


def keyword(text: str, number: int = 1) -> Keyword:
    return parse(text, id=number, forms=lambda word: FORMS.get(word, (word,)))


class Clock:
    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class Purse:
    """The program's meter, in memory."""

    def __init__(self, spent: int = 0) -> None:
        self.spent = spent

    async def add(self, amount: int) -> None:
        self.spent += amount

    async def this_month(self) -> int:
        return self.spent


class X:
    """The town's account @gorod, another official one that is only read, and the program built against it."""

    def __init__(self, url: str, http: httpx.AsyncClient, world: XWorld, clock: Clock) -> None:
        self.url, self.http, self.world, self.clock = url, http, world, clock
        self.purse = Purse()
        self.cursors: dict[str, str | None] = {}

    def settings(self, **changes: Any) -> XSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/x",
            "account": "gorod",
            "bearer_token": SecretStr(BEARER),
            **{name: SecretStr(key) for name, key in KEYS.items()},
            "first_hours": 48,
            "timeout_seconds": 5,
        }
        return XSettings.model_validate({**usual, **changes})

    def connector(self, **changes: Any) -> Connector:
        return connect(self.settings(**changes), Tools(http=self.http, meter=self.purse))

    def feeds(self, *words: str, pages: Sequence[Page] = (GOROD, OTHER), **changes: Any) -> list[Collector]:
        keywords = tuple(keyword(text, number) for number, text in enumerate(words, 1))
        return list(self.connector(**changes).watch(Watch(pages=tuple(pages), keywords=keywords)))

    def publisher(self, **changes: Any) -> Publisher:
        publisher = self.connector(**changes).publisher
        assert publisher is not None
        return publisher

    async def passage(self, collector: Collector, *, most: int = 200) -> list[FoundPost]:
        """Read until there is no more, from where the last passage ended."""
        found: list[FoundPost] = []
        for _ in range(most):
            batch = await collector.fetch(self.cursors.get(collector.feed), now=self.clock.at)
            self.cursors[collector.feed] = batch.cursor
            found += batch.posts
            if not batch.more:
                return found
        pytest.fail("the feed never ends")

    async def everything(self, *words: str, **changes: Any) -> dict[str, FoundPost]:
        """What all feeds bring now, by native id."""
        found = [post for feed in self.feeds(*words, **changes) for post in await self.passage(feed)]
        return {post.native_id: post for post in found}

    async def does(self, path: str, /, **body: Any) -> Any:
        """One act of the driver."""
        answer = await self.http.post(f"{self.url}/control/x/{path}", content=json.dumps(body))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def offers(self, text: str, **more: Any) -> str:
        """Somebody posts: the native id. A second passes, so that posts have an order."""
        self.clock.forward(seconds=1)
        made = await self.does("posts", **{"text": text, **more})
        self.clock.forward(seconds=1)
        return str(made["native_id"])

    async def record(self) -> dict[str, Any]:
        answer = await self.http.get(f"{self.url}/control/x/record")
        return dict(answer.json())


def reply(post: str, text: str = "Яму засыплют до пятницы.\nСпасибо!", **more: Any) -> Reply:
    return Reply(post_id=post, root_id=None, text=text, key="answer-17", **more)


@asynccontextmanager
async def an_x() -> AsyncIterator[X]:
    clock = Clock()
    world = XWorld(clock)
    app = web.Application(client_max_size=32 * 1024 * 1024)
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server, httpx.AsyncClient() as http:
        here = X(str(server.make_url("")).rstrip("/"), http, world, clock)
        await here.does("communities", name="gorod", id="1000", title="Город Солнечный", verified=True)
        await here.does("communities", name="raion", id="2000", title="Район")
        await here.does("tokens", kind="app", token=BEARER)
        await here.does("tokens", kind="oauth1", account="gorod", **KEYS)
        yield here
