"""Callback API: who may tell us news, and what we make of them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import NetworkError, Outcome, Page, Watch
from collectors.pushing import Hook, HookAnswer, Pushed
from collectors.vk import VkSettings
from tests.collectors.vk_cast import MORNING, SERVICE, Vk, connected

SECRET = "callback-secret-3"
COMMUNITIES: tuple[dict[str, Any], ...] = (
    {"id": 1, "title": "Город", "callback_secret": SECRET, "callback_code": "a1b2c3d4"},
    {"id": 2, "callback_secret": "another-secret", "callback_code": "e5f6"},
    {"id": 3},
)
SETTINGS = VkSettings.model_validate({"enabled": True, "service_token": SERVICE, "communities": COMMUNITIES})


@cache
def hook() -> Hook:
    found = connected(SETTINGS, httpx.AsyncClient()).hook
    assert found is not None
    return found


def event(**more: Any) -> dict[str, Any]:
    usual = {"type": "wall_post_new", "group_id": 1, "event_id": "e1", "secret": SECRET, "object": {"id": 1}}
    return {**usual, **more}


def receive(body: Any, *, method: str = "POST") -> HookAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return hook().receive(method, {}, {"content-type": "application/json"}, raw, now=MORNING)


def test_an_event_with_the_secret_is_kept_as_it_came_and_answered_ok() -> None:
    raw = json.dumps(event()).encode()
    assert receive(raw) == HookAnswer(200, "ok", (Pushed("e1", raw),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "callback-secret-4"},
        {"secret": ""},
        {"secret": None},
        {"secret": ["callback-secret-3"]},
        {"secret": "\ud83d"},
        {"secret": "another-secret"},  # of another community
        {"group_id": 2},
        {"group_id": 3},  # has no secret of ours
        {"group_id": 3, "secret": ""},
        {"group_id": 77},
    ],
)
def test_whoever_does_not_know_the_secret_is_refused_and_nothing_is_kept(wrong: dict[str, Any]) -> None:
    assert receive(event(**wrong)) == HookAnswer(403)


def test_a_missing_secret_is_a_wrong_one() -> None:
    said = event()
    del said["secret"]
    assert receive(said) == HookAnswer(403)


@pytest.mark.parametrize("kind", ["message_new", "wall_reply_delete", "wall_repost", "group_join", None])
def test_what_does_not_concern_us_is_acknowledged_and_not_kept(kind: object) -> None:
    """Private messages above all."""
    assert receive(event(type=kind)) == HookAnswer(200, "ok")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"group_id": 1}, HookAnswer(200, "a1b2c3d4")),
        ({"group_id": 2}, HookAnswer(200, "e5f6")),
        ({"group_id": 1, "secret": SECRET}, HookAnswer(200, "a1b2c3d4")),
        ({"group_id": 1, "secret": "wrong"}, HookAnswer(403)),
        ({"group_id": 3}, HookAnswer(403)),
        ({"group_id": 99}, HookAnswer(403)),
    ],
)
def test_vk_is_told_the_code_of_the_very_community(said: dict[str, Any], answer: HookAnswer) -> None:
    assert receive({"type": "confirmation", **said}) == answer


@pytest.mark.parametrize("body", [b"", b"null", b"17", b"[]", b"{", b"\xff", b"[" * 100_000, b"{}"])
def test_nonsense_is_a_bad_request(body: bytes) -> None:
    assert receive(body) == HookAnswer(400)
    assert receive(body, method="GET") == HookAnswer(405)


def test_an_event_without_a_usable_name_is_known_by_its_body() -> None:
    keys = set()
    for name in (None, 17, "", "x" * 129, "а", "\0"):
        [kept] = receive(event(event_id=name)).store
        assert kept.key.isascii()
        assert 0 < len(kept.key) <= 128
        assert kept == receive(event(event_id=name)).store[0]
        keys.add(kept.key)
    assert len(keys) == 6


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
    lambda value: json.dumps({"group_id": 1, "type": value, "secret": value, "event_id": value}).encode()
))  # fmt: skip
def test_no_input_breaks_the_door(body: bytes) -> None:
    answer = receive(body)
    assert answer.status in {200, 400, 403}
    assert not answer.store


async def test_without_any_secret_there_is_no_door() -> None:
    settings = VkSettings.model_validate(
        {"enabled": True, "service_token": SERVICE, "communities": ({"id": 1, "callback_code": "c"},)}
    )
    async with httpx.AsyncClient() as http:
        assert connected(settings, http).hook is None
        assert connected(SETTINGS, http).hook is not None


@asynccontextmanager
async def door(hook: Hook, kept: list[Pushed]) -> AsyncIterator[str]:
    """The hook over HTTP; what it wants stored goes into `kept`."""

    async def handle(request: web.Request) -> web.Response:
        headers = {key.lower(): value for key, value in request.headers.items()}
        answer = hook.receive(request.method, {}, headers, await request.read(), now=MORNING)
        kept.extend(answer.store)
        return web.Response(status=answer.status, text=answer.text)

    app = web.Application()
    app.router.add_route("*", hook.path, handle)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url(hook.path))


async def test_vk_confirms_delivers_and_repeats(vk: Vk) -> None:
    code = (await vk.does("callback", community_id=1, url="http://127.0.0.1:9/", secret=SECRET))["code"]
    page = {"id": 1, "callback_secret": SECRET, "callback_code": code}
    connector = vk.connector(communities=(page,))
    assert connector.hook is not None
    kept: list[Pushed] = []
    async with door(connector.hook, kept) as url:
        await vk.does("callback", community_id=1, url=url, secret=SECRET)
        assert (await vk.does("confirm", community_id=1))["confirmed"]
        post = await vk.offers("Яма на Ленина", author_name="Анна Петрова")
        top = await vk.offers("И у нас", under=post, author_name="Борис")
        await vk.offers("Проверяем", under=post, reply_to=top, author="community")
        wrong = await vk.does("deliver", community_id=1, secret="guessed")
        assert ([one["status"] for one in wrong["answers"]], wrong["waiting"], kept) == ([403] * 3, 3, [])
        right = await vk.does("deliver", community_id=1)
        assert ([one["text"] for one in right["answers"]], right["waiting"]) == (["ok"] * 3, 0)
        await vk.does("deliver", community_id=1, again=True)
    assert len(kept) == 6
    assert len({one.key for one in kept}) == 3
    pushed = [found for one in kept[:3] for found in await connector.hook.understand(one)]
    [wall] = connector.watch(Watch(pages=(Page("1"),)))
    assert {one.native_id: one for one in pushed} == {one.native_id: one for one in await vk.passage(wall)}


async def test_a_community_known_by_its_short_address_may_push(vk: Vk) -> None:
    """Its number is not known before VK is asked: every secret of such communities may be its."""
    page = {"name": "gorod", "callback_secret": SECRET}
    connector = vk.connector(communities=(page,))
    assert connector.hook is not None
    receive = connector.hook.receive
    raw = json.dumps(event(object={"id": 5, "from_id": 7, "date": 1, "text": "Яма"})).encode()
    [kept] = receive("POST", {}, {}, raw, now=MORNING).store
    [found] = await connector.hook.understand(kept)
    assert (found.native_id, found.community_title) == ("wall-1_5", "Город Солнечный")
    elsewhere = json.dumps(event(group_id=2)).encode()
    assert receive("POST", {}, {}, elsewhere, now=MORNING) == HookAnswer(403)


async def test_what_cannot_be_understood_now_is_understood_later(vk: Vk) -> None:
    connector = vk.connector(communities=({"name": "gorod", "callback_secret": SECRET},))
    assert connector.hook is not None
    told = Pushed("e", json.dumps(event(object={"id": 5, "from_id": 7, "date": 1, "text": "Яма"})).encode())
    await vk.does("faults", kind="status", method="groups.getById")
    with pytest.raises(NetworkError) as refused:
        await connector.hook.understand(told)
    assert refused.value.outcome is Outcome.LATER
    assert len(await connector.hook.understand(told)) == 1
    assert await connector.hook.understand(Pushed("e", b"garbage")) == []
