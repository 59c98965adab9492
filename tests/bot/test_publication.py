"""An answer is published at most once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.photos import PhotoOf, PhotoUnavailableError, from_telegram
from bot.publication import PublicationDesk
from collectors.contract import NetworkError, Outcome, Photo, Published, Reply
from incidents.booking import book_publications
from models import (
    Alarm,
    Answer,
    AnswerState,
    Body,
    Incident,
    Kind,
    OutboxKind,
    OutboxRow,
    Post,
    Priority,
    Publication,
    PublicationState,
    PublishedHow,
    ReplyCapability,
    Status,
)
from models.database import Database
from tests.bot.bot_stage import TOKEN, Served, until
from tests.conftest import NOON, MovableClock

URL = "https://vk.com/wall-1_2?reply=3"


class Network:
    """A wall of one network: `wall` holds what stands there, `trouble` what the next calls end in."""

    network = "vk"
    text_limit = 4096

    def __init__(self, *, idempotent: bool = True, photos_limit: int = 0) -> None:
        self.idempotent = idempotent
        self.photos_limit = photos_limit
        self.replies: list[Reply] = []
        self.wall: list[str] = []
        self.calls: list[str] = []
        self.trouble: list[Exception | str] = []
        self.finding: list[Exception] = []

    def measure(self, text: str) -> int:
        return len(text)

    def objection(self, text: str) -> str:
        return ""

    async def publish(self, reply: Reply) -> Published:
        self.calls.append("publish")
        self.replies.append(reply)
        what = self.trouble.pop(0) if self.trouble else None
        if isinstance(what, Exception) and not getattr(what, "maybe_done", False):
            raise what
        if what == "killed before":
            raise asyncio.CancelledError
        if reply.key not in self.wall or not self.idempotent:
            self.wall.append(reply.key)
        if what == "killed after":
            raise asyncio.CancelledError
        if isinstance(what, Exception):
            raise what
        return Published("wall-1_2_r3", URL)

    async def find(self, reply: Reply) -> Published | None:
        self.calls.append("find")
        if self.finding:
            raise self.finding.pop(0)
        return Published("wall-1_2_r3", URL) if reply.key in self.wall else None


def lost() -> NetworkError:
    return NetworkError("time-out", outcome=Outcome.LATER, maybe_done=True)


@pytest.fixture
async def booked(region: Database) -> int:
    """An approved answer under one post; the publication's number."""
    async with region.writing() as session:
        body = await session.scalar(select(Body).where(Body.code == "roads"))
        assert body is not None
        incident = Incident(
            status=Status.APPROVED,
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
                author_name="Иван Петров",
                reply_capability=ReplyCapability.API,
                posted_at=NOON,
                collected_at=NOON,
                incident_id=incident.id,
            )
        )
        answer = Answer(
            incident_id=incident.id, version=1, state=AnswerState.SUBMITTED, text="Заделаем", created_at=NOON
        )
        session.add(answer)
        await session.flush()
        await book_publications(session, incident, answer, now=NOON)
        return (await session.scalars(select(Publication.id))).one()


@asynccontextmanager
async def at_work(
    database: Database, network: Network, clock: MovableClock, *, photo_of: PhotoOf | None = None
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    desk = PublicationDesk(database, {"vk": network}, clock=clock, photo_of=photo_of)
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run(stop))
        try:
            yield
        finally:
            stop.set()


async def publication(database: Database) -> Publication:
    async with database.reading() as session:
        return (await session.scalars(select(Publication))).one()


async def status(database: Database) -> Status:
    async with database.reading() as session:
        return (await session.scalars(select(Incident.status))).one()


async def becomes(database: Database, state: PublicationState, *, clock: MovableClock | None = None) -> None:
    """Wait for the state; with `clock`, time goes on while we wait."""

    async def reached() -> bool:
        if clock is not None:
            clock.forward(minutes=5)
        return (await publication(database)).state is state

    await until(reached)


