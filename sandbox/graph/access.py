"""Tokens, what they may do, the secret of the app, and how much of the limits is used.

Sources: https://developers.facebook.com/docs/graph-api/overview/rate-limiting,
https://developers.facebook.com/docs/graph-api/guides/secure-requests
"""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sandbox.graph.errors import METHOD, GraphError, no_permission

FACEBOOK, INSTAGRAM = "facebook", "instagram"
PAGES_LIST, PAGES_READ = "pages_show_list", "pages_read_engagement"
PAGES_PEOPLE, PAGES_WRITE = "pages_read_user_content", "pages_manage_engagement"
IG_READ, IG_COMMENTS = "instagram_basic", "instagram_manage_comments"
IG_PUBLIC = "Instagram Public Content Access"
RIGHTS: Final = frozenset(
    {PAGES_LIST, PAGES_READ, PAGES_PEOPLE, PAGES_WRITE, IG_READ, IG_COMMENTS, IG_PUBLIC}
)
HOUR: Final = 3600.0
# Under which code a limit speaks, and how the header of the business use cases names it.
_OVER: Final = {"app": 4, FACEBOOK: 80001, INSTAGRAM: 80002}
_CASES: Final = {FACEBOOK: "pages", INSTAGRAM: "instagram"}


@dataclass(slots=True)
class Token:
    """`kind`: user or page. A user's `pages` are those he manages, None for every one.

    `broken`: a subcode of error 190, 0 while it is well.
    """

    secret: str
    kind: str
    page_id: str = ""
    user_id: str = "10000000000000001"
    user_name: str = "Редактор Страницы"
    pages: tuple[str, ...] | None = None
    rights: frozenset[str] = RIGHTS
    broken: int = 0

    def sees(self, page_id: str) -> bool:
        """Whether it may speak of this Page."""
        if self.kind == "page":
            return self.page_id == page_id
        return self.pages is None or page_id in self.pages

    def needs(self, right: str, *, writing: bool = False) -> None:
        """Raises:
        GraphError: 10 or 200, the right was not granted.
        """
        if right not in self.rights:
            raise no_permission(right, writing=writing)


class Access:
    """Of one app. `shown` is the least per cent the usage headers tell, for a rehearsal of slowing down."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.app_secret = ""
        self.proof_required = False
        self.verify_token = ""
        self.tokens: dict[str, Token] = {}
        self.limits: dict[str, int] = {}
        self.window = HOUR
        self.shown = 0
        self._recent: dict[tuple[str, str], deque[float]] = {}

    def page_token(self, page_id: str) -> Token:
        """The Page's own token; made when it is first asked for."""
        for token in self.tokens.values():
            if token.kind == "page" and token.page_id == page_id:
                return token
        made = Token(f"EAAsandboxpage{page_id}", "page", page_id)
        self.tokens[made.secret] = made
        return made

    def token(self, secret: str, proof: str | None) -> Token:
        """Raises:
        GraphError: no such token, or it is no longer valid, or the proof is not the app's.
        """
        if not secret:
            raise GraphError(104)
        found = self.tokens.get(secret)
        if found is None:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        if found.broken:
            raise GraphError(190, subcode=found.broken)
        self._check_proof(secret, proof)
        return found

    def _check_proof(self, secret: str, proof: str | None) -> None:
        if not self.app_secret:
            return
        if proof is None:
            if self.proof_required:
                raise GraphError(
                    100, "API calls from the server require an appsecret_proof argument", kind=METHOD
                )
            return
        right = hmac.new(self.app_secret.encode(), secret.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), proof.encode()):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument", kind=METHOD)

    # Limits

    def count(self, token: Token, network: str) -> None:
        """One call more. A Page's token has its own limit, a user's shares the app's.

        Raises:
            GraphError: 4, 80001 or 80002, the limit is switched on and used up.
        """
        bucket = self._bucket(token, network)
        recent = self._fresh(bucket)
        limit = self.limits.get(bucket[0])
        if limit is not None and len(recent) >= limit:
            raise GraphError(_OVER[bucket[0]])
        recent.append(self._monotonic())

    def headers(self, token: Token, network: str, *, minutes: int | None = None) -> dict[str, str]:
        """What tells the usage; `minutes` says how long the client is shut out."""
        bucket = self._bucket(token, network)
        recent, limit = self._fresh(bucket), self.limits.get(bucket[0])
        used = 100 * len(recent) // limit if limit else 0
        if minutes is None:
            minutes = self._minutes(recent) if limit is not None and len(recent) >= limit else 0
        else:
            used = 100
        used = min(max(used, self.shown), 100)
        usage = {"call_count": used, "total_cputime": used // 4, "total_time": used // 3}
        told = {"X-App-Usage": json.dumps(usage)}
        if token.kind == "page":
            case = {"type": _CASES[network], **usage, "estimated_time_to_regain_access": minutes}
            told["X-Business-Use-Case-Usage"] = json.dumps({token.page_id: [case]})
        return told

    def _minutes(self, recent: deque[float]) -> int:
        left = recent[0] + self.window - self._monotonic() if recent else self.window
        return max(1, -int(-left // 60))

    def _bucket(self, token: Token, network: str) -> tuple[str, str]:
        return (network, token.page_id) if token.kind == "page" else ("app", "")

    def _fresh(self, bucket: tuple[str, str]) -> deque[float]:
        recent = self._recent.setdefault(bucket, deque())
        while recent and self._monotonic() - recent[0] >= self.window:
            recent.popleft()
        return recent
