"""Lists longer than one answer end, whatever the network does."""

import asyncio
import logging
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.graph import GraphClients, GraphSettings
from collectors.graph.answers import Row, moment, same
from collectors.graph.paging import everything
from collectors.text import storable

TOKEN = "very-secret-token"


def page(ids: list[int], after: str = "", **paging: Any) -> httpx.Response:
    body: dict[str, Any] = {"data": [{"id": str(number)} for number in ids]}
    if after:
        body["paging"] = {
            "cursors": {"after": after},
            "next": f"https://x/?access_token={TOKEN}&after={after}",
        }
    if paging:
        body["paging"] = paging
    return httpx.Response(200, json=body)


async def read(pages: dict[str, httpx.Response], *, most_pages: int = 50) -> tuple[list[str], int]:
    """The ids of everything, and how many calls that took."""
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return pages.get(request.url.params.get("after", ""), pages.get("*", page([])))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = GraphClients(http, GraphSettings(), network="facebook").client(SecretStr(TOKEN))
        found: list[Row] = await everything(client, "1/feed", {"limit": 2}, most_pages=most_pages)
    return [str(row["id"]) for row in found], asked


async def test_pages_are_followed_by_their_cursor_and_the_token_stays_hidden(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    found, asked = await read({"": page([1, 2], "a"), "a": page([2, 3], "b"), "b": page([4])})
    assert (found, asked) == (["1", "2", "3", "4"], 3)
    assert TOKEN not in caplog.text


async def test_an_empty_page_is_no_end_while_there_is_a_next_one() -> None:
    found, _ = await read({"": page([], "a"), "a": page([], "b"), "b": page([7])})
    assert found == ["7"]


async def test_a_cursor_without_a_next_page_is_the_end() -> None:
    found, asked = await read({"": page([1], cursors={"after": "a"}), "a": page([2])})
    assert (found, asked) == (["1"], 1)


async def test_the_cursor_is_found_in_the_next_address_if_nowhere_else() -> None:
    found, _ = await read({"": page([1], next=f"https://x/?access_token={TOKEN}&after=a"), "a": page([2])})
    assert found == ["1", "2"]


async def test_a_repeating_cursor_that_still_brings_something_is_followed() -> None:
    answers = iter([page([1], "same"), page([2], "same"), page([3], "same"), page([3], "same")])

    async def ids() -> list[str]:
        transport = httpx.MockTransport(lambda _: next(answers))
        async with httpx.AsyncClient(transport=transport) as http:
            client = GraphClients(http, GraphSettings(), network="instagram").client(SecretStr(TOKEN))
            return [str(row["id"]) for row in await everything(client, "1/recent_media", {}, most_pages=50)]

    assert await asyncio.wait_for(ids(), 5) == ["1", "2", "3"]


async def test_the_same_page_for_ever_ends() -> None:
    found, asked = await read({"": page([1], "a"), "a": page([1], "a")})
    assert found == ["1"]
    assert asked <= 3


async def test_ever_new_cursors_to_nothing_end() -> None:
    numbers = iter(range(10_000))

    def answer(_: httpx.Request) -> httpx.Response:
        return page([], f"c{next(numbers)}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = GraphClients(http, GraphSettings(), network="facebook").client(SecretStr(TOKEN))
        assert await everything(client, "1/feed", {}, most_pages=1000) == []
    assert next(numbers) < 10


async def test_ever_new_rows_end_at_the_most_pages() -> None:
    numbers = iter(range(10_000))

    def answer(_: httpx.Request) -> httpx.Response:
        number = next(numbers)
        return page([number], f"c{number}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = GraphClients(http, GraphSettings(), network="facebook").client(SecretStr(TOKEN))
        assert len(await everything(client, "1/feed", {}, most_pages=7)) == 7


async def test_a_cursor_whose_place_is_gone_means_reading_anew() -> None:
    gone = httpx.Response(400, json={"error": {"code": 100, "message": "Invalid cursors values"}})
    with pytest.raises(NetworkError) as refused:
        await read({"": page([1], "a"), "a": gone})
    assert refused.value.outcome is Outcome.LATER
    with pytest.raises(NetworkError) as refused:
        await read({"": gone})
    assert refused.value.outcome is Outcome.NEVER


@pytest.mark.parametrize("paging", [5, [], {"next": 5}, {"next": "http://["}, {"next": ""}, {"cursors": 5}])
async def test_spoilt_paging_is_the_last_page(paging: Any) -> None:
    spoilt = httpx.Response(200, json={"data": [{"id": "1"}, 5, None], "paging": paging})
    assert await read({"": spoilt}) == (["1"], 1)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-01-01T00:00:00+0000", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T03:00:00+0300", "2026-01-01T00:00:00+00:00"),
        (1767225600, "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00", None), ("вчера", None), (10**30, None), (True, None), (None, None), (0, None),
    ],
)  # fmt: skip
def test_times_are_aware_or_nothing(value: Any, told: str | None) -> None:
    read = moment({"at": value}, "at")
    assert (read.isoformat() if read is not None else None) == told


def test_texts_are_storable_and_compared_as_people_do() -> None:
    assert storable("а\0б\ud83d") == "аб�"
    assert storable(None) == ""
    assert same(" Да,\r\n засыпали ", "Да, засыпали")
    assert not same("Да", "Нет")
