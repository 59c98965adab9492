"""One fault in one network while the others go on: what is expected, and one such cell played."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from collectors.contract import NetworkError, Outcome, Publisher
from models import Incident, PublicationState, Status
from tests.scenarios.network_lines import LINES
from tests.scenarios.network_program import Doing, HeardPublisher
from tests.scenarios.network_stage import Stage, network_stage
from tests.scenarios.network_world import Line, Where

NOTHING: Final = "–"
QUICK: Final = 0.5  # seconds the ill network's calls may take where they are to run out of time
PATIENT: Final = 30.0
MOST_TRIES: Final = 6
MOST_CALLS: Final = 50  # in one reading: an endless list must not go on for ever
LONGEST_CELL: Final = 90.0  # seconds


Swap = Callable[[Publisher], Publisher]
"""A network's own way back → another, for a test that the matrix can fail."""


class CellFailedError(Exception):
    """What was promised and is not so."""


@dataclass(frozen=True)
class Expected:
    """`outcome` None: nothing is refused. `ends`: what has become of the first answer when all is well again."""

    outcome: Outcome | None
    ends: PublicationState = PublicationState.PUBLISHED

    def __str__(self) -> str:
        person = " · person" if self.ends is PublicationState.STUCK else ""
        return f"{self.outcome.value if self.outcome else 'ends'}{person}"


LATER: Final = Expected(Outcome.LATER)
STOP: Final = Expected(Outcome.STOP)
GONE: Final = Expected(Outcome.GONE, PublicationState.GONE)
ENDS: Final = Expected(None)
# The call may have been made and has not: only a network with a key of its own (VK) may be asked again.
PERSON: Final = Expected(Outcome.LATER, PublicationState.STUCK)
BY_KEY: Final[Mapping[str, Expected | None]] = {"vk": LATER}


@dataclass(frozen=True)
class Row:
    """`but`: networks for which something else is right; None: there is no such thing."""

    title: str
    what: str
    where: Where
    expected: Expected
    but: Mapping[str, Expected | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.what}/{self.where}"

    @property
    def full_title(self) -> str:
        return f"{self.title}, {'reading' if self.where == 'read' else 'answering'}"

    def of(self, network: str) -> Expected | None:
        return self.but.get(network, self.expected)


ROWS: Final[tuple[Row, ...]] = (
    Row("limit reached", "limit", "read", LATER),
    Row("limit reached", "limit", "write", LATER),
    Row("bare HTTP 429", "429", "read", LATER),
    Row("bare HTTP 429", "429", "write", PERSON, BY_KEY),
    Row("token expired", "expired_token", "read", STOP),
    Row("token expired", "expired_token", "write", STOP),
    Row("rights revoked", "revoked_rights", "read", STOP),
    Row("rights revoked", "revoked_rights", "write", STOP),
    Row("200 with an error", "200_with_error", "read", LATER),
    Row("200 with an error", "200_with_error", "write", PERSON, BY_KEY),
    Row("garbage for JSON", "garbage", "read", LATER),
    Row("garbage for JSON", "garbage", "write", PERSON, BY_KEY),
    Row("body cut short", "cut_body", "read", LATER),
    Row("body cut short, done", "cut_body", "write", LATER),
    Row("endless cursor", "endless_cursor", "read", ENDS),
    Row("endless cursor when reading back", "endless_cursor", "write", LATER),
    Row("captcha, or account locked", "captcha", "read", STOP),
    Row("captcha, or account locked", "captcha", "write", STOP),
    Row("HTTP 500", "http_500", "read", LATER),
    Row("HTTP 500", "http_500", "write", PERSON, BY_KEY),
    Row("message deleted meanwhile", "deleted", "write", GONE),
    Row("time-out", "done_then_timeout", "read", LATER),
    Row("time-out, done", "done_then_timeout", "write", LATER),
)


def words(network: str) -> str:
    return f"Яму засыпем до пятницы — «{network}» проверит. Ещё ждём: ёлки, 100 % 👷"


