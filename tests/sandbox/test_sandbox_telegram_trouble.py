"""Trouble: limits, two pollers, faults by order, webhooks that refuse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.telegram.limits import Limits
from sandbox.telegram.waiting import Bell
from sandbox.telegram.webhook import SECRET_HEADER
from tests.sandbox.telegram_running import TOKEN, Running


class Seconds:
    """A monotonic clock held by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_message_a_second_per_chat() -> None:
    seconds = Seconds()
    limits = Limits("enforce", seconds)
    assert limits.arrive(5) is None
    assert limits.arrive(5) == 1
    assert limits.arrive(6) is None
    seconds.now += 1.0
    assert limits.arrive(5) is None


def test_thirty_messages_a_second_overall() -> None:
    seconds = Seconds()
    limits = Limits("enforce", seconds)
    waits = []
    for chat in range(31):
        waits.append(limits.arrive(chat + 1))
        seconds.now += 0.01
    assert waits == [None] * 30 + [1]
    seconds.now = 1001.0
    assert limits.arrive(99) is None
    assert limits.arrive(98) == 1


def test_twenty_messages_a_minute_per_group() -> None:
    seconds = Seconds()
    limits = Limits("enforce", seconds)
    for _ in range(20):
        assert limits.arrive(-7) is None
        seconds.now += 1.0
    assert limits.arrive(-7) == 40
    assert limits.arrive(7) is None
    seconds.now += 40
    assert limits.arrive(-7) is None


async def test_counting_lets_through_and_remembers(running: Running, anna: int) -> None:
    running.world.limits.mode = "count"
    for text in ("раз", "два", "три"):
        await running.result("sendMessage", chat_id=anna, text=text)
    await running.result("sendChatAction", chat_id=anna, action="typing")
    summary = running.world.summary()
    assert (summary["sends"], summary["over_limit"]) == (3, 2)


async def test_enforcing_refuses_with_a_time(running: Running, anna: int) -> None:
    running.world.limits.mode = "enforce"
    sent = await running.result("sendMessage", chat_id=anna, text="раз")
    body = await running.bot("editMessageText", chat_id=anna, message_id=sent["message_id"], text="два")
    assert body == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert running.world.messages(anna)[-1]["text"] == "раз"
    assert (running.world.summary()["over_limit"], running.world.summary()["edits"]) == (1, 0)


