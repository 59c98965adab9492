"""Facebook's walls and the answers under them, in a Facebook that runs here."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from collectors.contract import Link, NetworkError, Outcome, Page, Photo, Published, Reply
from collectors.facebook import parse_link
from collectors.facebook.publish import FacebookPublisher
from models.kinds import ReplyCapability
from tests.collectors.graph_cast import PAGE, TOKEN, TOWN, Graph, a_graph, feed, publisher_of


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with a_graph() as here:
        yield here


ANSWER = "Яму засыплют до пятницы.\nСпасибо, что написали!"
WALL, TAGGED = "facebook:feed", "facebook:tagged"
GIF = b"GIF89a..."


async def wall(graph: Graph, **changes: Any) -> dict[str, Any]:
    connector = graph.facebook(**changes)
    return {post.text: post for post in await graph.passage(feed(connector, WALL, pages=[TOWN]))}


def reply(post: str, root: str | None = None, *, text: str = ANSWER, **more: Any) -> Reply:
    return Reply(post_id=post, root_id=root, text=text, key="answer-1", **more)


async def test_a_wall_brings_posts_and_comments_of_every_level(graph: Graph) -> None:
    news = await graph.offers("facebook", "Новости", author="page", photos=["https://scontent.example/1.jpg"])
    await graph.offers("facebook", "Где автобус?", author_name="Анна")
    top = await graph.offers("facebook", "Яма", under=news, author_name="Борис")
    nested = await graph.offers("facebook", "И у нас", under=news, reply_to=top, author_name="Вера")
    await graph.offers("facebook", "Чиним", under=news, reply_to=top, author="page")
    found = await wall(graph)
    assert set(found) == {"Новости", "Где автобус?", "Яма", "И у нас", "Чиним"}
    post, visitor = found["Новости"], found["Где автобус?"]
    assert (post.native_id, post.by_community, post.photos) == (
        news,
        True,
        ("https://scontent.example/1.jpg",),
    )
    assert (visitor.author_name, visitor.by_community, visitor.root_id) == ("Анна", False, None)
    assert (visitor.community_id, visitor.community_title, visitor.territory) == (PAGE, "Город", "Солнечный")
    assert (found["Яма"].native_id, found["Яма"].root_id, found["Яма"].parent_id) == (top, news, None)
    assert (found["И у нас"].native_id, found["И у нас"].parent_id) == (nested, top)
    assert found["Чиним"].by_community
    assert {one.reply_capability for one in found.values()} == {ReplyCapability.API}
    assert all(one.url.startswith("https://www.facebook.com/") for one in found.values())


async def test_a_new_comment_is_seen_at_the_next_reading_and_an_edited_one_within_the_hour(
    graph: Graph,
) -> None:
    news = await graph.offers("facebook", "Новости", author="page")
    connector = graph.facebook(overlap_seconds=60)
    collector = feed(connector, WALL, pages=[TOWN])
    await graph.passage(collector)
    graph.clock.forward(minutes=10)
    comment = await graph.offers("facebook", "Яма", under=news)
    assert "Яма" in {post.text for post in await graph.passage(collector)}
    graph.clock.forward(minutes=10)
    assert "Яма" not in {post.text for post in await graph.passage(collector)}
    await graph.does("facebook", "edit", native_id=comment, text="Яма у школы")
    graph.clock.forward(minutes=45)
    assert "Яма у школы" in {post.text for post in await graph.passage(collector)}


async def test_an_old_post_that_was_edited_is_brought_at_the_next_reading(graph: Graph) -> None:
    old = await graph.offers("facebook", "Яма")
    graph.clock.forward(minutes=50)
    await graph.offers("facebook", "Ещё яма")
    collector = feed(graph.facebook(overlap_seconds=60), WALL, pages=[TOWN])
    await graph.passage(collector)
    graph.clock.forward(minutes=2)
    await graph.does("facebook", "edit", native_id=old, text="Яма у школы")
    assert "Яма у школы" in {post.text for post in await graph.passage(collector)}


async def test_a_quiet_wall_costs_one_call(graph: Graph) -> None:
    for number in range(5):
        post = await graph.offers("facebook", f"Новость {number}", author="page")
        await graph.offers("facebook", f"Вопрос {number}", under=post)
    collector = feed(graph.facebook(), WALL, pages=[TOWN])
    await graph.passage(collector)
    before = sum((await graph.record("facebook"))["calls"].values())
    graph.clock.forward(minutes=1)
    await graph.passage(collector)
    assert sum((await graph.record("facebook"))["calls"].values()) == before + 1


async def test_more_posts_and_comments_than_a_page_holds(graph: Graph) -> None:
    posts = [{"page_id": PAGE, "text": f"Яма {number}", "author_name": "Анна"} for number in range(60)]
    await graph.does("facebook", "posts", posts=posts)
    news = await graph.offers("facebook", "Новости", author="page")
    for number in range(12):
        await graph.offers("facebook", f"Вопрос {number}", under=news)
    found = await wall(graph, posts_per_page=7, comments_per_page=5)
    assert len(found) == 60 + 1 + 12


async def test_closed_comments_cannot_be_answered(graph: Graph) -> None:
    news = await graph.offers("facebook", "Новости", author="page")
    await graph.offers("facebook", "Яма", under=news)
    await graph.does("facebook", "close", native_id=news)
    found = await wall(graph)
    for text in ("Новости", "Яма"):
        assert (found[text].reply_capability, found[text].reply_reason) == ("impossible", "comments_closed")
    post = found["Яма"]
    for target in (reply(post.native_id, post.root_id), reply(news)):
        with pytest.raises(NetworkError) as refused:
            await publisher_of(graph.facebook()).publish(target)
        assert refused.value.outcome is Outcome.GONE


async def test_a_post_elsewhere_that_tags_the_page_is_answered_by_hand(graph: Graph) -> None:
    await graph.offers("facebook", "@Город, почините!", tags=True, author_name="Анна")
    [found] = await graph.passage(feed(graph.facebook(), TAGGED, pages=[TOWN]))
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.MANUAL, "not_our_page")
    with pytest.raises(NetworkError) as refused:
        await publisher_of(graph.facebook()).publish(reply(found.native_id))
    assert refused.value.outcome is Outcome.NEVER


async def test_the_page_answers_under_the_very_post_comment_and_reply(graph: Graph) -> None:
    news = await graph.offers("facebook", "Новости", author="page")
    question = await graph.offers("facebook", "Где автобус?")
    top = await graph.offers("facebook", "Яма", under=news)
    nested = await graph.offers("facebook", "И у нас", under=news, reply_to=top)
    publisher = publisher_of(graph.facebook())
    targets = [reply(question), reply(top, news, text="Первый"), reply(nested, news, text="Второй")]
    published = [await publisher.publish(one) for one in targets]
    answers = [(one["under"], one["text"]) for one in (await graph.record("facebook"))["received"]]
    assert answers == [(question, ANSWER), (top, "Первый"), (nested, "Второй")]
    for one, done in zip(targets, published, strict=True):
        found = await publisher.find(one)
        assert found is not None
        assert found.native_id == done.native_id
        assert done.url.startswith(f"https://www.facebook.com/{PAGE}/posts/")
    assert await publisher.find(reply(top, news, text="Другой ответ")) is None


async def test_somebody_elses_same_words_are_not_our_answer(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    await graph.offers("facebook", ANSWER, under=post, author_name="Шутник")
    assert await publisher_of(graph.facebook()).find(reply(post)) is None


async def test_an_answer_under_another_comment_of_the_post_is_not_this_one(graph: Graph) -> None:
    post = await graph.offers("facebook", "Новости", author="page")
    one, other = [await graph.offers("facebook", text, under=post) for text in ("Яма", "И у нас яма")]
    publisher = publisher_of(graph.facebook())
    await publisher.publish(reply(one, post))
    assert await publisher.find(reply(other, post)) is None
    assert await publisher.find(reply(post)) is None


async def test_our_same_words_from_before_the_question_are_no_answer_to_it(graph: Graph) -> None:
    post = await graph.offers("facebook", "Новости", author="page")
    top = await graph.offers("facebook", "Яма", under=post)
    publisher = publisher_of(graph.facebook())
    await publisher.publish(reply(top, post))
    graph.clock.forward(minutes=5)
    nested = await graph.offers("facebook", "И у нас", under=post, reply_to=top)
    assert await publisher.find(reply(nested, post)) is None


async def test_a_photo_goes_with_the_answer(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    publisher = publisher_of(graph.facebook())
    assert publisher.photos_limit == 1
    await publisher.publish(reply(post, photos=(Photo(GIF, "image/gif"),)))
    [received] = (await graph.record("facebook"))["received"]
    assert received["photos"]
    with pytest.raises(NetworkError) as refused:
        await publisher.publish(reply(post, photos=(Photo(b"no picture"),)))
    assert (refused.value.outcome, refused.value.code) == (Outcome.REFUSED, 324)


@pytest.mark.parametrize("what", ["done_then_timeout", "cut_body", "garbage", "http_500"])
async def test_an_answer_that_came_through_unheard_is_found(graph: Graph, what: str) -> None:
    post = await graph.offers("facebook", "Яма")
    publisher = publisher_of(graph.facebook(timeout_seconds=0.5))
    await graph.does("facebook", "faults", what=what, method="POST comments", after_work=True)
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(post))
    assert (unknown.value.outcome, unknown.value.maybe_done) == (Outcome.LATER, True)
    assert await publisher.find(reply(post)) is not None


async def test_a_duplicate_is_looked_for_before_anything_else(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    publisher = publisher_of(graph.facebook())
    await publisher.publish(reply(post))
    await graph.does("facebook", "faults", what="duplicate", method="POST comments")
    with pytest.raises(NetworkError) as duplicate:
        await publisher.publish(reply(post))
    assert (duplicate.value.outcome, duplicate.value.maybe_done) == (Outcome.LATER, True)
    assert await publisher.find(reply(post)) is not None


@pytest.mark.parametrize(
    ("what", "outcome", "code"),
    [
        ("expired_token", Outcome.STOP, 190),
        ("captcha", Outcome.STOP, 190),
        ("revoked_rights", Outcome.STOP, 200),
        ("429", Outcome.LATER, 4),
        ("blocked", Outcome.LATER, 368),
        ("deleted", Outcome.GONE, 100),
        ("200_with_error", Outcome.LATER, 1),
    ],
)
async def test_refusals_keep_their_meaning_over_http(
    graph: Graph, what: str, outcome: Outcome, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    post = await graph.offers("facebook", "Яма")
    await graph.does("facebook", "faults", what=what, method="POST comments")
    with pytest.raises(NetworkError) as refused:
        await publisher_of(graph.facebook()).publish(reply(post))
    assert (refused.value.outcome, refused.value.code) == (outcome, code)
    assert TOKEN not in caplog.text + str(refused.value)


async def test_a_feed_at_the_limit_waits_as_long_as_the_header_says(graph: Graph) -> None:
    await graph.offers("facebook", "Яма")
    await graph.does("facebook", "faults", kind="error", code=80001, minutes=17)
    connector = graph.facebook()
    collector = feed(connector, WALL, pages=[TOWN])
    with pytest.raises(NetworkError) as refused:
        await graph.passage(collector)
    assert refused.value.retry_after is not None
    assert timedelta(minutes=16) < refused.value.retry_after <= timedelta(minutes=17)
    before = (await graph.record("facebook"))["calls"]
    with pytest.raises(NetworkError):
        await graph.passage(collector)
    assert (await graph.record("facebook"))["calls"] == before


@pytest.mark.parametrize("kind", ["endless_cursor", "empty_page"])
async def test_an_endless_or_empty_page_loses_nothing_and_ends(graph: Graph, kind: str) -> None:
    for number in range(9):
        await graph.offers("facebook", f"Яма {number}")
    await graph.does("facebook", "faults", kind=kind, method="feed", times=2)
    collector = feed(graph.facebook(posts_per_page=3), WALL, pages=[TOWN])
    first = await graph.passage(collector)
    graph.clock.forward(hours=1)
    later = await graph.passage(collector)
    assert {post.text for post in [*first, *later]} == {f"Яма {number}" for number in range(9)}


async def test_the_operator_is_told_whose_token_it_is(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    await graph.offers("facebook", "И у нас", under=post)
    connector = graph.facebook()
    assert connector.check is not None
    checks = await connector.check()
    assert {check.problem for check in checks} == {""}
    assert [check.words for check in checks] == ["the token speaks for “Город”", "1 read", "1 read"]
    await graph.does("facebook", "tokens", token=TOKEN, kind="page", page_id=PAGE, broken=460)
    [broken] = await connector.check()
    assert "190/460" in broken.problem
    assert TOKEN not in broken.problem
    verbs = {name.split()[0] for name in (await graph.record("facebook"))["calls"]}
    assert verbs == {"GET"}


async def test_a_page_is_looked_up_by_its_number_or_its_name(graph: Graph) -> None:
    look_up = graph.facebook().look_up
    assert look_up is not None
    facts = await look_up(Page(PAGE))
    assert (facts.native_id, facts.name, facts.title, facts.can_answer) == (PAGE, "gorod", "Город", True)


async def test_a_pasted_link_to_our_answer_is_verified(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    ours = await graph.offers("facebook", ANSWER, under=post, author="page")
    theirs = await graph.offers("facebook", ANSWER, under=post, author_name="Шутник")
    elsewhere = await graph.offers("facebook", "Другая яма")
    verify = graph.facebook().verify_link
    assert verify is not None
    number = post.partition("_")[2]

    def link(comment: str) -> Link:
        made = parse_link(f"https://facebook.com/gorod/posts/{number}?comment_id={comment.partition('_')[2]}")
        assert made is not None
        return made

    found = await verify(link(ours), reply(post))
    assert isinstance(found, Published)
    assert found.native_id == ours
    assert await verify(link(ours), reply(post, text="")) == found
    assert await verify(link(theirs), reply(post)) is None
    assert await verify(link(ours), reply(post, text="Другие слова")) is None
    assert await verify(link(ours), reply(elsewhere)) is None
    assert await verify(link("1_99999999"), reply(post)) is None
    borrowed = await graph.offers("facebook", ANSWER, under=elsewhere, author="page")
    assert await verify(Link("facebook", borrowed, post), reply(post)) is None
    assert await verify(Link("facebook", post), reply(post)) is None


async def test_our_answer_gets_other_words(graph: Graph) -> None:
    post = await graph.offers("facebook", "Яма")
    publisher = publisher_of(graph.facebook())
    assert isinstance(publisher, FacebookPublisher)
    published = await publisher.publish(reply(post))
    await publisher.edit(reply(post, text="Засыпали"), native_id=published.native_id)
    assert await publisher.find(reply(post, text="Засыпали")) is not None