async def test_an_answer_is_published_and_the_clock_stops(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED)
    row = await publication(region)
    assert (network.calls, row.url, row.how) == (["publish"], URL, PublishedHow.PROGRAM)
    assert network.replies[0].author_name == "Иван Петров"
    assert await status(region) is Status.ANSWERED


@pytest.mark.parametrize("idempotent", [True, False])
async def test_an_answer_lost_on_the_way_back_is_found_and_not_repeated(
    region: Database, booked: int, clock: MovableClock, *, idempotent: bool
) -> None:
    network = Network(idempotent=idempotent)
    network.trouble = [lost()]
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED, clock=clock)
    assert (network.calls, len(network.wall)) == (["publish", "find"], 1)


async def test_while_it_is_unknown_it_stays_sending(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    network.trouble = [lost()]
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.SENDING)
        await until(lambda: network.calls == ["publish"])
    assert (await publication(region)).state is PublicationState.SENDING


@pytest.mark.parametrize("idempotent", [True, False])
async def test_killed_after_the_call_it_is_read_back_first(
    region: Database, booked: int, clock: MovableClock, *, idempotent: bool
) -> None:
    network = Network(idempotent=idempotent)
    network.trouble = ["killed after"]
    async with at_work(region, network, clock):
        await until(lambda: network.wall)
    assert (await publication(region)).state is PublicationState.SENDING
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED)
    assert (network.calls, len(network.wall)) == (["publish", "find"], 1)


async def test_killed_before_the_call_an_idempotent_network_is_asked_again(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    network.trouble = ["killed before"]
    async with at_work(region, network, clock):
        await until(lambda: network.calls)
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED)
    assert network.calls == ["publish", "find", "publish"]


async def test_killed_before_the_call_elsewhere_a_person_decides(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network(idempotent=False)
    network.trouble = ["killed before"]
    async with at_work(region, network, clock):
        await until(lambda: network.calls)
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.STUCK)
    assert (network.calls, network.wall) == (["publish", "find"], [])


async def test_a_thread_that_cannot_be_read_back_is_not_written_to(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    network.trouble = [lost()]
    network.finding = [
        NetworkError("busy", outcome=Outcome.LATER),
        NetworkError("busy", outcome=Outcome.LATER),
    ]
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED, clock=clock)
    assert network.calls == ["publish", "find", "find", "find"]


async def test_later_means_the_time_the_network_asked_for(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    network.trouble = [NetworkError("slow", outcome=Outcome.LATER, retry_after=timedelta(hours=2))]
    async with at_work(region, network, clock):

        async def is_put_off() -> bool:
            return (await publication(region)).error == "slow"

        await until(is_put_off)
        row = await publication(region)
        assert (row.state, row.not_before >= NOON + timedelta(hours=2)) == (PublicationState.WAITING, True)
        clock.forward(hours=3)
        await becomes(region, PublicationState.PUBLISHED)


@pytest.mark.parametrize(
    ("outcome", "state", "then"),
    [
        (Outcome.REFUSED, PublicationState.REFUSED, Status.REWORK),
        (Outcome.GONE, PublicationState.GONE, Status.SOURCE_GONE),
        (Outcome.NEVER, PublicationState.STUCK, Status.APPROVED),
    ],
)
async def test_what_cannot_be_published_goes_to_a_person(
    region: Database,
    booked: int,
    clock: MovableClock,
    outcome: Outcome,
    state: PublicationState,
    then: Status,
) -> None:
    network = Network()
    network.trouble = [NetworkError("no", outcome=outcome)]
    async with at_work(region, network, clock):
        await becomes(region, state)
    assert (await status(region), network.calls) == (then, ["publish"])


async def test_a_stopped_network_is_one_alarm(region: Database, booked: int, clock: MovableClock) -> None:
    network = Network()
    network.trouble = [NetworkError("token", outcome=Outcome.STOP) for _ in range(3)]
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED, clock=clock)

        async def is_cleared() -> bool:
            async with region.reading() as session:
                alarms = list(await session.scalars(select(Alarm)))
                return [alarm.key for alarm in alarms if alarm.cleared_at] == ["publish:vk"]

        await until(is_cleared)
    assert network.calls == ["publish"] * 4


