"""What a model may learn from: people's corrections and what they confirmed, nobody's share too large."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.labels import YES
from incidents.rubricator import topic_of
from models import (
    Body,
    Community,
    Incident,
    Kind,
    Label,
    LabelField,
    Outcome,
    Post,
    Prediction,
)

CORRECTED: Final = 1.0
CONFIRMED: Final = 0.3
"""A post that was answered as predicted: nobody may have looked at every word of the prediction."""

SHARE: Final = 0.2
"""Of a class's labels, the most that one person may give …"""
LEAST: Final = 5
"""… but always so many: the first corrections of a new topic come from somebody."""

# Where a post is from is no class: a model that learned places would know the town it was trained in.
_UNTAUGHT: Final = (LabelField.TERRITORY, LabelField.PLACE)

_ROUNDING: Final = 1e-9
_CHUNK: Final = 500  # ids in one query

MOST: Final = 40_000
"""Posts: what fits in memory, and a model has learned by then."""


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """One post and what is known of it; None where nobody has said. A post may come twice: with what was
    corrected, and with what was confirmed.

    `body` is a body's code; `who`: ids of the officials who corrected it, none where it was confirmed by its answer.
    """

    post_id: int
    text: str
    network: str
    territory: str
    posted_at: datetime
    weight: float
    who: tuple[int, ...] = ()
    kind: Kind | None = None
    needs_answer: bool | None = None
    official: bool | None = None
    spam: bool | None = None
    topic: str | None = None
    subtopic: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """Newest posts first. `left_out`: reason → how many labels ("share", "replaced") or posts ("no_text", "limit")."""

    rows: list[LabelledPost]
    left_out: Mapping[str, int]


async def training_rows(
    session: AsyncSession, *, since: datetime, until: datetime, limit: int = MOST
) -> Lessons:
    """What was taught from `since` to before `until`; corrections before confirmations where `limit` is short.

    One person cannot swing a class: of those who gave a label of one value, nobody counts for more than SHARE of
    what counts (or LEAST labels); their newest do. Of several labels of one post the newest that counts wins.
    """
    left_out: Counter[str] = Counter()
    presses = list(
        await session.scalars(
            select(Label)
            .where(Label.at >= since, Label.at < until, Label.field.not_in(_UNTAUGHT))
            .order_by(Label.id.desc())
        )
    )
    touched: dict[int, set[LabelField]] = defaultdict(set)
    for press in presses:
        touched[press.post_id].add(press.field)
    confirmed = await _confirmed(session, touched, since=since, until=until, limit=limit, left_out=left_out)
    weak = Counter(pair for row in confirmed for pair in _classes(row))
    counting = _newest(_capped(_own_newest(presses, left_out), weak, left_out), left_out)
    corrected = await _corrected(session, counting, limit=limit, left_out=left_out)
    room = max(limit - len(corrected), 0)
    left_out["limit"] += max(len(confirmed) - room, 0)
    rows = sorted([*corrected, *confirmed[:room]], key=lambda row: (row.posted_at, row.post_id), reverse=True)
    return Lessons(rows, dict(+left_out))


# -- whose presses count


def _own_newest(presses: Sequence[Label], left_out: Counter[str]) -> list[Label]:
    """A person who changed their mind has said one thing. `presses` newest first, here and below."""
    return _first_of(presses, lambda one: (one.post_id, one.field, one.official_id), left_out)


def _newest(presses: Sequence[Label], left_out: Counter[str]) -> list[Label]:
    return _first_of(presses, lambda one: (one.post_id, one.field), left_out)


def _first_of(presses: Sequence[Label], key: Any, left_out: Counter[str]) -> list[Label]:
    first: dict[Any, Label] = {}
    for press in presses:
        first.setdefault(key(press), press)
    left_out["replaced"] += len(presses) - len(first)
    return list(first.values())


def _capped(
    presses: Sequence[Label], weak: Mapping[tuple[LabelField, str], int], left_out: Counter[str]
) -> list[Label]:
    """Nobody's labels beyond their share.

    It is reckoned from what others said and what was confirmed: were one's own presses counted in, pressing more
    would buy a larger share.
    """
    of_class = Counter((one.field, one.value) for one in presses)
    of_person = Counter((one.field, one.value, one.official_id) for one in presses)
    kept: list[Label] = []
    given: Counter[tuple[LabelField, str, int]] = Counter()
    for press in presses:
        pair, whose = (press.field, press.value), (press.field, press.value, press.official_id)
        others = of_class[pair] - of_person[whose] + CONFIRMED * weak[pair]
        if given[whose] < max(LEAST, math.floor(others * SHARE / (1 - SHARE) + _ROUNDING)):
            given[whose] += 1
            kept.append(press)
        else:
            left_out["share"] += 1
    return kept


