"""/control: the people's side of the emulated Telegram, its trouble and its record, as JSON over HTTP.

Everything here answers `{"error": "…"}` with 400 when a person cannot do what was asked.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeAlias

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.telegram import errors, views
from sandbox.telegram.driver import PersonError
from sandbox.telegram.state import Json, Message
from sandbox.telegram.world import TelegramWorld

MAX_WAIT = 60

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Action: TypeAlias = Callable[[TelegramWorld, Json], Any]


def reply(body: Any, status: int = 200) -> web.Response:
    return web.json_response(
        body, status=status, dumps=lambda data: json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    )


async def body_of(request: web.Request) -> Json:
    """The JSON object a control request carries; {} for none.

    Raises:
        TypeError: it is something else.
    """
    raw = await request.read()
    body = json.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("a JSON object is expected")
    return body


def action(world: TelegramWorld, act: Action) -> Handler:
    """A POST handler around one thing a person does."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            result = act(world, await body_of(request))
        except (PersonError, KeyError, ValueError, TypeError, errors.ApiError) as error:
            return reply({"error": str(error) or type(error).__name__}, 400)
        return reply(result)

    return handle


def _sent(world: TelegramWorld, message: Message) -> Json:
    said = world.record.said[-1]
    return {"message_id": message.id, "chat_id": message.chat_id, "update_id": said.update_id}


def _only(body: Json, *names: str) -> dict[str, Any]:
    return {name: body[name] for name in names if name in body}


def _user(world: TelegramWorld, body: Json) -> Json:
    names = _only(body, "first_name", "last_name", "username", "language_code")
    return world.create_user(body.get("id"), **names).api()


def _say(world: TelegramWorld, body: Json) -> Json:
    place = _only(body, "chat_id", "spoken_as") | _place(body)
    return _sent(world, world.say(body["user_id"], body["text"], **place))


def _place(body: Json) -> dict[str, Any]:
    return {"reply_to": body.get("reply_to_message_id"), "thread_id": body.get("message_thread_id")}


def _file(world: TelegramWorld, body: Json) -> Json:
    try:
        data = base64.b64decode(body["base64"], validate=True) if "base64" in body else None
    except binascii.Error as error:
        raise ValueError("base64 is not base64") from error
    more = _only(body, "caption", "name", "mime_type", "chat_id") | _place(body)
    return _sent(world, world.send_file(body["user_id"], body.get("kind", "photo"), data, **more))


def _contact(world: TelegramWorld, body: Json) -> Json:
    place = _only(body, "chat_id") | _place(body)
    return _sent(world, world.share_contact(body["user_id"], body["phone_number"], **place))


def _press(world: TelegramWorld, body: Json) -> Json:
    how = _only(body, "label", "data", "force")
    return world.press(body["user_id"], body["chat_id"], body["message_id"], **how)


def _edit(world: TelegramWorld, body: Json) -> Json:
    return world.view(world.edit(body["user_id"], body["chat_id"], body["message_id"], body["text"]))


def _group(world: TelegramWorld, body: Json) -> Json:
    kind = body.get("type", "group")
    if kind not in {"group", "supergroup"}:
        raise ValueError("type is group or supergroup")
    how = _only(body, "bot_status")
    if kind == "group":
        chat = world.create_group(body["title"], body["members"], **how)
    else:
        chat = world.create_supergroup(
            body["title"], body["members"], is_forum=bool(body.get("is_forum")), **how
        )
    return views.chat_seen(chat, world.people)


def _channel(world: TelegramWorld, body: Json) -> Json:
    chat = world.create_channel(body["title"], body["owner"], **_only(body, "username", "bot_status"))
    if "group_id" in body:
        world.link(chat.id, body["group_id"])
    return views.chat_seen(chat, world.people)


def _comment(world: TelegramWorld, body: Json) -> Json:
    what = (body["user_id"], body["channel_id"], body["post_id"], body["text"])
    return _sent(world, world.comment(*what, **_only(body, "spoken_as")))


def _fault(world: TelegramWorld, body: Json) -> Json:
    if body.get("clear"):
        world.faults.clear()
        return {"ok": True}
    how = {key: value for key, value in body.items() if key not in {"kind", "method"}}
    return asdict(world.fault(body["kind"], body.get("method", "*"), **how))


def _limits(world: TelegramWorld, body: Json) -> Json:
    if body["mode"] not in {"enforce", "count", "off"}:
        raise ValueError("mode is enforce, count or off")
    world.limits.mode = body["mode"]
    return {"mode": body["mode"]}


def _quiet(act: Callable[[TelegramWorld, Json], object]) -> Action:
    """An action with nothing to tell."""

    def run(world: TelegramWorld, body: Json) -> Json:
        act(world, body)
        return {"ok": True}

    return run


