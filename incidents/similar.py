"""Have we answered this before? Published answers to the like of an incident, the nearest first.

What is compared are stems, the rare ones weighing more; the same topic, body and territory count besides. A published
answer stands in the open, so that a body sees the others' too; whose words it answered is not shown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.drafting import keep_draft
from incidents.errors import IncidentError
from incidents.full_text import matching
from incidents.moving import load, load_to_change
from incidents.people import Actor
from incidents.prompting import open_prompts
from incidents.responding import hold
from incidents.search_query import Term
from incidents.search_words import folded, telling_stems
from incidents.searching import must_see
from models import (
    Answer,
    AnswerState,
    Body,
    Incident,
    Post,
    PromptKind,
    Publication,
    PublicationState,
    SearchDoc,
    Status,
)

_COMPARED: Final = 24  # stems of the incident, the longest
_COUNTED: Final = 2000  # a word that stands in more incidents tells nothing
_LOOKED_FOR: Final = 6  # the rarest of them: by these the others are found
_CANDIDATES: Final = 400
_SHORTEST: Final = 3  # letters of a stem
_ALIKE: Final = 0.25  # of the weight of the incident's own words, that the other must have
_FEW: Final = 2  # words that must be the same, where there are so many
_SAME_TOPIC, _SAME_SUBTOPIC, _SAME_BODY, _SAME_TERRITORY = 0.2, 0.1, 0.1, 0.05


class AnswerGone(IncidentError):
    """The answer to begin with stands nowhere any more, or never did."""

    text_key = "refused.answer_gone"


@dataclass(frozen=True, slots=True)
class Similar:
    """An answer given to the like. `body` is a name, `url` where the answer stands, "" if nobody knows."""

    incident_id: int
    answer_id: int
    topic: str
    body: str
    text: str
    url: str
    answered_at: datetime


async def answered_before(
    session: AsyncSession, incident_id: int, *, actor: Actor, limit: int = 3
) -> list[Similar]:
    """The nearest answered incidents with their published answers, no answer twice.

    Raises:
        NoSuchIncident, NotAllowed, NotYours.
    """
    incident = await load(session, incident_id)
    await must_see(session, actor, incident)
    said = await session.scalars(select(Post.text).where(Post.incident_id == incident_id))
    own = [one for one in telling_stems(" ".join(said)) if len(one) >= _SHORTEST and one.isalpha()]
    weights = await _weights(session, sorted(own, key=len, reverse=True)[:_COMPARED])
    rarest = sorted(weights, key=lambda one: -weights[one])[:_LOOKED_FOR]
    if not rarest:
        return []
    fitting = matching(
        session, [Term((one,)) for one in rarest], where=_answered(incident), any_word=True, limit=_CANDIDATES
    )
    rows = await session.execute(
        select(Incident, SearchDoc.words)
        .join(SearchDoc, SearchDoc.incident_id == Incident.id)
        .where(Incident.id.in_(select(fitting.c.id)))
    )
    scored = [(_nearness(incident, other, set(words.split()), weights), other) for other, words in rows]
    near = sorted(
        ((score, other) for score, other in scored if score > 0), key=lambda row: (-row[0], -row[1].id)
    )
    return await _answers(session, [other for _, other in near[: 10 * limit]], limit)


def _answered(incident: Incident) -> list[ColumnElement[bool]]:
    stands = exists().where(
        Publication.incident_id == Incident.id, Publication.state == PublicationState.PUBLISHED
    )
    return [
        Incident.id != incident.id,
        Incident.status.in_([Status.ANSWERED, Status.CLOSED]),
        stands,
    ]


async def _weights(session: AsyncSession, own: Sequence[str]) -> dict[str, float]:
    """Stem → how much it tells, of those that stand in other incidents too."""
    if not own:
        return {}
    total = await session.scalar(select(func.count()).select_from(SearchDoc)) or 1
    counts = [
        select(func.count())
        .select_from(matching(session, [Term((one,))], where=[], limit=_COUNTED))
        .scalar_subquery()
        for one in own
    ]
    found = (await session.execute(select(*counts))).one()
    return {
        one: log(1 + total / count)
        for one, count in zip(own, found, strict=True)
        if 1 < count < _COUNTED  # one of them is the incident's own
    }


def _nearness(
    incident: Incident, other: Incident, words: Collection[str], weights: Mapping[str, float]
) -> float:
    """0: not alike."""
    same = [one for one in weights if one in words]
    share = sum(weights[one] for one in same) / sum(weights.values())
    if share < _ALIKE or len(same) < min(_FEW, len(weights)):
        return 0.0
    return (
        share
        + _SAME_TOPIC * (other.topic == incident.topic)
        + _SAME_SUBTOPIC * (bool(incident.subtopic) and other.subtopic == incident.subtopic)
        + _SAME_BODY * (other.body_id == incident.body_id)
        + _SAME_TERRITORY * (bool(incident.territory) and other.territory == incident.territory)
    )


async def _answers(session: AsyncSession, near: Sequence[Incident], limit: int) -> list[Similar]:
    """Their newest final answers that stand, in the same order; of equal texts the nearest incident's."""
    rows = await session.execute(
        select(Answer, Publication)
        .join(Publication, Publication.answer_id == Answer.id)
        .where(
            Answer.incident_id.in_([one.id for one in near]),
            Answer.state == AnswerState.SUBMITTED,
            Answer.is_interim.is_(False),
            Answer.text != "",
            Publication.state == PublicationState.PUBLISHED,
        )
        .order_by(Answer.version, Publication.id.desc())
    )
    newest = {answer.incident_id: (answer, publication) for answer, publication in rows}
    names = await session.execute(select(Body.id, Body.name))
    bodies: dict[int | None, str] = {number: name for number, name in names}  # noqa: C416 - rows are no pairs to mypy
    found: dict[str, Similar] = {}
    for one in near:
        if one.id not in newest:
            continue
        answer, publication = newest[one.id]
        similar = Similar(
            incident_id=one.id,
            answer_id=answer.id,
            topic=one.topic,
            body=bodies.get(one.body_id, ""),
            text=answer.text,
            url=publication.url or "",
            answered_at=publication.published_at or answer.created_at,
        )
        found.setdefault(" ".join(folded(answer.text).split()), similar)
    return list(found.values())[:limit]


