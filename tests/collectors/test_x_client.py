"""X's errors, limits and money, and silence about keys."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.x.client import XClient
from collectors.x.oauth1 import Bearer
from collectors.x.problems import Trouble, verdict
from collectors.x.spending import Spending
from tests.collectors.x_cast import Purse

TOKEN = "very-secret-token"
H = Outcome.BY_HAND
L, S, G, R, N = Outcome.LATER, Outcome.STOP, Outcome.GONE, Outcome.REFUSED, Outcome.NEVER
TYPES = {
    "usage-capped": S,
    "client-forbidden": S,
    "unsupported-authentication": S,
    "not-authorized-for-resource": G,
    "resource-not-found": G,
    "resource-unavailable": G,
    "disallowed-resource": G,
    "invalid-request": N,
    "not-authorized-for-field": N,
    "field-unauthorized": N,
    "internal-error": L,
    "field-hydration-failure": L,
    "conflict": L,
}
STATUSES = {301: L, 400: N, 401: S, 402: S, 403: S, 404: G, 409: L, 418: L, 429: L, 500: L, 503: L, 504: L}
WORDS = {
    "You are not allowed to create a Tweet with duplicate content.": (R, Trouble.DUPLICATE),
    "You attempted to reply to a Tweet that is deleted or not visible to you.": (G, Trouble.OTHER),
    "Your Tweet text is too long.": (R, Trouble.OTHER),
    "You are not permitted to perform this action.": (S, Trouble.OTHER),
    "Your client app is not configured with the appropriate oauth1 app permissions.": (S, Trouble.OTHER),
    "Your account is suspended and is not permitted to access this feature.": (S, Trouble.OTHER),
    "To protect our users from spam, this account is temporarily locked.": (S, Trouble.OTHER),
    "Reply to this conversation is not allowed because you have not been mentioned.": (H, Trouble.OTHER),
    "Something nobody has ever seen": (H, Trouble.OTHER),
}


@pytest.mark.parametrize("host", ["api.x.com", "api.twitter.com"])
@pytest.mark.parametrize(("kind", "outcome"), TYPES.items())
@pytest.mark.parametrize("writes", [False, True])
def test_each_type_has_its_outcome(host: str, kind: str, outcome: Outcome, *, writes: bool) -> None:
    problem = {"type": f"https://{host}/2/problems/{kind}", "title": "T", "detail": "D", "status": 403}
    ruling = verdict(403, problem, writes=writes, reset=None)
    assert ruling.outcome is outcome
    assert (ruling.retry_after is not None) is (outcome is L)


@pytest.mark.parametrize(("status", "outcome"), STATUSES.items())
@pytest.mark.parametrize("writes", [False, True])
def test_each_status_has_its_outcome(status: int, outcome: Outcome, *, writes: bool) -> None:
    ruling = verdict(status, {}, writes=writes, reset=None)
    assert ruling.outcome is outcome
    assert (ruling.retry_after is not None) is (outcome is L)
    assert ruling.certain is (outcome is not L or status == 409)


@pytest.mark.parametrize(("words", "expected"), WORDS.items())
def test_a_403_of_a_writing_call_is_told_by_its_words(words: str, expected: tuple[Outcome, Trouble]) -> None:
    problem = {"type": "about:blank", "title": "Forbidden", "detail": words, "status": 403}
    ruling = verdict(403, problem, writes=True, reset=None)
    assert (ruling.outcome, ruling.trouble) == expected
    assert ruling.certain
    assert verdict(403, problem, writes=False, reset=None).outcome is S


def test_a_used_up_month_is_not_a_used_up_window() -> None:
    problem = {"type": "https://api.x.com/2/problems/usage-capped", "title": "UsageCapExceeded"}
    assert verdict(429, problem, writes=False, reset=timedelta(seconds=5)).outcome is S


class Time:
    def __init__(self) -> None:
        self.now = 1_772_431_200.0

    def __call__(self) -> float:
        return self.now


def client(http: httpx.AsyncClient, time: Time) -> XClient:
    return XClient(http, base_url="https://api.x.com/", clock=time, jitter=lambda: 2.0)


async def refusal(answer: httpx.Response, *, writes: bool = False, time: Time | None = None) -> NetworkError:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        x, by = client(http, time or Time()), Bearer(SecretStr(TOKEN))
        with pytest.raises(NetworkError) as refused:
            if writes:
                await x.post("/2/tweets", {"text": "."}, by=by)
            else:
                await x.get("/2/users/17/mentions", {}, by=by)
    return refused.value


async def test_a_limit_is_waited_out_to_its_reset() -> None:
    told = {"x-rate-limit-reset": str(1_772_431_200 + 600), "x-rate-limit-remaining": "0"}
    problem = {"type": "about:blank", "title": "Too Many Requests", "status": 429}
    error = await refusal(httpx.Response(429, headers=told, json=problem), writes=True)
    assert (error.outcome, error.retry_after) == (L, timedelta(seconds=602))
    assert not error.maybe_done


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 60),
        ({"Retry-After": "7"}, 7),
        ({"x-rate-limit-reset": "garbage"}, 60),
        ({"x-rate-limit-reset": "1"}, 2),
        ({"x-rate-limit-reset": "99999999999"}, 86_400),
    ],
)
async def test_a_limit_without_a_usable_reset(headers: dict[str, str], wait: int) -> None:
    error = await refusal(httpx.Response(429, headers=headers))
    assert error.retry_after == timedelta(seconds=wait)


async def test_a_closed_limit_is_not_called_before_it_opens() -> None:
    time, calls = Time(), []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.now) + 100)}
        return httpx.Response(200, json={"meta": {}}, headers=headers)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        x, app = client(http, time), Bearer(SecretStr(TOKEN))
        await x.get("/2/users/1/mentions", {}, by=app)
        with pytest.raises(NetworkError) as closed:
            await x.get("/2/users/2/mentions", {}, by=app)
        assert closed.value.retry_after == timedelta(seconds=102)
        await x.get("/2/users/1/tweets", {}, by=app)  # another limit
        await x.get("/2/users/1/mentions", {}, by=Bearer(SecretStr(TOKEN), who="user"))  # and another
        time.now += 103
        await x.get("/2/users/2/mentions", {}, by=app)
    assert len(calls) == 4


@pytest.mark.parametrize("kind", ["resource-not-found", "not-authorized-for-resource"])
async def test_200_with_nothing_but_errors_is_an_error(kind: str) -> None:
    problem = {"type": f"https://api.x.com/2/problems/{kind}", "title": "T", "detail": f"D {TOKEN}"}
    error = await refusal(httpx.Response(200, json={"errors": [problem]}))
    assert (error.outcome, error.code) == (G, 200)
    assert TOKEN not in str(error)


@pytest.mark.parametrize(
    "body", [{"errors": []}, {"errors": [1]}, {"errors": {}}, {"errors": [{"type": None}]}]
)
async def test_200_with_broken_errors_is_a_broken_answer(body: Any) -> None:
    assert (await refusal(httpx.Response(200, json=body))).outcome is L


async def test_the_older_shape_of_errors_is_read_too() -> None:
    error = await refusal(
        httpx.Response(401, json={"errors": [{"code": 32, "message": "Could not authenticate"}]})
    )
    assert error.outcome is S
    assert "Could not authenticate" in str(error)


async def test_money_is_counted_and_stops_in_time() -> None:
    purse = Purse(7_999_999)
    spending = Spending(purse, budget_dollars=10, reserve_dollars=2)
    await spending.may_read()
    await spending.add(1)
    with pytest.raises(NetworkError, match=r"8\.00 \$ of this month's budget of 10\.00 \$") as stopped:
        await spending.may_read()
    assert stopped.value.outcome is S
    assert await spending.may_answer(2_000_000)
    assert not await spending.may_answer(2_000_001)
    without = Spending(purse, budget_dollars=0, reserve_dollars=2)
    await without.may_read()
    assert await without.may_answer(10**12)
    assert (await spending.told(), await without.told()) == (
        "8.00 $ of 10.00 $ this month",
        "8.00 $ this month",
    )
