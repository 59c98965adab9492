"""What is read follows the registry and the keywords."""

from typing import Any

import pytest

from collectors.contract import NetworkError, Outcome, Page, Reply, Watch
from collectors.vk import NETWORK
from incidents.keywords import Keyword, parse
from models.kinds import ReplyCapability
from tests.collectors.vk_cast import COMMUNITY, Vk

GOROD, ZHKH = Page("1"), Page("2", name="zhkh", title="ЖКХ", territory="Лесной")


def keyword(text: str, **forms: Any) -> Keyword:
    return parse(text, forms=lambda word: forms.get(word, [word]))


def names(collectors: Any) -> list[str]:
    return [one.feed for one in collectors]


async def test_feeds_come_and_go_with_the_registry_and_keep_their_names(vk: Vk) -> None:
    connector = vk.connector(long_poll=True)
    assert names(connector.watch(Watch())) == []
    both = names(connector.watch(Watch(pages=(GOROD, ZHKH, Page("", name="Shkola")))))
    assert both == ["vk:wall:-1", "vk:wall:-2", "vk:wall:shkola", "vk:events:-1"]
    assert names(connector.watch(Watch(pages=(ZHKH,)))) == ["vk:wall:-2"]
    assert names(connector.watch(Watch(pages=(GOROD, GOROD)))) == ["vk:wall:-1", "vk:events:-1"]


async def test_listening_goes_on_when_another_page_is_added(vk: Vk) -> None:
    connector = vk.connector(long_poll=True)
    before = {one.feed: one for one in connector.watch(Watch(pages=(GOROD,)))}
    after = {one.feed: one for one in connector.watch(Watch(pages=(GOROD, ZHKH)))}
    assert after["vk:events:-1"] is before["vk:events:-1"]


async def test_no_more_communities_are_listened_to_than_allowed(vk: Vk) -> None:
    pages = tuple({"id": number, "community_token": f"t{number}"} for number in (1, 2, 3))
    connector = vk.connector(long_poll=True, communities=pages, most_long_polls=2)
    feeds = names(connector.watch(Watch(pages=(GOROD, ZHKH, Page("3")))))
    assert [feed for feed in feeds if "events" in feed] == ["vk:events:-1", "vk:events:-2"]


async def test_a_page_without_a_token_is_read_and_answered_by_hand(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="Коммунальщики")
    post = (await vk.does("posts", community_id=2, text="Нет воды"))["native_id"]
    connector = vk.connector()
    [wall] = connector.watch(Watch(pages=(ZHKH,)))
    [found] = await vk.passage(wall)
    assert (found.native_id, found.community_id, found.community_title) == (post, "2", "ЖКХ")
    assert (found.territory, found.reply_capability, found.reply_reason) == (
        "Лесной",
        ReplyCapability.MANUAL,
        "no_token",
    )


async def test_a_page_with_a_token_of_the_settings_is_answered(vk: Vk) -> None:
    """The token is found by number or by short address, whichever either side knows."""
    post = await vk.offers("Яма")
    for ours, page in (
        ({"id": 1}, Page("1")),
        ({"id": 1}, Page("", name="gorod")),
        ({"name": "gorod"}, Page("1")),
        ({"name": "gorod"}, Page("1", name="gorod")),
    ):
        connector = vk.connector(communities=({**ours, "community_token": COMMUNITY},))
        [wall] = connector.watch(Watch(pages=(page,)))
        vk.cursors.clear()
        [found] = await vk.passage(wall)
        assert (found.native_id, found.reply_capability) == (post, ReplyCapability.API)
        assert found.community_title == "Город Солнечный"


async def test_what_a_newly_watched_page_writes_is_official_at_once(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="ЖКХ")
    post = await vk.offers("Нет воды")
    answer = await vk.offers("Уже едем", under=post, author=-2)
    connector = vk.connector()
    [wall] = connector.watch(Watch(pages=(GOROD,)))
    before = {one.native_id: one.by_community for one in await vk.passage(wall)}
    connector.watch(Watch(pages=(GOROD, ZHKH)))
    vk.cursors.clear()
    after = {one.native_id: one.by_community for one in await vk.passage(wall)}
    assert (before[answer], after[answer]) == (False, True)


async def test_a_name_nobody_has_stops_its_own_wall_alone(vk: Vk) -> None:
    post = await vk.offers("Яма")
    connector = vk.connector()
    wrong, right = connector.watch(Watch(pages=(Page("", name="nobody"), GOROD)))
    with pytest.raises(NetworkError) as refused:
        await wrong.fetch(None, now=vk.clock.at)
    assert refused.value.outcome is Outcome.STOP
    assert "nobody" in str(refused.value)
    assert [one.native_id for one in await vk.passage(right)] == [post]


async def test_one_wrong_name_hides_no_other_even_if_vk_refuses_them_all(vk: Vk) -> None:
    await vk.does("communities", id=2, name="zhkh", title="ЖКХ")
    post = (await vk.does("posts", community_id=2, text="Нет воды"))["native_id"]
    await vk.does("faults", kind="error", code=100, method="groups.getById")
    connector = vk.connector()
    _, wall = connector.watch(Watch(pages=(Page("", name="nobody"), Page("", name="zhkh"))))
    assert [one.native_id for one in await vk.passage(wall)] == [post]


