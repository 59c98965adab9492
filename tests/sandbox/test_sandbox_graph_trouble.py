"""What goes wrong on the sandbox's Facebook and Instagram: tokens, proofs, limits, and faults on order."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.graph.access import Token
from tests.sandbox.graph_judge import FacebookRequestError
from tests.sandbox.graph_running import PAGE, SECRET, USER, Graph, running_graph


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with running_graph() as graph:
        yield graph


def a_post(graph: Graph) -> str:
    anna = graph.facebook.person("Анна")
    return graph.facebook.offer_post(graph.town, author=anna, text="Яма").id


def a_media(graph: Graph) -> str:
    return graph.instagram.offer_post(graph.account, text="Субботник").id


async def refused(graph: Graph, node: str = "me", **how: str) -> FacebookRequestError:
    with pytest.raises(FacebookRequestError) as error:
        await graph.asks(lambda judge: judge.page(node, ["name"]), **how)
    return error.value


async def test_only_known_and_living_tokens_are_heard(graph: Graph) -> None:
    graph.facebook.access.tokens["old"] = Token("old", "page", graph.town.id, broken=463)
    error = await refused(graph, token="old")
    assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == (190, 463, 400)
    assert error.api_error_type() == "OAuthException"
    assert (await refused(graph, token="stolen")).api_error_code() == 190
    async with graph.http.get(f"{graph.url}/graph/v25.0/me") as answer:
        assert (await answer.json())["error"]["code"] == 104


async def test_the_token_comes_in_the_address_the_form_or_the_header(graph: Graph) -> None:
    url, post = f"{graph.url}/graph/v25.0", a_post(graph)
    for query, headers in (({"access_token": PAGE}, {}), ({}, {"Authorization": f"Bearer {PAGE}"})):
        async with graph.http.get(f"{url}/me", params=query, headers=headers) as answer:
            assert (await answer.json())["id"] == graph.town.id
    form = {"access_token": PAGE, "message": "Ответ"}
    async with graph.http.post(f"{url}/{post}/comments", data=form) as answer:
        assert answer.status == 200
    async with graph.http.post(f"{url}/{post}/comments", json=form) as answer:
        assert answer.status == 200
    record = await graph.look("facebook/record")
    assert [one["token_in"] for one in record["requests"]] == [
        "parameter",
        "header",
        "parameter",
        "parameter",
    ]
    assert PAGE not in json.dumps(record)


async def test_the_proof_is_checked_once_the_secret_is_known(graph: Graph) -> None:
    assert await graph.asks(lambda judge: judge.me(["id"]), app_secret="anything")
    await graph.control("facebook/app", secret=SECRET)
    assert await graph.asks(lambda judge: judge.me(["id"]), app_secret=SECRET)
    assert await graph.asks(lambda judge: judge.me(["id"]))
    error = await refused(graph, app_secret="another")
    assert (error.api_error_code(), error.api_error_type()) == (100, "GraphMethodException")
    await graph.control("facebook/app", proof_required=True)
    assert (await refused(graph)).api_error_code() == 100
    proof = hmac.new(SECRET.encode(), PAGE.encode(), hashlib.sha256).hexdigest()
    assert (await graph.get("me", appsecret_proof=proof))["id"] == graph.town.id


async def test_what_is_no_address_of_the_api_is_refused(graph: Graph) -> None:
    for path, code in (
        ("v99.0/me", 2500),
        ("me", 2500),
        ("v25.0", 2500),
        ("v25.0/me/feed/more", 2500),
        ("v25.0/nobody", 803),
        ("v25.0/77", 100),
        ("v25.0/me/colour", 100),
    ):
        async with graph.http.get(f"{graph.url}/graph/{path}", params={"access_token": PAGE}) as answer:
            assert answer.status >= 400
            assert (await answer.json())["error"]["code"] == code, path
    assert (await graph.get(graph.town.name))["id"] == graph.town.id
    async with graph.http.get(f"{graph.url}/graph/v26.0/me/", params={"access_token": PAGE}) as answer:
        assert answer.status == 200


async def test_a_pages_limit_shuts_it_out_until_the_window_ends(graph: Graph) -> None:
    await graph.control("facebook/limits", facebook=2, window=600)
    _, _, first = await graph.call("GET", "me")
    usage = json.loads(first["X-Business-Use-Case-Usage"])[graph.town.id][0]
    assert (usage["type"], usage["call_count"], usage["estimated_time_to_regain_access"]) == ("pages", 50, 0)
    await graph.call("GET", "me")
    status, body, headers = await graph.call("GET", "me")
    assert (status, body["error"]["code"]) == (400, 80001)
    usage = json.loads(headers["X-Business-Use-Case-Usage"])[graph.town.id][0]
    assert (usage["call_count"], usage["estimated_time_to_regain_access"]) == (100, 10)
    assert (await graph.call("GET", "me", token=USER))[0] == 200
    assert (await graph.call("GET", graph.account.id))[0] == 200
    assert (await graph.look("facebook/record"))["over_limit"] == 1
    graph.clock.forward(minutes=10)
    assert (await graph.call("GET", "me"))[0] == 200
    await graph.control("facebook/limits", facebook=None)
    assert [(await graph.call("GET", "me"))[0] for _ in range(4)] == [200] * 4


async def test_users_share_the_limit_of_the_app_and_instagram_has_its_own(graph: Graph) -> None:
    await graph.control("instagram/limits", app=1, instagram=1)
    await graph.call("GET", "me", token=USER)
    status, body, headers = await graph.call("GET", "me", token=USER)
    assert (status, body["error"]["code"], body["error"]["is_transient"]) == (403, 4, True)
    assert json.loads(headers["X-App-Usage"])["call_count"] == 100
    assert "X-Business-Use-Case-Usage" not in headers
    await graph.call("GET", graph.account.id)
    assert (await graph.call("GET", graph.account.id))[1]["error"]["code"] == 80002


async def test_the_headers_can_be_told_to_rise(graph: Graph) -> None:
    await graph.control("facebook/limits", shown=85)
    _, _, headers = await graph.call("GET", "me")
    assert json.loads(headers["X-App-Usage"])["call_count"] == 85


@pytest.mark.parametrize(
    ("fault", "status", "code", "subcode"),
    [
        ({"what": "expired_token"}, 400, 190, 463),
        ({"what": "captcha"}, 400, 190, 459),
        ({"what": "revoked_rights"}, 403, 10, None),
        ({"what": "deleted"}, 400, 100, 33),
        ({"what": "200_with_error"}, 200, 1, None),
        ({"kind": "error", "code": 2}, 500, 2, None),
        ({"kind": "error", "code": 368}, 400, 368, None),
        ({"kind": "error", "code": 190, "subcode": 460}, 400, 190, 460),
    ],
)
async def test_a_fault_speaks_as_the_graph_api_does(
    graph: Graph, fault: dict[str, Any], status: int, code: int, subcode: int | None
) -> None:
    await graph.control("facebook/faults", **fault)
    error = await refused(graph)
    assert (error.http_status(), error.api_error_code(), error.api_error_subcode()) == (status, code, subcode)
    assert await graph.asks(lambda judge: judge.page("me", ["name"]))


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001])
async def test_a_limit_on_order_tells_its_end(graph: Graph, code: int) -> None:
    await graph.control("facebook/faults", kind="error", code=code, minutes=7)
    error = await refused(graph)
    assert error.api_error_code() == code
    usage = json.loads(error.http_headers()["X-Business-Use-Case-Usage"])[graph.town.id][0]
    assert (usage["call_count"], usage["estimated_time_to_regain_access"]) == (100, 7)


async def test_a_revoked_right_to_write_is_200(graph: Graph) -> None:
    post = a_post(graph)
    await graph.control("facebook/faults", what="revoked_rights", path="POST comments")
    assert (await graph.call("GET", f"{post}/comments"))[0] == 200
    status, body, _ = await graph.call("POST", f"{post}/comments", message="Ответ")
    assert (status, body["error"]["code"]) == (403, 200)


async def test_a_fault_waits_for_its_network_its_call_and_ends(graph: Graph) -> None:
    post, media = a_post(graph), a_media(graph)
    await graph.control("instagram/faults", kind="error", method="comments", code=2, skip=1, times=2)
    assert (await graph.call("GET", f"{post}/comments"))[0] == 200
    assert (await graph.call("GET", media))[0] == 200
    got = [(await graph.call("GET", f"{media}/comments"))[0] for _ in range(4)]
    assert got == [200, 500, 500, 200]
    await graph.control("facebook/faults", what="http_500", path="/v25.0/me*", times=-1)
    async with graph.http.get(f"{graph.url}/graph/v25.0/me/feed") as answer:
        assert (answer.status, answer.content_type) == (500, "text/plain")
    assert await graph.control("facebook/faults", by="DELETE") == {"waiting": 0}
    assert (await graph.call("GET", "me"))[0] == 200


async def test_garbage_is_no_json(graph: Graph) -> None:
    for kind in ("garbage", "empty"):
        await graph.control("facebook/faults", kind=kind)
        with pytest.raises(json.JSONDecodeError):
            await graph.call("GET", "me")


@pytest.mark.parametrize("what", ["done_then_timeout", "cut_body"])
async def test_the_work_is_done_though_no_answer_comes(graph: Graph, what: str) -> None:
    post, media = a_post(graph), a_media(graph)
    for network, node in (("facebook", post), ("instagram", media)):
        await graph.control(f"{network}/faults", what=what, method="POST comments", seconds=0.05)
        with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
            await graph.call("POST", f"{node}/comments", message="Ответ")
    assert graph.facebook.shown()["answers"] == {post: ["Ответ"]}
    assert graph.instagram.shown()["answers"] == {media: ["Ответ"]}


async def test_other_faults_do_no_work_unless_told(graph: Graph) -> None:
    post = a_post(graph)
    await graph.control("facebook/faults", kind="error", code=2)
    await graph.call("POST", f"{post}/comments", message="Ответ")
    assert graph.facebook.received == []
    await graph.control("facebook/faults", what="duplicate", after_work=True)
    _, body, _ = await graph.call("POST", f"{post}/comments", message="Ответ")
    assert body["error"]["code"] == 506
    assert len(graph.facebook.received) == 1


async def test_an_endless_cursor_leads_to_the_same_page_for_ever(graph: Graph) -> None:
    post = a_post(graph)
    await graph.call("POST", f"{post}/comments", message="Ответ")
    await graph.control("facebook/faults", what="endless_cursor", path="GET comments", times=-1)
    page = await graph.get(f"{post}/comments", fields="message")
    for _ in range(5):
        assert [one["message"] for one in page["data"]] == ["Ответ"]
        after, following = page["paging"]["cursors"]["after"], page["paging"]["next"]
        async with graph.http.get(following) as answer:
            page = await answer.json()
        assert page["paging"]["cursors"]["after"] == after


async def test_a_page_may_be_empty_and_not_the_last(graph: Graph) -> None:
    post = a_post(graph)
    for number in range(4):
        await graph.call("POST", f"{post}/comments", message=f"Ответ {number}")
    await graph.control("facebook/faults", kind="empty_page")
    page = await graph.get(f"{post}/comments", limit=2)
    assert page["data"] == []
    async with graph.http.get(page["paging"]["next"]) as answer:
        assert len((await answer.json())["data"]) == 2
