"""One session, told twice: aiogram and python-telegram-bot must see the same Telegram."""

import struct
from collections.abc import AsyncIterator

import pytest

from tests.sandbox.telegram_clients import CLIENTS, Client, Refused, validate
from tests.sandbox.telegram_running import TOKEN, Running

# python-telegram-bot asks for an environment variable to stop saying this.
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0" + b"\0" * 64
ACCEPT = {"text": "Принять", "callback_data": "a:1", "style": "success"}
LINK = {"text": "Открыть", "url": "https://vk.com/wall-1_2"}
CARD = (
    "<b>№ 17</b> <i>яма</i> <u>а</u> <s>б</s> <tg-spoiler>в</tg-spoiler> <code>г</code> <pre>д</pre> "
    '<a href="https://vk.com/wall-1_2">тут</a>\n<blockquote>цитата</blockquote> #дороги @anna /start'
)


@pytest.fixture(params=CLIENTS, ids=lambda client: client.__name__)
async def client(request: pytest.FixtureRequest, running: Running) -> AsyncIterator[Client]:
    made: Client = request.param(running.url, TOKEN)
    await made.open()
    yield made
    await made.close()
    for method, result in running.answers:
        validate(method, result)


async def refusal(client: Client, method: str, **parameters: object) -> Refused:
    with pytest.raises(Refused) as caught:
        await client.call(method, **parameters)
    return caught.value


async def updates(client: Client, running: Running) -> list[object]:
    """What came since the last look; confirmed by the next one."""
    offset = running.world.updates.page(1)[0]["update_id"] if running.world.updates.pending else None
    got = await client.call("get_updates", offset=offset, allowed_updates=[])
    await client.call("get_updates", offset=got[-1].update_id + 1 if got else None)
    return list(got)


async def test_start_and_a_card_with_everything_in_it(client: Client, running: Running) -> None:
    world = running.world
    person = world.create_user(first_name="Анна", username="anna")
    assert (await client.call("get_me")).username == "otklik_bot"
    words = (await refusal(client, "send_message", chat_id=person.id, text="рано")).words
    assert "bot can't initiate conversation with a user" in words
    assert "hat not found" in (await refusal(client, "send_message", chat_id=1, text="кто")).words

    world.start(person.id, "code_17")
    (update,) = await updates(client, running)
    assert update.message.text == "/start code_17"  # type: ignore[attr-defined]  # either library's Update
    assert update.message.entities[0].type == "bot_command"  # type: ignore[attr-defined]

    card = await client.call(
        "send_message",
        chat_id=person.id,
        text=CARD,
        parse_mode="HTML",
        reply_markup=client.keyboard([ACCEPT], [LINK]),
    )
    kinds = {str(getattr(entity.type, "value", entity.type)) for entity in card.entities}
    assert kinds == {
        "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link",
        "blockquote", "hashtag", "mention", "bot_command",
    }  # fmt: skip
    (seen,) = world.messages(person.id, after=1)
    assert seen["html"] == CARD
    assert [[button["label"] for button in row] for row in seen["keyboard"]] == [["Принять"], ["Открыть"]]

    plain = await client.call("send_message", chat_id=person.id, text="*Принято*\\.", parse_mode="MarkdownV2")
    assert plain.text == "Принято."
    words = (await refusal(client, "send_message", chat_id=person.id, text="<b>x", parse_mode="HTML")).words
    assert "an't find end tag corresponding to start tag" in words


async def test_press_answer_and_edits(client: Client, running: Running, anna: int) -> None:
    world = running.world
    keyboard = client.keyboard([ACCEPT])
    card = await client.call("send_message", chat_id=anna, text="Яма", reply_markup=keyboard)
    place = {"chat_id": anna, "message_id": card.message_id}
    world.press(anna, anna, card.message_id, label="Принять")
    (update,) = await updates(client, running)
    query = update.callback_query  # type: ignore[attr-defined]  # either library's Update
    assert (query.data, query.message.message_id) == ("a:1", card.message_id)
    await client.call("answer_callback_query", callback_query_id=query.id, text="Принято", show_alert=True)
    words = (await refusal(client, "answer_callback_query", callback_query_id=query.id)).words
    assert "uery is too old and response timeout expired or query id is invalid" in words.lower()

    words = (await refusal(client, "edit_message_text", text="Яма", reply_markup=keyboard, **place)).words
    assert words.lower().endswith("a current content and reply markup of the message")
    edited = await client.call("edit_message_text", text="Яма. Принято", **place)
    assert edited.reply_markup is None
    assert edited.edit_date
    await client.call("edit_message_reply_markup", reply_markup=keyboard, **place)
    assert world.messages(anna)[-1]["keyboard"][0][0]["style"] == "success"

    asked = await client.call(
        "send_message", chat_id=anna, text="Ваш ответ?", reply_markup=client.force_reply("Ответ")
    )
    assert world.messages(anna)[-1]["force_reply"] == {"placeholder": "Ответ"}
    words = (
        await refusal(client, "edit_message_text", text="?", chat_id=anna, message_id=asked.message_id)
    ).words
    assert "essage can't be edited" in words
    world.say(anna, "Засыпали", reply_to=asked.message_id)
    (update,) = await updates(client, running)
    assert update.message.reply_to_message.message_id == asked.message_id  # type: ignore[attr-defined]

    assert await client.call("delete_message", **place)
    assert "essage to delete not found" in (await refusal(client, "delete_message", **place)).words
    assert "essage to edit not found" in (await refusal(client, "edit_message_text", text="x", **place)).words


