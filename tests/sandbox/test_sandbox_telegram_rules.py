"""Rules a bot trips over, one by one, over plain HTTP."""

from datetime import timedelta

import aiohttp
import pytest

from sandbox.clock import SandboxClock
from sandbox.telegram.state import Json
from tests.sandbox.telegram_running import TOKEN, Running

BUTTON = {"text": "Принять", "callback_data": "a:1"}


def keyboard(*buttons: Json) -> Json:
    return {"inline_keyboard": [[button] for button in buttons]}


async def heard(running: Running) -> list[Json]:
    """New updates, confirmed."""
    updates: list[Json] = await running.result("getUpdates")
    if updates:
        await running.result("getUpdates", offset=updates[-1]["update_id"] + 1)
    return updates


@pytest.mark.parametrize("name", ["getMe", "getme", "GETME"])
async def test_method_names_have_no_case(running: Running, name: str) -> None:
    assert (await running.result(name))["is_bot"]


async def test_a_wrong_token_and_an_unknown_method_are_told_apart(running: Running) -> None:
    async with running.http.get(f"{running.url}/bot1:wrong/getMe") as reply:
        assert reply.status == 401
        assert await reply.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await running.refusal("getNothing") == "Not Found: method not found"


async def test_parameters_come_in_all_four_ways(running: Running, anna: int) -> None:
    url = f"{running.url}/bot{TOKEN}/sendMessage"
    form = aiohttp.FormData({"chat_id": str(anna), "text": "части"})
    multipart = aiohttp.MultipartWriter("form-data")
    for name, value in {"chat_id": str(anna), "text": "форма"}.items():
        multipart.append(value).set_content_disposition("form-data", name=name)
    async with running.http.get(url, params={"chat_id": anna, "text": "адрес"}) as reply:
        assert reply.status == 200
    for sent in ({"json": {"chat_id": anna, "text": "json"}}, {"data": form}, {"data": multipart}):
        async with running.http.post(url, **sent) as reply:
            assert reply.status == 200, await reply.text()
    texts = [message["text"] for message in running.world.messages(anna, after=1)]
    assert texts == ["адрес", "json", "части", "форма"]


async def test_length_is_counted_after_parsing(running: Running, anna: int) -> None:
    await running.result("sendMessage", chat_id=anna, text=f"<b>{'ж' * 4096}</b>", parse_mode="HTML")
    words = await running.refusal("sendMessage", chat_id=anna, text="ж" * 4097)
    assert words == "Bad Request: message is too long"
    words = await running.refusal("sendMessage", chat_id=anna, text=" <b> </b> ", parse_mode="HTML")
    assert words == "Bad Request: message text is empty"


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "url": "nothing here"}, "BUTTON_URL_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
    ],
)
async def test_bad_buttons_are_refused(running: Running, anna: int, button: Json, words: str) -> None:
    refused = await running.refusal("sendMessage", chat_id=anna, text="x", reply_markup=keyboard(button))
    assert refused == f"Bad Request: {words}"


async def test_a_hundred_buttons_fit_and_one_more_does_not(running: Running, anna: int) -> None:
    rows = [[BUTTON] * 4] * 25
    await running.result("sendMessage", chat_id=anna, text="x", reply_markup={"inline_keyboard": rows})
    rows = [*rows, [BUTTON]]
    markup = {"inline_keyboard": rows}
    words = await running.refusal("sendMessage", chat_id=anna, text="x", reply_markup=markup)
    assert words == "Bad Request: reply markup is too long"


async def test_a_change_of_style_alone_is_a_change(running: Running, anna: int) -> None:
    sent = await running.result("sendMessage", chat_id=anna, text="x", reply_markup=keyboard(BUTTON))
    place = {"chat_id": anna, "message_id": sent["message_id"]}
    styled = keyboard({**BUTTON, "style": "danger"})
    await running.result("editMessageReplyMarkup", **place, reply_markup=styled)
    words = await running.refusal("editMessageReplyMarkup", **place, reply_markup=styled)
    assert words.startswith("Bad Request: message is not modified: specified new message content")


async def test_others_messages_and_forwards_cannot_be_edited(running: Running, anna: int) -> None:
    theirs = running.world.say(anna, "моё").id
    forwarded = await running.result("forwardMessage", chat_id=anna, from_chat_id=anna, message_id=theirs)
    for message_id in (theirs, forwarded["message_id"]):
        words = await running.refusal("editMessageText", chat_id=anna, message_id=message_id, text="x")
        assert words == "Bad Request: message can't be edited"


async def test_a_reply_to_nothing_is_refused_unless_allowed(running: Running, anna: int) -> None:
    reply = {"message_id": 999}
    words = await running.refusal("sendMessage", chat_id=anna, text="x", reply_parameters=reply)
    assert words == "Bad Request: message to be replied not found"
    reply = {"message_id": 999, "allow_sending_without_reply": True}
    await running.result("sendMessage", chat_id=anna, text="x", reply_parameters=reply)


