"""An independent client, vkbottle with its typed models, believes the sandbox to be VK."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from vkbottle import API, AiohttpClient, CaptchaError, VKAPIError

from sandbox.vk import VkWorld, add_routes
from sandbox.vk.methods import METHODS
from sandbox.vk.refusals import TEXTS
from sandbox.vk.things import Token

ANNA, TOWN = "Анна Петрова", 1


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Judge:
    """vkbottle with each kind of token, and the driver."""

    def __init__(self, url: str, session: aiohttp.ClientSession, world: VkWorld) -> None:
        self.world, self._url, self._session = world, url, session
        self.service, self.community, self.user = (
            self.api(kind) for kind in ("service", "community", "user")
        )

    def api(self, token: str) -> Any:
        class Here(API):
            API_URL = f"{self._url}/vk/method/"

        return Here(token, http_client=AiohttpClient(session=self._session))

    async def fault(self, **script: Any) -> None:
        async with self._session.post(f"{self._url}/control/vk/faults", json=script) as answer:
            assert answer.status == 200


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    world = VkWorld(Noon())
    world.add_community(name="gorod", title="Город", number=TOWN)
    world.tokens |= {
        "service": Token("service"),
        "community": Token("community", TOWN),
        "user": Token("user"),
    }
    app = web.Application()
    add_routes(app, world)
    async with TestServer(app, host="127.0.0.1") as server, aiohttp.ClientSession() as session:
        yield Judge(str(server.make_url("")).rstrip("/"), session, world)


def a_post(judge: Judge, text: str = "Яма на Ленина", **more: Any) -> Any:
    return judge.world.offer_post(owner_id=-TOWN, from_id=judge.world.user(ANNA), text=text, **more)


async def test_the_wall_is_parsed_into_typed_models(judge: Judge) -> None:
    a_post(judge, photos=("https://p.ru/1.jpg",))
    a_post(judge, "Правила", pinned=True)
    answer = await judge.service.wall.get(owner_id=-TOWN, extended=True)
    pinned, plain = answer.items
    assert (answer.count, pinned.text, plain.text) == (2, "Правила", "Яма на Ленина")
    assert bool(pinned.is_pinned)
    assert not plain.is_pinned
    assert plain.comments.groups_can_post is True
    assert max(plain.attachments[0].photo.sizes, key=lambda size: size.width).url == "https://p.ru/1.jpg"
    assert [one.first_name for one in answer.profiles] == ["Анна"]
    assert [one.name for one in answer.groups] == ["Город"]
    by_id = await judge.service.wall.get_by_id(posts=["-1_1", "-1_77"])
    assert [one.id for one in by_id.items] == [1]
    found = await judge.service.wall.search(owner_id=-TOWN, query="яма")
    assert [one.id for one in found.items] == [1]


async def test_comments_and_threads_are_parsed(judge: Judge) -> None:
    post = a_post(judge)
    top = judge.world.offer_comment(post, from_id=judge.world.user("Борис"), text="б" * 200)
    for number in range(12):
        judge.world.offer_comment(post, from_id=judge.world.user(ANNA), text=str(number), reply_to=top.id)
    ask = judge.service.wall.get_comments
    answer = await ask(
        owner_id=-TOWN, post_id=post.id, extended=True, thread_items_count=10, preview_length=0
    )
    [shown] = answer.items
    assert (answer.count, answer.current_level_count) == (13, 1)
    assert (len(shown.text), shown.thread.count, len(shown.thread.items)) == (200, 12, 10)
    assert (shown.thread.items[0].parents_stack, shown.thread.items[0].reply_to_comment) == ([top.id], top.id)
    assert {one.first_name for one in answer.profiles} == {"Анна", "Борис"}
    cut = await ask(owner_id=-TOWN, post_id=post.id)
    assert len(cut.items[0].text) < 100  # VK cuts at 90 unless told not to
    inside = await ask(owner_id=-TOWN, post_id=post.id, comment_id=top.id, count=5, offset=10)
    assert [one.text for one in inside.items] == ["10", "11"]
    newest = await ask(owner_id=-TOWN, post_id=post.id, comment_id=top.id, count=1, sort="desc")
    assert [one.text for one in newest.items] == ["11"]


async def test_a_search_is_parsed_and_paged(judge: Judge) -> None:
    for number in range(5):
        a_post(judge, f"яма {number}")
    first = await judge.service.newsfeed.search(q="яма", count=3, extended=True)
    assert [one.text for one in first.items] == ["яма 4", "яма 3", "яма 2"]
    assert first.total_count == 5
    rest = await judge.service.newsfeed.search(q="яма", count=3, start_from=first.next_from)
    assert [one.text for one in rest.items] == ["яма 1", "яма 0"]
    assert rest.next_from is None


async def test_a_comment_is_written_once_edited_and_deleted(judge: Judge) -> None:
    post = a_post(judge)
    write = judge.community.wall.create_comment
    asked: dict[str, Any] = {"owner_id": -TOWN, "post_id": post.id, "from_group": TOWN, "guid": "g-1"}
    made = await write(message="Засыпали", **asked)
    assert made.parents_stack == []
    assert (await write(message="Засыпали", **asked)).comment_id == made.comment_id
    inner = await write(
        owner_id=-TOWN, post_id=post.id, message="И тут", reply_to_comment=made.comment_id, guid="g-2"
    )
    assert inner.parents_stack == [made.comment_id]
    assert await judge.user.wall.edit_comment(owner_id=-TOWN, comment_id=made.comment_id, message="Да") == 1
    shown = await judge.user.wall.get_comment(owner_id=-TOWN, comment_id=made.comment_id)
    assert (shown.items[0].text, shown.items[0].from_id) == ("Да", -TOWN)
    assert await judge.user.wall.delete_comment(owner_id=-TOWN, comment_id=inner.comment_id) == 1
    left = await judge.service.wall.get_comments(owner_id=-TOWN, post_id=post.id)
    assert [one.id for one in left.items] == [made.comment_id]
    posted = await judge.user.wall.post(owner_id=-TOWN, message="Объявление", from_group=True)
    assert judge.world.posts[-TOWN, posted.post_id].from_id == -TOWN


async def test_communities_people_and_names_are_parsed(judge: Judge) -> None:
    number = judge.world.user(ANNA)
    groups = (await judge.service.groups.get_by_id(group_ids=["gorod"])).groups
    assert [(one.id, one.name, one.screen_name) for one in groups] == [(TOWN, "Город", "gorod")]
    permissions = await judge.community.groups.get_token_permissions()
    assert permissions.mask & 8192
    assert {one.name for one in permissions.permissions} == {"wall", "manage"}
    assert [one.last_name for one in await judge.service.users.get(user_ids=[number])] == ["Петрова"]
    assert await judge.service.utils.get_server_time() == int(Noon().now().timestamp())
    resolved = await judge.service.utils.resolve_screen_name(screen_name="gorod")
    assert (resolved.object_id, resolved.type.value) == (TOWN, "group")


@pytest.mark.parametrize(
    ("token", "ask", "code", "words"),
    [
        ("community", ("wall.get", {"owner_id": -1}), 27, "method is unavailable with group auth"),
        ("service", ("wall.createComment", {"owner_id": -1, "post_id": 1}), 28, "Application authorization"),
        ("nonsense", ("wall.get", {"owner_id": -1}), 5, "invalid access_token (4)."),
        ("service", ("wall.getEverything", {}), 3, "Unknown method passed"),
        ("service", ("wall.get", {}), 100, "missing or invalid: owner_id is undefined"),
        ("service", ("wall.get", {"owner_id": "я"}), 100, "owner_id not integer"),
        ("service", ("wall.get", {"owner_id": -1, "count": 101}), 100, "count"),
        ("service", ("wall.getComments", {"owner_id": -1}), 100, "post_id is undefined"),
        ("service", ("wall.getComments", {"owner_id": -1, "post_id": 99}), 15, "Access denied"),
        ("service", ("newsfeed.search", {}), 100, "q is undefined"),
        ("community", ("wall.createComment", {"owner_id": -1, "post_id": 1}), 100, "message is undefined"),
        ("community", ("wall.createComment", {"owner_id": -1, "post_id": 9, "message": "."}), 15, "Access"),
        ("user", ("wall.editComment", {"owner_id": -1, "comment_id": 9, "message": "."}), 211, "comment"),
    ],
)
async def test_refusals_carry_their_code(
    judge: Judge, token: str, ask: tuple[str, dict[str, Any]], code: int, words: str
) -> None:
    a_post(judge)
    with pytest.raises(VKAPIError[code]) as refused:
        await judge.api(token).request(*ask)
    assert words in str(refused.value)


async def test_closed_comments_and_links_are_refused(judge: Judge) -> None:
    closed, linked = a_post(judge, "Закрыто"), a_post(judge, "Без ссылок")
    closed.comments_closed = True
    judge.world.communities[TOWN].links_forbidden = True
    write = judge.community.wall.create_comment
    with pytest.raises(VKAPIError[213]):
        await write(owner_id=-TOWN, post_id=closed.id, message="Ответ")
    with pytest.raises(VKAPIError[222]):
        await write(owner_id=-TOWN, post_id=linked.id, message="https://gorod.ru")
    wall = await judge.service.wall.get(owner_id=-TOWN)
    assert {one.text: bool(one.comments.can_post) for one in wall.items} == {
        "Закрыто": False,
        "Без ссылок": True,
    }
    judge.world.tokens["weak"] = Token("community", TOWN, ("manage",))
    with pytest.raises(VKAPIError[15]):
        await judge.api("weak").wall.create_comment(owner_id=-TOWN, post_id=linked.id, message="Ответ")


@pytest.mark.parametrize("code", sorted(TEXTS))
async def test_any_refusal_can_be_ordered(judge: Judge, code: int) -> None:
    await judge.fault(kind="error", method="wall.get", code=code)
    with pytest.raises(VKAPIError) as refused:
        await judge.service.request("wall.get", {"owner_id": -TOWN})
    assert refused.value.code == code
    assert TEXTS[code] in str(refused.value)
    assert (await judge.service.wall.get(owner_id=-TOWN)).count == 0  # once, as ordered


async def test_a_captcha_comes_with_its_picture(judge: Judge) -> None:
    await judge.fault(kind="error", code=14)
    with pytest.raises(CaptchaError) as refused:
        await judge.service.wall.get(owner_id=-TOWN)
    assert refused.value.captcha_sid
    assert refused.value.captcha_img.startswith("https://")


async def test_one_call_too_many_in_a_second_is_error_six(judge: Judge) -> None:
    now = 50.0
    judge.world.monotonic = lambda: now
    judge.world.rate_limits["service"] = 3
    for _ in range(3):
        await judge.service.wall.get(owner_id=-TOWN)
    with pytest.raises(VKAPIError[6]):
        await judge.service.wall.get(owner_id=-TOWN)
    await judge.community.groups.get_by_id(group_ids=["gorod"])  # another token has its own pace
    now += 1
    await judge.service.wall.get(owner_id=-TOWN)


def test_every_method_knows_its_tokens() -> None:
    """As access_token_type of the published schema has them."""
    by_kind = {
        kind: {name for name, (kinds, _) in METHODS.items() if kind in kinds}
        for kind in ("service", "community", "user")
    }
    assert by_kind["user"] >= by_kind["service"]
    assert "wall.createComment" in by_kind["community"] - by_kind["service"]
    assert not {"wall.get", "wall.getComments", "newsfeed.search"} & by_kind["community"]
    assert {"wall.editComment", "wall.deleteComment", "wall.post"} & by_kind["community"] == set()
