"""The Graph API's errors, limits, pace, and silence about tokens."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import NetworkError, Outcome, Photo
from collectors.graph import GraphClient, GraphClients, GraphSettings
from collectors.graph.client import appsecret_proof
from collectors.graph.errors import VERDICTS, verdict
from collectors.graph.usage import Load, app_load, business_load

TOKEN, SECRET = "very-secret-token", "app-secret"
L, S, G, R, N = Outcome.LATER, Outcome.STOP, Outcome.GONE, Outcome.REFUSED, Outcome.NEVER
EXPECTED: dict[tuple[int, int | None], Outcome] = {
    **{(code, None): L for code in (1, 2, 4, 17, 32, 341, 368, 506, 613, 80001, 80002)},
    **{(code, None): S for code in (3, 10, 18, 102, 104, 190, *range(200, 300))},
    **{(190, subcode): S for subcode in (458, 459, 460, 463, 464, 467)},
    (100, None): N,
    (100, 33): G,
    (324, None): R,
    (803, None): G,
    (2500, None): N,
    (1609005, None): R,
    (424242, None): L,  # unknown
}
UNSURE = {1, 2, 506, 424242}
Answer = Callable[[httpx.Request], httpx.Response]


class Time:
    """Monotonic seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Talk:
    """The clients of one application, and a network that answers as told."""

    def __init__(self, answer: Answer, **settings: Any) -> None:
        self.seen: list[httpx.Request] = []
        self.time = Time()
        self.answer = answer
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._handle))
        usual = GraphSettings(app_secret=SecretStr(SECRET), **settings)
        self.clients = GraphClients(http, usual, network="facebook", clock=self.time, sleep=self.time.sleep)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self.answer(request)

    def client(self, token: str = TOKEN) -> GraphClient:
        return self.clients.client(SecretStr(token))


