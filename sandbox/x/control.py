"""The driver of the sandbox's X: residents post, edit and delete; everybody may look.

JSON in, JSON out; 400 {"error": …} for what makes no sense, 404 for what is not here.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.x.faults import BadFault, Faults
from sandbox.x.limits import LIMITS
from sandbox.x.things import Account, Keys, Post, Token
from sandbox.x.world import Unknown, XWorld

Body = dict[str, Any]
RESIDENT = "Иван Житель"


def add_control_routes(app: web.Application, world: XWorld, faults: Faults) -> None:
    control = _Control(world, faults)
    for path, act in {
        "communities": control.community,
        "accounts": control.community,
        "tokens": control.token,
        "posts": control.posts,
        "edit": control.edit,
        "delete": control.delete,
        "close": control.close,
        "faults": control.fault,
        "limits": control.limits,
        "manners": control.manners,
    }.items():
        app.router.add_post(f"/control/x/{path}", _acting(act))
    app.router.add_delete("/control/x/faults", _acting(control.no_faults))
    app.router.add_get("/control/x/faults", _acting(control.waiting_faults))
    app.router.add_get("/control/x/walls", control.walls)
    app.router.add_get("/control/x/record", control.record)
    app.router.add_get("/control/x/pictures/{number}", control.picture)


def _acting(act: Callable[[Body], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a plain function into a handler: its errors into statuses, its answer into JSON."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(dict(await request.json()) if request.can_read_body else {}))
        except Unknown as error:
            return web.json_response({"error": str(error)}, status=404)
        except (KeyError, TypeError, ValueError, BadFault, json.JSONDecodeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle


class _Control:
    def __init__(self, world: XWorld, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def community(self, body: Body) -> Body:
        """{name, title, id?, official?: true, verified?, protected?, token?: an OAuth 2.0 user token of it}"""
        made = self._world.add_account(
            body["name"],
            str(body.get("title") or body["name"]),
            number=str(body.get("id") or ""),
            is_official=bool(body.get("official", True)),
            verified=bool(body.get("verified")),
            protected=bool(body.get("protected")),
        )
        if body.get("token"):
            self._world.keyring.tokens[body["token"]] = Token("user", made.id)
        return {"id": made.id, "name": made.username, "title": made.name}

    def token(self, body: Body) -> Body:
        """{kind: "app", token, state?} · {kind: "user", token, account, scopes?, state?} ·
        {kind: "oauth1", consumer_key, consumer_secret, access_token, access_secret, account, may_write?}

        `state`: "expired" or "revoked".
        """
        keyring, kind = self._world.keyring, body["kind"]
        if kind == "oauth1":
            keyring.keys[body["consumer_key"]] = Keys(
                body["consumer_secret"],
                body["access_token"],
                body["access_secret"],
                self._world.account(body["account"]).id,
                bool(body.get("may_write", True)),
            )
            return {"ok": True}
        if kind not in {"app", "user"}:
            raise ValueError("kind is app, user or oauth1")
        account = self._world.account(body["account"]).id if kind == "user" else ""
        scopes = {"scopes": tuple(body["scopes"])} if "scopes" in body else {}
        keyring.tokens[body["token"]] = Token(kind, account, state=body.get("state", ""), **scopes)
        return {"ok": True}

    def posts(self, body: Body) -> Body:
        """One offer, or {posts: [offer, …]} → {posts: [ids, …]}. Of an offer see `_offer`."""
        if "posts" in body:
            return {"posts": [self._offer(one) for one in body["posts"]]}
        return self._offer(body)

    def _offer(self, body: Body) -> Body:
        """{text, author?, author_name?, to?, under?, quote?, photos?, lang?, reply_settings?, repost_of?,
        names_first?, date?}

        `author`: an account by @name or number; `author_name`: a resident by name. `to`: an account whose @name
        is put before the text. `under`: the post replied to. `date`: Unix seconds.
        """
        world, text = self._world, body.get("text", "")
        if not isinstance(text, str):
            raise TypeError("text is a string")
        if body.get("to"):
            text = f"@{world.account(body['to']).username} {text}"
        about: Body = {
            key: body[key] for key in ("lang", "reply_settings", "repost_of", "names_first") if key in body
        }
        if "quote" in body:
            about["quoted"] = world.item(body["quote"]).id
        post = world.offer(
            self._author(body),
            text,
            reply_to=world.item(body["under"]).id if body.get("under") else "",
            at=datetime.fromtimestamp(body["date"], UTC) if body.get("date") is not None else None,
            photos=list(body.get("photos", ())),
            **about,
        )
        return _ids(post)

    def edit(self, body: Body) -> Body:
        """{native_id, text} → the id of the new version"""
        return {"ok": True, "version": self._world.edit(body["native_id"], body["text"]).shown_id}

    def delete(self, body: Body) -> Body:
        """{native_id}"""
        self._world.delete(body["native_id"])
        return {"ok": True}

    def close(self, body: Body) -> Body:
        """{native_id, closed?: true}: only who is mentioned may reply."""
        settings = "mentionedUsers" if body.get("closed", True) else "everyone"
        self._world.item(body["native_id"]).reply_settings = settings
        return {"ok": True}

    def fault(self, body: Body) -> Body:
        """See sandbox/x/faults.py: {kind | what, method? | path?, error?, code?, seconds?, times?, skip?,
        after_work?}
        """
        self._faults.order(body)
        return {"waiting": len(self._faults)}

    def no_faults(self, body: Body) -> Body:
        self._faults.clear()
        return {"waiting": 0}

    def waiting_faults(self, body: Body) -> Body:
        return {"waiting": len(self._faults)}

    def limits(self, body: Body) -> Body:
        """{mode?: enforce | count | off, "GET /2/tweets/search/recent"?: calls in 15 minutes | null, …}"""
        limits = self._world.limits
        if body.get("mode", "off") not in {"enforce", "count", "off"}:
            raise ValueError("mode is enforce, count or off")
        limits.mode = body.get("mode", limits.mode)
        for name in body.keys() - {"mode"}:
            if name not in LIMITS:
                raise ValueError(f"there is no limit of {name!r}")
            if body[name] is None:
                limits.own.pop(name, None)
            else:
                limits.own[name] = int(body[name])
        return {"mode": limits.mode, **limits.own}

    def manners(self, body: Body) -> Body:
        """{tier?: self_serve | enterprise, dialect?: post | tweet | both, search_lag?: seconds}"""
        world = self._world
        if body.get("tier", world.tier) not in {"self_serve", "enterprise"}:
            raise ValueError("tier is self_serve or enterprise")
        if body.get("dialect", world.dialect) not in {"post", "tweet", "both"}:
            raise ValueError("dialect is post, tweet or both")
        world.tier = body.get("tier", world.tier)
        world.dialect = body.get("dialect", world.dialect)
        world.query_limit = 512 if world.tier == "self_serve" else 4096
        world.search_lag = float(body.get("search_lag", world.search_lag))
        return {"tier": world.tier, "dialect": world.dialect, "search_lag": world.search_lag}

    async def walls(self, request: web.Request) -> web.Response:
        """?community_id=…&count=50: what stands under, and is said to, each official account; then the rest."""
        count = int(request.query.get("count", "50"))
        asked = request.query.get("community_id")
        official = [one for one in self._world.accounts.values() if one.is_official]
        threads: dict[str, list[Post]] = {}
        for post in self._world.timeline:
            threads.setdefault(post.conversation, []).append(post)
        walls: dict[str, list[list[Post]]] = {one.id: [] for one in official}
        walls[""] = []
        for thread in reversed(threads.values()):
            walls[self._wall_of(thread[0], official)].append(thread)
        shown = [
            self._wall(self._world.accounts.get(owner), walls[owner][:count])
            for owner in walls
            if (asked is None or asked == owner) and (owner or walls[owner])
        ]
        return web.json_response({"walls": shown})

    async def record(self, request: web.Request) -> web.Response:
        return web.json_response({**self._world.record.shown(), **self._world.shown()})

    async def picture(self, request: web.Request) -> web.Response:
        """A picture that was uploaded through the API."""
        content = self._world.pictures.get(request.match_info["number"])
        if content is None:
            return web.json_response({"error": "there is no such picture"}, status=404)
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=content, content_type=kind)

    def _wall_of(self, post: Post, official: list[Account]) -> str:
        """The account a conversation belongs to; "" for what only a search finds."""
        named = [one.id for one in official if one is post.author or one.username.lower() in post.names]
        return named[0] if named else ""

    def _wall(self, account: Account | None, threads: list[list[Post]]) -> Body:
        return {
            "owner_id": account.id if account is not None else "",
            "title": account.name if account is not None else "X",
            "name": account.username if account is not None else "",
            "posts": [
                {**self._shown(thread[0]), "thread": [self._shown(one) for one in thread[1:]]}
                for thread in threads
            ],
        }

    def _shown(self, post: Post) -> Body:
        return {
            "native_id": post.id,
            "from_id": post.author.id,
            "author_name": post.author.name,
            "by_group": post.author.is_official,
            "by_api": post.by_api,
            "date": int(post.at.timestamp()),
            "text": post.text,
            "deleted": post.deleted,
            "reply_to": post.reply_to or None,
            "photos": [*post.photos, *(f"/control/x/pictures/{one}" for one in post.media)],
        }

    def _author(self, body: Body) -> Account:
        if body.get("author"):
            return self._world.account(str(body["author"]))
        return self._world.resident(body.get("author_name") or RESIDENT)


def _ids(post: Post) -> Body:
    return {
        "native_id": post.id,
        "conversation_id": post.conversation,
        "url": f"https://x.com/{post.author.username}/status/{post.id}",
    }
