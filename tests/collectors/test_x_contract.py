"""X keeps what every network promises."""

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import Collector, Connector, Publisher, Reply, Tools, Watch
from collectors.x import NETWORK, XSettings, compiled, connect
from collectors.x.posts import id_at
from tests.collectors.collector_contract import NOON, CollectorContract, PublisherContract
from tests.collectors.x_cast import GOROD, KEYS, OTHER, SECRETS, Purse, keyword

SETTINGS = XSettings.model_validate(
    {
        "enabled": True,
        "account": "gorod",
        "bearer_token": SecretStr(SECRETS[0]),
        **{name: SecretStr(key) for name, key in KEYS.items()},
        "monthly_budget_dollars": 1000,
    }
)
FIRST = id_at(NOON)


def connector(http: httpx.AsyncClient, **changes: Any) -> Connector:
    return connect(SETTINGS.model_copy(update=changes), Tools(http=http, meter=Purse()))


def feed(http: httpx.AsyncClient, name: str, **changes: Any) -> Collector:
    wanted = Watch(pages=(GOROD, OTHER), keywords=(keyword("яма"),))
    return next(one for one in connector(http, **changes).watch(wanted) if one.feed == name)


def _post(number: int, **more: Any) -> dict[str, Any]:
    """`number` seconds before noon."""
    native = FIRST - (number * 1000 << 22)
    return {
        "id": str(native), "text": f"Яма\0 \ud83d {number}", "author_id": "7", "lang": "ru",
        "created_at": "2026-03-02T08:59:00.000Z", "conversation_id": str(native),
        "edit_history_tweet_ids": [str(native - 1), str(native)], **more,
    }  # fmt: skip


def _written(items: list[dict[str, Any]], **meta: Any) -> httpx.Response:
    people = [{"id": "7", "name": "Иван Жи\0тель", "username": "ivan"}]
    body = {"data": items, "includes": {"users": people}, "meta": {"result_count": len(items), **meta}}
    return httpx.Response(200, content=json.dumps(body))  # a lone surrogate as an escape


def _answers(request: httpx.Request) -> httpx.Response:
    assert not any(secret in str(request.url) for secret in SECRETS)
    assert request.headers["authorization"] == f"Bearer {SECRETS[0]}"
    if "by/username" in request.url.path:
        return httpx.Response(200, json={"data": {"id": "1000", "name": "Город", "username": "gorod"}})
    return _written([_post(3), {"id": "garbage"}, {"id": None}, _post(20), _post(40, created_at="garbage")])


class _XContract(CollectorContract):
    secrets = SECRETS
    name = ""

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return feed(http, self.name)

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestXSearch(_XContract):
    name = "x:search:1"


class TestXPages(_XContract):
    name = "x:pages:1"


class TestXMentions(_XContract):
    name = "x:mentions:gorod"


class TestXOwnPosts(_XContract):
    name = "x:posts:gorod"


class TestXPublisher(PublisherContract):
    secrets = SECRETS
    reply = Reply(post_id="1750000000000000001", root_id=None, text="Засыпали", key="answer-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        publisher = connector(http).publisher
        assert publisher is not None
        return publisher


@pytest.mark.parametrize("name", ["x:search:1", "x:mentions:gorod", "x:pages:1"])
async def test_an_endless_list_ends(name: str) -> None:
    """The same full page comes for ever, each time with a new token."""
    calls = 0

    def endless(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return _written([_post(number) for number in range(100)], next_token=f"t{calls}")

    contract = _XContract()
    contract.name = name
    assert len(await contract.passage(endless)) < 4


async def test_a_list_that_goes_back_for_ever_ends_too() -> None:
    def endless(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params.get("pagination_token", "0"))
        return _written([_post(at + number) for number in range(10)], next_token=str(at + 10))

    async with httpx.AsyncClient(transport=httpx.MockTransport(endless)) as http:
        search, cursor, readings, more = feed(http, "x:search:1", most_pages=7), None, 0, True
        while more:
            batch = await search.fetch(cursor, now=NOON)
            cursor, more, readings = batch.cursor, batch.more, readings + 1
    assert readings == 7


@pytest.mark.parametrize("cursor", ["", "{}", "null", "[1]", '{"start": "x"}', "мусор"])
async def test_an_unreadable_cursor_starts_anew(cursor: str) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(_answers)) as http:
        assert len((await feed(http, "x:search:1").fetch(cursor, now=NOON)).posts) == 3


def test_the_network_offers_what_the_program_asks_for() -> None:
    assert (NETWORK.name, NETWORK.settings) == ("x", XSettings)
    assert not XSettings().enabled
    assert NETWORK.compiled is compiled
    assert compiled([keyword("яма")]) == ["((яма OR ямы OR яме OR яму OR ямой)) -is:retweet"]


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("bearer_token", "bearer_token is missing"),
        ("account", "account is missing"),
        ("access_secret", "access_secret is missing"),
    ],
)
async def test_what_is_missing_is_named(missing: str, words: str) -> None:
    nothing = "" if missing == "account" else None
    async with httpx.AsyncClient() as http:
        with pytest.raises(ValueError, match=f"^{words}"):
            connector(http, **{missing: nothing})


async def test_without_keys_x_is_only_read() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(_answers)) as http:
        reading = connector(http, **dict.fromkeys(KEYS))
        assert reading.publisher is None
        wanted = Watch(pages=(GOROD,), keywords=(keyword("яма"),))
        for one in reading.watch(wanted):
            posts = (await one.fetch(None, now=NOON)).posts
            assert {post.reply_reason for post in posts} == {"no_token"}


async def test_strange_fields_hurt_nobody() -> None:
    """Nulls and wrong kinds where an object or a list should be; without an author there is no post."""
    strange = [
        _post(
            1, entities=None, referenced_tweets=[None, {"type": 1, "id": 2}], attachments=[], author_id="8"
        ),
        _post(2, entities={"mentions": [{"username": None}], "urls": [{"url": 1}]}, note_tweet=[]),
        _post(3, author_id=None),
    ]
    readers = dict.fromkeys(KEYS) | {"account": ""}
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: _written(strange))) as http:
        batch = await feed(http, "x:pages:1", **readers).fetch(None, now=NOON)
    assert len(batch.posts) == 2