async def test_a_press_expires(running: Running, anna: int, clock: SandboxClock) -> None:
    sent = await running.result("sendMessage", chat_id=anna, text="x", reply_markup=keyboard(BUTTON))
    press = running.world.press(anna, anna, sent["message_id"], data="a:1")
    clock.forward(timedelta(minutes=2))
    words = await running.refusal("answerCallbackQuery", callback_query_id=press["callback_query_id"])
    assert words == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert running.world.summary()["presses_acknowledged"] == 0


async def test_nothing_older_than_two_days_is_deleted(
    running: Running, anna: int, clock: SandboxClock
) -> None:
    sent = await running.result("sendMessage", chat_id=anna, text="x")
    clock.forward(timedelta(hours=49))
    words = await running.refusal("deleteMessage", chat_id=anna, message_id=sent["message_id"])
    assert words == "Bad Request: message can't be deleted"


async def test_dates_follow_the_sandbox_clock(running: Running, anna: int, clock: SandboxClock) -> None:
    before = await running.result("sendMessage", chat_id=anna, text="до")
    clock.forward(timedelta(days=3))
    after = await running.result("sendMessage", chat_id=anna, text="после")
    assert after["date"] - before["date"] >= 3 * 86_400


async def test_privacy_mode_lets_only_its_own_business_through(running: Running, anna: int) -> None:
    world = running.world
    group = world.create_group("Двор", [anna])
    boris = world.create_user(first_name="Борис")
    world.add_member(group.id, boris.id)
    sent = await running.result("sendMessage", chat_id=group.id, text="Кто возьмёт?")
    world.say(anna, "просто разговор", chat_id=group.id)
    world.say(anna, "@otklik_bot слышишь", chat_id=group.id)
    world.say(anna, "/list", chat_id=group.id)
    world.say(anna, "/list@other_bot", chat_id=group.id)
    world.say(anna, "я", chat_id=group.id, reply_to=sent["message_id"])
    updates = await heard(running)
    assert "my_chat_member" in updates[0]
    said = [update["message"] for update in updates[1:]]
    assert [m.get("text") or next(k for k in m if "chat" in k and k != "chat") for m in said] == [
        "group_chat_created",
        "new_chat_members",
        "/list",
        "я",
    ]
    world.set_bot_status(group.id, "administrator")
    world.say(anna, "просто разговор", chat_id=group.id)
    assert [u["message"]["text"] for u in await heard(running) if "message" in u] == ["просто разговор"]


async def test_the_bot_is_not_told_of_its_own_messages(running: Running, anna: int) -> None:
    await running.result("sendMessage", chat_id=anna, text="x")
    assert await heard(running) == []


async def test_edits_of_people_arrive_and_their_deletions_do_not(running: Running, anna: int) -> None:
    message = running.world.say(anna, "яма")
    running.world.edit(anna, anna, message.id, "яма на Ленина")
    running.world.remove(anna, anna, message.id)
    updates = await heard(running)
    assert [next(kind for kind in update if kind != "update_id") for update in updates] == [
        "message",
        "edited_message",
    ]
    assert updates[1]["edited_message"]["text"] == "яма на Ленина"


async def test_updates_return_until_confirmed_and_only_the_wanted_kinds(running: Running, anna: int) -> None:
    running.world.say(anna, "раз")
    running.world.say(anna, "два")
    first = await running.result("getUpdates", limit=1)
    assert await running.result("getUpdates", limit=1) == first
    (second,) = await running.result("getUpdates", offset=first[0]["update_id"] + 1)
    assert second["message"]["text"] == "два"
    await running.result("getUpdates", offset=second["update_id"] + 1, allowed_updates=["callback_query"])
    running.world.say(anna, "три")
    assert await running.result("getUpdates") == []
    assert running.world.summary()["updates_confirmed"] == 2


async def test_updates_are_forgotten_after_a_day(running: Running, anna: int, clock: SandboxClock) -> None:
    running.world.say(anna, "вчера")
    clock.forward(timedelta(hours=25))
    running.world.say(anna, "сегодня")
    assert [update["message"]["text"] for update in await heard(running)] == ["сегодня"]


async def test_a_forged_press_reaches_the_bot(running: Running, anna: int) -> None:
    boris = running.world.create_user(first_name="Борис")
    sent = await running.result("sendMessage", chat_id=anna, text="x")
    running.world.press(boris.id, anna, sent["message_id"], data="admin:all", force=True)
    running.world.press(boris.id, anna, 999, data="admin:all", force=True)
    one, two = await heard(running)
    assert (one["callback_query"]["from"]["id"], one["callback_query"]["data"]) == (boris.id, "admin:all")
    assert two["callback_query"]["message"]["date"] == 0
