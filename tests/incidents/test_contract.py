"""What is routed without a curator is right in 95 of 100 cases, or a topic goes back to the curators."""

from dataclasses import replace
from datetime import timedelta
from math import comb
from typing import Any

import pytest
from sqlalchemy import select

from incidents import contract, labels, responding, triage
from incidents.contract import Judged, is_broken
from incidents.errors import HeldAlready, NoSuchTopic, NotAllowed, ReleasedAlready
from incidents.incoming import Scored
from incidents.intake import TriageRules, take_in
from incidents.rubricator import rubricator
from models import Incident, LabelField, OutboxRow, Prediction, RoutingHold, Status
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, POTHOLE, VERA, Arrive, Town
from tests.incidents.steps import draft, publish, reload, send

HOUR = timedelta(hours=1)


async def outcome(town: Town, number: int) -> tuple[str, str]:
    async with town.database.reading() as session:
        found = (await session.scalars(select(Prediction).where(Prediction.post_id == number))).one()
        return found.decision, found.outcome


async def told(town: Town) -> list[dict[str, Any]]:
    async with town.database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow).where(OutboxRow.chat_id == VERA).order_by(OutboxRow.id)
        )
        return [row.payload for row in rows if str(row.payload.get("key", "")).startswith("routing.")]


async def judged_ones(town: Town, right: int, wrong: int, *, decision: str = "assigned", **more: Any) -> None:
    """Predictions that people have judged, newest last."""
    said = {"topic": "roads", "at": NOON, "outcome_at": NOON, **more}
    async with town.database.writing() as session:
        incident = Incident(
            status=Status.NEW, kind="complaint", topic="roads", priority="ordinary", created_at=NOON
        )
        session.add(incident)
        await session.flush()
        found = replace(POTHOLE, native_id=f"wall-1_j{incident.id}")
        guess = replace(ABOUT_ROADS, needs_answer=False)
        await take_in(session, found, guess, rules=TriageRules(), now=NOON)
        one = (await session.scalars(select(Prediction).order_by(Prediction.id.desc()).limit(1))).one()
        post_id = one.post_id
        await session.delete(one)
        for is_right in [False] * wrong + [True] * right:
            session.add(
                Prediction(
                    post_id=post_id,
                    model_id="test",
                    kind="complaint",
                    kind_confidence=1.0,
                    needs_answer=True,
                    needs_answer_confidence=1.0,
                    topics=[[said["topic"], 0.99]],
                    bodies=[],
                    threshold=0.9,
                    decision=decision,
                    outcome="right" if is_right else "wrong",
                    **said,
                )
            )
            await session.flush()


async def watch(town: Town, *, now: Any = NOON) -> list[str]:
    async with town.database.writing() as session:
        return await contract.watch(session, now=now)


# -- the outcome of one prediction


