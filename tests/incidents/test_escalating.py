"""Upwards when nobody answers: each level once, in order, none after the answer, whenever the sweeps come."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import duty, responding, sweeping, triage
from incidents.ladder import Ladder
from incidents.people import actor_of
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies, plan_next_look
from models import (
    Body,
    Incident,
    Language,
    Membership,
    Official,
    OutboxKind,
    OutboxRow,
    Priority,
    Reminder,
    Role,
    Status,
)
from models import Policy as PolicyRow
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import draft, look, notices, publish, send

DINA, GLEB, PETR = 201, 202, 203  # the coordinator of roads, the head of roads, the head of the region
NIGHT_CHAT = -500
HOUR = timedelta(hours=1)


async def person(
    town: Town, telegram_id: int, role: Role, *, body_id: int | None = None, is_reachable: bool = True
) -> int:
    async with town.database.writing() as session:
        official = Official(
            telegram_id=telegram_id,
            name=f"Человек {telegram_id}",
            language=Language.RU,
            is_reachable=is_reachable,
            created_at=NOON,
        )
        session.add(official)
        await session.flush()
        session.add(Membership(official_id=official.id, role=role, body_id=body_id, granted_at=NOON))
        return official.id


async def everybody(town: Town) -> None:
    await person(town, DINA, Role.COORDINATOR, body_id=town.roads)
    await person(town, GLEB, Role.HEAD, body_id=town.roads)
    await person(town, PETR, Role.HEAD)


async def use_policy(town: Town, policy: Policy) -> None:
    async with town.database.writing() as session:
        await install_policies(session, {DEFAULT: policy}, now=NOON)


async def told(town: Town, *chats: int) -> list[list[str]]:
    return [[key for key in await notices(town, chat) if key.startswith("escalated")] for chat in chats]


async def looks(town: Town, number: int, *hours: float) -> None:
    for hour in hours:
        await look(town, number, NOON + hour * HOUR)


async def codes(town: Town, number: int) -> dict[str, bool]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(Reminder).where(Reminder.incident_id == number))
        return {row.code: row.told for row in rows if "up:" in row.code}


async def test_with_four_hours_left_the_coordinator_with_one_the_curators_and_two_late_the_head(
    town: Town, arrive: Arrive
) -> None:
    await everybody(town)
    number = (await arrive()).id
    for hour, expected in (
        (19.9, [[], [], [], []]),
        (20, [["escalated_coordinator"], [], [], []]),
        (22, [["escalated_coordinator"], [], [], []]),
        (23, [["escalated_coordinator"], ["escalated_curator"], [], []]),
        (25.9, [["escalated_coordinator"], ["escalated_curator"], [], []]),
        (26, [["escalated_coordinator"], ["escalated_curator"], ["escalated_head"], []]),
        (80, [["escalated_coordinator"], ["escalated_curator"], ["escalated_head"], []]),
    ):
        await looks(town, number, hour)
        assert await told(town, DINA, VERA, GLEB, PETR) == expected, hour


@pytest.mark.parametrize(
    ("total", "coordinator", "curator"),
    [("24h", 20, 23), ("8h", 4, 7), ("4h", 2, 3), ("2h", 1, 1.5), ("1h", 0.5, 0.75)],
)
@ON_SQLITE
async def test_a_short_deadline_has_a_short_ladder(
    town: Town, arrive: Arrive, total: str, coordinator: float, curator: float
) -> None:
    await everybody(town)
    await use_policy(town, Policy(name="x", total=total))
    number = (await arrive()).id
    await looks(town, number, coordinator - 0.01)
    assert await told(town, DINA, VERA) == [[], []]
    await looks(town, number, coordinator, curator - 0.01)
    assert await told(town, DINA, VERA) == [["escalated_coordinator"], []]
    await looks(town, number, curator)
    assert await told(town, DINA, VERA) == [["escalated_coordinator"], ["escalated_curator"]]


@ON_SQLITE
async def test_a_level_that_nobody_can_hear_is_passed_over_to_the_next(town: Town, arrive: Arrive) -> None:
    await person(town, DINA, Role.COORDINATOR, body_id=town.roads, is_reachable=False)
    await person(town, PETR, Role.HEAD)
    number = (await arrive()).id
    await looks(town, number, 20, 23)
    assert await told(town, DINA, VERA) == [[], ["escalated_curator"]]
    assert await codes(town, number) == {"up:coordinator": False, "up:curator": True}
    await looks(town, number, 26)
    assert await told(town, PETR) == [["escalated_head"]]


@ON_SQLITE
async def test_whoever_holds_it_is_no_level_above_themselves(town: Town, arrive: Arrive) -> None:
    await person(town, DINA, Role.COORDINATOR, body_id=town.roads)
    number = (await arrive()).id
    async with town.database.writing() as session:
        dina = await actor_of(session, DINA)
        assert dina is not None
        await responding.accept(session, incident_id=number, actor=dina, now=NOON + 19.5 * HOUR)
    await looks(town, number, 20)
    assert await told(town, DINA, VERA) == [[], ["escalated_curator"]]


@ON_SQLITE
async def test_who_has_answered_or_given_an_interim_answer_is_left_alone(town: Town, arrive: Arrive) -> None:
    await everybody(town)
    first, second = (await arrive(2)).id, (await arrive(3)).id
    await send(town, await draft(town, first))
    await send(town, await draft(town, second), is_interim=True)
    await publish(town)
    for number in (first, second):
        await looks(town, number, 20, 23, 26, 30)
    assert await told(town, DINA, VERA, GLEB, PETR) == [[], [], [], []]
    # The final answer has a ladder of its own.
    await looks(town, second, 24 * 7 - 1)
    assert (await told(town, DINA))[0] == ["escalated_coordinator"]


@ON_SQLITE
async def test_after_downtime_only_the_highest_is_told(town: Town, arrive: Arrive) -> None:
    await everybody(town)
    number = (await arrive()).id
    await looks(town, number, 30)
    assert await told(town, DINA, VERA, GLEB) == [[], [], ["escalated_head"]]
    await looks(town, number, 31, 60)
    assert await told(town, DINA, VERA, GLEB) == [[], [], ["escalated_head"]]


@ON_SQLITE
async def test_what_no_body_has_is_the_heads_business_only_when_it_is_late(
    town: Town, arrive: Arrive
) -> None:
    await everybody(town)
    number = (await arrive(unsure=True)).id
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=number, reason="спам", actor=town.vera, now=NOON)
        await triage.reopen(session, incident_id=number, reason="нет", actor=town.vera, now=NOON)
    await looks(town, number, 20, 23, 24, 26)
    assert await told(town, DINA, VERA, GLEB, PETR) == [[], [], [], ["escalated_head"]]


@ON_SQLITE
async def test_by_night_nobody_is_woken_but_for_an_accident(town: Town, arrive: Arrive) -> None:
    await everybody(town)
    await use_policy(town, Policy(name="24", total="10h", quiet_hours="22:00-08:00"))
    number = (await arrive(2, now=datetime.fromisoformat("2026-03-02T16:00:00+03:00"))).id  # until 02:00
    evening, night = (datetime.fromisoformat(f"2026-03-02T{at}+03:00") for at in ("21:59:00", "23:30:00"))
    await look(town, number, evening)
    assert await told(town, DINA) == [[]]
    await look(town, number, night)  # the sweep comes late: the deadline would be over by the morning
    assert await told(town, DINA, VERA) == [[], ["escalated_curator"]]
    await look(town, number, datetime.fromisoformat("2026-03-03T05:00:00+03:00"))
    assert await told(town, GLEB) == [[]]
    await look(town, number, datetime.fromisoformat("2026-03-03T08:00:00+03:00"))
    assert await told(town, GLEB) == [["escalated_head"]]


async def test_where_a_duty_chat_is_awake_it_hears_instead_of_the_sleepers(
    town: Town, arrive: Arrive
) -> None:
    await everybody(town)
    await use_policy(town, Policy(name="24", total="10h", quiet_hours="22:00-08:00"))
    async with town.database.writing() as session:
        await duty.bind(session, actor=town.vera, chat_id=NIGHT_CHAT, thread_id=None, title="Ночь", now=NOON)
    number = (await arrive(2, now=datetime.fromisoformat("2026-03-02T16:00:00+03:00"))).id  # until 02:00
    night = "2026-03-02T22:00 2026-03-02T23:00 2026-03-03T01:00 2026-03-03T02:00 2026-03-03T04:00"
    for moment in night.split():
        await look(town, number, datetime.fromisoformat(f"{moment}:00+03:00"))
    assert await notices(town, NIGHT_CHAT) == [
        "escalated_duty",
        "escalated_duty",
        "overdue_duty",
        "escalated_duty",
    ]
    assert await told(town, DINA, VERA, GLEB) == [[], [], []]
    assert "overdue" not in await notices(town, ANNA)
    await look(town, number, datetime.fromisoformat("2026-03-03T08:00:00+03:00"))
    assert (await notices(town, ANNA))[-1] == "overdue"
    assert "overdue_curators" in await notices(town, VERA)
    assert len(await notices(town, NIGHT_CHAT)) == 4  # in the morning it hears nothing more


@ON_SQLITE
async def test_an_answer_that_nobody_reviews_is_spoken_of(town: Town, arrive: Arrive) -> None:
    await person(town, DINA, Role.COORDINATOR, body_id=town.roads)
    await person(town, GLEB, Role.APPROVER, body_id=town.roads)
    async with town.database.writing() as session:
        await session.execute(update(Body).values(needs_approval=True))
    number = (await arrive()).id
    await send(town, await draft(town, number))
    for hour, keys in (
        (1.9, [[], [], []]),
        (2, [["review_waits"], [], []]),
        (3.9, [["review_waits"], [], []]),
        (4, [["review_waits"], ["review_hangs"], []]),
        (8, [["review_waits"], ["review_hangs"], ["review_hangs"]]),
        (11, [["review_waits"], ["review_hangs"], ["review_hangs"]]),
    ):
        await looks(town, number, hour)
        assert [await notices(town, chat) for chat in (GLEB, DINA, VERA)] == keys, hour


@ON_SQLITE
async def test_an_answer_that_is_not_published_is_spoken_of(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    await looks(town, number, 3.9)
    assert "publish_hangs" not in await notices(town, ANNA)
    await looks(town, number, 4, 8)
    assert (await notices(town, ANNA)).count("publish_hangs") == 1
    assert await notices(town, VERA) == ["publish_hangs"]


hours = st.integers(1, 48).map(lambda number: timedelta(hours=number))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    total=hours,
    ladder=st.builds(
        Ladder,
        coordinator=st.none() | hours,
        curator=st.none() | hours,
        head=st.none() | hours,
    ),
    quiet=st.sampled_from([(None, "defer"), ("22:00-08:00", "defer"), ("22:00-08:00", "escalate")]),
    priority=st.sampled_from(list(Priority)),
    has=st.sets(st.sampled_from(["duty", "coordinator"])),
    pauses=st.lists(st.integers(1, 20 * 60), min_size=1, max_size=12),
    answered_after=st.none() | st.integers(0, 11),
)
@ON_SQLITE
async def test_no_level_twice_none_after_the_answer_and_never_downwards(
    town: Town,
    *,
    total: timedelta,
    ladder: Ladder,
    quiet: tuple[str | None, str],
    priority: Priority,
    has: set[str],
    pauses: list[int],
    answered_after: int | None,
) -> None:
    """Whatever the policy and the times of the sweeps."""
    policy = Policy.model_validate(
        {"name": "any", "total": total, "escalate": ladder, "quiet_hours": quiet[0], "quiet": quiet[1]}
    )
    async with town.database.writing() as session:
        trial = await session.begin_nested()
        await install_policies(session, {DEFAULT: policy}, now=NOON)
        row = await session.scalar(select(PolicyRow).order_by(PolicyRow.id.desc()).limit(1))
        assert row is not None
        if "coordinator" in has:
            official = Official(telegram_id=DINA, name="Дина", language=Language.RU, created_at=NOON)
            session.add(official)
            await session.flush()
            session.add(
                Membership(
                    official_id=official.id, role=Role.COORDINATOR, body_id=town.roads, granted_at=NOON
                )
            )
        if "duty" in has:
            await duty.bind(session, actor=town.vera, chat_id=NIGHT_CHAT, thread_id=None, title="", now=NOON)
        incident = Incident(
            status=Status.ASSIGNED,
            kind="complaint",
            topic="roads",
            priority=priority,
            body_id=town.roads,
            policy_id=row.id,
            created_at=NOON,
            registered_at=NOON,
            due_at=policy.moments(NOON, priority).due_at,
        )
        session.add(incident)
        await session.flush()
        await plan_next_look(session, incident, now=NOON)
        now = NOON
        for at, pause in enumerate(pauses):
            if at == answered_after:
                incident.status, incident.answered_at = Status.ANSWERED, now
                before = await _said(session)
            now += timedelta(minutes=pause)
            if incident.next_look_at is not None and incident.next_look_at <= now:
                await sweeping.look_at(session, incident_id=incident.id, now=now)
                assert incident.next_look_at is None or incident.next_look_at > now
            if answered_after is not None and at >= answered_after:
                assert await _said(session) == before
        fired = await session.scalars(
            select(Reminder.code)
            .where(Reminder.incident_id == incident.id, Reminder.code.startswith("up:"), Reminder.told)
            .order_by(Reminder.id)
        )
        order = [code.removeprefix("up:") for code in fired]
        assert order == [level for level in ("coordinator", "curator", "head") if level in order]
        # No level is told twice: to nobody does the same step come again.
        said = await _said(session)
        assert len(said) == len(set(said)) or "duty" in has
        await trial.rollback()


async def _said(session: AsyncSession) -> list[tuple[int, str]]:
    rows = await session.scalars(
        select(OutboxRow).where(OutboxRow.kind == OutboxKind.NOTICE).order_by(OutboxRow.id)
    )
    return [(row.chat_id, row.payload["key"]) for row in rows if row.payload["key"].startswith("escalated")]