async def test_files_both_ways(client: Client, running: Running, anna: int) -> None:
    sent = await client.call("send_photo", chat_id=anna, photo=client.photo(PNG), caption="Яма")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (640, 480)
    again = await client.call("send_photo", chat_id=anna, photo=sent.photo[-1].file_id)
    await client.call("edit_message_caption", chat_id=anna, message_id=again.message_id, caption="Та же")
    assert await client.download(again.photo[0].file_id) == PNG
    document = await client.call("send_document", chat_id=anna, document=client.photo(b"%PDF"))
    assert document.document.file_size == 4
    album = await client.call("send_media_group", chat_id=anna, media=client.album(PNG, PNG))
    assert album[0].media_group_id == album[1].media_group_id

    running.world.send_file(anna, "photo", PNG, caption="Вот")
    running.world.send_file(anna, "voice")
    running.world.send_file(anna, "sticker")
    running.world.share_contact(anna, "+79990000000")
    photo, voice, sticker, contact = await updates(client, running)
    assert await client.download(photo.message.photo[-1].file_id) == PNG  # type: ignore[attr-defined]
    assert voice.message.voice.duration == 1  # type: ignore[attr-defined]
    assert sticker.message.sticker.emoji  # type: ignore[attr-defined]
    assert contact.message.contact.user_id == anna  # type: ignore[attr-defined]
    assert "rong file" in (await refusal(client, "send_photo", chat_id=anna, photo="nothing")).words


async def test_commands_profile_and_small_things(client: Client, running: Running, anna: int) -> None:
    listed = client.commands(start="Начать", list="Мои обращения")
    await client.call("set_my_commands", commands=listed, language_code="ru")
    assert [c.command for c in await client.call("get_my_commands", language_code="ru")] == ["start", "list"]
    assert list(await client.call("get_my_commands")) == []
    await client.call("delete_my_commands", language_code="ru")
    assert list(await client.call("get_my_commands", language_code="ru")) == []
    await client.call("set_my_description", description="Отклик")
    assert (await client.call("get_my_description")).description == "Отклик"
    assert await client.call("send_chat_action", chat_id=anna, action="typing")
    one = await client.call("send_message", chat_id=anna, text="раз")
    copied = await client.call("copy_message", chat_id=anna, from_chat_id=anna, message_id=one.message_id)
    moved = await client.call("forward_message", chat_id=anna, from_chat_id=anna, message_id=one.message_id)
    assert moved.forward_origin.sender_user.is_bot
    assert await client.call("set_message_reaction", chat_id=anna, message_id=copied.message_id)
    assert await client.call("pin_chat_message", chat_id=anna, message_id=one.message_id)
    chat = await client.call("get_chat", chat_id=anna)
    assert chat.pinned_message.message_id == one.message_id
    assert await client.call("delete_messages", chat_id=anna, message_ids=[one.message_id, 999])
    assert (await client.call("get_webhook_info")).url == ""


async def test_a_forum_its_topics_and_its_members(client: Client, running: Running, anna: int) -> None:
    world = running.world
    chat = world.create_supergroup("Дежурные", [anna], is_forum=True, bot_status="administrator")
    topic = await client.call("create_forum_topic", chat_id=chat.id, name="Дороги")
    place = {"chat_id": chat.id, "message_thread_id": topic.message_thread_id}
    said = await client.call("send_message", text="Яма", **place)
    assert (said.message_thread_id, said.is_topic_message) == (topic.message_thread_id, True)
    await client.call("edit_forum_topic", name="Дороги и дворы", **place)
    await client.call("close_forum_topic", **place)
    words = (await refusal(client, "send_message", chat_id=chat.id, message_thread_id=99, text="x")).words
    assert "essage thread not found" in words
    boris = world.create_user(first_name="Борис")
    world.add_member(chat.id, boris.id)
    assert (await client.call("get_chat_member", chat_id=chat.id, user_id=boris.id)).status == "member"
    assert (await client.call("get_chat_member", chat_id=chat.id, user_id=anna)).status == "creator"
    me = await client.call("get_chat_member", chat_id=chat.id, user_id=world.bot.id)
    assert me.status == "administrator"
    world.remove_member(chat.id, boris.id, status="kicked")
    assert (await client.call("get_chat_member", chat_id=chat.id, user_id=boris.id)).status == "kicked"
    assert (await client.call("get_chat", chat_id=chat.id)).is_forum
    kinds = [update for update in await updates(client, running) if update.my_chat_member]  # type: ignore[attr-defined]
    assert len(kinds) == 1


async def test_migration_blocking_and_too_many_requests(client: Client, running: Running, anna: int) -> None:
    world = running.world
    group = world.create_group("Двор", [anna])
    new = world.migrate(group.id)
    moved = await refusal(client, "send_message", chat_id=group.id, text="где вы")
    assert moved.migrated_to == new.id
    await client.call("send_message", chat_id=new.id, text="тут")
    world.set_bot_status(new.id, "kicked", by=anna)
    words = (await refusal(client, "send_message", chat_id=new.id, text="x")).words
    assert "bot was kicked from the supergroup chat" in words

    world.block(anna)
    assert (
        "bot was blocked by the user" in (await refusal(client, "send_message", chat_id=anna, text="x")).words
    )
    world.unblock(anna)
    last = (await updates(client, running))[-1]
    assert last.my_chat_member.new_chat_member.status == "member"  # type: ignore[attr-defined]

    world.limits.mode = "enforce"
    await client.call("send_message", chat_id=anna, text="раз")
    wait = await refusal(client, "send_message", chat_id=anna, text="два")
    assert wait.retry_after == 1
    world.deactivate(anna)
    world.limits.mode = "off"
    assert "ser is deactivated" in (await refusal(client, "send_message", chat_id=anna, text="x")).words
