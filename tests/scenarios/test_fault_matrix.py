"""Every cell of the fault matrix, and that a cell can fail."""

import pytest

from collectors.contract import NetworkError, Outcome, Published, Publisher, Reply
from collectors.networks import NETWORKS
from tests.scenarios import fault_cells
from tests.scenarios.fault_cells import NOTHING, PERSON, ROWS, STOP, CellFailedError, Row, play
from tests.scenarios.fault_matrix import FAIL, main
from tests.scenarios.network_lines import LINES, OkLine, VkLine
from tests.scenarios.network_world import Where

NAMES = tuple(kind.network.name for kind in LINES)
CELLS = [pytest.param(row, name, id=f"{name}-{row.key}") for name in NAMES for row in ROWS]
OF = {row.key: row for row in ROWS}


@pytest.mark.parametrize(("row", "network"), CELLS)
async def test_nothing_is_lost_nothing_doubled_and_nobody_else_disturbed(row: Row, network: str) -> None:
    expected = row.of(network)
    assert await play(row, network) == (str(expected) if expected is not None else NOTHING)


def test_every_network_where_residents_write_is_in_the_matrix() -> None:
    others = {"telegram", "rss", "webform"}  # the program's own bot, news sites, and our own endpoint
    assert set(NAMES) == {network.name for network in NETWORKS} - others


class Own:
    """A network's own way back, to be spoilt in one place."""

    def __init__(self, inner: Publisher) -> None:
        self.inner = inner
        self.network, self.idempotent = inner.network, inner.idempotent
        self.text_limit, self.photos_limit = inner.text_limit, inner.photos_limit
        self.measure, self.objection = inner.measure, inner.objection

    async def publish(self, reply: Reply) -> Published:
        return await self.inner.publish(reply)

    async def find(self, reply: Reply) -> Published | None:
        return await self.inner.find(reply)


class Blind(Own):
    """Sees nothing under the post, and is sure that a second call does no harm."""

    def __init__(self, inner: Publisher) -> None:
        super().__init__(inner)
        self.idempotent = True

    async def find(self, reply: Reply) -> Published | None:
        return None


class Liar(Own):
    """Says that it was published."""

    async def publish(self, reply: Reply) -> Published:
        return Published("1_1", "https://example.org/1")


class Careless(Own):
    """Never heard of outcomes."""

    async def publish(self, reply: Reply) -> Published:
        try:
            return await self.inner.publish(reply)
        except NetworkError as error:
            raise NetworkError(str(error), outcome=Outcome.LATER) from None


@pytest.mark.parametrize("network", ["ok", "facebook", "instagram"])
async def test_an_answer_that_was_sent_again_blindly_is_seen(network: str) -> None:
    with pytest.raises(CellFailedError, match="2 answers stand, not 1"):
        await play(OF["done_then_timeout/write"], network, publisher=Blind)


async def test_an_answer_that_was_never_sent_is_missed() -> None:
    with pytest.raises(CellFailedError, match="0 answers stand"):
        await play(OF["limit/read"], "ok", publisher=Liar)


async def test_a_deleted_message_that_is_to_be_tried_again_is_seen() -> None:
    with pytest.raises(CellFailedError, match=r"expected .*gone.*heard .*later"):
        await play(OF["deleted/write"], "vk", publisher=Careless)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (Row("", "limit", "read", STOP), "expected .*stop.*heard .*later"),
        (Row("", "expired_token", "write", PERSON), "expected .*later.*heard .*stop"),
        (Row("", "slow", "read", STOP), "expected .*stop.*heard none"),
        (Row("", "cut_body", "write", PERSON), "the answer is published, not stuck"),
    ],
)
async def test_another_outcome_than_the_expected_is_seen(row: Row, found: str) -> None:
    with pytest.raises(CellFailedError, match=found):
        await play(row, "ok")


class Broken(Own):
    """Raises what no network may let out."""

    async def publish(self, reply: Reply) -> Published:
        raise KeyError("comment_id")


async def test_an_error_that_no_network_may_let_out_is_seen() -> None:
    with pytest.raises(CellFailedError, match="ok let out KeyError"):
        await play(OF["limit/write"], "ok", publisher=Broken)


async def test_a_fault_that_spreads_to_another_network_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself = OkLine.fault

    async def both(line: OkLine, what: str, *, where: Where, times: int = -1) -> None:
        await by_itself(line, what, where=where, times=times)
        await VkLine(line.here).fault(what, where=where, times=times)

    monkeypatch.setattr(OkLine, "fault", both)
    with pytest.raises(CellFailedError, match="vk"):
        await play(OF["limit/write"], "ok")


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--network", "vk", "--network", "ok", "--fault", "http_500", "--jobs", "1"]) == 0
    titles, reading, answering, *_, summary = capsys.readouterr().out.splitlines()
    assert titles.split() == ["VK", "Одноклассники"]
    assert reading.split("  ")[0] == "HTTP 500, reading"
    assert [cell.strip() for cell in answering.split("  ") if cell] == [
        "HTTP 500, answering",
        "later",
        "later · person",
    ]
    assert summary.startswith("4 cells, 0 failed")


def test_the_command_says_what_has_failed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_cells, "words", lambda network: "")  # nothing that could be sent
    assert main(["--network", "vk", "--fault", "deleted", "--jobs", "1"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split()[-1] == FAIL
    assert f"{FAIL} vk: message deleted meanwhile, answering: EmptyAnswer" in printed[3]
    assert printed[-1].startswith("1 cells, 1 failed")
