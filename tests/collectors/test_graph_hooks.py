"""Webhooks of Facebook and Instagram: what is let in, what is stored, what it is made of."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from collectors import facebook, instagram
from collectors.contract import Connector, NetworkError, Outcome, Reply, Tools, Watch
from collectors.pushing import Hook, HookAnswer, Pushed
from models.kinds import ReplyCapability
from tests.collectors.collector_contract import NOON
from tests.collectors.graph_cast import (
    ACCOUNT,
    APP_SECRET,
    ON_INSTAGRAM,
    PAGE,
    TOWN,
    WORD,
    Graph,
    NoMeter,
    a_graph,
    facebook_settings,
    instagram_settings,
    publisher_of,
)


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with a_graph() as here:
        yield here


def hook_of(connector: Connector) -> Hook:
    assert connector.hook is not None
    return connector.hook


@pytest.fixture
def fb() -> Hook:
    tools = Tools(httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500))), NoMeter())
    return hook_of(facebook.connect(facebook_settings(), tools))


@pytest.fixture
def ig() -> Hook:
    tools = Tools(httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500))), NoMeter())
    return hook_of(instagram.connect(instagram_settings(), tools))


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def posted(hook: Hook, body: bytes, headers: dict[str, str] | None = None) -> HookAnswer:
    return hook.receive("POST", {}, signed(body) if headers is None else headers, body, now=NOON)


def comment(number: int, **more: Any) -> dict[str, Any]:
    value = {
        "item": "comment", "verb": "add", "comment_id": f"5_{number}", "post_id": f"{PAGE}_5", "message": "Яма",
        "parent_id": f"{PAGE}_5", "from": {"id": "7", "name": "Анна"}, "created_time": 1, **more,
    }  # fmt: skip
    return {"field": "feed", "value": value}


def delivery(
    *changes: dict[str, Any], at: int = 1772442000, topic: str = "page", number: str = PAGE
) -> bytes:
    entry = {"id": number, "time": at, "changes": list(changes)}
    return json.dumps({"object": topic, "entry": [entry]}).encode()


def test_the_address_is_confirmed_only_to_who_knows_the_word(fb: Hook) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WORD}
    assert fb.receive("GET", asked, {}, b"", now=NOON) == HookAnswer(200, "1158201444")
    for change in ({"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}, {"hub.challenge": "1" * 9999}):
        assert fb.receive("GET", {**asked, **change}, {}, b"", now=NOON).status == 403
    assert fb.receive("GET", {}, {}, b"", now=NOON).status == 403
    assert fb.receive("DELETE", asked, {}, b"", now=NOON).status == 405


def test_the_signature_is_of_the_bytes_as_they_came(fb: Hook) -> None:
    body = delivery(comment(9)).replace(b"/", b"\\/")
    assert b"\\u042f" in body  # escaped, as Meta sends it
    assert len(posted(fb, body).store) == 1
    lower = {key.lower(): value for key, value in signed(body).items()}
    assert posted(fb, body, lower).status == 200
    rewritten = json.dumps(json.loads(body), ensure_ascii=False).encode()
    assert posted(fb, rewritten, signed(body)) == HookAnswer(403)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Hub-Signature-256": ""}, {"X-Hub-Signature-256": "sha256="}, {"X-Hub-Signature-256": "sha256=ой\ud83d"},
     {"X-Hub-Signature": "sha1=0"}, signed(b"another body"), signed(delivery(comment(9)), "another secret")],
)  # fmt: skip
def test_a_forgery_is_not_stored(fb: Hook, headers: dict[str, str]) -> None:
    assert posted(fb, delivery(comment(9)), headers) == HookAnswer(403)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"17", b"\xff\xfe", b"[" * 100_000, b'{"object": "page"}',
             b'{"object": "page", "entry": [5, {"changes": 7}, {"id": 1, "changes": [8, {"field": "feed"}]}]}']
)  # fmt: skip
def test_garbage_never_raises_and_stores_nothing(fb: Hook, ig: Hook, body: bytes) -> None:
    for hook in (fb, ig):
        answer = posted(hook, body)
        assert answer.store == ()
        assert answer.status in {200, 400}


def test_a_batch_of_a_thousand_is_a_thousand_events(fb: Hook) -> None:
    body = delivery(*(comment(number) for number in range(1000)))
    stored = posted(fb, body).store
    assert len({event.key for event in stored}) == 1000
    assert [event.key for event in posted(fb, body).store] == [event.key for event in stored]


def test_what_happened_and_when_tells_events_apart(fb: Hook) -> None:
    keys = [
        posted(fb, body).store[0].key
        for body in (
            delivery(comment(9)),
            delivery(comment(9, verb="edited")),
            delivery(comment(9, verb="edited"), at=1772442001),
        )
    ]
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    "change",
    [comment(9, item="reaction"), comment(9, item="like"), comment(9, verb="remove"), comment(9, verb="hide"),
     comment(9, comment_id="../me"), comment(9, comment_id=""), {"field": "messages", "value": {}}, {"field": "feed"}],
)  # fmt: skip
def test_what_brings_no_words_is_not_stored(fb: Hook, change: dict[str, Any]) -> None:
    assert posted(fb, delivery(change)) == HookAnswer(200)


def test_each_network_stores_its_own_topic(fb: Hook, ig: Hook) -> None:
    about = {"field": "comments", "value": {"id": "90", "text": "Яма", "media": {"id": "5"}}}
    body = delivery(about, topic="instagram", number=ACCOUNT)
    assert len(posted(ig, body).store) == 1
    assert posted(fb, body).store == ()
    assert posted(ig, delivery(comment(9))).store == ()
    assert (fb.path, ig.path) == ("/hooks/facebook", "/hooks/instagram")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"entry": 5}', b'{"entry": "999", "change": {}}'])
async def test_an_event_nobody_understands_is_about_nothing(fb: Hook, ig: Hook, body: bytes) -> None:
    for hook in (fb, ig):
        assert list(await hook.understand(Pushed("k", body))) == []


async def event(graph: Graph, network: str, hook: Hook, native_id: str, **more: Any) -> Pushed:
    """What the sandbox's webhook tells of a message, taken in by ours."""
    told = await graph.does(network, "hook", url="http://127.0.0.1:9/", native_id=native_id, **more)
    [stored] = posted(hook, json.dumps(told["body"]).encode()).store
    return stored


