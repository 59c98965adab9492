"""Presses that teach: what each of them says of a post, and what it says nothing of."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from incidents import labels, responding, triage
from incidents.incoming import Guess
from incidents.intake import TriageRules, take_in
from models import Incident, Label, LabelField, Prediction
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, POTHOLE, Arrive, Town


async def kept(town: Town) -> list[tuple[str, str]]:
    async with town.database.reading() as session:
        found = await session.scalars(select(Label).order_by(Label.id))
        return [(one.field.value, one.value) for one in found]


async def assign(town: Town, number: int, body_id: int) -> None:
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=number, body_id=body_id, actor=town.vera, now=NOON)


async def come(town: Town, number: int, guess: Guess) -> int:
    async with town.database.writing() as session:
        found = replace(POTHOLE, native_id=f"wall-1_{number}")
        incident = await take_in(session, found, guess, rules=TriageRules(), now=NOON)
        assert incident is not None
        return incident.id


async def test_a_label_is_kept_whole(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    for value in ("roads.snow", "roads.potholes"):
        async with town.database.writing() as session:
            incident = await session.get_one(Incident, number)
            await labels.record(
                session,
                incident=incident,
                field=LabelField.SUBTOPIC,
                value=value,
                actor=town.vera,
                now=NOON + timedelta(hours=1),
            )
    async with town.database.reading() as session:
        first, second = await session.scalars(select(Label).order_by(Label.id))
    assert (first.value, second.value) == ("roads.snow", "roads.potholes")  # nothing is replaced
    assert (first.post_id, first.incident_id, first.official_id) == (1, number, town.vera.official_id)
    assert (first.field, first.body_id, first.at) == (LabelField.SUBTOPIC, None, NOON + timedelta(hours=1))


async def test_an_incident_without_posts_teaches_nothing(town: Town, arrive: Arrive) -> None:
    number, into = (await arrive(2)).id, (await arrive(3)).id
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=number, into_id=into, actor=town.vera, now=NOON)
    async with town.database.writing() as session:
        incident = await session.get_one(Incident, number)
        label = await labels.record(
            session, incident=incident, field=LabelField.SPAM, value="yes", actor=town.vera, now=NOON
        )
    assert label is None
    assert await kept(town) == []


async def test_a_curators_other_body_is_a_label_and_the_suggested_one_is_none(
    town: Town, arrive: Arrive
) -> None:
    agreed, moved = (await arrive(2, unsure=True)).id, (await arrive(3, unsure=True)).id
    await assign(town, agreed, town.roads)
    assert await kept(town) == []
    await assign(town, moved, town.housing)
    assert await kept(town) == [("body", "housing")]
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Label.body_id))) == [town.housing]
    await assign(town, moved, town.roads)  # they changed their mind: the newest says what was predicted
    assert await kept(town) == [("body", "housing"), ("body", "roads")]


async def test_a_curators_hand_over_teaches_and_an_officials_does_not(town: Town, arrive: Arrive) -> None:
    for number, actor in ((2, town.anna), (3, town.vera)):
        incident = await arrive(number)
        async with town.database.writing() as session:
            await responding.hand_over(
                session, incident_id=incident.id, body_id=town.housing, reason="двор", actor=actor, now=NOON
            )
    assert await kept(town) == [("body", "housing")]


async def test_an_officials_return_is_no_label(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await responding.give_back(
            session,
            incident_id=number,
            reason="не наше",
            actor=town.anna,
            now=NOON,
            suggested_body_id=town.housing,
        )
    assert await kept(town) == []


async def test_assigning_what_needed_no_answer_says_that_it_does(town: Town) -> None:
    quiet = await come(town, 2, replace(ABOUT_ROADS, needs_answer=False))
    await assign(town, quiet, town.roads)
    assert await kept(town) == [("needs_answer", "yes")]
    spam = await come(town, 3, replace(ABOUT_ROADS, spam=True))
    await assign(town, spam, town.roads)
    assert (await kept(town))[1:] == [("spam", "no")]


async def test_a_skip_says_what_its_reason_says(town: Town, arrive: Arrive) -> None:
    for number, teaches in ((2, labels.NO_ANSWER), (3, labels.SPAM), (4, None)):
        incident = await arrive(number)
        async with town.database.writing() as session:
            await triage.skip(
                session,
                incident_id=incident.id,
                reason="так",
                actor=town.vera,
                now=NOON,
                teaches=teaches,
            )
    assert await kept(town) == [("needs_answer", "no"), ("spam", "yes")]


async def test_a_skip_taken_back_is_a_newer_label(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="шутка", actor=town.vera, now=NOON)
        await triage.reopen(session, incident_id=number, actor=town.vera, reason="нет", now=NOON)
    await assign(town, number, town.roads)
    assert await kept(town) == [("needs_answer", "no"), ("needs_answer", "yes")]


async def test_a_skip_of_what_needs_no_answer_proves_the_prediction_right(town: Town) -> None:
    number = await come(town, 2, replace(ABOUT_ROADS, needs_answer=False))
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="шутка", actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Prediction.outcome))) == ["right"]
