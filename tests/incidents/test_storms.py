"""What is the same thing, and one press for all of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from incidents import acts, bulk, queueing, storms
from incidents.bulk import NobodyChosen, Spot, Task
from incidents.errors import NotAllowed
from incidents.storms import Sign, is_same, same_as, stems
from incidents.undoing import NothingToUndo, UndoTooLate
from models import Incident, OutboxKind, OutboxRow, Post, Status, Step, TriageAct
from tests.conftest import NOON
from tests.incidents.conftest import VERA, Arrive, Town
from tests.incidents.steps import reload

PIT = Sign(1, "roads", "roads.potholes", "Заречный", NOON, "a", stems("Яма на улице Ленина у дома пять"))
SAME_PLACE = replace(PIT, incident_id=2, text_hash="b", words=frozenset())
SPOT = Spot(chat_id=VERA, thread_id=None, message_id=77, subject=1)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"created_at": NOON - timedelta(hours=6)}, True),
        ({"created_at": NOON + timedelta(hours=6)}, True),
        ({"created_at": NOON - timedelta(hours=6, seconds=1)}, False),
        ({"territory": "Верхнереченск"}, False),
        ({"topic": "housing", "subtopic": ""}, False),
        ({"subtopic": ""}, True),
        ({"subtopic": "roads.snow"}, False),
        ({"text_hash": "a", "territory": "", "topic": "other", "created_at": NOON - timedelta(days=9)}, True),
        ({"words": PIT.words, "territory": "Верхнереченск", "created_at": NOON - timedelta(days=9)}, True),
        ({"words": stems("Огромная яма на улицу Ленина у дома пять!"), "territory": ""}, True),
        ({"words": stems("Яма на Мира"), "territory": ""}, False),
    ],
)
def test_what_is_the_same_thing(changes: dict[str, object], same: bool) -> None:  # noqa: FBT001 - a table
    other = replace(SAME_PLACE, **changes)  # type: ignore[arg-type]
    assert is_same(PIT, other) is same
    assert is_same(other, PIT) is same


@pytest.mark.parametrize("changes", [{"territory": ""}, {"topic": "other", "subtopic": ""}])
def test_unknown_is_not_the_same_as_unknown(changes: dict[str, str]) -> None:
    one = replace(SAME_PLACE, **changes)  # type: ignore[arg-type]
    assert not is_same(one, replace(one, incident_id=3, text_hash="c"))


def test_a_few_words_are_said_of_everything() -> None:
    thanks = replace(SAME_PLACE, territory="", words=stems("Спасибо большое всем"))
    assert not is_same(thanks, replace(thanks, incident_id=3, text_hash="c"))


def test_an_empty_text_is_like_nothing() -> None:
    empty = replace(SAME_PLACE, territory="", text_hash="")
    assert not is_same(empty, replace(empty, incident_id=3))


def test_the_subject_is_not_among_its_own() -> None:
    assert same_as(PIT, [PIT, SAME_PLACE]) == [2]


async def storm(town: Town, arrive: Arrive, size: int) -> list[int]:
    """So many waiting incidents of one topic in one territory."""
    return [(await arrive(number + 2, unsure=True, text=f"Снег {number}")).id for number in range(size)]


async def pressed(town: Town, task: Task, numbers: list[int]) -> bulk.Progress:
    async with town.database.writing() as session:
        return await bulk.begin(session, task, numbers, actor=town.vera, spot=SPOT, now=NOON)


async def worked_off(town: Town) -> int:
    """As the scheduler does; how many lots it took."""
    for lots in range(30):
        async with town.database.reading() as session:
            batches = await bulk.owed(session)
        if not batches:
            return lots
        for batch in batches:
            async with town.database.writing() as session:
                await bulk.work_off(session, batch=batch, now=NOON)
    raise AssertionError("never done")


async def statuses(town: Town, numbers: list[int]) -> list[Status]:
    return [(await reload(town, number)).status for number in numbers]


async def test_three_of_a_kind_are_a_storm_and_two_are_none(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 2)

    async def found() -> list[int]:
        async with town.database.reading() as session:
            return await storms.similar(session, numbers[0], official_id=town.vera.official_id, now=NOON)

    assert await found() == []
    numbers.append((await arrive(9, unsure=True, text="Снег девятый")).id)
    assert await found() == numbers[1:]
    async with town.database.writing() as session:
        await acts.give(session, incident_id=numbers[2], body_id=town.roads, actor=town.vera, now=NOON)
    assert await found() == []


async def test_what_a_colleague_is_at_is_not_in_ones_storm(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 4)
    lida = replace(town.vera, official_id=town.boris.official_id)
    async with town.database.writing() as session:
        await queueing.claim(session, incident_id=numbers[3], actor=lida, now=NOON)
        found = await storms.similar(session, numbers[0], official_id=town.vera.official_id, now=NOON)
        assert found == numbers[1:3]
        later = NOON + queueing.LEASE
        found = await storms.similar(session, numbers[0], official_id=town.vera.official_id, now=later)
        assert found == numbers[1:]


async def test_one_press_assigns_all_but_what_moved_meanwhile(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 5)
    async with town.database.writing() as session:
        await acts.give(session, incident_id=numbers[2], body_id=town.housing, actor=town.vera, now=NOON)
    told = await pressed(town, Task(Step.ASSIGN, body_id=town.roads), numbers)
    assert (told.done, told.left, told.ahead, told.total) == (4, 1, 0, 5)
    assert await statuses(town, numbers) == [Status.ASSIGNED] * 5
    assert (await reload(town, numbers[2])).body_id == town.housing


async def test_all_are_merged_into_the_one_shown(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 4)
    told = await pressed(town, Task(Step.MERGE, into_id=numbers[1]), numbers)
    assert (told.done, told.left) == (3, 0)
    async with town.database.reading() as session:
        assert set(await session.scalars(select(Post.incident_id))) == {numbers[1]}
    assert (await reload(town, numbers[1])).status is Status.NEW


async def test_all_are_skipped_for_one_reason(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 3)
    await pressed(town, Task(Step.SKIP, reason="реклама"), numbers)
    assert await statuses(town, numbers) == [Status.SKIPPED] * 3


async def test_a_large_storm_is_worked_off_in_lots_and_says_how_far_it_is(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 45)
    told = await pressed(town, Task(Step.ASSIGN, body_id=town.roads), numbers)
    assert (told.done, told.ahead) == (20, 25)
    # A restart: nothing but the rows is left of it.
    assert await worked_off(town) == 2
    async with town.database.reading() as session:
        told = await bulk.progress(session, told.batch)
        rows = list(
            await session.scalars(
                select(OutboxRow).where(
                    OutboxRow.kind == OutboxKind.NOTICE, OutboxRow.subject == f"bulk:{told.batch}"
                )
            )
        )
    assert (told.done, told.left, told.ahead) == (45, 0, 0)
    assert [row.payload["message_id"] for row in rows] == [77, 77, 77]
    assert set(await statuses(town, numbers)) == {Status.ASSIGNED}


async def test_two_processes_share_the_work(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 60)
    told = await pressed(town, Task(Step.ASSIGN, body_id=town.roads), numbers)

    async def lot() -> None:
        async with town.database.writing() as session:
            await bulk.work_off(session, batch=told.batch, now=NOON)

    await asyncio.gather(lot(), lot())
    await worked_off(town)
    async with town.database.reading() as session:
        assert (await bulk.progress(session, told.batch)).done == 60


async def test_two_curators_with_one_storm_share_it_without_a_knot(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 12)
    told = await asyncio.gather(
        pressed(town, Task(Step.MERGE, into_id=numbers[0]), numbers[1:]),
        pressed(town, Task(Step.MERGE, into_id=numbers[11]), numbers[:11]),
    )
    assert sum(one.done for one in told) >= 10
    assert set(await statuses(town, numbers)) <= {Status.MERGED, Status.NEW}
    async with town.database.reading() as session:
        holders = set(await session.scalars(select(Post.incident_id)))
    assert len(holders) == (await statuses(town, numbers)).count(Status.NEW)


async def test_no_more_than_two_hundred_at_a_press(
    town: Town, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 3)
    numbers = await storm(town, arrive, 5)
    assert (await pressed(town, Task(Step.SKIP, reason="шутка"), numbers)).total == 3
    assert storms.MOST == 200


async def test_nobody_chosen_is_a_refusal(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 1)
    for chosen in ([], numbers):
        with pytest.raises(NobodyChosen):
            await pressed(town, Task(Step.MERGE, into_id=numbers[0]), chosen)
    async with town.database.writing() as session:
        with pytest.raises(NotAllowed):
            await bulk.begin(
                session, Task(Step.SKIP, reason="я"), numbers, actor=town.anna, spot=SPOT, now=NOON
            )


@pytest.mark.parametrize("size", [4, 45])
async def test_all_of_a_press_is_taken_back_but_what_moved_on(town: Town, arrive: Arrive, size: int) -> None:
    numbers = await storm(town, arrive, size)
    told = await pressed(town, Task(Step.MERGE, into_id=numbers[0]), numbers)
    await worked_off(town)
    async with town.database.writing() as session:
        back = await bulk.begin_undo(session, batch=told.batch, actor=town.vera, spot=SPOT, now=NOON)
    await worked_off(town)
    async with town.database.reading() as session:
        back = await bulk.progress(session, back.batch)
        assert (back.done, back.left) == (size - 1, 0)
        assert set(await session.scalars(select(Post.incident_id))) == set(numbers)
    assert set(await statuses(town, numbers)) == {Status.NEW}
    async with town.database.writing() as session:
        for batch in (told.batch, back.batch, 2**31 - 1):
            with pytest.raises(NothingToUndo):
                await bulk.begin_undo(session, batch=batch, actor=town.vera, spot=SPOT, now=NOON)


async def test_a_press_of_long_ago_stays(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 3)
    told = await pressed(town, Task(Step.SKIP, reason="шутка"), numbers)
    async with town.database.writing() as session:
        with pytest.raises(UndoTooLate):
            later = NOON + timedelta(minutes=11)
            await bulk.begin_undo(session, batch=told.batch, actor=town.vera, spot=SPOT, now=later)


async def test_the_first_of_a_press_may_have_been_left(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 3)
    async with town.database.writing() as session:
        await acts.give(session, incident_id=numbers[0], body_id=town.housing, actor=town.vera, now=NOON)
    told = await pressed(town, Task(Step.ASSIGN, body_id=town.roads), numbers)
    async with town.database.writing() as session:
        back = await bulk.begin_undo(session, batch=told.batch, actor=town.vera, spot=SPOT, now=NOON)
    assert (back.done, back.left) == (2, 0)
    assert await statuses(town, numbers) == [Status.ASSIGNED, Status.REGISTERED, Status.REGISTERED]


async def test_who_lost_the_right_goes_on_with_nothing(town: Town, arrive: Arrive) -> None:
    numbers = await storm(town, arrive, 30)
    told = await pressed(town, Task(Step.SKIP, reason="шутка"), numbers)
    async with town.database.writing() as session:
        for act in await session.scalars(select(TriageAct)):
            act.official_id = town.anna.official_id
    await worked_off(town)
    async with town.database.reading() as session:
        told = await bulk.progress(session, told.batch)
        left = await session.scalars(select(Incident.id).where(Incident.status == Status.NEW))
        assert (told.done, told.left, len(list(left))) == (20, 10, 10)
