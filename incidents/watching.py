"""The keywords that are watched: whose they are, which are on, and the posts that have them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import BadKeyword, NoSuchKeyword
from incidents.keywords import Forms, Keyword, Matcher, folded, one_line, parse
from incidents.people import Actor
from incidents.permissions import Permission
from models import Body, Incident, KeywordHit, KeywordRow, Post

HITS_OF: Final = timedelta(days=7)
TRIED_OVER: Final = timedelta(hours=24)
TRIED_AT_MOST: Final = 5_000  # posts; as many are matched in a second

_log = logging.getLogger(__name__)


# -- the set


async def add_keyword(
    session: AsyncSession,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    body: Body | None = None,
    territory: str = "",
) -> KeywordRow:
    """Watch for it from now on. One that is there already, of the same body and territory, is switched on.

    Raises:
        NotAllowed, BadKeyword.
    """
    actor.must(Permission.KEYWORDS)
    text = parse(text).text
    body_id = body.id if body else None
    territory = one_line(territory)[:100]
    same_set = (KeywordRow.body_id == body_id) if body else KeywordRow.body_id.is_(None)
    known = await session.scalars(select(KeywordRow).where(same_set).order_by(KeywordRow.id))
    row = next((one for one in known if _says(one) == (folded(text), folded(territory))), None)
    if row is None:
        row = KeywordRow(
            text=text, territory=territory, body_id=body_id, added_by=actor.official_id, added_at=now
        )
        session.add(row)
    row.is_active = True
    await session.flush()
    return row


def _says(row: KeywordRow) -> tuple[str, str]:
    return folded(row.text), folded(row.territory)


async def switch_keyword(session: AsyncSession, keyword_id: int, *, is_on: bool, actor: Actor) -> KeywordRow:
    """Off is as good as deleted: its hits stay, and it may be switched on again.

    Raises:
        NotAllowed, NoSuchKeyword.
    """
    actor.must(Permission.KEYWORDS)
    row = await session.get(KeywordRow, keyword_id)
    if row is None:
        raise NoSuchKeyword
    row.is_active = is_on
    await session.flush()
    return row


# -- what is looked for


async def active_rows(session: AsyncSession, *, network: str | None = None) -> list[KeywordRow]:
    """What is switched on; for one network, what is meant for it."""
    rows = await session.scalars(select(KeywordRow).where(KeywordRow.is_active).order_by(KeywordRow.id))
    return [row for row in rows if network is None or not row.networks or network in row.networks]


def understood(rows: Sequence[KeywordRow], forms: Forms) -> list[Keyword]:
    """The rows as keywords. Opens the dictionary: call it off the event loop.

    A row that cannot be understood, put there by another hand, is logged and left out.
    """
    keywords: list[Keyword] = []
    for row in rows:
        try:
            keywords.append(parse(row.text, id=row.id, forms=forms, territory=row.territory))
        except BadKeyword as fault:
            _log.warning("keyword %s is left out: %s", row.id, fault)
    return keywords


# -- hits


async def counting(session: AsyncSession, keyword_ids: Sequence[int], *, territory: str) -> list[KeywordRow]:
    """Those of the keywords found in a post of this territory that count there and are on, by their ids."""
    if not keyword_ids:
        return []
    rows = await session.scalars(
        select(KeywordRow)
        .where(KeywordRow.id.in_(set(keyword_ids)), KeywordRow.is_active)
        .order_by(KeywordRow.id)
    )
    return [row for row in rows if counts_in(row.territory, territory)]


def counts_in(keyword_territory: str, post_territory: str) -> bool:
    """A keyword of another territory does not count; where either is unknown, it does."""
    wanted, here = folded(keyword_territory), folded(post_territory)
    return not wanted or not here or wanted == here


async def store_hits(session: AsyncSession, post: Post, keyword_ids: Sequence[int]) -> None:
    """Keep that the stored post has these keywords. Storing a hit again changes nothing."""
    if not keyword_ids:
        return
    known = set(await session.scalars(select(KeywordHit.keyword_id).where(KeywordHit.post_id == post.id)))
    session.add_all(KeywordHit(keyword_id=one, post_id=post.id) for one in sorted(set(keyword_ids) - known))
    await session.flush()


# -- looking


@dataclass(frozen=True, slots=True)
class Listed:
    """A keyword in the list: whose it is, and in how many posts it was found in the last `HITS_OF`."""

    row: KeywordRow
    body_code: str
    hits: int


async def listed(
    session: AsyncSession, actor: Actor, *, now: datetime, limit: int, offset: int
) -> tuple[list[Listed], int]:
    """Some keywords, newest first, and how many there are in all; others than curators see their bodies'."""
    actor.must(Permission.SEE_KEYWORDS)
    scope = actor.scope(Permission.SEE_KEYWORDS)
    mine = true() if scope is None else KeywordRow.body_id.in_(scope)
    total = await session.scalar(select(func.count()).select_from(KeywordRow).where(mine)) or 0
    found = await session.execute(
        select(KeywordRow, Body.code)
        .outerjoin(Body, Body.id == KeywordRow.body_id)
        .where(mine)
        .order_by(KeywordRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    shown = [(row, code or "") for row, code in found]
    hits = await _hits(session, [row.id for row, _ in shown], since=now - HITS_OF)
    return [Listed(row, code, hits.get(row.id, 0)) for row, code in shown], total


async def _hits(session: AsyncSession, keyword_ids: Sequence[int], *, since: datetime) -> dict[int, int]:
    found = await session.execute(
        select(KeywordHit.keyword_id, func.count())
        .join(Post, Post.id == KeywordHit.post_id)
        .where(KeywordHit.keyword_id.in_(keyword_ids), Post.collected_at >= since)
        .group_by(KeywordHit.keyword_id)
    )
    return {row[0]: row[1] for row in found}


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as a keyword is tried on it."""

    network: str
    url: str
    text: str
    territory: str


async def seen_lately(session: AsyncSession, *, now: datetime) -> tuple[list[Seen], bool]:
    """What was stored in the last `TRIED_OVER`, newest first; False: only the last `TRIED_AT_MOST` of it.

    Official pages' own words are not there: no keyword is for them.
    """
    newest = select(Post.id).order_by(Post.id.desc()).limit(TRIED_AT_MOST).subquery()
    found = await session.execute(
        select(Post.network, Post.url, Post.text, Incident.territory, Post.is_official)
        .join(newest, newest.c.id == Post.id)
        .outerjoin(Incident, Incident.id == Post.incident_id)
        .where(Post.collected_at >= now - TRIED_OVER)
        .order_by(Post.id.desc())
    )
    rows = found.all()
    posts = [
        Seen(network, url, text, territory or "")
        for network, url, text, territory, is_official in rows
        if not is_official
    ]
    return posts, len(rows) < TRIED_AT_MOST


def finds(keywords: Sequence[Keyword], posts: Sequence[Seen]) -> list[Seen]:
    """The posts any of the keywords, of different ids, would have found. Call it off the event loop."""
    territory_of = {keyword.id: keyword.territory for keyword in keywords}
    matcher = Matcher(keywords)
    return [
        post
        for post in posts
        if any(counts_in(territory_of[hit], post.territory) for hit in matcher.hits(post.text))
    ]
