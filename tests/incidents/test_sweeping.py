"""What time brings, and that a look always leads to a later one."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from incidents import answering, sweeping, triage
from incidents.policies import Policy
from incidents.promises import DEFAULT, install_policies, plan_next_look
from models import (
    Body,
    ChatState,
    Incident,
    Membership,
    Priority,
    Reminder,
    Status,
)
from models import Policy as PolicyRow
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, ON_SQLITE, VERA, Arrive, Town
from tests.incidents.steps import accept, draft, look, notices, publish, reload, send

pytestmark = ON_SQLITE
WEEK = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def use_policy(town: Town, policy: Policy) -> None:
    async with town.database.writing() as session:
        await install_policies(session, {DEFAULT: policy}, now=NOON)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    hours = st.integers(1, 48).map(lambda number: timedelta(hours=number))
    return Policy(
        name="any",
        calendar=draw(st.sampled_from([{"kind": "wall"}, {"kind": "working", "hours": WEEK}])),
        total=draw(hours),
        triage=draw(hours),
        release_after=draw(hours),
        interim_total=draw(hours),
        close_after=draw(hours),
        remind_before=tuple(draw(st.lists(hours, max_size=3))),
        quiet_hours=draw(st.sampled_from([None, "22:00-08:00", "00:00-23:00"])),
        quiet=draw(st.sampled_from(["defer", "escalate"])),
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    policy=policies(),
    status=st.sampled_from(list(Status)),
    priority=st.sampled_from(list(Priority)),
    pauses=st.lists(st.integers(0, 72 * 60), min_size=1, max_size=8),
    has_control=st.booleans(),
)
async def test_a_look_always_leads_to_a_later_one_or_to_none(
    town: Town, policy: Policy, status: Status, priority: Priority, pauses: list[int], *, has_control: bool
) -> None:
    """Else the sweep would run in circles, or forget."""
    needs_body = status not in {Status.NEW, Status.REGISTERED}
    async with town.database.writing() as session:
        trial = await session.begin_nested()
        await install_policies(session, {DEFAULT: policy}, now=NOON)
        row = await session.scalar(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1))
        assert row is not None
        incident = Incident(
            status=status,
            kind="complaint",
            topic="roads",
            priority=priority,
            body_id=town.roads if needs_body else None,
            official_id=town.anna.official_id if needs_body and status is not Status.ASSIGNED else None,
            policy_id=row.id,
            created_at=NOON,
            registered_at=None if status is Status.NEW else NOON,
            due_at=None if status is Status.NEW else policy.moments(NOON, priority).due_at,
            control_at=policy.interim_until(NOON + HOUR) if needs_body and has_control else None,
            answered_at=NOON if status in {Status.ANSWERED, Status.CLOSED} else None,
        )
        session.add(incident)
        await session.flush()
        await plan_next_look(session, incident, now=NOON)
        number, now = incident.id, NOON
        for pause in pauses:
            if incident.next_look_at is None:
                break
            now = max(now, incident.next_look_at) + timedelta(minutes=pause)
            assert number in await sweeping.due(session, now=now)
            await sweeping.look_at(session, incident_id=number, now=now)
            assert incident.next_look_at is None or incident.next_look_at > now
            assert (incident.next_look_at is None) == (
                incident.status in {Status.CLOSED, Status.SKIPPED, Status.MERGED, Status.SOURCE_GONE}
            )
        assert await sweeping.forgotten(session) == []
        await trial.rollback()


async def test_an_incident_that_is_not_due_is_left_alone(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    after = await look(town, incident.id, NOON + HOUR)
    assert after.version == incident.version


async def test_the_auditor_finds_what_nothing_would_look_at(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(next_look_at=None))
        assert await sweeping.forgotten(session) == [incident.id]
        await sweeping.look_at(session, incident_id=incident.id, now=NOON + DAY)


async def test_what_stays_overdue_is_said_to_the_body_again_once_a_day(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    for hours in (24, 30, 47, 48, 60, 72):
        await look(town, incident.id, NOON + timedelta(hours=hours))
    assert await notices(town, ANNA) == ["overdue"] * 3
    assert await notices(town, VERA) == ["overdue_curators"]


async def test_a_deadline_of_a_body_that_cannot_be_reached_is_said_to_the_curators(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        await session.execute(update(Body).values(chat_state=ChatState.DEAD))
    for hours in (12, 24, 48):
        await look(town, incident.id, NOON + timedelta(hours=hours))
    assert await notices(town, ANNA) == []
    assert await notices(town, VERA) == ["overdue_curators"] * 3


async def test_an_unassigned_incident_is_remembered_to_the_curators(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=incident.id, reason="спам", actor=town.vera, now=NOON)
        await triage.reopen(session, incident_id=incident.id, reason="нет", actor=town.vera, now=NOON)
    await look(town, incident.id, NOON + timedelta(hours=12))
    assert set(await notices(town, VERA)) == {"reminder_curators", "waits_for_triage"}
    assert await notices(town, ANNA) == []


async def test_of_a_full_queue_one_speaks_for_all_each_hour(town: Town, arrive: Arrive) -> None:
    numbers = [(await arrive(number, unsure=True)).id for number in range(2, 7)]
    for hours in (1, 2):
        for number in numbers:
            await look(town, number, NOON + hours * HOUR)
    assert await notices(town, VERA) == ["waits_for_triage"] * 2


async def test_by_night_curators_sleep_and_nothing_is_taken_away(town: Town, arrive: Arrive) -> None:
    await use_policy(town, Policy(name="24", quiet_hours="22:00-08:00"))
    evening = datetime.fromisoformat("2026-03-02T21:30:00+03:00")
    waiting, taken = await arrive(2, unsure=True, now=evening), await arrive(3, now=evening - 8 * HOUR)
    morning = datetime.fromisoformat("2026-03-03T08:00:00+03:00")
    await accept(town, taken.id)
    assert (await reload(town, waiting.id)).next_look_at == morning
    assert (await look(town, taken.id, evening + HOUR)).status is Status.ACCEPTED
    assert (await look(town, taken.id, morning)).status is Status.ASSIGNED


async def test_a_draft_is_a_sign_of_life(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await accept(town, incident.id)
    async with town.database.writing() as session:
        later = NOON + 5 * HOUR
        prompt = await answering.ask_for_answer(
            session, incident_id=incident.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=later
        )
        await answering.write_draft(
            session, prompt=prompt, text="т", photos=[], actor=town.anna, thread_id=None, now=later + HOUR
        )
    assert (await look(town, incident.id, NOON + 13 * HOUR)).status is Status.ACCEPTED
    assert (await look(town, incident.id, NOON + 14 * HOUR)).status is Status.ASSIGNED


async def test_what_somebody_who_left_holds_is_released_at_the_next_look(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await accept(town, incident.id)
    async with town.database.writing() as session:
        await session.execute(delete(Membership).where(Membership.official_id == town.anna.official_id))
        await session.execute(update(Incident).values(next_look_at=NOON))
    after = await look(town, incident.id, NOON)
    assert (after.status, after.official_id) == (Status.ASSIGNED, None)


async def test_under_control_it_is_released_only_when_the_control_date_is_past(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id), is_interim=True)
    await publish(town)
    control_at = (await reload(town, incident.id)).control_at
    assert control_at is not None
    assert (await look(town, incident.id, control_at - HOUR)).status is Status.INTERIM
    assert (await look(town, incident.id, control_at)).status is Status.ASSIGNED
    assert [key for key in await notices(town, ANNA) if key != "preview"] == [
        "reminder",
        "released",
        "overdue",
    ]


async def test_a_short_control_date_is_not_reminded_of_before_it_began(town: Town, arrive: Arrive) -> None:
    await use_policy(town, Policy(name="24", interim_total="2h"))
    incident = await arrive()
    await send(town, await draft(town, incident.id), is_interim=True)
    await publish(town)  # at one hour
    assert (await reload(town, incident.id)).next_look_at == NOON + 2 * HOUR


async def test_an_answered_one_is_looked_at_before_its_end_without_effect(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    await publish(town)
    async with town.database.writing() as session:
        await session.execute(update(Incident).values(next_look_at=NOON))
    after = await look(town, incident.id, NOON + DAY)
    assert (after.status, after.next_look_at) == (Status.ANSWERED, NOON + HOUR + timedelta(days=15))


async def test_a_reopened_one_is_late_at_once_and_its_new_body_is_not_left_in_peace(
    town: Town, arrive: Arrive
) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    await publish(town)
    later = NOON + timedelta(days=3)
    async with town.database.writing() as session:
        await triage.reopen(session, incident_id=incident.id, reason="яма", actor=town.vera, now=later)
    after = await look(town, incident.id, later)
    assert (after.due_at, after.next_look_at) == (incident.due_at, later + HOUR)
    async with town.database.writing() as session:
        await triage.assign(
            session, incident_id=incident.id, body_id=town.housing, actor=town.vera, now=later
        )
    assert (await reload(town, incident.id)).next_look_at == later + DAY
    async with town.database.reading() as session:
        told = await session.scalar(select(func.count()).select_from(Reminder).where(Reminder.told))
    assert told == 1


async def test_what_is_over_is_reminded_of_to_nobody(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    async with town.database.writing() as session:
        await triage.skip(session, incident_id=incident.id, reason="спам", actor=town.vera, now=NOON)
        await session.execute(update(Incident).values(next_look_at=NOON))
    assert (await look(town, incident.id, NOON + 2 * DAY)).next_look_at is None
    assert await notices(town, ANNA) == await notices(town, VERA) == []