async def test_a_connector_that_breaks_is_taken_for_an_unknown_outcome(
    region: Database, booked: int, clock: MovableClock
) -> None:
    network = Network()
    network.trouble = [KeyError("response")]
    async with at_work(region, network, clock):
        await becomes(region, PublicationState.PUBLISHED, clock=clock)
    assert network.calls == ["publish", "find", "publish"]


JPEG, PNG = b"\xff\xd8\xff\xe0 picture", b"\x89PNG\r\n\x1a\n picture"


class Album:
    """Telegram's files: what each try gives for a file id."""

    def __init__(self, *given: bytes | Exception) -> None:
        self.given = list(given)
        self.asked: list[str] = []

    async def __call__(self, file_id: str) -> bytes:
        self.asked.append(file_id)
        one = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        if isinstance(one, Exception):
            raise one
        return one


async def attach(database: Database, *file_ids: str) -> None:
    async with database.writing() as session:
        await session.execute(update(Answer).values(photos=list(file_ids)))


async def test_photos_go_where_the_network_takes_them(
    region: Database, booked: int, clock: MovableClock
) -> None:
    await attach(region, "f1", "f2", "f3")
    network, album = Network(photos_limit=2), Album(JPEG, PNG, JPEG)
    async with at_work(region, network, clock, photo_of=album):
        await becomes(region, PublicationState.PUBLISHED)
    assert album.asked == ["f1", "f2"]
    assert network.replies[0].photos == (Photo(JPEG, "image/jpeg"), Photo(PNG, "image/png"))


async def test_photos_that_the_network_does_not_take_are_not_fetched(
    region: Database, booked: int, clock: MovableClock
) -> None:
    await attach(region, "f1")
    network, album = Network(), Album(JPEG)
    async with at_work(region, network, clock, photo_of=album):
        await becomes(region, PublicationState.PUBLISHED)
    assert (album.asked, network.replies[0].photos) == ([], ())
    assert await told(region) == []


async def told(database: Database) -> list[str]:
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.kind == OutboxKind.NOTICE))
        return [str(row.payload["key"]) for row in rows]


async def test_a_photo_that_comes_late_is_waited_for_before_anything_is_sent(
    region: Database, booked: int, clock: MovableClock
) -> None:
    await attach(region, "f1")
    network, album = Network(photos_limit=1), Album(PhotoUnavailableError("busy"), JPEG)
    async with at_work(region, network, clock, photo_of=album):

        async def put_off() -> bool:
            return (await publication(region)).error == "busy"

        await until(put_off)
        assert (network.calls, (await publication(region)).state) == ([], PublicationState.WAITING)
        await becomes(region, PublicationState.PUBLISHED, clock=clock)
    assert network.replies[0].photos == (Photo(JPEG),)
    assert await told(region) == []


@pytest.mark.parametrize("given", [PhotoUnavailableError("gone"), b"GIF89a"])
async def test_photos_that_cannot_be_had_hold_up_no_answer_for_ever(
    region: Database, booked: int, clock: MovableClock, given: bytes | Exception
) -> None:
    await attach(region, "f1")
    network = Network(photos_limit=1)
    async with at_work(region, network, clock, photo_of=Album(given)):
        await becomes(region, PublicationState.PUBLISHED, clock=clock)
    assert network.replies[0].photos == ()
    assert await told(region) == ["photos_left_out"]


async def test_telegram_gives_the_bytes_of_a_photo_and_no_token_in_its_refusals(telegram: Served) -> None:
    stored = telegram.world.files.add("photo", JPEG)
    async with telegram.bot() as bot:
        fetch = from_telegram(bot)
        assert await fetch(stored.file_id) == JPEG
        with pytest.raises(PhotoUnavailableError) as refusal:
            await fetch("no such file")
    assert TOKEN not in str(refusal.value)
    async with Served("http://127.0.0.1:9", telegram.world).bot(patience=1) as nobody:
        with pytest.raises(PhotoUnavailableError) as refusal:
            await from_telegram(nobody)(stored.file_id)
    assert TOKEN not in str(refusal.value)
