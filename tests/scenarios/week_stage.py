"""A stage for long stories: the whole program, one Telegram and one VK over HTTP, and a clock that stands still.

Nothing is waited for by the clock on the wall: the story moves the clock, lets the program come to rest, and
writes down every message that appeared or changed, as people see it. The transcript is the assertion: what
nobody expected is in it too, and then the story fails.
"""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from aiohttp import web
from sqlalchemy import func, select

from bot import app
from bot.inviting import issue
from bot.migrating import upgrade
from bot.schedule import Sweeper
from bot.settings import load
from incidents.sweeping import due
from models import (
    Answer,
    Body,
    InboxRow,
    InboxState,
    Incident,
    OutboxRow,
    OutboxState,
    Publication,
    PublicationState,
    Role,
    Route,
)
from models.database import Database, open_database
from sandbox.app import build_app
from sandbox.clock import SandboxClock
from sandbox.telegram.world import TelegramWorld
from sandbox.vk.world import VkWorld


def _png(width: int, height: int) -> bytes:
    """A grey picture. Source: https://www.w3.org/TR/png/#5DataRep"""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes(90 + (x * 7 + y * 13) % 23 for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


MOSCOW: Final = ZoneInfo("Europe/Moscow")
TOKEN: Final = "42:TEST-token-of-the-week"
_REST_SECONDS: Final = 0.25  # nothing has changed for so long: the program is at rest
_PATIENCE_SECONDS: Final = 60
_NAP_SECONDS: Final = 0.7  # a little longer than whoever waits for a moved clock sleeps (bot/clock.py)
# Fresh asphalt.
ASPHALT: Final = _png(160, 100)
_DAYS: Final = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


class StandingClock(SandboxClock):
    """Stands still until it is moved: what people read is then the same on every machine."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at + self.offset

    def __call__(self) -> datetime:
        return self.now()


@dataclass
class Week:
    """Who is there, what they do, and what was then to be seen."""

    database: Database
    clock: StandingClock
    telegram: TelegramWorld
    walls: VkWorld
    http: httpx.AsyncClient
    url: str
    names: dict[int, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _seen: int = 0
    _answered: int = 0
    _sweeps: list[None] = field(default_factory=list)

    # -- time

    async def at(self, day: str, time: str, what: str = "") -> None:
        """Move the clock to this local moment, e.g. "2026-11-02", "08:00", and let the program do what is due."""
        moment = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=MOSCOW)
        self.clock.forward(moment.astimezone(UTC) - self.clock.now())
        await self.settle(what or "проходит время")

    async def after(self, what: str = "", **amount: float) -> None:
        self.clock.forward(timedelta(**amount))
        await self.settle(what or "проходит время")

    # -- people

    async def press(self, who: int, label: str, *, chat: int | None = None, about: str = "") -> None:
        """Press the newest button whose label has these words, under a message that has those."""
        place = chat or who
        for message in reversed(self.telegram.messages(place)):
            labels = [one["label"] for row in message["keyboard"] for one in row]
            found = next((one for one in labels if label in one), None)
            if found is not None and about in (message["text"] or ""):
                self.telegram.press(who, place, message["message_id"], label=found)
                await self.settle(f"{self._who(who, place)} нажимает [{found}]")
                return
        seen = "\n".join(self.lines[-60:])
        raise AssertionError(f"{self.names[who]} sees no button {label!r} about {about!r}; before:\n{seen}")

    async def write(
        self, who: int, text: str, *, chat: int | None = None, to: str = "", photo: bool = False
    ) -> None:
        """Write, in reply to the newest message with the words `to`."""
        place = chat or who
        reply_to = None
        if to:
            found = [one for one in self.telegram.messages(place) if to in (one["text"] or "")]
            reply_to = found[-1]["message_id"]
        if photo:
            self.telegram.send_file(who, "photo", ASPHALT, caption=text, chat_id=place, reply_to=reply_to)
        else:
            self.telegram.say(who, text, chat_id=place, reply_to=reply_to)
        await self.settle(f"{self._who(who, place)} пишет: {text}{' + фото' if photo else ''}")

    async def does(self, what: str) -> None:
        """Let the program answer what the story has just done by other means."""
        await self.settle(what)

    def _who(self, who: int, place: int) -> str:
        return self.names[who] if place == who else f"{self.names[who]} в «{self.name_of(place)}»"

    def name_of(self, chat: int) -> str:
        return self.names.get(chat) or self.telegram.chat(chat).title or str(chat)

    # -- the network

    async def vk(self, path: str, **body: object) -> Any:
        reply = await self.http.post(f"{self.url}/control/vk/{path}", json=body)
        return reply.raise_for_status().json()

    async def post(self, text: str, *, author: str = "Житель", community: int = 1) -> int:
        """A resident writes on the community's wall; its incident's number."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await self._walls_are_read():
                pass
            before = await self._count(Incident)
            made = await self.vk("posts", community_id=community, text=text, author_name=author)
            while await self._count(Incident) == before:
                await self._walls_are_read()
        await self.settle(f"{author} пишет во ВКонтакте: {text}")
        assert made
        return await self._count(Incident)

    async def _walls_are_read(self) -> bool:
        """Move the clock a little and let a reading that is due then begin and end; whether there was one.

        A post must not be taken in a moment before the clock moves: its card would say two seconds less.
        """
        calls, loop = self.walls.record.calls, asyncio.get_running_loop()
        before, since = calls.total(), loop.time()
        self.clock.forward(timedelta(seconds=2))
        seen = before
        while loop.time() - since < (_NAP_SECONDS if seen != before else 2 * _NAP_SECONDS):
            await asyncio.sleep(0.02)
            if calls.total() != seen:
                seen, since = calls.total(), loop.time()
        return seen != before

    async def edits_in_vk(self, words: str, text: str) -> None:
        """Somebody changes the community's own comment by hand, in the network itself."""
        async with self.database.reading() as session:
            native_id = await session.scalar(
                select(Publication.native_id)
                .join(Answer, Answer.id == Publication.answer_id)
                .where(Answer.text.contains(words), Publication.native_id.is_not(None))
            )
        await self.vk("edit", native_id=native_id, text=text)
        await self.settle(f"ответ под постом исправлен руками: {text}")

    # -- coming to rest

    async def settle(self, what: str) -> None:
        """Wait until nothing is due and nothing changes any more, then write down what was seen."""
        await self.rest()
        local = self.clock.now().astimezone(MOSCOW)
        self.lines += ["", f"=== {_DAYS[local.weekday()]} {local:%d.%m %H:%M} · {what}", *self._news()]

    async def rest(self) -> None:
        """Wait until nothing is due and nothing changes any more."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._rest()

    async def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        mark, since, sweeps = await self._mark(), loop.time(), len(self._sweeps)
        while True:
            await asyncio.sleep(0.02)
            now = await self._mark()
            if now != mark or now[0]:
                mark, since, sweeps = now, loop.time(), len(self._sweeps)
            elif loop.time() - since > _REST_SECONDS and len(self._sweeps) >= sweeps + 2:
                return

    async def _mark(self) -> tuple[int, ...]:
        """How much is due, then what would change if anything happened."""
        now = self.clock.now()
        async with self.database.reading() as session:
            waits = [
                await session.scalar(select(func.count()).select_from(table).where(*where)) or 0
                for table, *where in (
                    (InboxRow, InboxRow.state == InboxState.NEW),
                    (OutboxRow, OutboxRow.state == OutboxState.WAITING, OutboxRow.not_before <= now),
                    (
                        Publication,
                        Publication.state.in_([PublicationState.WAITING, PublicationState.SENDING]),
                        Publication.not_before <= now,
                    ),
                )
            ]
            waits.append(len(await due(session, now=now)))
            waits.append(sum(press.acknowledged_at is None for press in self.telegram.record.presses))
            rows = await session.scalar(select(func.max(OutboxRow.id))) or 0
        # The walls are read now and then: a post must not come between two readings of one moment.
        heard = (len(self.telegram.record.calls), self.walls.record.calls.total())
        return (sum(waits), rows, self.telegram.events.last, *heard)

    async def _count(self, table: Any) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    # -- the transcript

    def _news(self) -> list[str]:
        told = [
            f"  ({self.names.get(press.user_id, press.user_id)} видит"
            f"{' предупреждение' if press.show_alert else ''}: {press.text})"
            for press in self.telegram.record.presses[self._answered :]
        ]
        self._answered = len(self.telegram.record.presses)
        shown: dict[tuple[int, int], tuple[str, dict[str, Any]]] = {}
        for event in self.telegram.events.since(self._seen, limit=100_000):
            message = event.get("message")
            if message and event["type"] in {"message", "edit"} and message["from"]["is_bot"]:
                key = (event["chat_id"], event["message_id"])
                kind = (
                    "новое" if event["type"] == "message" or shown.get(key, ("",))[0] == "новое" else "правка"
                )
                shown[key] = (kind, message)
        self._seen = self.telegram.events.last
        alike: dict[tuple[str, ...], list[str]] = {}
        for (chat, _), (kind, message) in sorted(shown.items(), key=lambda one: one[0]):
            alike.setdefault(self._message(kind, message), []).append(self.name_of(chat))
        for (kind, *lines), names in alike.items():
            told += [f"  [{', '.join(names)}] {kind}", *lines]
        return told

    def _message(self, kind: str, message: dict[str, Any]) -> tuple[str, ...]:
        """What kind of news, then its lines: what several people read alike is written down once."""
        lines = [f"{kind}{' (фото)' if message['photo'] else ''}:"]
        lines += [f"    {line}".rstrip() for line in (message["text"] or "").split("\n")]
        lines += ["    " + " ".join(f"[{one['label']}]" for one in row) for row in message["keyboard"]]
        return tuple(lines)

    @property
    def transcript(self) -> str:
        """What was seen. A card drawn a second after its deadline began says a minute less than a day: the same."""
        return ("\n".join(self.lines).strip() + "\n").replace("осталось 23 ч 59 мин", "осталось 1 дн.")


def config(url: str, database: str, more: str = "") -> str:
    return f"""
[telegram]
token = "{TOKEN}"
api_url = "{url}"
poll_seconds = 1
per_chat_seconds = 0
per_group_minute = 100000
[database]
url = "{database}"
[schedule]
sweep_seconds = 0.1
[classifier]
learn = false
[collectors.vk]
enabled = true
api_url = "{url}/vk"
service_token = "service-secret"
every_seconds = 1
calls_per_second = 60
[[collectors.vk.communities]]
id = 1
title = "Верхнереченск"
territory = "Верхнереченск"
community_token = "community-secret"
{more}
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Who enters on the first morning."""

    id: int
    name: str
    role: Role
    body: str = ""


@asynccontextmanager
async def a_week(
    folder: Path,
    monkeypatch: Any,
    *,
    begins: datetime,
    bodies: Sequence[tuple[str, str, str]],
    classifier: Any,
    more: str = "",
) -> AsyncIterator[Week]:
    """The program at work. `bodies`: code, name, topic. `more`: of config.toml."""
    clock = StandingClock(begins.astimezone(UTC))
    telegram = TelegramWorld(clock, token=TOKEN, limits="count")
    walls = VkWorld(clock)
    runner = web.AppRunner(build_app(clock, telegram, walls), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    path = folder / "config.toml"
    path.write_text(config(url, f"sqlite+aiosqlite:///{folder / 'week.sqlite3'}", more), encoding="utf-8")
    settings = load(path, {})
    await upgrade(settings.database.url)
    database = open_database(settings.database.url)
    monkeypatch.setattr(app, "SystemClock", lambda: clock)
    monkeypatch.setattr("bot.explaining.open_classifier", lambda *_, **__: classifier)
    async with httpx.AsyncClient(trust_env=False) as http:
        week = Week(database, clock, telegram, walls, http, url)
        _count_sweeps(monkeypatch, week)
        await week.vk("communities", name="gorod", title="Верхнереченск", id=1, token="community-secret")
        await week.vk("tokens", token="service-secret", kind="service")
        async with database.writing() as session:
            for code, name, topic in bodies:
                body = Body(code=code, name=name, created_at=clock.now())
                session.add(body)
                await session.flush()
                session.add(Route(topic=topic, body_id=body.id))
        stop, ready = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(app.run(settings, stop=stop, ready=ready))
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await ready.wait()
                yield week
            finally:
                stop.set()
    await database.close()
    telegram.close()
    await runner.cleanup()


def _count_sweeps(monkeypatch: Any, week: Week) -> None:
    """The weekly line is looked after with every sweep: by the wall's clock it would come in any step."""
    sweep = Sweeper.sweep

    async def counted(self: Sweeper) -> None:
        await sweep(self)
        await self.tell_week()
        week._sweeps.append(None)  # noqa: SLF001 - the stage's own

    monkeypatch.setattr(Sweeper, "sweep", counted)


async def all_enter(week: Week, people: Sequence[Person], *, groups: Mapping[str, int]) -> None:
    """Everybody by an invitation of their own, a body at a time; `groups`: code → the group its first enters from."""
    for code, one_body in groupby(people, key=lambda one: one.body):
        entering = list(one_body)
        async with week.database.writing() as session:
            tokens = [
                await issue(session, role=one.role, body_code=one.body or None, now=week.clock.now())
                for one in entering
            ]
        for person, token in zip(entering, tokens, strict=True):
            group = groups.get(code) if person is entering[0] else None
            if group is None:
                week.telegram.start(person.id, token)
            else:
                week.telegram.say(person.id, f"/start@otklik_bot {token}", chat_id=group)
            await week.rest()
        await week.settle(f"входят: {', '.join(one.name for one in entering)} ({code or 'регион'})")
