"""Instagram keeps what every network promises."""

from typing import Any

import httpx

from collectors import instagram
from collectors.contract import Collector, Publisher, Reply, Tools
from tests.collectors.collector_contract import NOON, CollectorContract, PublisherContract
from tests.collectors.graph_cast import (
    APP_SECRET,
    ON_INSTAGRAM,
    TOKEN,
    WORD,
    NoMeter,
    feed,
    instagram_settings,
    publisher_of,
)

AT = NOON.strftime("%Y-%m-%dT%H:%M:%S+0000")
SECRETS = (TOKEN, APP_SECRET, WORD)


def _media(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "caption": f"Яма\0 {number} #яма", "timestamp": AT, "username": "ivan", "comments_count": 1,
        "permalink": f"https://www.instagram.com/p/Abcde{number}/", "media_type": "IMAGE", **more,
    }  # fmt: skip


def _answers(request: httpx.Request) -> httpx.Response:
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(request.url)
    path = request.url.path.rpartition("/")[2]
    if path == "recently_searched_hashtags":
        return _list()
    if path == "ig_hashtag_search":
        return _list({"id": "17843"})
    if path == "comments":
        replies = {"data": [{"id": "92", "text": "И у нас", "timestamp": AT, "from": {"username": "vera"}}]}
        comment = {"id": "91", "text": "Яма\0", "timestamp": AT, "username": "anna", "replies": replies}
        return _list(comment, {"id": 17, "timestamp": "вчера"})
    if "after" in request.url.params:
        return _list(_media(0, timestamp="2026-03-01T12:00:00+0000"))
    rows = [_media(3), _media(2, media_type="VIDEO"), {"id": "x"}, _media(1, permalink="javascript:alert(1)")]
    paging = {"cursors": {"after": "b"}, "next": f"https://graph.facebook.com/?access_token={TOKEN}&after=b"}
    return httpx.Response(200, json={"data": rows, "paging": paging})


def _list(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"data": rows})


class TestInstagramMedia(CollectorContract):
    secrets = SECRETS
    name = "instagram:media"

    def collector(self, http: httpx.AsyncClient) -> Collector:
        connector = instagram.connect(instagram_settings(), Tools(http, NoMeter()))
        return feed(connector, self.name, pages=[ON_INSTAGRAM], words=["#яма"])

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestInstagramTags(TestInstagramMedia):
    name = "instagram:tags"


class TestInstagramHashtag(TestInstagramMedia):
    name = "instagram:hashtag:яма"


class TestInstagramPublisher(PublisherContract):
    secrets = SECRETS
    reply = Reply(post_id="2", root_id=None, text="Засыпали", key="answer-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        return publisher_of(instagram.connect(instagram_settings(), Tools(http, NoMeter())))


class TestInstagramCommentPublisher(TestInstagramPublisher):
    reply = Reply(post_id="91", root_id="2", text="Засыпали", key="answer-1", author_name="anna")
