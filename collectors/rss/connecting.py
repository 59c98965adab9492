"""RSS connected: one collector a feed of the settings; the registry has no feeds."""

from collections.abc import Sequence

import httpx

from collectors.contract import Check, Collector, Connector, Link, Page, Tools, Watch
from collectors.rss.collect import NETWORK, RssFeed
from collectors.rss.settings import RssSettings
from incidents.keywords import Matcher


def connect(settings: RssSettings, tools: Tools) -> Connector:
    """No call is made here.

    Raises:
        ValueError: no feed is named.
    """
    if not settings.feeds:
        raise ValueError("feeds is missing: [[collectors.rss.feeds]] with a url")

    def watch(wanted: Watch) -> Sequence[Collector]:
        matcher = Matcher(wanted.keywords)
        return [RssFeed(tools.http, settings, feed, matcher) for feed in settings.feeds]

    async def check() -> Sequence[Check]:
        found = []
        for feed in settings.feeds:
            at = feed.title or feed.url
            try:
                async with tools.http.stream("GET", feed.url, timeout=settings.timeout_seconds) as reply:
                    problem = "" if reply.is_success else f"HTTP {reply.status_code}"
            except httpx.HTTPError as error:
                problem = type(error).__name__
            found.append(Check(at, "answers" if not problem else "cannot be read", problem))
        return found

    return Connector(network=NETWORK, watch=watch, check=check)


def no_link(_: str) -> Link | None:
    """Any site may have a feed: a link says nothing."""
    return None


def no_page(_: str) -> Page | None:
    """A feed is no official page."""
    return None
