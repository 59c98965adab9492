"""The signed form: what is wrongly signed is nobody's word; the answer goes back signed."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from collectors import webform
from collectors.contract import NetworkError, Outcome, Publisher, Reply, Watch
from collectors.pushing import HookAnswer, Pushed
from models.kinds import ReplyCapability
from tests.collectors.collector_contract import NOON, PublisherContract
from tests.collectors.free_tools import tools

SECRET = "sixteen-or-more-characters"
MESSAGE = {
    "id": "2026-17",
    "text": "Яма на Ленина",
    "url": "https://gorod.example.org/a/17",
    "author": "Иван",
}
ANSWERS = "https://gorod.example.org/answers"


def settings(**form: Any) -> webform.WebformSettings:
    return webform.WebformSettings.model_validate(
        {"enabled": True, "forms": [{"name": "gorod", "title": "Портал", "secret": SECRET, **form}]}
    )


def hook(**form: Any) -> Any:
    return webform.connect(settings(**form), tools(httpx.AsyncClient())).hook


def signed(body: bytes, *, at: datetime = NOON, secret: str = SECRET) -> dict[str, str]:
    """As a stranger's program would sign, by the words of docs/operator.md."""
    unix = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), unix.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "x-otklik-form": "gorod",
        "x-otklik-timestamp": unix,
        "x-otklik-signature": f"sha256={digest}",
    }


def push(message: object, headers: dict[str, str] | None = None, **form: Any) -> HookAnswer:
    body = json.dumps(message).encode()
    answer: HookAnswer = hook(**form).receive("POST", {}, headers or signed(body), body, now=NOON)
    return answer


async def test_a_signed_appeal_becomes_a_post() -> None:
    answer = push(MESSAGE, territory="Верхнереченск")
    assert answer.status == 202
    [event] = answer.store
    [post] = await hook(territory="Верхнереченск", answer_url=ANSWERS).understand(event)
    assert (post.native_id, post.text, post.url) == ("gorod:2026-17", MESSAGE["text"], MESSAGE["url"])
    assert (post.posted_at, post.territory, post.community_title) == (NOON, "Верхнереченск", "Портал")
    assert post.reply_capability is ReplyCapability.API
    [by_hand] = await hook().understand(event)
    assert (by_hand.reply_capability, by_hand.reply_reason) == (ReplyCapability.MANUAL, "no_answer_url")


def test_the_same_appeal_sent_twice_is_one_event() -> None:
    one, other = push(MESSAGE), push({**MESSAGE, "text": "Ещё раз"})
    assert one.store[0].key == other.store[0].key == "gorod:2026-17"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(json.dumps(MESSAGE).encode(), secret="another-secret-of-16"),
        signed(json.dumps(MESSAGE).encode(), at=NOON - timedelta(minutes=6)),
        signed(json.dumps(MESSAGE).encode(), at=NOON + timedelta(minutes=6)),
        signed(b"other words"),
        {**signed(json.dumps(MESSAGE).encode()), "x-otklik-form": "other"},
        {**signed(json.dumps(MESSAGE).encode()), "x-otklik-timestamp": "²"},
        {**signed(json.dumps(MESSAGE).encode()), "x-otklik-signature": "sha256=\udcff"},
    ],
)
def test_what_is_wrongly_signed_is_stored_nowhere(headers: dict[str, str]) -> None:
    answer = push(MESSAGE, headers or {"x-otklik-form": "gorod"})
    assert (answer.status, answer.store) == (403, ())


@pytest.mark.parametrize(
    "message",
    [
        {**MESSAGE, "id": 17},
        {**MESSAGE, "id": "1\n2"},
        {**MESSAGE, "id": "a:b"},
        {**MESSAGE, "text": " "},
        {**MESSAGE, "url": "javascript:x"},
        [],
        "x",
        {},
    ],
)
def test_a_wrong_message_is_refused_in_words(message: object) -> None:
    answer = push(message)
    assert (answer.status, answer.store) == (422, ())
    assert answer.text


async def test_what_stands_in_the_wrong_place_is_left_out() -> None:
    odd = {**MESSAGE, "at": "yesterday", "photos": ["https://gorod.example.org/1.jpg", 7, "file:///etc"]}
    [post] = await hook().understand(push(odd).store[0])
    assert (post.posted_at, post.photos) == (NOON, ("https://gorod.example.org/1.jpg",))


def test_without_a_secret_nothing_is_served() -> None:
    bare = webform.WebformSettings.model_validate({"enabled": True, "forms": [{"name": "gorod"}]})
    with pytest.raises(ValueError, match=r"forms\.0\.secret is missing"):
        webform.connect(bare, tools(httpx.AsyncClient()))


