"""The approver's word on an answer, where the body wants one."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import book_publications, submitted_answer
from incidents.errors import NotYours, ReasonMissing
from incidents.lifecycle import advance
from incidents.moving import load_to_change, move
from incidents.people import Actor
from incidents.promises import plan_next_look
from models import AnswerState, Body, Incident, Step


async def reviewers(session: AsyncSession, body_id: int) -> list[int]:
    """Private chats of who may approve: the body's approvers, or the curators where none can be reached."""
    return await outbox.approvers(session, body_id) or await outbox.curators(session)


async def ask_for_review(session: AsyncSession, incident: Incident, body: Body, *, now: datetime) -> None:
    """Owe the card to whoever may approve and does not see it in the body's own chat."""
    for chat_id in await reviewers(session, body.id):
        if chat_id != body.chat_id:
            await outbox.show_card(session, incident, chat_id=chat_id, now=now)


async def approve(session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime) -> Incident:
    """The approver agrees: the answer is on its way.

    Raises:
        NoSuchIncident, NotYours, StepNotAllowed.
    """
    incident, body = await _to_review(session, incident_id, actor, Step.APPROVE)
    answer = await submitted_answer(session, incident)
    answer.approved_at, answer.approved_by = now, actor.official_id
    await outbox.disarm_cards(session, incident, keep_chat=body.chat_id, keep_curators=True)
    await move(session, incident, Step.APPROVE, now=now, by=actor.official_id)
    await book_publications(session, incident, answer, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def send_back(
    session: AsyncSession, *, incident_id: int, reason: str, actor: Actor, now: datetime
) -> Incident:
    """The approver wants other words. The deadline does not move.

    Raises:
        NoSuchIncident, NotYours, ReasonMissing, StepNotAllowed.
    """
    incident, body = await _to_review(session, incident_id, actor, Step.SEND_BACK)
    if not reason.strip():
        raise ReasonMissing
    answer = await submitted_answer(session, incident)
    answer.state = AnswerState.SUPERSEDED
    await outbox.disarm_cards(session, incident, keep_chat=body.chat_id, keep_curators=True)
    await move(session, incident, Step.SEND_BACK, now=now, by=actor.official_id, reason=reason.strip())
    # An edited card makes no sound: the words are in the card, this calls to it.
    await outbox.tell_body(session, "reminder", body=body, now=now, incident_id=incident.id)
    await plan_next_look(session, incident, now=now)
    return incident


async def must_review(session: AsyncSession, incident: Incident, actor: Actor) -> None:
    """Raises: NotYours: neither an approver of the body, nor a curator standing in for absent ones."""
    body_id = incident.body_id
    if body_id in actor.approves:
        return
    if body_id is not None and actor.is_curator and not await outbox.approvers(session, body_id):
        return
    raise NotYours(holder="")


async def _to_review(
    session: AsyncSession, incident_id: int, actor: Actor, step: Step
) -> tuple[Incident, Body]:
    incident = await load_to_change(session, incident_id)
    await must_review(session, incident, actor)
    advance(incident.status, step)  # raises
    return incident, await session.get_one(Body, incident.body_id)