async def test_a_leaders_own_page_is_read_as_an_official_one(vk: Vk) -> None:
    head = (await vk.does("users", name="Глава Города", address="glava"))["id"]
    await vk.does("communities", id=9, name="open", title="Открытые")
    post = (await vk.does("posts", owner_id=head, author=head, text="Отчёт за неделю"))["native_id"]
    comment = (await vk.does("posts", under=post, text="А дороги?"))["native_id"]
    for page in (Page(f"id{head}"), Page("", name="glava")):
        [wall] = vk.connector().watch(Watch(pages=(page,)))
        vk.cursors.clear()
        found = {one.native_id: one for one in await vk.passage(wall)}
        assert {one: found[one].by_community for one in found} == {post: True, comment: False}
        assert found[comment].community_id == f"id{head}"
        assert (found[comment].reply_capability, found[comment].reply_reason) == (
            ReplyCapability.MANUAL,
            "not_our_wall",
        )


async def test_a_keyword_brings_what_has_it_and_nothing_else(vk: Vk) -> None:
    wanted = keyword('яма "улице ленина" -игра', игра=["игра", "игры"])
    texts = {
        "both": "Яма на улице Ленина",
        "apart": "Яма на улице, а у Ленина ровно",
        "minus": "яма на улице ленина, как после игры",
        "half": "на улице ленина ровно",
    }
    posts = {key: await vk.offers(text) for key, text in texts.items()}
    feeds = vk.connector().watch(Watch(keywords=(wanted,)))
    [search] = feeds
    assert search.feed == "vk:search:яма улице ленина"
    assert [one.native_id for one in await vk.passage(search)] == [posts["both"]]


async def test_keywords_that_differ_in_minus_words_share_one_search(vk: Vk) -> None:
    first, second = keyword("яма -игра"), keyword("яма -кино")
    assert NETWORK.compiled is not None
    assert list(NETWORK.compiled([first, second, keyword("#яма"), keyword("нет света")])) == [
        "яма",
        "#яма",
        "нет света",
    ]
    game, film = await vk.offers("яма: игра"), await vk.offers("яма: кино")
    await vk.offers("яма: игра и кино")
    [search] = vk.connector().watch(Watch(keywords=(first, second)))
    assert {one.native_id for one in await vk.passage(search)} == {game, film}
    assert vk.world.record.calls["newsfeed.search"] == 1


async def test_the_settings_own_words_find_anything(vk: Vk) -> None:
    post = await vk.offers("яма: игра")
    feeds = vk.connector(queries=("яма",)).watch(Watch(keywords=(keyword("яма -игра"),)))
    assert names(feeds) == ["vk:search:яма"]
    assert [one.native_id for one in await vk.passage(feeds[0])] == [post]


async def test_a_very_long_keyword_has_a_name_that_can_be_stored(vk: Vk) -> None:
    long = " ".join(f"слово{number}" for number in range(30))
    one, same, other = (
        vk.connector().watch(Watch(keywords=(keyword(text),)))[0].feed for text in (long, long, long + " ещё")
    )
    assert one == same != other
    assert len(one) <= 200


@pytest.mark.parametrize(("pages", "seconds"), [(1, 60), (3, 60), (10, 192), (500, 9600)])
async def test_many_walls_share_the_daily_quota(vk: Vk, pages: int, seconds: int) -> None:
    watch = Watch(pages=tuple(Page(str(number)) for number in range(1, pages + 1)))
    walls = vk.connector(walls_per_day=4500).watch(watch)
    assert {wall.every.total_seconds() for wall in walls} == {seconds}
    assert 86_400 / seconds * pages <= 4500


async def test_many_searches_share_the_daily_quota(vk: Vk) -> None:
    watch = Watch(keywords=tuple(keyword(f"слово{number}") for number in range(10)))
    searches = vk.connector(searches_per_day=900).watch(watch)
    assert {search.every.total_seconds() for search in searches} == {960}


async def test_a_hand_written_answer_is_recognised_by_its_link(vk: Vk) -> None:
    post, other = await vk.offers("Яма"), await vk.offers("Другая яма")
    ours = await vk.offers("Засыпали", under=post, author="community")
    theirs = await vk.offers("Засыпали", under=post)
    elsewhere = await vk.offers("Засыпали", under=other, author="community")
    gone = await vk.offers("Засыпали", under=post, author="community")
    await vk.does("delete", native_id=gone)
    verify = vk.connector().verify_link
    assert verify is not None

    async def url(native: str, text: str = "") -> str | None:
        owner_post, _, number = native.partition("_r")
        link = NETWORK.parse_link(f"https://vk.com/{owner_post}" + (f"?reply={number}" if number else ""))
        assert link is not None
        found = await verify(link, Reply(post_id=post, root_id=None, text=text, key="k"))
        assert found is None or found.native_id == native
        return found.url if found is not None else None

    assert await url(ours) == f"https://vk.com/{post}?reply={ours.rpartition('r')[2]}"
    assert await url(ours, " Засыпали\n") is not None
    assert await url(ours, "Другие слова") is None
    assert [await url(one) for one in (theirs, elsewhere, gone, post, f"{post}_r999")] == [None] * 5


def test_the_table_of_networks_says_what_vk_can() -> None:
    assert (NETWORK.name, NETWORK.title) == ("vk", "VK")
    assert NETWORK.facts.live == ""  # nobody has seen it with real keys
    assert NETWORK.open_questions
