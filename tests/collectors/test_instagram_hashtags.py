"""Hashtags: what they find, what they cost, and when there are too many; links as people paste them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from collectors.contract import Collector, Link, NetworkError, Outcome, Page, Watch
from collectors.instagram import InstagramSettings, compiled, page_of_link, parse_link
from incidents import keywords
from models.kinds import ReplyCapability
from tests.collectors.graph_cast import ACCOUNT, ON_INSTAGRAM, TOKEN, Graph, a_graph, feed, instagram_settings


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with a_graph() as here:
        yield here


def searches(graph: Graph, *words: str, **changes: object) -> list[Collector]:
    wanted = tuple(keywords.parse(text, id=number) for number, text in enumerate(words, 1))
    feeds = graph.instagram(**changes).watch(Watch((), wanted))
    return [one for one in feeds if one.feed.startswith("instagram:hashtag:")]


async def calls(graph: Graph, name: str) -> int:
    return int((await graph.record("instagram"))["calls"].get(name, 0))


def test_a_keyword_becomes_a_hashtag_where_it_can() -> None:
    parsed = [
        keywords.parse(text, id=number)
        for number, text in enumerate(["#Яма", "дорога", "яма -кот", "двор лифт"])
    ]
    assert compiled(parsed) == ["#яма", "#дорога"]


async def test_a_find_is_answered_by_hand_and_its_author_is_unknown(graph: Graph) -> None:
    await graph.offers("instagram", "Опять #яма у школы", author_name="anna")
    await graph.offers("instagram", "Ничего")
    [collector] = searches(graph, "#яма")
    [found] = await graph.passage(collector)
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.MANUAL, "hashtag_find")
    assert (found.author_name, found.community_id, found.by_community) == ("", "", False)
    assert collector.feed == "instagram:hashtag:яма"


async def test_the_other_words_of_a_keyword_still_count(graph: Graph) -> None:
    for text in ("#яма на дороге", "#яма кот", "#яма"):
        await graph.offers("instagram", text)
    [collector] = searches(graph, "#яма -кот", "#яма дороге")
    assert {post.text for post in await graph.passage(collector)} == {"#яма на дороге", "#яма"}


async def test_our_own_media_found_by_a_hashtag_are_ours(graph: Graph) -> None:
    await graph.offers("instagram", "Засыпали #яма", author="page")
    connector = graph.instagram()
    await graph.passage(feed(connector, "instagram:media", pages=[ON_INSTAGRAM]))
    [found] = await graph.passage(feed(connector, "instagram:hashtag", pages=[ON_INSTAGRAM], words=["#яма"]))
    assert found.by_community


async def test_more_than_a_page_in_no_strict_order(graph: Graph) -> None:
    posts = [{"page_id": ACCOUNT, "text": f"#яма {number}"} for number in range(130)]
    await graph.does("instagram", "posts", posts=posts)
    [collector] = searches(graph, "#яма")
    assert len(await graph.passage(collector)) == 130


async def test_a_cursor_that_repeats_for_ever_ends(graph: Graph) -> None:
    await graph.offers("instagram", "#яма")
    await graph.does("instagram", "faults", kind="endless_cursor", method="recent_media", times=-1)
    [collector] = searches(graph, "#яма")
    assert len(await graph.passage(collector)) == 1
    assert await calls(graph, "GET recent_media") <= 3


async def test_a_known_hashtag_is_not_looked_up_again_for_days(graph: Graph) -> None:
    [collector] = searches(graph, "#яма")
    for _ in range(5):
        await graph.passage(collector)
        graph.clock.forward(hours=12)
    assert await calls(graph, "GET ig_hashtag_search") == 1
    assert await calls(graph, "GET recently_searched_hashtags") == 1
    graph.clock.forward(days=5)
    await graph.passage(collector)
    assert await calls(graph, "GET recently_searched_hashtags") == 2


async def test_the_thirty_first_hashtag_is_refused_by_name_and_never_asked_for(graph: Graph) -> None:
    feeds = searches(graph, *(f"#тег{number}" for number in range(31)))
    assert len(feeds) == 31
    outcomes = await asyncio.gather(*(graph.passage(one) for one in feeds), return_exceptions=True)
    [refused] = [one for one in outcomes if isinstance(one, BaseException)]
    assert isinstance(refused, NetworkError)
    assert refused.outcome is Outcome.STOP
    assert "30 other hashtags" in str(refused)
    assert "#тег" in str(refused)
    assert await calls(graph, "GET ig_hashtag_search") == 30
    graph.clock.forward(days=7)
    last = next(one for one, outcome in zip(feeds, outcomes, strict=True) if outcome is refused)
    assert await graph.passage(last) == []


async def test_a_second_account_brings_thirty_more(graph: Graph) -> None:
    number, second = "17841400000000222", "second-secret-token"
    await graph.does("instagram", "pages", id=number, name="raion", title="Район", token=second)
    accounts = ({"id": ACCOUNT, "token": TOKEN}, {"id": number, "token": second})
    for one in searches(graph, *(f"#тег{number}" for number in range(40)), accounts=accounts):
        await graph.passage(one)
    assert await calls(graph, "GET ig_hashtag_search") == 40


def test_feeds_follow_the_registry_and_everything_is_off_by_default() -> None:
    assert not InstagramSettings().enabled
    assert instagram_settings().pages() == [Page(ACCOUNT, "gorod")]


async def test_only_accounts_with_a_token_are_read(graph: Graph) -> None:
    connector = graph.instagram(read_tagged=False)
    feeds = connector.watch(Watch((ON_INSTAGRAM, Page("1", "stranger"), Page("", "gorod"))))
    assert [one.feed for one in feeds] == [f"instagram:media:{ACCOUNT}"]
    assert feeds[0].every == timedelta(seconds=60)
    with pytest.raises(ValueError, match=r"^accounts "):
        graph.instagram(accounts=())


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://www.instagram.com/p/Cabc_-12/", Link("instagram", "Cabc_-12")),
        ("instagram.com/reel/Cabc_-12?igsh=1", Link("instagram", "Cabc_-12")),
        ("https://www.instagram.com/gorod/p/Cabc_-12/", Link("instagram", "Cabc_-12")),
        ("https://www.instagram.com/p/Cabc_-12/c/17850000/", Link("instagram", "17850000", "Cabc_-12")),
        (
            "https://www.instagram.com/p/Cabc_-12/c/17850000/r/17860000/",
            Link("instagram", "17860000", "Cabc_-12"),
        ),
        ("https://www.instagram.com/gorod/", None),
        ("https://www.instagram.com/p/", None),
        ("https://www.instagram.com/p/Cabc_-12/c/x/", None),
        ("https://www.facebook.com/p/Cabc_-12/", None),
        ("http://[", None),
    ],
)
def test_a_pasted_link_is_read(text: str, link: Link | None) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("https://www.instagram.com/Gorod.Official/", Page("", "gorod.official")),
        ("instagram.com/gorod?igsh=1", Page("", "gorod")),
        ("https://www.instagram.com/explore/", None),
        ("https://www.instagram.com/gorod/p/Cabc_-12/", None),
        ("https://vk.com/gorod", None),
    ],
)
def test_a_link_to_an_account_is_read(text: str, page: Page | None) -> None:
    assert page_of_link(text) == page
