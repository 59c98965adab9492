"""X, in both dialects: judged by tweepy, which knows the older names, and by X's own xdk, which knows the newer."""

import asyncio
import html
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter

from collectors import x
from collectors.contract import NetworkSettings, Page
from tests.scenarios.network_world import BARE_429, BORIS, Line, Script

# Neither has types.
tweepy: Any = importlib.import_module("tweepy")
xdk: Any = importlib.import_module("xdk")


class XLine(Line):
    """Residents write to @gorod: keys of the usual kind may answer nobody else."""

    network = x.NETWORK
    pages = (Page("1000", "gorod", "Город", "Солнечный"),)
    home: ClassVar[Mapping[str, Any]] = {"to": "gorod"}
    dialect: ClassVar[str] = "post"
    calls_to_read = 1
    reading = ("/2/users/:id/mentions", "/2/users/:id/tweets", "/2/tweets/search/recent")
    writing = ("POST /2/tweets",)
    scripts: ClassVar[Mapping[str, Script]] = {"limit": {"what": "429"}, "429": BARE_429}
    keys: ClassVar[Mapping[str, str]] = {
        "consumer_key": "key-1",
        "consumer_secret": "secret-2",
        "access_token": "1000-token-3",
        "access_secret": "secret-4",
    }

    def settings(self, **changes: Any) -> NetworkSettings:
        usual: dict[str, Any] = {
            "enabled": True,
            "api_url": f"{self.url}/x",
            "account": "gorod",
            "bearer_token": "bearer-5",
            "dialect": self.dialect,
            **self.keys,
        }
        return x.XSettings.model_validate({**usual, **changes})

    async def furnish(self) -> None:
        await self.does("manners", dialect=self.dialect)
        await self.does("communities", name="gorod", id="1000", title="Город", verified=True)
        await self.does("tokens", kind="app", token="bearer-5")
        await self.does("tokens", kind="oauth1", account="gorod", **self.keys)
        self._root = (await self.does("posts", author="gorod", text="Новости"))["native_id"]

    async def offer(self, text: str, *, comment: bool = True) -> str:
        under = {"under": self._root} if comment else {}
        made = await self.does("posts", **self.home, text=text, author_name=BORIS, **under)
        return str(made["native_id"])

    async def judge(self, native_id: str) -> list[str]:
        own = await asyncio.to_thread(self._newer if self.dialect == "post" else self._older)
        # X puts the name of whom a post answers before its words.
        return [text.partition(" ")[2] for text, answers in own if native_id in answers]

    def _newer(self) -> list[tuple[str, list[str]]]:
        """Our account's posts with what each replies to, by xdk."""
        client = xdk.Client(base_url=f"{self.url}/x", bearer_token="bearer-5")
        asked = {"post_fields": ["text", "note_post"], "expansions": ["referenced_posts"], "max_results": 100}
        with client.session:
            pages = list(client.users.get_posts("1000", **asked))
        rows = [
            row if isinstance(row, dict) else row.model_dump() for page in pages for row in page.data or ()
        ]
        return [
            (
                _whole(row["text"], row.get("note_post")),
                [one["id"] for one in row.get("referenced_posts") or () if one["type"] == "replied_to"],
            )
            for row in rows
        ]

    def _older(self) -> list[tuple[str, list[str]]]:
        """The same by tweepy."""
        client = tweepy.Client("bearer-5")
        with client.session:
            client.session.mount("https://", _Here(f"{self.url}/x"))
            fields = ["referenced_tweets", "text", "note_tweet"]
            answer = client.get_users_tweets("1000", tweet_fields=fields, max_results=100)
        return [
            (
                _whole(row.text, row.data.get("note_tweet")),
                [str(one.id) for one in row.referenced_tweets or () if one.type == "replied_to"],
            )
            for row in answer.data or ()
        ]


def _whole(text: str, note: Mapping[str, Any] | None) -> str:
    """The words: long ones stand beside `text`, and signs of HTML are written as entities."""
    return html.unescape(note["text"] if note else text)


class OlderXLine(XLine):
    dialect = "tweet"


class _Here(HTTPAdapter):
    """Leads https://api.twitter.com, which tweepy has written into it, to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://api.twitter.com", self._base, 1)
        return super().send(request, *args, **kwargs)
