"""Every answer of the sandbox's X is valid against X's own OpenAPI, in both generations; so are our requests."""

import json
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from collectors.contract import Link, Page, Photo, Watch
from tests.collectors.x_cast import BEARER, GOROD, OTHER, X, an_x, keyword, reply
from tests.conftest import ROOT

FILES = {"post": "openapi-2.167-post-fields.json", "tweet": "openapi-2.159-tweet-fields.json"}
SPECS = ROOT.parent / "shared" / "reference" / "specs" / "x"


@cache
def spec(dialect: str) -> Any:
    path = Path(SPECS / FILES[dialect])
    if not path.exists():
        pytest.skip("the specs are not here")
    return json.loads(path.read_text(encoding="utf-8"))


def check(dialect: str, schema: Any, instance: Any) -> None:
    """Raises what jsonschema finds. `nullable` is OpenAPI's, and nothing here is null."""
    whole = {**schema, "components": spec(dialect)["components"]}
    jsonschema.Draft7Validator(whole).validate(instance)


def template(dialect: str, method: str, path: str) -> str:
    """The path as the spec writes it."""
    known = spec(dialect)["paths"]
    for candidate in sorted(known, key=lambda one: "{" in one):
        parts = zip(candidate.split("/"), path.split("/"), strict=False)
        alike = all(ours == theirs or ours.startswith("{") for ours, theirs in parts)
        if alike and candidate.count("/") == path.count("/") and method.lower() in known[candidate]:
            return str(candidate)
    raise AssertionError(f"{method} {path} is not in the spec")


class Listening(httpx.AsyncBaseTransport):
    """Passes calls on, and keeps what was asked and answered."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.heard: list[tuple[httpx.Request, httpx.Response]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        await response.aread()
        if request.url.path.startswith("/x/"):
            self.heard.append((request, response))
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


@pytest.fixture
async def x() -> AsyncIterator[tuple[X, Listening]]:
    async with an_x() as here:
        ears = Listening()
        async with httpx.AsyncClient(transport=ears) as http:
            here.http = http
            yield here, ears


async def everything(x: X, dialect: str) -> None:
    """All our connector can do, over posts of every kind."""
    await x.does("manners", dialect=dialect)
    ours = await x.offers("Новости #город $GAZP", author="gorod")
    asked = await x.offers("Яма <тут> https://e1.ru/a", under=ours, photos=["https://p.ru/1.jpg"])
    await x.offers("Яма! " + "Долго. " * 80 + "@raion", quote=ours)
    await x.does("edit", native_id=await x.offers("Яма", to="gorod"), text="@gorod Ямы")
    x.clock.forward(seconds=30)
    connector = x.connector(dialect=dialect)
    for feed in connector.watch(Watch(pages=(GOROD, OTHER), keywords=(keyword("яма -игра"),))):
        await x.passage(feed)
    assert connector.publisher is not None
    assert connector.verify_link is not None
    assert connector.look_up is not None
    assert connector.check is not None
    photo = Photo(b"\xff\xd8\xff\xe0" + b"0" * 64)
    await connector.publisher.publish(reply(asked, photos=(photo,)))
    assert await connector.publisher.find(reply(asked)) is not None
    assert await connector.verify_link(Link("x", ours), reply(asked)) is None
    await connector.look_up(Page("", "raion"))
    assert [one.problem for one in await connector.check()] == ["", "", ""]


@pytest.mark.parametrize("dialect", FILES)
async def test_answers_and_requests_are_as_specified(x: tuple[X, Listening], dialect: str) -> None:
    spec(dialect)
    here, ears = x
    await everything(here, dialect)
    seen = set()
    for request, response in ears.heard:
        path = request.url.path.removeprefix("/x")
        name = template(dialect, request.method, path)
        seen.add(f"{request.method} {name}")
        operation = spec(dialect)["paths"][name][request.method.lower()]
        check_request(dialect, operation, request)
        assert response.status_code < 300, response.text
        answer = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
        # 2.159 asks an upload's answer for a `meta` it describes nowhere.
        if (dialect, name) != ("tweet", "/2/media/upload"):
            check(dialect, answer, response.json())
    assert len(seen) == 9


def check_request(dialect: str, operation: Any, request: httpx.Request) -> None:
    """Every parameter is known and of its kind; the body is as described."""
    known = {}
    for one in operation.get("parameters", []):
        parameter = one
        if "$ref" in one:
            parameter = spec(dialect)["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        known[parameter["name"]] = parameter["schema"]
    for key, value in request.url.params.items():
        assert key in known, key
        kind = known[key].get("type")
        instance = value.split(",") if kind == "array" else int(value) if kind == "integer" else value
        check(dialect, known[key], instance)
    if request.method == "POST":
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        check(dialect, body, json.loads(request.content))


@pytest.mark.parametrize("dialect", FILES)
@pytest.mark.parametrize(
    "path",
    ["search/recent?query=lang:ru", "search/recent", "search/recent?query=a&since_id=x", "1?foo=1", "x"],
)
async def test_refusals_are_as_specified(x: tuple[X, Listening], dialect: str, path: str) -> None:
    spec(dialect)
    here, _ = x
    await here.does("manners", dialect=dialect)
    answer = await here.http.get(
        f"{here.url}/x/2/tweets/{path}", headers={"Authorization": f"Bearer {BEARER}"}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    check(dialect, {"$ref": "#/components/schemas/Problem"}, answer.json())


@pytest.mark.parametrize("dialect", FILES)
async def test_what_is_missing_is_an_error_beside_the_data(x: tuple[X, Listening], dialect: str) -> None:
    spec(dialect)
    here, _ = x
    await here.does("manners", dialect=dialect)
    headers = {"Authorization": f"Bearer {BEARER}"}
    for path in ("tweets?ids=17", "users/by/username/nobody", "users/17/tweets"):
        answer = await here.http.get(f"{here.url}/x/2/{path}", headers=headers)
        assert answer.status_code == 200
        [problem] = answer.json()["errors"]
        check(dialect, {"$ref": "#/components/schemas/ResourceNotFoundProblem"}, problem)
