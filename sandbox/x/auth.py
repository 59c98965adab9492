"""Whose call it is: a Bearer token, or a signature of OAuth 1.0a, which is verified.

Source: RFC 5849, section 3.2
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from sandbox.x.problems import Problem, unauthorized
from sandbox.x.things import Caller, Keys, Token

_PAIR: Final = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
FRESH: Final = 300.0  # seconds a signature's time may be off
_WANTED: Final = frozenset(
    {"oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_token", "oauth_signature"}
)


@dataclass(slots=True)
class Keyring:
    """Every token and key, and the nonces that were used."""

    tokens: dict[str, Token] = field(default_factory=dict)
    keys: dict[str, Keys] = field(default_factory=dict)
    nonces: set[tuple[str, str]] = field(default_factory=set)

    def caller(self, header: str, *, method: str, url: str, query: Mapping[str, str], now: float) -> Caller:
        """Whose call it is. `url` without a query, `now` in Unix seconds.

        Raises:
            Problem: 401, nobody's.
        """
        scheme, _, rest = header.partition(" ")
        if scheme == "Bearer":
            return self._bearer(rest)
        if scheme == "OAuth":
            return self._signed(rest, method=method, url=url, query=query, now=now)
        raise unauthorized()

    def _bearer(self, value: str) -> Caller:
        token = self.tokens.get(value)
        if token is None or token.state == "expired":
            raise unauthorized()
        if token.state == "revoked":
            raise Problem(403, "Forbidden", "You are not permitted to perform this action.")
        if token.kind == "app":
            return Caller("app")
        return Caller(
            f"user {token.account_id}", token.account_id, "tweet.write" in token.scopes, token.scopes
        )

    def _signed(self, rest: str, *, method: str, url: str, query: Mapping[str, str], now: float) -> Caller:
        oauth = {key: unquote(value) for key, value in _PAIR.findall(rest)}
        signature = oauth.pop("oauth_signature", "")
        keys = self.keys.get(oauth.get("oauth_consumer_key", ""))
        stamp = oauth.get("oauth_timestamp", "")
        if keys is None or not signature or not oauth.keys() >= _WANTED - {"oauth_signature"}:
            raise unauthorized()
        if oauth["oauth_token"] != keys.access_token or oauth.get("oauth_signature_method") != "HMAC-SHA1":
            raise unauthorized()
        if not stamp.isdecimal() or abs(now - int(stamp)) > FRESH:
            raise unauthorized()
        wanted = signed(method, url, {**query, **oauth}, keys)
        if not hmac.compare_digest(wanted, signature) or (stamp, oauth["oauth_nonce"]) in self.nonces:
            raise unauthorized()
        self.nonces.add((stamp, oauth["oauth_nonce"]))
        return Caller(f"user {keys.account_id}", keys.account_id, keys.may_write)


def signed(method: str, url: str, params: Mapping[str, str], keys: Keys) -> str:
    """The signature a request ought to carry."""
    pairs = sorted((_encoded(key), _encoded(value)) for key, value in params.items())
    base = "&".join([method, _encoded(url), _encoded("&".join("=".join(pair) for pair in pairs))])
    secret = f"{_encoded(keys.consumer_secret)}&{_encoded(keys.access_secret)}"
    return base64.b64encode(hmac.new(secret.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")
