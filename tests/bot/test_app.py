"""The whole program against the sandbox: an invitation, a post, a card, an answer under the post."""

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from sqlalchemy import select

from bot import __main__ as commands
from bot import app, explaining, logs
from bot.settings import Settings, load
from bot.singleton import AlreadyRunningError
from models import Alarm, Route
from models.database import open_database
from sandbox.app import build_app
from sandbox.clock import SandboxClock
from sandbox.telegram.world import TelegramWorld
from sandbox.vk.world import VkWorld
from tests.bot.bot_stage import until
from tests.bot.test_collecting import Roads

TOKEN = "42:TEST-token-of-the-program"
SECRETS = (TOKEN, "service-secret-1", "community-secret-2")
ANNA = 7


class World:
    """Telegram and VK on one port, and the settings that lead there."""

    def __init__(
        self, url: str, telegram: TelegramWorld, http: httpx.AsyncClient, config: Path, database: str
    ) -> None:
        self.url, self.telegram, self.http = url, telegram, http
        self.config = config
        self.config.write_text(
            f"""
            [telegram]
            token = "{TOKEN}"
            api_url = "{url}"
            poll_seconds = 1
            per_chat_seconds = 0
            recheck_seconds = 0.1
            [database]
            url = "{database}"
            [collectors.vk]
            enabled = true
            api_url = "{url}/vk"
            service_token = "{SECRETS[1]}"
            every_seconds = 1
            calls_per_second = 60
            [[collectors.vk.communities]]
            id = 1
            title = "Город"
            territory = "Верхнереченск"
            community_token = "{SECRETS[2]}"
            [clock]
            follow_url = "{url}/control/clock"
            """,
            encoding="utf-8",
        )

    @property
    def settings(self) -> Settings:
        return load(self.config, {})

    async def vk(self, path: str, **body: object) -> None:
        (await self.http.post(f"{self.url}/control/vk/{path}", json=body)).raise_for_status()

    def texts(self, chat_id: int) -> list[str]:
        return [one["text"] for one in self.telegram.messages(chat_id) if one["from"]["is_bot"]]

    def last(self, words: str) -> int:
        """The number of the newest message with these words."""
        found = [one for one in self.telegram.messages(ANNA) if words in (one["text"] or "")]
        return int(found[-1]["message_id"])


