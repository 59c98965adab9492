"""Odnoklassniki over HTTP: /ok/fb.do and /ok/api/{group}/{method} for the program, /control/ok/ for people."""

import asyncio
import itertools
import json
from typing import Any, Final

from aiohttp import web

from sandbox.ok import methods
from sandbox.ok.control import add_control_routes
from sandbox.ok.faults import Fault, Faults
from sandbox.ok.params import Params
from sandbox.ok.refusals import Refusal
from sandbox.ok.world import OkWorld

LONGEST_HANG: Final = 600.0  # seconds


def add_routes(app: web.Application, world: OkWorld) -> None:
    """The program's `api_url` is `http://host:port/ok/fb.do`."""
    faults = Faults()
    server = _Server(world, faults)
    for path in ("/ok/fb.do", "/ok/api/{group}/{name}"):
        app.router.add_get(path, server.answer)
        app.router.add_post(path, server.answer)
    add_control_routes(app, world, faults)


class _Server:
    def __init__(self, world: OkWorld, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._numbers = itertools.count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        params = Params({**request.query, **{key: str(value) for key, value in form.items()}})
        place = request.match_info
        name = f"{place['group']}.{place['name']}" if "group" in place else params.get("method", "")
        self._world.record.call(name, params, self._world.monotonic())
        fault = self._faults.take(name)
        if fault is None:
            return _json(self._work(name, params))
        body = self._work(name, params) if fault.after_work else {}
        if fault.kind == "error":
            return _json(Refusal(fault.code).body())
        return await self._spoilt(request, fault, name, body)

    def _work(self, name: str, params: Params) -> Any:
        try:
            return methods.call(self._world, name, params)
        except Refusal as refusal:
            return refusal.body()

    async def _spoilt(self, request: web.Request, fault: Fault, name: str, body: Any) -> web.StreamResponse:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return _json(body)
        if fault.kind == "endless" and isinstance(body, dict):
            # The same page whatever is asked for, as if there always were a next one.
            anchor = str(10**15 + next(self._numbers))
            if name == "discussions.getList":
                anchor += ".1"  # the form its anchors have here
            return _json({**body, "anchor": anchor, "has_more": True})
        if fault.kind == "hang":
            return await _hang(request, fault.seconds or LONGEST_HANG)
        if fault.kind == "cut":
            return await _cut(request, body)
        if fault.kind == "status":
            headers = {"Retry-After": "7"} if fault.code == web.HTTPTooManyRequests.status_code else {}
            return web.Response(status=fault.code, text="<html><h1>oops</h1></html>", headers=headers)
        return web.Response(text="<html>ой" if fault.kind == "garbage" else "", content_type="text/html")


def _json(body: Any) -> web.Response:
    # ASCII with \uXXXX: so a lone surrogate can travel.
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


async def _cut(request: web.Request, body: Any) -> web.StreamResponse:
    """Half of the answer, then the connection is gone."""
    whole = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
