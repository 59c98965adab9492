"""From a resident's post to the answer under it, in both dialects, judged by clients we did not write."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from models.kinds import ReplyCapability
from tests.collectors.x_cast import BEARER, KEYS, X, an_x, reply
from tests.sandbox.x_judge import tweepy_client, xdk_client

ANSWER = "Здравствуйте! Яму засыплют до пятницы."


@pytest.fixture
async def x() -> AsyncIterator[X]:
    async with an_x() as here:
        yield here


def seen_by_tweepy(x: X, query: str) -> dict[str, tuple[str, str, str]]:
    """id → author's name, text, what it replies to."""
    client = tweepy_client(f"{x.url}/x", bearer=BEARER, keys=KEYS)
    answer = client.search_recent_tweets(
        query,
        max_results=100,
        tweet_fields=["author_id", "created_at", "conversation_id", "referenced_tweets", "entities"],
        expansions=["author_id", "referenced_tweets.id"],
        user_fields=["username", "verified"],
    )
    names = {user.id: user.name for user in answer.includes.get("users", [])}
    return {
        str(tweet.id): (
            names[tweet.author_id],
            tweet.text,
            str(tweet.referenced_tweets[0].id) if tweet.referenced_tweets else "",
        )
        for tweet in answer.data or []
    }


def seen_by_xdk(x: X, query: str) -> dict[str, tuple[str, str, str]]:
    """The same by X's own client."""
    client = xdk_client(f"{x.url}/x", bearer=BEARER, keys=KEYS)
    found: dict[str, tuple[str, str, str]] = {}
    for page in client.posts.search_recent(
        query=query,
        max_results=100,
        post_fields=["created_at", "conversation_id", "entities"],
        expansions=["author_id", "referenced_posts"],
        user_fields=["username", "verified"],
    ):
        people = page.includes.users if page.includes and page.includes.users else []
        names = {user.id: user.name for user in people}
        for post in page.data or []:
            refers: list[Any] = _plain(post.referenced_posts) or []
            found[post.id] = (names[post.author_id], post.text, refers[0]["id"] if refers else "")
    return found


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump()
    return [_plain(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("dialect", "seen"), [("tweet", seen_by_tweepy), ("post", seen_by_xdk)], ids=["tweepy", "xdk"]
)
async def test_a_story(x: X, dialect: str, seen: Any) -> None:
    await x.does("manners", dialect=dialect)  # the app knows only these names
    asked = await x.offers("Яма на Ленина, когда засыплют?", to="gorod", author_name="Анна Петрова")
    silent = await x.offers("Опять яма у школы", author_name="Борис Иванов")
    before = await asyncio.to_thread(seen, x, "яма")
    assert {one: before[one][0] for one in before} == {asked: "Анна Петрова", silent: "Борис Иванов"}

    found = await x.everything("яма", dialect=dialect)
    assert {one: post.text for one, post in found.items()} == {one: before[one][1] for one in before}
    assert {one: post.author_name for one, post in found.items()} == {one: before[one][0] for one in before}
    assert found[asked].reply_capability is ReplyCapability.API
    assert (found[silent].reply_capability, found[silent].reply_reason) == (
        ReplyCapability.MANUAL, "not_summoned",
    )  # fmt: skip

    published = await x.publisher(dialect=dialect).publish(reply(asked, ANSWER))
    by_hand = await x.offers("Засыплем завтра", under=silent, author="gorod")
    x.clock.forward(minutes=2)

    after = await asyncio.to_thread(seen, x, "from:gorod")
    author = x.world.item(asked).author.username
    assert after[published.native_id] == ("Город Солнечный", f"@{author} {ANSWER}", asked)
    assert after[by_hand][2] == silent
    ours = await x.everything("яма", dialect=dialect)
    assert ours[published.native_id].by_community
    # The official's own answer past the bot is noticed, and under what it stands.
    assert (ours[by_hand].by_community, ours[by_hand].root_id) == (True, silent)
    assert x.world.shown() == {
        "answers": {asked: [ANSWER], silent: ["Засыплем завтра"]},
        "doubled": 0,
    }
