"""What was found, with all the words it may have been found by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Answer, AnswerState, Body, Incident, Post


@dataclass(frozen=True, slots=True)
class Hit:
    """One incident found, with the texts its words may stand in: the posts, then the answers."""

    incident: Incident
    body: str
    texts: Sequence[str]


async def hits_of(session: AsyncSession, numbers: Sequence[int]) -> list[Hit]:
    """The incidents of these numbers, in this order, with the texts they hold."""
    rows = await session.execute(
        select(Incident, Body.name)
        .outerjoin(Body, Body.id == Incident.body_id)
        .where(Incident.id.in_(numbers))
    )
    found = {incident.id: (incident, name or "") for incident, name in rows}
    texts: dict[int, list[str]] = {number: [] for number in numbers}
    posts = await session.execute(
        select(Post.incident_id, Post.text)
        .where(Post.incident_id.in_(numbers))
        .order_by(Post.posted_at, Post.id)
    )
    answers = await session.execute(
        select(Answer.incident_id, Answer.text)
        .where(Answer.incident_id.in_(numbers), Answer.state == AnswerState.SUBMITTED)
        .order_by(Answer.id.desc())
    )
    for number, text in [*posts, *answers]:
        texts[number].append(text)
    for number, (incident, _) in found.items():
        texts[number] += [part for part in (incident.place, incident.territory) if part]
    return [Hit(*found[number], texts[number]) for number in numbers if number in found]
