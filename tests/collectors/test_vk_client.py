"""VK's errors, pace, and silence about tokens."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.vk.client import VkClient
from collectors.vk.errors import VERDICTS

TOKEN = "very-secret-token"
L, S, G, R, N = Outcome.LATER, Outcome.STOP, Outcome.GONE, Outcome.REFUSED, Outcome.NEVER
EXPECTED = {
    **dict.fromkeys((1, 6, 9, 10, 13, 29, 32, 36, 43, 601, 1105), L),
    **dict.fromkeys((2, 4, 5, 11, 14, 16, 17, 20, 21, 23, 24, 25, 27, 28, 34, 35, 37, 38, 41, 42, 101), S),
    **dict.fromkeys((1114, 1116, 1117, 1118, 3300, 3301, 3302, 3303, 3304, 3609, 3610, 3611, 11500), S),
    **dict.fromkeys((7, 15, 18, 19, 30, 39, 40, 104, 183, 203, 210, 211, 212, 213, 214), G),
    **dict.fromkeys((222, 223, 914), R),
    **dict.fromkeys((3, 8, 12, 33, 100, 103, 113, 125, 9999), N),
    424242: L,  # unknown
}
UNSURE = {1, 10, 13, 36, 424242}


class Time:
    """Monotonic seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(http: httpx.AsyncClient, time: Time, *, calls_per_second: float = 5) -> VkClient:
    return VkClient(
        http,
        base_url="https://api.vk.ru/",
        version="5.199",
        token=SecretStr(TOKEN),
        calls_per_second=calls_per_second,
        clock=time,
        sleep=time.sleep,
    )


def refusing(code: Any, **more: Any) -> httpx.MockTransport:
    error = {
        "error_code": code,
        "error_msg": f"words of {code} {TOKEN}",
        "request_params": [{"key": "access_token", "value": TOKEN}],
        **more,
    }
    return httpx.MockTransport(lambda _: httpx.Response(200, json={"error": error}))


def test_the_table_is_the_one_agreed() -> None:
    assert {code: VERDICTS[code].outcome for code in VERDICTS} == {
        code: outcome for code, outcome in EXPECTED.items() if code != 424242
    }


@pytest.mark.parametrize(("code", "outcome"), EXPECTED.items())
@pytest.mark.parametrize("writes", [False, True])
async def test_each_code_has_its_outcome(
    code: int, outcome: Outcome, *, writes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with httpx.AsyncClient(transport=refusing(code)) as http:
        with pytest.raises(NetworkError) as refused:
            await client(http, Time()).call("wall.get", {"owner_id": -1}, writes=writes)
    error = refused.value
    assert (error.outcome, error.code) == (outcome, code)
    assert (error.retry_after is not None) == (outcome is L)
    assert error.maybe_done == (writes and code in UNSURE)
    assert f"words of {code}" in str(error)
    assert TOKEN not in f"{error!r} {error.__cause__} {caplog.text}"


@pytest.mark.parametrize("code", ["5", None, True, 5.5, [5]])
async def test_an_error_without_a_number_is_garbage(code: Any) -> None:
    async with httpx.AsyncClient(transport=refusing(code)) as http:
        with pytest.raises(NetworkError) as refused:
            await client(http, Time()).call("wall.createComment", {}, writes=True)
    assert refused.value.outcome is L
    assert refused.value.maybe_done


async def test_calls_wait_their_turn() -> None:
    time = Time()
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"response": {}}))
    ) as http:
        asked = client(http, time, calls_per_second=4)
        for _ in range(9):
            await asked.call("wall.get", {})
    assert time.now - 100.0 == pytest.approx(8 / 4)


async def test_too_fast_is_slowed_down_and_passes() -> None:
    time, calls = Time(), 0

    def twice_too_fast(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        body = {"error": {"error_code": 6}} if calls <= 2 else {"response": {"count": 1}}
        return httpx.Response(200, json=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(twice_too_fast)) as http:
        asked = client(http, time)
        assert await asked.call("wall.get", {}) == {"count": 1}
        slowed = time.now
        await asked.call("wall.get", {})
        await asked.call("wall.get", {})
    assert calls == 5
    assert time.now - slowed > 1  # usually two calls would take 0.4 s


async def test_a_used_up_method_is_left_alone_and_others_are_not() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        used_up = request.url.path.endswith("newsfeed.search") and len(asked) == 1
        return httpx.Response(200, json={"error": {"error_code": 29}} if used_up else {"response": {}})

    time = Time()
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        vk = client(http, time)
        for _ in range(3):
            with pytest.raises(NetworkError) as refused:
                await vk.call("newsfeed.search", {})
            assert refused.value.retry_after is not None
            assert timedelta(hours=1) < refused.value.retry_after <= timedelta(hours=3)
        await vk.call("wall.get", {})
        assert asked == ["/method/newsfeed.search", "/method/wall.get"]
        time.now += timedelta(hours=4).total_seconds()
        await vk.call("newsfeed.search", {})
    assert len(asked) == 3


async def test_the_network_may_ask_for_a_longer_wait() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(503, headers={"Retry-After": "1800"}))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(NetworkError) as refused:
            await client(http, Time()).call("wall.get", {})
    assert refused.value.retry_after == timedelta(minutes=30)


async def test_the_secrets_are_in_the_body_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=json.dumps({"response": {}}))

    async with httpx.AsyncClient(transport=httpx.MockTransport(look)) as http:
        await client(http, Time()).call("wall.get", {"owner_id": -1})
    assert (seen[0].method, str(seen[0].url)) == ("POST", "https://api.vk.ru/method/wall.get")
    assert TOKEN in seen[0].content.decode()
    assert "v=5.199" in seen[0].content.decode()
    assert TOKEN not in caplog.text + str(seen[0].headers)
