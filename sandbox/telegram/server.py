"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>.

Source: https://core.telegram.org/bots/api#making-requests
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox.telegram import errors
from sandbox.telegram.args import Args, Upload
from sandbox.telegram.faults import Fault
from sandbox.telegram.limits import produces_message
from sandbox.telegram.methods import GET_UPDATES, METHODS, call
from sandbox.telegram.record import Call
from sandbox.telegram.waiting import Bell
from sandbox.telegram.world import TelegramWorld

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


def _json(body: Any, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json")


def _refusal(error: errors.ApiError) -> web.Response:
    return _json(error.body(), error.code)


async def read_args(request: web.Request) -> Args:
    """Parameters from the address and the body.

    Raises:
        ApiError: the body is not what its type says.
    """
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise errors.JSON_BAD.error("request") from None
        if not isinstance(body, dict):
            raise errors.JSON_BAD.error("request")
        values |= body
    elif request.can_read_body:
        try:
            form = await request.post()
        except web.HTTPRequestEntityTooLarge:
            raise errors.UPLOAD_TOO_BIG.error() from None
        for name, value in form.items():
            if isinstance(value, FileField):
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                values[name] = value.decode() if isinstance(value, (bytes, bytearray)) else value
    return Args(values, uploads)


class BotApi:
    """Answers the bot. The order is Telegram's: token, method, limits, and only then the work."""

    def __init__(self, world: TelegramWorld) -> None:
        self.world = world
        self.closing = Bell()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        token, name = request.match_info["token"], request.match_info["method"]
        if token != self.world.token:
            return _refusal(errors.UNAUTHORIZED.error())
        try:
            args = await read_args(request)
        except errors.ApiError as error:
            entry = self.world.record.call(name, None)
            return self._refused(entry, error)
        return await self._counted(request, name, args)

    async def _counted(self, request: web.Request, name: str, args: Args) -> web.StreamResponse:
        method, chat_id = name.lower(), args.chat()
        entry = self.world.record.call(name, chat_id)
        if method not in METHODS and method != GET_UPDATES:
            return self._refused(entry, errors.METHOD_NOT_FOUND.error())
        if produces_message(method) and self.world.limits.mode != "off":
            wait = self.world.limits.arrive(chat_id)
            if wait is not None:
                self.world.record.over_limit(entry)
                if self.world.limits.mode == "enforce":
                    return self._refused(entry, errors.TOO_MANY.error(wait, retry_after=wait))
        fault = self.world.faults.take(method, chat_id)
        if fault is None:
            return await self._work(entry, method, args)
        entry.fault = fault.kind
        return await self._spoiled(request, fault, entry, lambda: self._work(entry, method, args))

    async def _work(self, entry: Call, method: str, args: Args) -> web.Response:
        token = self.world.token
        try:
            result = await call(self.world, method, args)
        except errors.ApiError as error:
            return self._refused(entry, error)
        if self.world.token != token:  # revoked while a poller waited
            return self._refused(entry, errors.UNAUTHORIZED.error())
        self.world.record.done(entry, result)
        return _json({"ok": True, "result": result})

    def _refused(self, entry: Call, error: errors.ApiError) -> web.Response:
        self.world.record.refused(entry, error.code, error.description)
        return _refusal(error)

    async def _spoiled(
        self, request: web.Request, fault: Fault, entry: Call, work: Callable[[], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        match fault.kind:
            case "delay":
                await self.closing.wait(fault.seconds)
                return await work()
            case "hang_after" | "drop_after":
                await work()
                if fault.kind == "hang_after":
                    await self.closing.wait(fault.seconds)
                return self._cut(request)
            case "drop":
                self.world.record.refused(entry, 0, "connection dropped before the work")
                return self._cut(request)
            case "bad_gateway":
                self.world.record.refused(entry, HTTPStatus.BAD_GATEWAY, "Bad Gateway")
                return web.Response(text=BAD_GATEWAY, status=HTTPStatus.BAD_GATEWAY, content_type="text/html")
        return self._refused(entry, _ordered(fault))

    @staticmethod
    def _cut(request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def download(self, request: web.Request) -> web.Response:
        """A file by the path getFile gave."""
        stored = self.world.files.by_path.get(request.match_info["path"])
        if request.match_info["token"] != self.world.token:
            return _refusal(errors.UNAUTHORIZED.error())
        if stored is None:
            body = {"ok": False, "error_code": 404, "description": "Not Found"}
            return _json(body, HTTPStatus.NOT_FOUND)
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _ordered(fault: Fault) -> errors.ApiError:
    """The refusal a fault asks for."""
    match fault.kind:
        case "retry_after":
            seconds = int(fault.seconds)
            return errors.TOO_MANY.error(seconds, retry_after=seconds)
        case "conflict":
            return errors.POLL_ENDED_BY_POLL.error()
        case "migrate":
            return errors.UPGRADED.error(migrate_to_chat_id=fault.migrate_to_chat_id)
        case "restart":
            return errors.RESTART.error()
    return errors.ApiError(fault.status, fault.description, fault.parameters)


def add_routes(app: web.Application, world: TelegramWorld) -> None:
    """Mount the Bot API on `app`."""
    api = BotApi(world)
    for prefix in ("/bot{token:[^/]+}", "/bot{token:[^/]+}/test"):
        app.router.add_route("*", prefix + "/{method:[A-Za-z0-9_]+}", api.handle)
    app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", api.download)

    async def let_go(_: web.Application) -> None:
        api.closing.ring()
        world.close()

    app.on_shutdown.append(let_go)
