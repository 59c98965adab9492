"""An independent client, pyodnoklassniki, believes the sandbox to be Odnoklassniki; and the whole story with it."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from collectors.contract import Reply
from tests.collectors.ok_cast import KEY, MORNING, SECRET, TOKEN, TOWN, Ok, an_ok

# No types come with it.
pyodnoklassniki: Any = importlib.import_module("pyodnoklassniki")
requestor: Any = importlib.import_module("pyodnoklassniki.requestor")

COMMENT = (
    "comment.ID,comment.TEXT,comment.AUTHOR_REF,comment.AUTHOR_NAME,comment.DATE,comment.REPLY_TO_COMMENT_ID"
)


class Judge:
    """pyodnoklassniki calls and waits, so it works in a thread."""

    def __init__(self, ok: Ok) -> None:
        self.ok = ok

    async def asks(self, method: str, *, token: str = TOKEN, **params: Any) -> Any:
        pyodnoklassniki.app_pub_key = KEY
        pyodnoklassniki.app_secret_key = SECRET
        pyodnoklassniki.api_base = f"{self.ok.url}/ok/fb.do"
        group, _, name = method.partition(".")
        api = pyodnoklassniki.OdnoklassnikiAPI(access_token=token)
        return await asyncio.to_thread(getattr(getattr(api, group), name), **params)

    async def refused(self, method: str, **params: Any) -> Any:
        with pytest.raises(pyodnoklassniki.OdnoklassnikiError) as refused:
            await self.asks(method, **params)
        return refused.value

    async def comments(self, native_id: str, **params: Any) -> list[dict[str, Any]]:
        where = {"discussionId": native_id.split(":")[1], "discussionType": "GROUP_TOPIC"}
        return list(
            (await self.asks("discussions.getComments", fields=COMMENT, **where, **params))["comments"]
        )


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    async with an_ok() as ok:
        yield Judge(ok)
    requestor.session.close()


async def test_the_story_of_a_post_and_its_answer(judge: Judge) -> None:
    """A resident writes, our collector brings it, our publisher answers, and the other client reads the answer."""
    ok = judge.ok
    root = await ok.offers("Новости", author="community")
    question = await ok.offers("Когда засыплют яму на Ленина?", under=root, author_name="Анна Петрова")
    found = {post.native_id: post for post in await ok.passage(ok.collectors()[0])}
    assert not found[question].by_community
    answer = "Засыплем до пятницы — «ёлки» & 100 %.\nСпасибо! 👷"
    published = await ok.publisher().publish(Reply(question, root, answer, "a-1"))
    read = {one["id"]: one for one in await judge.comments(root)}
    ours, theirs = read[published.native_id.rpartition(":")[2]], read[question.rpartition(":")[2]]
    assert (ours["text"], ours["author_ref"]) == (answer, f"group:{TOWN}")
    assert ours["reply_to_comment_id"] == theirs["id"]
    assert (theirs["text"], theirs["author_name"]) == (found[question].text, "Анна Петрова")
    ok.clock.forward(minutes=5)
    again = {post.native_id: post for post in await ok.passage(ok.collectors()[0])}
    assert again[published.native_id].by_community
    assert again[published.native_id].parent_id == question
    assert ok.world.received == [(question, answer)]
    assert ok.world.shown() == {"answers": {question: [answer]}, "doubled": 0}
    assert [(native, mine) for native, _, mine in ok.world.offered] == [(root, False), (question, True)]


async def test_discussions_topics_and_people_are_read(judge: Judge) -> None:
    native = await judge.ok.offers(
        "Яма #дороги\nУже год", photos=["https://i.okcdn.ru/1.jpg"], author_name="Анна Ли"
    )
    topic = native.split(":")[1]
    fields = (
        "discussion.OBJECT_TYPE,discussion.OBJECT_ID,discussion.TITLE,discussion.NEW_COMMENTS_COUNT,group.UID"
    )
    listed = await judge.asks("discussions.getList", category="GROUP", count=100, fields=fields)
    assert listed["discussions"] == [
        {"object_id": topic, "object_type": "GROUP_TOPIC", "title": "Яма #дороги", "new_comments_count": 0,
         "ref_objects": [{"id": TOWN, "type": "GROUP"}]}
    ]  # fmt: skip
    fields = "media_topic.*,group_photo.*,user.UID,user.NAME"
    read = await judge.asks("mediatopic.getByIds", topic_ids=topic, fields=fields)
    [shown] = read["media_topics"]
    assert shown["media"][0] == {"type": "text", "text": "Яма #дороги\nУже год"}
    assert shown["created_ms"] == int(MORNING.timestamp() * 1000)
    assert read["entities"]["group_photos"][0]["ref"] == shown["media"][1]["photo_refs"][0]
    assert read["entities"]["users"][0]["name"] == "Анна Ли"
    tagged = await judge.asks("search.tagContents", query="дороги", fields="media_topic.ID")
    assert tagged["entities"]["media_topics"] == [{"id": topic}]
    assert (await judge.asks("users.getCurrentUser"))["name"] == "Администратор Группы"
    [group] = await judge.asks("group.getInfo", uids=TOWN, fields="uid,name,shortname")
    assert group == {"uid": TOWN, "name": "Город Солнечный", "shortname": "gorod"}
    assert (await judge.asks("url.getInfo", url="https://ok.ru/gorod"))["objectIdStr"] == TOWN


async def test_it_writes_in_cyrillic(judge: Judge) -> None:
    native = await judge.ok.offers("Яма")
    where = {"entityId": native.split(":")[1], "entityType": "GROUP_TOPIC"}
    made = await judge.asks("discussions.addDiscussionComment", comment="Засыплем", as_admin="true", **where)
    assert isinstance(made, str)
    assert [(one["id"], one["text"]) for one in await judge.comments(native)] == [(made, "Засыплем")]
    posted = await judge.asks(
        "mediatopic.post", gid=TOWN, type="GROUP_THEME",
        attachment='{"media": [{"type": "text", "text": "Объявление"}]}',
    )  # fmt: skip
    assert judge.ok.world.topics[posted].author == f"group:{TOWN}"


async def test_comments_are_paged_both_ways(judge: Judge) -> None:
    native = await judge.ok.offers("Яма")
    for number in range(5):
        await judge.ok.offers(str(number), under=native)
    where: dict[str, Any] = {
        "discussionId": native.split(":")[1],
        "discussionType": "GROUP_TOPIC",
        "fields": COMMENT,
        "count": 2,
    }
    for start, direction, wanted in (
        ("FIRST", "FORWARD", ["0", "1", "2", "3", "4"]),
        ("LAST", "BACKWARD", ["3", "4", "1", "2", "0"]),
    ):
        anchor, texts, more = start, [], True
        while more:
            page = await judge.asks("discussions.getComments", anchor=anchor, direction=direction, **where)
            anchor, more = page["anchor"], page["has_more"]
            texts += [one["text"] for one in page["comments"]]
        assert texts == wanted


async def test_reading_marks_as_read_only_when_asked(judge: Judge) -> None:
    native = await judge.ok.offers("Яма")
    await judge.ok.offers("Да", under=native)

    async def new() -> int:
        listed = await judge.asks(
            "discussions.getList", category="GROUP", fields="discussion.NEW_COMMENTS_COUNT"
        )
        return int(listed["discussions"][0]["new_comments_count"])

    await judge.comments(native, mark_as_read="false")
    assert await new() == 1
    await judge.comments(native, mark_as_read="true")
    assert await new() == 0


async def test_refusals_are_what_the_judge_knows(judge: Judge) -> None:
    ok = judge.ok
    native = await ok.offers("Яма")
    topic = native.split(":")[1]
    where = {"discussionId": topic, "discussionType": "GROUP_TOPIC"}
    assert (await judge.refused("users.getCurrentUser", token="stolen")).code == 103
    assert (await judge.refused("events.get")).code == 3
    assert (
        await judge.refused("discussions.getComments", discussionId="1", discussionType="GROUP_TOPIC")
    ).code == 300
    assert (await judge.refused("discussions.getComments", **where, count=101)).code == 100
    assert (await judge.refused("mediatopic.getByIds", topic_ids=f"{topic},{topic}")).code == 100
    unknown = await judge.refused("discussions.getComments", **where, fields="comment.CREATED_MS")
    assert (unknown.code, "CREATED_MS" in unknown.message) == (100, True)
    assert unknown.http_status_code == 200
    write = {"entityId": topic, "entityType": "GROUP_TOPIC"}
    wrong = await judge.refused(
        "discussions.addDiscussionComment", **write, comment="1", reply_to_comment_id="1"
    )
    assert wrong.code == 140
    await ok.does("tokens", token=TOKEN, application_key=KEY, application_secret="another")
    assert (await judge.refused("users.getCurrentUser")).code == 104
    await ok.does(
        "tokens", token=TOKEN, application_key=KEY, application_secret=SECRET, rights=["VALUABLE_ACCESS"]
    )
    refused = await judge.refused("discussions.addDiscussionComment", **write, comment="1")
    assert (refused.code, isinstance(refused, pyodnoklassniki.AuthError)) == (200, True)
    await ok.does("tokens", token=TOKEN, application_key=KEY, application_secret=SECRET, expired=True)
    expired = await judge.refused("users.getCurrentUser")
    assert expired.code == 102
    assert expired.message == "PARAM_SESSION_EXPIRED : Session expired"


async def test_without_a_session_little_is_told(judge: Judge) -> None:
    pyodnoklassniki.app_pub_key, pyodnoklassniki.app_secret_key = KEY, SECRET
    pyodnoklassniki.api_base = f"{judge.ok.url}/ok/fb.do"
    api = pyodnoklassniki.OdnoklassnikiAPI()
    with pytest.raises(pyodnoklassniki.AuthError) as refused:
        await asyncio.to_thread(api.users.getCurrentUser)
    assert refused.value.code == 453
