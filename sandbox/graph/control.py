"""The driver of the sandbox's Facebook and of its Instagram: /control/facebook/… and /control/instagram/….

JSON in, JSON out; 400 {"error": …} for what makes no sense, 404 for what is not here.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from sandbox.graph import hooks
from sandbox.graph.access import HOUR, RIGHTS, Token
from sandbox.graph.faults import BadFault, Faults
from sandbox.graph.things import Comment, Post
from sandbox.graph.world import GraphWorld, Unknown

Body = dict[str, Any]
RESIDENT = "Иван Житель"
_LIMITS = ("app", "facebook", "instagram")


class Offers(Protocol):
    """What differs between the two networks."""

    def page(self, body: Body) -> Body: ...

    def offer(self, body: Body) -> Body: ...

    def token_page(self, body: Body) -> str: ...

    def link(self, item: Post | Comment) -> str: ...


def add_control_routes(app: web.Application, control: "Control") -> None:
    root = f"/control/{control.network}"
    for path, act in {
        "pages": control.page,
        "communities": control.page,
        "tokens": control.token,
        "app": control.app,
        "posts": control.posts,
        "edit": control.edit,
        "delete": control.delete,
        "hide": control.hide,
        "close": control.close,
        "faults": control.fault,
        "limits": control.limits,
    }.items():
        app.router.add_post(f"{root}/{path}", _acting(act))
    app.router.add_delete(f"{root}/faults", _acting(control.no_faults))
    app.router.add_get(f"{root}/faults", _acting(control.waiting_faults))
    app.router.add_get(f"{root}/walls", control.walls)
    app.router.add_get(f"{root}/record", control.record)
    app.router.add_post(f"{root}/hook", _calling(control.hook))
    app.router.add_post(f"{root}/hook/verify", _calling(control.verify))


def _acting(act: Callable[[Body], Body]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a plain function into a handler: its errors into statuses, its answer into JSON."""

    async def called(body: Body) -> Body:
        return act(body)

    return _calling(called)


