"""Meta's own client believes the sandbox to be Instagram."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from facebook_business.adobjects.igcomment import IGComment  # type: ignore[import-untyped]  # Meta ships no types
from facebook_business.adobjects.igmedia import IGMedia  # type: ignore[import-untyped]
from facebook_business.adobjects.iguser import IGUser  # type: ignore[import-untyped]

from sandbox.graph import instagram_nodes
from sandbox.graph.access import IG_COMMENTS, IG_PUBLIC, IG_READ, RIGHTS, Token
from sandbox.graph.things import Post
from tests.sandbox.graph_judge import FacebookRequestError, Judge, instagram_comments
from tests.sandbox.graph_running import PAGE, Graph, running_graph


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with running_graph() as graph:
        yield graph


def a_media(graph: Graph, text: str = "Субботник", **more: Any) -> Post:
    return graph.instagram.offer_post(graph.account, text=text, **more)


def found(graph: Graph, text: str, *, name: str = "anna", **more: Any) -> Post:
    """A stranger's media."""
    return graph.instagram.offer_post(graph.instagram.person(name), text=text, **more)


def a_comment(graph: Graph, post: Post, text: str = "А яма?", *, name: str = "boris", **more: Any) -> str:
    return graph.instagram.offer_comment(post, author=graph.instagram.person(name), text=text, **more).id


async def refusal(graph: Graph, work: Any) -> FacebookRequestError:
    with pytest.raises(FacebookRequestError) as refused:
        await graph.asks(work)
    return refused.value


async def test_a_page_leads_to_its_account_and_its_media(graph: Graph) -> None:
    old = a_media(graph)
    graph.clock.forward(hours=1)
    new = a_media(graph, "Ремонт")
    a_comment(graph, new)
    assert await graph.asks(lambda judge: judge.account_of(graph.town.id)) == graph.account.id
    shown = await graph.asks(lambda judge: judge.media(graph.account.id))
    assert [(one.native_id, one.text) for one in shown] == [(new.id, "Ремонт"), (old.id, "Субботник")]
    assert shown[0].date == "2026-03-02T10:00:00+0000"
    media = await graph.asks(lambda judge: judge.one_media(new.id))
    assert (media["comments_count"], media["is_comment_enabled"], media["username"]) == (1, True, "gorod")
    assert media["permalink"].startswith("https://www.instagram.com/p/")
    after = await graph.get(f"{graph.account.id}/media", since=int(new.date.timestamp()))
    assert after["data"] == [{"id": new.id}]
    assert "instagram_business_account" not in await graph.get(
        graph.facebook.add_page(name="selo", title="Село").id,
        token="user-token",
        fields="instagram_business_account",
    )


async def test_comments_come_newest_first_and_replies_below_them(graph: Graph) -> None:
    media = a_media(graph)
    first = a_comment(graph, media)
    graph.clock.forward(minutes=1)
    second = a_comment(graph, media, "И у нас", name="vera")
    reply = a_comment(graph, media, "Да", reply_to=first)
    shown = await instagram_comments(graph.url, PAGE, media.id)
    assert [one.native_id for one in shown] == [second, first]
    assert (shown[0].author, shown[0].parent) == ("vera", "")
    [below] = await instagram_comments(graph.url, PAGE, first, of_comment=True)
    assert (below.native_id, below.parent) == (reply, first)
    asked = "id,replies.limit(5){id,text,from{username}}"
    nested = (await graph.get(f"{media.id}/comments", fields=asked))["data"]
    assert nested[1]["replies"]["data"] == [
        {"id": reply, "text": "Да", "from": {"username": "boris", "id": below.author_id}}
    ]
    assert "replies" not in nested[0]
    assert (await graph.get(f"{media.id}/comments"))["data"][0].keys() == {"id", "text", "timestamp"}


