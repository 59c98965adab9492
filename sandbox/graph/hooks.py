"""Webhooks: what a change looks like, how it is signed, and how an address is verified.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started, …/reference/page (feed),
…/reference/instagram (comments, mentions)
"""

import hashlib
import hmac
import json
from typing import Any, Final

import aiohttp

from sandbox.graph.instagram_world import InstagramWorld
from sandbox.graph.things import Comment, Post
from sandbox.graph.world import GraphWorld, Unknown

SIGNATURE: Final = "X-Hub-Signature-256"
PATIENCE: Final = aiohttp.ClientTimeout(total=20)
VERBS: Final = frozenset({"add", "edited", "remove", "hide", "unhide"})
# The Graph API escapes more than JSON asks for; who signs a body written anew by himself gets another signature.
_ESCAPES: Final = {"/": "\\/", "<": "\\u003C", "@": "\\u0040", "%": "\\u0025"}
Json = dict[str, Any]


def written(body: Json) -> bytes:
    """The body as it travels: nothing but ASCII."""
    text = json.dumps(body, separators=(",", ":"))
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text.encode()


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def change(world: GraphWorld, item: Post | Comment, verb: str) -> Json:
    """The body that tells of one change.

    Raises:
        Unknown: it concerns no Page or account of ours.
        ValueError: there is no such verb.
    """
    if verb not in VERBS:
        raise ValueError(f"verb is one of {', '.join(sorted(VERBS))}")
    if isinstance(world, InstagramWorld):
        return _instagram(world, item)
    return _facebook(world, item, verb)


def _envelope(kind: str, owner: str, at: int, field: str, value: Json) -> Json:
    changes = [{"field": field, "value": value}]
    return {"object": kind, "entry": [{"id": owner, "time": at, "changes": changes}]}


def _facebook(world: GraphWorld, item: Post | Comment, verb: str) -> Json:
    post = item if isinstance(item, Post) else world.posts[item.post_id]
    if not post.owner_id:
        raise Unknown(f"{post.id} stands on no Page's wall")
    value: Json = {
        "from": {"id": item.from_id, "name": item.from_name},
        "post_id": post.id,
        "created_time": int(item.date.timestamp()),
        "verb": verb,
    }
    if isinstance(item, Comment):
        value |= {"item": "comment", "comment_id": item.id, "parent_id": item.top or post.id}
    else:
        value |= {"item": "status" if post.page_id else "post"}
    if verb != "remove":
        value["message"] = item.text
    return _envelope("page", post.owner_id, int(world.clock.now().timestamp()), "feed", value)


def _instagram(world: InstagramWorld, item: Post | Comment) -> Json:
    """`comments` under our own media, `mentions` elsewhere."""
    post = item if isinstance(item, Post) else world.posts[item.post_id]
    at = int(world.clock.now().timestamp())
    if isinstance(item, Comment) and post.owner_id:
        value: Json = {
            "id": item.id,
            "text": item.text,
            "from": {"id": item.from_id, "username": item.from_name},
            "media": {"id": post.id, "media_product_type": post.product_type},
        }
        if item.top is not None:
            value["parent_id"] = item.top
        return _envelope("instagram", post.owner_id, at, "comments", value)
    for account in world.pages.values():
        if world.mentions(item, account) and not post.is_private:
            value = {"media_id": post.id}
            if isinstance(item, Comment):
                value["comment_id"] = item.id
            return _envelope("instagram", account.id, at, "mentions", value)
    raise Unknown(f"{item.id} is neither under our media nor mentions us")


async def deliver(url: str, body: bytes, headers: dict[str, str]) -> Json:
    """POST the body; {status, text} of the answer, status 0 where none came."""
    return await _speak("POST", url, data=body, headers={"Content-Type": "application/json", **headers})


async def verify(url: str, *, token: str, challenge: str) -> Json:
    """The GET that asks an address to prove itself; `ok` where it answers the challenge."""
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    answer = await _speak("GET", url, params=query)
    return {**answer, "ok": answer["status"] == 200 and answer["text"] == challenge}  # noqa: PLR2004 - HTTP OK


async def _speak(verb: str, url: str, **about: Any) -> Json:
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as http,
            http.request(verb, url, **about) as answer,
        ):
            return {"status": answer.status, "text": await answer.text()}
    except (aiohttp.ClientError, TimeoutError) as error:
        return {"status": 0, "text": type(error).__name__}
