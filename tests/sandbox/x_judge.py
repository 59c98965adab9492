"""Two clients we did not write, against the sandbox's X: tweepy speaks tweet.fields, xdk post.fields."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import tweepy  # type: ignore[import-untyped]  # the package ships no types
from requests.adapters import HTTPAdapter
from xdk import Client as Xdk  # type: ignore[import-untyped]  # the package ships no types
from xdk.oauth1_auth import OAuth1 as XdkOAuth1  # type: ignore[import-untyped]  # the package ships no types

HOSTS = frozenset({"api.twitter.com", "api.x.com"})


class Rewriting(HTTPAdapter):
    """Sends what is meant for X to `url` (http://host:port/x), saying which address was signed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        assert parts.hostname in HOSTS
        request.headers["X-Forwarded-Host"] = str(parts.hostname)
        request.headers["X-Forwarded-Proto"] = parts.scheme
        path = self._url.path + parts.path
        request.url = urlunsplit((self._url.scheme, self._url.netloc, path, parts.query, ""))
        return super().send(request, *args, **kwargs)


def tweepy_client(url: str, *, bearer: str, keys: dict[str, str]) -> tweepy.Client:
    """`keys`: consumer_key, consumer_secret, access_token, access_secret."""
    client = tweepy.Client(
        bearer_token=bearer,
        consumer_key=keys["consumer_key"],
        consumer_secret=keys["consumer_secret"],
        access_token=keys["access_token"],
        access_token_secret=keys["access_secret"],
    )
    client.session.mount("https://", Rewriting(url))
    return client


def xdk_client(url: str, *, bearer: str, keys: dict[str, str]) -> Xdk:
    """`keys`: as above."""
    auth = XdkOAuth1(
        keys["consumer_key"],
        keys["consumer_secret"],
        "http://127.0.0.1/",
        keys["access_token"],
        keys["access_secret"],
    )
    return Xdk(base_url=url, bearer_token=bearer, auth=auth)
