"""A sandbox's Odnoklassniki over real HTTP, and the program's side of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from collectors.contract import Collector, Connector, Page, Publisher, Tools, Watch
from collectors.ok import OkSettings, connect
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, Term
from sandbox.ok import OkWorld, add_routes

KEY, SECRET, TOKEN = "CPUBLICKEY", "app-secret-1", "token-secret-2"
TOWN, SCHOOL = "53000000000001", "53000000000002"
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PAGES = (
    Page(native_id=TOWN, name="gorod", title="Город", territory="Солнечный"),
    Page(native_id="", name="shkola"),
)


class Clock:
    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class NoMeter:
    """Odnoklassniki costs nothing."""

    async def add(self, amount: int) -> None:
        raise AssertionError("nothing is paid for")

    async def this_month(self) -> int:
        return 0


def keyword(text: str, *words: str, minus: tuple[str, ...] = ()) -> Keyword:
    terms = tuple(Term((word.removeprefix("#"),), hashtag=word.startswith("#")) for word in words)
    return Keyword(1, text, terms, tuple(Term((word,)) for word in minus))


class Ok:
    """The groups of a town and a school, their Odnoklassniki, and the program built against it."""

    def __init__(self, url: str, http: httpx.AsyncClient, world: OkWorld, clock: Clock) -> None:
        self.url, self.http, self.world, self.clock = url, http, world, clock
        self.cursors: dict[str, str | None] = {}

    def settings(self, **changes: Any) -> OkSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/ok/fb.do",
            "application_key": KEY,
            "application_secret": SECRET,
            "access_token": TOKEN,
            "answers": True,
            "calls_per_second": 60,
            "first_hours": 48,
            "timeout_seconds": 5,
        }
        return OkSettings.model_validate({**usual, **changes})

    def connector(self, **changes: Any) -> Connector:
        return connect(self.settings(**changes), Tools(self.http, NoMeter()))

    def collectors(self, *keywords: Keyword, **changes: Any) -> list[Collector]:
        return list(self.connector(**changes).watch(Watch(PAGES, keywords)))

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
        answer = await self.http.post(f"{self.url}/control/ok/{path}", content=json.dumps(body))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def offers(self, text: str, **more: Any) -> str:
        """A resident writes in the town's group: the native id."""
        return str((await self.does("posts", **{"community_id": TOWN, "text": text, **more}))["native_id"])

    async def record(self) -> dict[str, Any]:
        answer = await self.http.get(f"{self.url}/control/ok/record?calls")
        return dict(answer.json())

    async def calls(self, method: str) -> list[dict[str, str]]:
        """The parameters of every call of `method`."""
        return [one["params"] for one in (await self.record())["last"] if one["method"] == method]


@asynccontextmanager
async def an_ok() -> AsyncIterator[Ok]:
    clock = Clock()
    world = OkWorld(clock)
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server, httpx.AsyncClient() as http:
        here = Ok(str(server.make_url("")).rstrip("/"), http, world, clock)
        await here.does("communities", id=TOWN, name="gorod", title="Город Солнечный")
        await here.does("communities", id=SCHOOL, name="shkola", title="Школа № 1")
        await here.does("tokens", token=TOKEN, application_key=KEY, application_secret=SECRET)
        yield here
