"""tweepy and xdk, each in its own dialect, believe the sandbox to be X."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]  # the package ships no types
from aiohttp import web
from aiohttp.test_utils import TestServer
from xdk.posts.models import CreateRequest  # type: ignore[import-untyped]  # the package ships no types

from sandbox.x import XWorld, add_routes
from sandbox.x.things import Keys, Token
from tests.sandbox.x_judge import tweepy_client, xdk_client

KEYS = {"consumer_key": "ck", "consumer_secret": "cs", "access_token": "at", "access_secret": "as"}


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Here:
    def __init__(self, url: str, world: XWorld) -> None:
        self.url, self.world = url, world
        self.tweepy = tweepy_client(url, bearer="b", keys=KEYS)
        self.xdk = xdk_client(url, bearer="b", keys=KEYS)
        self.town = world.account("gorod")

    def asks(self, text: str, **more: Any) -> str:
        return self.world.offer(self.world.resident("Анна"), text, **more).id


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    world = XWorld(Clock())
    town = world.add_account("gorod", "Город", number="1000", is_official=True, verified=True)
    world.keyring.tokens["b"] = Token("app")
    world.keyring.keys["ck"] = Keys("cs", "at", "as", town.id)
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server:
        yield Here(f"{str(server.make_url('')).rstrip('/')}/x", world)


run = asyncio.to_thread


async def test_tweepy_searches_page_by_page(here: Here) -> None:
    here.world.dialect = "tweet"  # without a word of fields nobody could tell
    made = [here.asks(f"Яма номер {number}") for number in range(25)]
    pages = await run(
        lambda: list(tweepy.Paginator(here.tweepy.search_recent_tweets, "яма -is:retweet", max_results=10))
    )
    assert [str(one.id) for page in pages for one in page.data] == made[::-1]
    assert [page.meta["result_count"] for page in pages] == [10, 10, 5]
    later = await run(lambda: here.tweepy.search_recent_tweets("яма", since_id=made[-2]))
    assert [str(one.id) for one in later.data] == [made[-1]]
    nothing = await run(lambda: here.tweepy.search_recent_tweets("снег"))
    assert nothing.data is None
    assert nothing.meta["result_count"] == 0


async def test_tweepy_writes_with_a_signature_reads_back_and_deletes(here: Here) -> None:
    post = here.asks("@gorod яма <5 метров> & лужа https://e1.ru/a")
    made = await run(
        lambda: here.tweepy.create_tweet(text="Засыпали «яму» & лужу", in_reply_to_tweet_id=post)
    )
    mine = await run(
        lambda: here.tweepy.get_users_tweets(
            1000,
            tweet_fields=["referenced_tweets", "in_reply_to_user_id"],
            expansions=["referenced_tweets.id"],
        )
    )
    [answer] = mine.data
    assert (str(answer.id), str(answer.referenced_tweets[0].id)) == (made.data["id"], post)
    assert answer.text.endswith("Засыпали «яму» &amp; лужу")
    [asked] = mine.includes["tweets"]
    assert asked.text.startswith("@gorod яма &lt;5 метров&gt; &amp; лужа https://t.co/")
    assert here.world.received == [(post, "Засыпали «яму» & лужу")]
    assert (await run(lambda: here.tweepy.delete_tweet(made.data["id"]))).data == {"deleted": True}
    assert here.world.shown() == {"answers": {}, "doubled": 0}


async def test_tweepy_knows_who_is_who(here: Here) -> None:
    here.world.dialect = "tweet"
    post = here.asks("@gorod яма")
    me = await run(lambda: here.tweepy.get_me(user_fields=["verified"]))
    assert (me.data.username, me.data.verified) == ("gorod", True)
    named = await run(lambda: here.tweepy.get_user(username="GOROD"))
    assert named.data.id == 1000
    mentions = await run(
        lambda: here.tweepy.get_users_mentions(1000, tweet_fields=["entities"], expansions=["author_id"])
    )
    assert [str(one.id) for one in mentions.data] == [post]
    assert mentions.data[0].entities["mentions"][0]["username"] == "gorod"
    both = await run(lambda: here.tweepy.get_tweets([post, "17"]))
    assert [str(one.id) for one in both.data] == [post]
    assert both.errors[0]["resource_id"] == "17"
    counted = await run(lambda: here.tweepy.get_recent_tweets_count("яма"))
    assert counted.meta["total_tweet_count"] == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "can not be empty"),
        ("яма" * 200, "512"),
        ("lang:ru", "standalone"),
        ("-is:retweet", "standalone"),
        ("яма -(лужа OR снег)", "negated"),
        ("(яма", "bracket"),
        ("near:здесь яма", "invalid operator"),
        ("яма OR", "missing"),
    ],
)
async def test_tweepy_is_told_what_is_wrong_with_a_query(here: Here, query: str, words: str) -> None:
    with pytest.raises(tweepy.BadRequest, match=words):
        await run(lambda: here.tweepy.search_recent_tweets(query))


async def test_tweepy_is_refused_as_documented(here: Here) -> None:
    post, stranger = here.asks("@gorod яма"), here.asks("Яма")
    write = here.tweepy.create_tweet
    await run(lambda: write(text="Ответ", in_reply_to_tweet_id=post))
    for wrong, words in (
        ({"text": "Ответ", "in_reply_to_tweet_id": post}, "duplicate content"),
        ({"text": "Ответ", "in_reply_to_tweet_id": stranger}, "not been mentioned"),
        ({"text": "Ответ", "in_reply_to_tweet_id": "17"}, "deleted or not visible"),
        ({"text": "я" * 281}, "too long"),
        ({"text": "$GAZP $SBER"}, "cashtag"),
    ):
        with pytest.raises(tweepy.Forbidden, match=words):
            await run(lambda wrong=wrong: write(**wrong))  # type: ignore[misc]
    with pytest.raises(tweepy.BadRequest):
        await run(lambda: write(text="Ответ", media_ids=["1"]))
    wrong_keys = tweepy_client(here.url, bearer="nonsense", keys={**KEYS, "access_secret": "wrong"})
    with pytest.raises(tweepy.Unauthorized):
        await run(lambda: wrong_keys.create_tweet(text="Ответ"))
    with pytest.raises(tweepy.Unauthorized):
        await run(lambda: wrong_keys.search_recent_tweets("яма"))
    with pytest.raises(tweepy.Forbidden, match="Supported"):
        await run(lambda: here.tweepy.get_me(user_auth=False))


async def test_tweepy_waits_when_told(here: Here) -> None:
    here.world.limits.own["GET /2/tweets/search/recent"] = 2
    for _ in range(2):
        await run(lambda: here.tweepy.search_recent_tweets("яма"))
    with pytest.raises(tweepy.TooManyRequests) as refused:
        await run(lambda: here.tweepy.search_recent_tweets("яма"))
    headers = refused.value.response.headers
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("2", "0")
    assert 0 < int(headers["x-rate-limit-reset"]) - here.world.wall() <= 901
    assert here.world.record.over_limit == 1


async def test_xdk_reads_and_writes(here: Here) -> None:
    made = [here.asks(f"@gorod яма номер {number}", photos=["https://p.ru/1.jpg"]) for number in range(12)]

    def read() -> list[Any]:
        pages = here.xdk.posts.search_recent(
            query="яма",
            max_results=10,
            post_fields=["created_at", "entities", "public_metrics", "note_post"],
            expansions=["author_id", "attachments.media_keys"],
            media_fields=["url"],
        )
        return list(pages)

    pages = await run(read)
    assert [post.id for page in pages for post in page.data] == made[::-1]
    assert {page.includes.media[0].url for page in pages} == {"https://p.ru/1.jpg"}
    assert pages[0].data[0].public_metrics.repost_count == 0
    body = CreateRequest.model_validate({"text": "Засыпали", "reply": {"in_reply_to_tweet_id": made[0]}})
    answer = await run(lambda: here.xdk.posts.create(body))
    assert here.world.received == [(made[0], "Засыпали")]
    mine = await run(lambda: list(here.xdk.users.get_posts("1000", expansions=["referenced_posts"])))
    assert mine[0].data[0].id == answer.data.id
    named = await run(lambda: list(here.xdk.users.get_mentions("1000", max_results=100)))
    assert {post.id for page in named for post in page.data} == set(made)
    town = await run(lambda: here.xdk.users.get_by_username("gorod", user_fields=["verified"]))
    assert (town.data.id, town.data.verified) == ("1000", True)
    assert (await run(lambda: here.xdk.posts.delete(answer.data.id))).data.deleted is True


async def test_xdk_is_refused_as_documented(here: Here) -> None:
    body = CreateRequest.model_validate(
        {"text": "Ответ", "reply": {"in_reply_to_tweet_id": here.asks("Яма")}}
    )
    with pytest.raises(requests.HTTPError, match="403"):
        await run(lambda: here.xdk.posts.create(body))


async def test_an_app_of_one_generation_knows_no_other_names(here: Here) -> None:
    here.world.dialect = "post"
    with pytest.raises(tweepy.BadRequest, match=r"tweet\.fields"):
        await run(lambda: here.tweepy.search_recent_tweets("яма", tweet_fields=["author_id"]))
    here.world.dialect = "tweet"
    with pytest.raises(requests.HTTPError, match="400"):
        await run(lambda: list(here.xdk.posts.search_recent(query="яма", post_fields=["lang"])))
