"""Meta's own client believes the sandbox to be Facebook."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from facebook_business.adobjects.comment import Comment  # type: ignore[import-untyped]  # Meta ships no types
from facebook_business.adobjects.page import Page  # type: ignore[import-untyped]
from facebook_business.adobjects.pagepost import PagePost  # type: ignore[import-untyped]

from sandbox.graph import facebook_nodes
from sandbox.graph.access import PAGES_LIST, RIGHTS, Token
from tests.sandbox.graph_judge import FacebookRequestError, facebook_comments
from tests.sandbox.graph_running import PAGE, USER, Graph, a_comment, a_post, code_of, running_graph

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with running_graph() as graph:
        yield graph


async def test_a_user_token_leads_to_its_pages(graph: Graph) -> None:
    [page] = await graph.asks(lambda judge: judge.accounts(), token=USER)
    assert (page["id"], page["name"]) == (graph.town.id, "Город")
    assert page["access_token"] == PAGE
    assert "MODERATE" in (await graph.get("me/accounts", token=USER))["data"][0]["tasks"]
    me = await graph.asks(lambda judge: judge.me(["id", "name"]), token=page["access_token"])
    assert (me["id"], me["name"]) == (graph.town.id, "Город")
    graph.facebook.access.tokens["limited"] = Token("limited", "user", rights=RIGHTS - {PAGES_LIST})
    assert await graph.asks(lambda judge: judge.accounts(), token="limited") == []


async def test_each_list_of_a_page_shows_its_own(graph: Graph) -> None:
    visitor = a_post(graph)
    graph.clock.forward(minutes=1)
    own = graph.facebook.offer_post(graph.town, text="Субботник", photos=("https://p.ru/1.jpg",))
    tagged = a_post(graph, "Спасибо, Город", tags=True)

    async def seen(edge: str) -> list[str]:
        return [one.native_id for one in await graph.asks(lambda judge: judge.posts(graph.town.id, edge))]

    assert await seen("feed") == [own.id, visitor.id]
    assert await seen("published_posts") == [own.id]
    assert await seen("visitor_posts") == [visitor.id]
    assert await seen("tagged") == [tagged.id]
    assert re.fullmatch(rf"{graph.town.id}_\d+", own.id)
    post = await graph.asks(lambda judge: judge.post(visitor.id))
    assert (post["message"], post["from"]["name"]) == ("Яма на Ленина", "Анна Петрова")
    assert post["created_time"] == "2026-03-02T09:00:00+0000"
    assert post["permalink_url"].startswith("https://www.facebook.com/")


async def test_comments_are_read_on_every_level(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    graph.clock.forward(seconds=5)
    reply = a_comment(graph, post, "Да!", reply_to=top)
    first, second = await graph.asks(lambda judge: judge.comments(post.id))
    assert (first.native_id, first.author, first.parent) == (top, "Борис", "")
    assert (second.native_id, second.parent, second.text) == (reply, top, "Да!")
    newest = await graph.asks(lambda judge: judge.comments(post.id, order="reverse_chronological"))
    assert [one.native_id for one in newest] == [reply, top]
    [directly] = await facebook_comments(graph.url, PAGE, post.id)
    assert directly.native_id == top
    [below] = await facebook_comments(graph.url, PAGE, top)
    assert below.native_id == reply
    assert f"comment_id={top.split('_')[1]}&reply_comment_id=" in below.link


async def test_without_a_filter_only_the_top_level_is_told(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    a_comment(graph, post, reply_to=top)
    listed = await graph.get(f"{post.id}/comments", summary="true")
    assert [one["id"] for one in listed["data"]] == [top]
    assert listed["data"][0].keys() == {"id", "message", "created_time", "from"}
    assert listed["summary"] == {"order": "chronological", "total_count": 1, "can_comment": True}


async def test_fields_nest_and_only_what_was_asked_comes(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    a_comment(graph, post, "Да!", reply_to=top)
    asked = "message,comments.limit(50).order(chronological){id,from{id},comments{message}}"
    shown = await graph.get(post.id, fields=asked)
    boris = {"id": graph.facebook.person("Борис").id}
    inner = shown["comments"]["data"][0]
    assert shown.keys() == {"id", "message", "comments"}
    assert inner.keys() == {"id", "from", "comments"}
    assert inner["from"] == boris
    assert [one["message"] for one in inner["comments"]["data"]] == ["Да!"]
    assert (await graph.get(post.id)).keys() == {"id", "message", "created_time"}


@pytest.mark.parametrize(
    ("fields", "code"), [("mesage", 100), ("message{", 2500), ("comments.limit{id}", 2500), ("a}", 2500)]
)
async def test_a_wrong_field_is_refused(graph: Graph, fields: str, code: int) -> None:
    status, body, _ = await graph.call("GET", a_post(graph).id, fields=fields)
    assert (status, body["error"]["code"]) == (400, code)
    assert body["error"]["fbtrace_id"]


def test_every_field_is_one_the_official_client_knows() -> None:
    for kind, official in (
        (facebook_nodes.PAGE, Page),
        (facebook_nodes.POST, PagePost),
        (facebook_nodes.COMMENT, Comment),
    ):
        known = {value for name, value in vars(official.Field).items() if not name.startswith("_")}
        made_up = kind.fields.keys() - known
        # An edge that is also a field, and two the client's version of Page has no name for.
        assert made_up <= {"attachments", "tasks"}, kind.name


async def test_an_answer_is_written_and_read_back(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    under_post = await graph.asks(lambda judge: judge.answer(post.id, "Заделаем"))
    under_comment = await graph.asks(lambda judge: judge.answer(top, "И у вас"))
    seen = {one.native_id: one for one in await graph.asks(lambda judge: judge.comments(post.id))}
    assert seen[under_post].text == "Заделаем"
    assert (seen[under_comment].author_id, seen[under_comment].parent) == (graph.town.id, top)
    assert re.fullmatch(rf"{post.id.split('_')[1]}_\d+", under_post)
    world = graph.facebook
    assert [(one.under, one.text) for one in world.received] == [(post.id, "Заделаем"), (top, "И у вас")]
    assert world.shown() == {"answers": {post.id: ["Заделаем"], top: ["И у вас"]}, "doubled": 0}


async def test_there_is_no_key_against_a_second_copy(graph: Graph) -> None:
    post = a_post(graph)
    for _ in range(2):
        await graph.asks(lambda judge: judge.answer(post.id, "Заделаем"))
    assert graph.facebook.shown()["doubled"] == 1
    assert (await graph.look("facebook/record"))["doubled"] == [post.id]


async def test_a_reply_to_a_reply_stands_under_the_top_level_comment(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    reply = a_comment(graph, post, reply_to=top)
    made = await graph.asks(lambda judge: judge.answer(reply, "Видим"))
    [shown] = [
        one for one in await graph.asks(lambda judge: judge.comments(post.id)) if one.native_id == made
    ]
    assert shown.parent == top
    [received] = graph.facebook.received
    assert (received.under, received.stands_under) == (reply, top)


async def test_own_words_are_corrected_and_removed_others_are_hidden(graph: Graph) -> None:
    post = a_post(graph)
    top = a_comment(graph, post)
    own = await graph.asks(lambda judge: judge.answer(post.id, "Зделаем"))
    await graph.asks(lambda judge: judge.change(own, message="Сделаем"))
    assert (await graph.asks(lambda judge: judge.comment(own)))["message"] == "Сделаем"
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.change(top, message="Всё хорошо"))
    assert code_of(refused) == (200, None, 403)
    await graph.asks(lambda judge: judge.change(top, is_hidden=True))
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.answer(top, "Ответ"))
    assert code_of(refused)[0] == 100
    await graph.asks(lambda judge: judge.delete(own))
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.comment(own))
    assert code_of(refused) == (100, 33, 400)
    assert graph.facebook.shown()["answers"] == {}


async def test_a_photo_goes_with_the_words(graph: Graph, tmp_path: Path) -> None:
    post, photo = a_post(graph), tmp_path / "a.png"
    photo.write_bytes(PNG)
    made = await graph.asks(lambda judge: judge.answer_with_photo(post.id, "Готово", photo))
    shown = await graph.get(made, fields="message,attachment")
    assert (shown["message"], shown["attachment"]["type"]) == ("Готово", "photo")
    assert list(graph.facebook.photos.values()) == [PNG]
    photo.write_bytes(b"not a picture")
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.answer_with_photo(post.id, "Готово", photo))
    assert code_of(refused)[0] == 324
    other = await graph.asks(lambda judge: judge.answer(post.id, "", attachment_url="https://p.ru/2.jpg"))
    assert (await graph.get(other, fields="attachment"))["attachment"]["media"]["image"]["src"].endswith(
        "2.jpg"
    )


async def test_a_photo_uploaded_before_is_named_by_its_number(graph: Graph, tmp_path: Path) -> None:
    post, photo = a_post(graph), tmp_path / "a.png"
    photo.write_bytes(PNG)
    number = await graph.asks(lambda judge: judge.upload(graph.town.id, photo))
    made = await graph.asks(lambda judge: judge.answer(post.id, "Готово", attachment_id=number))
    shown = await graph.get(made, fields="attachment")
    assert number in shown["attachment"]["media"]["image"]["src"]
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(lambda judge: judge.answer(post.id, "Готово", attachment_id="77"))
    assert code_of(refused)[0] == 100


@pytest.mark.parametrize("message", ["", "   ", "я" * 8001])
async def test_what_cannot_be_a_comment_is_refused(graph: Graph, message: str) -> None:
    status, body, _ = await graph.call("POST", f"{a_post(graph).id}/comments", message=message)
    assert (status, body["error"]["code"]) == (400, 100)
    assert "error_subcode" not in body["error"]
