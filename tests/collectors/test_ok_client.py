"""Calls to Odnoklassniki: signed as OK wants it, paced, and their refusals understood."""

import importlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome
from collectors.ok.client import OkClient
from collectors.ok.errors import VERDICTS
from collectors.ok.signature import session_secret, signature

# No types come with it.
judge: Any = importlib.import_module("pyodnoklassniki.requestor")
judge_errors: Any = importlib.import_module("pyodnoklassniki.errors")

TOKEN, SECRET = "token-secret-2", "session-secret-3"


class Slow:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def a_client(http: httpx.AsyncClient, clock: Slow | None = None) -> OkClient:
    clock = clock or Slow()
    return OkClient(
        http, url="https://api.ok.ru/fb.do", application_key="CKEY", token=SecretStr(TOKEN),
        secret=SecretStr(SECRET), calls_per_second=1, clock=clock, sleep=clock.sleep,
    )  # fmt: skip


def answering(answer: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps(answer)))
    )


def theirs(requestor: Any, params: dict[str, str]) -> str:
    """The signature the other client makes."""
    return str(requestor._signature(dict(params)))  # noqa: SLF001 - it only offers to send at once


def test_the_published_vectors_come_out() -> None:
    call = {"application_key": "ABCDEFGHIGKLMNOPK", "format": "json", "method": "events.get"}
    token = "-s-84W-s3egarWUsbkq-IWTucuedzTKT8VUXIA.s4Xx8IW7"
    secret = session_secret(token, "ABC123DEF456GHI789JKL123")
    assert secret == "b1a2b89707a94624c43afae67d59274c"
    assert signature({**call, "access_token": token}, secret) == "232c8eb921951c4dba9b72606f9ddb4c"
    assert signature(call, "ae5362b5b588cc7294c2414d71b74d5d") == "03a41413523ea8092507949d6e711963"


def test_cyrillic_is_signed_as_pyodnoklassniki_signs_it() -> None:
    call = {
        "application_key": "CKEY", "format": "JSON", "method": "discussions.addDiscussionComment",
        "comment": "Яму засыплют до пятницы — «ёлки» & 100 %\nСпасибо! 👷", "entityId": "1",
    }  # fmt: skip
    within = {**call, "access_token": TOKEN}
    session = judge.OAuth2APIRequestor("CKEY", SECRET, TOKEN, "")
    assert signature(within, session_secret(TOKEN, SECRET)) == theirs(session, within)
    assert signature(call, SECRET) == theirs(judge.APIRequestor("CKEY", SECRET, ""), call)


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), max_size=8)
)
def test_whatever_is_signed_pyodnoklassniki_signs_alike(params: dict[str, str]) -> None:
    params = {
        key: value for key, value in params.items() if key not in {"access_token", "session_key", "sig"}
    }
    session = judge.OAuth2APIRequestor("CKEY", SECRET, TOKEN, "")
    assert signature(params, session_secret(TOKEN, SECRET)) == theirs(session, params)


async def test_everything_travels_signed_in_the_body() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"uid": "1"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        await a_client(http).call("users.getCurrentUser", {"fields": "имя", "count": 5})
    [request] = seen
    form = {key: one for key, [one] in parse_qs(request.content.decode()).items()}
    assert (request.method, str(request.url)) == ("POST", "https://api.ok.ru/fb.do")
    assert form.pop("access_token") == TOKEN
    assert form.pop("sig") == signature(form, SECRET)
    assert form == {
        "method": "users.getCurrentUser", "application_key": "CKEY", "format": "json", "fields": "имя", "count": "5",
    }  # fmt: skip


async def test_calls_keep_their_pace() -> None:
    clock = Slow()
    async with answering({}) as http:
        client = a_client(http, clock)
        for _ in range(4):
            await client.ask("users.getCurrentUser", {})
    assert clock.slept == [1, 1, 1]


async def test_bare_values_and_null_are_answers_too() -> None:
    for answer in (None, "155", True, [], [{"uid": "1"}]):
        async with answering(answer) as http:
            assert await a_client(http).ask("mediatopic.post", {}) == answer
            with pytest.raises(NetworkError) as broken:
                await a_client(http).call("mediatopic.post", {}, writes=True)
            assert broken.value.outcome is Outcome.LATER
            assert broken.value.maybe_done


def test_every_code_pyodnoklassniki_knows_is_understood() -> None:
    """Payments and photo uploads are no business of ours."""
    codes = {code for name, code in vars(judge_errors).items() if name.isupper()}
    elsewhere = {
        code for code in codes if code in range(500, 506) or code in range(1001, 1004) or code == 324
    }
    assert codes - elsewhere <= VERDICTS.keys()


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, "later"), (2, "later"), (9999, "later"), (8, "later"), (11, "later"), (77_777, "later"),
        (101, "stop"), (102, "stop"), (103, "stop"), (104, "stop"), (401, "stop"), (453, "stop"),
        (10, "stop"), (200, "stop"), (210, "stop"), (402, "stop"),
        (300, "gone"), (454, "refused"), (100, "never"), (3, "never"),
    ],
)  # fmt: skip
async def test_a_refusal_has_its_outcome(code: int, outcome: str) -> None:
    words = f"NAME : said with {TOKEN} and {SECRET}"
    async with answering({"error_code": code, "error_msg": words, "error_data": None}) as http:
        with pytest.raises(NetworkError) as refused:
            await a_client(http).call("discussions.getList", {})
    assert (refused.value.outcome, refused.value.code) == (outcome, code)
    assert (refused.value.retry_after is not None) is (outcome == "later")
    assert TOKEN not in str(refused.value)
    assert SECRET not in str(refused.value)
    assert not refused.value.maybe_done


async def test_after_flood_that_method_rests_and_the_others_go_on() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        [method] = parse_qs(request.content.decode())["method"]
        asked.append(method)
        flood = {"error_code": 8, "error_msg": "FLOOD_BLOCKED : wait"}
        return httpx.Response(200, json=flood if method == "discussions.getList" else {})

    clock = Slow()
    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        client = a_client(http, clock)
        for _ in range(3):
            with pytest.raises(NetworkError) as refused:
                await client.call("discussions.getList", {})
            assert refused.value.retry_after is not None
            assert refused.value.retry_after > timedelta(minutes=9)
        await client.call("users.getCurrentUser", {})
        assert asked == ["discussions.getList", "users.getCurrentUser"]
        clock.at += 601
        with pytest.raises(NetworkError):
            await client.call("discussions.getList", {})
    assert asked.count("discussions.getList") == 2
