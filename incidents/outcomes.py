"""Whether a prediction was right, by what people then did with the incident; judged at every step."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Decision, Incident, LabelField, Outcome, Post, Prediction, Step

_GIVEN: Final = frozenset({Step.ASSIGN, Step.REASSIGN})
_ANSWERED: Final = frozenset({Step.SUBMIT, Step.SEND, Step.ANSWER_DIRECTLY})
_JUDGED: Final = _GIVEN | _ANSWERED | {Step.RETURN, Step.SKIP}


async def judge_step(
    session: AsyncSession,
    incident: Incident,
    step: Step,
    *,
    by: int | None,
    body_id: int | None,
    now: datetime,
) -> None:
    """What the step says of the predictions of the incident's posts. `body_id`: the body concerned.

    Only people judge: what the program does by itself says nothing, nor does an answer noticed in a network,
    which any page may have given. A wrong one stays wrong: the hours of the deadline are lost.
    """
    if by is None or step not in _JUDGED:
        return
    for prediction in await _predictions(session, Post.incident_id == incident.id):
        outcome = _outcome(prediction, step, body_id)
        if outcome is not None:
            _settle(prediction, outcome, now=now)


def _outcome(prediction: Prediction, step: Step, body_id: int | None) -> Outcome | None:
    if step is Step.SKIP:
        return Outcome.WRONG if _wants_answer(prediction) else Outcome.RIGHT
    suggested = suggested_body(prediction)
    if suggested is None or body_id is None:
        return None
    if step is Step.RETURN:
        return Outcome.WRONG if body_id == suggested else None
    if step in _ANSWERED:
        return Outcome.RIGHT if body_id == suggested else None
    if body_id != suggested:
        return Outcome.WRONG
    # The program's own choice is not right because a curator leaves it so.
    return None if prediction.decision == Decision.ASSIGNED else Outcome.RIGHT


async def judge_label(
    session: AsyncSession, post_id: int, field: LabelField, value: str, *, now: datetime
) -> None:
    """What a person's label says: another topic than predicted, or no answer owed, is a wrong prediction."""
    for prediction in await _predictions(session, Post.id == post_id):
        if _contradicts(prediction, field, value):
            _settle(prediction, Outcome.WRONG, now=now)


def _contradicts(prediction: Prediction, field: LabelField, value: str) -> bool:
    if field is LabelField.TOPIC:
        return value != prediction.topic
    if field is LabelField.NEEDS_ANSWER:
        return (value == "yes") != _wants_answer(prediction)
    if field in {LabelField.SPAM, LabelField.OFFICIAL}:
        return value == "yes" and _wants_answer(prediction)
    return False


def suggested_body(prediction: Prediction) -> int | None:
    """The id of the body suggested first."""
    return prediction.bodies[0][0] if prediction.bodies else None


def _wants_answer(prediction: Prediction) -> bool:
    return prediction.needs_answer and not prediction.spam


async def _predictions(session: AsyncSession, where: ColumnElement[bool]) -> list[Prediction]:
    found = await session.scalars(
        select(Prediction).join(Post, Post.id == Prediction.post_id).where(where).order_by(Prediction.id)
    )
    return list(found)


def _settle(prediction: Prediction, outcome: Outcome, *, now: datetime) -> None:
    if prediction.outcome in {Outcome.WRONG, outcome}:
        return
    prediction.outcome, prediction.outcome_at = outcome.value, now
