"""VK over HTTP: /vk/method/{name} for the program, /control/vk/ for whoever plays the residents."""

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from sandbox.vk import methods
from sandbox.vk.control import add_control_routes
from sandbox.vk.events import Logs
from sandbox.vk.faults import Fault, Faults
from sandbox.vk.params import Params
from sandbox.vk.push_control import add_push_routes
from sandbox.vk.pushing import Pushing
from sandbox.vk.refusals import Refusal
from sandbox.vk.world import Unknown, VkWorld

LONGEST_HANG: Final = 600.0  # seconds


def add_routes(app: web.Application, world: VkWorld) -> None:
    """The program's `api_url` is `http://host:port/vk`."""
    faults, logs = Faults(), Logs(world)
    server = _Server(world, faults, Pushing(logs))
    app.router.add_route("*", "/vk/method/{name}", server.answer)
    app.router.add_route("*", r"/vk/lp/wh{group:\d+}", server.listen)
    add_control_routes(app, world, faults)
    add_push_routes(app, logs)


class _Server:
    def __init__(self, world: VkWorld, faults: Faults, pushing: Pushing) -> None:
        self._world = world
        self._faults = faults
        self._pushing = pushing

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if request.method not in {"GET", "POST"}:
            return _json(Refusal(9999).body({}))
        params = await _params(request)
        self._pushing.origin = str(request.url.origin())
        self._world.record.calls[name] += 1
        fault = self._faults.take(name)
        if fault is None:
            return _json(self._work(name, params))
        if fault.kind == "error":
            if fault.after_work:
                self._work(name, params)
            return _json(Refusal(fault.code).body(params))
        return await self._spoilt(request, fault, self._work(name, params) if fault.after_work else {})

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """A client waits for the events of one community; the fault script knows it as `a_check`."""
        params = await _params(request)
        self._world.record.calls["a_check"] += 1
        fault = self._faults.take("a_check")
        if fault is not None:
            return await self._spoilt(request, fault, {"ts": "0", "updates": []})
        try:
            return _json(await self._pushing.check(int(request.match_info["group"]), params))
        except (Unknown, Refusal) as refusal:
            return web.Response(status=400, text=str(refusal))

    def _work(self, name: str, params: Params) -> dict[str, Any]:
        try:
            return {"response": methods.call(self._world, self._pushing, name, params)}
        except Refusal as refusal:
            return refusal.body(params)

    async def _spoilt(self, request: web.Request, fault: Fault, body: dict[str, Any]) -> web.StreamResponse:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return _json(body)
        if fault.kind == "hang":
            return await _hang(request, fault.seconds or LONGEST_HANG)
        if fault.kind == "cut":
            return await _cut(request, body)
        if fault.kind == "status":
            return web.Response(status=fault.code, text="<html><h1>502 Bad Gateway</h1></html>")
        return web.Response(text="<html>ой" if fault.kind == "garbage" else "", content_type="text/html")


async def _params(request: web.Request) -> Params:
    """Query string and body together."""
    form = await request.post()
    return Params({**request.query, **{key: str(value) for key, value in form.items()}})


def _json(body: dict[str, Any]) -> web.Response:
    # ASCII with \uXXXX, as VK writes: so a lone surrogate can travel.
    return web.Response(text=json.dumps(body), content_type="application/json")


async def _hang(request: web.Request, seconds: float) -> web.Response:
    """Say nothing until the client gives up, or for `seconds`; then the connection is gone."""
    deadline = asyncio.get_running_loop().time() + seconds
    while request.transport is not None and not request.transport.is_closing():
        if asyncio.get_running_loop().time() >= deadline:
            request.transport.abort()
            break
        await asyncio.sleep(0.02)
    return web.Response(status=499)


async def _cut(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Half of the answer, then the connection is gone."""
    whole = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
