"""A sandbox's VK over real HTTP, and the program's side of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from collectors.contract import Collector, Connector, Publisher, Tools, Watch
from collectors.vk import VkSettings, connect
from incidents.incoming import FoundPost
from incidents.keywords import Keyword
from sandbox.vk import VkWorld, add_routes

SERVICE, COMMUNITY = "service-secret-1", "community-secret-2"
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class Free:
    """VK costs nothing."""

    async def add(self, amount: int) -> None:
        pytest.fail("VK asks for no money")

    async def this_month(self) -> int:
        return 0


def connected(settings: VkSettings, http: httpx.AsyncClient) -> Connector:
    return connect(settings, Tools(http=http, meter=Free()))


def feeds(
    settings: VkSettings, http: httpx.AsyncClient, keywords: tuple[Keyword, ...] = ()
) -> list[Collector]:
    watch = Watch(pages=tuple(settings.pages()), keywords=keywords)
    return list(connected(settings, http).watch(watch))


class Vk:
    """The town's page (community 1), its VK, and the program built against it."""

    def __init__(self, url: str, http: httpx.AsyncClient, world: VkWorld, clock: Clock) -> None:
        self.url, self.http, self.world, self.clock = url, http, world, clock
        self.cursors: dict[str, str | None] = {}

    def settings(self, **changes: Any) -> VkSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/vk",
            "service_token": SecretStr(SERVICE),
            "communities": ({"id": 1, "name": "gorod", "title": "Город", "community_token": COMMUNITY},),
            "calls_per_second": 60,
            "first_hours": 48,
            "timeout_seconds": 5,
            "long_poll": False,
            "walls_per_day": 0,
            "searches_per_day": 0,
        }
        return VkSettings.model_validate({**usual, **changes})

    def connector(self, **changes: Any) -> Connector:
        return connected(self.settings(**changes), self.http)

    def collectors(self, **changes: Any) -> list[Collector]:
        return feeds(self.settings(**changes), self.http)

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

    async def does(self, path: str, **body: Any) -> Any:
        """One act of the driver."""
        answer = await self.http.post(f"{self.url}/control/vk/{path}", content=json.dumps(body))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def offers(self, text: str, **more: Any) -> str:
        """A resident writes on the town's wall: the native id."""
        return str((await self.does("posts", **{"community_id": 1, "text": text, **more}))["native_id"])

    async def record(self) -> dict[str, Any]:
        answer = await self.http.get(f"{self.url}/control/vk/record")
        return dict(answer.json())


@asynccontextmanager
async def a_vk() -> AsyncIterator[Vk]:
    clock = Clock()
    world = VkWorld(clock)
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server, httpx.AsyncClient() as http:
        here = Vk(str(server.make_url("")).rstrip("/"), http, world, clock)
        await here.does("communities", id=1, name="gorod", title="Город Солнечный", token=COMMUNITY)
        await here.does("tokens", token=SERVICE, kind="service")
        yield here
