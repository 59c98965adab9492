"""Which incidents a pasted link means: by its post, by our answer, or by the page of whoever wrote."""

import re
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from incidents.links import Parse
from incidents.search_words import folded
from models import Post, Publication

_SHORTEST_PATH: Final = 3  # characters: less is a site's front page, or anybody's
_PERSON: Final = re.compile(r"id(\d{1,19})", re.ASCII)
_PAGE: Final = re.compile(r"(?:club|public|event)(\d{1,19})", re.ASCII)
_MOST: Final = 50


async def posts_at(session: AsyncSession, link: str, parse: Parse) -> list[int]:
    """The incidents of the post, the comment or the published answer that the link names."""
    address = link if "://" in link else f"https://{link}"
    pasted = parse(address)
    found: list[int | None] = []
    if pasted is not None:
        ids = [one for one in (pasted.native_id, pasted.root_id) if one]
        for native_id in ids:  # the comment itself before the post it stands under
            found = found or list(
                await session.scalars(
                    select(Post.incident_id)
                    .where(Post.network == pasted.network, Post.native_id == native_id)
                    .union(
                        select(Publication.incident_id).where(
                            Publication.network == pasted.network, Publication.native_id == native_id
                        )
                    )
                )
            )
    numbers = [number for number in found if number is not None]
    return numbers or await _by_address(session, address)


async def _by_address(session: AsyncSession, address: str) -> list[int]:
    """Posts and answers whose own address is this one, whatever stands before the site's name."""
    tail = _tail(address)
    if not tail:
        return []
    found = await session.scalars(
        select(Post.incident_id)
        .where(_ends_so(Post.url, tail), Post.incident_id.is_not(None))
        .union(select(Publication.incident_id).where(_ends_so(Publication.url, tail)))
        .limit(_MOST)
    )
    return [number for number in found if number is not None]


def _ends_so(
    url: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], tail: str
) -> ColumnElement[bool]:
    return or_(url.endswith(tail, autoescape=True), url.endswith(f"{tail}/", autoescape=True))


def posts_by(link: str) -> Select[int | None]:
    """The incidents of posts whose own addresses say that this page wrote them, or whose author is called so.

    No author's address is stored, so this finds what stands on a person's own wall, and networks whose links name
    their authors (X, Telegram, Facebook). It joins nothing, and remembers nothing.
    """
    query = select(Post.incident_id).where(Post.incident_id.is_not(None), Post.is_official.is_(False))
    try:
        parts = [
            part for part in urlsplit(link if "://" in link else f"https://{link}").path.split("/") if part
        ]
    except ValueError:
        parts = []
    name = folded(parts[0]).removeprefix("@") if parts else ""
    if len(name) < _SHORTEST_PATH:
        return query.where(false())
    needles = [f"/{name}/"]
    if person := _PERSON.fullmatch(name):
        needles = [f"/wall{person[1]}_"]
    elif page := _PAGE.fullmatch(name):
        needles = [f"/wall-{page[1]}_"]
    at = [Post.url.icontains(needle, autoescape=True) for needle in needles]
    return query.where(or_(*at, Post.author_name.in_([name, f"@{name}"])))


def _tail(address: str) -> str:
    """Site, path and query, without what differs between a phone's link and a desk's."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = re.sub(r"^(?:www|m|mobile)\.", "", (parts.hostname or "").lower())
    path = parts.path.rstrip("/")
    if len(path) < _SHORTEST_PATH or not host:
        return ""
    return f"{host}{path}" + (f"?{parts.query}" if parts.query else "")
