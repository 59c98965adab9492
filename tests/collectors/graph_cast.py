"""A sandbox's Facebook and Instagram over real HTTP, and the program's side of both."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from collectors import facebook, instagram
from collectors.contract import Collector, Connector, Meter, Page, Publisher, Tools, Watch
from collectors.facebook import FacebookSettings
from collectors.instagram import InstagramSettings
from incidents import keywords
from incidents.incoming import FoundPost
from sandbox.graph import FacebookWorld, InstagramWorld, add_routes

PAGE, ACCOUNT = "111", "17841400000000111"
TOKEN, APP_SECRET, WORD = "page-secret-token-1", "application-secret-2", "agreed-word-3"
PUBLIC = "public-secret-token-4"
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TOWN = Page(PAGE, "gorod", "Город", "Солнечный")
ON_INSTAGRAM = Page(ACCOUNT, "gorod", "Город", "Солнечный")


class NoMeter(Meter):
    async def add(self, amount: int) -> None:
        raise AssertionError("nothing is paid here")

    async def this_month(self) -> int:
        return 0


def facebook_settings(**changes: Any) -> FacebookSettings:
    usual = {
        "enabled": True,
        "app_secret": APP_SECRET,
        "verify_token": WORD,
        "communities": ({"id": PAGE, "name": "gorod", "title": "Город", "page_token": TOKEN},),
        "timeout_seconds": 5,
    }
    return FacebookSettings.model_validate({**usual, **changes})


def instagram_settings(**changes: Any) -> InstagramSettings:
    usual = {
        "enabled": True,
        "app_secret": APP_SECRET,
        "verify_token": WORD,
        "accounts": ({"id": ACCOUNT, "username": "gorod", "page_id": PAGE, "token": TOKEN},),
        "timeout_seconds": 5,
    }
    return InstagramSettings.model_validate({**usual, **changes})


class Clock:
    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class Graph:
    """The town's page and account, the two worlds, and the program built against one of them."""

    def __init__(self, url: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self.url, self.http, self.clock = url, http, clock
        self.cursors: dict[str, str | None] = {}

    def facebook(self, **changes: Any) -> Connector:
        settings = facebook_settings(**{"api_url": f"{self.url}/graph", **changes})
        return facebook.connect(settings, Tools(self.http, NoMeter()))

    def instagram(self, **changes: Any) -> Connector:
        settings = instagram_settings(**{"api_url": f"{self.url}/graph", **changes})
        return instagram.connect(settings, Tools(self.http, NoMeter()))

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

    async def does(self, network: str, path: str, **body: Any) -> Any:
        """One act of the driver."""
        answer = await self.http.post(f"{self.url}/control/{network}/{path}", content=json.dumps(body))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def offers(self, network: str, text: str, **more: Any) -> str:
        """Somebody writes to the town: the native id."""
        home = PAGE if network == "facebook" else ACCOUNT
        made = await self.does(network, "posts", **{"page_id": home, "text": text, **more})
        return str(made["native_id"])

    async def record(self, network: str) -> dict[str, Any]:
        return dict((await self.http.get(f"{self.url}/control/{network}/record")).json())


def publisher_of(connector: Connector) -> Publisher:
    assert connector.publisher is not None
    return connector.publisher


def feed(connector: Connector, name: str, *, pages: Sequence[Page], words: Sequence[str] = ()) -> Collector:
    """The feed whose name begins so."""
    wanted = tuple(keywords.parse(text, id=number) for number, text in enumerate(words, 1))
    feeds = connector.watch(Watch(tuple(pages), wanted))
    return next(one for one in feeds if one.feed.startswith(name))


@asynccontextmanager
async def a_graph() -> AsyncIterator[Graph]:
    clock = Clock()
    world = FacebookWorld(clock)
    app = web.Application()
    add_routes(app, world, InstagramWorld(world))
    async with TestServer(app, host="127.0.0.1") as server, httpx.AsyncClient() as http:
        here = Graph(str(server.make_url("")).rstrip("/"), http, clock)
        await here.does("facebook", "app", secret=APP_SECRET, proof_required=True, verify_token=WORD)
        await here.does("facebook", "pages", id=PAGE, name="gorod", title="Город", token=TOKEN)
        await here.does("instagram", "pages", id=ACCOUNT, name="gorod", title="Город", page_id=PAGE)
        yield here