async def test_the_second_poller_turns_out_the_first(running: Running, anna: int) -> None:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(running.refusal("getUpdates", timeout=30))
        await until(running.world.updates.bell, lambda: bool(running.world.record.calls))
        second = group.create_task(running.result("getUpdates", timeout=30))
        assert await first == (
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        running.world.say(anna, "яма")
    assert [update["message"]["text"] for update in second.result()] == ["яма"]


async def test_a_webhook_turns_out_the_poller(running: Running) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(running.refusal("getUpdates", timeout=30))
        await until(running.world.updates.bell, lambda: bool(running.world.record.calls))
        await running.result("setWebhook", url="http://127.0.0.1:9/")
    assert polling.result() == "Conflict: terminated by setWebhook request"
    words = await running.refusal("getUpdates")
    assert words.startswith("Conflict: can't use getUpdates method while webhook is active")
    await running.result("deleteWebhook")
    assert await running.result("getUpdates") == []


@pytest.mark.parametrize(
    ("kind", "how", "status", "description"),
    [
        ("error", {"status": 418, "description": "чайник"}, 418, "чайник"),
        ("retry_after", {"seconds": 17}, 429, "Too Many Requests: retry after 17"),
        ("migrate", {"migrate_to_chat_id": -100}, 400, "Bad Request: group chat was upgraded to a supergroup chat"),
        ("restart", {}, 500, "Internal Server Error: restart"),
    ],
)  # fmt: skip
async def test_a_refusal_on_order_happens_once_and_does_nothing(
    running: Running, anna: int, kind: str, how: dict[str, Any], status: int, description: str
) -> None:
    running.world.fault(kind, "sendMessage", chat_id=anna, **how)
    body = await running.bot("sendMessage", chat_id=anna, text="x")
    assert (body["error_code"], body["description"]) == (status, description)
    assert running.world.messages(anna, after=1) == []
    await running.result("sendMessage", chat_id=anna, text="x")


async def test_a_fault_spares_other_methods_and_chats(running: Running, anna: int) -> None:
    running.world.fault("restart", "sendMessage", chat_id=1)
    running.world.fault("restart", "editMessageText", count=2)
    await running.result("sendMessage", chat_id=anna, text="x")
    assert len(running.world.faults.orders) == 2


async def test_a_bad_gateway_speaks_html(running: Running, anna: int) -> None:
    running.world.fault("bad_gateway", "sendMessage")
    url = f"{running.url}/bot{TOKEN}/sendMessage"
    async with running.http.post(url, json={"chat_id": anna, "text": "x"}) as reply:
        assert (reply.status, reply.content_type) == (502, "text/html")


@pytest.mark.parametrize(("kind", "done"), [("drop", 0), ("drop_after", 1)])
async def test_a_dropped_connection_before_and_after_the_work(
    running: Running, anna: int, kind: str, done: int
) -> None:
    running.world.fault(kind, "sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await running.bot("sendMessage", chat_id=anna, text="x")
    assert len(running.world.messages(anna, after=1)) == done
    assert running.world.record.calls[-1].fault == kind


async def test_silence_after_the_work_is_a_timeout_with_an_effect(running: Running, anna: int) -> None:
    running.world.fault("hang_after", "sendMessage", seconds=60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await running.bot("sendMessage", chat_id=anna, text="дважды?")
    assert [message["text"] for message in running.world.messages(anna, after=1)] == ["дважды?"]


async def test_a_revoked_token_is_unauthorized(running: Running) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(running.refusal("getUpdates", timeout=30))
        await until(running.world.updates.bell, lambda: bool(running.world.record.calls))
        running.world.revoke_token()
        assert await polling == "Unauthorized"
    assert await running.refusal("getMe") == "Unauthorized"


@dataclass
class Hook:
    """A bot's webhook: what came, and how it answers each in turn (200 when it runs out)."""

    url: str = ""
    came: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    bell: Bell = field(default_factory=Bell)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((request.headers.get(SECRET_HEADER), await request.json()))
        self.bell.ring()
        status = self.statuses.pop(0) if self.statuses else 200
        return web.json_response(self.answer, status=status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def until(bell: Bell, happened: Callable[[], bool]) -> None:
    """Wait for a condition, looking again at each ring."""
    async with asyncio.timeout(30):
        while not happened():
            await bell.wait(0.05)


async def test_a_webhook_gets_updates_in_order_with_the_secret(
    running: Running, anna: int, hook: Hook
) -> None:
    await running.result("setWebhook", url=hook.url, secret_token="s3cret")
    running.world.say(anna, "раз")
    running.world.say(anna, "два")
    await until(hook.bell, lambda: len(hook.came) == 2)
    assert [(secret, update["message"]["text"]) for secret, update in hook.came] == [
        ("s3cret", "раз"),
        ("s3cret", "два"),
    ]


async def test_a_refused_update_is_delivered_again(running: Running, anna: int, hook: Hook) -> None:
    hook.statuses = [500, 404]
    await running.result("setWebhook", url=hook.url)
    running.world.say(anna, "яма")
    await until(hook.bell, lambda: len(hook.came) == 3 and not running.world.updates.pending)
    assert len({update["update_id"] for _, update in hook.came}) == 1
    info = await running.result("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"
    assert info["pending_update_count"] == 0


async def test_a_webhook_may_answer_with_a_method(running: Running, anna: int, hook: Hook) -> None:
    hook.answer = {"method": "sendMessage", "chat_id": anna, "text": "услышал"}
    await running.result("setWebhook", url=hook.url)
    running.world.say(anna, "яма")
    await until(running.world.events.bell, lambda: running.world.messages(anna)[-1]["text"] == "услышал")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"url": "http://example.org/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org/x", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
        ({"url": "https://example.org/x", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_bad_webhooks_are_refused(running: Running, parameters: dict[str, str], words: str) -> None:
    assert await running.refusal("setWebhook", **parameters) == f"Bad Request: {words}"
