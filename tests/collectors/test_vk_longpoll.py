"""Bots Long Poll: the town's news at once, and polling where it has lost some."""

import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from collectors.contract import Collector, NetworkError, Outcome, Page, Watch
from collectors.vk import VkSettings
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability
from tests.collectors.collector_contract import NOON, TROUBLES, CollectorContract
from tests.collectors.vk_cast import COMMUNITY, SERVICE, Vk, connected

GOROD = Watch(pages=(Page("1"),))
KEY = "key-of-the-session"
SETTINGS = VkSettings.model_validate(
    {
        "enabled": True,
        "service_token": SecretStr(SERVICE),
        "communities": ({"id": 1, "title": "Город", "community_token": COMMUNITY},),
        "calls_per_second": 60,
    }
)
AT = int(NOON.timestamp()) - 60


def _event(kind: str, **item: Any) -> dict[str, Any]:
    told = {"from_id": 7, "date": AT, "text": "Яма\0 \ud83d", **item}
    return {"type": kind, "group_id": 1, "event_id": "e", "v": "5.199", "object": told}


def _answers(request: httpx.Request) -> httpx.Response:
    """Two events stand after number 5, nothing after 7."""
    method = request.url.path.rpartition("/")[2]
    if method == "wh1":
        after = parse_qs(request.url.query.decode())["ts"]
        events = [
            _event("wall_post_new", id=2, owner_id=-1, post_type="post"),
            _event("wall_reply_new", id=3, post_id=2, post_owner_id=-1),
        ]
        body: dict[str, Any] = {"ts": "7", "updates": events if after == ["5"] else []}
        return httpx.Response(200, content=json.dumps(body))
    form = parse_qs(request.content.decode())
    assert form["access_token"] == [SERVICE if method == "users.get" else COMMUNITY]
    response: Any = {
        "groups.getLongPollSettings": {"is_enabled": False, "events": {}},
        "groups.setLongPollSettings": 1,
        "groups.getLongPollServer": {"server": "https://lp.vk.ru/wh1", "key": KEY, "ts": "5"},
        "users.get": [{"id": 7, "first_name": "Иван", "last_name": "Житель"}],
    }[method]
    return httpx.Response(200, json={"response": response})


def listening(http: httpx.AsyncClient, settings: VkSettings = SETTINGS) -> Collector:
    return connected(settings, http).watch(GOROD)[1]


