"""Channels and their discussion groups, judged by both libraries: who is told what, and as whom."""

import aiogram
import pytest
import telegram

from sandbox.telegram.driver import PersonError
from tests.sandbox import test_sandbox_telegram_session as session
from tests.sandbox.telegram_clients import Aiogram, Client
from tests.sandbox.telegram_running import Running

pytestmark = session.pytestmark
client = session.client
refusal, updates = session.refusal, session.updates


class Town:
    """A channel with its discussion group; Ольга leads both, Пётр only reads."""

    def __init__(self, running: Running) -> None:
        self.world = running.world
        self.world.privacy = False
        self.olga = self.world.create_user(first_name="Ольга").id
        self.petr = self.world.create_user(first_name="Пётр").id
        self.channel = self.world.create_channel("Город", self.olga, username="Gorod").id
        self.group = self.world.create_supergroup("Обсуждение", [self.olga]).id
        self.world.link(self.channel, self.group)
        self.world.updates.drop()

    def post(self, text: str) -> int:
        return self.world.say(self.olga, text, chat_id=self.channel).id


@pytest.fixture
def town(running: Running) -> Town:
    return Town(running)


async def test_a_post_is_told_twice_as_the_channels_and_as_its_copy(
    client: Client, running: Running, town: Town
) -> None:
    number = town.post("Завтра отключат воду")
    post, copy = await updates(client, running)
    assert post.channel_post.message_id == number  # type: ignore[attr-defined]  # either library's Update
    assert post.channel_post.from_user is None  # type: ignore[attr-defined]
    assert post.channel_post.sender_chat.id == town.channel  # type: ignore[attr-defined]
    assert post.channel_post.chat.username == "Gorod"  # type: ignore[attr-defined]
    there = copy.message  # type: ignore[attr-defined]
    assert there.is_automatic_forward is True
    assert (there.chat.id, there.sender_chat.id, there.from_user.id) == (town.group, town.channel, 777000)
    assert (there.forward_origin.chat.id, there.forward_origin.message_id) == (town.channel, number)
    town.world.edit(town.olga, town.channel, number, "Завтра отключат газ")
    post, copy = await updates(client, running)
    assert post.edited_channel_post.text == "Завтра отключат газ"  # type: ignore[attr-defined]
    assert copy.edited_message.is_automatic_forward is True  # type: ignore[attr-defined]
    assert copy.edited_message.text == "Завтра отключат газ"  # type: ignore[attr-defined]


async def test_comments_of_anybody_stand_in_the_posts_thread(
    client: Client, running: Running, town: Town
) -> None:
    number = town.post("Завтра отключат воду")
    copy = town.world.copy_of(town.channel, number)
    assert copy is not None
    first = town.world.comment(town.petr, town.channel, number, "До какого часа?")
    second = town.world.say(
        town.olga, "До шести", chat_id=town.group, reply_to=first.id, spoken_as=town.channel
    )
    third = town.world.say(
        town.olga, "Или до семи", chat_id=town.group, reply_to=second.id, spoken_as=town.group
    )
    asked, told, corrected = [one.message for one in (await updates(client, running))[2:]]  # type: ignore[attr-defined]
    assert (asked.message_thread_id, asked.reply_to_message.message_id) == (copy.id, copy.id)
    assert not asked.is_topic_message
    assert asked.reply_to_message.is_automatic_forward is True
    assert asked.from_user.id == town.petr
    assert (told.message_thread_id, told.reply_to_message.message_id) == (copy.id, first.id)
    assert (told.sender_chat.id, told.from_user.username) == (town.channel, "Channel_Bot")
    assert (corrected.sender_chat.id, corrected.from_user.username) == (town.group, "GroupAnonymousBot")
    assert corrected.message_id == third.id
    assert [one["from"]["name"] for one in town.world.messages(town.group)[-2:]] == ["Город", "Обсуждение"]


async def test_the_bot_answers_a_comment_and_never_one_that_is_gone(
    client: Client, running: Running, town: Town
) -> None:
    comment = town.world.comment(town.petr, town.channel, town.post("Новости"), "Яма")
    place = {"chat_id": town.group, "reply_parameters": reply_to(client, comment.id)}
    sent = await client.call("send_message", text="Заделаем", **place)
    assert (sent.message_thread_id, sent.reply_to_message.message_id) == (comment.root_id, comment.id)
    assert sent.from_user.is_bot
    town.world.remove(town.petr, town.group, comment.id)
    words = (await refusal(client, "send_message", text="Заделаем", **place)).words
    assert words.endswith("essage to be replied not found")


def reply_to(client: Client, message_id: int) -> object:
    """The library's own object."""
    is_aiogram = isinstance(client, Aiogram)
    kind = aiogram.types.ReplyParameters if is_aiogram else telegram.ReplyParameters
    return kind(message_id=message_id)


