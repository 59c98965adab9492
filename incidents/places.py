"""The territories the region is known by, and which of them an incident is most likely from."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError
from incidents.keywords import words_of
from models import Community, Incident, Post, Route

OFFERED: Final = 6
"""Territories to a menu: more do not fit under a card."""

_RECENT: Final = 2000  # incidents by which it is told what is written of most
_ENDING: Final = 2  # letters: "в Заречном" is Заречный
_SHORTEST: Final = 4
# What many territories are called besides their own name.
_KINDS: Final = frozenset(
    {"город", "городской", "городское", "муниципальный", "муниципальное", "округ", "поселение", "район"}
    | {"сельский", "сельское", "село", "поселок", "деревня", "область", "образование"}
)


class TerritoryGone(IncidentError):
    """No page and no rule is of that territory any more."""

    text_key = "refused.territory_gone"


async def known_territories(session: AsyncSession) -> Mapping[str, int]:
    """Every territory of a page or a rule, with how often incidents of late were from there."""
    named = set(await session.scalars(select(Community.territory).distinct()))
    named |= set(await session.scalars(select(Route.territory).distinct()))
    newest = await session.scalar(select(func.max(Incident.id))) or 0
    rows = await session.execute(
        select(Incident.territory, func.count())
        .where(Incident.id > newest - _RECENT, Incident.territory != "")
        .group_by(Incident.territory)
    )
    count = Counter({name: number for name, number in rows})  # noqa: C416 - a Row is no pair to mypy
    return {name: count[name] for name in sorted({*named, *count} - {""})}


async def likely_territories(session: AsyncSession, incident: Incident) -> list[str]:
    """At most OFFERED, likeliest first, without the one that stands there."""
    post = (
        await session.execute(
            select(Post.text, Community.territory)
            .outerjoin(
                Community,
                (Community.network == Post.network) & (Community.native_id == Post.community_id),
            )
            .where(Post.incident_id == incident.id)
            .order_by(Post.posted_at, Post.id)
            .limit(1)
        )
    ).first()
    text, page = (post[0], post[1] or "") if post is not None else ("", "")
    return likeliest(
        await known_territories(session),
        text=f"{text} {incident.place}",
        page=page,
        present=incident.territory,
    )


def likeliest(known: Mapping[str, int], *, text: str, page: str, present: str) -> list[str]:
    """What the text names comes first, then the page's own territory, then where most is written from."""
    words = set(words_of(text))
    ranked = sorted(known, key=lambda name: (not _is_named(name, words), name != page, -known[name], name))
    return [name for name in ranked if name != present][:OFFERED]


def _is_named(name: str, words: set[str]) -> bool:
    """Whether the name's own word, and not its "district" or "town", stands in the text in any case."""
    own = max((word for word in words_of(name) if word not in _KINDS), key=len, default="")
    stem = own[: max(len(own) - _ENDING, _SHORTEST)]
    return len(own) >= _SHORTEST and any(word.startswith(stem) for word in words)


def split_place(written: str, known: Mapping[str, int]) -> tuple[str | None, str | None]:
    """What somebody wrote as territory and place: "Заречный, улица Ленина"; None where nothing is said of it.

    Only a known territory is one, in whatever letter case: a new spelling of it would fit no rule.
    """
    by_name = {name.casefold(): name for name in known}
    whole = " ".join(written.split())
    first, _, rest = whole.partition(",")
    if whole.casefold() in by_name:
        return by_name[whole.casefold()], None
    if first.strip().casefold() in by_name:
        return by_name[first.strip().casefold()], rest.strip() or None
    return None, whole or None
