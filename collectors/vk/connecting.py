"""VK connected: long-lived clients, and the feeds for what is wanted now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import httpx
from pydantic import SecretStr

from collectors.contract import Collector, Connector, Page, Tools, Watch
from collectors.vk.callback import VkHook
from collectors.vk.checks import VkChecks
from collectors.vk.client import VkClient
from collectors.vk.collect import VkWall, place_of
from collectors.vk.communities import Communities
from collectors.vk.events import Events
from collectors.vk.longpoll import VkLongPoll
from collectors.vk.posts import NETWORK
from collectors.vk.publish import VkPublisher
from collectors.vk.search import VkSearch
from collectors.vk.settings import VkSettings
from collectors.vk.words import by_query
from incidents.keywords import Keyword


def connect(settings: VkSettings, tools: Tools) -> Connector:
    """Everything VK does. No call is made here.

    Raises:
        ValueError: without a service token nothing could be read.
    """
    here = VkHere(settings, tools.http)
    return Connector(
        network=NETWORK,
        watch=here.watch,
        publisher=here.publisher if here.writers else None,
        look_up=here.checks.look_up,
        check=here.checks.check,
        verify_link=here.publisher.verify_link,
        hook=here.hook,
    )


class VkHere:
    """One program's VK: a client a token, what is known of the pages, and who uses them."""

    def __init__(self, settings: VkSettings, http: httpx.AsyncClient) -> None:
        if settings.service_token is None:
            raise ValueError(
                'service_token is missing while VK is enabled: service_token_file = "/run/secrets/vk_token"'
            )
        self._settings = settings
        self._reader = _client(settings, http, settings.service_token)
        self.pages = Communities(settings)
        self.writers: Mapping[int, VkClient] = {
            position: _client(settings, http, one.community_token)
            for position, one in enumerate(settings.communities)
            if one.community_token is not None
        }
        self.publisher = VkPublisher(
            reader=self._reader, writers=self.writers, settings=settings, pages=self.pages
        )
        self.checks = VkChecks(reader=self._reader, writers=self.writers, pages=self.pages)
        self.hook = self._hook()
        self._listening: dict[str, VkLongPoll] = {}

    def watch(self, wanted: Watch) -> Sequence[Collector]:
        """Walls of the pages, Long Poll where we have a token, and searches. Feeds keep their names."""
        self.pages.watch(wanted.pages)
        pages = list({place_of(page): page for page in wanted.pages}.values())
        self._listen([page for page in pages if self.pages.token_of(page) is not None])
        walls = [self._wall(page) for page in pages]
        return [*walls, *self._listening.values(), *self._searches(wanted.keywords)]

    def _listen(self, pages: Sequence[Page]) -> None:
        """Who is listened to already goes on with the same session."""
        most = self._settings.most_long_polls if self._settings.long_poll else 0
        known = self._listening
        self._listening = {
            place_of(page): known.get(place_of(page)) or self._long_poll(page) for page in pages[:most]
        }

    def _long_poll(self, page: Page) -> VkLongPoll:
        position = self.pages.token_of(page)
        if position is None:
            raise AssertionError("only pages with a token are listened to")
        return VkLongPoll(
            client=self.writers[position],
            reader=self._reader,
            settings=self._settings,
            page=page,
            pages=self.pages,
        )

    def _wall(self, page: Page) -> VkWall:
        return VkWall(
            client=self._reader,
            settings=self._settings,
            page=page,
            pages=self.pages,
            is_pushed=self._is_pushed(place_of(page)),
        )

    def _is_pushed(self, place: str) -> Callable[[datetime], bool]:
        def told(now: datetime) -> bool:
            listening = self._listening.get(place)
            return listening is not None and listening.is_well(now)

        return told

    def _searches(self, keywords: Sequence[Keyword]) -> list[VkSearch]:
        """The settings' own words find anything; a keyword only what has it."""
        queries: dict[str, tuple[Keyword, ...]] = {
            **by_query(keywords),
            **dict.fromkeys(self._settings.queries, ()),
        }
        return [
            VkSearch(
                client=self._reader,
                settings=self._settings,
                query=query,
                pages=self.pages,
                keywords=asked,
                searches=len(queries),
            )
            for query, asked in queries.items()
        ]

    def _hook(self) -> VkHook | None:
        if not any(one.callback_secret for one in self._settings.communities):
            return None
        events = Events(reader=self._reader, pages=self.pages)
        return VkHook(settings=self._settings, pages=self.pages, events=events)


def _client(settings: VkSettings, http: httpx.AsyncClient, token: SecretStr) -> VkClient:
    return VkClient(
        http,
        base_url=settings.api_url,
        version=settings.api_version,
        token=token,
        calls_per_second=settings.calls_per_second,
        timeout_seconds=settings.timeout_seconds,
    )
