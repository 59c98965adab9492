"""Every network's sandbox on one port, and what a line to one of them is."""

import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer

from collectors.contract import Network, NetworkSettings, Page
from sandbox import graph
from sandbox import ok as ok_sandbox
from sandbox import vk as vk_sandbox
from sandbox import x as x_sandbox
from tests.conftest import MovableClock

Where = Literal["read", "write"]
Script = dict[str, Any]
BORIS: Final = "Борис Петров"
BARE_429: Final[Script] = {
    "kind": "status",
    "code": 429,
}  # as a proxy answers, without the network's own words


class WorldClock:
    """The clock of a story, as the worlds want it."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now

    def timestamp(self) -> float:
        return self._clock.now.timestamp()


class EndlessWall:
    """VK's lists are paged by offset: switched on, every page is the first one and the end is far away."""

    def __init__(self) -> None:
        self.on = False
        self._first: dict[tuple[str, ...], bytes] = {}

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        reply = await handler(request)
        if not self.on or not request.path.startswith("/vk/method/wall.get"):
            return reply
        asked = {key: str(value) for key, value in (await request.post()).items()}
        key = (request.path, *(asked.get(name, "") for name in ("owner_id", "post_id", "comment_id")))
        if asked.get("offset", "0") == "0" and isinstance(reply, web.Response):
            body = json.loads(reply.text or "{}")
            if "response" in body:
                body["response"] |= {"count": 1_000_000, "current_level_count": 1_000_000}
            self._first[key] = json.dumps(body).encode()
        return web.Response(body=self._first[key], content_type="application/json")


class Sandboxes:
    """Every network's world behind one port, and the driver's hands."""

    def __init__(self, url: str, http: httpx.AsyncClient, endless_wall: EndlessWall) -> None:
        self.url, self.http, self.endless_wall = url, http, endless_wall

    async def does(self, path: str, **body: Any) -> Any:
        """One act of the driver; `path` begins with the network: "ok/posts"."""
        reply = await self.http.post(f"{self.url}/control/{path}", content=json.dumps(body))
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def record(self, network: str) -> dict[str, Any]:
        return dict((await self.http.get(f"{self.url}/control/{network}/record")).json())


def plain_http() -> httpx.AsyncClient:
    """A client that is quick to make: nothing here is encrypted, so no certificates are read."""
    return httpx.AsyncClient(trust_env=False, timeout=20, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@asynccontextmanager
async def running_sandboxes(clock: MovableClock) -> AsyncIterator[Sandboxes]:
    """All of them, empty, on a free port, with the time that `clock` shows."""
    wall, time = EndlessWall(), WorldClock(clock)
    app = web.Application(middlewares=[wall.middleware])
    vk_sandbox.add_routes(app, vk_sandbox.VkWorld(time))
    ok_sandbox.add_routes(app, ok_sandbox.OkWorld(time))
    x_sandbox.add_routes(app, x_sandbox.XWorld(time, wall=time.timestamp))
    on_facebook = graph.FacebookWorld(time)
    graph.add_routes(app, on_facebook, graph.InstagramWorld(on_facebook))
    async with (
        TestServer(app, host="127.0.0.1") as server,
        plain_http() as http,
    ):
        yield Sandboxes(str(server.make_url("")).rstrip("/"), http, wall)


class Line(ABC):
    """One network between a resident and the program."""

    network: ClassVar[Network]
    pages: ClassVar[tuple[Page, ...]]
    reading: ClassVar[Sequence[str]]
    writing: ClassVar[Sequence[str]]
    scripts: ClassVar[Mapping[str, Script]] = {}
    home: ClassVar[Mapping[str, Any]]
    takes_posts: ClassVar[bool] = True  # of residents, besides comments
    calls_to_read: ClassVar[int]  # one new comment, once the feeds have been read

    def __init__(self, here: Sandboxes) -> None:
        self.here = here
        self._root = ""

    @property
    def name(self) -> str:
        return self.network.name

    @abstractmethod
    def settings(self, **changes: Any) -> NetworkSettings:
        """The program's section for this network."""

    @abstractmethod
    async def furnish(self) -> None:
        """The official page, the program's keys, and whatever a resident may comment on."""

    @abstractmethod
    async def judge(self, native_id: str) -> list[str]:
        """What stands under a message by an official page's hand, as a client that is not ours reads it."""

    async def offer(self, text: str, *, comment: bool = True) -> str:
        """A resident writes where the program may answer: the native id."""
        under = {"under": self._root} if comment else {}
        made = await self.does("posts", **self.home, text=text, author_name=BORIS, **under)
        return str(made["native_id"])

    async def delete(self, native_id: str) -> None:
        await self.does("delete", native_id=native_id)

    async def fault(self, what: str, *, where: Where, times: int = -1) -> None:
        """What goes wrong with the next calls that read, or that write."""
        script = self.scripts.get(what, {"what": what})
        for method in self.reading if where == "read" else self.writing:
            await self.does("faults", **script, method=method, times=times)

    async def clear(self) -> None:
        """The network is well again."""
        reply = await self.here.http.delete(f"{self.here.url}/control/{self.name}/faults")
        assert reply.status_code == 200, reply.text

    async def answers(self, native_id: str) -> list[str]:
        """The words our program has put under a message, each as often as it was put there."""
        record = await self.here.record(self.name)
        return [one["text"] for one in record["received"] if one["under"] == native_id]

    async def doubled(self) -> int:
        """Under how many messages one official page's words stand twice."""
        doubled = (await self.here.record(self.name))["doubled"]
        return doubled if isinstance(doubled, int) else len(doubled)

    async def calls(self) -> int:
        """How often the program has called this network so far."""
        return sum((await self.here.record(self.name))["calls"].values())

    async def does(self, path: str, **body: Any) -> Any:
        return await self.here.does(f"{self.name}/{path}", **body)

    @property
    def url(self) -> str:
        return self.here.url
