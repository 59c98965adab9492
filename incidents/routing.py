"""Which body's business it is: topic and territory against the rules an admin can edit."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import BodyUnreachable, NoSuchBody
from incidents.incoming import Scored
from models import Body, ChatState, Route

# What reaches a body only by a second guess of the topic must not look as sure as the guess itself.
_BEST = 3
_SHORTEST = 2  # letters of a word in an abbreviation


@dataclass(frozen=True, slots=True)
class BodyGuess:
    body: Body
    confidence: float


async def suggest_bodies(
    session: AsyncSession,
    topics: tuple[Scored, ...],
    *,
    territory: str,
    keyword_bodies: Sequence[int] = (),
) -> list[BodyGuess]:
    """At most three bodies within reach, best first; a rule for the territory beats one for everywhere.

    `keyword_bodies`: whose keywords the post has. They come first, as sure as the topic makes them: a keyword
    the topic does not agree with is worth a curator's look, and decides nothing by itself (confidence 0).
    """
    codes = [topic.value for topic in topics]
    rows = await session.execute(
        select(Route, Body)
        .join(Body, Body.id == Route.body_id)
        .where(
            Route.topic.in_(codes),
            or_(Route.territory == territory, Route.territory == ""),
            Body.is_active,
            Body.chat_state == ChatState.LIVE,
        )
        .order_by(Route.id)
    )
    sure = {topic.value: topic.confidence for topic in topics}
    ranked = sorted(rows, key=lambda row: (-sure[row[0].topic], row[0].territory == "", row[0].id))
    best: dict[int, BodyGuess] = {}
    for route, body in ranked:
        best.setdefault(body.id, BodyGuess(body, sure[route.topic]))
    if not keyword_bodies:
        return list(best.values())[:_BEST]
    named = await _within_reach(session, keyword_bodies)
    first = sorted(
        (best.get(body.id, BodyGuess(body, 0.0)) for body in named), key=lambda one: -one.confidence
    )
    return list({one.body.id: one for one in (*first, *best.values())}.values())[:_BEST]


async def _within_reach(session: AsyncSession, body_ids: Sequence[int]) -> list[Body]:
    """In the order of their ids."""
    found = await session.scalars(
        select(Body)
        .where(Body.id.in_(set(body_ids)), Body.is_active, Body.chat_state == ChatState.LIVE)
        .order_by(Body.id)
    )
    return list(found)


async def body_by_code(session: AsyncSession, code: str) -> Body:
    """Raises: NoSuchBody."""
    body: Body | None = await session.scalar(
        select(Body).where(Body.code == code.strip().lower(), Body.is_active)
    )
    if body is None:
        raise NoSuchBody(code)
    return body


async def existing_body(session: AsyncSession, body_id: int) -> Body:
    """Raises: NoSuchBody."""
    body = await session.get(Body, body_id)
    if body is None or not body.is_active:
        raise NoSuchBody(str(body_id))
    return body


async def reachable_body(session: AsyncSession, body_id: int) -> Body:
    """Raises: NoSuchBody, BodyUnreachable."""
    body = await existing_body(session, body_id)
    if body.chat_state is not ChatState.LIVE:
        raise BodyUnreachable(name=body.name)
    return body


async def search_bodies(session: AsyncSession, words: str, *, limit: int = 8) -> list[Body]:
    """Bodies within reach whose code or name holds every word, in any letter case, or is meant by it."""
    wanted = [word.casefold() for word in words.split()]
    bodies = await session.scalars(
        select(Body).where(Body.is_active, Body.chat_state == ChatState.LIVE).order_by(Body.name)
    )
    # SQLite's LIKE folds only ASCII letters; a region has at most some hundreds of bodies.
    found = [body for body in bodies if all(_names(word, body) for word in wanted)]
    return found[:limit]


def _names(word: str, body: Body) -> bool:
    """Whether the word is part of the code or name, or short for it: «минздрав»."""
    name = f"{body.code} {body.name}".casefold()
    return word in name or _is_short_for(word, name.split())


def _is_short_for(word: str, names: list[str]) -> bool:
    """«минздрав» is the beginnings of «министерство здравоохранения»: at least two letters of each."""
    return not word or any(
        _is_short_for(word[length:], names[at + 1 :])
        for at, name in enumerate(names)
        for length in range(_SHORTEST, min(len(word), len(name)) + 1)
        if name.startswith(word[:length])
    )
