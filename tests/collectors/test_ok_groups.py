"""Topics and comments of official groups, in an Odnoklassniki that runs here."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from collectors.contract import NetworkError, Outcome, Page, Watch
from models.kinds import ReplyCapability
from tests.collectors.ok_cast import MORNING, PAGES, SCHOOL, TOKEN, TOWN, Ok, an_ok


@pytest.fixture
async def ok() -> AsyncIterator[Ok]:
    async with an_ok() as here:
        yield here


def feed(ok: Ok, **changes: Any) -> Any:
    return ok.collectors(**changes)[0]


async def test_a_topic_is_brought_whole(ok: Ok) -> None:
    photos = ["https://i.okcdn.ru/1.jpg", "https://i.okcdn.ru/2.jpg"]
    native = await ok.offers("Яма на Ленина\nУже год", author_name="Анна Петрова", photos=photos)
    [post] = await ok.passage(feed(ok))
    assert post.native_id == native == f"GROUP_TOPIC:{native.rpartition(':')[2]}"
    assert post.url == f"https://ok.ru/group/{TOWN}/topic/{native.rpartition(':')[2]}"
    assert (post.text, post.author_name, post.photos) == (
        "Яма на Ленина\nУже год",
        "Анна Петрова",
        tuple(photos),
    )
    assert (post.community_id, post.community_title, post.territory) == (TOWN, "Город", "Солнечный")
    assert (post.posted_at, post.by_community, post.root_id) == (MORNING, False, None)
    assert (post.reply_capability, post.reply_reason) == (ReplyCapability.API, "")


@pytest.mark.parametrize("dates", ["both", "date", "date_ms"])
async def test_comments_come_with_what_they_answer(ok: Ok, dates: str) -> None:
    """Clients have seen comments dated in both ways."""
    await ok.does("manners", comment_times=dates)
    root = await ok.offers("Новости", author="community")
    top = await ok.offers("А у нас яма", under=root, author_name="Анна")
    inner = await ok.offers("И у нас", under=root, reply_to=top, author_name="Борис")
    ours = await ok.offers("Засыплем", under=root, reply_to=top, author="community")
    by_id = {post.native_id: post for post in await ok.passage(feed(ok))}
    assert set(by_id) == {root, top, inner, ours}
    assert (by_id[top].root_id, by_id[top].parent_id) == (root, None)
    assert (by_id[inner].root_id, by_id[inner].parent_id, by_id[inner].author_name) == (root, top, "Борис")
    assert [by_id[one].by_community for one in (root, top, inner, ours)] == [True, False, False, True]
    assert by_id[inner].posted_at == MORNING
    assert by_id[inner].url == by_id[root].url


async def test_one_feed_reads_every_watched_group_and_no_other(ok: Ok) -> None:
    await ok.does("communities", id="53000000000003", title="Чужая")
    await ok.does("tokens", token=TOKEN, application_key="CPUBLICKEY", application_secret="app-secret-1")
    await ok.offers("Чужое", community_id="53000000000003")
    town, school = await ok.offers("Яма"), await ok.offers("Холодно в классе", community_id=SCHOOL)
    found = {post.native_id: post for post in await ok.passage(feed(ok))}
    assert set(found) == {town, school}
    assert found[school].community_title == "Школа № 1"  # known by its short name only
    assert len(await ok.calls("url.getInfo")) == 1


async def test_a_name_nobody_has_stops_nothing(ok: Ok, caplog: pytest.LogCaptureFixture) -> None:
    native = await ok.offers("Яма")
    [groups] = ok.connector().watch(Watch((*PAGES, Page("", name="net_takoy"))))
    assert [post.native_id for post in await ok.passage(groups)] == [native]
    assert "net_takoy" in caplog.text


async def test_a_quiet_minute_costs_two_calls(ok: Ok) -> None:
    """The list, and the numbers of comments; nothing is marked as read."""
    for number in range(30):
        await ok.offers(f"Тема {number}")
    root = await ok.offers("Яма")
    await ok.offers("Да", under=root)
    collector = feed(ok)
    await ok.passage(collector)
    ok.clock.forward(hours=2)
    await ok.passage(collector)  # a complete re-reading
    before = await ok.record()
    ok.clock.forward(minutes=1)
    assert await ok.passage(collector) == []
    spent = {
        method: count - before["calls"].get(method, 0)
        for method, count in (await ok.record())["calls"].items()
        if count != before["calls"].get(method, 0)
    }
    assert spent == {"discussions.getList": 1, "mediatopic.getByIds": 1}
    assert {one["mark_as_read"] for one in await ok.calls("discussions.getComments")} == {"false"}


async def test_new_words_are_found_the_next_minute(ok: Ok) -> None:
    root = await ok.offers("Яма")
    collector = feed(ok)
    assert [post.native_id for post in await ok.passage(collector)] == [root]
    ok.clock.forward(minutes=20)
    assert [post.native_id for post in await ok.passage(collector)] == [root]  # the overlap
    ok.clock.forward(minutes=1)
    comment, topic = await ok.offers("Подтверждаю", under=root), await ok.offers("Свет")
    assert {post.native_id for post in await ok.passage(collector)} == {comment, topic}


async def test_a_human_reading_in_the_same_account_hides_nothing(ok: Ok) -> None:
    root = await ok.offers("Яма")
    await ok.offers("Один", under=root)
    collector = feed(ok)
    await ok.passage(collector)
    ok.clock.forward(minutes=20)
    ok.world.sessions[TOKEN].read[root.rpartition(":")[2]] = 1  # "new" goes back to 0 …
    second = await ok.offers("Два", under=root)  # … and is 1 again, as it was
    assert second in {post.native_id for post in await ok.passage(collector)}


async def test_an_edited_message_is_brought_again_by_the_complete_reading(ok: Ok) -> None:
    root = await ok.offers("Яма")
    comment = await ok.offers("Да", under=root)
    collector = feed(ok)
    for _ in range(2):
        await ok.passage(collector)
        ok.clock.forward(minutes=20)
    await ok.does("edit", native_id=root, text="Яма и люк")
    await ok.does("edit", native_id=comment, text="Да, и люк")
    assert await ok.passage(collector) == []
    ok.clock.forward(minutes=21)
    assert {post.native_id: post.text for post in await ok.passage(collector)} == {
        root: "Яма и люк",
        comment: "Да, и люк",
    }


async def test_a_complete_reading_never_holds_up_what_is_new(ok: Ok) -> None:
    """More topics than one portion: the rest waits for the next minutes, between which new ones are found."""
    roots = [await ok.offers(f"Тема {number}") for number in range(50)]
    old = [await ok.offers("Да", under=root) for root in roots]
    collector = feed(ok)
    await ok.passage(collector)
    ok.clock.forward(hours=2)
    portions = []
    for _ in range(4):
        fresh = await ok.offers("Новое")
        found = {post.native_id for post in await ok.passage(collector)}
        assert fresh in found
        portions.append(len(found & set(old)))
        ok.clock.forward(minutes=1)
    assert portions == [20, 20, 10, 0]


async def test_long_lists_and_long_threads_are_read_page_by_page(ok: Ok) -> None:
    roots = [await ok.offers(f"Тема {number}") for number in range(7)]
    thread = [await ok.offers(str(number), under=roots[0]) for number in range(7)]
    found = await ok.passage(feed(ok, discussions_per_page=2, comments_per_page=2, topics_at_once=1))
    assert sorted(post.native_id for post in found) == sorted([*roots, *thread])


async def test_the_past_of_years_is_nobodys_news(ok: Ok) -> None:
    long_ago = int((MORNING - timedelta(days=400)).timestamp())
    old = await ok.offers("Давно", date=long_ago)
    await ok.offers("И это давно", under=old, date=long_ago)
    collector = feed(ok)
    assert await ok.passage(collector) == []
    assert await ok.calls("discussions.getComments") == []
    ok.clock.forward(minutes=5)
    fresh = await ok.offers("А яма всё ещё тут", under=old)
    assert [post.native_id for post in await ok.passage(collector)] == [fresh]


async def test_a_date_from_the_future_hides_nothing(ok: Ok) -> None:
    await ok.offers("Из будущего", date=int((MORNING + timedelta(days=400)).timestamp()))
    collector = feed(ok)
    await ok.passage(collector)
    ok.clock.forward(minutes=30)
    fresh = await ok.offers("Яма")
    assert fresh in {post.native_id for post in await ok.passage(collector)}


async def test_what_our_administrator_writes_the_group_says(ok: Ok) -> None:
    root = await ok.offers("Яма")
    me = ok.world.sessions[TOKEN].uid
    await ok.offers("Засыплем", under=root, author=f"user:{me}")
    assert [post.by_community for post in await ok.passage(feed(ok))] == [False, True]


async def test_with_answers_switched_off_a_person_answers(ok: Ok) -> None:
    root = await ok.offers("Яма")
    await ok.offers("Да", under=root)
    for post in await ok.passage(feed(ok, answers=False)):
        assert (post.reply_capability, post.reply_reason) == (ReplyCapability.MANUAL, "switched_off")


async def test_a_topic_deleted_between_two_calls_is_passed_over(ok: Ok) -> None:
    gone, stays = await ok.offers("Яма"), await ok.offers("Свет")
    for root in (gone, stays):
        await ok.offers("Да", under=root)
    collector = feed(ok)
    first = await collector.fetch(None, now=ok.clock.at)
    await ok.does("delete", native_id=gone)
    ok.cursors[collector.feed] = first.cursor
    assert [post.root_id for post in await ok.passage(collector)] == [stays]


async def test_a_new_group_is_read_at_once(ok: Ok) -> None:
    school = await ok.offers("Холодно", community_id=SCHOOL)
    connector = ok.connector()
    [groups] = connector.watch(Watch((PAGES[0],)))
    for number in range(3):
        await ok.offers(f"Тема {number}")
    await ok.passage(groups)
    ok.clock.forward(minutes=1)
    [groups] = connector.watch(Watch(PAGES))
    assert school in {post.native_id for post in await ok.passage(groups)}


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("expired_token", Outcome.STOP), ("revoked_rights", Outcome.STOP), ("captcha", Outcome.STOP),
        ("flood", Outcome.LATER), ("429", Outcome.LATER), ("http_500", Outcome.LATER),
        ("200_with_error", Outcome.LATER), ("garbage", Outcome.LATER), ("cut_body", Outcome.LATER),
        ("done_then_timeout", Outcome.LATER),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["discussions.getList", "discussions.getComments", "mediatopic.getByIds"])
async def test_no_trouble_loses_anything(ok: Ok, method: str, what: str, outcome: Outcome) -> None:
    root = await ok.offers("Яма")
    comment = await ok.offers("Да", under=root)
    collector = feed(ok, timeout_seconds=0.3)
    await ok.does("faults", what=what, method=method)
    cursor: str | None = None
    found: set[str] = set()
    with pytest.raises(NetworkError) as failed:
        for _ in range(5):
            batch = await collector.fetch(cursor, now=ok.clock.at)
            cursor, found = batch.cursor, found | {post.native_id for post in batch.posts}
    assert failed.value.outcome is outcome
    assert not failed.value.maybe_done
    ok.cursors["ok:groups"] = cursor
    again = feed(ok)  # as after a restart: a method that rests is asked again
    found |= {post.native_id for post in await ok.passage(again)}
    assert found == {root, comment}


@pytest.mark.parametrize("method", ["discussions.getList", "discussions.getComments"])
async def test_an_endless_anchor_ends(ok: Ok, method: str) -> None:
    root = await ok.offers("Яма")
    comment = await ok.offers("Да", under=root)
    await ok.does("faults", what="endless_cursor", method=method, times=-1)
    found = {post.native_id for post in await ok.passage(feed(ok))}
    assert found == {root, comment}
    assert len(await ok.calls(method)) <= 3


async def test_a_dead_anchor_starts_the_list_anew(ok: Ok) -> None:
    roots = {await ok.offers(f"Тема {number}") for number in range(6)}
    collector = feed(ok, discussions_per_page=2)
    first = await collector.fetch(None, now=ok.clock.at)
    await ok.does("faults", kind="error", code=100, method="discussions.getList")
    ok.cursors[collector.feed] = first.cursor
    await ok.passage(collector)
    ok.clock.forward(hours=1, minutes=1)
    found = {post.native_id for post in first.posts}
    found |= {post.native_id for post in await ok.passage(collector)}
    assert found == roots


async def test_an_unreadable_cursor_starts_anew(ok: Ok) -> None:
    root = await ok.offers("Яма")
    collector = feed(ok)
    batch = await collector.fetch('{"seen": "вчера"}', now=ok.clock.at)
    assert [post.native_id for post in batch.posts] == [root]
    assert json.loads(batch.cursor)["walk"] is None or batch.more


async def test_an_unknown_field_is_our_mistake(ok: Ok) -> None:
    """OK refuses the whole call: the setting is there to mend that without a new release."""
    root = await ok.offers("Яма")
    await ok.offers("Да", under=root)
    with pytest.raises(NetworkError) as refused:
        await ok.passage(feed(ok, comment_fields="comment.ID,comment.CREATED_MS"))
    assert refused.value.outcome is Outcome.NEVER
    assert "CREATED_MS" in str(refused.value)


@pytest.mark.parametrize("rereading", [False, True])
async def test_a_failure_half_way_keeps_what_was_read(ok: Ok, *, rereading: bool) -> None:
    roots = [await ok.offers(f"Тема {number}") for number in range(3)]
    comments = {await ok.offers("Да", under=root) for root in roots}
    collector = feed(ok)
    if rereading:
        await ok.passage(collector)
        ok.clock.forward(hours=2)
    await ok.does("faults", what="http_500", method="discussions.getComments", skip=1)
    found = {post.native_id for post in await ok.passage(collector)}
    if rereading:  # the rest has the next minute
        assert len(found & comments) == 1
        ok.clock.forward(minutes=1)
        found |= {post.native_id for post in await ok.passage(collector)}
    assert comments <= found
