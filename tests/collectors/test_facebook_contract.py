"""Facebook keeps what every network promises."""

from typing import Any

import httpx

from collectors import facebook
from collectors.contract import Collector, Page, Publisher, Reply, Tools
from tests.collectors.collector_contract import NOON, CollectorContract, PublisherContract
from tests.collectors.graph_cast import (
    APP_SECRET,
    PAGE,
    TOKEN,
    TOWN,
    WORD,
    NoMeter,
    facebook_settings,
    feed,
    publisher_of,
)

AT = NOON.strftime("%Y-%m-%dT%H:%M:%S+0000")
SECRETS = (TOKEN, APP_SECRET, WORD)


def _row(number: int, **more: Any) -> dict[str, Any]:
    person = {"id": "7", "name": "Иван Жи\0тель"}
    return {
        "id": f"{PAGE}_{number}",
        "message": f"Яма\0 {number}",
        "created_time": AT,
        "from": person,
        **more,
    }


def _answers(request: httpx.Request) -> httpx.Response:
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(request.url)
    if request.url.path.endswith("/comments"):
        comment = _row(90, id="3_90", parent={"id": "3_1"}, can_comment=True)
        return httpx.Response(200, json={"data": [comment, {"id": 17, "created_time": "yesterday"}]})
    rows = [
        _row(3),
        _row(2, updated_time="2026-02-30T99"),
        {"id": "garbage"},
        _row(1, created_time="2026-03-01"),
    ]
    paging = {"cursors": {"after": "b"}, "next": f"https://graph.facebook.com/?access_token={TOKEN}&after=b"}
    if "after" in request.url.params:
        return httpx.Response(200, json={"data": [_row(0, **{"from": None})]})
    return httpx.Response(200, json={"data": rows, "paging": paging})


class TestFacebookWall(CollectorContract):
    secrets = SECRETS

    def collector(self, http: httpx.AsyncClient) -> Collector:
        connector = facebook.connect(facebook_settings(), Tools(http, NoMeter()))
        return feed(connector, "facebook:feed", pages=[TOWN])

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


class TestFacebookTags(TestFacebookWall):
    def collector(self, http: httpx.AsyncClient) -> Collector:
        connector = facebook.connect(facebook_settings(), Tools(http, NoMeter()))
        return feed(connector, "facebook:tagged", pages=[TOWN])


class TestFacebookWallKnownByName(TestFacebookWall):
    """A page whose number nobody wrote down: Facebook is asked for it once."""

    def collector(self, http: httpx.AsyncClient) -> Collector:
        connector = facebook.connect(facebook_settings(), Tools(http, NoMeter()))
        return feed(connector, "facebook:feed:gorod", pages=[Page("", "gorod", "Город")])

    def healthy(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/gorod"):
            return httpx.Response(200, json={"id": PAGE})
        return _answers(request)


class TestFacebookPublisher(PublisherContract):
    secrets = SECRETS
    reply = Reply(post_id=f"{PAGE}_2", root_id=None, text="Засыпали", key="answer-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        return publisher_of(facebook.connect(facebook_settings(), Tools(http, NoMeter())))


class TestFacebookCommentPublisher(TestFacebookPublisher):
    reply = Reply(post_id="2_9", root_id=f"{PAGE}_2", text="Засыпали", key="answer-1")
