"""Five towns for benchmarks/polling.py: what stands in each network, our settings there, and its published quotas."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import web
from pydantic import SecretStr

from benchmarks.virtual import VirtualClock
from collectors import facebook, instagram, ok, vk, x
from collectors.contract import NetworkSettings, Page, Watch
from sandbox.graph import FacebookWorld, InstagramWorld
from sandbox.graph import add_routes as add_graph_routes
from sandbox.graph.access import Token as GraphToken
from sandbox.ok import OkWorld
from sandbox.ok import add_routes as add_ok_routes
from sandbox.ok.things import Application, Session
from sandbox.vk.server import add_routes as add_vk_routes
from sandbox.vk.things import Token as VkToken
from sandbox.vk.world import VkWorld
from sandbox.x.server import add_routes as add_x_routes
from sandbox.x.things import Token as XToken
from sandbox.x.world import XWorld

# What a Page token may call for one engaged user of its page a day; a page with fewer cannot exist.
ENGAGED_USERS: Final = 1
_KEY, _SECRET = "app-key", "benchmark-secret"

Form = Mapping[str, str]
Who = Callable[[str, str, Form, Mapping[str, str]], str | None]
"""(call, path, form, headers) → whose quota the request eats; None: not this one's."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` calls in any `seconds`, for each `who`. The source stands in the name."""

    name: str
    limit: int
    seconds: float
    who: Who


class Town(Protocol):
    """`pages` are numbered from 0."""

    @property
    def network(self) -> str: ...
    @property
    def quotas(self) -> Sequence[Quota]: ...
    def furnish(self, pages: int) -> None: ...
    def add_routes(self, app: web.Application) -> None: ...
    def settings(self, url: str, pages: int) -> NetworkSettings: ...
    def watch(self, pages: int) -> Watch: ...
    def write(self, page: int, text: str) -> None: ...
    def call(self, method: str, path: str, form: Form) -> str: ...


def _service(call: str, path: str, form: Form, headers: Mapping[str, str]) -> str | None:
    return "service" if form.get("access_token") == "service" else None


def _walls(call: str, path: str, form: Form, headers: Mapping[str, str]) -> str | None:
    return _service(call, path, form, headers) if call == "wall.get" else None


