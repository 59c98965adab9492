"""Drafts: kept as versions, begun from a template, found again, and dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.booking import next_version, supersede_drafts
from incidents.draft_previews import retire_previews, show_preview
from incidents.errors import DraftGone, NotYours
from incidents.intake import clean
from incidents.moving import load_to_change
from incidents.people import Actor
from incidents.promises import plan_next_look
from incidents.prompting import ANSWERABLE, close_prompt, open_prompt, open_prompts
from incidents.responding import hold
from incidents.templates import filled
from models import (
    Answer,
    AnswerState,
    Body,
    HistoryEntry,
    Incident,
    Prompt,
    PromptKind,
    Status,
    Step,
)


def with_signature(text: str, signature: str) -> str:
    """The text as its body signs it: once, however often this is asked. What has no words stays without."""
    if not text.strip() or not signature.strip() or _flat(signature) in _flat(text):
        return text
    return f"{text}\n\n{signature.strip()}"


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


async def keep_draft(
    session: AsyncSession,
    incident: Incident,
    *,
    text: str,
    photos: Sequence[str],
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Answer:
    """A new version in the place of the drafts before it, signed, and a preview of it owed to the chat."""
    await retire_previews(session, incident.id, chat_id=chat_id, now=now)
    await supersede_drafts(session, incident.id)
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    answer = Answer(
        incident_id=incident.id,
        version=await next_version(session, incident.id),
        state=AnswerState.DRAFT,
        text=with_signature(clean(text).strip(), body.signature if body else ""),
        photos=list(photos),
        official_id=actor.official_id,
        created_at=now,
    )
    session.add(answer)
    await session.flush()
    await plan_next_look(session, incident, now=now)
    show_preview(session, answer, chat_id=chat_id, thread_id=thread_id, now=now)
    return answer


async def draft_from_template(
    session: AsyncSession,
    *,
    template_id: int,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Answer:
    """The template's words, its blanks filled, as a draft. The person's open question about it is answered by that.

    Raises:
        NoSuchIncident, NotYours, AlreadyTaken, StepNotAllowed.
        TemplateGone: it was switched off or changed, or the incident is another body's now.
    """
    incident = await load_to_change(session, incident_id)
    await hold(session, incident, actor, now=now)
    text = await filled(session, template_id=template_id, incident_id=incident_id, actor=actor, now=now)
    photos: list[str] = []
    for prompt in await open_prompts(session, official_id=actor.official_id):
        if prompt.kind is PromptKind.ANSWER and prompt.incident_id == incident_id:
            photos = photos or list(prompt.context.get("photos", ()))
            prompt.closed_at = now
    return await keep_draft(
        session,
        incident,
        text=text,
        photos=photos,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
    )


async def photos_so_far(session: AsyncSession, incident_id: int, actor: Actor) -> list[str]:
    """The photos of the person's newest version that is not on its way: a draft, or one sent back."""
    found: list[str] | None = await session.scalar(
        select(Answer.photos)
        .where(
            Answer.incident_id == incident_id,
            Answer.official_id == actor.official_id,
            Answer.state != AnswerState.SUBMITTED,
        )
        .order_by(Answer.version.desc())
        .limit(1)
    )
    return list(found or ())


@dataclass(frozen=True, slots=True)
class InProgress:
    """One thing a person has begun: a draft not sent, words asked for, or an answer sent back.

    Exactly one of `draft`, `prompt` is set, or neither: then it was sent back with `reason`.
    """

    incident: Incident | None
    since: datetime
    draft: Answer | None = None
    prompt: Prompt | None = None
    reason: str = ""


async def in_progress(session: AsyncSession, actor: Actor) -> list[InProgress]:
    """Everything this person has begun and not finished, the nearest deadline first; each incident's answer once."""
    drafts = await _drafts(session, actor)
    begun = {one.incident.id for one in drafts if one.incident is not None}
    asked: dict[tuple[PromptKind, int | None], Prompt] = {}
    for prompt in await open_prompts(session, official_id=actor.official_id):
        if prompt.kind is not PromptKind.ANSWER or prompt.incident_id not in begun:
            asked.setdefault((prompt.kind, prompt.incident_id), prompt)
    prompts = [
        InProgress(
            incident=await session.get(Incident, prompt.incident_id) if prompt.incident_id else None,
            since=prompt.created_at,
            prompt=prompt,
        )
        for prompt in asked.values()
    ]
    begun |= {number for kind, number in asked if kind is PromptKind.ANSWER and number is not None}
    found = [*drafts, *prompts, *await _sent_back(session, actor, but=begun)]
    return sorted(found, key=_nearest)


