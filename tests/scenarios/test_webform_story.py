"""A region's web form, through the whole program and back: signed there, signed back."""

import asyncio
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot import explaining
from incidents.incoming import Guess
from models import Alarm, Incident, Post, PushRow, Status
from tests.bot.bot_stage import until
from tests.bot.test_app import ANNA, World, running
from tests.bot.test_collecting import Roads
from tests.scenarios.sources_stage import answer, channels, count, settled, status_of

SECRET = "sixteen-or-more-characters"


@dataclass
class Site:
    """A region's site: it sends appeals and takes answers, by the words of the project's documentation."""

    url: str
    hook: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0

    async def take(self, request: web.Request) -> web.Response:
        body, unix = await request.read(), request.headers["X-Otklik-Timestamp"]
        if request.headers["X-Otklik-Signature"] != _signature(unix, body):
            self.forged += 1
            return web.json_response({"ok": False}, status=403)
        self.answers.append(json.loads(body))
        return web.json_response({"ok": True, "url": "https://gorod.example.org/a/17#answer"})

    async def send(self, http: httpx.AsyncClient, appeal: dict[str, Any]) -> int:
        """The status; the program may still be opening its port."""
        body, unix = json.dumps(appeal).encode(), str(int(time.time()))
        headers = {
            "X-Otklik-Form": "gorod",
            "X-Otklik-Timestamp": unix,
            "X-Otklik-Signature": _signature(unix, body),
        }
        statuses: list[int] = []

        async def is_taken() -> bool:
            try:
                statuses.append((await http.post(self.hook, content=body, headers=headers)).status_code)
            except httpx.ConnectError:
                return False
            return True

        await until(is_taken)
        return statuses[-1]


def _signature(unix: str, body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), unix.encode() + b"." + body, hashlib.sha256).hexdigest()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@asynccontextmanager
async def a_site(world: World) -> AsyncIterator[Site]:
    port = _free_port()
    site = Site("", f"http://127.0.0.1:{port}/hooks/webform")
    served = web.Application()
    served.router.add_post("/answers", site.take)
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/answers"
    world.config.write_text(
        f"""{world.config.read_text(encoding="utf-8")}
        [hooks]
        port = {port}
        [collectors.webform]
        enabled = true
        [[collectors.webform.forms]]
        name = "gorod"
        title = "Портал"
        territory = "Верхнереченск"
        secret = "{SECRET}"
        answer_url = "{site.url}"
        """,
        encoding="utf-8",
    )
    try:
        yield site
    finally:
        await runner.cleanup()


APPEAL = {"id": "17", "text": "Яма на Ленина", "url": "https://gorod.example.org/a/17", "author": "Пётр"}


async def test_an_appeal_of_the_web_form_is_answered_on_its_site(world: World) -> None:
    async with settled(world) as database, a_site(world) as site, running(world):
        assert await site.send(world.http, APPEAL) == 202
        assert await site.send(world.http, {**APPEAL, "text": "Яма на Ленина, ещё раз"}) == 202
        await answer(world, 1, "Яма на Ленина", "Заделаем до пятницы")
        await until(lambda: site.answers)
        await until(lambda: any("Отвечено" in one for one in world.texts(ANNA)))
        [told] = site.answers
        assert (told["id"], told["text"], site.forged) == ("17", "Заделаем до пятницы", 0)
        assert told["key"]
        # Sent once more when everything is over, it is still the same appeal.
        assert await site.send(world.http, APPEAL) == 202
        assert await site.send(world.http, {**APPEAL, "id": "18", "text": "Другая яма"}) == 202
        await until(lambda: any("Другая яма" in one for one in world.texts(ANNA)))
        assert await count(database, Incident) == 2
        assert await status_of(database, 1) is Status.ANSWERED


async def test_what_was_taken_survives_a_stop_before_it_was_understood(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, released = threading.Event(), threading.Event()

    class Stuck(Roads):
        """Thinks until it is let go; what it says then nobody hears any more."""

        def classify(self, texts: Sequence[str]) -> list[Guess]:
            reached.set()
            released.wait(60)
            return super().classify(texts)

    async with settled(world) as database, a_site(world) as site:
        chats = await channels(world, database)
        with monkeypatch.context() as patched:
            patched.setattr(explaining, "open_classifier", lambda *_, **__: Stuck())
            try:
                async with running(world):
                    assert await site.send(world.http, APPEAL) == 202
                    world.telegram.say(chats.olga, "Яма во дворе", chat_id=chats.group)

                    async def are_kept() -> bool:
                        return await count(database, PushRow, PushRow.done_at.is_(None)) == 2

                    await until(are_kept)
                    assert await asyncio.to_thread(reached.wait, 20)
            finally:
                released.set()
        assert await count(database, Post) == 0
        assert await count(database, PushRow, PushRow.done_at.is_(None)) == 2
        async with running(world):
            await until(lambda: any("Яма на Ленина" in one for one in world.texts(ANNA)))
            await until(lambda: any("Яма во дворе" in one for one in world.texts(ANNA)))
        assert await count(database, Incident) == 2
        assert await count(database, PushRow, PushRow.done_at.is_(None)) == 0


async def test_a_port_that_is_taken_stops_no_reading(world: World) -> None:
    """The operator hears of it; what is polled goes on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        async with settled(world) as database, a_site(world):
            text = world.config.read_text(encoding="utf-8")
            taken = re.sub(r"(?m)^( *port = )\d+", rf"\g<1>{other.getsockname()[1]}", text)
            world.config.write_text(taken, encoding="utf-8")
            async with running(world):
                await world.vk("posts", community_id=1, text="Яма на Садовой", author_name="Иван")
                await until(lambda: any("Яма на Садовой" in one for one in world.texts(ANNA)))
                await until(lambda: count(database, Alarm, Alarm.key == "webhooks"))