class VkTown:
    """Ten pages in a hundred have a community token, and so are listened to by Long Poll."""

    network = "vk"
    quotas = (
        Quota("calls a second of the service token (VK: 5 for a new application)", 5, 1, _service),
        Quota("wall.get a day (developers, 2021-22)", 5000, 86_400, _walls),
    )

    def __init__(self, clock: VirtualClock) -> None:
        self.world = VkWorld(clock, monotonic=clock.monotonic)
        self._notices: list[Any] = []

    def furnish(self, pages: int) -> None:
        self.world.rate_limits = {"service": 5, "community": 20}
        self.world.tokens["service"] = VkToken("service")
        for number in range(1, pages + 1):
            self.world.add_community(name=f"page{number}", title=f"Страница {number}", number=number)
            self.world.tokens[f"community-{number}"] = VkToken("community", number)
            self._notices.append(
                self.world.offer_post(owner_id=-number, from_id=-number, text="Вопросы — в комментариях")
            )

    def add_routes(self, app: web.Application) -> None:
        add_vk_routes(app, self.world)

    def settings(self, url: str, pages: int) -> vk.VkSettings:
        tokens = [
            {"id": number, "community_token": f"community-{number}"} for number in range(1, pages // 10 + 1)
        ]
        return vk.VkSettings.model_validate(
            {
                "enabled": True,
                "api_url": f"{url}/vk",
                "service_token": "service",
                "communities": tokens,
                "most_long_polls": pages,
            }
        )

    def watch(self, pages: int) -> Watch:
        return Watch(tuple(Page(str(n), f"page{n}", f"Страница {n}") for n in range(1, pages + 1)))

    def write(self, page: int, text: str) -> None:
        self.world.offer_comment(self._notices[page], from_id=self.world.user("Иван Житель"), text=text)

    def call(self, method: str, path: str, form: Form) -> str:
        return "a_check" if "/lp/" in path else path.rpartition("/")[2]


class OkTown:
    """One administrator of all groups."""

    network = "ok"
    quotas = (Quota("calls a second (OK publishes none; our own limit)", 1, 1, lambda *a: "all"),)

    def __init__(self, clock: VirtualClock) -> None:
        self.world = OkWorld(clock, monotonic=clock.monotonic)
        self._topics: list[Any] = []
        self._groups: list[str] = []

    def furnish(self, pages: int) -> None:
        self.world.applications[_KEY] = Application(_KEY, _SECRET)
        for number in range(pages):
            group = self.world.add_group(name=f"Группа {number}")
            self._groups.append(group.uid)
            self._topics.append(
                self.world.offer_topic(
                    owner=f"group:{group.uid}", author=f"group:{group.uid}", text="Вопросы — в комментариях"
                )
            )
        uid = self.world.user("Администратор")
        self.world.sessions["token"] = Session(uid, _KEY, admin_of=frozenset(self._groups))

    def add_routes(self, app: web.Application) -> None:
        add_ok_routes(app, self.world)

    def settings(self, url: str, pages: int) -> ok.OkSettings:
        return ok.OkSettings(
            enabled=True,
            api_url=f"{url}/ok/fb.do",
            application_key=_KEY,
            application_secret=SecretStr(_SECRET),
            access_token=SecretStr("token"),
        )

    def watch(self, pages: int) -> Watch:
        return Watch(tuple(Page(group, "", f"Группа {group}") for group in self._groups))

    def write(self, page: int, text: str) -> None:
        author = f"user:{self.world.user('Иван Житель')}"
        self.world.offer_comment(self._topics[page], author=author, text=text)

    def call(self, method: str, path: str, form: Form) -> str:
        return form.get("method", path.rpartition("/")[2])


class _GraphTown:
    network = ""

    def __init__(self, clock: VirtualClock) -> None:
        self.facebook = FacebookWorld(clock, monotonic=clock.monotonic)
        self.instagram = InstagramWorld(self.facebook)
        self._pages: list[Any] = []
        self._posts: list[Any] = []
        # In 24 hours; an hour of the benchmark is held to its share.
        a_day = 4800 * ENGAGED_USERS
        self.quotas: Sequence[Quota] = (
            Quota(f"calls an hour of one Page token (Meta: {a_day} a day)", a_day // 24, 3600, _page_token),
        )

    def add_routes(self, app: web.Application) -> None:
        add_graph_routes(app, self.facebook, self.instagram)

    def watch(self, pages: int) -> Watch:
        return Watch(tuple(Page(page.id, "", f"Страница {page.id}") for page in self._pages))

    def call(self, method: str, path: str, form: Form) -> str:
        tail = path.rpartition("/")[2]
        return f"{method} {'node' if tail.isdigit() or ('_' in tail and tail[0].isdigit()) else tail}"


def _page_token(call: str, path: str, form: Form, headers: Mapping[str, str]) -> str | None:
    return headers.get("Authorization") or form.get("access_token")


class FacebookTown(_GraphTown):
    """A Page token for every page."""

    network = "facebook"

    def furnish(self, pages: int) -> None:
        for number in range(pages):
            page = self.facebook.add_page(name=f"page{number}", title=f"Страница {number}")
            secret = f"page-{page.id}"
            self.facebook.access.tokens[secret] = GraphToken(secret, "page", page.id)
            self._pages.append(page)
            self._posts.append(self.facebook.offer_post(page, text="Вопросы — в комментариях"))

    def settings(self, url: str, pages: int) -> facebook.FacebookSettings:
        own = [{"id": page.id, "page_token": f"page-{page.id}"} for page in self._pages]
        return facebook.FacebookSettings.model_validate(
            {"enabled": True, "api_url": f"{url}/graph", "communities": own}
        )

    def write(self, page: int, text: str) -> None:
        author = self.facebook.person("Иван Житель")
        self.facebook.offer_comment(self._posts[page], author=author, text=text)


class InstagramTown(_GraphTown):
    """An account for every page."""

    network = "instagram"

    def furnish(self, pages: int) -> None:
        for number in range(pages):
            page = self.facebook.add_page(name=f"page{number}", title=f"Страница {number}")
            account = self.instagram.add_page(name=f"account{number}", title="Официально", page_id=page.id)
            secret = f"page-{page.id}"
            self.facebook.access.tokens[secret] = GraphToken(secret, "page", page.id)
            self._pages.append(account)
            self._secrets = [*getattr(self, "_secrets", []), secret]
            self._posts.append(self.instagram.offer_post(account, text="Вопросы — в комментариях"))

    def settings(self, url: str, pages: int) -> instagram.InstagramSettings:
        own = [
            {"id": account.id, "username": account.name, "token": secret}
            for account, secret in zip(self._pages, self._secrets, strict=True)
        ]
        return instagram.InstagramSettings.model_validate(
            {"enabled": True, "api_url": f"{url}/graph", "accounts": own}
        )

    def write(self, page: int, text: str) -> None:
        author = self.instagram.person("ivan")
        self.instagram.offer_comment(self._posts[page], author=author, text=text)


def _calls(tail: str) -> Who:
    def who(call: str, path: str, form: Form, headers: Mapping[str, str]) -> str | None:
        return tail if call.endswith(tail) else None

    return who


class XTown:
    """One application's Bearer token; nobody mentions more than one account."""

    network = "x"
    quotas = (
        Quota("searches in 15 minutes (X: 450 an app)", 450, 900, _calls("tweets/search/recent")),
        Quota("mentions in 15 minutes (X: 450 an app)", 450, 900, _calls("users/:id/mentions")),
        Quota("own posts in 15 minutes (no figure at hand: 900)", 900, 900, _calls("users/:id/tweets")),
    )

    def __init__(self, clock: VirtualClock) -> None:
        self.world = XWorld(clock, monotonic=clock.monotonic, wall=lambda: clock.now().timestamp())
        self._names: list[str] = []

    def furnish(self, pages: int) -> None:
        self.world.keyring.tokens["bearer"] = XToken("app")
        for number in range(pages):
            account = self.world.add_account(f"gorod_{number:03}", f"Город {number}", is_official=True)
            self._names.append(account.username)
            self.world.offer(account, "Вопросы — в ответах")

    def add_routes(self, app: web.Application) -> None:
        add_x_routes(app, self.world)

    def settings(self, url: str, pages: int) -> x.XSettings:
        return x.XSettings(
            enabled=True,
            api_url=f"{url}/x",
            bearer_token=SecretStr("bearer"),
            monthly_budget_dollars=0,
        )

    def watch(self, pages: int) -> Watch:
        return Watch(tuple(Page("", name.lower(), name) for name in self._names))

    def write(self, page: int, text: str) -> None:
        self.world.offer(self.world.resident("Иван Житель"), f"@{self._names[page]} {text}")

    def call(self, method: str, path: str, form: Form) -> str:
        parts = path.removeprefix("/x/2/").split("/")
        return f"{method} {'/'.join(':id' if part.isdigit() else part for part in parts)}"


TOWNS: Final[Mapping[str, Callable[[VirtualClock], Town]]] = {
    town.network: town for town in (VkTown, OkTown, InstagramTown, FacebookTown, XTown)
}
