"""One line per network: the settings that lead to its sandbox, and a judge that is not ours."""

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from aiohttp import ClientSession
from vkbottle import API, AiohttpClient

from collectors import facebook, instagram, ok, vk
from collectors.contract import NetworkSettings, Page
from tests.sandbox.graph_judge import facebook_comments, instagram_comments
from tests.scenarios.network_world import BARE_429, Line, Script, Where
from tests.scenarios.x_lines import XLine


class VkLine(Line):
    network = vk.NETWORK
    pages = (Page("-1", "gorod", "Город", "Солнечный"),)
    home: ClassVar[Mapping[str, Any]] = {"community_id": 1}
    calls_to_read = 2
    reading = ("wall.get", "wall.getComments")
    writing = ("wall.createComment",)
    scripts: ClassVar[Mapping[str, Script]] = {
        "limit": {"kind": "error", "code": 29},
        "429": BARE_429,
        "expired_token": {"kind": "error", "code": 1117},
        "revoked_rights": {"kind": "error", "code": 5},
        "200_with_error": {"kind": "error", "code": 10},
        "captcha": {"kind": "error", "code": 14},
        "garbage": {"kind": "garbage"},
        "cut_body": {"kind": "cut"},
        "http_500": {"kind": "status", "code": 500},
        "done_then_timeout": {"kind": "hang", "after_work": True},
    }

    def settings(self, **changes: Any) -> NetworkSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/vk",
            "service_token": "service-1",
            "communities": ({"id": 1, "name": "gorod", "title": "Город", "community_token": "community-2"},),
            "calls_per_second": 60,
            "long_poll": False,
        }
        return vk.VkSettings.model_validate({**usual, **changes})

    async def furnish(self) -> None:
        await self.does("communities", id=1, name="gorod", title="Город", token="community-2")
        await self.does("tokens", token="service-1", kind="service")
        root = await self.does("posts", **self.home, text="Новости", author="community")
        self._root = root["native_id"]

    async def fault(self, what: str, *, where: Where, times: int = -1) -> None:
        if what == "endless_cursor":
            self.here.endless_wall.on = True
        else:
            await super().fault(what, where=where, times=times)

    async def clear(self) -> None:
        self.here.endless_wall.on = False
        await super().clear()

    async def judge(self, native_id: str) -> list[str]:
        owner, _, rest = native_id.removeprefix("wall").partition("_")
        post, _, comment = rest.partition("_r")

        class Here(API):
            API_URL = f"{self.url}/vk/method/"

        async with ClientSession() as session:
            asked: Any = Here("service-1", http_client=AiohttpClient(session=session))
            more = {"comment_id": int(comment)} if comment else {}
            seen = await asked.wall.get_comments(
                owner_id=int(owner), post_id=int(post), preview_length=0, **more
            )
        return [str(one.text) for one in seen.items if one.from_id == int(owner)]


