"""The driver of the sandbox's Facebook and Instagram: offers, records, walls, and webhooks on order."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.sandbox.graph_running import PAGE, SECRET, Graph, running_graph

NETWORKS = ["facebook", "instagram"]


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with running_graph() as graph:
        yield graph


class Ear:
    """A webhook of ours: it verifies itself, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.url = ""

    async def verify(self, request: web.Request) -> web.Response:
        if request.query["hub.mode"] != "subscribe" or request.query["hub.verify_token"] != "ours":
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((await request.read(), request.headers.get("X-Hub-Signature-256", "")))
        return web.Response(text="ok")


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear, app = Ear(), web.Application()
    app.router.add_get("/hook", ear.verify)
    app.router.add_post("/hook", ear.hear)
    async with TestServer(app, host="127.0.0.1") as server:
        ear.url = str(server.make_url("/hook"))
        yield ear


def page_of(graph: Graph, network: str) -> str:
    return graph.town.id if network == "facebook" else graph.account.id


async def offered(graph: Graph, network: str, text: str = "Субботник", **more: Any) -> Any:
    body = {"page_id": page_of(graph, network), "text": text, "author": "page", **more}
    return await graph.control(f"{network}/posts", **body)


@pytest.mark.parametrize("network", NETWORKS)
async def test_offering_is_remembered_with_its_time(graph: Graph, network: str) -> None:
    post = await offered(graph, network)
    inner = await graph.control(f"{network}/posts", under=post["native_id"], text="Яма", author_name="anna")
    assert inner["post_id"] == post["native_id"] == post["post_id"]
    assert post["url"].startswith("https://www.")
    first, second = (await graph.look(f"{network}/record"))["offered"]
    assert (first["native_id"], first["by_resident"]) == (post["native_id"], False)
    assert (second["native_id"], second["by_resident"]) == (inner["native_id"], True)
    assert second["text_hash"] == hashlib.sha256("Яма".encode()).hexdigest()
    assert second["at"] == "2026-03-02T09:00:00+00:00"
    world = getattr(graph, network)
    assert [one.monotonic for one in world.offered] == [1000.0, 1000.0]
    assert world.by_resident(inner["native_id"])


@pytest.mark.parametrize("network", NETWORKS)
async def test_the_walls_are_shown_whole(graph: Graph, network: str) -> None:
    post = (await offered(graph, network, photos=["https://p.ru/1"]))["native_id"]
    zrya = await graph.control(f"{network}/posts", under=post, text="Зря", author_name="boris")
    await graph.call("POST", f"{post}/comments", message="Ответ")
    await graph.control(f"{network}/delete", native_id=zrya["native_id"])
    await graph.control(f"{network}/edit", native_id=post, text="Субботник!")
    [wall] = (await graph.look(f"{network}/walls?page_id={page_of(graph, network)}"))["walls"]
    [shown] = wall["posts"]
    assert (wall["title"], shown["text"], shown["photos"]) == ("Город", "Субботник!", ["https://p.ru/1"])
    assert [(one["text"], one["deleted"], one["by_api"]) for one in shown["thread"]] == [
        ("", True, False),
        ("Ответ", False, True),
    ]
    assert shown["comments"]["count"] == 1


@pytest.mark.parametrize("network", NETWORKS)
async def test_a_page_and_its_tokens_are_made_on_order(graph: Graph, network: str) -> None:
    made = await graph.control(f"{network}/pages", name="selo", title="Село", token="selo-token")
    await graph.control(
        f"{network}/posts", posts=[{"page_id": made["id"], "text": "А", "author": "page"} for _ in range(3)]
    )
    edge = "feed" if network == "facebook" else "media"
    assert len((await graph.get(f"{made['id']}/{edge}", token="selo-token"))["data"]) == 3
    await graph.control(f"{network}/tokens", token="selo-token", kind="page", page_id=made["id"], broken=460)
    _, body, _ = await graph.call("GET", made["id"], token="selo-token")
    assert (body["error"]["code"], body["error"]["error_subcode"]) == (190, 460)
    await graph.control(f"{network}/tokens", token="selo-token", kind="user", pages=[])
    assert (await graph.get("me/accounts", token="selo-token"))["data"] == []


@pytest.mark.parametrize("network", NETWORKS)
async def test_nonsense_is_refused_in_words(graph: Graph, network: str) -> None:
    post = (await offered(graph, network))["native_id"]
    comment = (await graph.control(f"{network}/posts", under=post, text="."))["native_id"]
    for path, body, status in (
        ("posts", {"text": "куда?"}, 400),
        ("posts", {"page_id": "5", "text": "."}, 404),
        ("posts", {"page_id": page_of(graph, network), "text": 17}, 400),
        ("posts", {"under": "99", "text": "."}, 404),
        ("posts", {"under": comment, "text": "."}, 400),
        ("edit", {"native_id": "99", "text": "."}, 404),
        ("delete", {"native_id": "чепуха"}, 404),
        ("close", {"native_id": comment}, 400),
        ("tokens", {"token": "t", "kind": "king"}, 400),
        ("tokens", {"token": "t", "kind": "page", "page_id": page_of(graph, network), "rights": ["x"]}, 400),
        ("faults", {"kind": "earthquake"}, 400),
        ("faults", {"kind": "error", "colour": "red"}, 400),
        ("hook", {"url": "http://127.0.0.1:9/", "native_id": "99"}, 404),
        ("hook", {"url": "http://127.0.0.1:9/", "native_id": comment, "verb": "sing"}, 400),
    ):
        assert (await graph.control(f"{network}/{path}", expect=status, **body))["error"]


