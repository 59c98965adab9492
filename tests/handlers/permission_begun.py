"""What people of the permissions' world have begun: questions, searches, corrections, templates, acts to undo."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import acts, bulk, models_history, proposals
from incidents.people import Actor, actor_of
from incidents.queueing import LEASE
from models import (
    Absence,
    Answer,
    AnswerState,
    AuditEntry,
    Claim,
    Prompt,
    PromptKind,
    Publication,
    PublicationState,
    Search,
    Status,
    Step,
    Template,
)
from tests.conftest import NOON
from tests.handlers.handlers_stage import ANNA, VERA, Stage

MODEL = "presses-20260301-0123abcd"
PRIVATE = "Ирина Петровна, позвоните по телефону +7 912 345-67-89: яму заделаем до 15 марта. Минтранс"


@dataclass(frozen=True, slots=True)
class Begun:
    """Numbers of rows. What is somebody's own is the official's (Anna's); acts and asked things are the curator's."""

    private: int  # a draft with a telephone number
    correction: int  # a draft of other words for what is published
    to_review: int  # such words before an approver
    by_hand: int  # a publication of such words that a person has to change
    answered: int  # an answer that stands
    template: int
    question: int  # of a prompt
    search: int
    assign_asked: int
    proposal: int  # of another rule
    alike: int  # a waiting incident that is the same thing as three others
    alike_other: int
    act: int
    batch: int


async def begin(
    session: AsyncSession, stage: Stage, found: dict[Status, int], extra: dict[str, int], official_id: int
) -> Begun:
    """`found`: an incident in every status; `extra`: more of them by what they are for."""
    roads = stage.bodies["roads"]
    vera = await actor_of(session, VERA)
    assert vera is not None
    standing = await _standing(session, found[Status.ANSWERED])
    reviewed = await _standing(session, extra["to_review"])
    handed = await _standing(session, extra["by_hand"])
    template = Template(
        body_id=roads, name="Яма", text="Яму заделаем. {signature}", created_by=official_id, created_at=NOON
    )
    question = Prompt(
        kind=PromptKind.ANSWER,
        incident_id=found[Status.ACCEPTED],
        official_id=official_id,
        chat_id=ANNA,
        created_at=NOON,
    )
    search = Search(official_id=official_id, chat_id=ANNA, text="яма", created_at=NOON)
    asked = AuditEntry(
        at=NOON,
        telegram_id=VERA,
        chat_id=VERA,
        action="assign_asked",
        outcome="asked",
        details={"incident_id": found[Status.ASSIGNED], "reason": "ремонт двора"},
    )
    away = Absence(
        official_id=official_id,
        starts_at=NOON + timedelta(days=30),
        ends_at=NOON + timedelta(days=44),
        created_by=official_id,
        created_at=NOON,
    )
    ticked = [
        Claim(incident_id=extra[f"alike_{number}"], official_id=vera.official_id, until=NOON + LEASE)
        for number in (1, 2)
    ]
    proposed = AuditEntry(
        at=NOON,
        action=proposals.ACTION,
        outcome="proposed",
        details={"topic": "roads", "territory": "", "instead_of": "roads", "to": "housing"},
    )
    session.add_all([template, question, search, asked, away, proposed, *ticked])
    await models_history.began(session, MODEL, labels=120, now=NOON)
    figures = {"topic": {"rows": 200, "champion": 162, "challenger": 168, "worse": []}}
    await models_history.promote(session, MODEL, over=None, metrics=figures, now=NOON)
    private = await _words(session, extra["private"], official_id, PRIVATE)
    correction = await _correction(session, standing, official_id)
    to_review = await _correction(session, reviewed, official_id)
    to_review.state = AnswerState.SUBMITTED
    corrected = await _correction(session, handed, official_id)
    corrected.state, corrected.approved_at = AnswerState.SUBMITTED, NOON
    old = await session.scalar(select(Publication).where(Publication.answer_id == handed.id))
    assert old is not None
    by_hand = Publication(
        incident_id=handed.incident_id,
        answer_id=corrected.id,
        post_id=old.post_id,
        network="vk",
        state=PublicationState.BY_HAND,
        key="matrix-by-hand",
        not_before=NOON,
        edits_id=old.id,
    )
    session.add(by_hand)
    await session.flush()
    act, batch = await _acts(session, extra, roads, vera)
    return Begun(
        private=private.id,
        correction=correction.id,
        to_review=to_review.id,
        by_hand=by_hand.id,
        answered=standing.id,
        template=template.id,
        question=question.id,
        search=search.id,
        assign_asked=asked.id,
        proposal=proposed.id,
        alike=extra["alike_0"],
        alike_other=extra["alike_1"],
        act=act,
        batch=batch,
    )


async def _standing(session: AsyncSession, number: int) -> Answer:
    answer = await session.scalar(select(Answer).where(Answer.incident_id == number).limit(1))
    assert answer is not None
    return answer


async def _words(session: AsyncSession, number: int, official_id: int, text: str) -> Answer:
    answer = Answer(
        incident_id=number,
        version=2,
        state=AnswerState.DRAFT,
        text=text,
        photos=[],
        official_id=official_id,
        created_at=NOON,
    )
    session.add(answer)
    await session.flush()
    return answer


async def _correction(session: AsyncSession, standing: Answer, official_id: int) -> Answer:
    answer = await _words(
        session, standing.incident_id, official_id, "Яму на улице заделаем до 20 марта. Минтранс"
    )
    answer.revises_id = standing.id
    return answer


async def _acts(session: AsyncSession, extra: dict[str, int], roads: int, vera: Actor) -> tuple[int, int]:
    """One incident given to a body, and a press for two."""
    act = await acts.give(session, incident_id=extra["act"], body_id=roads, actor=vera, now=NOON)
    told = await bulk.begin(
        session,
        bulk.Task(Step.ASSIGN, body_id=roads),
        [extra["batch_0"], extra["batch_1"]],
        actor=vera,
        spot=bulk.Spot(VERA, None, 1, subject=extra["batch_0"]),
        now=NOON,
    )
    return act.id, told.batch