class OkLine(Line):
    network = ok.NETWORK
    pages = (Page("53000000000001", "gorod", "Город", "Солнечный"),)
    home: ClassVar[Mapping[str, Any]] = {"community_id": "53000000000001"}
    calls_to_read = 3
    reading = ("discussions.getList", "mediatopic.getByIds", "discussions.getComments")
    writing = ("discussions.addDiscussionComment",)
    scripts: ClassVar[Mapping[str, Script]] = {"limit": {"what": "flood"}, "429": BARE_429}
    keys: ClassVar[Mapping[str, str]] = {"application_key": "CPUBLICKEY", "application_secret": "secret-1"}

    def settings(self, **changes: Any) -> NetworkSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/ok/fb.do",
            **self.keys,
            "access_token": "token-2",
            "answers": True,
            "calls_per_second": 60,
        }
        return ok.OkSettings.model_validate({**usual, **changes})

    async def furnish(self) -> None:
        await self.does("communities", id=self.pages[0].native_id, name="gorod", title="Город")
        await self.does("tokens", token="token-2", **self.keys)
        root = await self.does("posts", **self.home, text="Новости", author="community")
        self._root = root["native_id"]

    async def judge(self, native_id: str) -> list[str]:
        topic, _, comment = native_id.removeprefix("GROUP_TOPIC:").partition(":")
        seen = await asyncio.to_thread(self._asked, topic)
        return [
            str(one["text"])
            for one in seen
            if one["author_ref"].startswith("group:") and one.get("reply_to_comment_id", "") == comment
        ]

    def _asked(self, topic: str) -> list[dict[str, Any]]:
        pyodnoklassniki: Any = importlib.import_module("pyodnoklassniki")  # it has no types
        pyodnoklassniki.app_pub_key = self.keys["application_key"]
        pyodnoklassniki.app_secret_key = self.keys["application_secret"]
        pyodnoklassniki.api_base = f"{self.url}/ok/fb.do"
        fields = "comment.ID,comment.TEXT,comment.AUTHOR_REF,comment.REPLY_TO_COMMENT_ID"
        api = pyodnoklassniki.OdnoklassnikiAPI(access_token="token-2")
        try:
            answer = api.discussions.getComments(
                discussionId=topic, discussionType="GROUP_TOPIC", count=100, fields=fields
            )
        finally:
            importlib.import_module("pyodnoklassniki.requestor").session.close()
        return list(answer["comments"])


class GraphLine(Line):
    calls_to_read = 2
    reading = ("GET *",)
    writing = ("POST *",)
    scripts: ClassVar[Mapping[str, Script]] = {"limit": {"what": "429"}, "429": BARE_429}

    def usual(self) -> dict[str, Any]:
        return {"enabled": True, "api_url": f"{self.url}/graph", "app_secret": "app-secret-3"}


class FacebookLine(GraphLine):
    network = facebook.NETWORK
    pages = (Page("111", "gorod", "Город", "Солнечный"),)
    home: ClassVar[Mapping[str, Any]] = {"page_id": "111"}

    def settings(self, **changes: Any) -> NetworkSettings:
        page = {"id": "111", "name": "gorod", "title": "Город", "page_token": "page-4"}
        return facebook.FacebookSettings.model_validate({**self.usual(), "communities": (page,), **changes})

    async def furnish(self) -> None:
        await self.does("app", secret="app-secret-3", proof_required=True)
        await self.does("pages", id="111", name="gorod", title="Город", token="page-4")
        self._root = (await self.does("posts", **self.home, text="Новости", author="page"))["native_id"]

    async def judge(self, native_id: str) -> list[str]:
        seen = await facebook_comments(self.url, "page-4", native_id, app_secret="app-secret-3")
        return [one.text for one in seen if one.author_id == "111"]


class InstagramLine(GraphLine):
    """The account belongs to a Facebook Page of its own, so that each network has its own keys."""

    network = instagram.NETWORK
    pages = (Page("17841400000000111", "gorod", "Город", "Солнечный"),)
    home: ClassVar[Mapping[str, Any]] = {"page_id": "17841400000000111"}
    takes_posts = False  # nobody but the account itself writes there

    def settings(self, **changes: Any) -> NetworkSettings:
        account = {"id": self.pages[0].native_id, "username": "gorod", "page_id": "222", "token": "page-5"}
        return instagram.InstagramSettings.model_validate({**self.usual(), "accounts": (account,), **changes})

    async def furnish(self) -> None:
        number = self.pages[0].native_id
        await self.here.does("facebook/app", secret="app-secret-3", proof_required=True)
        await self.here.does("facebook/pages", id="222", name="ig", title="Город", token="page-5")
        await self.does("pages", id=number, name="gorod", title="Город", page_id="222")
        self._root = (await self.does("posts", **self.home, text="Новости", author="page"))["native_id"]

    async def judge(self, native_id: str) -> list[str]:
        secret = "app-secret-3"
        seen = await instagram_comments(self.url, "page-5", native_id, app_secret=secret, of_comment=True)
        return [one.text for one in seen if one.author_id == self.pages[0].native_id]


LINES: Final[tuple[type[Line], ...]] = (VkLine, OkLine, InstagramLine, FacebookLine, XLine)
