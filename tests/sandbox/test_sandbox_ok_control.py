"""The driver of the sandbox's Odnoklassniki, and what goes wrong on order."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from collectors.ok.errors import VERDICTS
from collectors.ok.signature import session_secret, signature
from sandbox.ok.faults import NAMED
from sandbox.ok.refusals import NAMES
from tests.collectors.ok_cast import KEY, SECRET, TOKEN, TOWN, Ok, an_ok


@pytest.fixture
async def ok() -> AsyncIterator[Ok]:
    async with an_ok() as here:
        yield here


def signed(**params: Any) -> dict[str, str]:
    form = {"application_key": KEY, "format": "json", **{key: str(one) for key, one in params.items()}}
    return {**form, "access_token": TOKEN, "sig": signature(form, session_secret(TOKEN, SECRET))}


async def ask(ok: Ok, method: str, **params: Any) -> Any:
    return (await ok.http.post(f"{ok.url}/ok/fb.do", data=signed(method=method, **params))).json()


async def test_both_addresses_and_both_verbs_are_served(ok: Ok) -> None:
    named = signed(method="users.getCurrentUser")
    by_path = signed()
    answers = [
        await ok.http.post(f"{ok.url}/ok/fb.do", data=named),
        await ok.http.get(f"{ok.url}/ok/fb.do", params=named),
        await ok.http.post(f"{ok.url}/ok/api/users/getCurrentUser", data=by_path),
        await ok.http.get(f"{ok.url}/ok/api/users/getCurrentUser", params=by_path),
    ]
    assert {answer.json()["name"] for answer in answers} == {"Администратор Группы"}
    wrong = await ok.http.post(f"{ok.url}/ok/fb.do", data={**named, "sig": "0" * 32})
    assert (wrong.status_code, wrong.json()["error_code"]) == (200, 104)
    changed = await ok.http.post(f"{ok.url}/ok/fb.do", data={**named, "fields": "uid"})
    assert changed.json()["error_code"] == 104


async def test_only_the_asked_fields_come(ok: Ok) -> None:
    native = await ok.offers("Яма")
    await ok.offers("Да", under=native)
    answer = await ask(
        ok, "discussions.getComments", discussionId=native.split(":")[1], discussionType="GROUP_TOPIC",
        fields="comment.ID,comment.TEXT",
    )  # fmt: skip
    assert [set(one) for one in answer["comments"]] == [{"id", "text"}]
    assert isinstance(answer["comments"][0]["id"], str)


async def test_an_answer_is_edited_and_deleted_by_the_administrator(ok: Ok) -> None:
    """pyodnoklassniki cannot read the bare `true` that comes back."""
    root = await ok.offers("Яма")
    topic = root.split(":")[1]
    made = await ask(
        ok,
        "discussions.addDiscussionComment",
        entityId=topic,
        entityType="GROUP_TOPIC",
        comment="1",
        as_admin="true",
    )
    there = {"discussionId": topic, "discussionType": "GROUP_TOPIC", "comment_id": made}
    assert await ask(ok, "discussions.editDiscussionComment", **there, comment="Засыпали") is True
    assert ok.world.shown()["answers"] == {root: ["Засыпали"]}
    assert (await ask(ok, "discussions.getComment", **there))["comment"]["text"] == "Засыпали"
    assert (await ask(ok, "discussions.editDiscussionComment", **there, comment="я" * 3001))[
        "error_code"
    ] == 100
    assert await ask(ok, "discussions.deleteDiscussionComment", **there) is True
    assert (await ask(ok, "discussions.deleteDiscussionComment", **there))["error_code"] == 140
    assert ok.world.shown()["answers"] == {}


async def test_the_record_holds_no_secret(ok: Ok) -> None:
    await ask(ok, "users.getCurrentUser")
    text = json.dumps(await ok.record())
    assert TOKEN not in text
    assert SECRET not in text
    assert (await ok.record())["calls"] == {"users.getCurrentUser": 1}


async def test_limits_are_kept_and_counted(ok: Ok) -> None:
    now = 50.0
    ok.world.monotonic = lambda: now
    await ok.does("limits", per_second=2, methods={"users.getInfo": 1})
    codes = [(await ask(ok, "users.getCurrentUser")).get("error_code") for _ in range(3)]
    assert codes == [None, None, 8]
    now += 1
    asked = {"uids": ok.world.sessions[TOKEN].uid, "fields": "name"}
    assert (await ask(ok, "users.getInfo", **asked)) == [{"name": "Администратор Группы"}]
    assert (await ask(ok, "users.getInfo", **asked))["error_code"] == 11
    assert (await ok.record())["over_limit"] == 2
    now += 1
    left = await ask(ok, "users.getCallsLeft", methods="users.getInfo,discussions.getList")
    assert [one["available"] for one in left] == [False, True]


@pytest.mark.parametrize("what", sorted(NAMED))
async def test_every_named_fault_spoils_one_call_and_ends(ok: Ok, what: str) -> None:
    await ok.does(
        "faults", what=what, method="users.getCurrentUser", **({"seconds": 0.05} if "time" in what else {})
    )
    spoilt = True
    try:
        answer = await ok.http.post(f"{ok.url}/ok/fb.do", data=signed(method="users.getCurrentUser"))
        body = answer.json() if answer.status_code == 200 else {"error_code": answer.status_code}
        spoilt = "error_code" in body or "anchor" in body
    except (httpx.HTTPError, json.JSONDecodeError):
        pass
    assert spoilt is (what != "slow")
    assert (await ask(ok, "users.getCurrentUser"))["uid"]


async def test_nonsense_is_refused_in_words(ok: Ok) -> None:
    for path, body, status in (
        ("posts", {"text": "куда?"}, 400),
        ("posts", {"community_id": 5, "text": "."}, 404),
        ("posts", {"community_id": TOWN, "text": 17}, 400),
        ("posts", {"text": ".", "under": 99}, 404),
        ("edit", {"native_id": "GROUP_TOPIC:99", "text": "."}, 404),
        ("delete", {"native_id": "чепуха"}, 404),
        (
            "tokens",
            {"token": "t", "application_key": "k", "application_secret": "s", "rights": ["KING"]},
            400,
        ),
        ("faults", {"what": "earthquake"}, 400),
        ("faults", {"kind": "error", "colour": "red"}, 400),
        ("manners", {"comment_times": "never"}, 400),
    ):
        answer = await ok.http.post(f"{ok.url}/control/ok/{path}", content=json.dumps(body))
        assert (answer.status_code, bool(answer.json()["error"])) == (status, True), path


async def test_the_walls_are_shown_whole(ok: Ok) -> None:
    root = await ok.offers("Яма", author_name="Анна", photos=["https://p.ru/1"])
    gone = await ok.offers("Зря", under=root, author_name="Борис")
    await ok.does("delete", native_id=gone)
    where = {"entityId": root.split(":")[1], "entityType": "GROUP_TOPIC"}
    await ask(ok, "discussions.addDiscussionComment", comment="Ответ", as_admin="true", **where)
    [wall] = (await ok.http.get(f"{ok.url}/control/ok/walls?community_id={TOWN}")).json()["walls"]
    [post] = wall["posts"]
    assert (wall["title"], post["text"], post["author_name"]) == ("Город Солнечный", "Яма", "Анна")
    assert post["photos"] == ["https://p.ru/1"]
    assert [(one["author_name"], one["text"], one["deleted"], one["by_api"]) for one in post["thread"]] == [
        ("Борис", "", True, False),
        ("Город Солнечный", "Ответ", False, True),
    ]


async def test_two_answers_under_one_post_are_noticed(ok: Ok) -> None:
    root = await ok.offers("Яма")
    where = {"entityId": root.split(":")[1], "entityType": "GROUP_TOPIC"}
    for text in ("Раз", "Два"):
        await ask(ok, "discussions.addDiscussionComment", comment=text, as_admin="true", **where)
    assert (await ok.record())["doubled"] == [root]
    assert ok.world.shown() == {"answers": {root: ["Раз", "Два"]}, "doubled": 1}


def test_the_program_understands_every_refusal_there_is() -> None:
    assert NAMES.keys() <= VERDICTS.keys()
