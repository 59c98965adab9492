"""What a newcomer does first: `python -m bot demo`, a card, Принять, Ответить, and the answer under the post."""

import asyncio
import re
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import ROOT, shot

# The first start makes tables and trains the classifier; a busy machine of two cores takes its time.
STARTED_S, MOVED_MS = 150, 150_000
ANSWER = "Добрый день! Мастера выезжают сегодня, работы закончат до вечера пятницы. Спасибо, что сообщили."


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def answers(url: str, process: asyncio.subprocess.Process, last_words: Callable[[], str]) -> None:
    """Wait until the page is served."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(STARTED_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(url) as reply:
                    if reply.status == 200:
                        return
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 0.2)
                pytest.fail(f"the demo ended by itself:\n{last_words()}")


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """The demo as the newcomer starts it; its address."""
    port, log = free_port(), tmp_path / "demo.log"
    with log.open("w", encoding="utf-8") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "demo", "--port", str(port)),
            cwd=ROOT,
            stdin=DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        await answers(url, process, lambda: log.read_text("utf-8")[-3000:])
        yield url
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()


def key(place: Locator | Page, words: str) -> Locator:
    """A button of a message by its words; the sign before them may be any."""
    return place.locator(".key", has_text=re.compile(words))


@pytest.mark.timeout(480)
async def test_a_newcomer_accepts_a_card_answers_and_sees_the_answer_under_the_post(
    demo: str, page: Page
) -> None:
    await page.goto(demo)
    # Cards go on arriving, on other phones too: the first is pinned down by its numbers.
    anybody = page.locator(".phone", has=key(page, "Принять")).first
    await anybody.wait_for(timeout=MOVED_MS)
    phone = page.locator(f'.phone[data-user="{await anybody.get_attribute("data-user")}"]')
    offered = phone.locator(".row", has=key(page, "Принять")).first
    card = phone.locator(f'.row[data-message-id="{await offered.get_attribute("data-message-id")}"]')
    await shot(page, "demo-1-card")

    await key(card, "Принять").click()
    await expect(key(card, "Принять")).to_have_count(0, timeout=MOVED_MS)
    await expect(card).to_contain_text("В работе")
    await shot(page, "demo-2-accepted")

    await key(card, "Ответить").click()
    await expect(phone.locator(".reply-bar").first).to_be_visible(timeout=MOVED_MS)
    await phone.get_by_label("Текст сообщения").fill(ANSWER)
    await shot(page, "demo-3-written")
    await phone.get_by_label("Текст сообщения").press("Enter")

    preview = phone.locator(".row", has=key(page, "Отправить")).last
    await preview.wait_for(timeout=MOVED_MS)
    await expect(preview).to_contain_text(ANSWER)
    await shot(page, "demo-4-preview")
    await key(preview, "Отправить").click()

    published = page.locator(".comment.official", has_text=ANSWER)
    await expect(published).to_be_visible(timeout=MOVED_MS)
    await expect(published).to_contain_text("Ответ опубликован")
    await published.scroll_into_view_if_needed()
    await expect(card).to_contain_text("Отвечено", timeout=MOVED_MS)
    await shot(page, "demo-5-published")
    assert await page.locator(".comment.official", has_text=ANSWER).count() == 1