def test_every_field_is_one_the_official_client_knows() -> None:
    for kind, official in (
        (instagram_nodes.ACCOUNT, IGUser),
        (instagram_nodes.MEDIA, IGMedia),
        (instagram_nodes.COMMENT, IGComment),
        (instagram_nodes.FOUND_MEDIA, IGMedia),
        (instagram_nodes.MENTIONED_COMMENT, IGComment),
    ):
        known = {value for name, value in vars(official.Field).items() if not name.startswith("_")}
        assert kind.fields.keys() <= known, kind.name


async def test_an_answer_is_written_and_read_back(graph: Graph) -> None:
    media = a_media(graph)
    top = a_comment(graph, media)
    answer = await graph.asks(lambda judge: judge.ig_answer(media.id, "Всем спасибо"))
    reply = await graph.asks(lambda judge: judge.ig_reply(top, "Заделаем"))
    own = {one.native_id: one for one in await graph.asks(lambda judge: judge.ig_comments(media.id))}
    assert (own[answer].text, own[answer].author) == ("Всем спасибо", "gorod")
    [below] = await graph.asks(lambda judge: judge.ig_comments(top, of_comment=True))
    assert (below.native_id, below.text) == (reply, "Заделаем")
    assert [(one.under, one.text) for one in graph.instagram.received] == [
        (media.id, "Всем спасибо"),
        (top, "Заделаем"),
    ]
    assert (await graph.get(reply, fields="user"))["user"] == {"id": graph.account.id}
    assert "user" not in await graph.get(top, fields="user")
    await graph.asks(lambda judge: judge.ig_delete(answer))
    assert graph.instagram.shown() == {"answers": {top: ["Заделаем"]}, "doubled": 0}


async def test_a_reply_to_a_reply_stands_under_the_top_level_comment(graph: Graph) -> None:
    media = a_media(graph)
    top = a_comment(graph, media)
    reply = a_comment(graph, media, "Да", name="vera", reply_to=top)
    made = await graph.asks(lambda judge: judge.ig_reply(reply, "@vera видим"))
    assert (await graph.get(made, fields="parent_id"))["parent_id"] == top
    assert [one.under for one in graph.instagram.received] == [reply]


async def test_whom_an_answer_in_a_thread_names_is_whom_it_answers(graph: Graph) -> None:
    media = a_media(graph)
    top = a_comment(graph, media)
    vera = a_comment(graph, media, "Да", name="vera", reply_to=top)
    await graph.asks(lambda judge: judge.ig_reply(top, "Видим"))
    await graph.asks(lambda judge: judge.ig_reply(top, "@vera и вас видим"))
    assert [one.under for one in graph.instagram.received] == [top, vera]
    assert {one.stands_under for one in graph.instagram.received} == {top}
    assert graph.instagram.shown()["doubled"] == 0


async def test_hidden_comments_take_no_reply(graph: Graph) -> None:
    media = a_media(graph)
    top = a_comment(graph, media)
    below = a_comment(graph, media, reply_to=top)
    await graph.asks(lambda judge: judge.ig_hide(top, hide=True))
    [shown] = await graph.asks(lambda judge: judge.ig_comments(media.id))
    assert shown.is_hidden
    for number in (top, below):
        error = await refusal(graph, lambda judge, number=number: judge.ig_reply(number, "Ответ"))
        assert (error.api_error_code(), error.http_status()) == (100, 400)
    await graph.asks(lambda judge: judge.ig_hide(top, hide=False))
    assert await graph.asks(lambda judge: judge.ig_reply(top, "Ответ"))


async def test_closed_comments_and_live_video_take_none(graph: Graph) -> None:
    media, live = a_media(graph), a_media(graph, is_live=True)
    top, spoken = a_comment(graph, media), a_comment(graph, live)
    await graph.asks(lambda judge: judge.ig_switch_comments(media.id, enabled=False))
    assert (await graph.get(media.id, fields="is_comment_enabled"))["is_comment_enabled"] is False
    for work in (
        lambda judge: judge.ig_answer(media.id, "Ответ"),
        lambda judge: judge.ig_reply(top, "Ответ"),
        lambda judge: judge.ig_reply(spoken, "Ответ"),
    ):
        assert (await refusal(graph, work)).api_error_code() == 100
    assert graph.instagram.received == []