@pytest.mark.parametrize(
    ("body", "method", "status"),
    [(b"\xff\xfe", "POST", 422), (b"[" * 100_000, "POST", 422), (b"", "POST", 422), (b"{}", "GET", 405)],
)
def test_no_body_breaks_the_hook(body: bytes, method: str, status: int) -> None:
    answer = hook().receive(method, {}, signed(body), body, now=NOON)
    assert (answer.status, answer.store) == (status, ())


def publisher(http: httpx.AsyncClient) -> Publisher:
    found = webform.connect(settings(answer_url=ANSWERS), tools(http)).publisher
    assert found is not None
    return found


class TestWebformPublisher(PublisherContract):
    secrets = (SECRET,)
    reply = Reply(post_id="gorod:2026-17", root_id=None, text="Заделаем", key="k-1")

    def publisher(self, http: httpx.AsyncClient) -> Publisher:
        return publisher(http)


async def test_the_answer_is_signed_as_the_site_expects() -> None:
    got: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(201, json={"ok": True, "url": "https://gorod.example.org/a/17#answer"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(site)) as http:
        done = await publisher(http).publish(TestWebformPublisher.reply)
    [request] = got
    unix = request.headers["x-otklik-timestamp"]
    right = hmac.new(SECRET.encode(), unix.encode() + b"." + request.content, hashlib.sha256).hexdigest()
    assert request.headers["x-otklik-signature"] == f"sha256={right}"
    assert json.loads(request.content) == {"id": "2026-17", "text": "Заделаем", "key": "k-1"}
    assert (done.native_id, done.url) == ("gorod:2026-17:answer", "https://gorod.example.org/a/17#answer")


@pytest.mark.parametrize(
    ("says", "url"),
    [
        ({}, ""),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": 7}, ""),
        ({"url": f"{ANSWERS}/1"}, f"{ANSWERS}/1"),
    ],
)
async def test_the_site_need_not_say_where_the_answer_is_read(says: dict[str, Any], url: str) -> None:
    answer = httpx.Response(200, json={"ok": True, **says})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        assert (await publisher(http).publish(TestWebformPublisher.reply)).url == url


@pytest.mark.parametrize("said", [{"ok": False}, {"ok": "true"}, {"ok": 1}, [True], {"url": ANSWERS}])
async def test_a_site_that_does_not_say_ok_leaves_it_unknown(said: object) -> None:
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=said))
    ) as http:
        with pytest.raises(NetworkError) as refused:
            await publisher(http).publish(TestWebformPublisher.reply)
    assert (refused.value.outcome, refused.value.maybe_done) == (Outcome.LATER, True)


async def test_what_was_never_promised_is_not_sent() -> None:
    asked: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"ok": True})

    async with httpx.AsyncClient(transport=httpx.MockTransport(site)) as http:
        here = publisher(http)
        assert here.idempotent  # an unknown outcome is sent again with the same key
        assert await here.find(TestWebformPublisher.reply) is None
        with pytest.raises(NetworkError) as refused:
            await here.publish(Reply(post_id="gorod:1", root_id=None, text="а" * 10_001, key="k"))
    assert (refused.value.outcome, asked) == (Outcome.REFUSED, [])


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://gorod.example.org/answers", True),
        ("http://127.0.0.1:8099/answers", True),
        ("http://localhost/answers", True),
        ("http://localhost.example.org/answers", False),
        ("http://gorod.example.org/answers", False),
        ("https://", False),
        ("https://[", False),
        ("ftp://gorod.example.org", False),
    ],
)
def test_answers_leave_encrypted_or_stay_on_this_machine(address: str, *, is_taken: bool) -> None:
    try:
        settings(answer_url=address)
    except ValueError:
        assert not is_taken
    else:
        assert is_taken


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 16"):
        settings(secret="short")


@pytest.mark.parametrize(
    ("status", "outcome", "maybe_done"),
    [
        (403, Outcome.STOP, False),
        (410, Outcome.GONE, False),
        (422, Outcome.REFUSED, False),
        (500, Outcome.LATER, True),
    ],
)
async def test_the_sites_refusals_have_an_outcome(status: int, outcome: Outcome, *, maybe_done: bool) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(status))) as http:
        with pytest.raises(NetworkError) as refused:
            await publisher(http).publish(TestWebformPublisher.reply)
    assert (refused.value.outcome, refused.value.maybe_done) == (outcome, maybe_done)


async def test_an_event_of_a_form_that_is_no_more_brings_nothing() -> None:
    kept = json.dumps({"form": "old", "at": NOON.timestamp(), "message": MESSAGE}).encode()
    assert await hook().understand(Pushed("old:1", kept)) == []
    assert webform.connect(settings(), tools(httpx.AsyncClient())).watch(Watch()) == []
