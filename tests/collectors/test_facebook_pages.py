"""Facebook pages without a token of ours, links as people paste them, and what the settings must have."""

from typing import Any

import httpx
import pytest

from collectors import facebook
from collectors.contract import Link, NetworkError, Outcome, Page, Reply, Tools, Watch
from collectors.facebook import FacebookSettings, page_of_link, parse_link
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability
from tests.collectors.collector_contract import NOON
from tests.collectors.graph_cast import PAGE, PUBLIC, NoMeter, facebook_settings, feed, publisher_of

AT = "2026-03-02T08:00:00+0000"
OTHER = Page("222", "raion", "Район")


async def read(handler: Any, **changes: Any) -> list[FoundPost]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
        connector = facebook.connect(facebook_settings(**changes), Tools(http, NoMeter()))
        collector = feed(connector, "facebook:feed", pages=[OTHER])
        found: list[FoundPost] = []
        cursor = None
        for _ in range(10):
            batch = await collector.fetch(cursor, now=NOON)
            found += batch.posts
            cursor = batch.cursor
            if not batch.more:
                return found
    pytest.fail("the feed never ends")


def foreign(request: httpx.Request) -> httpx.Response:
    """What Page Public Content Access shows: no `from`, and no id of a comment."""
    assert request.headers["Authorization"] == f"Bearer {PUBLIC}"
    if request.url.path.endswith("/comments"):
        rows = [{"message": text, "created_time": AT} for text in ("Яма", "И у нас")]
        return httpx.Response(200, json={"data": rows})
    return httpx.Response(200, json={"data": [{"id": "222_5", "message": "Новости", "created_time": AT}]})


async def test_comments_without_ids_are_answered_by_hand_and_keep_one_name() -> None:
    found, again = await read(foreign, public_token=PUBLIC), await read(foreign, public_token=PUBLIC)
    assert [post.reply_reason for post in found] == ["no_token", "no_comment_id", "no_comment_id"]
    assert {post.reply_capability for post in found} == {ReplyCapability.MANUAL}
    names = [post.native_id for post in found]
    assert names == [post.native_id for post in again]
    assert len(set(names)) == 3
    async with httpx.AsyncClient(transport=httpx.MockTransport(foreign)) as http:
        publisher = publisher_of(facebook.connect(facebook_settings(), Tools(http, NoMeter())))
        for post in found:
            with pytest.raises(NetworkError) as refused:
                await publisher.publish(Reply(post.native_id, post.root_id, "Ответ", "k"))
            assert refused.value.outcome is Outcome.NEVER


async def test_a_page_nobody_may_read_stops_its_own_feed() -> None:
    with pytest.raises(NetworkError) as refused:
        await read(foreign)
    assert refused.value.outcome is Outcome.STOP
    assert "222" in str(refused.value)


async def test_too_long_a_text_is_refused_before_it_is_sent() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(foreign)) as http:
        settings = facebook_settings(text_limit=10)
        publisher = publisher_of(facebook.connect(settings, Tools(http, NoMeter())))
        with pytest.raises(NetworkError) as refused:
            await publisher.publish(Reply(f"{PAGE}_1", None, "я" * 11, "k"))
    assert refused.value.outcome is Outcome.REFUSED
    assert publisher.measure("я" * 11) == 11


def test_without_a_token_nothing_can_be_connected() -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(foreign))
    with pytest.raises(ValueError, match=r"^communities "):
        facebook.connect(facebook_settings(communities=()), Tools(http, NoMeter()))
    only_public = facebook_settings(communities=(), public_token=PUBLIC)
    assert facebook.connect(only_public, Tools(http, NoMeter())).publisher is None


def test_feeds_follow_the_registry_and_keep_their_names() -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(foreign))
    connector = facebook.connect(facebook_settings(read_tagged=False), Tools(http, NoMeter()))
    assert [one.feed for one in connector.watch(Watch((OTHER,)))] == ["facebook:feed:222"]
    assert connector.watch(Watch()) == []
    assert connector.hook is not None
    silent = facebook.connect(facebook_settings(verify_token=None), Tools(http, NoMeter()))
    assert silent.hook is None


def test_everything_is_off_by_default() -> None:
    assert not FacebookSettings().enabled
    assert facebook_settings().pages() == [Page(PAGE, "gorod", "Город")]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://www.facebook.com/111/posts/5", Link("facebook", "111_5")),
        ("facebook.com/gorod/posts/5/", Link("facebook", "gorod_5")),
        ("https://m.facebook.com/gorod/posts/novosti-dnya/5?locale=ru", Link("facebook", "gorod_5")),
        ("https://www.facebook.com/gorod/posts/pfbid02Abc", Link("facebook", "gorod_pfbid02Abc")),
        ("https://www.facebook.com/permalink.php?story_fbid=5&id=111", Link("facebook", "111_5")),
        ("https://m.facebook.com/story.php?story_fbid=5&id=111", Link("facebook", "111_5")),
        ("https://www.facebook.com/111_5", Link("facebook", "111_5")),
        ("https://www.facebook.com/111/posts/5?comment_id=9", Link("facebook", "5_9", "111_5")),
        ("https://www.facebook.com/111/posts/5?comment_id=5_9", Link("facebook", "5_9", "111_5")),
        (
            "https://www.facebook.com/111/posts/5?comment_id=9&reply_comment_id=10",
            Link("facebook", "5_10", "111_5"),
        ),
        (
            "https://www.facebook.com/permalink.php?story_fbid=5&id=111&comment_id=9",
            Link("facebook", "5_9", "111_5"),
        ),
        ("https://www.facebook.com/gorod", None),
        ("https://www.facebook.com/groups/1/posts/5", None),
        ("https://vk.com/wall-1_2", None),
        ("https://facebook.com.example.org/111/posts/5", None),
        ("https://www.facebook.com/111/posts/5?comment_id=../me", None),
        ("https://www.facebook.com/permalink.php?id=111", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_a_pasted_link_is_read(text: str, link: Link | None) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("https://www.facebook.com/Gorod.Official/", Page("", "gorod.official")),
        ("facebook.com/100064412345678", Page("100064412345678")),
        ("https://www.facebook.com/profile.php?id=111", Page("111")),
        ("https://www.facebook.com/pages/Gorod/111", Page("111")),
        ("https://www.facebook.com/people/Gorod-Sun/100064412345678/", Page("100064412345678")),
        ("https://www.facebook.com/Gorod-Sun-100064412345678", Page("100064412345678")),
        ("https://www.facebook.com/gorod/posts/5", None),
        ("https://www.facebook.com/watch", None),
        ("https://www.instagram.com/gorod", None),
        ("https://www.facebook.com/", None),
    ],
)
def test_a_link_to_a_page_is_read(text: str, page: Page | None) -> None:
    assert page_of_link(text) == page
