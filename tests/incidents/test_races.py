"""What two processes do at the same moment on PostgreSQL. SQLite's writers stand in line by themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import answering, contract, intake, publishing, responding, sweeping, triage
from incidents.errors import (
    AlreadyTaken,
    DraftGone,
    HeldAlready,
    IncidentError,
    InvitationRefused,
    ReleasedAlready,
    StepNotAllowed,
)
from incidents.incoming import FoundPost
from incidents.invitations import Newcomer, enter, invite
from models import (
    Answer,
    Incident,
    Language,
    Post,
    PostVersion,
    Publication,
    PublicationState,
    Reminder,
    Role,
    Status,
)
from tests.conftest import NOON
from tests.incidents.conftest import ABOUT_ROADS, ANNA, ON_POSTGRESQL, POTHOLE, Arrive, Town
from tests.incidents.steps import RULES, accept, draft, notices, reload, send

pytestmark = ON_POSTGRESQL
Transact = Callable[[AsyncSession], Awaitable[Any]]


async def race(town: Town, first: Transact, second: Transact) -> Any:
    """The first has done its step, and commits only once the second waits for it or is through.

    Returns how the second ended: what it returned, or its refusal.
    """
    done, ends = asyncio.Event(), list[Any]()

    async def follow() -> None:
        await done.wait()
        try:
            async with town.database.writing() as session:
                ends.append(await second(session))
        except IncidentError as refusal:
            ends.append(refusal)

    async def lead() -> None:
        async with town.database.writing() as session:
            await first(session)
            await session.flush()
            done.set()
            # Nobody but the server knows who waits, and it rings no bell.
            while not ends and not await _somebody_waits(town):  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        group.create_task(follow())
        group.create_task(lead())
    return ends[0]


async def _somebody_waits(town: Town) -> bool:
    async with town.database.reading() as session:
        return bool(await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


async def test_two_publications_settled_at_once_let_the_incident_move_on(town: Town, arrive: Arrive) -> None:
    one, other = await arrive(2), await arrive(3)
    async with town.database.writing() as session:
        await triage.merge(session, incident_id=other.id, into_id=one.id, actor=town.vera, now=NOON)
    await send(town, await draft(town, one.id))
    async with town.database.writing() as session:
        numbers = await publishing.claim(session, networks=["vk"], now=NOON, limit=10)
        for number in numbers:
            await publishing.mark_sending(session, number)

    def settle(number: int) -> Transact:
        return lambda session: publishing.published(
            session, publication_id=number, native_id="r", url="https://vk.com/r", now=NOON
        )

    await race(town, settle(numbers[0]), settle(numbers[1]))
    assert (await reload(town, one.id)).status is Status.ANSWERED


async def test_two_merged_crosswise_do_not_lose_the_problem(town: Town, arrive: Arrive) -> None:
    one, other = await arrive(2), await arrive(3)

    def merge(number: int, into: int) -> Transact:
        return lambda session: triage.merge(
            session, incident_id=number, into_id=into, actor=town.vera, now=NOON
        )

    end = await race(town, merge(one.id, other.id), merge(other.id, one.id))
    assert isinstance(end, StepNotAllowed)
    assert (await reload(town, other.id)).status is Status.ASSIGNED
    async with town.database.reading() as session:
        assert set(await session.scalars(select(Post.incident_id))) == {other.id}


async def test_a_post_found_by_two_feeds_at_once_is_one_incident(town: Town) -> None:
    def take(text: str) -> Transact:
        return lambda session: intake.take_in(
            session, replace(POTHOLE, text=text), ABOUT_ROADS, rules=intake.TriageRules(), now=NOON
        )

    assert await race(town, take("Яма"), take("Яма!")) is None
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Incident)) == 1
        assert await session.scalar(select(Post.text)) == "Яма!"


async def test_an_edit_read_by_two_feeds_at_once_is_kept_once(town: Town, arrive: Arrive) -> None:
    await arrive()

    async def again(session: AsyncSession) -> bool:
        known = await intake.known_posts(session, "vk", [POTHOLE.native_id])
        return await intake.see_again(
            session, known[POTHOLE.native_id], replace(POTHOLE, text="Две ямы"), now=NOON
        )

    assert not await race(town, again, again)
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PostVersion)) == 1


async def test_the_second_to_accept_reads_who_was_first(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    end = await race(
        town,
        lambda session: responding.accept(session, incident_id=incident.id, actor=town.anna, now=NOON),
        lambda session: responding.accept(session, incident_id=incident.id, actor=town.carol, now=NOON),
    )
    assert isinstance(end, AlreadyTaken)
    assert end.name == "Анна"


async def test_an_invitation_opens_once_even_if_two_press_at_the_same_moment(town: Town) -> None:
    async with town.database.writing() as session:
        await invite(session, token="t" * 32, role=Role.CURATOR, by=town.vera, now=NOON)

    def press(telegram_id: int) -> Transact:
        who = Newcomer(
            telegram_id=telegram_id, name="Н", username="", language=Language.RU, chat_id=telegram_id
        )
        return lambda session: enter(session, token="t" * 32, who=who, now=NOON)

    assert isinstance(await race(town, press(901), press(902)), InvitationRefused)


async def test_two_sweeps_at_once_remind_once(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    later = NOON + timedelta(hours=12)

    async def look(session: AsyncSession) -> None:
        await sweeping.look_at(session, incident_id=incident.id, now=later)

    await race(town, look, look)
    assert await notices(town, ANNA) == ["reminder"]
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Reminder)) == 1


async def test_two_drafts_at_once_are_two_versions(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await accept(town, incident.id)

    async def write(session: AsyncSession) -> Answer:
        prompt = await answering.ask_for_answer(
            session, incident_id=incident.id, actor=town.anna, chat_id=ANNA, thread_id=None, now=NOON
        )
        return await answering.write_draft(
            session, prompt=prompt, text="т", photos=[], actor=town.anna, thread_id=None, now=NOON
        )

    await race(town, write, write)
    async with town.database.reading() as session:
        assert list(await session.scalars(select(Answer.version).order_by(Answer.version))) == [1, 2]


async def test_a_draft_discarded_while_it_is_sent_is_sent(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    answer_id = await draft(town, incident.id)
    end = await race(
        town,
        lambda session: answering.send_answer(
            session, answer_id=answer_id, actor=town.anna, rules=RULES, now=NOON
        ),
        lambda session: answering.discard_draft(session, answer_id=answer_id, actor=town.anna, now=NOON),
    )
    assert isinstance(end, DraftGone)


async def test_what_is_taken_back_is_not_called_out(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    async with town.database.reading() as session:
        number = await session.scalar(select(Publication.id))
    assert number is not None

    async def call(session: AsyncSession) -> str:
        try:
            await publishing.mark_sending(session, number)
        except publishing.NotWantedAnyMore:
            return "not called"
        return "called"

    end = await race(
        town,
        lambda session: publishing.take_back(
            session, incident_id=incident.id, reason="опечатка", actor=town.anna, now=NOON
        ),
        call,
    )
    assert end == "not called"
    async with town.database.reading() as session:
        assert await session.scalar(select(Publication.state)) is PublicationState.TAKEN_BACK


SEEN = FoundPost(
    network="vk",
    native_id="wall-1_2_r50",
    root_id="wall-1_2",
    text="Заделаем до пятницы.",
    url="https://vk.com/wall-1_2?reply=50",
    posted_at=NOON,
    by_community=True,
)


def see(found: FoundPost) -> Transact:
    return lambda session: intake.take_in(session, found, ABOUT_ROADS, rules=intake.TriageRules(), now=NOON)


async def _sent(town: Town, arrive: Arrive) -> tuple[int, int]:
    """An incident whose answer is leaving, and the publication."""
    incident = await arrive()
    await send(town, await draft(town, incident.id, SEEN.text))
    async with town.database.writing() as session:
        (number,) = await publishing.claim(session, networks=["vk"], now=NOON, limit=1)
    return incident.id, number


async def _answers(town: Town) -> list[tuple[str, str | None]]:
    async with town.database.reading() as session:
        rows = await session.scalars(select(Publication).order_by(Publication.id))
        return [(one.state.value, one.how.value if one.how else None) for one in rows]


@pytest.mark.parametrize("seen_first", [True, False])
async def test_our_answer_confirmed_and_seen_at_once_is_one(
    town: Town, arrive: Arrive, *, seen_first: bool
) -> None:
    incident_id, number = await _sent(town, arrive)
    async with town.database.writing() as session:
        await publishing.mark_sending(session, number)

    async def confirm(session: AsyncSession) -> None:
        await publishing.published(
            session, publication_id=number, native_id=SEEN.native_id, url=SEEN.url, now=NOON
        )

    pair = (see(SEEN), confirm) if seen_first else (confirm, see(SEEN))
    assert await race(town, *pair) is None
    assert await _answers(town) == [("published", "program")]
    assert (await reload(town, incident_id)).status is Status.ANSWERED


async def test_a_call_is_not_made_once_a_person_answered(town: Town, arrive: Arrive) -> None:
    incident_id, number = await _sent(town, arrive)

    async def call(session: AsyncSession) -> str:
        try:
            await publishing.mark_sending(session, number)
        except publishing.NotWantedAnyMore:
            return "not called"
        return "called"

    assert await race(town, see(replace(SEEN, text="Сделано вчера.")), call) == "not called"
    assert await _answers(town) == [("taken_back", None), ("published", "noticed")]
    assert (await reload(town, incident_id)).status is Status.ANSWERED


async def test_a_call_that_is_being_made_is_kept_when_a_person_answered(town: Town, arrive: Arrive) -> None:
    incident_id, number = await _sent(town, arrive)
    await race(
        town,
        lambda session: publishing.mark_sending(session, number),
        see(replace(SEEN, text="Сделано вчера.")),
    )
    assert await _answers(town) == [("sending", None), ("published", "noticed")]
    assert (await reload(town, incident_id)).status is Status.ANSWERED


@pytest.mark.parametrize("seen_first", [True, False])
async def test_an_answer_sent_and_another_noticed_at_once_leave_one(
    town: Town, arrive: Arrive, *, seen_first: bool
) -> None:
    incident = await arrive()
    answer_id = await draft(town, incident.id)

    async def press(session: AsyncSession) -> None:
        await answering.send_answer(session, answer_id=answer_id, actor=town.anna, rules=RULES, now=NOON)

    notice = see(replace(SEEN, text="Сделано вчера."))
    end = await race(town, *((notice, press) if seen_first else (press, notice)))
    assert isinstance(end, DraftGone | StepNotAllowed) == seen_first
    assert [state for state, _ in await _answers(town)] == (
        ["published"] if seen_first else ["taken_back", "published"]
    )
    assert (await reload(town, incident.id)).status is Status.ANSWERED


async def test_an_answer_noticed_while_its_incident_is_merged_answers_the_other(
    town: Town, arrive: Arrive
) -> None:
    one, other = await arrive(2), await arrive(3)
    await race(
        town,
        lambda session: triage.merge(
            session, incident_id=one.id, into_id=other.id, actor=town.vera, now=NOON
        ),
        see(SEEN),
    )
    assert (await reload(town, one.id)).status is Status.MERGED
    assert (await reload(town, other.id)).status is Status.ANSWERED


async def test_what_is_being_called_out_is_not_taken_back(town: Town, arrive: Arrive) -> None:
    incident = await arrive()
    await send(town, await draft(town, incident.id))
    async with town.database.reading() as session:
        number = await session.scalar(select(Publication.id))
    assert number is not None
    end = await race(
        town,
        lambda session: publishing.mark_sending(session, number),
        lambda session: publishing.take_back(
            session, incident_id=incident.id, reason="", actor=town.anna, now=NOON
        ),
    )
    assert isinstance(end, StepNotAllowed)
    assert (await reload(town, incident.id)).status is Status.APPROVED


async def test_two_curators_who_release_a_topic_at_once_release_it_once(town: Town) -> None:
    async with town.database.writing() as session:
        hold = await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)

    async def release(session: AsyncSession) -> Any:
        return await contract.release_topic(session, hold.id, actor=town.vera, now=NOON)

    assert isinstance(await race(town, release, release), ReleasedAlready)


async def test_a_topic_handed_over_by_two_at_once_is_held_once(town: Town) -> None:
    async def hold(session: AsyncSession) -> Any:
        return await contract.hold_topic(session, "roads", actor=town.vera, now=NOON)

    assert isinstance(await race(town, hold, hold), HeldAlready)
    async with town.database.reading() as session:
        assert list(await contract.open_holds(session)) == ["roads"]
