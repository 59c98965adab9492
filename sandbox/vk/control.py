"""The driver of the sandbox's VK: residents post, edit and delete; everybody may look.

JSON in, JSON out; 400 {"error": …} for what makes no sense, 404 for what is not here.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.vk import shapes
from sandbox.vk.faults import BadFault, Faults
from sandbox.vk.things import RIGHTS, Community, Post, Token
from sandbox.vk.world import Unknown, VkWorld

Body = dict[str, Any]
RESIDENT = "Иван Житель"


def add_control_routes(app: web.Application, world: VkWorld, faults: Faults) -> None:
    control = _Control(world, faults)
    for path, act in {
        "communities": control.community,
        "tokens": control.token,
        "posts": control.posts,
        "edit": control.edit,
        "delete": control.delete,
        "restore": control.restore,
        "users": control.user,
        "close": control.close,
        "faults": control.fault,
        "limits": control.limits,
    }.items():
        app.router.add_post(f"/control/vk/{path}", _acting(act))
    app.router.add_delete("/control/vk/faults", _acting(control.no_faults))
    app.router.add_get("/control/vk/faults", _acting(control.waiting_faults))
    app.router.add_get("/control/vk/walls", control.walls)
    app.router.add_get("/control/vk/record", control.record)


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
    def __init__(self, world: VkWorld, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def community(self, body: Body) -> Body:
        """{name, title, id?, comments_closed?, links_forbidden?, groups_may_comment?, verified?, token?}"""
        flags = {
            key: bool(body[key])
            for key in ("comments_closed", "links_forbidden", "groups_may_comment", "verified")
            if key in body
        }
        made = self._world.add_community(
            name=body["name"], title=body["title"], number=body.get("id"), **flags
        )
        if body.get("token"):
            self._world.tokens[body["token"]] = Token("community", made.id)
        return _about(made)

    def token(self, body: Body) -> Body:
        """{token, kind: service|community|user, community_id?, rights?: [wall, manage, photos]}"""
        if body["kind"] not in {"service", "community", "user"}:
            raise ValueError("kind is service, community or user")
        rights = tuple(body.get("rights", ("wall", "manage")))
        if not set(rights) <= RIGHTS.keys():
            raise ValueError(f"rights are of {', '.join(RIGHTS)}")
        self._world.tokens[body["token"]] = Token(body["kind"], int(body.get("community_id", 0)), rights)
        return {"ok": True}

    def posts(self, body: Body) -> Body:
        """One offer, or {posts: [offer, …]} → {posts: [ids, …]}. Of an offer see `_offer`."""
        if "posts" in body:
            return {"posts": [self._offer(one) for one in body["posts"]]}
        return self._offer(body)

    def _offer(self, body: Body) -> Body:
        """{community_id | owner_id, text, author?, author_name?, under?, reply_to?, photos?, pinned?, date?}

        `author`: "community" or an owner id. `under`: number or native id of the post commented on.
        `reply_to`: number or native id of the comment answered. `date`: Unix seconds.
        """
        world = self._world
        text, photos = body.get("text", ""), tuple(body.get("photos", ()))
        if not isinstance(text, str):
            raise TypeError("text is a string")
        if body.get("under") is not None:
            post = self._post(body["under"], body)
            comment = world.offer_comment(
                post,
                from_id=self._author(body, post.owner_id),
                text=text,
                reply_to=_number(body.get("reply_to")),
                photos=photos,
                date=body.get("date"),
            )
            return _ids(post, comment.native_id, comment.id)
        owner = self._wall(body)
        post = world.offer_post(
            owner_id=owner,
            from_id=self._author(body, owner),
            text=text,
            photos=photos,
            pinned=bool(body.get("pinned")),
            date=body.get("date"),
        )
        return _ids(post, post.native_id, None)

    def edit(self, body: Body) -> Body:
        """{native_id, text}"""
        self._world.edit(body["native_id"], body["text"])
        return {"ok": True}

    def delete(self, body: Body) -> Body:
        """{native_id}"""
        self._world.delete(body["native_id"])
        return {"ok": True}

    def restore(self, body: Body) -> Body:
        """{native_id}: of a deleted comment."""
        self._world.restore(body["native_id"])
        return {"ok": True}

    def user(self, body: Body) -> Body:
        """{name, address?}: a person, perhaps with a short address."""
        number = self._world.user(body["name"])
        if body.get("address"):
            self._world.addresses[body["address"]] = number
        return {"id": number}

    def close(self, body: Body) -> Body:
        """{native_id | community_id, closed?: true}: comments of a post, or of a whole wall."""
        closed = bool(body.get("closed", True))
        if "community_id" in body:
            self._community(body["community_id"]).comments_closed = closed
            return {"ok": True}
        item = self._world.item(body["native_id"])
        if isinstance(item, Post):
            item.comments_closed = closed
            return {"ok": True}
        raise ValueError("comments are closed under posts, not under comments")

    def fault(self, body: Body) -> Body:
        """See sandbox/vk/faults.py: {kind, method?, code?, seconds?, times?, skip?, after_work?}"""
        self._faults.order(body)
        return {"waiting": len(self._faults)}

    def no_faults(self, body: Body) -> Body:
        self._faults.clear()
        return {"waiting": 0}

    def waiting_faults(self, body: Body) -> Body:
        return {"waiting": len(self._faults)}

    def limits(self, body: Body) -> Body:
        """{service?: calls a second | null, community?: …, user?: …}: error 6 above that."""
        for kind, limit in body.items():
            if limit is None:
                self._world.rate_limits.pop(kind, None)
            else:
                self._world.rate_limits[kind] = int(limit)
        return dict(self._world.rate_limits)

    async def walls(self, request: web.Request) -> web.Response:
        """?community_id=1&count=50: walls with posts newest first, comments and threads, for a page to show."""
        count = int(request.query.get("count", "50"))
        asked = request.query.get("community_id")
        owners = [-int(asked)] if asked else [-number for number in self._world.communities]
        owners += [owner for owner in self._world.walls if owner not in owners and not asked]
        return web.json_response({"walls": [self._wall_shown(owner, count) for owner in owners]})

    async def record(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.record.shown())

    def _wall_shown(self, owner: int, count: int) -> Body:
        community = self._world.communities.get(-owner)
        posts = self._world.walls.get(owner, [])[-count:][::-1] if count > 0 else []
        return {
            "owner_id": owner,
            "title": community.title if community is not None else self._name(owner),
            "name": community.name if community is not None else "",
            "posts": [self._post_shown(post) for post in posts],
        }

    def _post_shown(self, post: Post) -> Body:
        shown = shapes.post(self._world, post)
        shown["native_id"], shown["author_name"] = post.native_id, self._name(post.from_id)
        shown["photos"] = list(post.photos)
        # What a program brought through the API, as against what the page wrote by itself.
        by_api = {received.native_id for received in self._world.record.received}
        shown["thread"] = [
            {
                "native_id": one.native_id,
                "from_id": one.from_id,
                "author_name": self._name(one.from_id),
                "by_group": one.from_id < 0,
                "by_api": one.native_id in by_api,
                "date": one.date,
                "text": "" if one.deleted else one.text,
                "deleted": one.deleted,
                "reply_to": one.reply_to,
                "photos": list(one.photos),
            }
            for top in post.comments
            for one in (top, *top.thread)
        ]
        return shown

    def _name(self, owner: int) -> str:
        community = self._world.communities.get(-owner)
        return community.title if community is not None else self._world.users.get(owner, f"id{owner}")

    def _community(self, number: int) -> Community:
        if number not in self._world.communities:
            raise Unknown(f"no community {number}")
        return self._world.communities[number]

    def _wall(self, body: Body) -> int:
        """A community's wall; a person's (positive `owner_id`) for what only a search finds."""
        if "community_id" in body:
            return -self._community(int(body["community_id"])).id
        return int(body["owner_id"])

    def _author(self, body: Body, owner: int) -> int:
        if body.get("author") == "community":
            return owner
        if body.get("author"):
            return int(body["author"])
        return self._world.user(body.get("author_name") or RESIDENT)

    def _post(self, under: str | int, body: Body) -> Post:
        if isinstance(under, int):
            under = f"wall{self._wall(body)}_{under}"
        item = self._world.item(under)
        if isinstance(item, Post):
            return item
        raise ValueError("`under` names a post; a comment goes into `reply_to`")


def _number(comment: str | int | None) -> int | None:
    return int(comment.rpartition("_r")[2]) if isinstance(comment, str) else comment


def _about(one: Community) -> Body:
    return {"id": one.id, "owner_id": -one.id, "name": one.name, "title": one.title}


def _ids(post: Post, native_id: str, comment_id: int | None) -> Body:
    url = f"https://vk.com/wall{post.owner_id}_{post.id}"
    return {
        "owner_id": post.owner_id,
        "post_id": post.id,
        "comment_id": comment_id,
        "native_id": native_id,
        "url": url if comment_id is None else f"{url}?reply={comment_id}",
    }
