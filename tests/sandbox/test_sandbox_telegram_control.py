"""The people's side over HTTP, as a browser page or a scripted person uses it."""

import asyncio
import base64
import re
import sys
from asyncio.subprocess import PIPE

import aiohttp
import pytest

from sandbox.telegram.driver import PersonError
from sandbox.telegram.events import KEPT, EventLog
from tests.sandbox.telegram_running import Running


async def test_a_conversation_by_control_alone(running: Running) -> None:
    person = await running.control("telegram/users", id=7001, first_name="Анна", username="anna")
    assert person["id"] == 7001
    started = await running.control("telegram/start", user_id=7001, payload="x")
    assert started == {"message_id": 1, "chat_id": 7001, "update_id": started["update_id"]}
    sent = await running.result(
        "sendMessage",
        chat_id=7001,
        text="<b>Яма</b>",
        parse_mode="HTML",
        reply_markup={"inline_keyboard": [[{"text": "Принять", "callback_data": "a:1", "style": "success"}]]},
    )
    read = await running.control("telegram/chats/7001/messages?after=1")
    (message,) = read["messages"]
    assert message["html"] == "<b>Яма</b>"
    assert message["from"]["is_bot"]
    assert message["keyboard"] == [
        [
            {
                "label": "Принять",
                "data": "a:1",
                "url": None,
                "copy_text": None,
                "style": "success",
                "disabled": False,
            }
        ]
    ]
    press = await running.control(
        "telegram/press", user_id=7001, chat_id=7001, message_id=sent["message_id"], label="Принять"
    )
    await running.result(
        "answerCallbackQuery", callback_query_id=press["callback_query_id"], text="Есть", show_alert=True
    )
    seen = await running.control(f"telegram/events?since={read['seq']}&wait=5")
    (answer,) = seen["events"]
    assert (answer["type"], answer["text"], answer["show_alert"]) == ("callback_answer", "Есть", True)
    record = await running.control("telegram/record")
    assert record["summary"]["presses_acknowledged"] == 1
    assert record["presses"][0]["text"] == "Есть"
    assert [call["method"] for call in record["calls"]] == ["sendMessage", "answerCallbackQuery"]


async def test_events_wait_for_the_next_one(running: Running, anna: int) -> None:
    seq = (await running.control("telegram/chats"))["seq"]
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(running.control(f"telegram/events?since={seq}&wait=30"))
        sent = await running.result("sendMessage", chat_id=anna, text="яма")
        place = {"chat_id": anna, "message_id": sent["message_id"]}
        first = await waiting
        assert [event["message"]["text"] for event in first["events"]] == ["яма"]
    await running.result("editMessageText", text="ямы", **place)
    await running.result("deleteMessage", **place)
    later = await running.control(f"telegram/events?since={first['last']}")
    assert [(event["type"], event["message_id"]) for event in later["events"]] == [
        ("edit", sent["message_id"]),
        ("delete", sent["message_id"]),
    ]


async def test_groups_topics_and_migration_by_control(running: Running, anna: int) -> None:
    forum = await running.control(
        "telegram/groups", type="supergroup", title="Дежурные", members=[anna], is_forum=True
    )
    topic = await running.control("telegram/topics", user_id=anna, chat_id=forum["id"], name="Дороги")
    said = await running.control(
        "telegram/say",
        user_id=anna,
        chat_id=forum["id"],
        text="/list",
        message_thread_id=topic["thread_id"],
    )
    assert said["update_id"]
    group = await running.control("telegram/groups", title="Двор", members=[anna])
    moved = await running.control("telegram/migrate", chat_id=group["id"])
    assert moved["type"] == "supergroup"
    listed = {chat["id"]: chat for chat in (await running.control("telegram/chats"))["chats"]}
    assert listed[group["id"]]["migrated_to"] == moved["id"]


async def test_files_travel_as_base64(running: Running, anna: int) -> None:
    await running.control(
        "telegram/file",
        user_id=anna,
        kind="document",
        name="акт.pdf",
        base64=base64.b64encode(b"%PDF").decode(),
    )
    message = (await running.control("telegram/chats"))["chats"][0]["last_message_id"]
    read = await running.control(f"telegram/chats/{anna}/messages?after={message - 1}")
    file = read["messages"][0]["file"]
    assert file["name"] == "акт.pdf"
    async with running.http.get(running.url + file["url"]) as reply:
        assert await reply.read() == b"%PDF"


async def test_what_a_person_cannot_do_is_said(running: Running, anna: int) -> None:
    sent = await running.result("sendMessage", chat_id=anna, text="x")
    place = {"user_id": anna, "chat_id": anna, "message_id": sent["message_id"]}
    assert "no button" in (await running.control("telegram/press", label="Нет", **place))["error"]
    assert "error" in await running.control("telegram/say", user_id=1, text="x")
    assert "error" in await running.control("telegram/say", user_id=anna)
    with pytest.raises(PersonError):
        running.world.edit(anna, anna, sent["message_id"], "чужое")


async def test_the_clock_moves_by_control(running: Running) -> None:
    before = await running.control("clock")
    after = await running.control("clock", forward_seconds=3600)
    assert after["offset_seconds"] - before["offset_seconds"] == 3600
    assert "error" in await running.control("clock", forward_seconds=-1)


async def test_faults_are_ordered_by_control(running: Running, anna: int) -> None:
    await running.control("telegram/faults", kind="retry_after", method="sendMessage", seconds=3, count=2)
    for _ in range(2):
        assert (await running.bot("sendMessage", chat_id=anna, text="x"))["parameters"] == {"retry_after": 3}
    await running.result("sendMessage", chat_id=anna, text="x")
    assert "error" in await running.control("telegram/faults", kind="earthquake")
    await running.control("telegram/block", user_id=anna)
    assert await running.refusal("sendMessage", chat_id=anna, text="x") == (
        "Forbidden: bot was blocked by the user"
    )
    await running.control("telegram/revoke_token", new=None)
    assert await running.refusal("getMe") == "Unauthorized"


def test_old_events_are_let_go_and_numbers_stay() -> None:
    log = EventLog()
    for _ in range(2 * KEPT + 1):
        log.add("message", 1)
    assert log.last == 2 * KEPT + 1
    assert [event["seq"] for event in log.since(log.last - 2)] == [log.last - 1, log.last]
    assert log.since(0, 1)[0]["seq"] == KEPT + 1


async def test_the_program_says_where_it_listens_and_stops_when_told() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", "0", "--token", "9:x", stdout=PIPE
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        match = re.fullmatch(r"sandbox ready on (http://127\.0\.0\.1:\d+)\n", line)
        assert match, line
        async with aiohttp.ClientSession() as http, http.get(f"{match[1]}/bot9:x/getMe") as reply:
            assert (await reply.json())["result"]["id"] == 9
    finally:
        process.terminate()
    assert await process.wait() == 0
