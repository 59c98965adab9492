"""What a model may learn from: corrections, confirmations, and nobody's share too large."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from incidents import labels
from incidents.people import Actor
from incidents.teaching import CONFIRMED, CORRECTED, LabelledPost, Lessons, training_rows
from models import Incident, Kind, Label, LabelField, Official, Post, Prediction
from tests.conftest import NOON
from tests.incidents.conftest import Arrive, Town
from tests.incidents.steps import draft, publish, send

DAY = timedelta(days=1)
F = LabelField


async def lessons(
    town: Town, *, since: datetime = NOON - DAY, until: datetime = NOON + DAY, **more: Any
) -> Lessons:
    async with town.database.reading() as session:
        return await training_rows(session, since=since, until=until, **more)


async def teach(
    town: Town, number: int, field: LabelField, value: str, *, by: Actor | None = None, at: datetime = NOON
) -> None:
    async with town.database.writing() as session:
        incident = await session.get_one(Incident, number)
        await labels.record(
            session, incident=incident, field=field, value=value, actor=by or town.vera, now=at
        )


async def many_labels(town: Town, values: dict[str, str], *, each: int, field: LabelField = F.TOPIC) -> None:
    """`values`: who → what they say of so many posts of their own."""
    async with town.database.writing() as session:
        for name, value in values.items():
            person = await session.scalar(select(Official).where(Official.name == name))
            if person is None:
                person = Official(
                    telegram_id=9000 + (await session.scalar(select(func.max(Official.id))) or 0),
                    name=name,
                    language="ru",
                    created_at=NOON,
                )
                session.add(person)
                await session.flush()
            for number in range(each):
                post = Post(
                    network="vk",
                    native_id=f"{name}-{value}-{number}",
                    url="",
                    text=f"{value} {number}",
                    reply_capability="api",
                    posted_at=NOON,
                    collected_at=NOON,
                )
                incident = Incident(
                    status="new", kind="complaint", topic="other", priority="ordinary", created_at=NOON
                )
                session.add(incident)
                await session.flush()
                post.incident_id = incident.id
                session.add(post)
                await session.flush()
                session.add(
                    Label(
                        post_id=post.id,
                        incident_id=incident.id,
                        field=field,
                        value=value,
                        official_id=person.id,
                        at=NOON,
                    )
                )


def topics(found: Lessons) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in found.rows:
        if row.topic:
            counted[row.topic] = counted.get(row.topic, 0) + 1
    return counted


async def test_a_correction_is_learned_whole(town: Town, arrive: Arrive) -> None:
    number = (await arrive(text="Трубу прорвало")).id
    assert await lessons(town) == Lessons([], {})
    await teach(town, number, F.KIND, "negative")
    await teach(town, number, F.TOPIC, "utilities")
    await teach(town, number, F.SUBTOPIC, "utilities.leaks")
    await teach(town, number, F.NEEDS_ANSWER, "yes")
    await teach(town, number, F.OFFICIAL, "no")
    assert await lessons(town) == Lessons(
        [
            LabelledPost(
                post_id=1,
                text="Трубу прорвало",
                network="vk",
                territory="Верхнереченск",
                posted_at=NOON,
                weight=CORRECTED,
                who=(town.vera.official_id,),
                kind=Kind.NEGATIVE,
                needs_answer=True,
                official=False,
                topic="utilities",
                subtopic="utilities.leaks",
            )
        ],
        {},
    )


async def test_what_was_answered_as_predicted_is_a_weak_label(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    assert (await lessons(town)).rows == []  # not answered yet
    await publish(town)
    (row,) = (await lessons(town)).rows
    assert row == LabelledPost(
        post_id=1,
        text="Яма на Ленина!",
        network="vk",
        territory="Верхнереченск",
        posted_at=NOON,
        weight=CONFIRMED,
        kind=Kind.COMPLAINT,
        needs_answer=True,
        official=False,
        spam=False,
        topic="roads",
        body="roads",
    )
    await teach(town, number, F.KIND, "question")
    corrected, confirmed = sorted((await lessons(town)).rows, key=lambda one: -one.weight)
    assert (corrected.kind, corrected.topic, corrected.weight) == (Kind.QUESTION, None, CORRECTED)
    assert (confirmed.kind, confirmed.topic, confirmed.weight) == (None, "roads", CONFIRMED)


async def test_what_turned_out_wrong_confirms_nothing(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    await publish(town)
    await teach(town, number, F.TOPIC, "housing")
    (row,) = (await lessons(town)).rows
    assert (row.topic, row.body, row.weight) == ("housing", None, CORRECTED)


async def test_the_newest_of_several_counts(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    for value, by in (("housing", town.vera), ("waste", town.anna), ("transport", town.vera)):
        await teach(town, number, F.TOPIC, value, by=by)
    found = await lessons(town)
    assert topics(found) == {"transport": 1}
    assert found.left_out == {"replaced": 2}


async def test_a_subtopic_goes_with_its_topic_or_not_at_all(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await teach(town, number, F.TOPIC, "roads")
    await teach(town, number, F.SUBTOPIC, "roads.snow")
    assert (await lessons(town)).rows[0].subtopic == "roads.snow"
    await teach(town, number, F.TOPIC, "roads")  # without one, from now on
    assert (await lessons(town)).rows[0].subtopic is None


async def test_only_the_window_counts(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await teach(town, number, F.TOPIC, "waste")
    assert topics(await lessons(town, since=NOON)) == {"waste": 1}
    assert topics(await lessons(town, until=NOON)) == {}
    assert topics(await lessons(town, since=NOON + DAY)) == {}


async def test_a_post_whose_words_are_gone_teaches_nothing(town: Town, arrive: Arrive) -> None:
    corrected, confirmed = (await arrive(2)).id, (await arrive(3)).id
    await teach(town, corrected, F.TOPIC, "waste")
    await send(town, await draft(town, confirmed))
    await publish(town)
    async with town.database.writing() as session:
        await session.execute(update(Post).values(text=""))
    assert await lessons(town) == Lessons([], {"no_text": 2})


async def test_corrections_come_before_confirmations_where_room_is_short(town: Town, arrive: Arrive) -> None:
    for number in (2, 3):
        incident = await arrive(number)
        await send(town, await draft(town, incident.id))
    await publish(town)
    third = (await arrive(4)).id
    await teach(town, third, F.TOPIC, "waste")
    found = await lessons(town, limit=2)
    assert sorted(row.weight for row in found.rows) == [CONFIRMED, CORRECTED]
    assert found.left_out == {"limit": 1}


# -- one person's presses


async def test_one_persons_presses_cannot_swing_a_class(town: Town) -> None:
    """Four curators say twenty times each what is so; one says two hundred times what is not."""
    honest = {f"Куратор {'я' * number}": "roads" for number in range(1, 5)}
    await many_labels(town, honest, each=20)
    await many_labels(town, {"Недруг": "roads", "Недруг2": "culture"}, each=200)
    found = await lessons(town)
    # A fifth of 100 that count: 20 beside the others' 80. Of a class nobody else knows: five.
    assert topics(found) == {"roads": 80 + 20, "culture": 5}
    assert found.left_out == {"share": 180 + 195}


async def test_pressing_more_buys_no_larger_share(town: Town) -> None:
    await many_labels(town, {"Вера": "roads", "Зоя": "roads"}, each=6)
    assert topics(await lessons(town)) == {"roads": 10}
    await many_labels(town, {"Ян": "roads"}, each=300)
    found = await lessons(town)
    assert sum(len(row.who) for row in found.rows) == 6 + 6 + 5


async def test_small_honest_work_is_never_cut(town: Town) -> None:
    await many_labels(town, {"Вера": "sport"}, each=5)
    await many_labels(town, {"Зоя": "culture"}, each=1)
    found = await lessons(town)
    assert topics(found) == {"sport": 5, "culture": 1}
    assert found.left_out == {}


async def test_over_somebodys_label_a_flood_does_not_win(town: Town, arrive: Arrive) -> None:
    """Ten posts set right by one, and at once set wrong by another, beyond the share of what they say."""
    numbers = [(await arrive(number)).id for number in range(2, 12)]
    for place, number in enumerate(numbers):
        await teach(town, number, F.TOPIC, ("waste", "housing")[place % 2])
    for number in numbers:
        await teach(town, number, F.TOPIC, "culture", by=town.boris)
    found = await lessons(town)
    assert topics(found) == {"culture": 5, "waste": 3, "housing": 2}
    assert found.left_out == {"share": 5, "replaced": 5}


async def test_what_was_confirmed_makes_room_for_corrections(town: Town) -> None:
    await many_labels(town, {"Вера": "roads"}, each=30)
    assert topics(await lessons(town)) == {"roads": 5}
    async with town.database.writing() as session:
        for number in range(200):
            incident = Incident(
                status="answered",
                kind="complaint",
                topic="roads",
                priority="ordinary",
                created_at=NOON,
                due_at=NOON,
                answered_at=NOON,
            )
            session.add(incident)
            await session.flush()
            post = Post(
                network="vk",
                native_id=f"answered-{number}",
                url="",
                text="яма",
                reply_capability="api",
                posted_at=NOON,
                collected_at=NOON,
                incident_id=incident.id,
            )
            session.add(post)
            await session.flush()
            session.add(
                Prediction(
                    post_id=post.id,
                    model_id="test",
                    kind="complaint",
                    kind_confidence=1.0,
                    needs_answer=True,
                    needs_answer_confidence=1.0,
                    topics=[["roads", 0.9]],
                    topic="roads",
                    bodies=[[town.roads, 0.9]],
                    threshold=0.6,
                    decision="assigned",
                    outcome="right",
                    outcome_at=NOON,
                    at=NOON,
                )
            )
    found = await lessons(town)
    # 200 at a weight of 0.3 are 60 labels; 15 are a fifth of them and oneself together.
    assert topics(found) == {"roads": 200 + 15}
    assert found.left_out == {"share": 15}
