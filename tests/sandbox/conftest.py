"""A Telegram that runs: the world, and the same world over real HTTP on a free port."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control import add_control_routes
from sandbox.telegram import errors, server
from sandbox.telegram.webhook import add_delivery
from sandbox.telegram.world import TelegramWorld
from tests.sandbox.telegram_running import TOKEN, Running


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
def telegram(clock: SandboxClock) -> TelegramWorld:
    world = TelegramWorld(clock, token=TOKEN, limits="off")
    world.webhook_pause = 0.01
    return world


@pytest.fixture
async def running(clock: SandboxClock, telegram: TelegramWorld) -> AsyncIterator[Running]:
    answers: list[tuple[str, Any]] = []

    @web.middleware
    async def listening(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        reply = await handler(request)
        if "method" in request.match_info and isinstance(reply, web.Response) and reply.status == 200:
            body = json.loads(reply.text or "{}")
            answers.append((request.match_info["method"].lower(), body.get("result")))
        return reply

    app = web.Application(middlewares=[listening], client_max_size=56 * 1024 * 1024)
    server.add_routes(app, telegram)
    add_delivery(app, telegram)
    add_control_routes(app, clock, telegram)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as http:
        yield Running(f"http://127.0.0.1:{runner.addresses[0][1]}", telegram, http, answers)
    await runner.cleanup()
    # Whatever the test was about: no refusal was made up on the way.
    for call in telegram.record.calls:
        made_up = call.ok is False and not errors.known(call.error_code or 0, call.description or "")
        assert call.fault or not made_up, call


@pytest.fixture
def anna(telegram: TelegramWorld) -> int:
    """A resident who has started the bot; the bot has heard it."""
    person = telegram.create_user(5_000_000_100, first_name="Анна", username="anna")
    telegram.start(person.id)
    telegram.updates.drop()
    return person.id
