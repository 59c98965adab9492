"""What the bot hears in registered chats, made into posts: whose words they are, and what they stand under."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors import telegram
from collectors.contract import BotAccess, Connector, NetworkError, Outcome, Page, Watch
from collectors.pushing import Pushed
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability
from sandbox.clock import SandboxClock
from sandbox.telegram.world import TelegramWorld
from tests.collectors.free_tools import tools

TOKEN = "42:TEST-token-of-the-source"
ACCESS = BotAccess("https://api.telegram.example.org", SecretStr(TOKEN))


class Town:
    """A channel and its discussion group in an emulated Telegram, and the network that hears them."""

    def __init__(self, *, registered: Sequence[str] = ("channel", "group")) -> None:
        self.world = TelegramWorld(SandboxClock(), token=TOKEN, privacy=False)
        self.olga = self.world.create_user(first_name="Ольга", last_name="Лапина").id
        self.petr = self.world.create_user(first_name="Пётр", last_name="Ильин").id
        self.channel = self.world.create_channel("Город", self.olga, username="Gorod").id
        self.group = self.world.create_supergroup("Обсуждение", [self.olga]).id
        self.world.link(self.channel, self.group)
        self.asked: list[str] = []
        self.trouble: httpx.Response | None = None
        pages = {
            "channel": Page(native_id=str(self.channel), name="gorod", territory="Верхнереченск"),
            "group": Page(native_id=str(self.group), title="Разговоры", territory="Верхнереченск"),
        }
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        settings = telegram.TelegramSourceSettings(enabled=True)
        self.connector: Connector = telegram.connect(settings, tools(self.http, bot=ACCESS))
        assert self.connector.watch(Watch(pages=tuple(pages[one] for one in registered))) == []
        self.world.updates.drop()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.rpartition("/")[2])
        if self.trouble is not None:
            return self.trouble
        chat = {"id": self.group, "type": "supergroup", "linked_chat_id": self.channel}
        return httpx.Response(200, json={"ok": True, "result": chat})

    async def posts(self) -> list[FoundPost]:
        """What the updates since the last look brought."""
        heard = self.world.updates.page(100)
        self.world.updates.drop()
        return [post for update in heard for post in await self.understand(update)]

    async def understand(self, update: object) -> Sequence[FoundPost]:
        assert self.connector.hook is not None
        return await self.connector.hook.understand(Pushed("1", json.dumps(update).encode()))

    def native(self, number: int) -> str:
        return f"{self.group}:{number}"


def short(chat_id: int) -> int:
    """The number in the addresses of t.me/c/."""
    return -chat_id - 1_000_000_000_000


async def test_a_channels_post_and_its_copy_are_the_pages_own() -> None:
    town = Town()
    number = town.world.say(town.olga, "Завтра отключат воду", chat_id=town.channel).id
    copy = town.world.copy_of(town.channel, number)
    assert copy is not None
    post, there = await town.posts()
    assert (post.native_id, post.url) == (f"{town.channel}:{number}", f"https://t.me/Gorod/{number}")
    assert (post.by_community, post.root_id, post.parent_id) == (True, None, None)
    assert (post.reply_capability, post.reply_reason) == (ReplyCapability.IMPOSSIBLE, "channel_post")
    assert (post.community_id, post.community_title, post.author_name) == (
        str(town.channel),
        "Город",
        "Город",
    )
    assert (there.native_id, there.by_community, there.root_id) == (town.native(copy.id), True, None)
    assert there.url == f"https://t.me/c/{short(town.group)}/{copy.id}"
    assert there.posted_at.utcoffset() is not None
    town.world.edit(town.olga, town.channel, number, "Завтра отключат газ")
    edited = await town.posts()
    assert [one.native_id for one in edited] == [post.native_id, there.native_id]
    assert {one.text for one in edited} == {"Завтра отключат газ"}
    assert all(one.edited_at is not None and one.by_community for one in edited)


async def test_a_comment_stands_under_the_copy_and_an_answer_to_it_under_the_comment() -> None:
    town = Town()
    number = town.world.say(town.olga, "Новости", chat_id=town.channel).id
    copy = town.world.copy_of(town.channel, number)
    assert copy is not None
    asked = town.world.comment(town.petr, town.channel, number, "Яма на Ленина")
    as_channel = town.world.say(
        town.olga, "Заделаем", chat_id=town.group, reply_to=asked.id, spoken_as=town.channel
    )
    as_group = town.world.say(town.olga, "Уже", chat_id=town.group, reply_to=asked.id, spoken_as=town.group)
    own = town.world.say(town.olga, "От себя", chat_id=town.group, reply_to=as_channel.id)
    comment, *answers = (await town.posts())[2:]
    assert (comment.native_id, comment.root_id, comment.parent_id) == (
        town.native(asked.id),
        town.native(copy.id),
        None,
    )
    assert (comment.by_community, comment.author_name, comment.community_title) == (
        False,
        "Пётр Ильин",
        "Разговоры",
    )
    assert (comment.reply_capability, comment.territory) == (ReplyCapability.API, "Верхнереченск")
    assert comment.url == f"https://t.me/c/{short(town.group)}/{copy.id}/{asked.id}"
    assert [(one.native_id, one.parent_id, one.by_community) for one in answers] == [
        (town.native(as_channel.id), town.native(asked.id), True),
        (town.native(as_group.id), town.native(asked.id), True),
        (town.native(own.id), town.native(as_channel.id), False),
    ]
    assert {one.root_id for one in answers} == {town.native(copy.id)}
    assert town.asked == []  # all faces are known


async def test_the_channel_of_a_group_is_official_although_only_the_group_is_registered() -> None:
    town = Town(registered=["group"])
    number = town.world.say(town.olga, "Новости", chat_id=town.channel).id
    asked = town.world.comment(town.petr, town.channel, number, "Яма")
    for text in ("Едем", "Приехали"):
        town.world.say(town.olga, text, chat_id=town.group, reply_to=asked.id, spoken_as=town.channel)
    copy, comment, *answers = await town.posts()  # the channel's own post is nobody's
    assert (copy.by_community, comment.by_community) == (True, False)
    assert [one.by_community for one in answers] == [True, True]
    assert town.asked == ["getChat"]  # once, although two were to be told apart


async def test_a_resident_may_write_in_the_name_of_a_channel_of_their_own() -> None:
    town = Town()
    mine = town.world.create_channel("Канал Петра", town.petr, bot_status="left").id
    number = town.world.say(town.olga, "Новости", chat_id=town.channel).id
    town.world.comment(town.petr, town.channel, number, "Яма", spoken_as=mine)
    comment = (await town.posts())[-1]
    assert (comment.by_community, comment.author_name, comment.text) == (False, "Канал Петра", "Яма")


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_who_cannot_be_told_apart_now_is_asked_about_later(status: int) -> None:
    town = Town(registered=["group"])
    asked = town.world.say(town.olga, "Яма", chat_id=town.group)
    town.world.say(town.olga, "Едем", chat_id=town.group, reply_to=asked.id, spoken_as=town.channel)
    update = town.world.updates.page(100)[-1]
    town.trouble = httpx.Response(status, json={"ok": False, "error_code": status, "description": "x"})
    with pytest.raises(NetworkError) as refused:
        await town.understand(update)
    assert refused.value.outcome is Outcome.LATER
    assert refused.value.retry_after is not None
    assert TOKEN not in str(refused.value)
    town.trouble = None
    [answer] = await town.understand(update)
    assert (answer.by_community, answer.root_id) == (True, town.native(asked.id))


async def test_a_group_the_bot_was_put_out_of_is_still_told() -> None:
    town = Town(registered=["group"])
    town.world.say(town.olga, "Едем", chat_id=town.group, spoken_as=town.channel)
    town.trouble = httpx.Response(
        403, json={"ok": False, "error_code": 403, "description": "Forbidden: bot was kicked"}
    )
    assert len(await town.posts()) == 1


async def test_an_edited_comment_keeps_its_name() -> None:
    town = Town()
    said = town.world.say(town.olga, "Яма", chat_id=town.group)
    [first] = await town.posts()
    town.world.edit(town.olga, town.group, said.id, "Яма на Ленина")
    [second] = await town.posts()
    assert first.native_id == second.native_id
    assert (first.edited_at, second.text) == (None, "Яма на Ленина")
    assert second.edited_at is not None


async def test_words_of_pictures_count_and_pictures_without_words_too() -> None:
    town = Town()
    for kind, caption in (("photo", "Вот яма"), ("photo", ""), ("voice", ""), ("sticker", "")):
        town.world.send_file(town.olga, kind, caption=caption, chat_id=town.group)
    assert [(one.text, one.photos) for one in await town.posts()] == [("Вот яма", ()), ("", ()), ("", ())]


async def test_an_album_is_one_post() -> None:
    town = Town()
    for caption in ("Вот яма", "", ""):
        town.world.send_file(town.olga, "photo", caption=caption, chat_id=town.group)
    updates = town.world.updates.page(100)
    for update in updates:
        update["message"]["media_group_id"] = "7"
    assert [post.text for update in updates for post in await town.understand(update)] == ["Вот яма"]


async def test_a_topic_of_a_forum_is_no_post() -> None:
    town = Town()
    forum = town.world.create_supergroup("Двор", [town.olga], is_forum=True)
    town.connector.watch(Watch(pages=(Page(native_id=str(forum.id)),)))
    topic = town.world.create_topic(town.olga, forum.id, "Дороги")
    town.world.updates.drop()
    asked = town.world.say(town.olga, "Яма", chat_id=forum.id, thread_id=topic.thread_id)
    opened = town.world.say(town.olga, "И тут", chat_id=forum.id, reply_to=topic.thread_id)
    answer = town.world.say(town.olga, "Едем", chat_id=forum.id, reply_to=asked.id, spoken_as=forum.id)
    first, second, third = await town.posts()
    assert (first.root_id, second.root_id, second.parent_id) == (None, None, None)
    assert first.url == f"https://t.me/c/{short(forum.id)}/{topic.thread_id}/{asked.id}"
    assert (third.root_id, third.by_community) == (f"{forum.id}:{asked.id}", True)
    assert [one.native_id for one in (second, third)] == [
        f"{forum.id}:{opened.id}",
        f"{forum.id}:{answer.id}",
    ]


async def test_a_chat_is_known_by_its_name_until_its_number_was_asked() -> None:
    town = Town(registered=[])
    town.connector.watch(Watch(pages=(Page(native_id="", name="gorod", title="Наш город"),)))
    town.world.say(town.olga, "Новости", chat_id=town.channel)
    [post] = await town.posts()
    assert (post.community_title, post.by_community) == ("Наш город", True)


async def test_strangers_private_chats_and_bots_bring_nothing() -> None:
    town = Town()
    yard = town.world.create_supergroup("Соседи", [town.petr])
    basic = town.world.create_group("Двор", [town.petr])
    pages = (Page(native_id=str(town.group)), Page(native_id=str(basic.id)), Page(native_id=str(town.petr)))
    town.connector.watch(Watch(pages=pages))
    town.world.updates.drop()
    town.world.start(town.petr)
    town.world.say(town.petr, "Яма")
    for chat in (yard, basic):
        town.world.say(town.petr, "Яма", chat_id=chat.id)
    other = town.world.say(town.olga, "Куплю гараж", chat_id=town.group)
    [update] = [one for one in town.world.updates.page(100) if one["message"]["chat"]["id"] == town.group]
    assert len(await town.posts()) == 1
    update["message"]["from"]["is_bot"] = True
    assert await town.understand(update) == []
    town.world.remove(town.olga, town.group, other.id)
    town.world.add_member(town.group, town.petr)  # somebody came in
    assert await town.posts() == []


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": None},
        {"message_id": "7"},
        {"date": None},
        {"date": True},
        {"date": -1},
        {"date": 10**30},
        {"text": None},
        {"text": "  "},
        {"chat": None},
        {"chat": {"id": "x", "type": "supergroup"}},
        {"chat": []},
    ],
)
async def test_what_is_no_message_brings_nothing(change: dict[str, Any]) -> None:
    town = Town()
    town.world.say(town.olga, "Яма", chat_id=town.group)
    [update] = town.world.updates.page(10)
    assert len(await town.understand(update)) == 1
    update["message"].update(change)
    assert await town.understand(update) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b'{"message": []}', b"\xff", b"[" * 100_000])
async def test_garbage_brings_nothing(body: bytes) -> None:
    town = Town()
    assert town.connector.hook is not None
    assert await town.connector.hook.understand(Pushed("1", body)) == []


async def test_odd_places_and_unstorable_words_are_left_out() -> None:
    town = Town()
    town.world.say(town.olga, "Яма", chat_id=town.group)
    [update] = town.world.updates.page(10)
    odd = {
        "reply_to_message": 7,
        "message_thread_id": "x",
        "sender_chat": "y",
        "edit_date": "z",
        "from": None,
    }
    update["message"] |= odd | {"text": "Я\0ма \ud800"}
    [post] = await town.understand(update)
    assert (post.text, post.root_id, post.edited_at, post.author_name) == ("Яма \ufffd", None, None, "")
    post.text.encode()