# -- the rows


def _posts() -> Select[Post, str, str]:
    return (
        select(Post, Community.territory, Incident.territory)
        .outerjoin(
            Community, and_(Community.network == Post.network, Community.native_id == Post.community_id)
        )
        .outerjoin(Incident, Incident.id == Post.incident_id)
    )


def _row(post: Post, community: str | None, incident: str | None, *, weight: float) -> LabelledPost:
    territory = community or incident or ""
    return LabelledPost(post.id, post.text, post.network, territory, post.posted_at, weight)


async def _corrected(
    session: AsyncSession, presses: Sequence[Label], *, limit: int, left_out: Counter[str]
) -> list[LabelledPost]:
    of_post: dict[int, list[Label]] = defaultdict(list)
    for press in presses:
        of_post[press.post_id].append(press)
    numbers = list(of_post)
    left_out["limit"] += max(len(numbers) - limit, 0)
    rows = []
    for at in range(0, len(numbers[:limit]), _CHUNK):
        found = await session.execute(_posts().where(Post.id.in_(numbers[at : min(at + _CHUNK, limit)])))
        for post, *territories in found:
            if not post.text.strip():
                left_out["no_text"] += 1
                continue
            said = of_post[post.id]
            who = tuple(sorted({one.official_id for one in said}))
            row = replace(
                _row(post, *territories, weight=CORRECTED), who=who, **dict(_said(one) for one in said)
            )
            rows.append(row if _is_under_topic(said) else replace(row, subtopic=None))
    return rows


def _is_under_topic(said: Sequence[Label]) -> bool:
    """Whether the subtopic goes with the topic, or is left of an older answer, or of one that does not count.

    A topic and its subtopic are one answer, the topic first: else thirteen subtopics were thirteen shares.
    """
    of_field = {one.field: one for one in said}
    topic, subtopic = of_field.get(LabelField.TOPIC), of_field.get(LabelField.SUBTOPIC)
    if topic is None or subtopic is None:
        return False
    return topic_of(subtopic.value) == topic.value and subtopic.id > topic.id


def _said(label: Label) -> tuple[str, Any]:
    if label.field is LabelField.KIND:
        return label.field.value, Kind(label.value)
    if label.field in {LabelField.NEEDS_ANSWER, LabelField.OFFICIAL, LabelField.SPAM}:
        return label.field.value, label.value == YES
    return label.field.value, label.value


async def _confirmed(
    session: AsyncSession,
    touched: Mapping[int, set[LabelField]],
    *,
    since: datetime,
    until: datetime,
    limit: int,
    left_out: Counter[str],
) -> list[LabelledPost]:
    """Answered by the very body that was suggested; without what somebody corrected all the same."""
    codes = {body.id: body.code for body in await session.scalars(select(Body))}
    found = await session.execute(
        _posts()
        .add_columns(Prediction)
        .join(Prediction, Prediction.post_id == Post.id)
        .where(
            Prediction.outcome_at >= since,
            Prediction.outcome_at < until,
            Prediction.outcome == Outcome.RIGHT,
            Prediction.at >= since,  # so that every label of the post is in the window
            Incident.answered_at.is_not(None),
        )
        .order_by(Prediction.outcome_at.desc(), Prediction.id.desc())
        .limit(limit)
    )
    rows = []
    for post, community, incident, prediction in found:
        if not post.text.strip():
            left_out["no_text"] += 1
            continue
        known: dict[str, Any] = {
            "kind": prediction.kind,
            "needs_answer": True,
            "official": False,
            "spam": False,
            "topic": prediction.topic,
            "subtopic": prediction.subtopic or None,
            "body": codes.get(prediction.bodies[0][0]),
        }
        for field in touched.get(post.id, ()):
            known[field.value] = None
        rows.append(replace(_row(post, community, incident, weight=CONFIRMED), **known))
    return rows


def _classes(row: LabelledPost) -> list[tuple[LabelField, str]]:
    """What a confirmed post counts for, in a label's words."""
    return [
        (field, ("no", "yes")[value] if isinstance(value, bool) else str(value))
        for field in LabelField
        if (value := getattr(row, field.value, None)) is not None
    ]
