"""Changes of the registry: what a file brings, what a network tells, what a page loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.communities import find
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.registry_columns import Fault, clean
from incidents.registry_files import Line
from models import Body, Community, CommunityLevel, CommunityState

_PROBLEM: Final = 300  # characters: the column's


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a file. With `faults` nothing was changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: Sequence[Fault] = ()


async def put(session: AsyncSession, lines: Sequence[Line], *, now: datetime, by: Actor | None = None) -> Put:
    """New pages are added, known ones changed; what a line does not say stays as it is. All of it or nothing.

    `by` None is the operator's shell.

    Raises:
        NotAllowed.
    """
    if by is not None:
        by.must(Permission.COMMUNITIES)
    bodies = {body.code.lower(): body.id for body in await session.scalars(select(Body))}
    registry = _Registry(list(await session.scalars(select(Community).order_by(Community.id))))
    faults: list[Fault] = []
    first: dict[int, int] = {}
    for line in lines:
        if line.body_code and line.body_code not in bodies:
            faults.append(Fault(line.row, line.body_header, "body", {"code": line.body_code}))
        page = registry.find(line)
        if page is not None and first.setdefault(page.id, line.row) != line.row:
            blanks = {"first": str(first[page.id])}
            faults.append(Fault(line.row, line.link_header, "twice", blanks))
    if faults:
        return Put(faults=faults)
    added = changed = 0
    for line in lines:
        page = registry.find(line)
        if page is None:
            page = Community(network=line.network, native_id=line.native_id or None, name=line.name)
            page.added_at = now
            session.add(page)
            added += 1
            _fill(page, line, bodies)
        elif _fill(page, line, bodies):
            changed += 1
    await session.flush()
    return Put(added, changed, len(lines) - added - changed)


class _Registry:
    """The pages that are known already. The same link is the same page, also when its address has changed since."""

    def __init__(self, pages: Sequence[Community]) -> None:
        self._by_url = {(page.network, page.url): page for page in pages if page.url}
        self._by_id = {(page.network, page.native_id): page for page in pages if page.native_id}
        self._by_name = {(page.network, page.name): page for page in pages if page.name}

    def find(self, line: Line) -> Community | None:
        network, name = line.network, line.name
        return (
            self._by_url.get((network, line.url or ""))
            or self._by_id.get((network, line.native_id))
            or self._by_name.get((network, name))
            or self._by_id.get((network, name))  # a number with letters, written without its link
        )


def _fill(page: Community, line: Line, bodies: dict[str, int]) -> bool:
    """Take over what the line says; whether it was news."""
    said: dict[str, object] = {
        "native_id": line.native_id or None,
        "url": line.url,
        "title": line.title,
        "territory": line.territory,
        "level": line.level,
        "is_verified": line.is_verified,
        "posts_norm": line.posts_norm,
    }
    news = {key: value for key, value in said.items() if value is not None and value != getattr(page, key)}
    if line.name and not page.name and not page.native_id:
        news["name"] = line.name
    if line.body_code is not None and bodies.get(line.body_code) != page.body_id:
        news["body_id"] = bodies.get(line.body_code)
    for key, value in news.items():
        setattr(page, key, value)
    return bool(news)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a network tells of a page (collectors.contract.PageFacts). None, "": it does not tell."""

    native_id: str
    name: str = ""
    title: str = ""
    is_verified: bool | None = None
    can_answer: bool | None = None
    problem: str = ""


async def learn(session: AsyncSession, community_id: int, told: Told, *, now: datetime) -> None:
    """Keep what the network told; words a person wrote (title, body, level …) stay.

    A "no" of the network does not take away the mark a person entered: the mark of Gosuslugi is none of VK's.
    A page that was listed twice, by its number and by its address, becomes one.
    """
    page = await session.get(Community, community_id)
    if page is None:
        return
    if told.native_id and told.native_id != page.native_id:
        twin = await find(session, page.network, native_id=told.native_id)
        if twin is not None and twin.id != page.id:
            page = await _join(session, page, into=twin)
        page.native_id = told.native_id
    page.name = clean(told.name).lower()[:100] or page.name
    page.title = page.title or clean(told.title)[:200].strip()
    if told.is_verified is not None and page.is_verified is not True:
        page.is_verified = told.is_verified
    page.state = CommunityState.CONNECTED if told.can_answer else CommunityState.READ
    page.problem = told.problem[:_PROBLEM]
    page.looked_up_at = now
    await session.flush()


async def _join(session: AsyncSession, page: Community, *, into: Community) -> Community:
    """One page in two rows: the older one stays, with what only the other one knew."""
    into.body_id = into.body_id or page.body_id
    into.url, into.title = into.url or page.url, into.title or page.title
    into.territory = into.territory or page.territory
    into.posts_norm = into.posts_norm or page.posts_norm
    into.is_watched = into.is_watched or page.is_watched
    if into.level is CommunityLevel.OTHER:
        into.level = page.level
    if into.is_verified is None:
        into.is_verified = page.is_verified
    await session.delete(page)
    await session.flush()
    return into


async def lose(session: AsyncSession, community_id: int, *, problem: str, now: datetime) -> None:
    """The network knows no such page, or closed it to us."""
    page = await session.get(Community, community_id)
    if page is not None:
        page.state, page.problem, page.looked_up_at = CommunityState.LOST, problem[:_PROBLEM], now


async def could_not_look(
    session: AsyncSession, community_id: int, *, problem: str, now: datetime | None
) -> None:
    """Nothing was learnt. `now` None: it is to be looked up again as soon as may be."""
    page = await session.get(Community, community_id)
    if page is not None:
        page.problem = problem[:_PROBLEM]
        page.looked_up_at = now or page.looked_up_at
