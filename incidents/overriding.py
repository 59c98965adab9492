"""Letting personal data through: by name, with a reason, and kept for the auditor (reference: field.md section 5)."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.checking import findings_of, groups_of, is_let_through
from incidents.errors import DraftGone, IncidentError, ReasonMissing
from incidents.moving import load_to_change
from incidents.people import Actor, actor_of, audit, must_for
from incidents.permissions import Permission
from incidents.prompting import open_prompt
from models import Answer, AnswerState, Body, Incident, Official, Prompt, PromptKind, Urgency

WANTED: Final = "override_wanted"
REFUSED: Final = "override_refused"
_REASON: Final = 300  # characters: the column's


class NothingToOverride(IncidentError):
    """The words hold nothing personal any more, or were let through before."""

    text_key = "refused.nothing_to_override"


async def must_want(session: AsyncSession, answer_id: int) -> tuple[Answer, Incident]:
    """The draft and its incident, to change.

    Raises:
        DraftGone: it was sent, replaced or dropped. NothingToOverride.
    """
    answer = await session.get(Answer, answer_id)
    if answer is None:
        raise DraftGone
    incident = await load_to_change(session, answer.incident_id)
    await session.refresh(answer)
    if answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if is_let_through(answer) or not groups_of(await findings_of(session, answer)):
        raise NothingToOverride
    return answer, incident


async def ask_override(
    session: AsyncSession,
    *,
    answer_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> int:
    """«Отправить всё же»: who may is asked why (then 0); for an author who may not, those who may are asked.

    Returns how many were asked to decide.

    Raises:
        DraftGone, NothingToOverride.
        NotAllowed, NotYours: neither the author nor one who may; or nobody who may can be reached.
    """
    answer, incident = await must_want(session, answer_id)
    if actor.may(Permission.OVERRIDE, incident.body_id):
        await open_prompt(
            session,
            kind=PromptKind.OVERRIDE,
            incident_id=incident.id,
            actor=actor,
            chat_id=chat_id,
            thread_id=thread_id,
            now=now,
            answer_id=answer.id,
        )
        return 0
    asked = await deciders(session, incident) if answer.official_id == actor.official_id else []
    if not asked:
        await must_for(session, actor, Permission.OVERRIDE, incident.body_id)
    for chat in asked:
        outbox.book_notice(
            session,
            WANTED,
            chat_id=chat,
            now=now,
            urgency=Urgency.ANSWERED_PERSON,
            incident_id=incident.id,
            answer_id=answer.id,
            name=actor.name,
        )
    return len(asked)


async def deciders(session: AsyncSession, incident: Incident) -> list[int]:
    """Private chats of who may let it through: the body's coordinators and approvers, else the curators."""
    body_id = incident.body_id
    if body_id is None:
        return await outbox.curators(session)
    near = {*await outbox.coordinators(session, body_id), *await outbox.approvers(session, body_id)}
    # Whoever stands in for a coordinator is told of things, but may not decide unless by a role of their own.
    people = [await actor_of(session, chat) for chat in sorted(near)]
    found = [one.telegram_id for one in people if one is not None and one.may(Permission.OVERRIDE, body_id)]
    return found or await outbox.curators(session)


async def override(
    session: AsyncSession, *, answer_id: int, reason: str, actor: Actor, now: datetime
) -> Answer:
    """Let this very version through, by name; its author gets the preview again, now with the buttons to send.

    Raises:
        DraftGone, NothingToOverride, NotAllowed, NotYours, ReasonMissing.
    """
    answer, incident = await must_want(session, answer_id)
    await must_for(session, actor, Permission.OVERRIDE, incident.body_id)
    reason = " ".join(reason.split())[:_REASON]
    if not reason:
        raise ReasonMissing
    answer.override_by, answer.override_reason = actor.official_id, reason
    _note(session, answer, incident, actor, "let_through", now=now, reason=reason)
    await _show_author(session, answer, incident, now=now)
    return answer


async def refuse_override(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Incident:
    """The words must be changed; their author is told by whom.

    Raises:
        DraftGone, NothingToOverride, NotAllowed, NotYours.
    """
    answer, incident = await must_want(session, answer_id)
    await must_for(session, actor, Permission.OVERRIDE, incident.body_id)
    _note(session, answer, incident, actor, "refused", now=now)
    chat_id, thread_id = await _desk(session, answer, incident)
    outbox.book_notice(
        session,
        REFUSED,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        incident_id=incident.id,
        answer_id=answer.id,
        name=actor.name,
    )
    return incident


def _note(
    session: AsyncSession,
    answer: Answer,
    incident: Incident,
    actor: Actor,
    outcome: str,
    *,
    now: datetime,
    reason: str = "",
) -> None:
    """Who, what and why; never the words themselves."""
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action="override",
        outcome=outcome,
        incident_id=incident.id,
        answer_id=answer.id,
        reason=reason,
    )


async def _show_author(session: AsyncSession, answer: Answer, incident: Incident, *, now: datetime) -> None:
    chat_id, thread_id = await _desk(session, answer, incident)
    outbox.book_notice(
        session,
        "preview" if answer.revises_id is None else "revision_preview",
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        urgency=Urgency.ANSWERED_PERSON,
        answer_id=answer.id,
        incident_id=incident.id,
    )


async def _desk(session: AsyncSession, answer: Answer, incident: Incident) -> tuple[int, int | None]:
    """Where the author writes about the incident: where they were last asked about it, else their private chat."""
    chat_id = await session.scalar(
        select(Prompt.chat_id)
        .where(
            Prompt.incident_id == incident.id,
            Prompt.official_id == answer.official_id,
            Prompt.kind.in_([PromptKind.ANSWER, PromptKind.REVISION]),
        )
        .order_by(Prompt.id.desc())
        .limit(1)
    )
    author = await session.get_one(Official, answer.official_id)
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if chat_id is None:
        return author.telegram_id, None
    return chat_id, body.thread_id if body is not None and body.chat_id == chat_id else None
