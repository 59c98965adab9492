"""«Отменить»: what a curator takes back, as if it had not been pressed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incidents import acts, answering, responding, sweeping, triage
from incidents.acts import NotInQueue
from incidents.correcting import Correction, correct
from incidents.errors import BodyUnreachable, IncidentError, NotAllowed, StepNotAllowed
from incidents.labels import SPAM
from incidents.undoing import MovedSince, NothingToUndo, UndoneAlready, UndoTooLate, undo
from models import (
    Assignment,
    Body,
    CardState,
    HistoryEntry,
    Incident,
    Kind,
    Label,
    Outcome,
    Post,
    Prediction,
    Status,
    Step,
)
from tests.conftest import NOON
from tests.incidents.conftest import ANNA, VERA, Arrive, Town
from tests.incidents.steps import card_of, draft, reload, send

SOON = NOON + timedelta(minutes=5)


async def assigned(town: Town, number: int, body_id: int | None = None) -> int:
    async with town.database.writing() as session:
        act = await acts.give(
            session, incident_id=number, body_id=body_id or town.roads, actor=town.vera, now=NOON
        )
        return act.id


async def skipped(town: Town, number: int) -> int:
    async with town.database.writing() as session:
        act = await acts.dismiss(
            session, incident_id=number, reason="реклама", actor=town.vera, now=NOON, teaches=SPAM
        )
        return act.id


async def joined(town: Town, number: int, into: int) -> int:
    async with town.database.writing() as session:
        act = await acts.join(session, incident_id=number, into_id=into, actor=town.vera, now=NOON)
        return act.id


async def taken_back(town: Town, act_id: int, now: datetime = SOON) -> None:
    async with town.database.writing() as session:
        await undo(session, act_id=act_id, actor=town.vera, now=now)


async def taught(town: Town) -> list[str]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(Label).order_by(Label.id))
        return [f"{label.field.value}={label.value}" for label in rows]


async def judged(town: Town) -> list[str]:
    async with town.database.reading() as session:
        return list(await session.scalars(select(Prediction.outcome).order_by(Prediction.id)))


async def steps(town: Town, number: int) -> list[Step]:
    async with town.database.reading() as session:
        return list(
            await session.scalars(
                select(HistoryEntry.step).where(HistoryEntry.incident_id == number).order_by(HistoryEntry.id)
            )
        )


async def nothing_is_forgotten(town: Town) -> None:
    async with town.database.reading() as session:
        assert await sweeping.forgotten(session) == []


async def test_an_assignment_taken_back_leaves_the_deadline(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id, town.housing)
    due_at = (await reload(town, incident.id)).due_at
    assert await taught(town) == ["body=housing"]
    assert await judged(town) == [Outcome.WRONG]
    await taken_back(town, act)
    after = await reload(town, incident.id)
    assert (after.status, after.body_id, after.official_id) == (Status.REGISTERED, None, None)
    assert (after.due_at, after.registered_at) == (due_at, NOON)
    assert await taught(town) == []
    assert await judged(town) == [Outcome.UNKNOWN]
    assert await steps(town, incident.id) == [Step.REGISTER, Step.ASSIGN, Step.UNDO]
    async with town.database.reading() as session:
        turn = await session.scalar(select(Assignment))
        assert turn is not None
        assert (turn.ended_at, turn.ended_by) == (SOON, Step.UNDO)
    curators, bodys = await card_of(town, incident.id, VERA), await card_of(town, incident.id, 103)
    assert curators is not None
    assert (curators.state, curators.for_curators) == (CardState.LIVE, True)
    assert bodys is None or bodys.chat_id == VERA
    await nothing_is_forgotten(town)


async def test_the_bodys_card_is_disarmed(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)
    card = await card_of(town, incident.id, ANNA)
    assert card is not None
    assert card.state is CardState.LIVE
    await taken_back(town, act)
    card = await card_of(town, incident.id, ANNA)
    assert card is not None
    assert card.state is CardState.DISARMED


async def test_what_was_skipped_is_new_again_without_a_clock(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await skipped(town, incident.id)
    assert await taught(town) == ["spam=yes"]
    assert await judged(town) == [Outcome.WRONG]
    await taken_back(town, act)
    after = await reload(town, incident.id)
    assert (after.status, after.due_at) == (Status.NEW, None)
    assert (await taught(town), await judged(town)) == ([], [Outcome.UNKNOWN])
    card = await card_of(town, incident.id, VERA)
    assert card is not None
    assert card.state is CardState.LIVE
    await nothing_is_forgotten(town)


async def test_what_was_returned_and_skipped_keeps_its_clock(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2)
    async with town.database.writing() as session:
        await responding.give_back(
            session, incident_id=incident.id, reason="не наше", actor=town.anna, now=NOON
        )
    due_at = (await reload(town, incident.id)).due_at
    before = await judged(town)
    await taken_back(town, await skipped(town, incident.id))
    after = await reload(town, incident.id)
    assert (after.status, after.due_at) == (Status.REGISTERED, due_at)
    assert (await steps(town, incident.id))[-1] is Step.REOPEN
    assert await judged(town) == before == [Outcome.WRONG]  # the return judged it, and nobody took that back
    await nothing_is_forgotten(town)


async def test_what_was_merged_has_its_posts_back(town: Town, arrive: Arrive) -> None:
    one, other = await arrive(2, unsure=True), await arrive(3, unsure=True)
    act = await joined(town, one.id, other.id)
    await taken_back(town, act)
    after = await reload(town, one.id)
    assert (after.status, after.merged_into_id) == (Status.NEW, None)
    async with town.database.reading() as session:
        assert set(await session.scalars(select(Post.incident_id))) == {one.id, other.id}
    await nothing_is_forgotten(town)


async def test_a_merger_whose_answer_is_on_its_way_stays(town: Town, arrive: Arrive) -> None:
    target, one = await arrive(2), await arrive(3, unsure=True)
    act = await joined(town, one.id, target.id)
    await send(town, await draft(town, target.id))
    with pytest.raises(MovedSince) as refused:
        await taken_back(town, act)
    assert refused.value.number == target.id


async def test_a_merger_into_what_was_merged_further_stays(town: Town, arrive: Arrive) -> None:
    one, middle, last = [await arrive(number, unsure=True) for number in (2, 3, 4)]
    act = await joined(town, one.id, middle.id)
    await joined(town, middle.id, last.id)
    with pytest.raises(MovedSince):
        await taken_back(town, act)


async def test_a_correction_meanwhile_is_no_moving_on_and_stays(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)
    assert await judged(town) == [Outcome.RIGHT]
    async with town.database.writing() as session:
        correction = Correction(kind=Kind.QUESTION, topic="housing")
        await correct(session, correction, incident_id=incident.id, actor=town.vera, now=SOON)
    await taken_back(town, act)
    assert await taught(town) == ["kind=question", "topic=housing"]
    assert await judged(town) == [Outcome.WRONG]  # by the topic, and that stands


@pytest.mark.parametrize("minutes", [10, 11])
async def test_after_ten_minutes_it_stays(town: Town, arrive: Arrive, minutes: int) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)
    now = NOON + timedelta(minutes=minutes)
    if minutes == 10:
        await taken_back(town, act, now)
        return
    with pytest.raises(UndoTooLate):
        await taken_back(town, act, now)
    assert (await reload(town, incident.id)).status is Status.ASSIGNED


async def test_what_somebody_has_moved_stays(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)
    async with town.database.writing() as session:
        await responding.accept(session, incident_id=incident.id, actor=town.anna, now=NOON)
    with pytest.raises(MovedSince):
        await taken_back(town, act)


async def test_moved_and_back_at_the_same_status_is_moved(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await skipped(town, incident.id)
    async with town.database.writing() as session:
        await triage.reopen(session, incident_id=incident.id, actor=town.vera, reason="", now=NOON)
        await triage.skip(session, incident_id=incident.id, reason="шутка", actor=town.vera, now=NOON)
    with pytest.raises(MovedSince):
        await taken_back(town, act)


async def test_nobody_takes_back_what_is_not_theirs(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)
    async with town.database.writing() as session:
        with pytest.raises(NotAllowed):
            await undo(session, act_id=act, actor=town.anna, now=SOON)
        for forged in (act + 1, 2**31 - 1):
            with pytest.raises(NothingToUndo):
                await undo(session, act_id=forged, actor=town.vera, now=SOON)


Transact = Callable[[Any], Awaitable[Any]]


async def both(town: Town, *does: Transact) -> list[IncidentError | None]:
    async def one(do: Transact) -> IncidentError | None:
        try:
            async with town.database.writing() as session:
                await do(session)
        except IncidentError as refusal:
            return refusal
        return None

    return list(await asyncio.gather(*(one(do) for do in does)))


async def test_of_two_undoing_at_once_one_does(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    act = await assigned(town, incident.id)

    def take(session: Any) -> Awaitable[Any]:
        return undo(session, act_id=act, actor=town.vera, now=SOON)

    ends = await both(town, take, take)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "UndoneAlready"]
    assert (await steps(town, incident.id)).count(Step.UNDO) == 1
    with pytest.raises(UndoneAlready):
        await taken_back(town, act)


async def test_of_undoing_and_accepting_one_wins(town: Town, arrive: Arrive) -> None:
    for number in range(2, 6):
        incident = await arrive(number, unsure=True)
        act = await assigned(town, incident.id)
        does: list[Transact] = [
            lambda session, act=act: undo(session, act_id=act, actor=town.vera, now=SOON),  # type: ignore[misc]
            lambda session, number=incident.id: responding.accept(  # type: ignore[misc]
                session, incident_id=number, actor=town.anna, now=SOON
            ),
        ]
        ends = await both(town, *(does if number % 2 else reversed(does)))
        assert sum(end is None for end in ends) == 1
        after = await reload(town, incident.id)
        assert after.status in {Status.REGISTERED, Status.ACCEPTED}
        assert (after.body_id is None) == (after.status is Status.REGISTERED)


async def test_of_two_curators_at_one_card_one_acts(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    ends = await both(
        town,
        lambda session: acts.give(
            session, incident_id=incident.id, body_id=town.roads, actor=town.vera, now=NOON
        ),
        lambda session: acts.dismiss(
            session, incident_id=incident.id, reason="шутка", actor=town.vera, now=NOON
        ),
    )
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "NotInQueue"]


async def test_a_body_without_a_chat_is_refused_and_nothing_is_left(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    async with town.database.reading() as session:
        silent = await session.scalar(select(Body.id).where(Body.code == "silent"))
    assert silent is not None
    with pytest.raises(BodyUnreachable):
        await assigned(town, incident.id, silent)
    assert (await reload(town, incident.id)).status is Status.NEW


async def test_what_a_body_has_is_not_in_the_queue(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2)
    with pytest.raises(NotInQueue):
        await skipped(town, incident.id)
    other = await arrive(3, unsure=True)
    with pytest.raises(NotInQueue):
        await joined(town, incident.id, other.id)


async def test_a_deadline_is_not_merged_away(town: Town, arrive: Arrive) -> None:
    returned, fresh = await arrive(2), await arrive(3, unsure=True)
    async with town.database.writing() as session:
        await responding.give_back(
            session, incident_id=returned.id, reason="не наше", actor=town.anna, now=NOON
        )
    with pytest.raises(StepNotAllowed):
        await joined(town, returned.id, fresh.id)


async def test_the_undone_can_be_done_again_and_answered(town: Town, arrive: Arrive) -> None:
    incident = await arrive(2, unsure=True)
    await taken_back(town, await assigned(town, incident.id, town.housing))
    await assigned(town, incident.id)
    async with town.database.writing() as session:
        await answering.ask_for_answer(
            session, incident_id=incident.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
    assert (await reload(town, incident.id)).status is Status.ACCEPTED
    async with town.database.reading() as session:
        assert (await session.get_one(Incident, incident.id)).body_id == town.roads
