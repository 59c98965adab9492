"""The contract: what is routed without a curator is right in 95 of 100 cases, or routing goes back to curators."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import HeldAlready, NoSuchTopic, ReleasedAlready
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.rubricator import rubricator
from models import Decision, Official, Outcome, Prediction, RoutingHold

PROMISED: Final = 0.95
WINDOW: Final = timedelta(days=30)
_LEAST: Final = 10  # outcomes before anything is concluded
_DOUBT: Final = 0.05
_SHADOW: Final = 20  # decisions in a row after which a held topic may be trusted again


@dataclass(frozen=True, slots=True)
class Judged:
    """Of `judged` decisions people have judged, `right` were right."""

    right: int
    judged: int


@dataclass(frozen=True, slots=True)
class TopicRouting:
    """How one topic was routed in the window: `assigned` of `posts` by the program itself."""

    topic: str
    posts: int
    assigned: int
    judged: Judged
    hold: RoutingHold | None


def is_broken(judged: Judged, *, promised: float = PROMISED) -> bool:
    """Whether so few would be right by bad luck in less than 5 of 100 cases, were the promise kept (binomial)."""
    if judged.judged < _LEAST:
        return False
    # The chance of fewer wrong ones than there are, taken from one: so few terms are needed.
    wrong = judged.judged - judged.right
    fewer = math.fsum(_chance(judged.judged, count, 1 - promised) for count in range(wrong))
    return 1 - fewer < _DOUBT


def _chance(trials: int, hits: int, each: float) -> float:
    """Of exactly so many hits. By logarithms: the plain factors leave a float's range at some thousands."""
    ways = math.lgamma(trials + 1) - math.lgamma(hits + 1) - math.lgamma(trials - hits + 1)
    return math.exp(ways + hits * math.log(each) + (trials - hits) * math.log1p(-each))


async def live_precision(
    session: AsyncSession, *, now: datetime, topic: str | None = None, window: timedelta = WINDOW
) -> Judged:
    """Of what the program routed by itself and people have judged within the window, how much was right."""
    query = select(func.count(), func.sum(_IS_RIGHT)).where(*_judged_since(now - window))
    if topic is not None:
        query = query.where(Prediction.topic == topic)
    judged, right = (await session.execute(query)).one()
    return Judged(right or 0, judged)


_IS_RIGHT: Final = cast(Prediction.outcome == Outcome.RIGHT, Integer)


def _judged_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Prediction.decision == Decision.ASSIGNED,
        Prediction.outcome_at >= since,
        Prediction.outcome != Outcome.UNKNOWN,
    )


async def watch(session: AsyncSession, *, now: datetime) -> list[str]:
    """Hold the topics whose live figure breaks the promise, and say so; returns them.

    What was decided before a curator's last release of the topic counts no more: they knew it. Says of held
    topics, once each, that they would be routed well again.
    """
    freed = (
        select(RoutingHold.topic, func.max(RoutingHold.released_at).label("at"))
        .group_by(RoutingHold.topic)
        .subquery()
    )
    rows = await session.execute(
        select(Prediction.topic, func.sum(_IS_RIGHT), func.count())
        .outerjoin(freed, freed.c.topic == Prediction.topic)
        .where(*_judged_since(now - WINDOW), or_(freed.c.at.is_(None), Prediction.at > freed.c.at))
        .group_by(Prediction.topic)
        .order_by(Prediction.topic)
    )
    open_ones = await open_holds(session)
    held = []
    for topic, right, count in rows.all():
        judged = Judged(right, count)
        if topic not in open_ones and is_broken(judged) and await _hold(session, topic, judged, now=now):
            held.append(topic)
            await outbox.tell_curators(
                session, "routing.held", now=now, topic=topic, right=right, judged=count, promised=_PERCENT
            )
    for hold in open_ones.values():
        await _suggest_release(session, hold, now=now)
    return held


_PERCENT: Final = round(PROMISED * 100)


async def _hold(
    session: AsyncSession, topic: str, judged: Judged, *, now: datetime, by: int | None = None
) -> RoutingHold | None:
    """None: somebody held it at this very moment."""
    hold = RoutingHold(topic=topic, held_at=now, held_by=by, judged=judged.judged, right=judged.right)
    try:
        async with session.begin_nested():
            session.add(hold)
    except IntegrityError:
        return None
    return hold


