"""Hashtag finds and links of Odnoklassniki."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from collectors.contract import Link, NetworkError, Outcome, Page
from collectors.ok import NETWORK, compiled, page_of_link, parse_link
from incidents.incoming import FoundPost
from incidents.keywords import Keyword, Term
from models.kinds import ReplyCapability
from tests.collectors.ok_cast import MORNING, TOWN, Ok, an_ok, keyword

OTHER = "53000000000003"


@pytest.fixture
async def ok() -> AsyncIterator[Ok]:
    async with an_ok() as here:
        await here.does("communities", id=OTHER, title="Подслушано")
        yield here


async def found(ok: Ok, *keywords: Keyword, **changes: int) -> list[FoundPost]:
    return await ok.passage(ok.collectors(*keywords, **changes)[1])


def test_keywords_become_hashtags_where_they_can() -> None:
    several = Keyword(3, '"улица Ленина"', (Term(("улица", "ленина")),))
    keywords = [keyword("яма", "яма"), keyword("#свет двор", "двор", "#свет"), keyword("вода дом", "вода", "дом"),
                several, keyword("яма -игра", "яма", minus=("игра",))]  # fmt: skip
    assert compiled(keywords) == ["#яма", "#свет"]
    assert NETWORK.compiled is compiled


async def test_a_find_elsewhere_is_answered_by_hand(ok: Ok) -> None:
    theirs = await ok.offers("Снова #яма!", community_id=OTHER, author_name="Анна")
    ours = await ok.offers("#яма на Ленина")
    await ok.offers("Просто яма, без решётки", community_id=OTHER)
    own = (await ok.does("posts", author_name="Борис Ким", text="#Яма у дома"))["native_id"]
    by_id = {post.native_id: post for post in await found(ok, keyword("яма", "яма"))}
    assert set(by_id) == {theirs, ours, own}
    assert (by_id[theirs].reply_capability, by_id[theirs].reply_reason) == (
        ReplyCapability.MANUAL,
        "hashtag_find",
    )
    assert (by_id[theirs].community_id, by_id[theirs].community_title) == (OTHER, "Подслушано")
    assert by_id[theirs].author_name == "Анна"
    assert by_id[ours].reply_capability is ReplyCapability.API
    assert own.startswith("USER_TOPIC:")
    assert (by_id[own].author_name, by_id[own].reply_reason) == ("Борис Ким", "hashtag_find")
    assert by_id[own].url.startswith("https://ok.ru/profile/")
    assert not any(post.by_community for post in by_id.values())


async def test_what_else_a_keyword_says_is_looked_at_here(ok: Ok) -> None:
    await ok.offers("#яма в игре", community_id=OTHER)
    await ok.offers("#яма на Мира", community_id=OTHER)
    wanted = await ok.offers("#яма на улице Ленина", community_id=OTHER)
    street = Keyword(
        1, "#яма улица -игра", (Term(("яма",), hashtag=True), Term(("улица",))), (Term(("игра",)),),
        {"улица": ("улице", "улицы"), "игра": ("игре",)},
    )  # fmt: skip
    assert [post.native_id for post in await found(ok, street)] == [wanted]


async def test_the_next_search_asks_only_for_what_is_new(ok: Ok) -> None:
    pothole = keyword("яма", "яма")
    await ok.offers("#яма раз", community_id=OTHER)
    assert len(await found(ok, pothole)) == 1
    ok.clock.forward(hours=1)
    second = await ok.offers("#яма два", community_id=OTHER)
    assert second in {post.native_id for post in await found(ok, pothole)}
    ok.clock.forward(hours=1)
    assert [post.native_id for post in await found(ok, pothole)] == [second]  # the overlap
    asked = (await ok.calls("search.tagContents"))[-1]
    assert asked["query"] == "яма"
    # 06:00 UTC, an hour later, less the overlap: 09:50 in Moscow.
    assert '"since": "2026-03-02 09:50:00"' in asked["filter"]


async def test_many_finds_are_read_page_by_page(ok: Ok) -> None:
    for number in range(7):
        await ok.offers(f"#яма {number}", community_id=OTHER)
    assert len(await found(ok, keyword("яма", "яма"), found_per_page=2)) == 7


async def test_the_first_search_is_no_archive(ok: Ok) -> None:
    await ok.offers("#яма давно", community_id=OTHER, date=int((MORNING - timedelta(days=3)).timestamp()))
    assert await found(ok, keyword("яма", "яма")) == []


async def test_an_endless_search_ends(ok: Ok) -> None:
    native = await ok.offers("#яма", community_id=OTHER)
    await ok.does("faults", what="endless_cursor", method="search.tagContents", times=-1)
    assert [post.native_id for post in await found(ok, keyword("яма", "яма"))] == [native]
    assert len(await ok.calls("search.tagContents")) <= 2


async def test_a_closed_search_disturbs_only_itself(ok: Ok) -> None:
    await ok.offers("Яма")
    await ok.does("faults", kind="error", code=11, method="search.tagContents")
    groups, tag = ok.collectors(keyword("яма", "яма"))
    with pytest.raises(NetworkError) as refused:
        await tag.fetch(None, now=ok.clock.at)
    assert refused.value.outcome is Outcome.LATER
    assert len(await ok.passage(groups)) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"https://ok.ru/group/{TOWN}/topic/155000000000002",
        f"ok.ru/group/{TOWN}/topic/155000000000002?cmt=1#comments",
        f" https://m.ok.ru/group/{TOWN}/topic/155000000000002/ ",
        f"http://www.odnoklassniki.ru/group/{TOWN}/topic/155000000000002",
        "https://ok.ru/gorod/topic/155000000000002",
        f"https://ok.ru/group{TOWN}/topic/155000000000002",
    ],
)
def test_links_to_topics_are_read(text: str) -> None:
    assert parse_link(text) == Link("ok", "GROUP_TOPIC:155000000000002")
    page = page_of_link(text)
    assert page == (Page("", "gorod") if "gorod" in text else Page(TOWN))


@pytest.mark.parametrize(
    "text",
    ["", "ok", "https://vk.com/wall-1_2", "https://ok.ru.evil.org/group/1/topic/2", "https://ok.ru/group/1",
     "https://ok.ru/group/1/topic/", "https://ok.ru/group/1/topic/١", "ftp://ok.ru/group/1/topic/2",
     "https://[ok.ru/group/1/topic/2", "https://ok.ru/profile/1/statuses/2"],
)  # fmt: skip
def test_other_links_are_not(text: str) -> None:
    assert parse_link(text) is None


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (f"https://ok.ru/group/{TOWN}", Page(TOWN)),
        ("ok.ru/Gorod.Official/", Page("", "gorod.official")),
        ("https://ok.ru/profile/5", None),
        ("https://ok.ru/feed", None),
        ("https://ok.ru/", None),
        ("https://vk.com/gorod", None),
    ],
)
def test_links_to_groups_are_read(text: str, page: Page | None) -> None:
    assert page_of_link(text) == page
