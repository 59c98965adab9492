"""What a curator sets right: remembered, taught, and moving nothing but the priority."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from incidents import finding, triage
from incidents.correcting import Correction, believed, correct, corrections, priority_of, told
from incidents.deciding import Why, decided
from incidents.errors import (
    AlreadySo,
    CorrectedMeanwhile,
    MergedAway,
    NoSuchIncident,
    NotAllowed,
    TopicGone,
)
from incidents.intake import TriageRules, take_in
from incidents.people import Actor
from models import (
    AuditEntry,
    HistoryEntry,
    Incident,
    Kind,
    Label,
    LabelField,
    OutboxKind,
    OutboxRow,
    Outcome,
    Prediction,
    Priority,
    Status,
)
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ANNA, ON_POSTGRESQL, POTHOLE, Arrive, Town
from tests.incidents.steps import reload
from tests.incidents.test_races import race

LIFT = Correction(subtopic="housing.lift")


async def put_right(
    town: Town, number: int, correction: Correction = LIFT, *, actor: Actor | None = None, **more: Any
) -> Incident:
    async with town.database.writing() as session:
        return await correct(
            session, correction, incident_id=number, actor=actor or town.vera, now=NOON, **more
        )


async def labels(town: Town) -> list[tuple[LabelField, str, int]]:
    async with town.database.reading() as session:
        found = await session.scalars(select(Label).order_by(Label.id))
        return [(one.field, one.value, one.official_id) for one in found]


async def test_the_topic_moves_the_priority_and_nothing_else(town: Town, arrive: Arrive) -> None:
    before = await arrive()
    after = await put_right(town, before.id, seen="roads")
    assert (after.topic, after.subtopic, after.priority) == ("housing", "housing.lift", Priority.ACCIDENT)
    kept = ("status", "kind", "body_id", "due_at", "first_reaction_due_at", "policy_id", "registered_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.version == before.version + 1
    vera = town.vera.official_id
    assert await labels(town) == [
        (LabelField.TOPIC, "housing", vera),
        (LabelField.SUBTOPIC, "housing.lift", vera),
    ]
    async with town.database.reading() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "correct"))
        steps = list(await session.scalars(select(HistoryEntry.step)))
        [prediction] = await session.scalars(select(Prediction))
        told_of = await corrections(session, before.id)
        owed = await session.scalars(
            select(OutboxRow.chat_id).where(OutboxRow.kind == OutboxKind.CARD, OutboxRow.chat_id == ANNA)
        )
        assert len(list(owed)) > 1  # the card that stands there is drawn anew
    assert (entry.telegram_id, entry.outcome, entry.at) == (town.vera.telegram_id, "done", NOON)
    assert entry.details == {
        "incident_id": before.id,
        "changed": {"topic": ["roads", "housing"], "subtopic": ["", "housing.lift"]},
    }
    assert [step.value for step in steps] == ["register", "assign"]
    assert prediction.outcome == Outcome.WRONG
    assert [(one.field.value, one.value, who) for one, who in told_of] == [
        ("topic", "housing", "Вера"),
        ("subtopic", "housing.lift", "Вера"),
    ]


async def test_a_topic_alone_takes_the_subtopic_back(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await put_right(town, number)
    incident = await put_right(town, number, Correction(topic="housing"))
    assert (incident.topic, incident.subtopic, incident.priority) == ("housing", "", Priority.ORDINARY)
    said = [(field, value) for field, value, _ in await labels(town)]
    assert said[2:] == [(LabelField.TOPIC, "housing")]


async def test_several_things_at_once(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    everything = Correction(kind=Kind.QUESTION, topic="roads", needs_answer=False, official=True, spam=False)
    await put_right(town, number, everything)
    async with town.database.reading() as session:
        assert await told(session, number) == {
            LabelField.KIND: "question",
            LabelField.TOPIC: "roads",
            LabelField.NEEDS_ANSWER: "no",
            LabelField.OFFICIAL: "yes",
            LabelField.SPAM: "no",
        }
    assert (await reload(town, number)).kind is Kind.QUESTION
    more = replace(everything, spam=True)  # of the rest it was said already
    await put_right(town, number, more)
    assert [(field, value) for field, value, _ in await labels(town)][5:] == [(LabelField.SPAM, "yes")]


@pytest.mark.parametrize(
    ("kind", "topic", "subtopic", "priority"),
    [
        (Kind.COMPLAINT, "roads", "", Priority.ORDINARY),
        (Kind.COMPLAINT, "roads", "roads.snow", Priority.RAISED),
        (Kind.QUESTION, "housing", "housing.lift", Priority.ACCIDENT),
        (Kind.GRATITUDE, "housing", "housing.lift", Priority.ORDINARY),
        (Kind.COMPLAINT, "roads", "roads.gone", Priority.ORDINARY),
        (Kind.COMPLAINT, "gone", "", Priority.ORDINARY),
    ],
)
def test_how_urgent(kind: Kind, topic: str, subtopic: str, priority: Priority) -> None:
    assert priority_of(kind, topic, subtopic) is priority


async def test_what_is_settled_keeps_its_priority(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="спам", actor=town.vera, now=NOON)
    incident = await put_right(town, number)
    assert (incident.topic, incident.priority, incident.status) == (
        "housing",
        Priority.ORDINARY,
        Status.SKIPPED,
    )
    assert incident.next_look_at is None


async def test_an_accident_is_not_left_for_the_morning(town: Town, arrive: Arrive) -> None:
    """Everything open has its next look; after the priority rose, too."""
    number = (await arrive(unsure=True)).id
    incident = await put_right(town, number, Correction(topic="utilities"))
    assert incident.priority is Priority.ACCIDENT
    assert incident.status is Status.NEW
    assert incident.due_at is None
    assert incident.next_look_at is not None


async def test_only_curators(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    with pytest.raises(NotAllowed):
        await put_right(town, number, actor=town.anna)
    with pytest.raises(NoSuchIncident):
        await put_right(town, 99)
    with pytest.raises(ValueError, match="nothing"):
        await put_right(town, number, Correction())
    assert await labels(town) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Correction(topic="nowhere"),
        Correction(topic="roads", subtopic="housing.lift"),
        Correction(subtopic="roads.nothing"),
        Correction(subtopic="roads"),
        Correction(topic="roads.snow"),
    ],
)
async def test_what_the_rubricator_has_not(town: Town, arrive: Arrive, wrong: Correction) -> None:
    number = (await arrive()).id
    with pytest.raises(TopicGone):
        await put_right(town, number, wrong)
    assert (await reload(town, number)).topic == "roads"


async def test_said_twice_and_said_meanwhile(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await put_right(town, number, seen="roads")
    with pytest.raises(AlreadySo):
        await put_right(town, number, seen="roads")
    with pytest.raises(CorrectedMeanwhile) as refusal:
        await put_right(town, number, Correction(topic="waste"), seen="roads")
    assert refusal.value.number == number
    await put_right(town, number, Correction(topic="waste"), seen="housing")
    await put_right(town, number, Correction(kind=Kind.REVIEW), seen="complaint")
    with pytest.raises(CorrectedMeanwhile):
        await put_right(town, number, Correction(kind=Kind.QUESTION), seen="complaint")


async def test_the_same_as_the_classifier_confirms_it(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await put_right(town, number, Correction(topic="roads"))
    with pytest.raises(AlreadySo):
        await put_right(town, number, Correction(topic="roads"))
    async with town.database.reading() as session:
        [prediction] = await session.scalars(select(Prediction))
    assert prediction.outcome == Outcome.UNKNOWN


async def test_what_was_merged_is_corrected_where_it_went(town: Town, arrive: Arrive) -> None:
    one, other = await arrive(2), await arrive(3)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=one.id, into_id=other.id, actor=town.vera, now=NOON)
    with pytest.raises(MergedAway) as refusal:
        await put_right(town, one.id)
    assert (refusal.value.number, refusal.value.into) == (one.id, other.id)


async def test_people_are_believed_before_the_classifier(town: Town, arrive: Arrive) -> None:
    owed = {LabelField.NEEDS_ANSWER: "yes", LabelField.SPAM: "no"}
    assert believed(None, {}) == owed
    assert believed(Prediction(needs_answer=False, spam=True), {}) == {
        LabelField.NEEDS_ANSWER: "no",
        LabelField.SPAM: "yes",
    }
    assert believed(Prediction(needs_answer=False, spam=True), owed) == owed
    number = (await arrive(unsure=True)).id
    await put_right(town, number, Correction(spam=True))
    async with town.database.reading() as session:
        assert (await finding.view(session, number)).told == {LabelField.SPAM: "yes"}


async def test_what_a_step_teaches_is_no_correction(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="спам", actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        assert await told(session, number) == {LabelField.NEEDS_ANSWER: "no"}
        assert await corrections(session, number) == []


async def test_why_is_reckoned_from_the_first_post(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.reading() as session:
        found = await decided(session, number)
    assert found.why(None) is Why.ASSIGNED
    assert [(body.code, sure) for body, sure in found.bodies] == [("roads", 0.9), ("housing", 0.05)]
    assert found.rule is not None
    assert (found.rule.topic, found.by_keyword, found.text) == ("roads", False, POTHOLE.text)


async def test_a_model_that_never_trusts_itself_says_so(town: Town) -> None:
    guess = replace(ABOUT_ROADS, topic_threshold=1.5)
    async with town.database.writing() as session:
        incident = await take_in(session, POTHOLE, guess, rules=TriageRules(), now=NOON)
    assert incident is not None
    async with town.database.reading() as session:
        assert (await decided(session, incident.id)).why(guess) is Why.NEVER


@ON_POSTGRESQL
async def test_of_two_curators_at_once_one_is_told(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id

    async def to_lift(session: Any) -> Incident:
        return await correct(session, LIFT, incident_id=number, actor=town.vera, now=NOON, seen="roads")

    async def to_waste(session: Any) -> Incident:
        waste = Correction(topic="waste")
        return await correct(session, waste, incident_id=number, actor=town.vera, now=NOON, seen="roads")

    assert isinstance(await race(town, to_lift, to_waste), CorrectedMeanwhile)
    assert (await reload(town, number)).topic == "housing"
    assert isinstance(await race(town, to_waste_from_housing(number, town), to_lift), CorrectedMeanwhile)
    assert len(await labels(town)) == 3


def to_waste_from_housing(number: int, town: Town) -> Any:
    async def press(session: Any) -> Incident:
        waste = Correction(topic="waste")
        return await correct(session, waste, incident_id=number, actor=town.vera, now=NOON, seen="housing")

    return press