ACTIONS: dict[str, Action] = {
    "users": _user,
    "start": lambda w, b: _sent(w, w.start(b["user_id"], b.get("payload", ""))),
    "say": _say,
    "file": _file,
    "contact": _contact,
    "press": _press,
    "edit": _edit,
    "delete": _quiet(lambda w, b: w.remove(b["user_id"], b["chat_id"], b["message_id"])),
    "block": _quiet(lambda w, b: w.block(b["user_id"])),
    "unblock": _quiet(lambda w, b: w.unblock(b["user_id"])),
    "deactivate": _quiet(lambda w, b: w.deactivate(b["user_id"])),
    "groups": _group,
    "channels": _channel,
    "comment": _comment,
    "name": _quiet(lambda w, b: w.name_chat(b["chat_id"], b.get("username"))),
    "topics": lambda w, b: asdict(w.create_topic(b["user_id"], b["chat_id"], b["name"])),
    "members/add": _quiet(lambda w, b: w.add_member(b["chat_id"], b["user_id"], **_only(b, "status"))),
    "members/remove": _quiet(lambda w, b: w.remove_member(b["chat_id"], b["user_id"], **_only(b, "status"))),
    "bot_status": _quiet(lambda w, b: w.set_bot_status(b["chat_id"], b["status"], by=b.get("by"))),
    "migrate": lambda w, b: views.chat_seen(w.migrate(b["chat_id"]), w.people),
    "faults": _fault,
    "limits": _limits,
    "revoke_token": _quiet(lambda w, b: w.revoke_token(b.get("new"))),
}


class Screen:
    """What people and scripts may look at."""

    def __init__(self, world: TelegramWorld) -> None:
        self.world = world

    async def chats(self, _: web.Request) -> web.StreamResponse:
        return reply({"chats": self.world.chat_list(), "seq": self.world.events.last})

    async def users(self, _: web.Request) -> web.StreamResponse:
        people = [p.api() | {"blocked_bot": p.blocked_bot} for p in self.world.people.values()]
        return reply({"users": people, "bot": self.world.bot.api()})

    async def messages(self, request: web.Request) -> web.StreamResponse:
        chat_id, query = int(request.match_info["chat_id"]), request.query
        limit = _whole(request, "limit", 200)
        try:
            if "last" in query:
                found = self.world.last_messages(chat_id, limit)
            else:
                after = _whole(request, "after", 0)
                found = self.world.messages(chat_id, after=after, limit=limit, deleted="deleted" in query)
        except PersonError as error:
            return reply({"error": str(error)}, 404)
        return reply({"messages": found, "seq": self.world.events.last})

    async def events(self, request: web.Request) -> web.StreamResponse:
        since, wait = _whole(request, "since", 0), min(_whole(request, "wait", 0), MAX_WAIT)
        found = await self.world.events.wait(since, wait)
        return reply({"events": found, "last": found[-1]["seq"] if found else since})

    async def record(self, request: web.Request) -> web.StreamResponse:
        what, since = request.query.get("list"), _whole(request, "since", 0)
        body: Json = {"summary": self.world.summary()}
        for name in ("calls", "presses", "said"):
            if what in {None, name}:
                body[name] = self.world.record.page(name, since)
        return reply(body)

    async def summary(self, _: web.Request) -> web.StreamResponse:
        return reply(self.world.summary())

    async def file(self, request: web.Request) -> web.StreamResponse:
        stored = self.world.files.by_id.get(request.match_info["file_id"])
        if stored is None:
            return reply({"error": "there is no such file"}, 404)
        default = "image/jpeg" if stored.kind == "photo" else "application/octet-stream"
        return web.Response(body=stored.data, content_type=stored.mime_type or default)

    async def commands(self, _: web.Request) -> web.StreamResponse:
        found = [
            {"scope": json.loads(scope), "language_code": language, "commands": listed}
            for (scope, language), listed in self.world.commands.items()
        ]
        return reply({"commands": found})

    def routes(self) -> dict[str, Handler]:
        return {
            "chats": self.chats,
            "users": self.users,
            r"chats/{chat_id:-?\d+}/messages": self.messages,
            "events": self.events,
            "record": self.record,
            "summary": self.summary,
            "files/{file_id}": self.file,
            "commands": self.commands,
        }


def _whole(request: web.Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        raise web.HTTPBadRequest(text=f"{name} is a whole number") from None


def add_control_routes(app: web.Application, clock: SandboxClock, telegram: TelegramWorld) -> None:
    """Mount /control/clock and /control/telegram/… on `app`."""

    def time_now() -> Json:
        return {"now": clock.now().isoformat(), "offset_seconds": clock.offset.total_seconds()}

    async def show_clock(_: web.Request) -> web.StreamResponse:
        return reply(time_now())

    def forward(_: TelegramWorld, body: Json) -> Json:
        clock.forward(timedelta(seconds=float(body["forward_seconds"])))
        return time_now()

    app.router.add_get("/control/clock", show_clock)
    app.router.add_post("/control/clock", action(telegram, forward))
    for path, act in ACTIONS.items():
        app.router.add_post(f"/control/telegram/{path}", action(telegram, act))
    for path, handler in Screen(telegram).routes().items():
        app.router.add_get(f"/control/telegram/{path}", handler)