@pytest.fixture
async def world(tmp_path: Path, empty_url: str) -> AsyncIterator[World]:
    clock = SandboxClock()
    telegram = TelegramWorld(clock, token=TOKEN, limits="count")
    runner = web.AppRunner(build_app(clock, telegram, VkWorld(clock)), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with httpx.AsyncClient(trust_env=False) as http:
        world = World(url, telegram, http, tmp_path / "config.toml", empty_url)
        await world.vk("communities", name="gorod", title="Город", id=1, token=SECRETS[2])
        await world.vk("tokens", token=SECRETS[1], kind="service")
        telegram.create_user(ANNA, first_name="Анна")
        yield world
    telegram.close()
    await runner.cleanup()


@pytest.fixture(autouse=True)
def quick_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning takes seconds of a core and is tested elsewhere."""
    monkeypatch.setattr(explaining, "open_classifier", lambda *_, **__: Roads())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up(level="DEBUG", style="text", secrets=SECRETS, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@asynccontextmanager
async def running(world: World, *, wait: bool = True) -> AsyncIterator[None]:
    stop, ready = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(app.run(world.settings, stop=stop, ready=ready))
        try:
            if wait:
                async with asyncio.timeout(30):
                    await ready.wait()
            yield
        finally:
            stop.set()


async def command(world: World, *words: str) -> int:
    return await asyncio.to_thread(commands.main, [*words, "--config", str(world.config)])


async def test_from_a_residents_post_to_the_answer_under_it(
    world: World, tmp_path: Path, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = tmp_path / "bodies.csv"
    bodies.write_text("code,name,topics\nroads,Минтранс,roads\n", encoding="utf-8")
    # In the README's order, on a machine where nothing was made yet.
    assert await command(world, "import", "bodies", str(bodies)) == 0
    assert await command(world, "invite", "--role", "official", "--body", "roads") == 0
    link = re.search(r"https://t\.me/otklik_bot\?start=(\S+)", capsys.readouterr().out)
    assert link is not None
    async with running(world):
        world.telegram.start(ANNA, link[1])
        await until(lambda: any("Минтранс" in text for text in world.texts(ANNA)))
        await world.vk("posts", community_id=1, text="Яма на Ленина", author_name="Пётр")
        await until(lambda: any("Яма на Ленина" in text for text in world.texts(ANNA)))
        world.telegram.press(ANNA, ANNA, world.last("Яма"), data="a1.acc:1")
        await until(lambda: any("В работе" in text for text in world.texts(ANNA)))
        world.telegram.press(ANNA, ANNA, world.last("Яма"), data="a1.ans:1")
        await until(lambda: any("напишите ответ" in text for text in world.texts(ANNA)))
        world.telegram.say(ANNA, "Заделаем до пятницы", reply_to=world.last("напишите ответ"))
        await until(lambda: any("Проверьте ответ" in text for text in world.texts(ANNA)))
        world.telegram.press(ANNA, ANNA, world.last("Проверьте"), data="a1.send:1:0")

        async def is_answered() -> bool:
            wall = await world.http.get(f"{world.url}/control/vk/walls")
            return "Заделаем до пятницы" in str(wall.json())

        await until(is_answered)
        await until(lambda: any("Отвечено" in text for text in world.texts(ANNA)))
    assert world.telegram.summary()["errors"] == 0
    written = log.getvalue()
    assert [secret for secret in SECRETS if secret in written] == []
    assert "ERROR" not in written


async def test_a_second_program_on_the_same_file_is_refused(world: World) -> None:
    if not world.settings.database.url.startswith("sqlite"):
        pytest.skip("on PostgreSQL it waits to take over")
    async with running(world):
        with pytest.raises(AlreadyRunningError):
            await app.run(world.settings, stop=asyncio.Event())


async def test_a_wrong_token_at_the_start_is_one_alarm_and_the_rest_works(
    world: World, log: io.StringIO
) -> None:
    world.telegram.revoke_token("42:another-one")
    database = open_database(world.settings.database.url)

    async def alarms() -> list[tuple[str, bool]]:
        async with database.reading() as session:
            rows = await session.scalars(select(Alarm))
            return [(row.key, row.cleared_at is not None) for row in rows]

    async def is_raised() -> bool:
        return "CRITICAL" in log.getvalue() and await alarms() == [("telegram_token", False)]

    async def is_over() -> bool:
        return await alarms() == [("telegram_token", True)]

    async with running(world, wait=False):
        await until(is_raised)
        world.telegram.revoke_token(TOKEN)
        await until(is_over)
    assert log.getvalue().count("CRITICAL") == 1
    await database.close()


async def test_check_says_what_is_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert await command(world, "check") == 1
    assert "FAIL database" in capsys.readouterr().out
    assert await command(world, "migrate") == 0
    capsys.readouterr()
    assert await command(world, "check") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [
        *("settings", "database", "telegram"),
        *["vk"] * (len(lines) - 3),
    ]
    assert any("wall of Город" in line for line in lines)
    assert any("token of Город" in line for line in lines)
    world.telegram.revoke_token("42:another-one")
    assert await command(world, "check") == 1
    assert "FAIL telegram: the token is refused: 401 Unauthorized" in capsys.readouterr().out


async def test_an_operators_mistakes_end_in_one_line(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command(world, "migrate") == 0
    bodies = tmp_path / "bodies.csv"
    bodies.write_text("code,name,topics\nroads,Минтранс,rods\n", encoding="utf-8")
    for words in (
        ["import", "bodies", str(bodies)],
        ["invite", "--role", "official"],
        ["invite", "--role", "official", "--body", "nobody"],
        ["invite", "--role", "curator", "--body", "roads"],
    ):
        assert await command(world, *words) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1, words
    database = open_database(world.settings.database.url)
    async with database.reading() as session:
        assert list(await session.scalars(select(Route))) == []
    await database.close()
