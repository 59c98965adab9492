"""Which policy an incident is registered under, and what another configuration would have made of it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incidents.policies import Policy
from incidents.policy_choice import Facts, choose, install_policy_rules, policy_rules, specificity
from incidents.policy_trial import Trial, most_moved, summaries, try_policies
from incidents.promises import DEFAULT, install_policies, policy_of
from incidents.triage import skip
from models import Assignment, Body, HistoryEntry, Incident, PolicyRule, Priority, Step
from models import Policy as PolicyRow
from tests.conftest import NOON
from tests.incidents.conftest import Arrive, Town
from tests.incidents.steps import accept, draft, publish, reload, send

HOUR = timedelta(hours=1)
POLICIES = {
    DEFAULT: Policy(name="24"),
    "nine": Policy(name="9", total="9h"),
    "eight": Policy(name="8", total="8h", preparation="6h"),
    "four": Policy(name="4", total="4h"),
}
POTHOLE = Facts("roads", "roads.potholes", "Заречный", Priority.RAISED, "roads")


def rule(policy: str, **columns: str) -> PolicyRule:
    filled = {"body_code": "", "topic": "", "territory": "", "priority": "", **columns}
    return PolicyRule(policy_name=policy, **filled)


@pytest.mark.parametrize(
    ("rules", "chosen"),
    [
        ([], None),
        ([{}], "0"),
        ([{"topic": "roads"}], "0"),
        ([{"topic": "roads.potholes"}], "0"),
        ([{"topic": "housing"}], None),
        ([{"topic": "roads.snow"}], None),
        ([{"territory": "заречный"}], "0"),
        ([{"territory": "Лесной"}], None),
        ([{"body_code": "roads"}], "0"),
        ([{"body_code": "housing"}], None),
        ([{"priority": "raised"}], "0"),
        ([{"priority": "accident"}], None),
        # All that it says must hold.
        ([{"topic": "roads", "territory": "Лесной"}], None),
        # The fuller rule wins, wherever it stands.
        ([{"topic": "roads"}, {"topic": "roads", "territory": "Заречный"}], "1"),
        ([{"topic": "roads", "territory": "Заречный"}, {"priority": "raised"}], "0"),
        # Equally full: priority, body, subtopic, topic, territory.
        ([{"body_code": "roads"}, {"priority": "raised"}], "1"),
        ([{"topic": "roads.potholes"}, {"body_code": "roads"}], "1"),
        ([{"topic": "roads"}, {"topic": "roads.potholes"}], "1"),
        ([{"territory": "Заречный"}, {"topic": "roads"}], "1"),
        # The same said twice: the first.
        ([{"topic": "roads"}, {"topic": "roads"}], "0"),
        ([{}, {"topic": "roads"}], "1"),
    ],
)
def test_the_rule_that_says_more_wins(rules: list[dict[str, str]], chosen: str | None) -> None:
    rows = [rule(str(number), **columns) for number, columns in enumerate(rules)]
    assert choose(rows, POTHOLE).policy_name == chosen


def test_a_bodys_own_policy_is_a_rule_for_the_body() -> None:
    own = Facts("roads", "", "", Priority.ORDINARY, "roads", "nine")
    assert choose([], own).policy_name == "nine"
    assert choose([rule("four", topic="roads")], own).policy_name == "nine"
    assert choose([rule("four", body_code="roads")], own).policy_name == "nine"
    assert choose([rule("four", body_code="roads", topic="roads")], own).policy_name == "four"
    assert choose([rule("four", priority="ordinary")], own).policy_name == "four"


def test_without_a_body_rules_for_bodies_are_silent() -> None:
    facts = Facts("roads", "", "", Priority.ORDINARY)
    assert choose([rule("four", body_code="roads")], facts).policy_name is None


def test_how_much_a_rule_says_is_told_apart() -> None:
    columns = [
        {},
        {"territory": "x"},
        {"topic": "x"},
        {"topic": "x.y"},
        {"body_code": "x"},
        {"priority": "raised"},
    ]
    assert [specificity(rule("p", **one)) for one in columns] == sorted(
        specificity(rule("p", **one)) for one in columns
    )
    assert len({specificity(rule("p", **one)) for one in columns}) == len(columns)


async def install(town: Town, *rules: PolicyRule, policies: Mapping[str, Policy] = POLICIES) -> None:
    async with town.database.writing() as session:
        await install_policies(session, policies, now=NOON)
        await install_policy_rules(session, rules)


async def test_an_incident_is_registered_under_the_policy_of_its_rule(town: Town, arrive: Arrive) -> None:
    await install(town, rule("four", topic="roads", territory="Верхнереченск"), rule("nine", topic="roads"))
    incident = await arrive()
    assert incident.due_at == NOON + 4 * HOUR
    async with town.database.reading() as session:
        assert await policy_of(session, incident) == POLICIES["four"]


async def test_the_policy_is_of_the_body_it_is_first_given_to(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(policy_name="eight"))
    await install(town, rule("four", body_code="housing"))
    incident = await arrive()
    assert incident.due_at == NOON + 8 * HOUR


async def test_a_body_whose_policy_is_gone_has_the_default(town: Town, arrive: Arrive) -> None:
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.roads).values(policy_name="no-more"))
    assert (await arrive()).due_at == NOON + 24 * HOUR


async def test_other_rules_and_policies_do_not_move_a_deadline(town: Town, arrive: Arrive) -> None:
    await install(town, rule("four", topic="roads"))
    incident = await arrive()
    await install(town, policies={**POLICIES, "four": Policy(name="4", total="2h")})
    await accept(town, incident.id, town.anna)

    again = await reload(town, incident.id)
    assert (again.due_at, again.policy_id) == (NOON + 4 * HOUR, incident.policy_id)
    async with town.database.reading() as session:
        assert await policy_of(session, again) == POLICIES["four"]
        versions = await session.scalars(
            select(PolicyRow.version).where(PolicyRow.name == "four").order_by(PolicyRow.version)
        )
        assert list(versions) == [1, 2]


async def test_rules_are_replaced_whole_and_left_alone_where_they_are_the_same(town: Town) -> None:
    await install(town, rule("four", topic="roads"), rule("nine"))
    async with town.database.reading() as session:
        before = [one.id for one in await policy_rules(session)]
    await install(town, rule("four", topic="roads"), rule("nine"))
    async with town.database.reading() as session:
        assert [one.id for one in await policy_rules(session)] == before
    await install(town, rule("nine"))
    async with town.database.reading() as session:
        assert [one.policy_name for one in await policy_rules(session)] == ["nine"]


async def test_an_assignment_keeps_the_bodys_own_norm(town: Town, arrive: Arrive) -> None:
    await install(town, rule("eight", topic="roads"))
    number = (await arrive()).id
    async with town.database.reading() as session:
        turn = await session.scalar(select(Assignment).where(Assignment.incident_id == number))
        assert turn is not None
        assert turn.prepare_until == NOON + 6 * HOUR


# -- the dry run


async def a_month(town: Town, arrive: Arrive) -> list[int]:
    """Two incidents under 24 hours: answered after 5, not answered."""
    answered, silent = (await arrive(2)).id, (await arrive(3, text="Ещё яма")).id
    await accept(town, answered, town.anna)
    await send(town, await draft(town, answered))
    await publish(town)
    async with town.database.writing() as session:
        published = {"answered_at": NOON + 5 * HOUR}
        await session.execute(update(Incident).where(Incident.id == answered).values(published))
        await session.execute(
            update(HistoryEntry).where(HistoryEntry.step == Step.PUBLISH).values(at=NOON + 5 * HOUR)
        )
    return [answered, silent]


async def test_other_policies_are_tried_and_nothing_changes(town: Town, arrive: Arrive) -> None:
    answered, silent = await a_month(town, arrive)
    rules = [rule("four", topic="roads")]
    async with town.database.reading() as session:
        trials = await try_policies(session, POLICIES, rules, since=NOON - HOUR, now=NOON + 6 * HOUR)
        later = await try_policies(session, POLICIES, rules, since=NOON + HOUR, now=NOON + 6 * HOUR)

    assert later == []
    assert [(one.number, one.policy_name, one.new_policy_name) for one in trials] == [
        (answered, DEFAULT, "four"),
        (silent, DEFAULT, "four"),
    ]
    assert [one.answered_at for one in trials] == [NOON + 5 * HOUR, None]
    assert [(one.was_late, one.would_be_late) for one in trials] == [(False, True), (False, True)]
    (group,) = summaries(trials)
    assert (group.count, group.late, group.would_be_late, group.shift) == (2, 0, 2, -20 * HOUR)
    for number in (answered, silent):
        assert (await reload(town, number)).due_at == NOON + 24 * HOUR


async def test_what_needs_no_answer_is_not_tried(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.writing() as session:
        await skip(session, incident_id=number, reason="шутка", actor=town.vera, now=NOON)
    async with town.database.reading() as session:
        assert await try_policies(session, POLICIES, [], since=NOON, now=NOON) == []


async def test_a_policy_that_is_not_there_is_the_default(town: Town, arrive: Arrive) -> None:
    await arrive()
    async with town.database.reading() as session:
        (one,) = await try_policies(session, POLICIES, [rule("gone")], since=NOON, now=NOON)
    assert (one.new_policy_name, one.shift) == (DEFAULT, timedelta(0))


def trial(number: int, hours: int, *, new: str = "nine") -> Trial:
    due_at = NOON + 24 * HOUR
    return Trial(number, DEFAULT, new, due_at, due_at + hours * HOUR, None, NOON)


def test_those_that_move_farthest_are_named_either_way() -> None:
    trials = [trial(number, hours) for number, hours in enumerate([0, 3, -5, 5, 1], start=1)]
    assert [one.number for one in most_moved(trials)] == [3, 4, 2, 5]
    assert [one.number for one in most_moved(trials, most=2)] == [3, 4]


def test_the_shift_of_a_group_is_its_median() -> None:
    trials = [trial(1, -20), trial(2, -1), trial(3, 2), trial(4, 9, new="four")]
    assert [(one.new_policy_name, one.count, one.shift) for one in summaries(trials)] == [
        ("nine", 3, -HOUR),
        ("four", 1, 9 * HOUR),
    ]
