"""Odnoklassniki keeps what every network promises."""

import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from collectors.contract import Collector, NetworkError, Outcome, Page, Publisher, Reply, Tools, Watch
from collectors.ok import NETWORK, OkSettings, connect
from collectors.ok.signature import session_secret, signature
from incidents.keywords import Keyword, Term
from tests.collectors.collector_contract import NOON, CollectorContract, PublisherContract
from tests.collectors.ok_cast import NoMeter

SECRETS = ("app-secret-1", "token-secret-2")
SETTINGS = OkSettings.model_validate(
    {
        "enabled": True,
        "application_key": "CPUBLICKEY",
        "application_secret": SECRETS[0],
        "access_token": SECRETS[1],
        "answers": True,
        "calls_per_second": 60,
    }
)
WATCH = Watch((Page("53", title="Город"),), (Keyword(1, "яма", (Term(("яма",)),)),))
AT = int(NOON.timestamp() * 1000)


def _topic(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "owner_ref": "group:53", "author_ref": "user:7", "created_ms": AT - number * 1000,
        "media": [{"type": "text", "text": f"#яма\0 \ud83d {number}"}],
        "discussion_summary": {"comments_count": 1}, **more,
    }  # fmt: skip


TOPICS = [_topic(3), _topic(2), {"id": {"garbage": 1}}, _topic(1, created_ms=10**30)]
LISTED = [
    {"object_id": str(number), "object_type": "GROUP_TOPIC", "title": "Яма", "new_comments_count": 1,
     "ref_objects": [{"type": "GROUP", "id": "53"}]}
    for number in (3, 2, 1)
]  # fmt: skip
PEOPLE = {"users": [{"uid": "7", "name": "Иван Жи\0тель"}], "groups": [{"uid": "53", "name": "Город"}]}


def _answers(request: httpx.Request) -> httpx.Response:
    form = {key: one for key, [one] in parse_qs(request.content.decode()).items()}
    assert request.url.query == b""
    assert form["sig"] == signature(form, session_secret(SECRETS[1], SECRETS[0]))
    comment = {"id": f"9{form.get('discussionId')}", "author_ref": "user:7", "author_id": "7",
               "author_name": "Иван Жи\0тель", "text": "И у нас\0", "date_ms": AT - 1000}  # fmt: skip
    return _written(
        {
            "users.getCurrentUser": {"uid": "70", "name": "Администратор"},
            "discussions.getList": {"discussions": LISTED if "anchor" not in form else [], "anchor": "a"},
            "mediatopic.getByIds": {"media_topics": TOPICS, "entities": PEOPLE},
            "discussions.getComments": {"comments": [comment], "has_more": False, "anchor": "b"},
            "search.tagContents": {"entities": {**PEOPLE, "media_topics": TOPICS}, "anchor": "c"},
        }[form["method"]]
    )


def _written(answer: Any) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(answer))  # a lone surrogate as an escape


def _feeds(http: httpx.AsyncClient) -> list[Collector]:
    return list(connect(SETTINGS, Tools(http, NoMeter())).watch(WATCH))


class TestOkGroups(CollectorContract):
    secrets = SECRETS

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return _feeds(http)[0]

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestOkTag(CollectorContract):
    secrets = SECRETS

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return _feeds(http)[1]

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestOkPublisher(PublisherContract):
    secrets = SECRETS
    reply = Reply(post_id="GROUP_TOPIC:1", root_id=None, text="Засыпали", key="answer-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        publisher = connect(SETTINGS, Tools(http, NoMeter())).publisher
        assert publisher is not None
        return publisher


async def test_endless_lists_end() -> None:
    """Always a next page, with new discussions, new comments and a new anchor on it."""
    asked: dict[str, int] = {}

    def endless(request: httpx.Request) -> httpx.Response:
        form = {key: one for key, [one] in parse_qs(request.content.decode()).items()}
        asked[form["method"]] = asked.get(form["method"], 0) + 1
        here = asked[form["method"]]
        if form["method"] == "discussions.getList":
            row = {**LISTED[0], "object_id": str(1000 + here)}
            return _written({"discussions": [row], "anchor": f"a{here}"})
        if form["method"] == "mediatopic.getByIds":
            return _written({"media_topics": [_topic(int(form["topic_ids"]), created_ms=AT)]})
        if form["method"] == "discussions.getComments":
            row = {"id": str(10**6 + here), "author_ref": "user:7", "text": ".", "date_ms": AT}
            return _written({"comments": [row], "has_more": True, "anchor": f"c{here}"})
        if form["method"] == "search.tagContents":
            rows = [_topic(5000 + here, created_ms=AT)]
            return _written({"entities": {"media_topics": rows}, "anchor": f"t{here}"})
        return _answers(request)

    settings = SETTINGS.model_copy(update={"most_pages": 3})
    async with httpx.AsyncClient(transport=httpx.MockTransport(endless)) as http:
        for feed in connect(settings, Tools(http, NoMeter())).watch(WATCH):
            cursor, more = None, True
            while more:
                batch = await feed.fetch(cursor, now=NOON)
                cursor, more = batch.cursor, batch.more
    assert asked["discussions.getList"] == 3
    assert asked["discussions.getComments"] == 3 * 3
    assert asked["search.tagContents"] == 3


@pytest.mark.parametrize(
    ("missing", "says"),
    [("application_key", "application_key"), ("access_token", "access_token"),
     ("application_secret", "session_secret")],
)  # fmt: skip
async def test_a_missing_key_is_named(missing: str, says: str) -> None:
    settings = OkSettings.model_validate(
        {**SETTINGS.model_dump(), missing: "" if missing.endswith("key") else None}
    )
    async with httpx.AsyncClient() as http:
        with pytest.raises(ValueError, match=f"^{says}"):
            NETWORK.connect(settings, Tools(http, NoMeter()))


async def test_nothing_watched_is_nothing_read() -> None:
    async with httpx.AsyncClient() as http:
        connector = connect(SETTINGS, Tools(http, NoMeter()))
        assert connector.watch(Watch()) == []
        assert [feed.feed for feed in connector.watch(WATCH)] == ["ok:groups", "ok:tag:яма"]
        off = connect(SETTINGS.model_copy(update={"answers": False}), Tools(http, NoMeter()))
        assert off.publisher is None


async def test_an_answer_without_the_list_of_comments_has_none() -> None:
    """OK leaves the list out where there is nothing to tell; an answer with nothing at all is broken."""

    def without(request: httpx.Request) -> httpx.Response:
        if b"discussions.getComments" in request.content:
            return _written({"discussionId": "1", "discussionType": "GROUP_TOPIC"})
        return _answers(request)

    posts = [post for batch in await TestOkGroups().passage(without) for post in batch.posts]
    assert {post.root_id for post in posts} == {None}

    def empty(request: httpx.Request) -> httpx.Response:
        return _written({}) if b"discussions.getComments" in request.content else _answers(request)

    with pytest.raises(NetworkError) as broken:
        await TestOkGroups().passage(empty)
    assert broken.value.outcome is Outcome.LATER


async def test_a_search_that_finds_nothing_brings_nothing() -> None:
    def nothing(request: httpx.Request) -> httpx.Response:
        return _written({"anchor": ""}) if b"search.tagContents" in request.content else _answers(request)

    [batch] = await TestOkTag().passage(nothing)
    assert (list(batch.posts), batch.more) == ([], False)