async def test_the_words_of_a_comment_cannot_be_changed(graph: Graph) -> None:
    media = a_media(graph)
    own = await graph.asks(lambda judge: judge.ig_answer(media.id, "Ответ"))
    status, body, _ = await graph.call("POST", own, message="Другой")
    assert (status, body["error"]["code"]) == (400, 100)
    assert (await graph.get(own, fields="text"))["text"] == "Ответ"


async def test_a_hashtag_finds_the_last_day_without_names(graph: Graph) -> None:
    found(graph, "Старое #яма", name="old")
    graph.clock.forward(hours=25)
    new = [found(graph, f"Опять #Яма {number}") for number in range(3)]
    found(graph, "Не то #ямал")
    found(graph, "Тайное #яма", is_private=True)
    tag = await graph.asks(lambda judge: judge.hashtag(graph.account.id, "яма"))
    assert tag == await graph.asks(lambda judge: judge.hashtag(graph.account.id, "Яма"))
    seen = await graph.asks(lambda judge: judge.hashtag_media(graph.account.id, tag))
    assert {one.native_id for one in seen} == {one.id for one in new}
    assert all(one.author == "" for one in seen)
    assert len(await graph.asks(lambda judge: judge.hashtag_media(graph.account.id, tag, "top_media"))) == 4
    path = f"{tag}/recent_media"
    _, body, _ = await graph.call("GET", path, user_id=graph.account.id, fields="username")
    assert body["error"]["code"] == 100
    page = await graph.get(path, user_id=graph.account.id, limit=2)
    assert page["paging"]["cursors"].keys() == {"after"}
    assert (await graph.call("GET", path))[1]["error"]["code"] == 100


async def test_what_a_hashtag_found_cannot_be_answered(graph: Graph) -> None:
    strangers = found(graph, "Опять #яма")
    comment = a_comment(graph, strangers)
    for work in (
        lambda judge: judge.ig_answer(strangers.id, "Ответ"),
        lambda judge: judge.ig_reply(comment, "Ответ"),
        lambda judge: judge.one_media(strangers.id),
        lambda judge: judge.ig_mention(graph.account.id, "Ответ", media_id=strangers.id),
    ):
        error = await refusal(graph, work)
        assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == (100, 33, 400)


async def test_thirty_hashtags_a_week_and_no_more(graph: Graph) -> None:
    def ask(judge: Judge) -> list[str]:
        return [judge.hashtag(graph.account.id, f"яма{number}") for number in range(30)]

    asked = await graph.asks(ask)
    graph.clock.forward(days=6)
    assert await graph.asks(lambda judge: judge.hashtag(graph.account.id, "яма3")) == asked[3]
    error = await refusal(graph, lambda judge: judge.hashtag(graph.account.id, "свет"))
    assert (error.api_error_code(), error.http_status()) == (18, 400)
    listed = await graph.get(f"{graph.account.id}/recently_searched_hashtags", limit=30)
    assert sorted(one["id"] for one in listed["data"]) == sorted(asked)
    graph.clock.forward(days=1)
    assert await graph.asks(lambda judge: judge.hashtag(graph.account.id, "свет"))
    # Asking again for the third tag on the sixth day did not prolong its week.
    assert len(await graph.asks(lambda judge: judge.searched(graph.account.id))) == 1


async def test_a_hashtag_is_one_word_without_a_sign(graph: Graph) -> None:
    graph.instagram.sensitive.add("плохое")
    for word in ("#яма", "яма на дороге", "яма🕳", "", "плохое"):
        assert (
            await refusal(graph, lambda judge, word=word: judge.hashtag(graph.account.id, word))
        ).http_status() == 400
    assert await graph.asks(lambda judge: judge.searched(graph.account.id)) == []


