"""Who may do what on the sandbox's Facebook, and how its lists are paged."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.graph.access import PAGES_PEOPLE, PAGES_READ, PAGES_WRITE, RIGHTS, Token
from tests.sandbox.graph_judge import FacebookRequestError
from tests.sandbox.graph_running import PAGE, USER, Graph, a_comment, a_post, code_of, running_graph


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with running_graph() as graph:
        yield graph


async def test_comments_need_the_pages_own_token(graph: Graph) -> None:
    post = a_post(graph)
    comment = a_comment(graph, post)
    assert await graph.asks(lambda judge: judge.comments(post.id), token=USER) == []
    for work in (
        lambda judge: judge.answer(post.id, "Ответ"),
        lambda judge: judge.comment(comment),
        lambda judge: judge.posts(graph.town.id),
    ):
        with pytest.raises(FacebookRequestError) as refused:
            await graph.asks(work, token=USER)
        assert code_of(refused) == (210, None, 403)
    shown = await graph.get(post.id, token=USER, fields="message,from")
    assert "from" not in shown


async def test_a_page_token_sees_its_page_alone(graph: Graph) -> None:
    village = graph.facebook.add_page(name="selo", title="Село")
    theirs = graph.facebook.offer_post(village, text="Наше")
    for work in (
        lambda judge: judge.post(theirs.id),
        lambda judge: judge.comments(theirs.id),
        lambda judge: judge.answer(theirs.id, "Ответ"),
    ):
        with pytest.raises(FacebookRequestError) as refused:
            await graph.asks(work)
        assert code_of(refused) == (100, 33, 400)
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.posts(village.id))
    assert code_of(refused)[0] == 10


async def test_a_strangers_post_that_names_us_cannot_be_answered(graph: Graph) -> None:
    tagged = a_post(graph, tags=True)
    assert (await graph.asks(lambda judge: judge.post(tagged.id)))["message"]
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.answer(tagged.id, "Ответ"))
    assert code_of(refused)[0] == 200


@pytest.mark.parametrize(
    ("right", "verb", "edge", "code"),
    [
        (PAGES_READ, "GET", "feed", 10),
        (PAGES_PEOPLE, "GET", "visitor_posts", 10),
        (PAGES_PEOPLE, "GET", "comments", 10),
        (PAGES_WRITE, "POST", "comments", 200),
    ],
)
async def test_each_right_opens_its_own_door(
    graph: Graph, right: str, verb: str, edge: str, code: int
) -> None:
    post = a_post(graph)
    node = post.id if edge == "comments" else graph.town.id
    graph.facebook.access.tokens["poor"] = Token("poor", "page", graph.town.id, rights=RIGHTS - {right})
    status, body, _ = await graph.call(verb, f"{node}/{edge}", token="poor", message="Ответ")
    assert (status, body["error"]["code"]) == (403, code)
    status, body, _ = await graph.call(verb, f"{node}/{edge}", message="Ответ")
    assert (status, "error" in body) == (200, False)


async def test_closed_comments_take_none(graph: Graph) -> None:
    post = a_post(graph)
    comment = a_comment(graph, post)
    await graph.control("facebook/close", native_id=post.id)
    for under in (post.id, comment):
        status, body, _ = await graph.call("POST", f"{under}/comments", message="Ответ")
        assert (status, body["error"]["code"]) == (400, 100)
    assert (await graph.get(comment, fields="can_comment"))["can_comment"] is False


async def test_pages_follow_each_other_to_the_end(graph: Graph) -> None:
    post = a_post(graph)
    wanted = [a_comment(graph, post, f"№ {number}") for number in range(7)]
    page, seen = await graph.get(f"{post.id}/comments", limit=3, fields="message"), []
    while True:
        seen += [one["id"] for one in page["data"]]
        assert page["data"][0].keys() == {"id", "message"}
        if "next" not in page["paging"]:
            break
        assert f"access_token={PAGE}" in page["paging"]["next"]
        async with graph.http.get(page["paging"]["next"]) as answer:
            page = await answer.json()
    assert seen == wanted
    assert "previous" in page["paging"]
    every = await graph.asks(lambda judge: judge.comments(post.id))
    assert [one.native_id for one in every] == wanted


async def test_a_nested_list_goes_on_with_the_same_fields(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    wanted = [top, *(a_comment(graph, post, f"№ {number}", reply_to=top) for number in range(2))]
    asked = "comments.filter(stream).limit(2).as(said){message,from{name}}"
    [shown] = (await graph.get(f"{graph.town.id}/feed", fields=asked))["data"]
    async with graph.http.get(shown["said"]["paging"]["next"]) as answer:
        rest = await answer.json()
    assert [one["id"] for one in shown["said"]["data"] + rest["data"]] == wanted
    assert rest["data"][0].keys() == {"id", "message", "from"}
    assert "next" not in rest["paging"]


async def test_the_time_bounds_a_list(graph: Graph) -> None:
    post = a_post(graph)
    noon = int(graph.clock.now().timestamp())
    old = a_comment(graph, post)
    graph.clock.forward(hours=1)
    new = a_comment(graph, post)

    async def seen(**bounds: Any) -> list[str]:
        return [one["id"] for one in (await graph.get(f"{post.id}/comments", **bounds))["data"]]

    assert await seen(since=noon + 60) == [new]
    assert await seen(until="2026-03-02T09:30:00+0000") == [old]
    assert [one["id"] for one in (await graph.get(f"{graph.town.id}/feed", since=noon + 60))["data"]] == []


async def test_a_hundred_posts_are_the_most(graph: Graph) -> None:
    status, body, _ = await graph.call("GET", f"{graph.town.id}/feed", limit=101)
    assert (status, body["error"]["code"]) == (400, 100)


async def test_deleted_things_are_gone(graph: Graph) -> None:
    post = a_post(graph)
    comment = a_comment(graph, post)
    await graph.control("facebook/delete", native_id=comment)
    assert await graph.asks(lambda judge: judge.comments(post.id)) == []
    status, body, _ = await graph.call("POST", f"{comment}/comments", message="Ответ")
    assert (status, body["error"]["code"], body["error"]["error_subcode"]) == (400, 100, 33)
    await graph.control("facebook/delete", native_id=post.id)
    assert await graph.asks(lambda judge: judge.posts(graph.town.id)) == []
    assert (await graph.call("POST", f"{post.id}/comments", message="Ответ"))[0] == 400


async def test_what_was_written_may_show_late(graph: Graph) -> None:
    post = a_post(graph)
    await graph.control("facebook/limits", lag=30)
    await graph.asks(lambda judge: judge.answer(post.id, "Ответ"))
    assert await graph.asks(lambda judge: judge.comments(post.id)) == []
    graph.clock.forward(seconds=31)
    assert len(await graph.asks(lambda judge: judge.comments(post.id))) == 1
