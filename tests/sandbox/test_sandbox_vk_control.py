"""The driver of the sandbox's VK: what residents do, what a judge may ask, and what goes wrong on order."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sandbox.vk import VkWorld, add_routes

Client = TestClient[web.Request, web.Application]


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    add_routes(app, VkWorld(Noon()))
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        await control(client, "communities", name="gorod", title="Город", id=1, token="c")
        await control(client, "tokens", token="s", kind="service")
        yield client


async def control(client: Client, path: str, *, expect: int = 200, **body: Any) -> Any:
    answer = await client.post(f"/control/vk/{path}", data=json.dumps(body))
    assert answer.status == expect, await answer.text()
    return await answer.json()


async def look(client: Client, path: str) -> Any:
    return await (await client.get(f"/control/vk/{path}")).json()


async def vk(client: Client, method: str, by: str = "s", **params: Any) -> Any:
    form = {"v": "5.199", "access_token": by, **params}
    answer = await client.post(f"/vk/method/{method}", data=form)
    assert answer.status == 200
    return json.loads(await answer.text())


async def comment(client: Client, **params: Any) -> Any:
    asked = {"owner_id": -1, "post_id": 1, "message": "Ответ", **params}
    return (await vk(client, "wall.createComment", "c", **asked))["response"]["comment_id"]


async def test_offering_is_remembered_with_its_time(client: Client) -> None:
    post = await control(client, "posts", community_id=1, text="Яма", author_name="Анна")
    assert post == {
        "owner_id": -1,
        "post_id": 1,
        "comment_id": None,
        "native_id": "wall-1_1",
        "url": "https://vk.com/wall-1_1",
    }
    inner = await control(client, "posts", community_id=1, text="Да!", under=1, author_name="Борис")
    assert (inner["native_id"], inner["url"]) == ("wall-1_1_r2", "https://vk.com/wall-1_1?reply=2")
    first, second = (await look(client, "record"))["offered"]
    assert first["native_id"] == "wall-1_1"
    assert first["text_hash"] == hashlib.sha256("Яма".encode()).hexdigest()
    assert first["at"] == "2026-03-02T09:00:00+00:00"
    assert second["monotonic"] >= first["monotonic"]


async def test_answers_are_counted_under_what_they_answer(client: Client) -> None:
    await control(client, "posts", community_id=1, text="Яма")
    await control(client, "posts", community_id=1, text="И тут", under=1)
    await comment(client, guid="a")
    await comment(client, guid="a")
    await comment(client, guid="b", reply_to_comment=2)
    record = await look(client, "record")
    assert record["answers"] == {"wall-1_1": 1, "wall-1_1_r2": 1}
    assert (record["doubled"], record["resent"]) == ([], 1)
    assert [(one["under"], one["guid"]) for one in record["received"]] == [
        ("wall-1_1", "a"), ("wall-1_1_r2", "b"),
    ]  # fmt: skip
    twice = await comment(client, guid="c")
    assert (await look(client, "record"))["doubled"] == ["wall-1_1"]
    await control(client, "delete", native_id=f"wall-1_1_r{twice}")
    assert (await look(client, "record"))["doubled"] == []


async def test_the_walls_are_shown_whole(client: Client) -> None:
    await control(client, "posts", community_id=1, text="Яма", author_name="Анна", photos=["https://p.ru/1"])
    await control(client, "posts", community_id=1, text="Зря", under=1, author_name="Борис")
    await comment(client, reply_to_comment=2)
    await control(client, "delete", native_id="wall-1_1_r2")
    await control(client, "edit", native_id="wall-1_1", text="Яма!")
    [wall] = (await look(client, "walls?community_id=1"))["walls"]
    [post] = wall["posts"]
    assert (wall["title"], post["text"], post["author_name"]) == ("Город", "Яма!", "Анна")
    assert (post["photos"], post["edited"]) == (["https://p.ru/1"], post["date"])
    assert [(one["author_name"], one["text"], one["deleted"]) for one in post["thread"]] == [
        ("Борис", "", True),
        ("Город", "Ответ", False),
    ]
    assert post["comments"]["count"] == 1


async def test_nonsense_is_refused_in_words(client: Client) -> None:
    for path, body, status in (
        ("posts", {"text": "куда?"}, 400),
        ("posts", {"community_id": 5, "text": "."}, 404),
        ("posts", {"community_id": 1, "text": 17}, 400),
        ("posts", {"community_id": 1, "text": ".", "under": 99}, 404),
        ("edit", {"native_id": "wall-1_99", "text": "."}, 404),
        ("delete", {"native_id": "чепуха"}, 404),
        ("tokens", {"token": "t", "kind": "king"}, 400),
        ("faults", {"kind": "earthquake"}, 400),
        ("faults", {"kind": "error", "colour": "red"}, 400),
    ):
        assert (await control(client, path, expect=status, **body))["error"]
    answer = await client.post("/control/vk/posts", data="{")
    assert answer.status == 400


async def test_a_fault_waits_for_its_method_and_ends(client: Client) -> None:
    await control(client, "faults", kind="error", method="wall.get", code=10, skip=1, times=2)
    assert (await vk(client, "utils.getServerTime"))["response"]
    codes = [(await vk(client, "wall.get", owner_id=-1)).get("error", {}).get("error_code") for _ in range(4)]
    assert codes == [None, 10, 10, None]
    await control(client, "faults", kind="error", times=-1)
    assert "error" in await vk(client, "wall.get", owner_id=-1)
    assert (await (await client.delete("/control/vk/faults")).json()) == {"waiting": 0}
    assert "response" in await vk(client, "wall.get", owner_id=-1)


@pytest.mark.parametrize("kind", ["hang", "cut"])
async def test_the_work_is_done_though_no_answer_comes(client: Client, kind: str) -> None:
    await control(client, "posts", community_id=1, text="Яма")
    await control(client, "faults", kind=kind, method="wall.createComment", seconds=0.05)
    with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
        await comment(client)
    assert (await look(client, "record"))["answers"] == {"wall-1_1": 1}


async def test_other_faults_do_no_work_unless_told(client: Client) -> None:
    await control(client, "posts", community_id=1, text="Яма")
    form = {"v": "5.199", "access_token": "c", "owner_id": -1, "post_id": 1, "message": "Ответ"}
    for kind, status in (("garbage", 200), ("empty", 200), ("status", 502)):
        await control(client, "faults", kind=kind)
        answer = await client.post("/vk/method/wall.createComment", data=form)
        assert answer.status == status
        with pytest.raises(json.JSONDecodeError):
            json.loads(await answer.text())
    assert (await look(client, "record"))["received"] == []
    await control(client, "faults", kind="garbage", after_work=True)
    await client.post("/vk/method/wall.createComment", data=form)
    assert len((await look(client, "record"))["received"]) == 1


async def test_the_request_may_come_in_the_address_too(client: Client) -> None:
    query = "v=5.199&access_token=s&owner_id=-1"
    assert (await (await client.get(f"/vk/method/wall.get?{query}")).json())["response"]["count"] == 0
    assert (await (await client.put(f"/vk/method/wall.get?{query}")).json())["error"]["error_code"] == 9999
    without = await (await client.get("/vk/method/wall.get?access_token=s")).json()
    assert without["error"]["error_code"] == 8


async def test_errors_echo_the_request_as_vk_does(client: Client) -> None:
    """So a careless client would log its token, and be caught."""
    error = (await vk(client, "wall.get", "stolen"))["error"]
    assert {"key": "access_token", "value": "stolen"} in error["request_params"]


async def test_deleting_posts_leaves_the_others_where_they_were(client: Client) -> None:
    await control(client, "posts", posts=[{"community_id": 1, "text": f"яма {n}"} for n in range(6)])
    for number in (1, 3, 6):
        await control(client, "delete", native_id=f"wall-1_{number}")
    wall = (await vk(client, "wall.get", owner_id=-1))["response"]
    found = (await vk(client, "newsfeed.search", q="яма"))["response"]
    assert [one["id"] for one in wall["items"]] == [one["id"] for one in found["items"]] == [5, 4, 2]


async def test_closing_a_whole_wall_closes_each_post(client: Client) -> None:
    await control(client, "posts", community_id=1, text="Яма")
    await control(client, "close", community_id=1)
    shut = (await vk(client, "wall.get", owner_id=-1))["response"]["items"][0]["comments"]
    assert (shut["can_post"], shut["groups_can_post"]) == (0, False)
    await control(client, "close", community_id=1, closed=False)
    await comment(client)


async def test_a_search_shows_a_thousand_and_no_more(client: Client) -> None:
    await control(client, "posts", posts=[{"community_id": 1, "text": "яма"} for _ in range(1005)])
    shown, place = 0, ""
    for _ in range(20):
        answer = (await vk(client, "newsfeed.search", q="яма", count=200, start_from=place))["response"]
        shown += len(answer["items"])
        assert answer["total_count"] == 1005
        place = answer.get("next_from", "")
        if not place:
            break
    assert shown == 1000
