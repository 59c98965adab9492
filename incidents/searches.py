"""Searches as rows, so that their pages can be turned after a restart; and the bodies as a question names them."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError
from incidents.people import Actor
from incidents.search_query import LONGEST
from models import Body, Search

_KEPT: Final = 20  # of one person; whoever turns the pages of an older one is asked to look again


class SearchGone(IncidentError):
    """Somebody else's search, of another chat, or one long forgotten."""

    text_key = "refused.search_gone"


async def keep(session: AsyncSession, text: str, *, actor: Actor, chat_id: int, now: datetime) -> Search:
    """Remember the question; the person's oldest ones are forgotten."""
    search = Search(
        official_id=actor.official_id,
        chat_id=chat_id,
        text=" ".join(text[: 4 * LONGEST].split())[:LONGEST],
        created_at=now,
    )
    session.add(search)
    await session.flush()
    newest = (
        select(Search.id)
        .where(Search.official_id == actor.official_id)
        .order_by(Search.id.desc())
        .limit(_KEPT)
        .scalar_subquery()
    )
    await session.execute(
        delete(Search)
        .where(Search.official_id == actor.official_id, Search.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )
    return search


async def own(session: AsyncSession, search_id: int, *, actor: Actor, chat_id: int) -> Search:
    """Raises: SearchGone: it is not this person's, not of this chat, or forgotten."""
    search = await session.get(Search, search_id)
    if search is None or search.official_id != actor.official_id or search.chat_id != chat_id:
        raise SearchGone
    return search


def comparable(name: str) -> str:
    """A name as a question is read: letter by letter."""
    return " ".join(name.split()).lower().replace("ё", "е")


async def body_names(session: AsyncSession) -> dict[str, frozenset[int]]:
    """Every body by its code and by its name; two of one name are both meant."""
    meanings: dict[str, frozenset[int]] = {}
    for number, code, name in await session.execute(select(Body.id, Body.code, Body.name)):
        for key in {comparable(code), comparable(name)}:
            meanings[key] = meanings.get(key, frozenset()) | {number}
    return meanings


async def bodies_of(session: AsyncSession, chat_id: int, thread_id: int | None) -> frozenset[int]:
    """The bodies whose chat this is, in a group of topics by the topic."""
    same_thread = Body.thread_id.is_(None) if thread_id is None else Body.thread_id == thread_id
    found = await session.scalars(select(Body.id).where(Body.chat_id == chat_id, same_thread))
    return frozenset(found)
