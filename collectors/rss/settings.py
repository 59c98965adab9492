"""`[collectors.rss]`."""

from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, field_validator

from collectors.contract import NetworkSettings


class FeedSettings(BaseModel, frozen=True, extra="forbid"):
    """`[[collectors.rss.feeds]]`: one feed."""

    url: str = Field(description="Address of the feed, http:// or https://.")
    title: str = Field(default="", description="What officials see; empty: the title the feed has.")
    territory: str = Field(default="", description="Territory it speaks of; empty: the whole region.")
    only_keywords: bool = Field(
        default=True, description="Take only entries that have a keyword: most of a news site is no appeal."
    )

    @field_validator("url")
    @classmethod
    def _web(cls, url: str) -> str:
        try:
            host, scheme = urlsplit(url).hostname, httpx.URL(url).scheme
        except (ValueError, httpx.InvalidURL):
            host, scheme = None, ""
        if scheme not in {"http", "https"} or not host:
            raise ValueError("an http:// or https:// address is expected")
        return url


class RssSettings(NetworkSettings, frozen=True, extra="forbid"):
    """Feeds are asked with ETag and If-Modified-Since: an unchanged one costs its site nearly nothing."""

    enabled: bool = Field(default=False, description="Read RSS and Atom feeds at all.")
    feeds: tuple[FeedSettings, ...] = Field(default=(), description="The feeds.")
    every_seconds: int = Field(default=600, gt=0, description="Seconds between two readings of one feed.")
    first_hours: float = Field(
        default=24, ge=0, description="The first reading ever takes entries not older than this, hours."
    )
    timeout_seconds: float = Field(default=30, gt=0, description="Longest wait for one feed, seconds.")
    most_bytes: int = Field(default=5_000_000, gt=0, description="A longer feed is not read, bytes.")
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )
