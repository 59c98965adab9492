"""Signatures: the same as those of oauthlib, under requests-oauthlib and tweepy, and of the published examples."""

import re
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import Client  # type: ignore[import-untyped]  # the package ships no types
from pydantic import SecretStr

from collectors.x.oauth1 import OAuth1, signature
from sandbox.x.auth import signed
from sandbox.x.things import Keys

# https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
EXAMPLE = {
    "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
    "include_entities": "true",
    "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
    "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1318622958",
    "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "oauth_version": "1.0",
}
CONSUMER_SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"
TOKEN_SECRET = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"


def test_the_published_example() -> None:
    made = signature(
        "post",
        "https://api.twitter.com/1.1/statuses/update.json",
        EXAMPLE,
        consumer_secret=CONSUMER_SECRET,
        token_secret=TOKEN_SECRET,
    )
    assert made == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def header(method: str, url: str, params: dict[str, str], *, keys: tuple[str, str, str, str]) -> str:
    ours = OAuth1(*map(SecretStr, keys), clock=lambda: 1_772_431_200.9, nonce=lambda: "нонс-1")
    return ours.header(method, url, params)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    url=st.sampled_from(
        ["https://api.x.com/2/users/me", "http://127.0.0.1:8081/x/2/tweets", "https://H.ru:443/"]
    ),
    params=st.dictionaries(TEXT.filter(bool), TEXT, max_size=5),
    keys=st.tuples(*[st.text("abcÄя+/=& %", min_size=1, max_size=8)] * 4),
)
def test_any_request_is_signed_as_oauthlib_signs_it(
    method: str, url: str, params: dict[str, str], keys: tuple[str, str, str, str]
) -> None:
    theirs = Client(
        keys[0], keys[1], keys[2], keys[3], timestamp="1772431200", nonce="нонс-1", encoding="utf-8"
    )
    _, headers, _ = theirs.sign(f"{url}?{urlencode(params)}" if params else url, http_method=method)
    ours = header(method, url, params, keys=keys)
    pairs = re.compile(r'(\w+)="([^"]*)"')
    assert dict(pairs.findall(ours)) == dict(pairs.findall(str(headers["Authorization"])))


@given(params=st.dictionaries(TEXT.filter(bool), TEXT, max_size=5))
def test_the_sandbox_signs_alike(params: dict[str, str]) -> None:
    keys = Keys("cs", "at", "as", "1")
    url = "http://127.0.0.1:8081/x/2/tweets"
    ours = signature("POST", url, params, consumer_secret="cs", token_secret="as")
    assert signed("POST", url, params, keys) == ours


def test_every_header_has_its_own_nonce_and_no_secret() -> None:
    keys = ("ck", "very-secret-1", "at", "very-secret-2")
    one = OAuth1(*map(SecretStr, keys))
    headers = {one.header("GET", "https://api.x.com/2/users/me", {}) for _ in range(5)}
    assert len(headers) == 5
    assert "very-secret" not in "".join(headers)
    assert one.masked("at very-secret-1 very-secret-2") == "*** *** ***"


@pytest.mark.parametrize(
    "other", [{"method": "GET"}, {"url": "https://api.x.com/2/tweets/1"}, {"params": {"a": "c"}}]
)
def test_another_request_has_another_signature(other: dict[str, object]) -> None:
    usual: dict[str, object] = {"method": "POST", "url": "https://api.x.com/2/tweets", "params": {"a": "b"}}
    keys = ("a", "b", "c", "d")
    assert header(**usual, keys=keys) != header(**{**usual, **other}, keys=keys)  # type: ignore[arg-type]
