"""A browser, and the sandbox with its page on a free port; the bot is played by the test itself."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from sandbox.app import build_app
from sandbox.clock import SandboxClock
from sandbox.telegram.world import TelegramWorld
from sandbox.vk.world import VkWorld

TOKEN = "42:TEST-token"
ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

ANNA, BORIS, VERA = 5_000_000_101, 5_000_000_102, 5_000_000_103
HOSTILE = (
    "Яма на Ленина!!! <script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
    "<a href='javascript:window.pwned = 3'>жми</a> </div></article> &lt;b&gt; \u202eнавыворот\u202c"
)


@dataclass
class Played:
    """The sandbox with a page, and the bot's side of it in the test's hands."""

    url: str
    telegram: TelegramWorld
    vk: VkWorld
    http: aiohttp.ClientSession
    offset: int = 0

    async def bot(self, method: str, **parameters: Any) -> Any:
        """A Bot API call that must succeed; its result."""
        async with self.http.post(f"{self.url}/bot{TOKEN}/{method}", json=parameters) as reply:
            body = await reply.json()
        assert body["ok"], body
        return body["result"]

    async def say(self, chat_id: int, html: str, *keys: list[dict[str, Any]], **more: Any) -> int:
        """The bot's message, with rows of inline `keys`; its id."""
        if keys:
            more["reply_markup"] = {"inline_keyboard": list(keys)}
        sent = await self.bot("sendMessage", chat_id=chat_id, text=html, parse_mode="HTML", **more)
        return int(sent["message_id"])

    async def rewrite(self, chat_id: int, message_id: int, html: str, *keys: list[dict[str, Any]]) -> None:
        markup = {"reply_markup": {"inline_keyboard": list(keys)}} if keys else {}
        where = {"chat_id": chat_id, "message_id": message_id}
        await self.bot("editMessageText", **where, text=html, parse_mode="HTML", **markup)

    async def hears(self) -> dict[str, Any]:
        """The next update."""
        updates = await self.bot("getUpdates", offset=self.offset, limit=1, timeout=30)
        assert updates, "nothing was said or pressed"
        self.offset = updates[0]["update_id"] + 1
        update: dict[str, Any] = updates[0]
        return update

    async def control(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.url}/control/{path}", json=body) as reply:
            answer = await reply.text()
            assert reply.status == 200, answer
            return json.loads(answer)


@asynccontextmanager
async def sandbox(port: int = 0) -> AsyncIterator[Played]:
    clock = SandboxClock()
    telegram, vk = TelegramWorld(clock, token=TOKEN, limits="off"), VkWorld(clock)
    runner = web.AppRunner(build_app(clock, telegram, vk), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as http:
        yield Played(f"http://127.0.0.1:{runner.addresses[0][1]}", telegram, vk, http)
    await runner.cleanup()


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    async with sandbox() as running:
        yield running


def executable() -> str:
    """The system's browser; a machine without one skips the test, CI does not."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.environ.get("CI") == "true":  # noqa: TID251 - tests are told of CI so
        pytest.fail("a browser is required in CI: chromium or google-chrome")
    pytest.skip("no browser here")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(QUIET))
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A desktop window. The test fails for anything the page's own code could not do."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900}, locale="ru-RU")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    await context.close()
    assert faults == []


async def shot(page: Page, name: str) -> None:
    """Keep a picture for whoever reads the CI run."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


def phone(page: Page, user_id: int) -> Locator:
    return page.locator(f'.phone[data-user="{user_id}"]')


@pytest.fixture
async def town(played: Played, page: Page) -> Played:
    """Three people who have started the bot, a wall with a post, and the page open on it all."""
    cast = (
        (ANNA, "Анна", "Смирнова", "Официальное лицо", "Министерство дорог"),
        (BORIS, "Борис", "Кузнецов", "Куратор", "Приёмная"),
        (VERA, "Вера", "Орлова", "Официальное лицо", "Горводоканал"),
    )
    for user_id, first, last, role, about in cast:
        played.telegram.create_user(user_id, first_name=first, last_name=last)
        played.telegram.start(user_id)
        await played.control("page/phones", user_id=user_id, role=role, about=about)
    played.telegram.updates.drop()
    await played.control("vk/communities", id=1, name="gorod", title="Подслушано Заречье")
    await played.control("vk/posts", community_id=1, text=HOSTILE, author_name="<b>Иван</b> Житель")
    await page.goto(played.url)
    await expect(page.locator(".phone")).to_have_count(3)
    return played
