"""The driver of the sandbox's X: what residents do, what a judge may ask, and what goes wrong on order."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sandbox.x import XWorld, add_routes

Client = TestClient[web.Request, web.Application]


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Seconds:
    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def world(seconds: Seconds) -> XWorld:
    return XWorld(Clock(), monotonic=seconds)


@pytest.fixture
async def client(world: XWorld) -> AsyncIterator[Client]:
    app = web.Application()
    add_routes(app, world)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        await control(client, "communities", name="gorod", title="Город", id=1000, token="u")
        await control(client, "tokens", token="b", kind="app")
        yield client


async def control(client: Client, path: str, /, *, expect: int = 200, **body: Any) -> Any:
    answer = await client.post(f"/control/x/{path}", data=json.dumps(body))
    assert answer.status == expect, await answer.text()
    return await answer.json()


async def look(client: Client, path: str) -> Any:
    return await (await client.get(f"/control/x/{path}")).json()


async def api(client: Client, path: str, *, by: str = "b", expect: int = 200) -> Any:
    answer = await client.get(f"/x/2/{path}", headers={"Authorization": f"Bearer {by}"})
    assert answer.status == expect, await answer.text()
    return await answer.json()


async def write(client: Client, *, by: str = "u", expect: int = 201, to: str = "", **body: Any) -> Any:
    reply = {"reply": {"in_reply_to_tweet_id": to}} if to else {}
    headers = {"Authorization": f"Bearer {by}"}
    answer = await client.post("/x/2/tweets", json={**body, **reply}, headers=headers)
    assert answer.status == expect, await answer.text()
    return await answer.json()


async def test_offering_and_answering_are_remembered(client: Client, world: XWorld) -> None:
    made = await control(client, "posts", text="Яма", to="gorod", author_name="Анна")
    post = made["native_id"]
    assert made["url"] == f"https://x.com/resident_2/status/{post}"
    own = (await control(client, "posts", text="Новости", author="gorod"))["native_id"]
    assert world.offered == [(post, 50.0, True), (own, 50.0, False)]
    await write(client, text="Засыпали", to=post)
    await write(client, text="Совсем засыпали", to=post)
    assert world.received == [(post, "Засыпали"), (post, "Совсем засыпали")]
    assert world.shown() == {"answers": {post: ["Засыпали", "Совсем засыпали"]}, "doubled": 1}
    record = await look(client, "record")
    assert record["answers"] == world.shown()["answers"]
    assert record["calls"] == {"POST /2/tweets": 2}
    assert "Анна" not in json.dumps(record)
    assert (world.by_resident(post), world.by_resident(own)) == (True, False)


async def test_several_posts_at_once(client: Client) -> None:
    made = await control(client, "posts", posts=[{"text": "1"}, {"text": "2"}])
    assert len({one["native_id"] for one in made["posts"]}) == 2


async def test_names_stand_before_a_reply(client: Client) -> None:
    own = (await control(client, "posts", text="Новости", author="gorod"))["native_id"]
    first = (await control(client, "posts", text="Яма", under=own, author_name="Анна"))["native_id"]
    second = (await control(client, "posts", text="И тут", under=first, author_name="Борис"))["native_id"]
    bare = (await control(client, "posts", text="Да", under=own, names_first=False))["native_id"]
    answer = await api(client, f"tweets?ids={first},{second},{bare}")
    assert [post["text"] for post in answer["data"]] == ["@gorod Яма", "@resident_2 @gorod И тут", "Да"]


async def test_what_is_deleted_is_gone(client: Client, world: XWorld) -> None:
    post = (await control(client, "posts", text="Яма"))["native_id"]
    await control(client, "delete", native_id=post)
    assert "data" not in await api(client, f"tweets?ids={post}")
    assert (await api(client, "tweets/search/recent?query=яма"))["meta"] == {"result_count": 0}
    await control(client, "delete", native_id=post, expect=404)


async def test_nonsense_is_told(client: Client) -> None:
    for path, body in (
        ("posts", {"text": 1}),
        ("tokens", {"kind": "magic"}),
        ("faults", {"kind": "magic"}),
        ("faults", {"what": "magic"}),
        ("faults", {"kind": "error", "error": "magic"}),
        ("faults", {"kind": "delay", "magic": 1}),
        ("limits", {"mode": "magic"}),
        ("limits", {"GET /magic": 1}),
        ("manners", {"tier": "magic"}),
        ("manners", {"dialect": "magic"}),
        ("communities", {}),
    ):
        assert "error" in await control(client, path, expect=400, **body)
    for path, body in (("posts", {"text": ".", "under": "1"}), ("posts", {"text": ".", "author": "nobody"})):
        await control(client, path, expect=404, **body)


async def test_walls_for_the_page(client: Client) -> None:
    own = (await control(client, "posts", text="Новости", author="gorod"))["native_id"]
    comment = (await control(client, "posts", text="Яма", under=own, author_name="Анна"))["native_id"]
    apart = (await control(client, "posts", text="Сама по себе", photos=["https://p.ru/1.jpg"]))["native_id"]
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n1").decode()
    answer = await client.post(
        "/x/2/media/upload",
        json={"media": picture, "media_category": "tweet_image"},
        headers={"Authorization": "Bearer u"},
    )
    media = (await answer.json())["data"]["id"]
    await write(client, text="Ответ", to=comment, media={"media_ids": [media]})
    town, rest = (await look(client, "walls"))["walls"]
    assert (town["owner_id"], town["title"], rest["owner_id"]) == ("1000", "Город", "")
    [post] = town["posts"]
    assert (post["native_id"], post["by_group"], post["by_api"]) == (own, True, False)
    said, answered = post["thread"]
    assert (said["native_id"], said["author_name"], said["reply_to"]) == (comment, "Анна", own)
    assert (answered["by_api"], answered["photos"]) == (True, [f"/control/x/pictures/{media}"])
    assert (await (await client.get(answered["photos"][0])).read()) == base64.b64decode(picture)
    assert [one["native_id"] for one in rest["posts"]] == [apart]
    assert [one["owner_id"] for one in (await look(client, "walls?community_id=1000"))["walls"]] == ["1000"]


async def test_limits_open_after_fifteen_minutes(client: Client, seconds: Seconds, world: XWorld) -> None:
    await control(client, "limits", **{"GET /2/tweets/search/recent": 1})
    await api(client, "tweets/search/recent?query=яма")
    for _ in range(2):
        await api(client, "tweets/search/recent?query=яма", expect=429)
    await api(client, "tweets/search/recent?query=яма", by="u")  # a user's limit is another
    seconds.at += 901
    await api(client, "tweets/search/recent?query=яма")
    assert world.record.over_limit == 2
    await control(client, "limits", mode="count")
    await api(client, "tweets/search/recent?query=яма")
    assert world.record.over_limit == 3
    await control(client, "limits", mode="off")
    await api(client, "tweets/search/recent?query=яма")
    assert world.record.over_limit == 3


async def test_faults_spoil_what_is_ordered(client: Client) -> None:
    headers = {"Authorization": "Bearer b"}
    await control(client, "faults", what="http_500", path="/2/users/:id/tweets")
    await control(client, "faults", kind="garbage", skip=1)
    await api(client, "tweets/search/recent?query=яма")
    assert "ой" in await (await client.get("/x/2/tweets?ids=1", headers=headers)).text()
    assert (await client.get("/x/2/users/1000/tweets", headers=headers)).status == 500
    await control(client, "faults", kind="cut")
    with pytest.raises(aiohttp.ClientError):
        await (await client.get("/x/2/tweets?ids=1", headers=headers)).read()
    await control(client, "faults", kind="hang", seconds=0.05)
    with pytest.raises(aiohttp.ClientError):
        await client.get("/x/2/tweets?ids=1", headers=headers)
    await control(client, "faults", kind="delay", seconds=0.01)
    await api(client, "tweets?ids=1")
    await control(client, "faults", kind="empty", times=-1)
    assert (await look(client, "faults"))["waiting"] == 1
    assert (await (await client.delete("/control/x/faults")).json())["waiting"] == 0


@pytest.mark.parametrize(
    ("what", "status", "kind"),
    [
        ("429", 429, "about:blank"),
        ("expired_token", 401, "about:blank"),
        ("revoked_rights", 403, "client-forbidden"),
        ("captcha", 403, "about:blank"),
        ("usage_capped", 429, "usage-capped"),
        ("200_with_error", 200, "internal-error"),
    ],
)
async def test_refusals_on_order(client: Client, what: str, status: int, kind: str) -> None:
    await control(client, "faults", what=what)
    answer = await api(client, "tweets/search/recent?query=яма", expect=status)
    problem = answer["errors"][0] if status == 200 else answer
    assert problem["type"].endswith(kind)


async def test_an_endless_cursor(client: Client) -> None:
    await control(client, "posts", text="Яма")
    await control(client, "faults", what="endless_cursor", times=3)
    tokens = set()
    token = ""
    for _ in range(3):
        more = f"&next_token={token}" if token else ""
        answer = await api(client, f"tweets/search/recent?query=яма{more}")
        assert len(answer["data"]) == 1
        token = answer["meta"]["next_token"]
        tokens.add(token)
    assert len(tokens) == 3


async def test_what_takes_effect_before_it_hangs(client: Client, world: XWorld) -> None:
    post = (await control(client, "posts", text="Яма", to="gorod"))["native_id"]
    await control(client, "faults", what="done_then_timeout", method="POST /2/tweets")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await write(client, text="Ответ", to=post)
    assert world.received == [(post, "Ответ")]


async def test_a_search_lags_when_told_to(client: Client, world: XWorld) -> None:
    await control(client, "manners", search_lag=30)
    await control(client, "posts", text="Яма")
    assert (await api(client, "tweets/search/recent?query=яма"))["meta"] == {"result_count": 0}
    assert isinstance(world.clock, Clock)
    world.clock.at += timedelta(seconds=30)
    assert (await api(client, "tweets/search/recent?query=яма"))["meta"]["result_count"] == 1


async def test_tokens_end_and_lose_their_rights(client: Client) -> None:
    post = (await control(client, "posts", text="Яма", to="gorod"))["native_id"]
    await control(client, "tokens", kind="user", token="u", account="gorod", scopes=["tweet.read"])
    await write(client, text="Ответ", to=post, expect=403)
    await control(client, "tokens", kind="user", token="u", account="gorod", state="expired")
    await write(client, text="Ответ", to=post, expect=401)
    await control(client, "tokens", kind="app", token="b", state="revoked")
    await api(client, "tweets?ids=1", expect=403)
    await write(client, by="nonsense", text="Ответ", expect=401)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"text": 1},
        {"text": " "},
        {"text": ".", "reply": {}, "foo": 1},
        {"text": ".", "reply": {"in_reply_to_tweet_id": 17}},
        {"text": ".", "reply": {"in_reply_to_tweet_id": "x"}},
        {"text": ".", "media": {"media_ids": []}},
        {"text": ".", "media": {"media_ids": ["1", "2", "3", "4", "5"]}},
    ],
)
async def test_a_wrong_body_is_refused(client: Client, body: Any) -> None:
    answer = await client.post("/x/2/tweets", json=body, headers={"Authorization": "Bearer u"})
    assert answer.status == 400
    assert (await answer.json())["type"].endswith("invalid-request")


@pytest.mark.parametrize(
    ("media", "category"),
    [("не base64", "tweet_image"), (base64.b64encode(b"GIF89a").decode(), "tweet_image"), ("", "dm_video")],
)
async def test_what_is_no_picture_is_refused(client: Client, media: str, category: str) -> None:
    body = {"media": media, "media_category": category}
    answer = await client.post("/x/2/media/upload", json=body, headers={"Authorization": "Bearer u"})
    assert answer.status == 400


async def test_a_picture_may_come_as_a_form(client: Client, world: XWorld) -> None:
    form = aiohttp.FormData({"media_category": "tweet_image"})
    form.add_field("media", b"\xff\xd8\xff1", filename="1.jpg")
    answer = await client.post("/x/2/media/upload", data=form, headers={"Authorization": "Bearer u"})
    assert answer.status == 200
    assert list(world.pictures.values()) == [b"\xff\xd8\xff1"]


@pytest.mark.parametrize(
    "query",
    [
        "query=a&max_results=9", "query=a&max_results=101", "query=a&max_results=x", "query=a&foo=1",
        "query=a&expansions=foo", "query=a&post.fields=foo", "query=a&start_time=2026-03-02",
        "query=a&start_time=2026-02-01T00:00:00Z", "query=a&start_time=2026-13-01T00:00:00Z", "query=a&since_id=17",
        "query=a&next_token=x",
    ],
)  # fmt: skip
async def test_wrong_parameters_are_refused(client: Client, query: str) -> None:
    await api(client, f"tweets/search/recent?{query}", expect=400)