async def test_an_address_proves_itself(graph: Graph, ear: Ear) -> None:
    told = await graph.control("facebook/hook/verify", url=ear.url, verify_token="ours")
    assert (told["ok"], told["status"], told["text"]) == (True, 200, "1158201444")
    told = await graph.control("instagram/hook/verify", url=ear.url, verify_token="theirs", challenge="7")
    assert (told["ok"], told["status"]) == (False, 403)
    assert (await graph.control("facebook/hook/verify", url="http://127.0.0.1:9/"))["status"] == 0


async def test_a_change_is_signed_over_its_escaped_words(graph: Graph, ear: Ear) -> None:
    await graph.control("facebook/app", secret=SECRET)
    post = (await offered(graph, "facebook"))["native_id"]
    comment = await graph.control(
        "facebook/posts", under=post, text="Яма: http://p.ru/ <", author_name="Анна"
    )
    told = await graph.control("facebook/hook", url=ear.url, native_id=comment["native_id"], times=2)
    assert [one["status"] for one in told["answers"]] == [200, 200]
    (sent, signature), again = ear.heard
    assert (sent, signature) == again
    assert sent.isascii()
    assert b"\\u042f\\u043c\\u0430: http:\\/\\/p.ru\\/ \\u003C" in sent
    assert signature == "sha256=" + hmac.new(SECRET.encode(), sent, hashlib.sha256).hexdigest()
    # Who writes the body anew by himself would sign something else.
    assert json.dumps(json.loads(sent), separators=(",", ":")).encode() != sent
    body = json.loads(sent)
    assert body["object"] == "page"
    [entry] = body["entry"]
    assert entry["id"] == graph.town.id
    assert entry["changes"][0]["field"] == "feed"
    anna = graph.facebook.person("Анна")
    assert entry["changes"][0]["value"] == {
        "item": "comment",
        "verb": "add",
        "comment_id": comment["native_id"],
        "post_id": post,
        "parent_id": post,
        "message": "Яма: http://p.ru/ <",
        "from": {"id": anna.id, "name": "Анна"},
        "created_time": 1772442000,
    }


async def test_a_change_may_be_badly_signed_or_not_at_all(graph: Graph, ear: Ear) -> None:
    await graph.control("facebook/app", secret=SECRET)
    post = (await offered(graph, "facebook"))["native_id"]
    await graph.control("facebook/hook", url=ear.url, native_id=post, signed=False)
    await graph.control("facebook/hook", url=ear.url, native_id=post, secret="stolen")
    (sent, none), (_, bad) = ear.heard
    assert none == ""
    assert bad.startswith("sha256=")
    assert bad != "sha256=" + hmac.new(SECRET.encode(), sent, hashlib.sha256).hexdigest()


async def test_a_removal_comes_without_words(graph: Graph, ear: Ear) -> None:
    post = (await offered(graph, "facebook"))["native_id"]
    comment = (await graph.control("facebook/posts", under=post, text="Яма"))["native_id"]
    reply = (await graph.control("facebook/posts", under=post, text="Да", reply_to=comment))["native_id"]
    told = await graph.control("facebook/hook", url=ear.url, native_id=reply, verb="edited")
    value = told["body"]["entry"][0]["changes"][0]["value"]
    assert (value["parent_id"], value["verb"], value["message"]) == (comment, "edited", "Да")
    await graph.control("facebook/delete", native_id=reply)
    told = await graph.control("facebook/hook", url=ear.url, native_id=reply, verb="remove")
    value = told["body"]["entry"][0]["changes"][0]["value"]
    assert "message" not in value
    assert value["comment_id"] == reply


async def test_instagram_tells_of_comments_and_mentions(graph: Graph, ear: Ear) -> None:
    media = (await offered(graph, "instagram"))["native_id"]
    comment = await graph.control("instagram/posts", under=media, text="Яма", author_name="anna")
    told = await graph.control("instagram/hook", url=ear.url, native_id=comment["native_id"])
    [entry] = told["body"]["entry"]
    assert (told["body"]["object"], entry["id"]) == ("instagram", graph.account.id)
    assert entry["changes"][0]["field"] == "comments"
    assert entry["changes"][0]["value"] == {
        "id": comment["native_id"],
        "text": "Яма",
        "from": {"id": graph.instagram.person("anna").id, "username": "anna"},
        "media": {"id": media, "media_product_type": "FEED"},
    }
    foreign = await offered(graph, "instagram", "Закат", author="", author_name="vera")
    mention = await graph.control("instagram/posts", under=foreign["native_id"], text="@gorod, свет!")
    told = await graph.control("instagram/hook", url=ear.url, native_id=mention["native_id"])
    assert told["body"]["entry"][0]["changes"] == [
        {"field": "mentions", "value": {"media_id": foreign["native_id"], "comment_id": mention["native_id"]}}
    ]
    await graph.control("instagram/hook", expect=404, url=ear.url, native_id=foreign["native_id"])


async def test_a_page_is_subscribed_with_its_own_token(graph: Graph) -> None:
    path = f"{graph.town.id}/subscribed_apps"
    assert (await graph.call("POST", path, subscribed_fields="feed"))[1] == {"success": True}
    assert graph.facebook.subscribed == {graph.town.id: ("feed",)}
    assert (await graph.call("POST", path, token="user-token", subscribed_fields="feed"))[0] == 403
    assert PAGE not in json.dumps(await graph.look("facebook/record"))
