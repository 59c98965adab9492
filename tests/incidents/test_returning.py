"""«Не наше»: back to the curators, with whose it may be; in its own norm, or late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incidents import finding, responding, triage
from incidents.errors import AlreadyTaken, BodyUnreachable, NoSuchBody, ReasonMissing, SameBody
from incidents.first import GivenBack, MovedOn
from incidents.people import actor_of
from incidents.turns import Returns, late_returns, turns
from models import Assignment, Body, ChatState, HistoryEntry, Incident, Membership, Role, Status, Step
from tests.conftest import NOON
from tests.incidents.conftest import VERA, Arrive, Town
from tests.incidents.steps import accept, draft, notices, reload, send


async def give_back(
    town: Town, number: int, *, whose: int | None = None, minutes: int = 0, by: str = "anna"
) -> None:
    async with town.database.writing() as session:
        await responding.give_back(
            session,
            incident_id=number,
            reason=" другая территория\x00 ",
            actor=getattr(town, by),
            now=NOON + timedelta(minutes=minutes),
            suggested_body_id=whose,
        )


async def test_a_return_keeps_the_deadline_and_the_place_in_the_queue(town: Town, arrive: Arrive) -> None:
    first = await arrive(2)
    later = await arrive(3, now=NOON + timedelta(minutes=5))
    await give_back(town, later.id, minutes=6)
    await give_back(town, first.id, whose=town.housing, minutes=10)
    after = await reload(town, first.id)
    assert (after.status, after.body_id, after.official_id) == (Status.REGISTERED, None, None)
    assert after.due_at == first.due_at
    assert await notices(town, VERA) == ["returned", "returned"]
    async with town.database.reading() as session:
        page = await finding.queue(session)
    assert [one.id for one in page.incidents] == [first.id, later.id]


async def test_the_turn_keeps_the_reason_and_whose_it_may_be(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await give_back(town, number, whose=town.housing, minutes=20)
    async with town.database.reading() as session:
        [turn] = await turns(session, number)
        assert (turn.body, turn.suggested, turn.reason) == ("Дороги", "ЖКХ", "другая территория")
        assert (turn.ended_by, turn.late_by) == (Step.RETURN, None)
        view = await finding.view(session, number)
        # The body that is said to be right comes first, the one that gave it back last.
        assert [body.name for body in view.suggested] == ["ЖКХ", "Дороги"]


async def test_later_than_the_norm_it_goes_back_as_well_and_is_counted(town: Town, arrive: Arrive) -> None:
    in_time, late = (await arrive(2)).id, (await arrive(3)).id
    async with town.database.reading() as session:
        until = await session.scalar(select(Assignment.return_until).where(Assignment.incident_id == late))
    assert until is not None
    await give_back(town, in_time, minutes=int((until - NOON) / timedelta(minutes=1)))
    await give_back(town, late, minutes=int((until - NOON) / timedelta(minutes=1)) + 70)
    async with town.database.reading() as session:
        assert [one.late_by for one in await turns(session, in_time)] == [None]
        assert [one.late_by for one in await turns(session, late)] == [timedelta(minutes=70)]
        day = NOON + timedelta(days=1)
        assert await late_returns(session, town.roads, since=NOON, until=day) == Returns(2, 1)
        assert await late_returns(session, town.housing, since=NOON, until=day) == Returns(0, 0)
        assert await late_returns(session, town.roads, since=day, until=day) == Returns(0, 0)


async def test_what_cannot_be_said_of_a_return(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    async with town.database.reading() as session:
        silent = await session.scalar(select(Body.id).where(Body.code == "silent"))
    for whose, refusal in (
        (silent, BodyUnreachable),
        (town.roads, SameBody),
        (2**31 - 1, NoSuchBody),
    ):
        with pytest.raises(refusal):
            await give_back(town, number, whose=whose)
    with pytest.raises(ReasonMissing):
        async with town.database.writing() as session:
            await responding.give_back(
                session, incident_id=number, reason=" \x00 ", actor=town.anna, now=NOON
            )
    assert (await reload(town, number)).status is Status.ASSIGNED


async def test_a_body_whose_chat_has_died_is_suggested_no_more(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await give_back(town, number, whose=town.housing)
    async with town.database.writing() as session:
        await session.execute(update(Body).where(Body.id == town.housing).values(chat_state=ChatState.DEAD))
    async with town.database.reading() as session:
        view = await finding.view(session, number)
        assert [body.name for body in view.suggested] == ["Дороги"]
        assert [body.name for body in view.guessed] == ["Дороги", "ЖКХ"]
    with pytest.raises(BodyUnreachable):
        async with town.database.writing() as session:
            await triage.assign(
                session, incident_id=number, body_id=town.housing, actor=town.vera, now=NOON, holder=0
            )


async def test_who_accepts_what_a_colleague_gave_back_reads_who_did(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await give_back(town, number, by="carol", minutes=3)
    with pytest.raises(GivenBack) as refused:
        await accept(town, number)
    assert (refused.value.name, refused.value.at) == ("Карина", NOON + timedelta(minutes=3))


async def test_what_a_colleague_took_is_not_given_back_from_under_their_hands(
    town: Town, arrive: Arrive
) -> None:
    number = (await arrive()).id
    await accept(town, number)
    with pytest.raises(AlreadyTaken) as refused:
        await give_back(town, number, by="carol")
    assert refused.value.name == "Анна"
    async with town.database.writing() as session:
        session.add(
            Membership(
                official_id=town.carol.official_id,
                role=Role.COORDINATOR,
                body_id=town.roads,
                granted_at=NOON,
            )
        )
    async with town.database.writing() as session:
        carol = await actor_of(session, town.carol.telegram_id)
        assert carol is not None
        await responding.give_back(session, incident_id=number, reason="не наше", actor=carol, now=NOON)
    assert (await reload(town, number)).status is Status.REGISTERED


async def test_who_reassigns_what_is_answered_reads_who_answered(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await send(town, await draft(town, number))
    with pytest.raises(MovedOn) as refused:
        async with town.database.writing() as session:
            await responding.hand_over(
                session,
                incident_id=number,
                body_id=town.housing,
                reason="двор",
                actor=town.vera,
                now=NOON,
            )
    assert (refused.value.name, refused.value.status) == ("Анна", Status.APPROVED)


async def test_a_return_is_one_line_of_the_history(town: Town, arrive: Arrive) -> None:
    number = (await arrive()).id
    await give_back(town, number, whose=town.housing)
    async with town.database.reading() as session:
        entry = await session.scalar(
            select(HistoryEntry).where(HistoryEntry.incident_id == number, HistoryEntry.step == Step.RETURN)
        )
        assert entry is not None
        assert (entry.reason, entry.body_id) == ("другая территория", town.roads)
        assert await session.scalar(select(Incident.next_look_at).where(Incident.id == number))