class TestVkLongPoll(CollectorContract):
    secrets = (COMMUNITY, SERVICE)

    def collector(self, http: httpx.AsyncClient) -> Collector:
        return listening(http)

    def healthy(self, request: httpx.Request) -> httpx.Response:
        return _answers(request)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_of_the_long_poll_server_keeps_the_cursor_and_opens_anew(trouble: str) -> None:
    handler, _ = TROUBLES[trouble]
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path.rpartition("/")[2])
        is_first = calls.count("wh1") == 1
        return handler(request) if calls[-1] == "wh1" and is_first else _answers(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        feed = listening(http)
        with pytest.raises(NetworkError) as refused:
            await feed.fetch('{"ts": "5"}', now=NOON)
        assert refused.value.outcome is Outcome.LATER
        assert KEY not in str(refused.value)
        batch = await feed.fetch('{"ts": "5"}', now=NOON)
    assert len(batch.posts) == 2
    assert calls.count("groups.getLongPollServer") == 2


async def test_the_server_may_come_without_its_scheme_and_nonsense_is_not_called() -> None:
    for server, called in (("lp.vk.ru/wh1", True), ("lp.vk.ru:порт", False), (17, False)):

        def answer(request: httpx.Request, server: object = server) -> httpx.Response:
            if request.url.path.endswith("groups.getLongPollServer"):
                told = {"server": server, "key": KEY, "ts": 5}
                return httpx.Response(200, json={"response": told})
            assert request.url.scheme == "https"
            return _answers(request)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            try:
                batch = await listening(http).fetch(None, now=NOON)
            except NetworkError as error:
                assert not called
                assert error.outcome is Outcome.LATER
            else:
                assert called
                assert len(batch.posts) == 2


async def both(vk: Vk, **changes: Any) -> tuple[Collector, Collector]:
    """The wall's feed and the community's news; nobody waits for what is not there."""
    settings = {"long_poll": True, "long_poll_seconds": 0, **changes}
    wall, news = vk.connector(**settings).watch(GOROD)
    return wall, news


async def reads(vk: Vk, feed: Collector, *, times: int = 1) -> list[FoundPost]:
    found: list[FoundPost] = []
    for _ in range(times):
        batch = await feed.fetch(vk.cursors.get(feed.feed), now=vk.clock.at)
        assert not batch.more
        vk.cursors[feed.feed] = batch.cursor
        found += batch.posts
    return found


def ids(posts: Any) -> list[str]:
    return [post.native_id for post in posts]


async def test_news_are_the_same_messages_the_wall_brings(vk: Vk) -> None:
    untitled = ({"id": 1, "community_token": COMMUNITY},)
    wall, news = await both(vk, communities=untitled)
    assert await reads(vk, news) == []
    post = await vk.offers("Яма на Ленина", author_name="Анна Петрова", photos=["https://p.ru/1.jpg"])
    top = await vk.offers("И у нас", under=post, author_name="Борис")
    inner = await vk.offers("Где?", under=post, reply_to=top)
    own = await vk.offers("Проверяем", under=post, author="community")
    pushed = {one.native_id: one for one in await reads(vk, news)}
    polled = {one.native_id: one for one in await vk.passage(wall)}
    assert list(pushed) == [post, top, inner, own]
    assert pushed == polled
    assert {one.native_id for one in pushed.values() if one.by_community} == {own}
    assert {one.reply_capability for one in pushed.values()} == {ReplyCapability.API}


async def test_an_edited_or_restored_comment_comes_again_a_deleted_one_does_not(vk: Vk) -> None:
    _, news = await both(vk)
    await reads(vk, news)
    post = await vk.offers("Пост")
    comment = await vk.offers("Нет светаа", under=post)
    await reads(vk, news)
    await vk.does("edit", native_id=comment, text="Нет света")
    assert [(one.native_id, one.text) for one in await reads(vk, news)] == [(comment, "Нет света")]
    await vk.does("delete", native_id=comment)
    assert await reads(vk, news) == []
    await vk.does("restore", native_id=comment)
    assert ids(await reads(vk, news)) == [comment]


async def test_somebody_waiting_is_told_at_once(vk: Vk) -> None:
    class Offering(httpx.AsyncBaseTransport):
        """Somebody writes while the request is on its way."""

        def __init__(self) -> None:
            self.inner = httpx.AsyncHTTPTransport()

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if "a_check" in str(request.url):
                vk.world.offer_post(owner_id=-1, from_id=1001, text="Яма")
            return await self.inner.handle_async_request(request)

        async def aclose(self) -> None:
            await self.inner.aclose()

    async with httpx.AsyncClient(transport=Offering()) as http:
        settings = vk.settings(long_poll=True, long_poll_seconds=25)
        found = await listening(http, settings).fetch(None, now=vk.clock.at)
    assert ids(found.posts) == ["wall-1_1"]


async def test_lost_history_is_caught_up_by_the_wall(vk: Vk) -> None:
    wall, news = await both(vk)
    await reads(vk, news)
    await vk.passage(wall)
    assert wall.every.total_seconds() == 600
    missed = await vk.offers("Этого никто не услышал")
    await vk.does("longpoll", community_id=1, what="lose_history")
    after = await vk.offers("И это тоже")
    vk.clock.forward(minutes=10)
    assert ids(await reads(vk, news)) == []  # {"failed": 1}: the new place is taken
    assert ids(await vk.passage(wall)) == [after, missed]
    assert wall.every.total_seconds() == 60  # until the news are known to come again
    newest = await vk.offers("А это уже слышно")
    assert ids(await reads(vk, news)) == [newest]
    await vk.passage(wall)
    assert wall.every.total_seconds() == 600


async def test_an_expired_key_loses_nothing(vk: Vk) -> None:
    _, news = await both(vk)
    await reads(vk, news)
    post = await vk.offers("Яма")
    await vk.does("longpoll", community_id=1, what="expire_key")
    assert ids(await reads(vk, news, times=2)) == [post]
    assert vk.world.record.calls["groups.getLongPollServer"] == 2


async def test_everything_lost_means_a_new_key_and_place(vk: Vk) -> None:
    wall, news = await both(vk)
    await reads(vk, news)
    missed = await vk.offers("Пропало")
    await vk.does("longpoll", community_id=1, what="lose_all")
    assert await reads(vk, news, times=2) == []
    heard = await vk.offers("Слышно")
    assert ids(await reads(vk, news)) == [heard]
    assert set(ids(await vk.passage(wall))) == {missed, heard}


async def test_after_a_restart_the_news_of_the_meantime_come(vk: Vk) -> None:
    _, news = await both(vk)
    await reads(vk, news)
    post = await vk.offers("Пока нас не было")
    _, again = await both(vk)
    assert ids(await reads(vk, again)) == [post]


@pytest.mark.parametrize("cursor", ["", "{}", "null", "17", '{"ts": "вчера"}', '{"ts": true}', "[" * 9999])
async def test_an_unreadable_cursor_means_beginning_now(vk: Vk, cursor: str) -> None:
    await vk.offers("Раньше")
    _, news = await both(vk)
    batch = await news.fetch(cursor, now=vk.clock.at)
    assert json.loads(batch.cursor or "") == {"ts": "0"}


async def test_what_is_needed_is_switched_on_once_and_nothing_else_is_touched(vk: Vk) -> None:
    sent: list[dict[str, list[str]]] = []

    async def look(request: httpx.Request) -> None:
        if request.url.path.endswith("setLongPollSettings"):
            sent.append(parse_qs(request.content.decode()))

    async with httpx.AsyncClient(event_hooks={"request": [look]}) as http:
        settings = vk.settings(long_poll=True, long_poll_seconds=0)
        first = listening(http, settings)
        for _ in range(3):
            await first.fetch(None, now=vk.clock.at)
        await listening(http, settings).fetch(None, now=vk.clock.at)
    [asked] = sent
    assert {key: value for key, value in asked.items() if key not in {"access_token", "v"}} == {
        "group_id": ["1"],
        "enabled": ["1"],
        "api_version": ["5.199"],
        **{f"wall_{name}": ["1"] for name in ("post_new", "reply_new", "reply_edit", "reply_restore")},
    }


async def test_a_missing_right_is_told_in_plain_words_and_polling_goes_on(vk: Vk) -> None:
    await vk.does("tokens", token=COMMUNITY, kind="community", community_id=1, rights=["wall"])
    post = await vk.offers("Яма")
    wall, news = await both(vk)
    with pytest.raises(NetworkError) as refused:
        await news.fetch(None, now=vk.clock.at)
    assert refused.value.outcome is Outcome.STOP
    assert "«Город»" in str(refused.value)
    assert "polling" in str(refused.value)
    assert ids(await vk.passage(wall)) == [post]
    assert wall.every.total_seconds() == 60
    await vk.does("tokens", token=COMMUNITY, kind="community", community_id=1, rights=["wall", "manage"])
    assert await reads(vk, news) == []


async def test_long_poll_switched_off_by_somebody_is_switched_on_again(vk: Vk) -> None:
    _, news = await both(vk)
    await reads(vk, news)
    await vk.does("longpoll", community_id=1, what="disable")
    await reads(vk, news)  # the key is no good any more
    with pytest.raises(NetworkError):
        await reads(vk, news)
    assert await reads(vk, news) == []
    post = await vk.offers("Яма")
    assert ids(await reads(vk, news)) == [post]


async def test_the_wall_is_read_often_again_when_the_news_stop_coming(vk: Vk) -> None:
    wall, news = await both(vk, every_seconds_with_push=900)
    await vk.passage(wall)
    assert wall.every.total_seconds() == 60
    await reads(vk, news)
    await vk.passage(wall)
    assert wall.every.total_seconds() == 900
    vk.clock.forward(minutes=15)
    await vk.passage(wall)
    assert wall.every.total_seconds() == 60


async def test_names_that_cannot_be_asked_for_stop_no_post(vk: Vk) -> None:
    _, news = await both(vk)
    await reads(vk, news)
    post = await vk.offers("Яма", author_name="Анна Петрова")
    await vk.does("faults", kind="error", method="users.get", code=10)
    [found] = await reads(vk, news)
    assert (found.native_id, found.author_name) == (post, "")
    assert await vk.offers("Ещё", author_name="Анна Петрова")
    assert [one.author_name for one in await reads(vk, news)] == ["Анна Петрова"]


async def test_events_of_no_shape_bring_nothing() -> None:
    odd: list[Any] = [
        None,
        17,
        {},
        {"type": "wall_post_new"},
        {"type": "wall_post_new", "object": []},
        {"type": "wall_post_new", "object": {"id": "x"}, "group_id": 1},
        {"type": "wall_reply_new", "object": {"id": 3, "from_id": 7, "date": AT}, "group_id": 1},
        {"type": "wall_reply_new", "object": {"id": 3, "from_id": 7, "date": 10**30, "post_id": 1}},
        {"type": "message_new", "object": {"message": {"text": "личное"}}, "group_id": 1},
        _event("wall_post_new", id=9, owner_id=-1, post_type="suggest"),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/wh1":
            return httpx.Response(200, content=json.dumps({"ts": "6", "updates": odd}))
        return _answers(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        batch = await listening(http).fetch('{"ts": "5"}', now=NOON)
    assert (list(batch.posts), batch.cursor) == ([], '{"ts": "6"}')
