"""Topics and comments as Odnoklassniki writes them: ids are text, times are milliseconds or Moscow time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from sandbox.ok.fields import Asked
from sandbox.ok.things import Comment, Session, Topic
from sandbox.ok.world import OkWorld

MOSCOW: Final = timezone(timedelta(hours=3))
DATE: Final = "%Y-%m-%d %H:%M:%S"


def moscow(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(MOSCOW).strftime(DATE)


def unmoscow(text: str) -> int:
    """Milliseconds.

    Raises:
        ValueError: it is no such date.
    """
    return int(datetime.strptime(text, DATE).replace(tzinfo=MOSCOW).timestamp() * 1000)


def discussion(topic: Topic, session: Session, asked: Asked) -> dict[str, Any]:
    others = [one for one in topic.live if one.author != f"user:{session.uid}"]
    whole = {
        "object_id": topic.id,
        "object_type": "GROUP_TOPIC",
        "title": topic.text.partition("\n")[0][:100],
        "new_comments_count": max(0, len(others) - session.read.get(topic.id, 0)),
        "owner_uid": topic.owner.partition(":")[2],
    }
    shown = asked.cut("discussion", whole)
    if asked.has("group"):
        shown["ref_objects"] = [{"id": topic.owner.partition(":")[2], "type": "GROUP"}]
    return shown


def comment(world: OkWorld, one: Comment, asked: Asked) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": one.id,
        "text": "" if one.removed else one.text,
        "author_id": one.author.partition(":")[2],
        "author_name": world.name_of(one.author),
        "author_ref": one.author,
        "type": "ACTIVE_MESSAGE",
    }
    if world.comment_times != "date_ms":
        whole["date"] = moscow(one.date_ms)
    if world.comment_times != "date":
        whole["date_ms"] = one.date_ms
    if one.reply_to:
        above = next(row for row in world.topics[one.topic].comments if row.id == one.reply_to)
        whole["reply_to_comment_id"] = above.id
        whole["reply_to_id"] = above.author.partition(":")[2]
        whole["reply_to_name"] = world.name_of(above.author)
    return asked.cut("comment", whole)


def topic(one: Topic, asked: Asked, *, blocks: int) -> dict[str, Any]:
    """`blocks`: how many parts of its content are shown."""
    media: list[dict[str, Any]] = [{"type": "text", "text": one.text}] if one.text else []
    if one.photos:
        media.append(
            {"type": "photo", "photo_refs": [_photo_ref(one, place) for place in range(len(one.photos))]}
        )
    whole = {
        "id": one.id,
        "owner_ref": one.owner,
        "author_ref": one.author,
        "created_ms": one.created_ms,
        "media": media[:blocks],
        "discussion_summary": {
            "discussion_id": one.id,
            "discussion_type": "GROUP_TOPIC",
            "comments_count": len(one.live),
        },
        "like_summary": {"count": 0, "self": False},
    }
    return asked.cut("media_topic", whole)


def entities(world: OkWorld, topics: Iterable[Topic], asked: Asked) -> dict[str, Any]:
    """Who and what the references of these topics mean."""
    shown = list(topics)
    references = {reference for one in shown for reference in (one.owner, one.author)}
    found: dict[str, Any] = {}
    if asked.has("user"):
        users = sorted(one.partition(":")[2] for one in references if one.startswith("user:"))
        found["users"] = [asked.cut("user", user(uid, world.users.get(uid, ""))) for uid in users]
    if asked.has("group"):
        groups = sorted(one.partition(":")[2] for one in references if one.startswith("group:"))
        found["groups"] = [asked.cut("group", group(world, uid)) for uid in groups if uid in world.groups]
    for kind, prefix in (("group_photo", "group:"), ("user_photo", "user:")):
        if asked.has(kind):
            found[f"{kind}s"] = [
                asked.cut(kind, _photo(one, place))
                for one in shown
                if one.owner.startswith(prefix)
                for place in range(len(one.photos))
            ]
    return {key: value for key, value in found.items() if value}


def user(uid: str, name: str) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {"uid": uid, "name": name, "first_name": first, "last_name": last}


def group(world: OkWorld, uid: str) -> dict[str, Any]:
    one = world.groups[uid]
    return {"uid": uid, "name": one.name, "shortname": one.shortname, "members_count": 1000}


def _photo_ref(one: Topic, place: int) -> str:
    return f"{'group_photo' if one.owner.startswith('group:') else 'photo'}:{one.id}{place:02}"


def _photo(one: Topic, place: int) -> dict[str, Any]:
    url = one.photos[place]
    return {
        "id": f"{one.id}{place:02}",
        "ref": _photo_ref(one, place),
        "pic1024max": url,
        "pic128x128": f"{url}?size=128",
    }