async def _suggest_release(session: AsyncSession, hold: RoutingHold, *, now: datetime) -> None:
    if hold.suggested_at is not None:
        return
    judged = await shadow(session, hold)
    if judged.judged < _SHADOW or judged.right < PROMISED * judged.judged:
        return
    hold.suggested_at = now
    await outbox.tell_curators(
        session, "routing.ready", now=now, topic=hold.topic, right=judged.right, judged=judged.judged
    )


async def shadow(session: AsyncSession, hold: RoutingHold) -> Judged:
    """How many of the last decisions the program would have taken while held the curators agreed with."""
    outcomes = await session.scalars(
        select(Prediction.outcome)
        .where(
            Prediction.topic == hold.topic,
            Prediction.decision == Decision.HELD,
            Prediction.outcome_at >= hold.held_at,
            Prediction.outcome != Outcome.UNKNOWN,
            Prediction.at >= hold.held_at,
        )
        .order_by(Prediction.outcome_at.desc(), Prediction.id.desc())
        .limit(_SHADOW)
    )
    last = list(outcomes)
    return Judged(last.count(Outcome.RIGHT), len(last))


# -- holds


async def is_held(session: AsyncSession, topic: str) -> bool:
    found = await session.scalar(
        select(RoutingHold.id).where(RoutingHold.topic == topic, RoutingHold.released_at.is_(None))
    )
    return found is not None


async def open_holds(session: AsyncSession) -> dict[str, RoutingHold]:
    """By topic."""
    found = await session.scalars(select(RoutingHold).where(RoutingHold.released_at.is_(None)))
    return {hold.topic: hold for hold in found}


async def hold_topic(session: AsyncSession, topic: str, *, actor: Actor, now: datetime) -> RoutingHold:
    """A curator wants to see every post of the topic.

    Raises:
        NotAllowed, NoSuchTopic, HeldAlready.
    """
    actor.must(Permission.ROUTING)
    if topic not in rubricator():
        raise NoSuchTopic
    judged = await live_precision(session, topic=topic, now=now)
    hold = await _hold(session, topic, judged, now=now, by=actor.official_id)
    if hold is None:
        raise HeldAlready
    return hold


async def release_topic(session: AsyncSession, hold_id: int, *, actor: Actor, now: datetime) -> RoutingHold:
    """A curator lets the program route the topic again: nobody else may.

    Raises:
        NotAllowed, NoSuchTopic.
        ReleasedAlready: another curator was faster, or the button is old; says who and when.
    """
    actor.must(Permission.ROUTING)
    hold = await session.scalar(
        select(RoutingHold)
        .where(RoutingHold.id == hold_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if hold is None:
        raise NoSuchTopic
    if hold.released_at is not None:
        who = await session.get(Official, hold.released_by) if hold.released_by else None
        raise ReleasedAlready(name=who.name if who else "—", at=hold.released_at)
    hold.released_at, hold.released_by = now, actor.official_id
    await session.flush()
    return hold


# -- the screen


async def overview(session: AsyncSession, *, now: datetime, window: timedelta = WINDOW) -> list[TopicRouting]:
    """Every topic of the rubricator: held ones first, then by how many posts there were."""
    posts = await _decided(session, since=now - window)
    judged = await _judged_by_topic(session, since=now - window)
    held = await open_holds(session)
    topics = [
        TopicRouting(code, *posts.get(code, (0, 0)), judged.get(code, Judged(0, 0)), held.get(code))
        for code in dict.fromkeys([*rubricator(), *held])
    ]
    return sorted(topics, key=lambda one: (one.hold is None, -one.posts))


async def _decided(session: AsyncSession, *, since: datetime) -> Mapping[str, tuple[int, int]]:
    is_assigned = cast(Prediction.decision == Decision.ASSIGNED, Integer)
    rows = await session.execute(
        select(Prediction.topic, func.count(), func.sum(is_assigned))
        .where(Prediction.at >= since)
        .group_by(Prediction.topic)
    )
    return {topic: (posts, assigned) for topic, posts, assigned in rows}


async def _judged_by_topic(session: AsyncSession, *, since: datetime) -> Mapping[str, Judged]:
    rows = await session.execute(
        select(Prediction.topic, func.sum(_IS_RIGHT), func.count())
        .where(*_judged_since(since))
        .group_by(Prediction.topic)
    )
    return {topic: Judged(right, judged) for topic, right, judged in rows}
