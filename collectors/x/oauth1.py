"""Requests signed with four static keys, or carrying a token.

Source: RFC 5849, sections 3.4 and 3.5.1; https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
A JSON body takes no part in the signature (RFC 5849, 3.4.1.3.1).
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

_PORTS: Final = {"http": 80, "https": 443}


class Signer(Protocol):
    """Whoever a request speaks for."""

    @property
    def who(self) -> str:
        """Either "app" or "user": X counts their requests apart."""
        ...

    def header(self, method: str, url: str, params: Mapping[str, str]) -> str:
        """The Authorization header. `url` has no query; `params` are the query's."""
        ...

    def masked(self, text: str) -> str:
        """`text` without anything secret of ours."""
        ...


class Bearer:
    """An app-only token, or an OAuth 2.0 user token."""

    def __init__(self, token: SecretStr, *, who: str = "app") -> None:
        self._token = token
        self._who = who

    @property
    def who(self) -> str:
        return self._who

    def header(self, method: str, url: str, params: Mapping[str, str]) -> str:
        return f"Bearer {self._token.get_secret_value()}"

    def masked(self, text: str) -> str:
        return text.replace(self._token.get_secret_value(), "***")


class OAuth1:
    """HMAC-SHA1 over method, address and query with the keys of the app and of the account.

    `clock` gives Unix seconds, `nonce` a word never used before.
    """

    def __init__(
        self,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_secret: SecretStr,
        *,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._keys = (consumer_key, consumer_secret, access_token, access_secret)
        self._clock = clock
        self._nonce = nonce

    @property
    def who(self) -> str:
        return "user"

    def header(self, method: str, url: str, params: Mapping[str, str]) -> str:
        consumer_key, consumer_secret, access_token, access_secret = (
            key.get_secret_value() for key in self._keys
        )
        oauth = {
            "oauth_consumer_key": consumer_key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(self._clock())),
            "oauth_token": access_token,
            "oauth_version": "1.0",
        }
        oauth["oauth_signature"] = signature(
            method, url, {**params, **oauth}, consumer_secret=consumer_secret, token_secret=access_secret
        )
        return "OAuth " + ", ".join(f'{_quoted(key)}="{_quoted(oauth[key])}"' for key in sorted(oauth))

    def masked(self, text: str) -> str:
        for key in self._keys:
            text = text.replace(key.get_secret_value(), "***")
        return text


def signature(
    method: str, url: str, params: Mapping[str, str], *, consumer_secret: str, token_secret: str
) -> str:
    """The oauth_signature of a request; `params` are the query's and the oauth_ ones."""
    pairs = sorted((_quoted(key), _quoted(value)) for key, value in params.items())
    normal = "&".join(f"{key}={value}" for key, value in pairs)
    base = "&".join(_quoted(part) for part in (method.upper(), _address(url), normal))
    key = f"{_quoted(consumer_secret)}&{_quoted(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _address(url: str) -> str:
    """Scheme and host in small letters, the usual port left out (3.4.1.2)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != _PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    return f"{parts.scheme}://{host}{parts.path or '/'}"


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")
