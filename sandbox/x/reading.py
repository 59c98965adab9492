"""Lists of posts: search, mentions, an account's posts, posts by id, counts.

Source: https://docs.x.com/x-api/posts/search/integrate/paginate , .../x-api/fundamentals/pagination
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.x import problems, query
from sandbox.x.asked import Asked, an_id
from sandbox.x.problems import invalid
from sandbox.x.shapes import Wanted, listed, timestamp, user
from sandbox.x.things import Account, Caller, Post
from sandbox.x.world import Unknown, XWorld

Body = dict[str, Any]

WINDOW: Final = frozenset(
    {"max_results", "start_time", "end_time", "since_id", "until_id", "pagination_token", "next_token"}
)
SEARCH: Final = WINDOW | {"query", "sort_order"}
COUNTS: Final = (WINDOW - {"max_results"}) | {"query", "granularity", "search_count.fields"}
TIMELINE: Final = (WINDOW - {"next_token"}) | {"exclude"}
WEEK: Final = timedelta(days=7)
MOST_AGO: Final = 100  # ids in one lookup


def search(world: XWorld, asked: Asked, caller: Caller) -> Body:
    """GET /2/tweets/search/recent: seven days, newest first."""
    wanted = asked.wanted()
    test = _compiled(world, asked)
    size = asked.between("max_results", 10, least=10, most=100)
    found = _window(world, asked, is_search=True)
    return _page(world, (post for post in found if test(post)), asked, wanted, size)


def counts(world: XWorld, asked: Asked, caller: Caller) -> Body:
    """GET /2/tweets/counts/recent"""
    test = _compiled(world, asked)
    total = sum(1 for post in _window(world, asked, is_search=True) if test(post))
    now = world.clock.now()
    count, whole = f"{asked.dialect}_count", f"total_{asked.dialect}_count"
    span = {"start": timestamp(now - WEEK), "end": timestamp(now), count: total}
    return {"data": [span], "meta": {whole: total}}


def mentions(world: XWorld, asked: Asked, caller: Caller, number: str) -> Body:
    """GET /2/users/:id/mentions"""
    account = _readable(world, asked, number)
    if isinstance(account, dict):
        return account
    name = account.username.lower()
    found = (post for post in _window(world, asked, is_search=False) if name in post.names)
    return _timeline(world, asked, found)


def posts_of(world: XWorld, asked: Asked, caller: Caller, number: str) -> Body:
    """GET /2/users/:id/tweets: replies too, unless excluded."""
    account = _readable(world, asked, number)
    if isinstance(account, dict):
        return account
    excluded = set(filter(None, asked.text("exclude").split(",")))
    if not excluded <= {"replies", "retweets"}:
        raise invalid("exclude", asked.text("exclude"), "The `exclude` query parameter value is not valid")
    found = (
        post
        for post in _window(world, asked, is_search=False, reposts=True)
        if post.author is account
        and not (post.reply_to and "replies" in excluded)
        and not (post.repost_of and "retweets" in excluded)
    )
    return _timeline(world, asked, found)


def by_ids(world: XWorld, asked: Asked, caller: Caller) -> Body:
    """GET /2/tweets?ids="""
    ids = [an_id(one, "ids") for one in asked.needed("ids").split(",")]
    if len(ids) > MOST_AGO:
        raise invalid(
            "ids", asked.text("ids"), "The number of values in the `ids` query parameter is over 100"
        )
    return _looked_up(world, asked, ids, parameter="ids")


def by_id(world: XWorld, asked: Asked, caller: Caller, number: str) -> Body:
    """GET /2/tweets/:id"""
    body = _looked_up(world, asked, [an_id(number)], parameter="id")
    return {**body, "data": body["data"][0]} if "data" in body else body


def me(world: XWorld, asked: Asked, caller: Caller) -> Body:
    return {"data": user(world.account(caller.account_id), asked.wanted().user_fields)}


def by_username(world: XWorld, asked: Asked, caller: Caller, name: str) -> Body:
    return _user(world, asked, name, "username")


def by_number(world: XWorld, asked: Asked, caller: Caller, number: str) -> Body:
    return _user(world, asked, an_id(number), "id")


def _user(world: XWorld, asked: Asked, who: str, parameter: str) -> Body:
    try:
        return {"data": user(world.account(who), asked.wanted().user_fields)}
    except Unknown:
        return {"errors": [problems.not_found("user", parameter, who).body(asked.dialect)]}


def _looked_up(world: XWorld, asked: Asked, ids: list[str], *, parameter: str) -> Body:
    found: list[Post] = []
    missing: list[Body] = []
    for one in dict.fromkeys(ids):
        try:
            found.append(world.item(one))
        except Unknown:
            missing.append(problems.not_found("tweet", parameter, one).body(asked.dialect))
    world.record.posts_read += len(found)
    body = listed(world, found, asked.wanted())
    return {**body, "errors": missing} if missing else body


def _timeline(world: XWorld, asked: Asked, found: Iterable[Post]) -> Body:
    size = asked.between("max_results", 10, least=5, most=100)
    return _page(world, found, asked, asked.wanted(), size)


def _readable(world: XWorld, asked: Asked, number: str) -> Account | Body:
    """The account, or the answer that says why not."""
    try:
        account = world.account(an_id(number))
    except Unknown:
        return {"errors": [problems.not_found("user", "id", number).body(asked.dialect)]}
    if account.protected:
        return {"errors": [problems.not_authorized("user", "id", number).body(asked.dialect)]}
    return account


def _compiled(world: XWorld, asked: Asked) -> Callable[[Post], bool]:
    text = asked.needed("query")
    if len(text) > world.query_limit:
        words = f"Rule length exceeds the max allowed for this product: {len(text)} > {world.query_limit}"
        raise invalid("query", text, words)
    try:
        return query.compiled(text)
    except query.BadQuery as error:
        raise invalid("query", text, f"There were errors processing your request: {error}") from None


def _window(world: XWorld, asked: Asked, *, is_search: bool, reposts: bool = False) -> Iterable[Post]:
    """Posts of the asked time, newest first. Searches find no reposts since 2026-05-04."""
    now = world.clock.now()
    start, end = asked.time("start_time"), asked.time("end_time")
    since, until = asked.number("since_id"), asked.number("until_id")
    oldest = world.id_at(now - WEEK) if is_search else 0
    if is_search:
        _not_too_old(world, start, since, now)
    lowest = max(oldest, (since or 0) + 1, world.id_at(start) if start else 0)
    latest = end or now - timedelta(seconds=world.search_lag if is_search else 0)
    highest = min(world.id_at(latest) + (1 << 22) - 1, (until or (1 << 63)) - 1)
    for post in reversed(world.timeline):
        number = int(post.shown_id)
        if number < lowest:
            return
        if number <= highest and not post.author.protected and (reposts or not post.repost_of):
            yield post


def _not_too_old(world: XWorld, start: datetime | None, since: int | None, now: datetime) -> None:
    oldest = now - WEEK
    if since is not None and since < world.id_at(oldest):
        words = (
            f"'since_id' must be a tweet id created after [{timestamp(oldest)}]. Please use a 'since_id' that is "
            f"larger than {world.id_at(oldest)}"
        )
        raise invalid("since_id", since, words)
    if start is not None and start < oldest:
        raise invalid("start_time", timestamp(start), f"'start_time' must be on or after {timestamp(oldest)}")
    if start is not None and start > now - timedelta(seconds=10):
        raise invalid(
            "start_time", timestamp(start), "'start_time' must be a minimum of 10 seconds prior to now"
        )


def _page(world: XWorld, found: Iterable[Post], asked: Asked, wanted: Wanted, size: int) -> Body:
    """One page; its `next_token` is good for this very question only."""
    stamp = _stamp(asked)
    below = _below(asked, stamp)
    page: list[Post] = []
    for post in found:
        if below is not None and int(post.shown_id) >= below:
            continue
        page.append(post)
        if len(page) > size:
            break
    shown = page[:size]
    world.record.posts_read += len(shown)
    meta: Body = {"result_count": len(shown)}
    if shown:
        meta |= {"newest_id": shown[0].shown_id, "oldest_id": shown[-1].shown_id}
    if len(page) > size:
        meta["next_token"] = base64.urlsafe_b64encode(f"{shown[-1].shown_id}.{stamp}".encode()).decode()
    return {**listed(world, shown, wanted), "meta": meta}


def _below(asked: Asked, stamp: str) -> int | None:
    token = asked.text("pagination_token") or asked.text("next_token")
    if not token:
        return None
    try:
        number, _, theirs = base64.urlsafe_b64decode(token.encode()).decode().partition(".")
        if theirs == stamp:
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise invalid("next_token", token, "Invalid 'next_token':[" + token + "]. Could not be parsed.")


def _stamp(asked: Asked) -> str:
    whole = "|".join(asked.text(one) for one in ("query", "since_id", "start_time", "exclude"))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]
