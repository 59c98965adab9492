"""Links that people brought are read back: what is there is confirmed, what is not is told, nothing is reopened."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.links import LinkChecks
from collectors.contract import Link, NetworkError, Outcome, Published, Reply
from incidents import direct, sweeping
from incidents.people import actor_of
from models import (
    Body,
    Incident,
    Kind,
    OutboxKind,
    OutboxRow,
    Post,
    Priority,
    Publication,
    ReplyCapability,
    Status,
)
from models.database import Database
from tests.bot.bot_stage import ANNA, VERA
from tests.conftest import NOON, MovableClock

LINK = Link("vk", "wall-1_2_r9", "wall-1_2")
URL = "https://vk.com/wall-1_2?reply=9"
DOUBT = [(ANNA, "link_doubtful"), (VERA, "link_doubtful")]


@pytest.fixture
async def brought(region: Database) -> Database:
    """Anna answered by hand and brought the link."""
    async with region.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        incident = Incident(
            status=Status.ASSIGNED,
            kind=Kind.COMPLAINT,
            topic="roads",
            priority=Priority.ORDINARY,
            body_id=body.id,
            created_at=NOON,
            registered_at=NOON,
            due_at=NOON + timedelta(hours=24),
        )
        session.add(incident)
        await session.flush()
        session.add(
            Post(
                network="vk",
                native_id="wall-1_2",
                url="https://vk.com/wall-1_2",
                text="Яма",
                author_name="Иван",
                reply_capability=ReplyCapability.MANUAL,
                posted_at=NOON,
                collected_at=NOON,
                incident_id=incident.id,
            )
        )
        anna = await actor_of(session, ANNA)
        assert anna is not None
        await direct.bring_link(
            session,
            incident_id=incident.id,
            link=URL,
            parse=lambda url: LINK if url == URL else None,
            kinds={},
            actor=anna,
            now=NOON,
        )
    return region


class Reader:
    """A network that is asked for what links name; the last of its answers holds for ever."""

    def __init__(self, *answers: Published | Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Link, Reply]] = []

    async def __call__(self, link: Link, reply: Reply) -> Published | None:
        self.asked.append((link, reply))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def ask(database: Database, reader: Reader, clock: MovableClock, *, times: int = 1) -> None:
    checks = LinkChecks(database, {"vk": reader}, read=lambda _: LINK, clock=clock)
    for _ in range(times):
        await checks.look()
        clock.forward(hours=2)


async def told(database: Database) -> list[tuple[int, str]]:
    async with database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow).where(OutboxRow.kind == OutboxKind.NOTICE).order_by(OutboxRow.chat_id)
        )
        return [(row.chat_id, str(row.payload["key"])) for row in rows]


async def publication(database: Database) -> Publication:
    async with database.reading() as session:
        return (await session.scalars(select(Publication))).one()


async def status(database: Database) -> Status:
    async with database.reading() as session:
        return (await session.scalars(select(Incident.status))).one()


async def test_a_link_that_is_confirmed_is_asked_about_once(brought: Database, clock: MovableClock) -> None:
    reader = Reader(Published("wall-1_2_r9", "https://vk.com/wall-1_2?reply=9&thread=3"))
    await ask(brought, reader, clock, times=3)
    [(link, reply)] = reader.asked
    assert (link, reply.post_id, reply.text, reply.author_name) == (LINK, "wall-1_2", "", "Иван")
    assert (await publication(brought)).url == "https://vk.com/wall-1_2?reply=9&thread=3"
    assert await told(brought) == []


async def test_where_nobody_can_tell_the_persons_word_stands(brought: Database, clock: MovableClock) -> None:
    """An answer on a stranger's wall, which no key of ours may read."""
    reader = Reader(NetworkError("not ours to read", outcome=Outcome.NEVER))
    await ask(brought, reader, clock, times=3)
    assert len(reader.asked) == 1
    assert (await publication(brought)).url == URL
    assert [key for _, key in await told(brought) if "link" in key] == []


@pytest.mark.parametrize("no", [None, NetworkError("deleted", outcome=Outcome.GONE)])
async def test_a_link_without_an_answer_is_told_after_a_second_look_and_nothing_is_reopened(
    brought: Database, clock: MovableClock, no: Exception | None
) -> None:
    reader = Reader(no)
    await ask(brought, reader, clock)
    assert await told(brought) == []
    await ask(brought, reader, clock, times=4)
    assert len(reader.asked) == 2
    assert await told(brought) == DOUBT
    assert await status(brought) is Status.ANSWERED


async def test_a_comment_that_appears_at_the_second_look_is_well(
    brought: Database, clock: MovableClock
) -> None:
    reader = Reader(None, Published("wall-1_2_r9", URL))
    await ask(brought, reader, clock, times=3)
    assert (len(reader.asked), (await publication(brought)).error) == (2, "")
    assert await told(brought) == []


@pytest.mark.parametrize(
    "trouble",
    [
        NetworkError("busy", outcome=Outcome.LATER, retry_after=timedelta(minutes=30)),
        NetworkError("token", outcome=Outcome.STOP),
        KeyError("response"),
        TimeoutError(),
    ],
)
async def test_a_network_in_trouble_says_nothing_of_the_link(
    brought: Database, clock: MovableClock, trouble: Exception
) -> None:
    reader = Reader(trouble, trouble, trouble, Published("wall-1_2_r9", URL))
    await ask(brought, reader, clock, times=4)
    assert len(reader.asked) == 4
    assert ((await publication(brought)).attempts, await told(brought)) == (1, [])


async def test_a_network_is_not_asked_before_the_time_it_wanted(
    brought: Database, clock: MovableClock
) -> None:
    reader = Reader(NetworkError("busy", outcome=Outcome.LATER, retry_after=timedelta(hours=3)))
    await ask(brought, reader, clock, times=2)
    assert len(reader.asked) == 1


async def test_what_a_closed_incident_was_answered_with_is_asked_no_more(
    brought: Database, clock: MovableClock
) -> None:
    async with brought.writing() as session:
        number = (await session.scalars(select(Incident.id))).one()
        await sweeping.look_at(session, incident_id=number, now=NOON + timedelta(days=60))
    assert await status(brought) is Status.CLOSED
    reader = Reader(None)
    await ask(brought, reader, clock)
    assert reader.asked == []