async def test_a_pushed_comment_and_post_are_what_the_wall_would_bring(graph: Graph) -> None:
    post = await graph.offers("facebook", "Где автобус?", author_name="Анна")
    comment = await graph.offers("facebook", "И у нас", under=post, author_name="Борис")
    connector = graph.facebook()
    hook = hook_of(connector)
    [feed, _] = connector.watch(Watch((TOWN,)))
    read = {one.native_id: one for one in await graph.passage(feed)}
    for native in (post, comment):
        assert await hook.understand(await event(graph, "facebook", hook, native)) == (read[native],)


async def test_a_pushed_comment_under_our_media_is_what_reading_would_bring(graph: Graph) -> None:
    news = await graph.offers("instagram", "Новости", author="page")
    top = await graph.offers("instagram", "Яма", under=news, author_name="anna")
    nested = await graph.offers("instagram", "И у нас", under=news, reply_to=top, author_name="vera")
    connector = graph.instagram(read_tagged=False)
    hook = hook_of(connector)
    [feed] = connector.watch(Watch((ON_INSTAGRAM,)))
    read = {one.native_id: one for one in await graph.passage(feed)}
    for native in (top, nested):
        assert await hook.understand(await event(graph, "instagram", hook, native)) == (read[native],)


@pytest.mark.parametrize("network", ["facebook", "instagram"])
async def test_what_was_deleted_meanwhile_is_nothing_and_trouble_is_told(graph: Graph, network: str) -> None:
    news = await graph.offers(network, "Новости", author="page")
    comment = await graph.offers(network, "Яма", under=news)
    hook = hook_of(graph.facebook() if network == "facebook" else graph.instagram())
    pushed = await event(graph, network, hook, comment)
    await graph.does(network, "faults", what="http_500")
    with pytest.raises(NetworkError) as refused:
        await hook.understand(pushed)
    assert refused.value.outcome is Outcome.LATER
    await graph.does(network, "delete", native_id=comment)
    assert list(await hook.understand(pushed)) == []


async def test_a_mention_in_a_strangers_caption_or_comment_is_answered_there(graph: Graph) -> None:
    caption = await graph.offers("instagram", "Почините! @gorod", author_name="anna")
    other = await graph.offers("instagram", "Наш двор", author_name="boris")
    comment = await graph.offers("instagram", "@gorod, а у нас яма", under=other, author_name="vera")
    connector = graph.instagram()
    hook, publisher = hook_of(connector), publisher_of(connector)
    for native, root, author in ((caption, None, "anna"), (comment, other, "vera")):
        [found] = await hook.understand(await event(graph, "instagram", hook, native))
        assert (found.native_id, found.root_id, found.author_name) == (native, root, author)
        assert (found.reply_capability, found.by_community) == (ReplyCapability.API, False)
        assert found.url.startswith("https://www.instagram.com/p/")
        published = await publisher.publish(Reply(native, root, "Починим", "k", author_name=author))
        assert published.url.startswith("https://www.instagram.com/p/")
        assert await publisher.find(Reply(native, root, "Починим", "k")) is None  # nobody can read it back
    record = await graph.record("instagram")
    assert [(one["under"], one["text"]) for one in record["received"]] == [
        (caption, "Починим"),
        (comment, "Починим"),
    ]


async def test_a_mention_that_was_taken_back_is_gone(graph: Graph) -> None:
    caption = await graph.offers("instagram", "Почините! @gorod", author_name="anna")
    await graph.does("instagram", "edit", native_id=caption, text="Уже не надо")
    with pytest.raises(NetworkError) as gone:
        await publisher_of(graph.instagram()).publish(Reply(caption, None, "Починим", "k"))
    assert gone.value.outcome is Outcome.GONE
