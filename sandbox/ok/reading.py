"""The methods that read.

Source: https://apiok.ru/dev/methods
"""

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.ok import shapes
from sandbox.ok.fields import KNOWN, Asked, plain
from sandbox.ok.params import Caller, Params
from sandbox.ok.refusals import Refusal, bad_parameter
from sandbox.ok.things import Comment, Topic
from sandbox.ok.world import OkWorld

MOST_BLOCKS: Final = 3
_DIRECTIONS: Final = frozenset({"", "FORWARD", "BACKWARD"})
_TYPES: Final = frozenset(
    {"USER_TOPIC", "USER_PHOTO", "USER_VIDEO", "GROUP_TOPIC", "GROUP_PHOTO", "GROUP_VIDEO"}
)
_TAG: Final = re.compile(r"#([^\W_]\w*)")
_DISCUSSION: Final = {"discussion": KNOWN["discussion"], "group": KNOWN["group"]}
_TOPIC: Final = {"media_topic": frozenset({"id", "owner_ref", "author_ref", "created_ms", "media"})}


def get_list(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    """The discussions of the acting user, the liveliest first; the anchor is where the page ended."""
    session = who.may("VALUABLE_ACCESS")
    asked = Asked(params.get("fields", ""), usual=_DISCUSSION)
    if params.get("category", "GROUP") not in {"GROUP", "MY"}:
        raise bad_parameter("Invalid parameter category")
    rows: list[Topic] = []
    if params.get("category", "GROUP") == "GROUP" and "GROUP_TOPIC" in (params.get("types") or "GROUP_TOPIC"):
        rows = [one for one in world.topics.values() if one.owner.partition(":")[2] in session.admin_of]
        rows = [one for one in rows if one.owner.startswith("group:")]
    rows.sort(key=_liveliness, reverse=_direction(params) != "BACKWARD")
    start = _after(rows, params.get("anchor", ""), backward=_direction(params) == "BACKWARD")
    page = start[: params.count(usual=20)]
    anchor = "{}.{}".format(*_liveliness(page[-1])) if page else params.get("anchor", "")
    return {"discussions": [shapes.discussion(one, session, asked) for one in page], "anchor": anchor}


def _liveliness(topic: Topic) -> tuple[int, int]:
    return topic.active_ms, int(topic.id)


def _direction(params: Params) -> str:
    direction = params.get("direction", "")
    if direction not in _DIRECTIONS:
        raise bad_parameter(f"Invalid parameter direction value : [{direction}]")
    return direction


def _after(rows: list[Topic], anchor: str, *, backward: bool) -> list[Topic]:
    if not anchor:
        return rows
    active, _, number = anchor.partition(".")
    if not active.isdecimal() or not number.isdecimal():
        raise bad_parameter(f"Invalid parameter anchor value : [{anchor}]")
    place = int(active), int(number)
    return [one for one in rows if (_liveliness(one) > place if backward else _liveliness(one) < place)]


def get_comments(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    session = who.may("VALUABLE_ACCESS")
    topic = discussed(world, params, "discussionId", "discussionType")
    asked = Asked(params.get("fields", ""), usual={"comment": KNOWN["comment"]})
    rows = topic.comments if params.flag("includeRemoved") else topic.live
    page, more = _comments_page(rows, params, read=session.read.get(topic.id, 0))
    if params.flag("mark_as_read"):
        session.read[topic.id] = len([one for one in topic.live if one.author != f"user:{session.uid}"])
    backward = _direction(params) != "FORWARD"
    edge = page[0 if backward else -1].id if page else params.get("anchor", "")
    return {
        "discussionId": topic.id,
        "discussionType": "GROUP_TOPIC",
        "comments": [shapes.comment(world, one, asked) for one in page],
        "anchor": edge,
        "has_more": more,
    }


def _comments_page(rows: list[Comment], params: Params, *, read: int) -> tuple[list[Comment], bool]:
    """A page in the order of writing, and whether there is more in the direction of the walk."""
    anchor = params.get("anchor", "") or "LAST"
    size = params.count(usual=20)
    backward = _direction(params) != "FORWARD"
    if anchor == "LAST":
        left = rows if backward else rows[-size:]
    elif anchor == "FIRST":
        left = rows[:size] if backward else rows
    elif anchor == "UNREAD":
        left = rows[:read] if backward else rows[read:]
    elif anchor.isdecimal():
        number = int(anchor)
        left = [one for one in rows if (int(one.id) < number if backward else int(one.id) > number)]
    else:
        raise bad_parameter(f"Invalid parameter anchor value : [{anchor}]")
    return (left[-size:] if backward else left[:size]), len(left) > size


def get_comment(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    who.may("VALUABLE_ACCESS")
    topic = discussed(world, params, "discussionId", "discussionType")
    asked = Asked(params.get("fields", ""), usual={"comment": KNOWN["comment"]})
    return {"comment": shapes.comment(world, live_comment(topic, params.text("comment_id")), asked)}


def topics_by_ids(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    who.may("VALUABLE_ACCESS")
    ids = params.many("topic_ids")
    asked = Asked(params.get("fields", ""), usual=_TOPIC)
    limit = params.get("media_limit", "")
    if (len(ids) > 1 and not limit) or (limit and limit not in {"1", "2", "3"}):
        raise bad_parameter("Invalid parameter media_limit: 1..3 is required for several topics")
    found = [world.topics[one] for one in ids if one in world.topics]
    if not found and len(ids) == 1:
        raise Refusal(300)
    blocks = int(limit) if limit else 100
    shown: dict[str, Any] = {"media_topics": [shapes.topic(one, asked, blocks=blocks) for one in found]}
    entities = shapes.entities(world, found, asked)
    return {**shown, "entities": entities} if entities else shown


def tag_contents(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    """Topics with a hashtag, newest first."""
    who.may("VALUABLE_ACCESS")
    tag = params.text("query").casefold()
    if tag.startswith("#"):
        raise bad_parameter("Invalid parameter query: tag without #")
    asked = Asked(params.get("fields", ""), usual=_TOPIC)
    since, until, types = _filter(params.get("filter", ""))
    rows = [
        one
        for one in world.topics.values()
        if since <= one.created_ms < until
        and one.native_id.partition(":")[0] in types
        and tag in {found.casefold() for found in _TAG.findall(one.text)}
    ]
    rows.sort(key=lambda one: (one.created_ms, int(one.id)), reverse=True)
    anchor = params.get("anchor", "")
    start = int(anchor) if anchor.isdecimal() else 0
    page = rows[start : start + params.count(usual=20)]
    entities = shapes.entities(world, page, asked)
    entities["media_topics"] = [shapes.topic(one, asked, blocks=MOST_BLOCKS) for one in page]
    return {"entities": entities, "anchor": str(start + len(page)), "has_more": start + len(page) < len(rows)}


def _filter(text: str) -> tuple[int, int, frozenset[str]]:
    try:
        asked = json.loads(text) if text else {}
        types = frozenset(asked.get("types") or _TYPES)
        since = shapes.unmoscow(asked["since"]) if asked.get("since") else 0
        until = shapes.unmoscow(asked["until"]) if asked.get("until") else 1 << 60
    except (ValueError, TypeError, AttributeError):
        raise bad_parameter("Invalid parameter filter") from None
    if not types <= _TYPES:
        raise bad_parameter("Invalid parameter filter: unknown type")
    return since, until, types


def current_user(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    uid = who.user().uid
    wanted = plain(params.get("fields", ""), "user")
    return {key: value for key, value in shapes.user(uid, world.users[uid]).items() if key in wanted}


def users_info(world: OkWorld, params: Params, who: Caller) -> list[dict[str, Any]]:
    wanted = plain(params.text("fields"), "user")
    rows = [shapes.user(uid, world.users[uid]) for uid in params.many("uids") if uid in world.users]
    return [{key: value for key, value in row.items() if key in wanted} for row in rows]


def calls_left(world: OkWorld, params: Params, who: Caller) -> list[dict[str, Any]]:
    who.user()
    found = []
    for method in params.many("methods"):
        left = world.calls_left(method)
        found.append(
            {"methodName": method, "available": left != 0, "callsLeft": 1000 if left is None else left}
        )
    return found


def groups_info(world: OkWorld, params: Params, who: Caller) -> list[dict[str, Any]]:
    who.may("VALUABLE_ACCESS")
    wanted = plain(params.get("fields", ""), "group")
    rows = [shapes.group(world, uid) for uid in params.many("uids") if uid in world.groups]
    if not rows:
        raise Refusal(300)
    return [{key: value for key, value in row.items() if key in wanted} for row in rows]


def groups_of_users(world: OkWorld, params: Params, who: Caller) -> list[dict[str, Any]]:
    who.user()
    group = params.text("group_id")
    if group not in world.groups:
        raise Refusal(300)
    admins = {session.uid for session in world.sessions.values() if group in session.admin_of}
    return [
        {"groupId": group, "userId": uid, "status": "ADMIN" if uid in admins else "UNKNOWN"}
        for uid in params.many("uids")
    ]


def url_info(world: OkWorld, params: Params, who: Caller) -> dict[str, Any]:
    who.user()
    path = urlsplit(params.text("url")).path.strip("/")
    topic = re.fullmatch(r"group/(\d+)/topic/(\d+)", path)
    if topic is not None and topic[2] in world.topics:
        return {"type": "GROUP_TOPIC", "objectId": int(topic[2]), "objectIdStr": topic[2]}
    for one in world.groups.values():
        if path in {f"group/{one.uid}", f"group{one.uid}", one.shortname}:
            return {"type": "GROUP", "objectId": int(one.uid), "objectIdStr": one.uid}
    raise Refusal(300)


def discussed(world: OkWorld, params: Params, id_key: str, type_key: str) -> Topic:
    """Raises:
    Refusal: 100 for another type, 300 when there is no such topic.
    """
    if params.text(type_key) != "GROUP_TOPIC":
        raise bad_parameter(f"Invalid parameter {type_key}")
    topic = world.topics.get(params.text(id_key))
    if topic is None or not topic.owner.startswith("group:"):
        raise Refusal(300)
    return topic


def live_comment(topic: Topic, number: str) -> Comment:
    """Raises:
    Refusal: 140, there is no such comment.
    """
    for one in topic.live:
        if one.id == number:
            return one
    raise Refusal(140)