class Cell:
    """One fault in one network, played from the message to the answer."""

    def __init__(self, stage: Stage, row: Row, network: str, publisher: Swap | None = None) -> None:
        self._row, self._network = row, network
        self._line: Line = stage.lines[network]
        self._lines, self._program, self._clock = stage.lines, stage.program, stage.clock
        self._expected = row.of(network) or ENDS
        self._ids: dict[str, str] = {}
        self._but: dict[str, Publisher] = {}
        if publisher is not None:
            swapped = publisher(stage.program.publishers[network])
            self._but = {network: HeardPublisher(swapped, stage.program.heard)}

    async def play(self) -> None:
        """Raises:
        CellFailedError: something that was promised is not so.
        """
        await self._program.read()
        self._pass(seconds=61)
        _check(not self._program.heard, f"refused before anything was wrong: {self._program.heard}")
        self._ids = {name: await line.offer(f"Яма: {name}") for name, line in self._lines.items()}
        await (self._reading() if self._row.where == "read" else self._answering())
        await self._others_are_undisturbed()
        await self._line.clear()
        await self._recover()
        await self._ended()
        await self._nothing_is_lost()

    async def _reading(self) -> None:
        await self._line.fault(self._row.what, where="read")
        before = await self._line.calls()
        await self._program.read()
        self._met("read")
        if self._row.what == "endless_cursor":
            await self._went_round(await self._line.calls() - before)
        stored = await self._program.posts(network=self._network, native_id=self._ids[self._network])
        _check(
            bool(stored) == (self._expected.outcome is None), "what could not be read is stored, or reverse"
        )
        await self._program.respond(words)
        await self._program.publish(but=self._but)

    async def _went_round(self, calls: int) -> None:
        """The list had no end, and yet the reading came to one."""
        _check(calls > self._line.calls_to_read, "the cursor was followed nowhere: there was no fault")
        _check(calls < MOST_CALLS, f"{calls} calls to read one message")

    async def _answering(self) -> None:
        await self._program.read()
        await self._program.respond(words)
        await self._strike()
        await self._program.publish(but=self._but)
        self._met("publish")

    async def _strike(self) -> None:
        if self._row.what == "deleted":
            await self._line.delete(self._ids[self._network])
        elif self._row.what == "endless_cursor":
            await self._line.fault("done_then_timeout", where="write")
        else:
            await self._line.fault(self._row.what, where="write")

    def _met(self, doing: Doing) -> None:
        """The network's folder said of the fault what it should, and the others said nothing."""
        for one in self._program.heard:
            _check(isinstance(one.error, NetworkError), f"{one.network} let out {one.error!r}")
        told = {
            (one.network, one.error.outcome)
            for one in self._program.heard
            if one.doing == doing and isinstance(one.error, NetworkError)
        }
        wanted = {(self._network, self._expected.outcome)} if self._expected.outcome else set()
        _check(told == wanted, f"expected {wanted or 'no refusal'}, heard {told or 'none'}")
        for one in self._program.heard:
            error = one.error
            waits = (
                not isinstance(error, NetworkError) or error.outcome is not Outcome.LATER or error.retry_after
            )
            _check(bool(waits), f"LATER without saying when: {error}")

    async def _others_are_undisturbed(self) -> None:
        """Stored and answered while the fault lasted."""
        for name, line in self._lines.items():
            if name == self._network:
                continue
            state = (await self._program.publication(network=name)).state
            _check(state is PublicationState.PUBLISHED, f"{name} was disturbed: its answer is {state.value}")
            _check(await line.answers(self._ids[name]) == [words(name)], f"{name} was disturbed")
            feeds = await self._program.feeds(network=name)
            _check(not any(feed.failures for feed in feeds), f"{name} was disturbed: it cannot be read")

    async def _recover(self) -> None:
        """Jump from try to try until nothing waits any more."""
        if self._row.key == "endless_cursor/write":
            await self._line.fault("endless_cursor", where="read")
        for _ in range(MOST_TRIES):
            due = await self._program.due(self._network)
            if not due:
                break
            _check(max(due) > self._clock(), "tried again at once, without a pause")
            if self._expected.outcome is Outcome.STOP:
                _check(max(due) - self._clock() > timedelta(minutes=5), "hammers although it must stop")
            self._clock.now = max(due)
            # Before the feeds are read, which would bring our own answer and settle what is unknown.
            await self._program.publish(but=self._but)
            await self._program.read()
            await self._program.respond(words)
            await self._program.publish(but=self._but)
        await self._line.clear()
        _check(not await self._program.due(self._network), "never comes to an end")

    async def _ended(self) -> None:
        """The answer stands exactly once where it can."""
        ours = {"network": self._network}
        ended = (await self._program.publication(**ours)).state
        _check(ended is self._expected.ends, f"the answer is {ended.value}, not {self._expected.ends.value}")
        if ended is PublicationState.STUCK:
            _check(await self._answers() == [], "given to a person although it stands")
            await self._program.look_again(**ours)
            await self._program.respond(words)
            await self._program.publish(but=self._but)
            ended = (await self._program.publication(**ours)).state
            _check(ended is PublicationState.PUBLISHED, "a person's second try did not succeed")
        stands = [] if ended is PublicationState.GONE else [words(self._network)]
        answers = await self._answers()
        _check(answers == stands, f"{len(answers)} answers stand, not {len(stands)}")

    async def _nothing_is_lost(self) -> None:
        """Every message is stored with one incident; our answers are read back and are nobody's incident."""
        self._pass(minutes=6)
        await self._program.read()
        incidents = {one.id: one for one in await self._program.incidents()}
        _check(
            len(incidents) == len(self._lines), f"{len(incidents)} incidents of {len(self._lines)} messages"
        )
        for name, line in self._lines.items():
            gone = name == self._network and self._expected.ends is PublicationState.GONE
            await self._is_whole(name, incidents, Status.SOURCE_GONE if gone else Status.ANSWERED)
            _check(await line.doubled() == 0, f"{name}: an answer stands twice")

    async def _is_whole(self, name: str, incidents: Mapping[int, Incident], status: Status) -> None:
        stored = await self._program.posts(network=name, native_id=self._ids[name])
        _check(len(stored) == 1, f"{name}: the message is stored {len(stored)} times")
        incident = incidents.get(stored[0].incident_id or 0)
        _check(incident is not None and incident.status is status, f"{name}: the incident is {incident}")
        publication = await self._program.publication(network=name)
        if publication.native_id:
            own = await self._program.posts(network=name, native_id=publication.native_id)
            _check(bool(own) and own[0].is_official, f"{name}: our own answer was not read back as ours")

    async def _answers(self) -> list[str]:
        return await self._line.answers(self._ids[self._network])

    def _pass(self, **amount: float) -> None:
        self._clock.forward(**amount)


def _check(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - as `assert` reads
    if not is_so:
        raise CellFailedError(otherwise)


async def play(row: Row, network: str, *, publisher: Swap | None = None) -> str:
    """What the cell shows. `publisher`: made of the network's own, it takes its place.

    Raises:
        CellFailedError: something that was promised is not so.
    """
    expected = row.of(network)
    if expected is None:
        return NOTHING
    hangs = row.what == "done_then_timeout" or row.key == "endless_cursor/write"
    quick = {network} if hangs else set()
    async with (
        asyncio.timeout(LONGEST_CELL),
        network_stage(LINES, patience=lambda line: QUICK if line.name in quick else PATIENT) as stage,
    ):
        await Cell(stage, row, network, publisher).play()
    return str(expected)
