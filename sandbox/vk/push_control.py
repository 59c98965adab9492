"""The driver of VK's push: what Long Poll loses, and the Callback API's deliveries, one attempt at a time."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web

from sandbox.vk.events import Callback, Delivery, Log, Logs
from sandbox.vk.world import Unknown

Body = dict[str, Any]
PATIENCE: Final = 10  # seconds a Callback server may take


def add_push_routes(app: web.Application, logs: Logs) -> None:
    control = _PushControl(logs)
    for path, act in {
        "longpoll": control.long_poll,
        "callback": control.callback,
        "confirm": control.confirm,
        "deliver": control.deliver,
    }.items():
        app.router.add_post(f"/control/vk/{path}", _acting(act))


def _acting(act: Callable[[Body], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await act(dict(await request.json()) if request.can_read_body else {}))
        except Unknown as error:
            return web.json_response({"error": str(error)}, status=404)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle


class _PushControl:
    def __init__(self, logs: Logs) -> None:
        self._logs = logs

    async def long_poll(self, body: Body) -> Body:
        """{community_id, what: lose_history | expire_key | lose_all | disable}"""
        log = self._log(body)
        if body["what"] == "lose_history":
            log.forget()
        elif body["what"] == "expire_key":
            log.keys += 1
        elif body["what"] == "lose_all":
            log.forget()
            log.keys += 1
            log.is_lost = True
        elif body["what"] == "disable":
            log.is_enabled = False
        else:
            raise ValueError("what is lose_history, expire_key, lose_all or disable")
        return {"last": log.last}

    async def callback(self, body: Body) -> Body:
        """{community_id, url, secret?}: a Callback server; what happens from now on waits for `deliver`."""
        log = self._log(body)
        log.callback = Callback(str(body["url"]), str(body.get("secret", "")))
        return {"code": log.code}

    async def confirm(self, body: Body) -> Body:
        """{community_id} → {status, text, confirmed}"""
        log = self._log(body)
        event = {"type": "confirmation", "group_id": log.group}
        async with _http() as http:
            status, text = await _post(http, _server(log), event, tries=0)
        return {"status": status, "text": text, "confirmed": (status, text) == (HTTPStatus.OK, log.code)}

    async def deliver(self, body: Body) -> Body:
        """{community_id, again?, secret?} → {answers: [{event_id, type, status, text, tries}], waiting}.

        Sends what was not answered with `ok` yet; `again`: everything. `secret`: another than the right one.
        Later tries carry X-Retry-Counter.
        """
        log = self._log(body)
        server = _server(log)
        chosen = [one for one in server.queue if not one.done or body.get("again")]
        async with _http() as http:
            answers = [await _deliver(http, server, one, secret=body.get("secret")) for one in chosen]
        return {"answers": answers, "waiting": sum(not one.done for one in server.queue)}

    def _log(self, body: Body) -> Log:
        return self._logs.of(int(body["community_id"]))


async def _deliver(
    http: aiohttp.ClientSession, server: Callback, one: Delivery, *, secret: str | None
) -> Body:
    said = server.secret if secret is None else secret
    event = {**one.event, "secret": said} if said else one.event
    status, text = await _post(http, server, event, tries=one.tries)
    one.tries += 1
    one.done = one.done or (status, text) == (HTTPStatus.OK, "ok")
    named = {key: one.event[key] for key in ("event_id", "type")}
    return {**named, "status": status, "text": text, "tries": one.tries}


async def _post(http: aiohttp.ClientSession, server: Callback, event: Body, *, tries: int) -> tuple[int, str]:
    """The server's answer; (0, why) for none."""
    headers = {"X-Retry-Counter": str(tries)} if tries else {}
    try:
        async with http.post(server.url, json=event, headers=headers) as answer:
            return answer.status, (await answer.text())[:200]
    except (aiohttp.ClientError, TimeoutError) as error:
        return 0, type(error).__name__


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))


def _server(log: Log) -> Callback:
    if log.callback is None:
        raise Unknown(f"community {log.group} has no Callback server")
    return log.callback
