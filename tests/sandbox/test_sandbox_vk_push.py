"""VK's push from the other side: vkbottle listens by its own Long Poll, its typed models read the events."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from vkbottle import API, AiohttpClient, BotPolling, VKAPIError
from vkbottle_types.events.bot_events import WallPostNew, WallReplyDelete, WallReplyEdit, WallReplyNew

from sandbox.vk import VkWorld, add_routes
from sandbox.vk.methods import PUSH_METHODS
from sandbox.vk.things import Token

TOWN = 1
EVENTS = ("wall_post_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete", "wall_reply_restore")


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Judge:
    """vkbottle with the community's token, and the driver."""

    def __init__(self, url: str, session: aiohttp.ClientSession, world: VkWorld) -> None:
        self.world, self.url, self.session = world, url, session
        self.api = self.with_token("community")

    def with_token(self, token: str) -> Any:
        class Here(API):
            API_URL = f"{self.url}/vk/method/"

        return Here(token, http_client=AiohttpClient(session=self.session))

    async def does(self, path: str, **body: Any) -> Any:
        async with self.session.post(f"{self.url}/control/vk/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def switch_on(self, *events: str) -> None:
        on = dict.fromkeys(events or EVENTS, True)
        assert await self.api.groups.set_long_poll_settings(
            group_id=TOWN, enabled=True, api_version="5.199", **on
        )

    async def check(self, *, ts: str, key: str, wait: int = 0) -> Any:
        params = {"act": "a_check", "key": key, "ts": ts, "wait": str(wait)}
        async with self.session.get(f"{self.url}/vk/lp/wh{TOWN}", params=params) as answer:
            return json.loads(await answer.text())


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    world = VkWorld(Noon())
    world.add_community(name="gorod", title="Город", number=TOWN, verified=True)
    world.tokens |= {"service": Token("service"), "community": Token("community", TOWN)}
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server, aiohttp.ClientSession() as session:
        yield Judge(str(server.make_url("")).rstrip("/"), session, world)


def a_post(judge: Judge, text: str = "Яма") -> Any:
    return judge.world.offer_post(owner_id=-TOWN, from_id=judge.world.user("Анна Петрова"), text=text)


async def heard(polling: BotPolling, count: int) -> list[dict[str, Any]]:
    """The first events vkbottle's own loop hears."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        listening = polling.listen()
        async for told in listening:
            found += told["updates"]
            if len(found) >= count:
                break
        await listening.aclose()
    return found


async def test_vkbottle_hears_everything_in_order(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # vkbottle keeps its place in a file below the current folder
    await judge.switch_on()
    judge.world.offer_post(owner_id=-TOWN, from_id=1, text="До того, как слушали")
    listens = asyncio.Event()

    class Listening(BotPolling):
        async def get_event(self, server: dict[str, Any]) -> dict[str, Any]:
            listens.set()
            return await super().get_event(server)

    polling = Listening(judge.api, group_id=TOWN, wait=5)

    async def write() -> None:
        await listens.wait()
        post = a_post(judge)
        comment = judge.world.offer_comment(post, from_id=1001, text="И у нас")
        judge.world.edit(comment.native_id, "И у нас тоже")
        judge.world.delete(comment.native_id)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        listening = group.create_task(heard(polling, 4))
    post_new, reply_new, reply_edit, reply_delete = listening.result()
    post = WallPostNew.model_validate(post_new)
    assert (post.object.text, post.object.owner_id, post.group_id) == ("Яма", -TOWN, TOWN)
    new = WallReplyNew.model_validate(reply_new)
    assert (new.object.text, new.object.post_owner_id, new.object.post_id) == (
        "И у нас",
        -TOWN,
        post.object.id,
    )
    assert WallReplyEdit.model_validate(reply_edit).object.text == "И у нас тоже"
    assert WallReplyDelete.model_validate(reply_delete).object.id == new.object.id
    assert len({one["event_id"] for one in listening.result()}) == 4


@pytest.mark.parametrize("loss", ["lose_history", "expire_key", "lose_all"])
async def test_vkbottle_goes_on_after_every_loss(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    monkeypatch.chdir(tmp_path)
    await judge.switch_on()
    polling = BotPolling(judge.api, group_id=TOWN, wait=1)
    server = await polling.get_server()
    a_post(judge, "Первый")
    await judge.does("longpoll", community_id=TOWN, what=loss)
    refused = await polling.get_event(server)
    assert refused["failed"] == {"lose_history": 1, "expire_key": 2, "lose_all": 3}[loss]
    server = await polling.handle_failed_event(server, refused)
    a_post(judge, "Второй")
    told = await polling.get_event(server)
    texts = [one["object"]["text"] for one in told["updates"]]
    assert texts == (["Первый", "Второй"] if loss == "expire_key" else ["Второй"])


async def test_settings_are_kept_and_typed(judge: Judge) -> None:
    before = await judge.api.groups.get_long_poll_settings(group_id=TOWN)
    assert not before.is_enabled
    with pytest.raises(VKAPIError[100]) as refused:
        await judge.api.groups.get_long_poll_server(group_id=TOWN)
    assert "longpoll for this group is not enabled" in str(refused.value)
    await judge.switch_on("wall_post_new")
    after = await judge.api.groups.get_long_poll_settings(group_id=TOWN)
    assert (after.is_enabled, after.api_version) == (True, "5.199")
    assert (bool(after.events.wall_post_new), bool(after.events.wall_reply_new)) == (True, False)
    server = await judge.api.groups.get_long_poll_server(group_id=TOWN)
    assert server.server.startswith(judge.url)
    post = a_post(judge)
    judge.world.offer_comment(post, from_id=1001, text="Об этом не просили")
    told = await judge.check(ts=server.ts, key=server.key)
    assert [one["type"] for one in told["updates"]] == ["wall_post_new"]
    assert told["ts"] == "1"
    await judge.api.groups.set_long_poll_settings(group_id=TOWN, wall_post_new=False)
    a_post(judge)
    assert (await judge.check(ts=told["ts"], key=server.key))["updates"] == []


async def test_who_may_listen(judge: Judge) -> None:
    judge.world.add_community(name="zhkh", title="ЖКХ", number=2)
    judge.world.tokens |= {"weak": Token("community", TOWN, ("wall",)), "other": Token("community", 2)}
    for token, code in (("service", 28), ("weak", 15), ("other", 15)):
        for name in PUSH_METHODS:
            with pytest.raises(VKAPIError[code]):
                await judge.with_token(token).request(name, {"group_id": TOWN})
    judge.world.tokens["editor"] = Token("user")
    with pytest.raises(VKAPIError[125]):
        await judge.with_token("editor").request("groups.getLongPollServer", {"group_id": 99})


async def test_the_server_of_nobody_and_a_wrong_key(judge: Judge) -> None:
    await judge.switch_on()
    assert await judge.check(ts="0", key="guessed") == {"failed": 2}
    async with judge.session.get(f"{judge.url}/vk/lp/wh99", params={"act": "a_check"}) as answer:
        assert answer.status == 400


async def test_more_events_than_are_kept_are_a_loss(judge: Judge) -> None:
    await judge.switch_on()
    server = await judge.api.groups.get_long_poll_server(group_id=TOWN)
    for number in range(1001):
        a_post(judge, str(number))
    assert await judge.check(ts=server.ts, key=server.key) == {"failed": 1, "ts": 1001}
    assert len((await judge.check(ts="1", key=server.key))["updates"]) == 1000


async def test_a_callback_server_is_confirmed_and_told_until_it_says_ok(judge: Judge) -> None:
    seen: list[tuple[dict[str, Any], str | None]] = []
    answers = ["nonsense", "ok", "ok"]
    code = (await judge.api.groups.get_callback_confirmation_code(group_id=TOWN)).code

    async def answer(request: web.Request) -> web.Response:
        event = await request.json()
        if event["type"] == "confirmation":
            return web.Response(text=code)
        seen.append((event, request.headers.get("X-Retry-Counter")))
        return web.Response(text=answers.pop(0))

    app = web.Application()
    app.router.add_post("/hook", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("/hook"))
        assert (await judge.does("callback", community_id=TOWN, url=url, secret="s"))["code"] == code
        assert (await judge.does("confirm", community_id=TOWN))["confirmed"]
        a_post(judge)
        assert (await judge.does("deliver", community_id=TOWN))["waiting"] == 1
        assert (await judge.does("deliver", community_id=TOWN))["waiting"] == 0
        assert (await judge.does("deliver", community_id=TOWN))["answers"] == []
        assert len((await judge.does("deliver", community_id=TOWN, again=True))["answers"]) == 1
    assert [retry for _, retry in seen] == [None, "1", "2"]
    assert len({event["event_id"] for event, _ in seen}) == 1
    assert {event["secret"] for event, _ in seen} == {"s"}
    assert WallPostNew.model_validate(seen[0][0]).object.text == "Яма"
    gone = await judge.does("deliver", community_id=TOWN, again=True)
    assert gone["answers"][0]["status"] == 0


async def test_a_mark_is_shown_when_it_is_asked_for(judge: Judge) -> None:
    [plain] = (await judge.api.groups.get_by_id(group_ids=["gorod"])).groups
    [marked] = (await judge.api.groups.get_by_id(group_ids=["gorod"], fields=["verified"])).groups
    assert (plain.verified, bool(marked.verified)) == (None, True)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("longpoll", {"community_id": 99, "what": "disable"}, 404),
        ("longpoll", {"community_id": TOWN, "what": "explode"}, 400),
        ("longpoll", {"community_id": TOWN}, 400),
        ("deliver", {"community_id": TOWN}, 404),
        ("callback", {}, 400),
    ],
)
async def test_senseless_orders_are_refused(judge: Judge, path: str, body: Any, status: int) -> None:
    async with judge.session.post(f"{judge.url}/control/vk/{path}", json=body) as answer:
        assert answer.status == status
        assert "error" in await answer.json()
