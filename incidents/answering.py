"""From «Ответить» to an answer on its way: prompts, drafts, sending, approval."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from incidents.booking import book_publications
from incidents.checking import keep_warnings
from incidents.drafting import keep_draft, own_draft
from incidents.interims import promised
from incidents.moving import load_to_change, move
from incidents.people import Actor
from incidents.promises import plan_next_look
from incidents.prompting import close_prompt, find_prompt, only_open_prompt, open_prompt
from incidents.responding import hold
from incidents.reviewing import approve, ask_for_review, send_back
from incidents.wording import Rules, faults, networks_of
from models import (
    Answer,
    AnswerState,
    Body,
    Incident,
    Prompt,
    PromptKind,
    Step,
)

__all__ = [
    "approve",
    "ask_for_answer",
    "close_prompt",
    "discard_draft",
    "find_prompt",
    "only_open_prompt",
    "open_prompt",
    "send_answer",
    "send_back",
    "write_draft",
]


async def ask_for_answer(
    session: AsyncSession,
    *,
    incident_id: int,
    actor: Actor,
    chat_id: int,
    thread_id: int | None,
    now: datetime,
    photos: Sequence[str] = (),
) -> Prompt:
    """«Ответить»: the person takes the incident if nobody has, and is asked for the words.

    `photos` go with the new words unless other photos come with them.

    Raises:
        NoSuchIncident, NotYours, AlreadyTaken, StepNotAllowed.
    """
    incident = await load_to_change(session, incident_id)
    await hold(session, incident, actor, now=now)
    prompt = await open_prompt(
        session,
        kind=PromptKind.ANSWER,
        incident_id=incident_id,
        actor=actor,
        chat_id=chat_id,
        thread_id=thread_id,
        now=now,
        **({"photos": list(photos)} if photos else {}),
    )
    await plan_next_look(session, incident, now=now)
    return prompt


async def write_draft(
    session: AsyncSession,
    *,
    prompt: Prompt,
    text: str,
    photos: Sequence[str],
    actor: Actor,
    thread_id: int | None,
    now: datetime,
) -> Answer:
    """Keep what was written and owe a preview of it. The prompt is closed; earlier drafts are superseded.

    A draft that cannot be sent as it is (too long, empty) is kept all the same: sending refuses it.

    Raises:
        PromptClosed, NotYours, AlreadyTaken, StepNotAllowed.
    """
    close_prompt(prompt, now=now)
    incident = await load_to_change(session, prompt.about)
    await hold(session, incident, actor, now=now)
    return await keep_draft(
        session,
        incident,
        text=text,
        photos=list(photos) or list(prompt.context.get("photos", ())),
        actor=actor,
        chat_id=prompt.chat_id,
        thread_id=thread_id,
        now=now,
    )


async def send_answer(
    session: AsyncSession,
    *,
    answer_id: int,
    actor: Actor,
    rules: Rules,
    now: datetime,
    is_interim: bool = False,
    control_on: date | None = None,
) -> Incident:
    """The last press: to the approver where the body wants one, else on its way to the network.

    `rules`: what each network wants of the words. `control_on`: by when the final answer will follow an interim
    one; without it the policy's norm counts.

    Raises:
        DraftGone, NotYours, AlreadyTaken, StepNotAllowed, EmptyAnswer.
        AnswerTooLong, TextRefused: a network where it goes would not take it; the draft is kept.
        PersonalData: nobody has let it through (incidents/overriding.py).
        DateInThePast, DateBeyondNorm: no such control date can be promised.
    """
    answer, incident = await own_draft(session, answer_id, actor)
    await hold(session, incident, actor, now=now)
    for fault in faults(answer.text, await networks_of(session, incident.id), rules):
        raise fault
    await keep_warnings(session, answer, is_interim=is_interim, has_control_date=control_on is not None)
    answer.state = AnswerState.SUBMITTED
    answer.submitted_at = now
    answer.is_interim = is_interim
    if is_interim and control_on is not None:
        answer.control_at = await promised(session, incident, control_on, now=now)
    body = await session.get_one(Body, incident.body_id)
    if body.needs_approval:
        await move(session, incident, Step.SUBMIT, now=now, by=actor.official_id)
        await ask_for_review(session, incident, body, now=now)
    else:
        answer.approved_at, answer.approved_by = now, actor.official_id
        await move(session, incident, Step.SEND, now=now, by=actor.official_id)
        await book_publications(session, incident, answer, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


async def discard_draft(session: AsyncSession, *, answer_id: int, actor: Actor, now: datetime) -> Incident:
    """Raises: DraftGone, NotYours."""
    answer, incident = await own_draft(session, answer_id, actor)
    answer.state = AnswerState.SUPERSEDED
    return incident
