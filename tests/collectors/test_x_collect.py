"""What X's feeds bring, from an X that runs here, in both dialects."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from collectors.contract import NetworkError, Outcome, Page, Watch
from collectors.x.collect import shared_pace
from collectors.x.posts import moment
from models.kinds import ReplyCapability
from tests.collectors.x_cast import GOROD, MORNING, X, an_x, keyword

DIALECTS = pytest.mark.parametrize("dialect", ["post", "tweet"])


@pytest.fixture
async def x() -> AsyncIterator[X]:
    async with an_x() as here:
        yield here


@DIALECTS
async def test_a_post_is_whole(x: X, dialect: str) -> None:
    await x.does("manners", dialect=dialect)  # the app knows no other names
    ours = await x.offers("Дорогу откроют в мае", author="gorod")
    first = await x.offers("А яма? 5 < 7 & https://e1.ru/a?b=1", under=ours, author_name="Анна Петрова")
    second = await x.offers("И у нас", under=first, author_name="Борис", photos=["https://p.ru/1.jpg"])
    found = await x.everything(dialect=dialect)
    comment, answer = found[first], found[second]
    assert comment.text == "@gorod А яма? 5 < 7 & https://e1.ru/a?b=1"
    assert comment.author_name == "Анна Петрова"
    assert comment.url == f"https://x.com/{x.world.item(first).author.username}/status/{first}"
    assert comment.posted_at == x.world.item(first).at
    assert (comment.root_id, comment.parent_id) == (ours, None)
    assert (comment.community_id, comment.community_title, comment.territory) == (
        "1000", "Город Солнечный", "Солнечный",
    )  # fmt: skip
    assert (comment.reply_capability, comment.by_community) == (ReplyCapability.API, False)
    assert found[ours].by_community
    assert (answer.root_id, answer.parent_id) == (ours, first)
    assert answer.photos == ("https://p.ru/1.jpg",)


@DIALECTS
async def test_a_long_post_comes_with_its_end(x: X, dialect: str) -> None:
    text = "Яма. " + "Очень длинно. " * 60 + "Конец https://e1.ru/x"
    post = await x.offers(text)
    found = (await x.everything("яма", dialect=dialect))[post]
    assert found.text == text


@DIALECTS
async def test_an_edited_post_keeps_its_name(x: X, dialect: str) -> None:
    post = await x.offers("Яма на Ленина")
    assert set(await x.everything("яма", dialect=dialect)) == {post}
    x.clock.forward(minutes=10)
    version = (await x.does("edit", native_id=post, text="Яма на Мира"))["version"]
    x.clock.forward(seconds=5)
    found = await x.everything("яма", dialect=dialect)
    assert set(found) == {post}
    assert found[post].text == "Яма на Мира"
    assert found[post].posted_at == moment(post)
    assert found[post].edited_at == moment(version)


async def test_what_pages_write_themselves_is_theirs(x: X) -> None:
    post = await x.offers("Яма")
    own = await x.offers("Объявление", author="gorod")
    theirs = await x.offers("Засыпали", under=post, author="raion")
    repost = await x.offers("", author="gorod", repost_of=own)
    found = await x.everything()
    assert {one for one in found if found[one].by_community} == {own, theirs}
    assert found[theirs].root_id == post
    assert repost not in found


async def test_every_page_is_heard_and_our_own_without_a_mention_too(x: X) -> None:
    ours = await x.offers("Новости", author="gorod")
    silent = await x.offers("Яма, но без имени", under=ours, names_first=False)
    loud = await x.offers("Яма с именем", under=ours)
    to_other = await x.offers("А у вас яма", to="raion")
    elsewhere = await x.offers("Просто так")
    found = await x.everything()
    assert {silent, loud, to_other} <= set(found)
    assert elsewhere not in found
    assert found[silent].reply_reason == "not_summoned"
    assert found[to_other].community_title == "Район"


async def test_a_page_known_by_name_alone_gets_its_number(x: X) -> None:
    post = await x.offers("А у вас яма", to="raion")
    found = await x.everything(pages=(Page("", "raion", "Район"),))
    assert (found[post].community_id, found[post].community_title) == ("2000", "Район")


async def test_a_keyword_finds_every_form_its_phrase_and_without_its_minus(x: X) -> None:
    wanted = [await x.offers(text) for text in ("Опять яму раскопали", "ЯМОЙ любуемся", "Ямы на дороге")]
    unwanted = [await x.offers(text) for text in ("Ямал", "Яма в игре", "Оркестр")]
    assert set(await x.everything("яма -игре")) == set(wanted)
    x.cursors.clear()
    assert set(await x.everything('"яма на дороге"')) == {wanted[2]}
    x.cursors.clear()
    assert not set(await x.everything("ямал -ямал2")) & {wanted[0], unwanted[1]}


async def test_many_pages_of_results_are_read_once_each(x: X) -> None:
    posts = [await x.offers(f"Яма номер {number}") for number in range(35)]
    [search] = [
        one for one in x.feeds("яма", per_page=10, overlap_seconds=0) if one.feed.startswith("x:search")
    ]
    assert [post.native_id for post in await x.passage(search)] == posts[::-1]
    x.clock.forward(minutes=5)
    late = await x.offers("Новая яма")
    assert [post.native_id for post in await x.passage(search)] == [late]


async def test_a_post_that_comes_while_pages_are_turned_is_not_lost(x: X) -> None:
    posts = [await x.offers(f"Яма номер {number}") for number in range(25)]
    [search] = [
        one for one in x.feeds("яма", per_page=10, overlap_seconds=0) if one.feed.startswith("x:search")
    ]
    first = await search.fetch(None, now=x.clock.at)
    late = await x.offers("Яма посреди чтения")
    x.cursors[search.feed] = first.cursor
    rest = await x.passage(search)
    assert {post.native_id for post in [*first.posts, *rest]} == set(posts)
    x.clock.forward(minutes=5)
    assert [post.native_id for post in await x.passage(search)] == [late]


async def test_a_refused_next_page_begins_the_round_again(x: X) -> None:
    posts = [await x.offers(f"Яма номер {number}") for number in range(25)]
    [search] = [
        one for one in x.feeds("яма", per_page=10, overlap_seconds=0) if one.feed.startswith("x:search")
    ]
    first = await search.fetch(None, now=x.clock.at)
    assert first.cursor is not None
    token = first.cursor.split('"token":"')[1].split('"')[0]
    x.cursors[search.feed] = first.cursor.replace(token, "c3RhbGU=")
    assert [post.native_id for post in await x.passage(search)] == posts[::-1]


async def test_what_x_finds_late_is_not_lost_and_an_idle_feed_costs_nothing(x: X) -> None:
    """Of two posts the later one may be found first."""
    [search] = [one for one in x.feeds("яма") if one.feed.startswith("x:search")]
    late = await x.offers("Яма, которую найдут позже")
    hidden = x.world.timeline.pop()
    early = await x.offers("Яма, которую найдут раньше")
    assert [post.native_id for post in await x.passage(search)] == [early]
    x.world.timeline.insert(0, hidden)
    x.clock.forward(minutes=5)
    assert late in {post.native_id for post in await x.passage(search)}
    spent = x.purse.spent
    for _ in range(5):
        x.clock.forward(minutes=5)
        assert await x.passage(search) == []
    assert x.purse.spent == spent


async def test_after_more_than_a_week_of_silence_the_search_goes_on(x: X) -> None:
    await x.offers("Яма")
    [search] = [one for one in x.feeds("яма") if one.feed.startswith("x:search")]
    assert len(await x.passage(search)) == 1
    x.clock.forward(days=9)
    assert await x.passage(search) == []
    late = await x.offers("Яма снова")
    x.clock.forward(days=6)
    assert [post.native_id for post in await x.passage(search)] == [late]


async def test_words_that_move_to_another_query_lose_nothing(x: X) -> None:
    """A new keyword changes what each numbered search asks for."""
    await x.everything("яма")
    x.clock.forward(minutes=4)
    before = await x.offers("Дорога разбита")
    assert set(await x.everything("дорога", "яма")) == {before}


async def test_the_first_reading_takes_no_more_than_it_is_told(x: X) -> None:
    x.clock.forward(days=3)
    old = await x.offers("Старая яма", to="gorod", date=int(MORNING.timestamp()))
    new = await x.offers("Новая яма", to="gorod")
    assert old != new
    assert set(await x.everything("яма", first_hours=24)) == {new}


async def test_every_post_read_is_paid_for_and_the_budget_ends_the_reading(x: X) -> None:
    mention = await x.offers("Яма", to="gorod")
    [mentions] = [one for one in x.feeds(pages=(GOROD,)) if one.feed == "x:mentions:gorod"]
    assert [post.native_id for post in await x.passage(mentions)] == [mention]
    assert x.purse.spent == 1_000 * x.world.record.posts_read == 1_000
    [search] = [one for one in x.feeds("яма") if one.feed == "x:search:1"]
    await x.passage(search)
    assert x.purse.spent == 1_000 + 5_000
    x.purse.spent = 48_000_000
    with pytest.raises(NetworkError) as stopped:
        await search.fetch(None, now=x.clock.at)
    assert stopped.value.outcome is Outcome.STOP
    assert "48.00 $ of this month's budget of 50.00 $" in str(stopped.value)
    assert x.world.record.posts_read == 2


async def test_when_an_answer_is_beyond_the_budget_its_card_says_so(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    x.purse.spent = 992_000
    found = (await x.everything(monthly_budget_dollars=1, reserve_dollars=0))[post]
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.MANUAL, "budget")


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("429", Outcome.LATER),
        ("http_500", Outcome.LATER),
        ("200_with_error", Outcome.LATER),
        ("garbage", Outcome.LATER),
        ("cut_body", Outcome.LATER),
        ("expired_token", Outcome.STOP),
        ("revoked_rights", Outcome.STOP),
        ("usage_capped", Outcome.STOP),
        ("captcha", Outcome.STOP),
    ],
)
async def test_trouble_has_its_outcome_and_nothing_is_lost(x: X, what: str, outcome: Outcome) -> None:
    post = await x.offers("Яма", to="gorod")
    for name in ("x:search:1", "x:mentions:gorod", "x:pages:1"):
        [feed] = [one for one in x.feeds("яма") if one.feed == name]
        await x.does("faults", what=what)
        with pytest.raises(NetworkError) as failed:
            await x.passage(feed)
        assert failed.value.outcome is outcome
        assert (failed.value.retry_after is not None) is (outcome is Outcome.LATER)
        x.cursors.pop(feed.feed, None)
        again = [one for one in x.feeds("яма") if one.feed == name]
        assert post in {found.native_id for found in await x.passage(again[0])} or name == "x:pages:1"


async def test_errors_beside_the_data_hurt_nobody(x: X) -> None:
    post = await x.offers("Яма")
    await x.does("faults", kind="partial", times=-1)
    assert set(await x.everything("яма")) == {post}


async def test_an_endless_cursor_ends(x: X) -> None:
    post = await x.offers("Яма", to="gorod")
    await x.does("faults", what="endless_cursor", times=-1, after_work=True)
    for feed in x.feeds("яма"):
        await x.passage(feed, most=5)
    await x.http.delete(f"{x.url}/control/x/faults")
    x.cursors.clear()
    assert set(await x.everything("яма")) == {post}


async def test_a_used_up_limit_is_waited_for_and_not_asked_again(x: X) -> None:
    await x.does("limits", **{"GET /2/tweets/search/recent": 2})
    [search] = [one for one in x.feeds("яма") if one.feed.startswith("x:search")]
    await search.fetch(None, now=x.clock.at)
    await search.fetch(None, now=x.clock.at)
    for _ in range(3):
        with pytest.raises(NetworkError) as closed:
            await search.fetch(None, now=x.clock.at)
        assert closed.value.outcome is Outcome.LATER
        assert closed.value.retry_after is not None
        assert timedelta(minutes=14) < closed.value.retry_after < timedelta(minutes=16)
    assert (await x.record())["over_limit"] == 0


async def test_another_program_used_up_the_limit(x: X) -> None:
    await x.does("limits", **{"GET /2/tweets/search/recent": 0})
    [search] = [one for one in x.feeds("яма") if one.feed.startswith("x:search")]
    for _ in range(3):
        with pytest.raises(NetworkError):
            await search.fetch(None, now=x.clock.at)
    assert (await x.record())["over_limit"] == 1


def test_searches_share_the_window() -> None:
    assert shared_pace(300, feeds=4, per_window=360) == timedelta(minutes=5)
    assert shared_pace(60, feeds=63, per_window=360) == timedelta(seconds=157.5)


async def test_five_hundred_pages_keep_within_the_window(x: X) -> None:
    pages = tuple(Page("", f"gorod_{number:08}") for number in range(500))
    feeds = x.connector().watch(Watch(pages=pages, keywords=(keyword("яма"), keyword("дорога", 2))))
    searches = [one for one in feeds if one.feed.startswith(("x:pages", "x:search"))]
    per_window = sum(timedelta(minutes=15) / one.every for one in searches)
    assert per_window <= 360
    assert len({one.feed for one in feeds}) == len(feeds)
    for one in feeds:
        await one.fetch(None, now=x.clock.at)
    asked: list[dict[str, Any]] = [call["query"] for call in x.world.record.last if "query" in call["query"]]
    told = " ".join(call["query"] for call in asked)
    assert all(f"from:{page.name} " in told for page in pages)
    assert max(len(call["query"]) for call in asked) <= 512


async def test_a_protected_account_is_gone(x: X) -> None:
    await x.does("communities", name="gorod", id="1000", title="Город", protected=True)
    [mentions] = [one for one in x.feeds() if one.feed == "x:mentions:gorod"]
    with pytest.raises(NetworkError) as gone:
        await mentions.fetch(None, now=x.clock.at)
    assert gone.value.outcome is Outcome.GONE
