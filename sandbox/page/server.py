"""GET / and what the page needs besides the other control pages: who is shown, counts, the clock."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.networks import Networks
from sandbox.page.pictures import draw
from sandbox.telegram.state import Json
from sandbox.telegram.world import TelegramWorld

STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
# Posts and messages are strangers' words: even if one got past the page's own care, nothing in it could run.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_EVENTS_AT_ONCE: Final = 5000


@dataclass(frozen=True)
class Phone:
    """A person whose phone is shown. `role` and `about` (the body's name) stand under the name."""

    user_id: int
    role: str = ""
    about: str = ""


class Page:
    """What the page shows besides the chats and the walls."""

    def __init__(self, clock: SandboxClock, telegram: TelegramWorld, networks: Networks) -> None:
        self._clock = clock
        self._telegram = telegram
        self._networks = networks
        self._phones: dict[int, Phone] = {}
        self.timezone = ""
        # A page that outlived the server must start over: event numbers begin again.
        self._epoch = secrets.token_hex(8)
        self._read_to = 0
        self._linked: set[str] = set()

    def show(self, phone: Phone) -> None:
        """Put a phone on the page, after those already there; the same person again is only renamed."""
        self._phones[phone.user_id] = phone

    def state(self) -> Json:
        """Everything the page asks for each second. With no phone chosen it shows every private chat."""
        return {
            "epoch": self._epoch,
            "now": self._clock.now().isoformat(),
            "timezone": self.timezone,
            "offset_seconds": self._clock.offset.total_seconds(),
            "phones": [asdict(phone) for phone in self._phones.values()],
            "networks": [side.name for side in self._networks.sides if side.pages],
            "counts": {
                "posts": sum(len(side.offered) for side in self._networks.sides),
                "cards": self._cards(),
                "answers": sum(len(side.received) for side in self._networks.sides),
            },
        }

    def _cards(self) -> int:
        """How many posts the bot has brought to somebody's chat, by the links in its messages."""
        events = self._telegram.events
        while found := events.since(self._read_to, _EVENTS_AT_ONCE):
            self._read_to = found[-1]["seq"]
            for event in found:
                message = event.get("message")
                if message and message["from"]["is_bot"]:
                    self._linked.update(self._links(message))
        return len(self._linked & {native for side in self._networks.sides for native in side.offered})

    def _links(self, message: Json) -> list[str]:
        """The posts a message leads to."""
        urls = [button["url"] or "" for row in message["keyboard"] for button in row]
        return self._networks.find([*urls, unescape(message["html"])], message["text"])


def _json(body: Any, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(
        text=text, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _file(name: str) -> web.Response:
    """One of the page's own files. Read each time: an edit is seen at the next reload."""
    path = STATIC / name
    if path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        text=path.read_text("utf-8"), content_type=_TYPES[path.suffix], charset="utf-8", headers=_HEADERS
    )


def _writing(networks: Networks) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def write(request: web.Request) -> web.StreamResponse:
        """{network, page, author_name, text}: a resident writes to an official page."""
        try:
            body = await request.json()
            side = networks.side(str(body["network"]))
            side.offer(str(body["page"]), author=str(body["author_name"]), text=str(body["text"]))
        except (LookupError, TypeError, ValueError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)
        return _json({"ok": True})

    return write


def add_routes(
    app: web.Application, clock: SandboxClock, telegram: TelegramWorld, networks: Networks
) -> Page:
    """Mount /, /static/…, /photos/… and /control/page on `app`."""
    page = Page(clock, telegram, networks)

    async def index(_: web.Request) -> web.StreamResponse:
        return _file("index.html")

    async def static(request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["name"])

    async def no_icon(_: web.Request) -> web.StreamResponse:
        return _file("icon.svg")

    async def picture(request: web.Request) -> web.StreamResponse:
        drawn = draw(request.match_info["name"])
        return web.Response(
            text=drawn, content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"}
        )

    async def state(_: web.Request) -> web.StreamResponse:
        return _json(page.state())

    async def phones(request: web.Request) -> web.StreamResponse:
        """{phones: [{user_id, role?, about?}, …], timezone?}, or one such phone.

        `timezone`, as in Europe/Moscow, is that of every clock on the page; the reader's own if there is none.
        """
        try:
            body = await request.json()
            for one in body.get("phones", [body]):
                page.show(Phone(int(one["user_id"]), str(one.get("role", "")), str(one.get("about", ""))))
            if "timezone" in body:
                page.timezone = str(ZoneInfo(body["timezone"]))
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)
        return _json(page.state())

    app.router.add_get("/", index)
    app.router.add_get("/static/{name:[a-z_]+[.][a-z]+}", static)
    app.router.add_get(r"/photos/{name:[\w.-]{1,100}}", picture)
    app.router.add_get("/favicon.ico", no_icon)
    app.router.add_get("/control/page", state)
    app.router.add_post("/control/page/phones", phones)
    app.router.add_post("/control/page/posts", _writing(networks))
    return page
