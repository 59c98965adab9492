"""The Graph API over HTTP: /graph/{version}/… for the program, /control/… for whoever plays the residents."""

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from sandbox.graph import dispatch
from sandbox.graph.access import Token
from sandbox.graph.control import Control, add_control_routes
from sandbox.graph.errors import LIMITS, GraphError
from sandbox.graph.facebook_offers import FacebookOffers
from sandbox.graph.faults import Fault, Faults
from sandbox.graph.instagram_offers import InstagramOffers
from sandbox.graph.instagram_world import InstagramWorld
from sandbox.graph.select import Ask, Json, Upload
from sandbox.graph.world import FacebookWorld, GraphWorld

LONGEST_HANG: Final = 600.0  # seconds
_NOWHERE: Final = "QVFIUnNhbmRib3g"  # a cursor that never moves
_SECRET: Final = frozenset({"access_token", "appsecret_proof"})


def add_routes(app: web.Application, facebook: FacebookWorld, instagram: InstagramWorld) -> None:
    """The program's base address is `http://host:port/graph`."""
    server = _Server(facebook, instagram)
    app.router.add_route("*", "/graph/{path:.*}", server.answer)
    add_control_routes(app, Control(facebook, server.faults[facebook.network], FacebookOffers(facebook)))
    add_control_routes(app, Control(instagram, server.faults[instagram.network], InstagramOffers(instagram)))


class _Call:
    """A request, read: what it asks for and in whose name."""

    def __init__(self, request: web.Request, params: dict[str, str], uploads: dict[str, Upload]) -> None:
        segments = [one for one in request.match_info["path"].split("/") if one]
        self.version = segments.pop(0) if segments else ""
        self.segments = segments
        self.params = params
        self.uploads = uploads
        self.verb = request.method
        if self.verb == "POST" and params.get("method", "").upper() in {"GET", "DELETE"}:
            self.verb = params["method"].upper()
        self.name = dispatch.name_of(segments)
        self.path = f"/{self.version}/{'/'.join(segments)}"
        self.base = f"{request.scheme}://{request.host}/graph/{self.version}"
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        self.secret = params.get("access_token", "")
        self.token_in = "parameter" if self.secret else "nowhere"
        if not self.secret and scheme.lower() in {"bearer", "oauth"}:
            self.secret, self.token_in = bearer.strip(), "header"


class _Server:
    def __init__(self, facebook: FacebookWorld, instagram: InstagramWorld) -> None:
        self._worlds: dict[str, GraphWorld] = {facebook.network: facebook, instagram.network: instagram}
        self._facebook = facebook
        self._instagram = instagram
        self.faults = {name: Faults() for name in self._worlds}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            call = _Call(request, *await _read(request))
        except GraphError as error:
            return _json(error.body(), error.status)
        network = dispatch.network_of(self._facebook, self._instagram, call.segments)
        self._remember(network, call)
        fault = self.faults[network].take(call.verb, call.name, call.path)
        if fault is None:
            return self._answered(network, call)
        if fault.kind == "endless_cursor":
            call.params.pop("after", None)  # every page is the first one
        work = self._answered(network, call) if fault.after_work else None
        if fault.kind == "error":
            return self._faulty(network, call, fault)
        if work is not None and fault.kind in {"endless_cursor", "empty_page"}:
            return _turned(request, work, call, fault)
        return await _spoilt(request, fault, work or _json({}))

    def _remember(self, network: str, call: _Call) -> None:
        record = self._worlds[network].record
        record.calls[f"{call.verb} {call.name}"] += 1
        params = {key: "…" if key in _SECRET else value for key, value in call.params.items()}
        about = {"verb": call.verb, "path": call.path, "params": params, "token_in": call.token_in}
        record.requests.append(about)

    def _answered(self, network: str, call: _Call) -> web.Response:
        headers: dict[str, str] = {}
        access = self._facebook.access
        try:
            token = self._accepted(call)
            access.count(token, network)
            headers = access.headers(token, network)
            ask = Ask(self._facebook, self._instagram, token, call.params, call.base, call.uploads)
            return _json(dispatch.answer(ask, call.verb, call.segments), 200, headers)
        except GraphError as error:
            if error.code in LIMITS and call.secret in access.tokens:
                self._worlds[network].record.over_limit += 1
                headers = access.headers(access.tokens[call.secret], network)
            return _json(error.body(), error.status, headers)

    def _accepted(self, call: _Call) -> Token:
        if not dispatch.known_version(call.version):
            raise GraphError(2500, f"Unknown path components: {call.path}")
        return self._facebook.access.token(call.secret, call.params.get("appsecret_proof"))

    def _faulty(self, network: str, call: _Call, fault: Fault) -> web.Response:
        """An error on order; that of a limit comes with the headers that tell its end."""
        code = fault.code if call.verb == "GET" else fault.write_code or fault.code
        error = GraphError(code, subcode=fault.subcode, status=fault.status)
        token = self._facebook.access.tokens.get(call.secret)
        headers = {}
        if token is not None:
            minutes = fault.minutes if code in LIMITS else None
            headers = self._facebook.access.headers(token, network, minutes=minutes)
        return _json(error.body(), error.status, headers)


async def _read(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    """Parameters of the address and the body together, and the files."""
    params, uploads = dict(request.query), {}
    if request.content_type == "application/json" and request.can_read_body:
        try:
            raw = await request.json()
        except ValueError:
            raise GraphError(100, "(#100) The body is no JSON") from None
        return {**params, **dispatch.plain_parameters(raw if isinstance(raw, dict) else {})}, {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[key] = Upload(value.filename, value.file.read())
        else:
            params[key] = value.decode() if isinstance(value, bytes | bytearray) else value
    return params, uploads


def _json(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps(body)  # \\uXXXX, as the Graph API writes
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def _turned(request: web.Request, work: web.Response, call: _Call, fault: Fault) -> web.Response:
    """A list whose `next` leads nowhere new, or that is empty and has a `next` all the same."""
    body: dict[str, Any] = json.loads(work.text or "{}")
    if "data" not in body:
        return work
    paging = body.setdefault("paging", {})
    if fault.kind == "empty_page":
        body["data"] = []
    else:
        params = {"access_token": call.secret, **call.params, "after": _NOWHERE}
        paging["cursors"] = {"after": _NOWHERE}
        paging["next"] = str(request.url.with_query(params))
    return _json(body, 200, {key: value for key, value in work.headers.items() if key.startswith("X-")})


async def _spoilt(request: web.Request, fault: Fault, work: web.Response) -> web.StreamResponse:
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return work
    if fault.kind == "hang":
        return await _hang(request, fault.seconds or LONGEST_HANG)
    if fault.kind == "cut":
        return await _cut(request, (work.text or "").encode())
    if fault.kind == "status":
        return web.Response(status=fault.code, text="<html><h1>Sorry, something went wrong.</h1></html>")
    return web.Response(text="<html>ой" if fault.kind == "garbage" else "", content_type="text/html")


async def _hang(request: web.Request, seconds: float) -> web.Response:
    """Say nothing until the client gives up, or for `seconds`; then the connection is gone."""
    deadline = asyncio.get_running_loop().time() + seconds
    while request.transport is not None and not request.transport.is_closing():
        if asyncio.get_running_loop().time() >= deadline:
            request.transport.abort()
            break
        await asyncio.sleep(0.02)
    return web.Response(status=499)


async def _cut(request: web.Request, whole: bytes) -> web.StreamResponse:
    """Half of the answer, then the connection is gone."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
