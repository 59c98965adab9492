"""The registry of official pages (госпаблики): finding, figures, and what the law and the norm miss in them.

Nothing is counted apart: an official's post is a `Post` of the page's own, an open comment a post whose incident
is open. So a collector that brings the posts has done all the registry needs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError
from incidents.people import Actor, must_for_body
from incidents.permissions import Permission
from models import Body, Community, CommunityLevel, CommunityState, Incident, Post
from models.incident import OPEN

# Networks in which every body must have a page: order 2523-r of 2.09.2022 names VK and OK (field.md 3).
REQUIRED_NETWORKS: Final = ("vk", "ok")
WEEK: Final = timedelta(days=7)


class NoSuchCommunity(IncidentError):
    text_key = "communities.gone"


@dataclass(frozen=True, slots=True)
class Figures:
    """A page with what is known of it.

    `is_silent` is said only of an official page that is read, and was in the registry for a week: what was not
    watched is not known to be silent. `is_unverified`: the mark is known to be missing.
    """

    community: Community
    body: Body | None
    last_post_at: datetime | None  # of the page's own; None: none was seen
    posts_week: int
    open_comments: int
    is_silent: bool
    is_unverified: bool

    @property
    def is_lost(self) -> bool:
        return self.community.is_watched and self.community.state is CommunityState.LOST


@dataclass(frozen=True, slots=True)
class Missing:
    """A body without a page where it must have one."""

    body: Body
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The registry, or the part of it that one person sees; pages by body, those of nobody last."""

    pages: Sequence[Figures]
    missing: Sequence[Missing]

    @property
    def silent(self) -> list[Figures]:
        return [one for one in self.pages if one.is_silent]

    @property
    def unverified(self) -> list[Figures]:
        return [one for one in self.pages if one.is_unverified]

    @property
    def lost(self) -> list[Figures]:
        return [one for one in self.pages if one.is_lost]


def scope_of(actor: Actor) -> frozenset[int] | None:
    """The bodies whose pages the person sees; None: all pages.

    Raises:
        NotAllowed: none of them.
    """
    actor.must(Permission.SEE_COMMUNITIES)
    return actor.scope(Permission.SEE_COMMUNITIES)


async def find(
    session: AsyncSession, network: str, *, native_id: str = "", name: str = ""
) -> Community | None:
    """The page with this number; else the one with this short address."""
    for column, value in ((Community.native_id, native_id), (Community.name, name.lower())):
        if value:
            query = select(Community).where(Community.network == network, column == value)
            found: Community | None = await session.scalar(query.order_by(Community.id).limit(1))
            if found is not None:
                return found
    return None


async def overview(
    session: AsyncSession,
    *,
    now: datetime,
    required: Collection[str] = REQUIRED_NETWORKS,
    bodies: Collection[int] | None = None,
) -> Overview:
    """All pages and all that is missing; of some `bodies` only, if they are given."""
    return Overview(
        await figures(session, now=now, bodies=bodies),
        await missing(session, required=required, bodies=bodies),
    )


async def figures(
    session: AsyncSession,
    *,
    now: datetime,
    bodies: Collection[int] | None = None,
    community_id: int | None = None,
) -> list[Figures]:
    """The pages with their figures, by body, network and title; those of no body last."""
    query = select(Community, Body).outerjoin(Body, Body.id == Community.body_id)
    if bodies is not None:
        query = query.where(Community.body_id.in_(bodies))
    if community_id is not None:
        query = query.where(Community.id == community_id)
    found = (await session.execute(query)).all()
    numbers = [community.id for community, _ in found] if bodies is not None or community_id else None
    posts = await _posts(session, numbers, since=now - WEEK)
    comments = await _open_comments(session, numbers)
    counted = [
        _figures(page, body, posts.get(page.id, (None, 0)), comments.get(page.id, 0), now=now)
        for page, body in found
    ]
    return sorted(counted, key=_place)


def _place(one: Figures) -> tuple[bool, str, str, str, int]:
    page, body = one.community, one.body
    return body is None, body.name.casefold() if body else "", page.network, page.title.casefold(), page.id


