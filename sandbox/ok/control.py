"""The driver of the sandbox's Odnoklassniki: residents post, edit and delete; everybody may look.

JSON in, JSON out; 400 {"error": …} for what makes no sense, 404 for what is not here.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.ok.faults import BadFault, Faults
from sandbox.ok.things import Application, Comment, Session, Topic
from sandbox.ok.world import OkWorld, Unknown

Body = dict[str, Any]
RESIDENT = "Иван Житель"
RIGHTS = ("VALUABLE_ACCESS", "LONG_ACCESS_TOKEN", "GROUP_CONTENT", "PHOTO_CONTENT", "VIDEO_CONTENT")


def add_control_routes(app: web.Application, world: OkWorld, faults: Faults) -> None:
    control = _Control(world, faults)
    for path, act in {
        "communities": control.community,
        "tokens": control.token,
        "posts": control.posts,
        "edit": control.edit,
        "delete": control.delete,
        "close": control.close,
        "faults": control.fault,
        "limits": control.limits,
        "manners": control.manners,
    }.items():
        app.router.add_post(f"/control/ok/{path}", _acting(act))
    app.router.add_delete("/control/ok/faults", _acting(control.no_faults))
    app.router.add_get("/control/ok/faults", _acting(control.waiting_faults))
    app.router.add_get("/control/ok/walls", control.walls)
    app.router.add_get("/control/ok/record", control.record)


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
    def __init__(self, world: OkWorld, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def community(self, body: Body) -> Body:
        """{title, name?, id?, comments_closed?}"""
        made = self._world.add_group(
            name=body["title"],
            shortname=body.get("name", ""),
            number=str(body.get("id") or ""),
            comments_closed=bool(body.get("comments_closed")),
        )
        return {"id": made.uid, "name": made.shortname, "title": made.name}

    def token(self, body: Body) -> Body:
        """{token, application_key, application_secret, name?, session_secret?, rights?, communities?, expired?}

        An administrator's session; `communities`: all there are, if not said.
        """
        rights = frozenset(body.get("rights", ("VALUABLE_ACCESS", "LONG_ACCESS_TOKEN", "GROUP_CONTENT")))
        if not rights <= set(RIGHTS):
            raise ValueError(f"rights are of {', '.join(RIGHTS)}")
        key = body["application_key"]
        disabled = bool(body.get("disabled"))
        self._world.applications[key] = Application(key, body["application_secret"], disabled)
        uid = self._world.user(body.get("name", "Администратор Группы"))
        self._world.sessions[body["token"]] = Session(
            uid,
            key,
            secret=body.get("session_secret", ""),
            rights=rights,
            admin_of=frozenset(str(one) for one in body.get("communities", self._world.groups)),
            expired=bool(body.get("expired")),
        )
        return {"ok": True, "uid": uid}

    def posts(self, body: Body) -> Body:
        """One offer, or {posts: [offer, …]} → {posts: [ids, …]}. Of an offer see `_offer`."""
        if "posts" in body:
            return {"posts": [self._offer(one) for one in body["posts"]]}
        return self._offer(body)

    def _offer(self, body: Body) -> Body:
        """{community_id | author_name (a page of one's own), text, author?, author_name?, under?, reply_to?,
        photos?, date?}

        `author`: "community", or a reference as "user:7". `under`: number or native id of the topic commented
        on. `reply_to`: number or native id of the comment answered. `date`: Unix seconds.
        """
        text, photos = body.get("text", ""), tuple(body.get("photos", ()))
        if not isinstance(text, str):
            raise TypeError("text is a string")
        date = int(body["date"]) * 1000 if body.get("date") is not None else None
        if body.get("under") is not None:
            topic = self._topic(body["under"])
            comment = self._world.offer_comment(
                topic,
                author=self._author(body, topic.owner),
                text=text,
                reply_to=str(body.get("reply_to") or "").rpartition(":")[2],
                photos=photos,
                date_ms=date,
            )
            return _ids(topic, comment)
        owner = self._owner(body)
        author = self._author(body, owner)
        topic = self._world.offer_topic(owner=owner, author=author, text=text, photos=photos, date_ms=date)
        return _ids(topic, None)

    def edit(self, body: Body) -> Body:
        """{native_id, text}"""
        self._world.edit(body["native_id"], body["text"])
        return {"ok": True}

    def delete(self, body: Body) -> Body:
        """{native_id}"""
        self._world.delete(body["native_id"])
        return {"ok": True}

    def close(self, body: Body) -> Body:
        """{native_id | community_id, closed?: true}: comments of a topic, or of a whole group."""
        closed = bool(body.get("closed", True))
        if "community_id" in body:
            self._world.groups[self._known(body["community_id"])].comments_closed = closed
            return {"ok": True}
        item = self._world.item(body["native_id"])
        if isinstance(item, Topic):
            item.comments_closed = closed
            return {"ok": True}
        raise ValueError("comments are closed under topics, not under comments")

    def fault(self, body: Body) -> Body:
        """See sandbox/ok/faults.py: {kind | what, method?, code?, seconds?, times?, skip?, after_work?}"""
        self._faults.order(body)
        return {"waiting": len(self._faults)}

    def no_faults(self, body: Body) -> Body:
        self._faults.clear()
        return {"waiting": 0}

    def waiting_faults(self, body: Body) -> Body:
        return {"waiting": len(self._faults)}

    def limits(self, body: Body) -> Body:
        """{per_second?: calls | null, methods?: {name: calls in all | null}}: errors 8 and 11 above that."""
        if "per_second" in body:
            self._world.per_second = None if body["per_second"] is None else int(body["per_second"])
        for method, limit in body.get("methods", {}).items():
            if limit is None:
                self._world.method_limits.pop(method, None)
            else:
                self._world.method_limits[method] = int(limit)
        return {"per_second": self._world.per_second, "methods": dict(self._world.method_limits)}

    def manners(self, body: Body) -> Body:
        """{comment_times?: both|date|date_ms, admin_shown_as?: group|user, censored?: [words]}"""
        allowed = {"comment_times": {"both", "date", "date_ms"}, "admin_shown_as": {"group", "user"}}
        for key, values in allowed.items():
            if key in body:
                if body[key] not in values:
                    raise ValueError(f"{key} is one of {', '.join(sorted(values))}")
                setattr(self._world, key, body[key])
        if "censored" in body:
            self._world.censored = {str(word).casefold() for word in body["censored"]}
        return {"ok": True}

    async def walls(self, request: web.Request) -> web.Response:
        """?community_id=1&count=50: groups with topics newest first and comments, for a page to show."""
        count = int(request.query.get("count", "50"))
        asked = request.query.get("community_id")
        owners = [f"group:{asked}"] if asked else [f"group:{uid}" for uid in self._world.groups]
        people = {one.owner for one in self._world.topics.values()} if not asked else set()
        owners += sorted(people - set(owners))
        return web.json_response({"walls": [self._wall(owner, count) for owner in owners]})

    async def record(self, request: web.Request) -> web.Response:
        """?calls: the latest calls with their parameters too."""
        shown = self._world.record.shown()
        if "calls" in request.query:
            shown["last"] = list(self._world.record.last)
        return web.json_response(shown)

    def _wall(self, owner: str, count: int) -> Body:
        group = self._world.groups.get(owner.partition(":")[2])
        topics = [one for one in self._world.topics.values() if one.owner == owner]
        topics.sort(key=lambda one: (one.created_ms, int(one.id)), reverse=True)
        return {
            "owner_id": owner,
            "title": self._world.name_of(owner),
            "name": group.shortname if group is not None else "",
            "posts": [self._shown(one) for one in topics[: max(count, 0)]],
        }

    def _shown(self, topic: Topic) -> Body:
        by_api = {one.native_id for one in self._world.record.received}
        return {
            "native_id": topic.native_id,
            "author_name": self._world.name_of(topic.author),
            "by_group": topic.author.startswith("group:"),
            "date": topic.created_ms // 1000,
            "text": topic.text,
            "photos": list(topic.photos),
            "thread": [
                {
                    "native_id": one.native_id,
                    "author_name": self._world.name_of(one.author),
                    "by_group": one.author.startswith("group:"),
                    "by_api": one.native_id in by_api,
                    "date": one.date_ms // 1000,
                    "text": "" if one.removed else one.text,
                    "deleted": one.removed,
                    "reply_to": one.reply_to or None,
                    "photos": list(one.photos),
                }
                for one in topic.comments
            ],
        }

    def _known(self, number: str | int) -> str:
        if str(number) not in self._world.groups:
            raise Unknown(f"no group {number}")
        return str(number)

    def _owner(self, body: Body) -> str:
        if "community_id" in body:
            return f"group:{self._known(body['community_id'])}"
        return f"user:{self._world.user(body['author_name'])}"

    def _author(self, body: Body, owner: str) -> str:
        if body.get("author") == "community":
            return owner
        return str(body.get("author") or f"user:{self._world.user(body.get('author_name') or RESIDENT)}")

    def _topic(self, under: str | int) -> Topic:
        item = self._world.item(f"GROUP_TOPIC:{under}" if str(under).isdecimal() else str(under))
        if isinstance(item, Topic):
            return item
        raise ValueError("`under` names a topic; a comment goes into `reply_to`")


def _ids(topic: Topic, comment: Comment | None) -> Body:
    kind, _, owner = topic.owner.partition(":")
    url = f"https://ok.ru/{'group' if kind == 'group' else 'profile'}/{owner}"
    return {
        "owner_id": topic.owner,
        "post_id": topic.id,
        "comment_id": comment.id if comment is not None else None,
        "native_id": (comment or topic).native_id,
        "url": f"{url}/{'topic' if kind == 'group' else 'statuses'}/{topic.id}",
    }