async def test_an_answer_by_the_body_it_was_given_to_is_right(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    assert await outcome(town, number) == ("assigned", "")
    answer = await draft(town, number)
    assert await outcome(town, number) == ("assigned", "")
    await send(town, answer)
    assert await outcome(town, number) == ("assigned", "right")
    await publish(town)
    assert await outcome(town, number) == ("assigned", "right")


async def test_a_return_is_wrong_and_stays_wrong(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await responding.give_back(session, incident_id=number, reason="не наше", actor=town.anna, now=NOON)
    assert await outcome(town, number) == ("assigned", "wrong")
    async with town.database.writing() as session:
        await triage.assign(session, incident_id=number, body_id=town.roads, actor=town.vera, now=NOON)
    await send(town, await draft(town, number))
    assert await outcome(town, number) == ("assigned", "wrong")


@pytest.mark.parametrize("who", ["vera", "anna"])
async def test_another_body_is_wrong_whoever_gives_it(town: Town, arrive: Arrive, who: str) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await responding.hand_over(
            session,
            incident_id=number,
            body_id=town.housing,
            reason="двор",
            actor=getattr(town, who),
            now=NOON,
        )
    assert await outcome(town, number) == ("assigned", "wrong")


async def test_what_was_right_becomes_wrong_when_a_curator_moves_it_after_all(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        incident = await session.get_one(Incident, number)
        await labels.record(
            session, incident=incident, field=LabelField.TOPIC, value="roads", actor=town.vera, now=NOON
        )
    assert await outcome(town, number) == ("assigned", "")
    async with town.database.writing() as session:
        incident = await session.get_one(Incident, number)
        await labels.record(
            session, incident=incident, field=LabelField.TOPIC, value="housing", actor=town.vera, now=NOON
        )
    assert await outcome(town, number) == ("assigned", "wrong")


async def test_a_skipped_one_was_wrongly_routed(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="шутка", actor=town.vera, now=NOON)
    assert await outcome(town, number) == ("assigned", "wrong")


async def test_a_curator_agrees_or_not_with_what_was_only_suggested(town: Town, arrive: Arrive) -> None:
    agreed, moved = (await arrive(2, unsure=True)).id, (await arrive(3, unsure=True)).id
    async with town.database.writing() as session:
        for number, body_id in ((agreed, town.roads), (moved, town.housing)):
            await triage.assign(session, incident_id=number, body_id=body_id, actor=town.vera, now=NOON)
    assert await outcome(town, agreed) == ("curator", "right")
    assert await outcome(town, moved) == ("curator", "wrong")
    async with town.database.reading() as session:
        assert await contract.live_precision(session, now=NOON) == Judged(0, 0)


# -- the rule


def by_fractions(right: int, judged: int) -> bool:
    """The same with whole numbers only."""
    ways = sum(comb(judged, count) * 95**count * 5 ** (judged - count) for count in range(right + 1))
    return bool(ways * 20 < 100**judged)


@pytest.mark.parametrize(
    ("right", "judged", "broken"),
    [
        (0, 9, False),  # too few to conclude from
        (7, 10, True),
        (8, 10, False),
        (9, 10, False),
        (14, 20, True),
        (16, 20, True),
        (17, 20, False),
        (18, 20, False),
        (20, 20, False),
        (90, 100, True),
        (91, 100, False),
        (95, 100, False),
        (9350, 10_000, True),
        (9490, 10_000, False),
        (0, 100_000, True),
        (100_000, 100_000, False),
    ],
)
def test_the_promise_is_broken_where_chance_does_not_explain_it(
    right: int,
    judged: int,
    broken: bool,  # noqa: FBT001 - a column of a table
) -> None:
    assert is_broken(Judged(right, judged)) is broken


def test_the_rule_is_the_exact_one() -> None:
    for judged in range(10, 130):
        for right in range(judged + 1):
            assert is_broken(Judged(right, judged)) is by_fractions(right, judged), (right, judged)


# -- the watch


async def test_a_topic_below_the_promise_is_held_and_said_once(town: Town) -> None:
    await judged_ones(town, 14, 6)
    await judged_ones(town, 40, 1, topic="housing")
    async with town.database.reading() as session:
        assert await contract.live_precision(session, now=NOON) == Judged(54, 61)
        assert await contract.live_precision(session, topic="roads", now=NOON) == Judged(14, 20)
    assert await watch(town) == ["roads"]
    assert await watch(town, now=NOON + HOUR) == []
    assert await told(town) == [
        {"key": "routing.held", "topic": "roads", "right": 14, "judged": 20, "promised": 95}
    ]
    async with town.database.reading() as session:
        hold = (await session.scalars(select(RoutingHold))).one()
    assert (hold.topic, hold.right, hold.judged, hold.held_by, hold.released_at) == (
        "roads",
        14,
        20,
        None,
        None,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"decision": "held"},
        {"decision": "curator"},
        {"at": NOON - timedelta(days=60), "outcome_at": NOON - timedelta(days=31)},
    ],
)
async def test_what_the_program_did_not_route_or_long_ago_counts_not(
    town: Town, more: dict[str, Any]
) -> None:
    await judged_ones(town, 0, 30, **more)
    assert await watch(town) == []
    assert await told(town) == []


async def test_while_held_posts_wait_and_the_shadow_is_kept(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)
    incident = await arrive()
    assert incident.status is Status.NEW
    assert await outcome(town, incident.id) == ("held", "")
    unsure = await arrive(3, unsure=True)
    assert await outcome(town, unsure.id) == ("curator", "")
    async with town.database.writing() as session:
        guess = replace(ABOUT_ROADS, topics=(Scored("housing", 0.9),))
        other = await take_in(
            session, replace(POTHOLE, native_id="wall-1_9"), guess, rules=TriageRules(), now=NOON
        )
    assert other is not None
    assert (await reload(town, other.id)).status is Status.ASSIGNED


async def test_a_good_shadow_is_told_once_and_only_a_curator_releases(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        hold = await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)
    await judged_ones(town, 18, 2, decision="held")
    assert await watch(town) == []
    assert await told(town) == []  # 18 of the last 20
    await judged_ones(town, 1, 0, decision="held")
    assert await watch(town) == []
    assert await watch(town) == []
    assert await told(town) == [{"key": "routing.ready", "topic": "roads", "right": 19, "judged": 20}]
    assert (await arrive()).status is Status.NEW  # nobody has released it
    for official in (town.anna, town.boris):
        with pytest.raises(NotAllowed):
            async with town.database.writing() as session:
                await contract.release_topic(session, hold.id, actor=official, now=NOON)
    async with town.database.writing() as session:
        await contract.release_topic(session, hold.id, actor=town.vera, now=NOON + HOUR)
    with pytest.raises(ReleasedAlready) as refusal:
        async with town.database.writing() as session:
            await contract.release_topic(session, hold.id, actor=town.vera, now=NOON + 2 * HOUR)
    assert (refusal.value.name, refusal.value.at) == ("Вера", NOON + HOUR)
    assert (await arrive(3)).status is Status.ASSIGNED


async def test_what_was_known_at_the_release_holds_it_not_again(town: Town) -> None:
    await judged_ones(town, 14, 6)
    assert await watch(town) == ["roads"]
    async with town.database.writing() as session:
        hold = (await session.scalars(select(RoutingHold))).one()
        await contract.release_topic(session, hold.id, actor=town.vera, now=NOON + HOUR)
    assert await watch(town, now=NOON + 2 * HOUR) == []
    later = NOON + 3 * HOUR
    await judged_ones(town, 2, 8, at=later, outcome_at=later)
    assert await watch(town, now=later) == ["roads"]
    assert [(one["right"], one["judged"]) for one in await told(town)] == [(14, 20), (2, 10)]


async def test_a_topic_is_held_once(town: Town) -> None:
    async with town.database.writing() as session:
        await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)
    with pytest.raises(HeldAlready):
        async with town.database.writing() as session:
            await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)
    with pytest.raises(NoSuchTopic):
        async with town.database.writing() as session:
            await contract.hold_topic(session, "космос", actor=town.vera, now=NOON)
    with pytest.raises(NoSuchTopic):
        async with town.database.writing() as session:
            await contract.release_topic(session, 99, actor=town.vera, now=NOON)
    with pytest.raises(NotAllowed):
        async with town.database.writing() as session:
            await contract.hold_topic(session, "housing", actor=town.anna, now=NOON)


async def test_the_screen_counts_by_topic_and_puts_held_ones_first(town: Town, arrive: Arrive) -> None:
    await arrive(2)
    await arrive(3, unsure=True)
    await judged_ones(town, 3, 1, topic="housing")
    async with town.database.writing() as session:
        await contract.hold_topic(session, "transport", actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        shown = await contract.overview(session, now=NOON)
    first = [(one.topic, one.posts, one.assigned, one.judged, one.hold is not None) for one in shown[:3]]
    assert first == [
        ("transport", 0, 0, Judged(0, 0), True),
        ("housing", 4, 4, Judged(3, 4), False),
        ("roads", 2, 1, Judged(0, 0), False),
    ]
    assert {one.topic for one in shown} == set(rubricator())