async def test_a_mention_is_read_and_answered(graph: Graph) -> None:
    media = found(graph, "Смотри, @gorod: яма")
    comment = a_comment(graph, found(graph, "Закат"), "@gorod, а свет?")
    under = graph.instagram.comments[comment].post_id
    asked = f"mentioned_comment.comment_id({comment}){{id,text,timestamp,media{{id,permalink}},username}}"
    shown = (await graph.get(graph.account.id, fields=asked))["mentioned_comment"]
    assert (shown["text"], shown["username"], shown["media"]["id"]) == ("gorod, а свет?", "boris", under)
    asked = f"mentioned_media.media_id({media.id}){{caption,username,comments_count}}"
    shown = (await graph.get(graph.account.id, fields=asked))["mentioned_media"]
    assert shown == {"id": media.id, "caption": "Смотри, gorod: яма", "username": "anna", "comments_count": 0}
    await graph.asks(lambda judge: judge.ig_mention(graph.account.id, "Едем", media_id=media.id))
    await graph.asks(
        lambda judge: judge.ig_mention(graph.account.id, "Включим", media_id=under, comment_id=comment)
    )
    assert [(one.under, one.text) for one in graph.instagram.received] == [
        (media.id, "Едем"),
        (comment, "Включим"),
    ]
    await graph.control("instagram/close", native_id=under)
    _, body, _ = await graph.call(
        "GET", graph.account.id, fields=f"mentioned_comment.comment_id({comment}){{id}}"
    )
    assert body["error"]["code"] == 100


async def test_nobody_elses_mention_is_shown(graph: Graph) -> None:
    media = found(graph, "Это @gorodok, а не мы")
    _, body, _ = await graph.call(
        "GET", graph.account.id, fields=f"mentioned_media.media_id({media.id}){{id}}"
    )
    assert (body["error"]["code"], body["error"]["error_subcode"]) == (100, 33)


async def test_marks_on_photos_are_listed_but_not_answered(graph: Graph) -> None:
    marked = found(graph, "Площадь", tagged=(graph.account.id,))
    found(graph, "Площадь", tagged=(graph.account.id,), is_private=True)
    [shown] = await graph.asks(lambda judge: judge.media(graph.account.id, "tags"))
    assert shown.native_id == marked.id
    assert (await refusal(graph, lambda judge: judge.ig_answer(marked.id, "Ответ"))).api_error_subcode() == 33


@pytest.mark.parametrize(
    ("right", "verb", "edge", "code"),
    [
        (IG_READ, "GET", "media", 10),
        (IG_COMMENTS, "GET", "comments", 10),
        (IG_COMMENTS, "POST", "comments", 200),
        (IG_PUBLIC, "GET", "recently_searched_hashtags", 10),
    ],
)
async def test_each_right_opens_its_own_door(
    graph: Graph, right: str, verb: str, edge: str, code: int
) -> None:
    node = a_media(graph).id if edge == "comments" else graph.account.id
    graph.facebook.access.tokens["poor"] = Token("poor", "page", graph.town.id, rights=RIGHTS - {right})
    status, body, _ = await graph.call(verb, f"{node}/{edge}", token="poor", message="Ответ")
    assert (status, body["error"]["code"]) == (403, code)
    assert (await graph.call(verb, f"{node}/{edge}", message="Ответ"))[0] == 200


async def test_another_pages_token_sees_nothing(graph: Graph) -> None:
    media = a_media(graph)
    village = graph.facebook.add_page(name="selo", title="Село")
    graph.facebook.access.tokens["other"] = Token("other", "page", village.id)
    for path in (graph.account.id, f"{graph.account.id}/media", media.id, a_comment(graph, media)):
        _, body, _ = await graph.call("GET", path, token="other")
        assert (body["error"]["code"], body["error"]["error_subcode"]) == (100, 33)


async def test_hidden_likes_are_not_told(graph: Graph) -> None:
    shy, proud = a_media(graph, likes=None), a_media(graph, likes=7)
    assert "like_count" not in await graph.get(shy.id, fields="like_count")
    assert (await graph.get(proud.id, fields="like_count"))["like_count"] == 7