def _calling(act: Callable[[Body], Awaitable[Body]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await act(dict(await request.json()) if request.can_read_body else {}))
        except Unknown as error:
            return web.json_response({"error": str(error)}, status=404)
        except (KeyError, TypeError, ValueError, BadFault, json.JSONDecodeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle


class Control:
    def __init__(self, world: GraphWorld, faults: Faults, offers: Offers) -> None:
        self.network = world.network
        self._world = world
        self._faults = faults
        self._offers = offers

    def page(self, body: Body) -> Body:
        """{name, title, id?, token?, page_id? of an Instagram account}: `token` speaks for the Page."""
        made = self._offers.page(body)
        if body.get("token"):
            page_id = self._offers.token_page({"page_id": made["id"]})
            self._world.access.tokens[body["token"]] = Token(body["token"], "page", page_id)
        return made

    def token(self, body: Body) -> Body:
        """{token, kind: user|page, page_id?, pages?: [ids], rights?: […], broken?: subcode of error 190}

        The same token again is changed: rights that were taken away, a token that expired.
        """
        if body["kind"] not in {"user", "page"}:
            raise ValueError("kind is user or page")
        rights = frozenset(body.get("rights", RIGHTS))
        if not rights <= RIGHTS:
            raise ValueError(f"rights are of {', '.join(sorted(RIGHTS))}")
        page_id = self._offers.token_page(body) if body["kind"] == "page" else ""
        pages = None if body.get("pages") is None else tuple(str(one) for one in body["pages"])
        self._world.access.tokens[body["token"]] = Token(
            body["token"],
            body["kind"],
            page_id,
            pages=pages,
            rights=rights,
            broken=int(body.get("broken") or 0),
        )
        return {"ok": True}

    def app(self, body: Body) -> Body:
        """{secret?, proof_required?, verify_token?}: of the app both networks are used through."""
        access = self._world.access
        access.app_secret = str(body.get("secret", access.app_secret))
        access.verify_token = str(body.get("verify_token", access.verify_token))
        access.proof_required = bool(body.get("proof_required", access.proof_required))
        return {"ok": True}

    def posts(self, body: Body) -> Body:
        """One offer, or {posts: [offer, …]} → {posts: [ids, …]}. Of an offer see the network's offers."""
        if "posts" in body:
            return {"posts": [self._offers.offer(one) for one in body["posts"]]}
        return self._offers.offer(body)

    def edit(self, body: Body) -> Body:
        """{native_id, text}"""
        self._world.edit(body["native_id"], body["text"])
        return {"ok": True}

    def delete(self, body: Body) -> Body:
        """{native_id}"""
        self._world.delete(body["native_id"])
        return {"ok": True}

    def hide(self, body: Body) -> Body:
        """{native_id, hidden?: true}: a comment."""
        self._world.comment(body["native_id"]).is_hidden = bool(body.get("hidden", True))
        return {"ok": True}

    def close(self, body: Body) -> Body:
        """{native_id | page_id, closed?: true}: comments of a post, or of a whole Page or account."""
        closed = bool(body.get("closed", True))
        if "native_id" not in body:
            self._world.page(page_of(body)).comments_closed = closed
            return {"ok": True}
        item = self._world.item(body["native_id"])
        if isinstance(item, Post):
            item.comments_closed = closed
            return {"ok": True}
        raise ValueError("comments are closed under posts, not under comments")

    def fault(self, body: Body) -> Body:
        """See sandbox/graph/faults.py: {kind | what, method? | path?, code?, subcode?, times?, skip?, …}"""
        self._faults.order(body)
        return {"waiting": len(self._faults)}

    def no_faults(self, body: Body) -> Body:
        self._faults.clear()
        return {"waiting": 0}

    def waiting_faults(self, body: Body) -> Body:
        return {"waiting": len(self._faults)}

    def limits(self, body: Body) -> Body:
        """{app?, facebook?, instagram?: calls a window | null, window?: seconds, shown?: per cent, lag?: seconds}

        `shown`: the least the usage headers tell. `lag`: until what was written shows in this network's lists.
        """
        access = self._world.access
        for name in _LIMITS:
            if name in body:
                access.limits.pop(name, None)
                if body[name] is not None:
                    access.limits[name] = int(body[name])
        access.window = float(body.get("window", access.window or HOUR))
        access.shown = int(body.get("shown", access.shown))
        self._world.lag = float(body.get("lag", self._world.lag))
        return {**access.limits, "window": access.window, "shown": access.shown, "lag": self._world.lag}

    async def hook(self, body: Body) -> Body:
        """{url, native_id, verb?: "add"} or {url, change: a whole body}; secret?, signed?: true, times?: 1

        POSTs the change, signed with `secret` or the app's, and tells the answers. `signed`: false for none.
        """
        told = body.get("change")
        if told is None:
            found = self._world.posts.get(body["native_id"]) or self._world.comments.get(body["native_id"])
            if found is None:
                raise Unknown(f"no post or comment {body['native_id']}")
            told = hooks.change(self._world, found, body.get("verb", "add"))
        sent = hooks.written(told)
        secret = str(body.get("secret", self._world.access.app_secret))
        headers = {hooks.SIGNATURE: hooks.signature(secret, sent)} if body.get("signed", True) else {}
        answers = [await hooks.deliver(body["url"], sent, headers) for _ in range(int(body.get("times", 1)))]
        return {"body": told, "answers": answers, **answers[-1]}

    async def verify(self, body: Body) -> Body:
        """{url, verify_token?: the app's, challenge?} → {status, text, ok}"""
        token = str(body.get("verify_token", self._world.access.verify_token))
        return await hooks.verify(
            body["url"], token=token, challenge=str(body.get("challenge", "1158201444"))
        )

    async def record(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.record.shown())

    async def walls(self, request: web.Request) -> web.Response:
        """?page_id=…&count=50: walls with posts newest first, comments and threads, for a page to show."""
        count = int(request.query.get("count", "50"))
        asked = page_of(dict(request.query), "")
        owners = [asked] if asked else [*self._world.pages, ""]
        walls = [self._wall(owner, count) for owner in owners]
        return web.json_response({"walls": [wall for wall in walls if wall["owner_id"] or wall["posts"]]})

    def _wall(self, owner: str, count: int) -> Body:
        page = self._world.pages.get(owner)
        posts = [post for post in self._world.posts.values() if post.owner_id == owner and not post.deleted]
        posts.sort(key=lambda post: (post.date, post.id), reverse=True)
        return {
            "owner_id": owner,
            "title": page.title if page else "",
            "name": page.name if page else "",
            "posts": [self._shown(post) for post in posts[: max(count, 0)]],
        }

    def _shown(self, post: Post) -> Body:
        by_api = {received.native_id for received in self._world.record.received}
        return {
            **self._message(post),
            "comments": {"count": len(post.everything()), "can_post": not self._world.closed(post)},
            "thread": [
                {
                    **self._message(one),
                    "by_api": one.id in by_api,
                    "deleted": one.deleted,
                    "hidden": one.is_hidden,
                    "reply_to": one.under if one.top else None,
                }
                for top in post.comments
                for one in (top, *top.thread)
            ],
        }

    def _message(self, one: Post | Comment) -> Body:
        return {
            "native_id": one.id,
            "url": self._offers.link(one),
            "from_id": one.from_id,
            "author_name": one.from_name,
            "by_group": bool(one.page_id),
            "date": int(one.date.timestamp()),
            "text": "" if one.deleted else one.text,
            "photos": list(one.photos),
        }


def page_of(body: Body, default: str | None = None) -> str:
    """The Page or account: `page_id`, which other networks call a community."""
    for name in ("page_id", "account_id", "community_id"):
        if name in body:
            return str(body[name])
    if default is None:
        raise KeyError("page_id")
    return default
