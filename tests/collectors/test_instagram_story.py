"""Instagram's media, mentions and the replies under them, in an Instagram that runs here."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from collectors.contract import Link, NetworkError, Outcome, Page, Reply
from collectors.instagram import parse_link
from models.kinds import ReplyCapability
from tests.collectors.graph_cast import ACCOUNT, ON_INSTAGRAM, TOKEN, Graph, a_graph, feed, publisher_of


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with a_graph() as here:
        yield here


ANSWER = "Яму засыплют до пятницы. Спасибо, что написали!"
MEDIA, TAGS = "instagram:media", "instagram:tags"


async def media(graph: Graph, **changes: Any) -> dict[str, Any]:
    connector = graph.instagram(**changes)
    return {post.text: post for post in await graph.passage(feed(connector, MEDIA, pages=[ON_INSTAGRAM]))}


async def offers(graph: Graph, text: str, **more: Any) -> str:
    return await graph.offers("instagram", text, **more)


async def received(graph: Graph) -> list[tuple[str, str]]:
    return [(one["under"], one["text"]) for one in (await graph.record("instagram"))["received"]]


def reply(post: str, root: str | None = None, *, text: str = ANSWER, author_name: str = "anna") -> Reply:
    return Reply(post_id=post, root_id=root, text=text, key="answer-1", author_name=author_name)


async def test_own_media_come_with_comments_and_replies(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page", photos=["https://cdn.example/1.jpg"])
    top = await offers(graph, "Яма", under=news, author_name="anna")
    nested = await offers(graph, "И у нас", under=news, reply_to=top, author_name="vera")
    await offers(graph, "Чиним", under=news, reply_to=top, author="page")
    found = await media(graph)
    assert set(found) == {"Новости", "Яма", "И у нас", "Чиним"}
    post = found["Новости"]
    assert (post.native_id, post.by_community, post.photos) == (news, True, ("https://cdn.example/1.jpg",))
    assert (post.community_id, post.community_title, post.territory) == (ACCOUNT, "Город", "Солнечный")
    assert (found["Яма"].native_id, found["Яма"].root_id, found["Яма"].parent_id) == (top, news, None)
    assert found["Яма"].url == f"{post.url}c/{top}/"
    assert (found["И у нас"].parent_id, found["И у нас"].url) == (top, f"{post.url}c/{top}/r/{nested}/")
    assert (found["Яма"].author_name, found["Яма"].by_community) == ("anna", False)
    assert found["Чиним"].by_community
    assert {one.reply_capability for one in found.values()} == {ReplyCapability.API}


async def test_all_of_a_long_thread_is_read(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news)
    for number in range(120):
        await offers(graph, f"Ответ {number}", under=news, reply_to=top)
    for number in range(70):
        await offers(graph, f"Вопрос {number}", under=news)
    assert len(await media(graph)) == 2 + 120 + 70


async def test_a_new_comment_is_seen_at_the_next_reading(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    collector = feed(graph.instagram(), MEDIA, pages=[ON_INSTAGRAM])
    await graph.passage(collector)
    graph.clock.forward(minutes=2)
    await offers(graph, "Яма", under=news)
    assert "Яма" in {post.text for post in await graph.passage(collector)}


async def test_hidden_comments_closed_media_and_live_video_are_told_apart(graph: Graph) -> None:
    posts = {
        name: await offers(graph, name, author="page", is_live=name == "live") for name in ("a", "b", "live")
    }
    comments = {name: await offers(graph, f"Яма {name}", under=posts[name]) for name in posts}
    await graph.does("instagram", "hide", native_id=comments["a"])
    await graph.does("instagram", "close", native_id=posts["b"])
    found = await media(graph)
    told = {
        name: (found[f"Яма {name}"].reply_capability, found[f"Яма {name}"].reply_reason) for name in posts
    }
    assert told == {
        "a": (ReplyCapability.IMPOSSIBLE, "hidden"),
        "b": (ReplyCapability.IMPOSSIBLE, "comments_closed"),
        "live": (ReplyCapability.MANUAL, "live_video"),
    }
    for name, post in posts.items():
        with pytest.raises(NetworkError) as refused:
            await publisher_of(graph.instagram()).publish(reply(comments[name], post))
        assert refused.value.outcome is Outcome.GONE
    assert await received(graph) == []


async def test_a_media_that_marks_us_is_answered_by_hand(graph: Graph) -> None:
    await offers(graph, "Смотрите", tagged=True, author_name="anna")
    [found] = await graph.passage(feed(graph.instagram(), TAGS, pages=[ON_INSTAGRAM]))
    assert (found.reply_capability, found.reply_reason) == (ReplyCapability.MANUAL, "photo_tag")
    assert found.author_name == "anna"


async def test_the_account_answers_comments_and_names_whom_it_answers_in_a_thread(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news, author_name="anna")
    nested = await offers(graph, "И у нас", under=news, reply_to=top, author_name="vera.v")
    publisher = publisher_of(graph.instagram())
    targets = [reply(top, news), reply(nested, news, author_name="vera.v"), reply(news, text="Всем")]
    published = [await publisher.publish(one) for one in targets]
    assert await received(graph) == [(top, ANSWER), (nested, f"@vera.v {ANSWER}"), (news, "Всем")]
    for one, done in zip(targets, published, strict=True):
        found = await publisher.find(one)
        assert found is not None
        assert (found.native_id, found.url) == (done.native_id, done.url)
    assert await publisher.find(reply(top, news, text="Другой ответ")) is None


async def test_the_name_is_left_out_where_it_would_not_fit(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news)
    nested = await offers(graph, "И у нас", under=news, reply_to=top, author_name="vera")
    publisher = publisher_of(graph.instagram(text_limit=len(ANSWER) + 3))
    await publisher.publish(reply(nested, news, author_name="vera"))
    assert await received(graph) == [(nested, ANSWER)]
    assert await publisher.find(reply(nested, news, author_name="vera")) is not None


async def test_the_answer_to_the_first_comment_is_not_taken_for_one_to_its_reply(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news, author_name="anna")
    nested = await offers(graph, "И у нас", under=news, reply_to=top, author_name="vera")
    publisher = publisher_of(graph.instagram())
    await publisher.publish(reply(nested, news, author_name="vera"))
    assert await publisher.find(reply(top, news)) is None


@pytest.mark.parametrize("what", ["done_then_timeout", "cut_body", "garbage", "http_500"])
async def test_an_answer_that_came_through_unheard_is_found(graph: Graph, what: str) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news)
    publisher = publisher_of(graph.instagram(timeout_seconds=0.5))
    await graph.does("instagram", "faults", what=what, method="POST replies", after_work=True)
    with pytest.raises(NetworkError) as unknown:
        await publisher.publish(reply(top, news))
    assert (unknown.value.outcome, unknown.value.maybe_done) == (Outcome.LATER, True)
    assert await publisher.find(reply(top, news)) is not None


async def test_a_deleted_comment_is_gone(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news)
    await graph.does("instagram", "delete", native_id=top)
    with pytest.raises(NetworkError) as gone:
        await publisher_of(graph.instagram()).publish(reply(top, news))
    assert gone.value.outcome is Outcome.GONE
    assert await publisher_of(graph.instagram()).find(reply(top, news)) is None


async def test_of_two_accounts_the_right_one_answers(graph: Graph) -> None:
    second = "second-secret-token"
    number = "17841400000000222"
    await graph.does("instagram", "pages", id=number, name="raion", title="Район", token=second)
    news = str(
        (await graph.does("instagram", "posts", page_id=number, text="Новости", author="page"))["native_id"]
    )
    top = await offers(graph, "Яма", under=news)
    accounts = ({"id": ACCOUNT, "token": TOKEN}, {"id": number, "token": second})
    publisher = publisher_of(graph.instagram(accounts=accounts))
    await publisher.publish(reply(top, news))
    [one] = (await graph.record("instagram"))["received"]
    assert (one["page_id"], one["under"]) == (number, top)
    assert await publisher.find(reply(top, news)) is not None


async def test_the_operator_is_told_what_the_token_may_read(graph: Graph) -> None:
    await offers(graph, "Новости", author="page")
    connector = graph.instagram()
    assert connector.check is not None
    checks = await connector.check()
    assert [check.words for check in checks] == [
        "the token speaks for @gorod", "1 read", "0 read", "0 of 30 searched in 7 days",
    ]  # fmt: skip
    assert {check.problem for check in checks} == {""}
    rights = ["pages_read_engagement", "instagram_basic"]
    await graph.does("instagram", "tokens", token=TOKEN, kind="page", page_id=ACCOUNT, rights=rights)
    problems = [check.problem for check in await connector.check()]
    assert problems[:2] == ["", ""]
    assert all("instagram: " not in problem and problem for problem in problems[2:])
    assert {name.split()[0] for name in (await graph.record("instagram"))["calls"]} == {"GET"}


async def test_an_account_is_looked_up_by_its_name(graph: Graph) -> None:
    connector = graph.instagram(accounts=({"id": ACCOUNT, "token": TOKEN},))
    assert connector.look_up is not None
    facts = await connector.look_up(Page("", "gorod"))
    assert (facts.native_id, facts.title, facts.can_answer) == (ACCOUNT, "Город", True)
    stranger = await connector.look_up(Page("", "stranger"))
    assert (stranger.native_id, stranger.can_answer, stranger.problem) == (
        "",
        False,
        "no token of this account",
    )


async def test_a_pasted_link_to_our_answer_is_verified(graph: Graph) -> None:
    news = await offers(graph, "Новости", author="page")
    top = await offers(graph, "Яма", under=news)
    ours = await offers(graph, ANSWER, under=news, reply_to=top, author="page")
    theirs = await offers(graph, ANSWER, under=news, reply_to=top, author_name="joker")
    connector = graph.instagram()
    verify = connector.verify_link
    assert verify is not None
    [post] = [
        one for one in await graph.passage(feed(connector, MEDIA, pages=[ON_INSTAGRAM])) if not one.root_id
    ]

    def link(path: str) -> Link:
        made = parse_link(post.url + path)
        assert made is not None
        return made

    found = await verify(link(f"c/{top}/r/{ours}/"), reply(top, news))
    assert found is not None
    assert found.native_id == ours
    assert await verify(link(""), reply(top, news)) == found
    assert await verify(link(f"c/{ours}/"), reply(top, news, text="")) == found
    assert await verify(link(f"c/{top}/r/{theirs}/"), reply(top, news)) is None
    assert await verify(link(f"c/{ours}/"), reply(top, news, text="Другие слова")) is None
    assert await verify(Link("instagram", ours, "Другое_медиа"), reply(top, news)) is None
    with pytest.raises(NetworkError) as refused:
        await verify(link(f"c/{ours}/"), reply("99", "98"))
    assert refused.value.outcome is Outcome.NEVER  # nobody can tell: the person's word stands