def refusing(code: Any, subcode: int | None = None, *, status: int = 400, **more: Any) -> Answer:
    error = {"message": f"words of {code} {TOKEN} {SECRET}", "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    return lambda _: httpx.Response(status, json={"error": error})


def using(percent: float, *, header: str = "X-App-Usage", minutes: int = 0) -> Answer:
    usage: Any = {"call_count": percent, "total_cputime": 1, "total_time": 2}
    if header != "X-App-Usage":
        usage = {"111": [{"type": "pages", **usage, "estimated_time_to_regain_access": minutes}]}
    return lambda _: httpx.Response(200, json={"id": "1"}, headers={header: json.dumps(usage)})


def test_the_proof_is_the_one_metas_own_client_makes() -> None:
    assert (
        appsecret_proof("tok", "secret") == "f0c099f5e1c2eaf7ec38d2ecff522ea9fe584937e6f681b12734af2b1fe25e2c"
    )


def test_the_table_is_the_one_agreed() -> None:
    known = {code for code, _ in EXPECTED} - {424242}
    assert set(VERDICTS) == known
    assert {key: verdict(*key).outcome for key in EXPECTED} == EXPECTED


@pytest.mark.parametrize(("code", "subcode"), [key for key in EXPECTED if key[0] not in range(201, 300)])
@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_each_code_has_its_outcome(
    code: int, subcode: int | None, *, writes: bool, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = Talk(refusing(code, subcode, status=status)).client()
    with pytest.raises(NetworkError) as refused:
        await (client.post("1_2/comments", {"message": "Ответ"}) if writes else client.get("1_2"))
    error = refused.value
    outcome = EXPECTED[code, subcode]
    assert (error.outcome, error.code) == (outcome, code)
    assert (error.retry_after is not None) == (outcome is L)
    assert error.maybe_done == (writes and code in UNSURE)
    assert f"words of {code}" in str(error)
    assert not any(secret in f"{error!r} {error.__cause__} {caplog.text}" for secret in (TOKEN, SECRET))


@pytest.mark.parametrize("code", ["5", None, True, 5.5, [5]])
async def test_an_error_without_a_number_is_garbage(code: Any) -> None:
    with pytest.raises(NetworkError) as refused:
        await Talk(refusing(code)).client().post("1", {})
    assert (refused.value.outcome, refused.value.maybe_done) == (L, True)


@pytest.mark.parametrize("code", [10, 100, 190, 424242])
async def test_what_the_network_calls_transient_is_tried_again(code: int) -> None:
    with pytest.raises(NetworkError) as refused:
        await Talk(refusing(code, is_transient=True)).client().post("1", {})
    assert (refused.value.outcome, refused.value.maybe_done) == (L, True)


async def test_words_meant_for_people_are_preferred() -> None:
    with pytest.raises(NetworkError) as refused:
        await Talk(refusing(100, error_user_msg="Комментарии выключены")).client().get("1")
    assert "Комментарии выключены" in str(refused.value)


async def test_the_token_travels_in_a_header_with_its_proof(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    talk = Talk(lambda _: httpx.Response(200, json={"id": "1"}))
    await talk.client().get("111/feed", {"limit": 5})
    await talk.client().post("111_2/comments", {"message": "Да"})
    read, written = talk.seen
    assert read.url.path == "/v25.0/111/feed"
    assert read.url.params["appsecret_proof"] == appsecret_proof(TOKEN, SECRET)
    assert (written.method, str(written.url)) == ("POST", "https://graph.facebook.com/v25.0/111_2/comments")
    assert "appsecret_proof=" in written.content.decode()
    for request in talk.seen:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in f"{request.url} {request.content!r}"
    assert TOKEN not in caplog.text


async def test_a_photo_goes_as_form_data() -> None:
    talk = Talk(lambda _: httpx.Response(200, json={"id": "1"}))
    await talk.client().post("1/comments", {"message": "Да"}, photo=Photo(b"\xff\xd8\xff"))
    [request] = talk.seen
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="source"' in request.content
    assert b"\xff\xd8\xff" in request.content
    assert b'name="message"' in request.content


async def test_the_network_may_ask_for_a_longer_wait() -> None:
    talk = Talk(lambda _: httpx.Response(503, headers={"Retry-After": "1800"}))
    with pytest.raises(NetworkError) as refused:
        await talk.client().get("1")
    assert refused.value.retry_after == timedelta(minutes=30)


async def test_below_the_slow_line_nothing_waits() -> None:
    talk = Talk(using(79))
    client = talk.client()
    for _ in range(20):
        await client.get("1")
    assert talk.time.now == 100.0


async def test_above_the_slow_line_calls_wait_and_stop_waiting_when_it_is_over() -> None:
    talk = Talk(using(90))
    client = talk.client()
    for _ in range(3):
        await client.get("1")
    slowed = talk.time.now
    assert slowed > 100.0
    talk.answer = using(10)
    for _ in range(5):
        await client.get("1")
    assert talk.time.now - slowed <= 2 * 5.0


async def test_the_applications_limit_holds_all_its_tokens_back() -> None:
    talk = Talk(using(95))
    await talk.client().get("1")
    with pytest.raises(NetworkError) as refused:
        await talk.client("another-token").get("1")
    assert refused.value.outcome is L
    assert len(talk.seen) == 1
    assert refused.value.retry_after is not None
    talk.time.now += refused.value.retry_after.total_seconds()
    await talk.client().get("1")


async def test_a_pages_limit_is_its_own_and_its_end_is_told_in_minutes() -> None:
    talk = Talk(using(96, header="X-Business-Use-Case-Usage", minutes=42))
    client = talk.client()
    await client.get("1")
    with pytest.raises(NetworkError) as refused:
        await client.get("1")
    assert refused.value.retry_after == timedelta(minutes=42)
    talk.answer = using(5)
    await talk.client("another-token").get("1")
    talk.time.now += 42 * 60
    await client.get("1")


@pytest.mark.parametrize("code", [17, 32, 341, 613, 80001, 80002])
async def test_a_used_up_limit_holds_the_token_back(code: int) -> None:
    talk = Talk(refusing(code))
    client = talk.client()
    for _ in range(3):
        with pytest.raises(NetworkError) as refused:
            await client.get("1")
        assert refused.value.retry_after is not None
    assert len(talk.seen) == 1
    with pytest.raises(NetworkError):
        await talk.client("another-token").get("1")
    assert len(talk.seen) == 2


async def test_taken_for_abuse_only_writing_stops_for_hours() -> None:
    talk = Talk(refusing(368))
    client = talk.client()
    for _ in range(2):
        with pytest.raises(NetworkError) as refused:
            await client.post("1/comments", {"message": "Да"})
        assert refused.value.retry_after is not None
        assert refused.value.retry_after > timedelta(hours=5)
    assert len(talk.seen) == 1
    talk.answer = using(1)
    await client.get("1")


@pytest.mark.parametrize(
    "header", ["", "{", "[]", "17", '{"1": 5}', '{"call_count": "much"}', '{"1": [{"call_count": -5}]}', "[" * 9999,
               '{"1": [{"estimated_time_to_regain_access": 1e400}]}', '{"call_count": true}', '{"call_count": NaN}']
)  # fmt: skip
def test_a_spoilt_header_tells_nothing(header: str) -> None:
    headers = {"X-App-Usage": header, "X-Business-Use-Case-Usage": header}
    assert app_load(headers) == Load()
    assert business_load(headers) == Load()