async def begin_with(
    session: AsyncSession,
    *,
    answer_id: int,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Answer:
    """«За основу»: the words of a published answer as a draft of this one, signed by this body.

    The person's open question about it is answered by that. Photos proved another thing: they stay behind.

    Raises:
        NoSuchIncident, NotYours, AlreadyTaken, StepNotAllowed.
        AnswerGone: no such answer stands in the open.
    """
    incident = await load_to_change(session, incident_id)
    await hold(session, incident, actor, now=now)
    row = (
        await session.execute(
            select(Answer.text, Body.signature)
            .join(Incident, Incident.id == Answer.incident_id)
            .outerjoin(Body, Body.id == Incident.body_id)
            .join(Publication, Publication.answer_id == Answer.id)
            .where(
                Answer.id == answer_id,
                Answer.is_interim.is_(False),
                Answer.text != "",
                Publication.state == PublicationState.PUBLISHED,
            )
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        raise AnswerGone
    text, signature = row
    photos: list[str] = []
    for prompt in await open_prompts(session, official_id=actor.official_id):
        if prompt.kind is PromptKind.ANSWER and prompt.incident_id == incident_id:
            photos = photos or list(prompt.context.get("photos", ()))
            prompt.closed_at = now
    return await keep_draft(
        session,
        incident,
        text=text.strip().removesuffix((signature or "").strip()).rstrip(),
        photos=photos,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
    )