async def test_a_channel_answers_by_name_number_and_rights(
    client: Client, running: Running, town: Town
) -> None:
    chat = await client.call("get_chat", chat_id="@gorod")
    assert (chat.id, chat.type, chat.linked_chat_id) == (town.channel, "channel", town.group)
    assert (await client.call("get_chat", chat_id=town.group)).linked_chat_id == town.channel
    me = await client.call("get_chat_member", chat_id=town.channel, user_id=town.world.bot.id)
    assert me.status == "administrator"
    sent = await client.call("send_message", chat_id="@gorod", text="Сами")
    assert (sent.from_user, sent.sender_chat.id) == (None, town.channel)
    town.world.set_bot_status(town.channel, "kicked", by=town.olga)
    words = (await refusal(client, "send_message", chat_id=town.channel, text="x")).words
    assert "bot was kicked from the channel chat" in words
    # Whatever has a name can be looked at from outside; asking who is in it cannot.
    assert (await client.call("get_chat", chat_id="@gorod")).title == "Город"
    await refusal(client, "get_chat_member", chat_id=town.channel, user_id=town.world.bot.id)
    assert "hat not found" in (await refusal(client, "get_chat", chat_id="@nobody")).words


async def test_what_the_bot_may_not_hear_it_does_not_hear(
    client: Client, running: Running, town: Town
) -> None:
    town.world.privacy = True
    number = town.post("Новости")
    town.world.comment(town.petr, town.channel, number, "Яма")
    assert [one.channel_post.text for one in await updates(client, running)] == ["Новости"]  # type: ignore[attr-defined]
    town.world.set_bot_status(town.group, "administrator", by=town.olga)
    town.world.comment(town.petr, town.channel, number, "Опять яма")
    heard = [one.message for one in await updates(client, running)]  # type: ignore[attr-defined]
    assert [one.text for one in heard if one is not None] == ["Опять яма"]


async def test_nobody_writes_where_they_may_not(town: Town) -> None:
    world = town.world
    number = town.post("Новости")
    with pytest.raises(PersonError, match="does not write in channel"):
        world.say(town.petr, "Я тоже канал", chat_id=town.channel)
    with pytest.raises(PersonError, match="does not lead"):
        world.comment(town.petr, town.channel, number, "Мы — город", spoken_as=town.channel)
    with pytest.raises(PersonError, match="nobody writes as"):
        world.say(town.olga, "?", chat_id=town.channel, spoken_as=town.group)
    world.add_member(town.group, town.petr)
    world.remove_member(town.group, town.petr, status="kicked")
    with pytest.raises(PersonError, match="is not in chat"):
        world.comment(town.petr, town.channel, number, "Пустите")
    with pytest.raises(PersonError, match="cannot be commented"):
        world.comment(town.olga, town.channel, 99, "Куда?")
    with pytest.raises(PersonError, match="linked already"):
        world.link(town.channel, town.group)
    with pytest.raises(PersonError, match="is taken"):
        world.create_channel("Другой", town.olga, username="GOROD")
    # A resident's own channel is a face like another.
    mine = world.create_channel("Канал Петра", town.petr, bot_status="left").id
    world.add_member(town.group, town.petr)
    assert world.comment(town.petr, town.channel, number, "Яма", spoken_as=mine).spoken_as == mine


async def test_people_do_all_this_over_control(running: Running) -> None:
    control = running.control
    running.world.privacy = False
    olga = (await control("telegram/users", first_name="Ольга"))["id"]
    petr = (await control("telegram/users", first_name="Пётр"))["id"]
    group = await control("telegram/groups", type="supergroup", title="Обсуждение", members=[olga])
    channel = await control(
        "telegram/channels", title="Город", owner=olga, username="gorod", group_id=group["id"]
    )
    assert (channel["type"], channel["username"], channel["linked"]) == ("channel", "gorod", group["id"])
    assert await control("telegram/name", chat_id=group["id"], username="gorod_chat") == {"ok": True}
    post = await control("telegram/say", user_id=olga, chat_id=channel["id"], text="Новости")
    comment = await control(
        "telegram/comment", user_id=petr, channel_id=channel["id"], post_id=post["message_id"], text="Яма"
    )
    assert comment["chat_id"] == group["id"]
    assert comment["update_id"]
    place = {"chat_id": group["id"], "reply_to_message_id": comment["message_id"]}
    await control("telegram/say", user_id=olga, text="Едем", spoken_as=channel["id"], **place)
    read = await control(f"telegram/chats/{group['id']}/messages")
    copy, asked, told = read["messages"][1:]
    assert copy["copied_from"] == post["message_id"]
    assert (asked["root_id"], told["root_id"], told["from"]["name"]) == (
        copy["message_id"],
        copy["message_id"],
        "Город",
    )
    assert "error" in await control("telegram/channels", title="x", owner=olga, bot_status="member")
