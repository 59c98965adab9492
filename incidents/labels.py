"""What people's presses teach: labels, kept for ever and never changed; of several the newest counts."""

from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.outcomes import judge_label, suggested_body
from incidents.people import Actor
from incidents.permissions import Permission
from models import Body, Incident, Label, LabelField, Post, Prediction

YES: Final = "yes"
NO: Final = "no"

# What a press says of a post's words.
Lesson: TypeAlias = tuple[LabelField, str]
NO_ANSWER: Final[Lesson] = (LabelField.NEEDS_ANSWER, NO)
SPAM: Final[Lesson] = (LabelField.SPAM, YES)


async def record(
    session: AsyncSession,
    *,
    incident: Incident,
    field: LabelField,
    value: str,
    actor: Actor,
    now: datetime,
    body_id: int | None = None,
) -> Label | None:
    """One person's answer about the incident's first post, after their right to give it was checked.

    `value`: a kind, a rubricator code, a body's code (with `body_id`), "yes" or "no". The contract learns of it
    too: where the topic was wrong, so was the decision. None: the incident has no post.
    """
    post = await _first_post(session, incident)
    if post is None:
        return None
    label = Label(
        post_id=post.id,
        incident_id=incident.id,
        field=field,
        value=value,
        official_id=actor.official_id,
        body_id=body_id,
        at=now,
    )
    session.add(label)
    await session.flush()
    await judge_label(session, post.id, field, value, now=now)
    return label


async def body_chosen(
    session: AsyncSession, incident: Incident, body: Body, *, actor: Actor, now: datetime
) -> None:
    """A curator has said whose business it is, and by that that an answer is owed: labels where it is news."""
    post = await _first_post(session, incident)
    if post is None or not actor.may(Permission.CORRECT):
        return
    prediction = await _prediction_of(session, post)
    suggested = suggested_body(prediction) if prediction else None
    expected = await session.get(Body, suggested) if suggested is not None else None
    believed = {
        LabelField.BODY: expected.code if expected else "",
        LabelField.NEEDS_ANSWER: NO if prediction and not prediction.needs_answer else YES,
        LabelField.SPAM: YES if prediction and prediction.spam else NO,
    } | await _newest(session, post)
    said = {LabelField.BODY: body.code, LabelField.NEEDS_ANSWER: YES, LabelField.SPAM: NO}
    for field, value in said.items():
        if believed[field] != value:
            await record(
                session,
                incident=incident,
                field=field,
                value=value,
                actor=actor,
                now=now,
                body_id=body.id if field is LabelField.BODY else None,
            )


async def _first_post(session: AsyncSession, incident: Incident) -> Post | None:
    """The one the card shows."""
    post: Post | None = await session.scalar(
        select(Post).where(Post.incident_id == incident.id).order_by(Post.posted_at, Post.id).limit(1)
    )
    return post


async def _prediction_of(session: AsyncSession, post: Post) -> Prediction | None:
    prediction: Prediction | None = await session.scalar(
        select(Prediction).where(Prediction.post_id == post.id).order_by(Prediction.id).limit(1)
    )
    return prediction


async def _newest(session: AsyncSession, post: Post) -> dict[LabelField, str]:
    rows = await session.execute(
        select(Label.field, Label.value).where(Label.post_id == post.id).order_by(Label.id)
    )
    return {field: value for field, value in rows}  # noqa: C416 - a Row is no pair to mypy