def _nearest(one: InProgress) -> tuple[bool, datetime, datetime]:
    due_at = (one.incident.control_at or one.incident.due_at) if one.incident else None
    return (due_at is None, due_at or one.since, one.since)


async def _drafts(session: AsyncSession, actor: Actor) -> list[InProgress]:
    rows = await session.execute(
        select(Answer, Incident)
        .join(Incident, Incident.id == Answer.incident_id)
        .where(
            Answer.official_id == actor.official_id,
            Answer.state == AnswerState.DRAFT,
            Answer.revises_id.is_(None),
            Incident.status.in_(ANSWERABLE),
            Incident.body_id.in_(actor.bodies),
        )
    )
    return [InProgress(incident=incident, since=answer.created_at, draft=answer) for answer, incident in rows]


async def _sent_back(session: AsyncSession, actor: Actor, *, but: set[int]) -> list[InProgress]:
    held = await session.scalars(
        select(Incident).where(
            Incident.status == Status.REWORK,
            Incident.official_id == actor.official_id,
            Incident.body_id.in_(actor.bodies),
            Incident.id.not_in(but),
        )
    )
    found: list[InProgress] = []
    for incident in list(held):
        entry = await session.scalar(
            select(HistoryEntry)
            .where(
                HistoryEntry.incident_id == incident.id,
                HistoryEntry.step.in_([Step.SEND_BACK, Step.TAKE_BACK]),
            )
            .order_by(HistoryEntry.id.desc())
            .limit(1)
        )
        since = entry.at if entry else incident.created_at
        found.append(InProgress(incident=incident, since=since, reason=entry.reason if entry else ""))
    return found


async def own_draft(session: AsyncSession, answer_id: int, actor: Actor) -> tuple[Answer, Incident]:
    """The draft and its incident, to change. Raises: DraftGone, NotYours."""
    answer = await session.get(Answer, answer_id)
    if (
        answer is None or answer.revises_id is not None
    ):  # a correction goes its own way: incidents/revising.py
        raise DraftGone
    incident = await load_to_change(session, answer.incident_id)
    await session.refresh(answer)
    if answer.state is not AnswerState.DRAFT:
        raise DraftGone
    if answer.official_id != actor.official_id:
        raise NotYours(holder="")
    return answer, incident


async def own_prompt(session: AsyncSession, prompt_id: int, actor: Actor) -> Prompt:
    """Raises: DraftGone: it is none of the person's."""
    prompt = await session.get(Prompt, prompt_id)
    if prompt is None or prompt.official_id != actor.official_id:
        raise DraftGone
    return prompt


async def ask_again(
    session: AsyncSession,
    *,
    prompt_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
) -> Prompt:
    """The same question, below everything else; the old one is withdrawn.

    Raises:
        DraftGone: it is not the person's. PromptClosed: it was answered meanwhile.
    """
    prompt = await own_prompt(session, prompt_id, actor)
    close_prompt(prompt, now=now)
    return await open_prompt(
        session,
        kind=prompt.kind,
        incident_id=prompt.incident_id,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        **prompt.context,
    )


async def drop_prompt(session: AsyncSession, *, prompt_id: int, actor: Actor, now: datetime) -> Prompt:
    """The person will not answer this question; the same one asked twice goes altogether.

    Raises:
        DraftGone: it is not the person's. PromptClosed: it was answered meanwhile.
    """
    prompt = await own_prompt(session, prompt_id, actor)
    close_prompt(prompt, now=now)
    for other in await open_prompts(session, official_id=actor.official_id):
        if (other.kind, other.incident_id) == (prompt.kind, prompt.incident_id):
            other.closed_at = now
    return prompt
