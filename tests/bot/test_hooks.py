"""Webhooks: stored once, before the network hears that it was taken; nothing stored that is not proven."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.hooks import MAX_BODY, HooksServer
from bot.pushes import Pushes
from collectors.contract import Tools
from collectors.pushing import Hook, HookAnswer, Pushed
from collectors.vk import VkSettings, connect
from incidents.incoming import FoundPost
from models import PushRow
from models.database import Database
from sandbox.clock import SandboxClock
from sandbox.vk import VkWorld, add_routes
from tests.conftest import NOON, MovableClock

SECRET = "callback-secret"


class Door:
    """Keeps what it is told to; remembers what it was shown."""

    path = "/hooks/door"

    def __init__(self, answer: Callable[[bytes], HookAnswer] | None = None) -> None:
        self.answer = answer or (lambda body: HookAnswer(200, "ok", (Pushed(body.decode(), body),)))
        self.seen: list[tuple[str, dict[str, str], dict[str, str], bytes, datetime]] = []

    def receive(
        self, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> HookAnswer:
        self.seen.append((method, dict(query), dict(headers), body, now))
        return self.answer(body)

    async def understand(self, event: Pushed) -> Sequence[FoundPost]:
        return []


@asynccontextmanager
async def served(database: Database, clock: MovableClock, **hooks: Hook) -> AsyncIterator[httpx.AsyncClient]:
    server = HooksServer(database, hooks, host="127.0.0.1", port=0, clock=clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.run())
        await server.ready.wait()
        async with httpx.AsyncClient(base_url=server.address) as http:
            yield http
        task.cancel()


async def rows(database: Database) -> list[PushRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(PushRow).order_by(PushRow.id)))


async def test_an_event_is_stored_as_it_came(database: Database, clock: MovableClock) -> None:
    door = Door()
    async with served(database, clock, door=door) as http:
        answer = await http.post("/hooks/door?a=1", content=b"\x00\xff".hex(), headers={"X-Hub-Sign": "S=1"})
    assert (answer.status_code, answer.text) == (200, "ok")
    [(method, query, headers, body, now)] = door.seen
    assert (method, query, headers["x-hub-sign"], body, now) == ("POST", {"a": "1"}, "S=1", b"00ff", NOON)
    [row] = await rows(database)
    assert (row.network, row.key, row.body, row.received_at) == ("door", "00ff", b"00ff", NOON)
    assert (row.not_before, row.done_at, row.attempts) == (NOON, None, 0)


async def test_any_bytes_are_kept_as_they_are(database: Database, clock: MovableClock) -> None:
    raw = bytes(range(256))
    door = Door(lambda body: HookAnswer(200, "ok", (Pushed("k", body),)))
    async with served(database, clock, door=door) as http:
        await http.post("/hooks/door", content=raw)
    assert [row.body for row in await rows(database)] == [raw]


async def test_the_same_event_is_stored_once_per_network(database: Database, clock: MovableClock) -> None:
    other = Door()
    other.path = "/hooks/other"
    async with served(database, clock, door=Door(), other=other) as http:
        for path in ("/hooks/door", "/hooks/door", "/hooks/other"):
            answer = await http.post(path, content=b"e1")
            assert (answer.status_code, answer.text) == (200, "ok")
        await asyncio.gather(*(http.post("/hooks/door", content=b"e2") for _ in range(5)))
    assert [(row.network, row.key) for row in await rows(database)] == [
        ("door", "e1"),
        ("other", "e1"),
        ("door", "e2"),
    ]


async def test_several_events_of_one_call_are_stored_together(
    database: Database, clock: MovableClock
) -> None:
    events = tuple(Pushed(key, key.encode()) for key in ("a", "b", "a"))
    async with served(database, clock, door=Door(lambda _: HookAnswer(200, "", events))) as http:
        await http.post("/hooks/door")
    assert [row.key for row in await rows(database)] == ["a", "b"]


@pytest.mark.parametrize("status", [400, 401, 403, 405])
async def test_a_refusal_stores_nothing(database: Database, clock: MovableClock, status: int) -> None:
    door = Door(lambda body: HookAnswer(status, "no", (Pushed("k", body),)))
    async with served(database, clock, door=door) as http:
        answer = await http.post("/hooks/door", content=b"e")
    assert (answer.status_code, answer.text, await rows(database)) == (status, "no", [])


async def test_too_long_a_body_is_not_even_looked_at(database: Database, clock: MovableClock) -> None:
    door = Door(lambda body: HookAnswer(200, str(len(body))))
    async with served(database, clock, door=door) as http:
        assert (await http.post("/hooks/door", content=b"x" * MAX_BODY)).text == str(MAX_BODY)
        assert (await http.post("/hooks/door", content=b"x" * (MAX_BODY + 1))).status_code == 413
    assert len(door.seen) == 1


async def test_a_challenge_is_answered_in_its_own_form(database: Database, clock: MovableClock) -> None:
    door = Door(lambda _: HookAnswer(200, '{"response_token": "sha256=1"}'))
    async with served(database, clock, door=door) as http:
        answer = await http.get("/hooks/door", params={"crc_token": "c"})
    assert (answer.headers["Content-Type"], answer.json()) == (
        "application/json; charset=utf-8",
        {"response_token": "sha256=1"},
    )
    assert door.seen[0][:2] == ("GET", {"crc_token": "c"})


async def test_other_paths_are_nobodys(database: Database, clock: MovableClock) -> None:
    async with served(database, clock, door=Door()) as http:
        assert (await http.post("/hooks/dоor")).status_code == 404
        assert (await http.get("/")).status_code == 404


@pytest.mark.parametrize("key", ["к" * 500, "a\0b", "\ud83d"])
async def test_an_odd_name_of_an_event_still_tells_it_apart(
    database: Database, clock: MovableClock, key: str
) -> None:
    names = [key, key + "1", key]
    door = Door(lambda body: HookAnswer(200, "ok", (Pushed(names[int(body)], body),)))
    async with served(database, clock, door=door) as http:
        for number in range(3):
            assert (await http.post("/hooks/door", content=str(number))).status_code == 200
    assert len({row.key for row in await rows(database)}) == len(await rows(database)) == 2


async def test_without_a_database_the_network_is_asked_to_come_again(
    database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def down(*_: Any, **__: Any) -> AsyncIterator[Any]:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))
        yield

    async with served(database, clock, door=Door()) as http:
        with monkeypatch.context() as patched:
            patched.setattr(database, "writing", down)
            refused = await http.post("/hooks/door", content=b"e1")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert "disk" not in refused.text
        assert await rows(database) == []
        assert (await http.post("/hooks/door", content=b"e1")).status_code == 200
    assert [row.key for row in await rows(database)] == ["e1"]


async def test_a_table_that_is_missing_is_no_success(database: Database, clock: MovableClock) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(PushRow.metadata.tables["pushes"].drop)
    async with served(database, clock, door=Door()) as http:
        assert (await http.post("/hooks/door", content=b"e1")).status_code == 503


async def test_a_taken_port_is_told(database: Database, clock: MovableClock) -> None:
    async with served(database, clock, door=Door()) as http:
        port = httpx.URL(http.base_url).port
        assert port
        with pytest.raises(OSError, match="address already in use"):
            await HooksServer(database, {}, host="127.0.0.1", port=port, clock=clock).run()


@asynccontextmanager
async def a_vk() -> AsyncIterator[tuple[str, VkWorld]]:
    world = VkWorld(SandboxClock())
    world.add_community(name="gorod", title="Город", number=1)
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/"), world


class Free:
    async def add(self, amount: int) -> None:
        """VK costs nothing."""

    async def this_month(self) -> int:
        return 0


async def test_what_vk_delivers_twice_over_a_crash_becomes_one_post(
    database: Database, clock: MovableClock
) -> None:
    """Wrong secret: 403, nothing stored. Twice: one row. The program dies before it is understood: not lost."""
    async with a_vk() as (url, world), httpx.AsyncClient() as http:

        async def does(path: str, **body: Any) -> Any:
            return (await http.post(f"{url}/control/vk/{path}", content=json.dumps(body))).json()

        await does("tokens", token="service", kind="service")
        page = {"id": 1, "callback_secret": SECRET}
        settings = {"enabled": True, "api_url": f"{url}/vk", "service_token": "service"}
        connector = connect(
            VkSettings.model_validate({**settings, "communities": (page,)}), Tools(http=http, meter=Free())
        )
        assert connector.hook is not None
        async with served(database, clock, vk=connector.hook) as ours:
            await does("callback", community_id=1, url=str(ours.base_url.join("/hooks/vk")), secret=SECRET)
            post = world.offer_post(owner_id=-1, from_id=world.user("Анна Петрова"), text="Яма")
            wrong = await does("deliver", community_id=1, secret="guessed")
            assert ([one["status"] for one in wrong["answers"]], await rows(database)) == ([403], [])
            for again in (False, True, True):
                told = await does("deliver", community_id=1, again=again)
                assert [one["text"] for one in told["answers"]] == ["ok"]
            assert len(await rows(database)) == 1

        taken: list[FoundPost] = []

        async def take(network: str, posts: Sequence[FoundPost]) -> None:
            assert network == "vk"
            taken.extend(posts)

        pushes = Pushes(database, {"vk": connector.hook}, take=take, clock=clock)
        assert await pushes.work_off("vk") == 1
        assert [(one.native_id, one.author_name) for one in taken] == [(post.native_id, "Анна Петрова")]
        assert await pushes.work_off("vk") == 0
