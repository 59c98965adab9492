"""Answers in the discussion group: once, under the very message, and no token anywhere."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors import telegram
from collectors.contract import (
    BotAccess,
    Connector,
    Link,
    NetworkError,
    Outcome,
    Page,
    Publisher,
    Reply,
    Watch,
)
from tests.collectors.collector_contract import NOON, PublisherContract
from tests.collectors.free_tools import tools

TOKEN = "42:TEST-token-of-the-source"
ACCESS = BotAccess("https://api.telegram.example.org/", SecretStr(TOKEN))
GROUP, CHANNEL = -1002000000001, -1002000000002
REPLY = Reply(post_id=f"{GROUP}:17", root_id=f"{GROUP}:5", text="Заделаем <b>до</b> пятницы", key="k-1")

Answers = dict[str, Any]


def connected(http: httpx.AsyncClient) -> Connector:
    settings = telegram.TelegramSourceSettings(enabled=True)
    return telegram.connect(settings, tools(http, bot=ACCESS))


def publisher(http: httpx.AsyncClient) -> Publisher:
    found = connected(http).publisher
    assert found is not None
    return found


def serving(handle: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handle))


def refusing(code: int, words: str, **parameters: object) -> Callable[[httpx.Request], httpx.Response]:
    body = {"ok": False, "error_code": code, "description": words, "parameters": parameters}
    return lambda _: httpx.Response(code, json=body)


class TestTelegramPublisher(PublisherContract):
    secrets = (TOKEN, "TEST-token")
    reply = REPLY

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        return publisher(http)


async def test_the_answer_is_a_reply_in_the_group(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="httpx")  # other tests quieten it
    got: list[httpx.Request] = []

    def telegram_says(request: httpx.Request) -> httpx.Response:
        got.append(request)
        chat = {"id": GROUP, "type": "supergroup", "username": "Gorod_chat"}
        message = {"message_id": 18, "date": 1, "chat": chat, "message_thread_id": 5}
        return httpx.Response(200, json={"ok": True, "result": message})

    async with serving(telegram_says) as http:
        done = await publisher(http).publish(REPLY)
        assert await publisher(http).find(REPLY) is None
    [request] = got
    assert request.url.path == f"/bot{TOKEN}/sendMessage"
    assert json.loads(request.content) == {
        "chat_id": GROUP,
        "text": REPLY.text,  # as it is: no parse_mode
        "link_preview_options": {"is_disabled": True},
        "reply_parameters": {"message_id": 17},
    }
    assert (done.native_id, done.url) == (f"{GROUP}:18", "https://t.me/Gorod_chat/5/18")
    assert "sendMessage" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("code", "words", "outcome"),
    [
        (400, "Bad Request: message to be replied not found", Outcome.GONE),
        (400, "Bad Request: chat not found", Outcome.GONE),
        (400, "Bad Request: TOPIC_CLOSED", Outcome.GONE),
        (400, "Bad Request: not enough rights to send text messages to the chat", Outcome.GONE),
        (403, "Forbidden: bot was kicked from the supergroup chat", Outcome.GONE),
        (400, "Bad Request: message is too long", Outcome.REFUSED),
        (401, "Unauthorized", Outcome.STOP),
        (404, "Not Found", Outcome.STOP),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", Outcome.NEVER),
        (400, "Bad Request: whatever", Outcome.NEVER),
        (409, "Conflict: what else", Outcome.NEVER),
    ],
)
async def test_refusals_have_an_outcome(code: int, words: str, outcome: Outcome) -> None:
    async with serving(refusing(code, words)) as http:
        with pytest.raises(NetworkError) as refused:
            await publisher(http).publish(REPLY)
    assert (refused.value.outcome, refused.value.maybe_done, refused.value.code) == (outcome, False, code)


async def test_telegram_says_how_long_to_wait() -> None:
    async with serving(refusing(429, "Too Many Requests: retry after 17", retry_after=17)) as http:
        with pytest.raises(NetworkError) as refused:
            await publisher(http).publish(REPLY)
    assert refused.value.retry_after is not None
    assert (refused.value.outcome, refused.value.retry_after.total_seconds()) == (Outcome.LATER, 17)
    assert not refused.value.maybe_done


async def test_a_server_that_broke_down_may_have_sent_it() -> None:
    async with serving(refusing(500, "Internal Server Error: restart")) as http:
        with pytest.raises(NetworkError) as refused:
            await publisher(http).publish(REPLY)
    assert (refused.value.outcome, refused.value.maybe_done) == (Outcome.LATER, True)


async def test_text_is_counted_in_utf16_and_photos_stay_behind() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(500)

    async with serving(handle) as http:
        here = publisher(http)
        assert (here.measure("яма"), here.measure("🕳"), here.photos_limit, here.idempotent) == (
            3,
            2,
            0,
            False,
        )
        assert here.objection("https://example.org @gorod") == ""
        with pytest.raises(NetworkError) as refused:
            await here.publish(Reply(post_id=REPLY.post_id, root_id=None, text="🕳" * 2049, key="k"))
    assert (refused.value.outcome, asked) == (Outcome.REFUSED, [])


def looking(answers: Answers) -> Callable[[httpx.Request], httpx.Response]:
    """A Bot API with one answer a method: a result, or a code and words."""

    def handle(request: httpx.Request) -> httpx.Response:
        told = answers[request.url.path.rpartition("/")[2]]
        if isinstance(told, tuple):
            return refusing(*told)(request)
        return httpx.Response(200, json={"ok": True, "result": told})

    return handle


CHANNEL_CHAT = {
    "id": CHANNEL,
    "type": "channel",
    "title": "Город",
    "username": "Gorod",
    "linked_chat_id": GROUP,
}
GROUP_CHAT = {"id": GROUP, "type": "supergroup", "title": "Обсуждение", "linked_chat_id": CHANNEL}
ME = {"id": 42, "is_bot": True, "username": "otklik_bot", "can_read_all_group_messages": False}
ADMIN, MEMBER, LEFT = ({"status": status} for status in ("administrator", "member", "left"))
OUT = (403, "Forbidden: bot is not a member of the channel chat")
HIDDEN = (400, "Bad Request: member list is inaccessible")


@pytest.mark.parametrize(
    ("chat", "me", "member", "can_answer", "problem"),
    [
        (CHANNEL_CHAT, ME, ADMIN, False, f"its comments are not read: add the discussion group {GROUP}"),
        ({**CHANNEL_CHAT, "linked_chat_id": None}, ME, ADMIN, False, ""),
        (CHANNEL_CHAT, ME, OUT, False, "the bot is no member of this chat"),
        (CHANNEL_CHAT, ME, HIDDEN, False, "the bot is no member of this chat"),
        (GROUP_CHAT, ME, LEFT, False, "the bot is no member of this chat"),
        (GROUP_CHAT, ME, ADMIN, True, ""),
        (GROUP_CHAT, ME, MEMBER, True, "the bot sees no messages: make it an administrator"),
        (GROUP_CHAT, {**ME, "can_read_all_group_messages": True}, MEMBER, True, ""),
        (
            {"id": -7, "type": "group", "title": "Двор"},
            ME,
            ADMIN,
            True,
            "only channels and supergroups are read",
        ),
    ],
)
async def test_looking_up_says_what_is_missing(
    chat: Answers, me: Answers, member: Any, *, can_answer: bool, problem: str
) -> None:
    async with serving(looking({"getChat": chat, "getMe": me, "getChatMember": member})) as http:
        here = connected(http)
        assert here.look_up is not None
        facts = await here.look_up(Page(native_id="", name="gorod"))
    assert (facts.native_id, facts.title) == (str(chat["id"]), chat["title"])
    assert (facts.can_answer, facts.problem) == (can_answer, problem)


async def test_a_registered_discussion_group_is_not_missed() -> None:
    async with serving(looking({"getChat": CHANNEL_CHAT, "getMe": ME, "getChatMember": ADMIN})) as http:
        here = connected(http)
        here.watch(Watch(pages=(Page(native_id=str(GROUP)),)))
        assert here.look_up is not None
        facts = await here.look_up(Page(native_id=str(CHANNEL)))
    assert (facts.name, facts.problem) == ("gorod", "")


async def test_what_cannot_be_looked_up_now_is_not_called_lost() -> None:
    answers: Answers = {"getChat": GROUP_CHAT, "getMe": ME, "getChatMember": (429, "Too Many Requests")}
    async with serving(looking(answers)) as http:
        here = connected(http)
        assert here.look_up is not None
        with pytest.raises(NetworkError) as refused:
            await here.look_up(Page(native_id=str(GROUP)))
        assert refused.value.outcome is Outcome.LATER
        answers["getChat"] = (400, "Bad Request: chat not found")
        with pytest.raises(NetworkError) as refused:
            await here.look_up(Page(native_id=str(GROUP)))
        assert refused.value.outcome is Outcome.GONE


async def test_check_reads_only_and_says_what_the_bot_sees() -> None:
    async with serving(looking({"getMe": ME})) as http:
        here = connected(http)
        assert here.check is not None
        [told] = await here.check()
    assert (told.subject, told.problem) == ("@otklik_bot", "")
    assert "administrator" in told.words


async def test_nobody_brings_updates_over_http_and_without_a_bot_there_is_no_source() -> None:
    async with serving(lambda _: httpx.Response(500)) as http:
        hook = connected(http).hook
        assert hook is not None
        assert hook.path == ""
        assert hook.receive("POST", {}, {}, b"{}", now=NOON).status == 404
        with pytest.raises(ValueError, match=r"enabled needs telegram\.token"):
            telegram.connect(telegram.TelegramSourceSettings(enabled=True), tools(http))


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://t.me/c/2000000001/18", f"{GROUP}:18"),
        ("t.me/c/2000000001/5/18/", f"{GROUP}:18"),
        ("https://t.me/c/2000000001/18?single", f"{GROUP}:18"),
        ("https://t.me/c/2000000002/7?comment=18", None),  # the group's number is not in it
        ("https://t.me/gorod/18", None),  # nor the channel's
        ("https://t.me/c/2000000001", None),
        ("https://vk.com/c/2000000001/18", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_links_to_messages(url: str, link: str | None) -> None:
    assert telegram.parse_link(url) == (Link("telegram", link) if link is not None else None)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://t.me/Gorod", Page("", "gorod")),
        ("https://t.me/s/Gorod/17", Page("", "gorod")),
        ("@Gorod_chat", Page("", "gorod_chat")),
        ("https://t.me/c/2000000001/18", Page(str(GROUP))),
        (str(GROUP), Page(str(GROUP))),
        ("https://t.me/+AbCdEf", None),
        ("https://t.me/joinchat/AbCdEf", None),
        ("https://t.me/share/url?url=x", None),
        ("https://example.org/gorod", None),
        ("город", None),
    ],
)
def test_links_to_chats(url: str, page: Page | None) -> None:
    assert telegram.page_of_link(url) == page
