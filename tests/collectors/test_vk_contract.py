"""VK keeps what every network promises."""

import json
from typing import Any
from urllib.parse import parse_qs

import httpx
from pydantic import SecretStr

from collectors.contract import Collector, Publisher, Reply
from collectors.vk import VkSettings
from tests.collectors.collector_contract import NOON, CollectorContract, PublisherContract
from tests.collectors.vk_cast import connected, feeds

TOKENS = ("service-secret-1", "community-secret-2")
SETTINGS = VkSettings.model_validate(
    {
        "enabled": True,
        "service_token": SecretStr(TOKENS[0]),
        "communities": ({"id": 1, "title": "Город", "community_token": TOKENS[1]},),
        "queries": ("яма",),
        "calls_per_second": 60,
        "long_poll": False,
    }
)
AT = int(NOON.timestamp())


def _post(number: int, **more: Any) -> dict[str, Any]:
    comments = {"count": 1, "can_post": 1, "groups_can_post": True}
    return {
        "id": number, "owner_id": -1, "from_id": 7, "date": AT - number, "text": f"Яма\0 \ud83d {number}",
        "post_type": "post", "comments": comments, "edited": AT, **more,
    }  # fmt: skip


def _answers(request: httpx.Request) -> httpx.Response:
    form = parse_qs(request.content.decode())
    assert form["access_token"] == [TOKENS[0]]
    assert form["v"] == ["5.199"]
    assert request.url.query == b""
    people = {"profiles": [{"id": 7, "first_name": "Иван", "last_name": "Жи\0тель"}], "groups": []}
    if request.url.path.endswith("wall.getComments"):
        number = int(form["post_id"][0])
        comment = {"id": 90 + number, "from_id": 7, "date": AT - 1, "text": "И у нас"}
        return _written({"count": 1, "items": [comment], **people})
    items = [_post(3), _post(2), {"id": "garbage"}, _post(1, date=10**30)]
    return _written({"count": 4, "items": items, **people})


def _written(response: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, content=json.dumps({"response": response}))  # a lone surrogate as an escape


class TestVkWall(CollectorContract):
    secrets = TOKENS

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return feeds(SETTINGS, http)[0]

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestVkSearch(CollectorContract):
    secrets = TOKENS

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return feeds(SETTINGS, http)[1]

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestVkPublisher(PublisherContract):
    secrets = TOKENS
    reply = Reply(post_id="wall-1_2", root_id=None, text="Засыпали", key="answer-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        publisher = connected(SETTINGS, http).publisher
        assert publisher is not None
        return publisher


async def test_an_endless_wall_ends() -> None:
    """Whatever the offset, the same full page comes, and the number of posts is absurd."""

    def endless(request: httpx.Request) -> httpx.Response:
        items = [{**_post(number), "comments": {"count": 0}} for number in range(200, 100, -1)]
        return _written({"count": 10**12, "items": items})

    batches = await TestVkWall().passage(endless)
    assert len(batches) < 5


async def test_endless_comments_end() -> None:
    def endless(request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        if not request.url.path.endswith("wall.getComments"):
            return _answers(request)
        first = int(form.get("offset", ["0"])[0]) + 1
        items = [{"id": 1000 + first + n, "from_id": 7, "date": AT, "text": "."} for n in range(100)]
        return _written({"count": 10**12, "items": items})

    settings = SETTINGS.model_copy(update={"most_pages": 3, "calls_per_second": 60})
    async with httpx.AsyncClient(transport=httpx.MockTransport(endless)) as http:
        wall = feeds(settings, http)[0]
        first = await wall.fetch(None, now=NOON)
        second = await wall.fetch(first.cursor, now=NOON)
    assert 0 < len(second.posts) <= 3 * 3 * 100


async def test_an_endless_search_ends() -> None:
    calls = 0

    def endless(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        items = [_post(number) for number in range(1, 201)]
        return _written({"count": 200, "items": items, "next_from": f"{calls}/x"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(endless)) as http:
        search = feeds(SETTINGS.model_copy(update={"calls_per_second": 1e6}), http)[1]
        cursor, readings, more = None, 0, True
        while more:
            batch = await search.fetch(cursor, now=NOON)
            cursor, more, readings = batch.cursor, batch.more, readings + 1
            assert readings < 100