async def _posts(
    session: AsyncSession, numbers: Collection[int] | None, *, since: datetime
) -> Mapping[int, tuple[datetime | None, int]]:
    """Page → its last own post, and how many there were `since`. Comments of its own are no posts."""
    query = (
        select(Community.id, func.max(Post.posted_at), func.count().filter(Post.posted_at > since))
        .join(Post, and_(Post.network == Community.network, Post.community_id == Community.native_id))
        .where(Post.is_official, Post.root_id.is_(None))
        .group_by(Community.id)
    )
    if numbers is not None:
        query = query.where(Community.id.in_(numbers))
    found = await session.execute(query)
    return {number: (last, count) for number, last, count in found}


async def _open_comments(session: AsyncSession, numbers: Collection[int] | None) -> Mapping[int, int]:
    query = (
        select(Community.id, func.count())
        .join(Post, and_(Post.network == Community.network, Post.community_id == Community.native_id))
        .join(Incident, Incident.id == Post.incident_id)
        .where(text(OPEN), Post.is_official.is_(False))
        .group_by(Community.id)
    )
    if numbers is not None:
        query = query.where(Community.id.in_(numbers))
    return dict((await session.execute(query)).all())


def _figures(
    page: Community,
    body: Body | None,
    posts: tuple[datetime | None, int],
    open_comments: int,
    *,
    now: datetime,
) -> Figures:
    last_post_at, posts_week = posts
    is_official = page.body_id is not None or page.level is not CommunityLevel.OTHER
    counts = page.is_watched and is_official and page.state is not CommunityState.LOST
    is_read = page.state is not CommunityState.UNKNOWN or last_post_at is not None
    was_watched = is_read and page.added_at <= now - WEEK
    return Figures(
        community=page,
        body=body,
        last_post_at=last_post_at,
        posts_week=posts_week,
        open_comments=open_comments,
        is_silent=counts and was_watched and posts_week < max(page.posts_norm, 1),
        is_unverified=counts and page.is_verified is False,
    )


async def missing(
    session: AsyncSession,
    *,
    required: Collection[str] = REQUIRED_NETWORKS,
    bodies: Collection[int] | None = None,
) -> list[Missing]:
    """Active bodies with no page in a required network, by name. A page nobody watches is a page all the same."""
    query = select(Body).where(Body.is_active)
    if bodies is not None:
        query = query.where(Body.id.in_(bodies))
    there = await session.execute(
        select(Community.body_id, Community.network).where(Community.body_id.is_not(None)).distinct()
    )
    has = {(body_id, network) for body_id, network in there}
    found = [
        Missing(body, lacks)
        for body in await session.scalars(query)
        if (lacks := tuple(network for network in required if (body.id, network) not in has))
    ]
    return sorted(found, key=lambda one: (one.body.name.casefold(), one.body.id))


async def page_seen_by(session: AsyncSession, community_id: int, actor: Actor, *, now: datetime) -> Figures:
    """One page, for somebody who may see it.

    Raises:
        NotAllowed, NoSuchCommunity, NotYourBody.
    """
    scope = scope_of(actor)
    shown = await figures(session, now=now, community_id=community_id)
    if not shown:
        raise NoSuchCommunity
    if scope is not None:
        await must_for_body(session, actor, Permission.SEE_COMMUNITIES, shown[0].community.body_id)
    return shown[0]


async def watch(session: AsyncSession, community_id: int, *, is_watched: bool, actor: Actor) -> Community:
    """Begin to read the page, or stop; what was collected stays.

    Raises:
        NotAllowed, NoSuchCommunity.
    """
    actor.must(Permission.COMMUNITIES)
    page = await session.get(Community, community_id)
    if page is None:
        raise NoSuchCommunity
    page.is_watched = is_watched
    if is_watched:
        page.looked_up_at = None  # it is to be looked at soon: much may have changed
    await session.flush()
    return page


# -- what the networks tell


async def to_look_up(
    session: AsyncSession, *, networks: Iterable[str], before: datetime, limit: int = 100
) -> list[Community]:
    """Watched pages not looked up since `before`; those never looked up first."""
    found = await session.scalars(
        select(Community)
        .where(
            Community.is_watched,
            Community.network.in_(list(networks)),
            Community.looked_up_at.is_(None) | (Community.looked_up_at <= before),
        )
        .order_by(Community.looked_up_at.is_not(None), Community.looked_up_at, Community.id)
        .limit(limit)
    )
    return list(found)
