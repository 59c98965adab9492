"""Posts and accounts as each generation of the API writes them.

Source: https://docs.x.com/x-api/fundamentals/data-dictionary and X's OpenAPI 2.159 (tweet) and 2.167 (post). In the
newer one author and references come only by expansions.
"""

import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sandbox.x.things import CASHTAG, HASHTAG, LINK, MENTION, Account, Post
from sandbox.x.world import Unknown, XWorld

SHORT: Final = 280  # characters; the rest of a long post is only in its note
_WITH_MARK: Final = {
    "hashtags": (HASHTAG, "tag"),
    "cashtags": (CASHTAG, "tag"),
    "mentions": (MENTION, "username"),
}
_BARE_END: Final = re.compile(r"[.,!?;:)»]+$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. `dialect`: post or tweet."""

    dialect: str
    fields: frozenset[str]
    expansions: frozenset[str]
    user_fields: frozenset[str]
    media_fields: frozenset[str]

    @property
    def refers(self) -> str:
        return f"referenced_{self.dialect}s"

    @property
    def note(self) -> str:
        return f"note_{self.dialect}"

    @property
    def history(self) -> str:
        return f"edit_history_{self.dialect}_ids"


def timestamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def listed(world: XWorld, posts: list[Post], wanted: Wanted) -> dict[str, Any]:
    """`data` and `includes` of a list of posts; neither where there are none."""
    if not posts:
        return {}
    body: dict[str, Any] = {"data": [shape(world, post, wanted) for post in posts]}
    if includes := included(world, posts, wanted):
        body["includes"] = includes
    return body


def shape(world: XWorld, post: Post, wanted: Wanted) -> dict[str, Any]:
    """One post with the fields that are wanted."""
    text, entities = _text(world, post)
    is_long = len(text) > SHORT
    everything: dict[str, Any] = {
        "id": post.shown_id,
        "text": text[: SHORT - 1] + "…" if is_long else text,
        "author_id": post.author.id,
        "conversation_id": post.conversation,
        "created_at": timestamp(post.at),
        "lang": post.lang,
        "reply_settings": post.reply_settings,
        wanted.history: list(post.versions),
        "public_metrics": _metrics(wanted),
    }
    if entities:
        everything["entities"] = entities
    if is_long:
        everything[wanted.note] = {"text": text, **({"entities": entities} if entities else {})}
    if post.answered is not None:
        everything["in_reply_to_user_id"] = post.answered.id
    if refers := references(post):
        everything[wanted.refers] = refers
    if post.photos or post.media:
        everything["attachments"] = {"media_keys": [key for key, _ in _media(post)]}
    return {key: value for key, value in everything.items() if key in _shown(wanted)}


def _shown(wanted: Wanted) -> set[str]:
    always = {"id", "text"} | ({wanted.history} if wanted.dialect == "tweet" else set())
    by_expansion = {
        "author_id": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "referenced_posts": wanted.refers,
        "referenced_tweets.id": wanted.refers,
        "edit_history_post_ids": wanted.history,
        "attachments.media_keys": "attachments",
    }
    return always | wanted.fields | {by_expansion[one] for one in wanted.expansions if one in by_expansion}


def references(post: Post) -> list[dict[str, str]]:
    kinds = {"replied_to": post.reply_to, "quoted": post.quoted, "retweeted": post.repost_of}
    return [{"type": kind, "id": one} for kind, one in kinds.items() if one]


def included(world: XWorld, posts: list[Post], wanted: Wanted) -> dict[str, Any]:
    """What the expansions ask for, each thing once."""
    users: dict[str, Account] = {}
    others: dict[str, Post] = {}
    media: dict[str, str] = {}
    for post in posts:
        if "author_id" in wanted.expansions:
            users[post.author.id] = post.author
        if "in_reply_to_user_id" in wanted.expansions and post.answered is not None:
            users[post.answered.id] = post.answered
        if wanted.expansions & {"referenced_posts", "referenced_tweets.id"}:
            others |= {one.shown_id: one for one in _referred(world, post)}
        if "attachments.media_keys" in wanted.expansions:
            media |= dict(_media(post))
    if "referenced_tweets.id.author_id" in wanted.expansions or wanted.dialect == "post":
        users |= {one.author.id: one.author for one in others.values()}
    body: dict[str, Any] = {}
    if users:
        body["users"] = [user(one, wanted.user_fields) for one in users.values()]
    if others:
        body[f"{wanted.dialect}s"] = [shape(world, one, wanted) for one in others.values()]
    if media:
        shown = wanted.media_fields | {"media_key", "type"}
        body["media"] = [
            {key: value for key, value in _picture(at, url).items() if key in shown}
            for at, url in media.items()
        ]
    return body


def user(account: Account, fields: frozenset[str]) -> dict[str, Any]:
    everything: dict[str, Any] = {
        "id": account.id,
        "name": account.name,
        "username": account.username,
        "verified": account.verified,
        "verified_type": "government" if account.verified and account.is_official else "none",
        "protected": account.protected,
        "created_at": "2015-03-02T09:00:00.000Z",
    }
    return {key: everything[key] for key in everything if key in fields | {"id", "name", "username"}}


def _referred(world: XWorld, post: Post) -> Iterable[Post]:
    for one in references(post):
        try:
            yield world.item(one["id"])
        except Unknown:
            continue


def _media(post: Post) -> list[tuple[str, str]]:
    """(media key, address) of every picture."""
    given = [(f"3_{_number(url)}", url) for url in post.photos]
    return given + [(f"3_{one}", f"https://pbs.twimg.com/media/{one}.jpg") for one in post.media]


def _number(url: str) -> int:
    return int.from_bytes(hashlib.sha256(url.encode()).digest()[:7])


def _picture(key: str, url: str) -> dict[str, Any]:
    return {"media_key": key, "type": "photo", "url": url, "width": 1200, "height": 800}


def _metrics(wanted: Wanted) -> dict[str, int]:
    shared = "repost_count" if wanted.dialect == "post" else "retweet_count"
    names = (shared, "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
    return dict.fromkeys(names, 0)


def _text(world: XWorld, post: Post) -> tuple[str, dict[str, Any]]:
    """The text as the API gives it (links shortened, HTML escaped), and what is in it with places."""
    links: list[dict[str, Any]] = []

    def shortened(found: re.Match[str]) -> str:
        link = _BARE_END.sub("", found[0])
        short = f"https://t.co/{hashlib.sha256(link.encode()).hexdigest()[:10]}"
        links.append({"url": short, "expanded_url": link, "display_url": link.partition("://")[2][:30]})
        return short + found[0][len(link) :]

    text = html.escape(LINK.sub(shortened, post.text), quote=False)
    entities: dict[str, Any] = {}
    at = 0
    for link in links:
        at = text.index(link["url"], at)
        entities.setdefault("urls", []).append({"start": at, "end": at + len(link["url"]), **link})
        at += 1
    for kind, (pattern, key) in _WITH_MARK.items():
        found = [
            {"start": one.start(), "end": one.end(), key: one[1], **_whose(world, kind, one[1])}
            for one in pattern.finditer(text)
            if kind != "mentions" or _account_id(world, one[1])
        ]
        if found:
            entities[kind] = found
    return text, entities


def _whose(world: XWorld, kind: str, name: str) -> dict[str, str]:
    return {"id": _account_id(world, name)} if kind == "mentions" else {}


def _account_id(world: XWorld, name: str) -> str:
    try:
        return world.account(name).id
    except Unknown:
        return ""
