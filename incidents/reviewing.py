"""The approver's word on an answer, where the body wants one."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.booking import book_publications, submitted_answer
from incidents.errors import IncidentError, NotAllowed, ReasonMissing
from incidents.lifecycle import advance
from incidents.moving import load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.promises import plan_next_look
from models import Answer, AnswerState, Body, Incident, Official, Role, Step


class OwnAnswer(IncidentError):
    """Nobody approves what they wrote themselves while there is somebody else to ask; says whom."""

    text_key = "refused.own_answer"

    def __init__(self, *, others: str) -> None:
        super().__init__(f"an answer of one's own is for {others} to approve")
        self.others = others


async def reviewers(session: AsyncSession, body_id: int) -> list[int]:
    """Private chats of who may approve: the body's approvers, or the curators where none can be reached."""
    return await outbox.approvers(session, body_id) or await outbox.curators(session)


async def ask_for_review(session: AsyncSession, incident: Incident, body: Body, *, now: datetime) -> None:
    """Owe the card to whoever may approve, and what is new in it since they sent it back.

    Who sees it in the body's own chat needs no card besides.
    """
    answer = await submitted_answer(session, incident)
    before = await _sent_back_before(session, answer)
    for chat_id in await reviewers(session, body.id):
        if chat_id != body.chat_id:
            await outbox.show_card(session, incident, chat_id=chat_id, now=now)
        if before is not None:
            about: dict[str, Any] = {"incident_id": incident.id, "answer_id": answer.id, "before_id": before}
            outbox.book_notice(session, "new_version", chat_id=chat_id, now=now, **about)


async def _sent_back_before(session: AsyncSession, answer: Answer) -> int | None:
    """The version before this one that an approver saw and did not want."""
    found: int | None = await session.scalar(
        select(Answer.id)
        .where(
            Answer.incident_id == answer.incident_id,
            Answer.version < answer.version,
            Answer.state == AnswerState.SUPERSEDED,
            Answer.submitted_at.is_not(None),
            Answer.approved_at.is_(None),
        )
        .order_by(Answer.version.desc())
        .limit(1)
    )
    return found


async def approve(
    session: AsyncSession, *, incident_id: int, actor: Actor, now: datetime, if_own: str = ""
) -> Incident:
    """The approver agrees: the answer is on its way.

    `if_own`: what the history says where the only approver there is wrote the answer themselves.

    Raises:
        NoSuchIncident, NotAllowed, NotYours, StepNotAllowed.
        OwnAnswer: they wrote it, and there is somebody else to ask.
    """
    incident, body = await _to_review(session, incident_id, actor, Step.APPROVE)
    answer = await submitted_answer(session, incident)
    is_own = answer.official_id == actor.official_id
    if is_own:
        await _must_be_alone(session, body, actor)
    answer.approved_at, answer.approved_by = now, actor.official_id
    await outbox.disarm_cards(session, incident, keep_chat=body.chat_id, keep_curators=True)
    reason = if_own if is_own else ""
    await move(session, incident, Step.APPROVE, now=now, by=actor.official_id, reason=reason)
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
    await _tell_author(session, incident, body, answer, reason.strip(), now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def _must_be_alone(session: AsyncSession, body: Body, actor: Actor) -> None:
    """Raises: OwnAnswer: there are others who may approve."""
    others = [chat_id for chat_id in await reviewers(session, body.id) if chat_id != actor.telegram_id]
    if others:
        names = await session.scalars(
            select(Official.name).where(Official.telegram_id.in_(others)).order_by(Official.name)
        )
        raise OwnAnswer(others=", ".join(names))


async def _tell_author(
    session: AsyncSession, incident: Incident, body: Body, answer: Answer, reason: str, *, now: datetime
) -> None:
    """An edited card makes no sound: why, in words, where the work is done, or to the author in private."""
    author = await session.get(Official, answer.official_id) if answer.official_id else None
    about: dict[str, Any] = {
        "incident_id": incident.id,
        "name": author.name if author else "",
        "reason": reason,
    }
    if await outbox.tell_body(session, "sent_back", body=body, now=now, **about):
        return
    if author is not None and author.is_active and author.is_reachable:
        outbox.book_notice(session, "sent_back", chat_id=author.telegram_id, now=now, **about)


async def must_review(session: AsyncSession, incident: Incident, actor: Actor) -> None:
    """Raises: NotYours: neither an approver of the body, nor a curator standing in for absent ones."""
    body_id = incident.body_id
    if body_id in actor.approves:
        return
    await must_for(session, actor, Permission.APPROVE, body_id)
    if body_id is not None and await outbox.approvers(session, body_id):
        raise NotAllowed(permission=Permission.APPROVE, who=[Role.APPROVER])


async def _to_review(
    session: AsyncSession, incident_id: int, actor: Actor, step: Step
) -> tuple[Incident, Body]:
    incident = await load_to_change(session, incident_id)
    await must_review(session, incident, actor)
    advance(incident.status, step)  # raises
    return incident, await session.get_one(Body, incident.body_id)
