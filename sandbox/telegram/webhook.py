"""Delivery of updates to the bot's webhook.

Source: https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from sandbox.telegram.args import Args
from sandbox.telegram.errors import ApiError
from sandbox.telegram.methods import call
from sandbox.telegram.updates import Webhook
from sandbox.telegram.world import TelegramWorld

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
PATIENCE = aiohttp.ClientTimeout(total=60)
LONGEST_PAUSE = 60.0
_IDLE = 3600.0


async def deliver(world: TelegramWorld) -> None:
    """Push updates one by one in order, for ever; one that is refused is tried again, ever less often."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as http:
        while True:
            webhook = world.updates.webhook
            page = world.updates.page(1) if webhook.url else []
            if not page:
                await world.updates.bell.wait(_IDLE)
            elif await _post(http, world, webhook, page[0]):
                webhook.failures = 0
                if world.updates.webhook is webhook:
                    world.updates.confirm(page[0]["update_id"] + 1)
            else:
                webhook.failures += 1
                pause = min(world.webhook_pause * 2 ** (webhook.failures - 1), LONGEST_PAUSE)
                await asyncio.sleep(pause)


async def _post(
    http: aiohttp.ClientSession, world: TelegramWorld, webhook: Webhook, update: dict[str, object]
) -> bool:
    """Whether the bot took it: any 2xx."""
    headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
    try:
        async with http.post(webhook.url, json=update, headers=headers) as reply:
            if reply.ok:
                await _method_in_reply(world, await reply.read())
                return True
            problem = f"Wrong response from the webhook: {reply.status} {reply.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        problem = f"Connection failed: {type(error).__name__}"
    webhook.last_error_date = world.clock.unix()
    webhook.last_error_message = problem
    return False


async def _method_in_reply(world: TelegramWorld, body: bytes) -> None:
    """A webhook may answer with a method to call; nobody hears of its result."""
    try:
        values = json.loads(body)
    except ValueError:
        return
    if isinstance(values, dict) and (name := str(values.pop("method", "")).lower()):
        args = Args(values)
        entry = world.record.call(name, args.chat())
        try:
            world.record.done(entry, await call(world, name, args))
        except ApiError as error:
            world.record.refused(entry, error.code, error.description)


def add_delivery(app: web.Application, world: TelegramWorld) -> None:
    """Deliver for as long as `app` runs."""

    async def running(_: web.Application) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(deliver(world))
            yield
            task.cancel()

    app.cleanup_ctx.append(running)
