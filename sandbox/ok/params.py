"""Parameters of a call, its signature, and the session it is made in."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sandbox.ok.refusals import Refusal, bad_parameter
from sandbox.ok.things import Session
from sandbox.ok.world import OkWorld

_NOT_SIGNED: Final = frozenset({"access_token", "session_key", "sig"})
_TRUE: Final = frozenset({"true", "1"})


class Params(dict[str, str]):
    """The merged query string and body of one call."""

    def text(self, key: str) -> str:
        """Raises:
        Refusal: 100, it is missing.
        """
        if not self.get(key, "").strip():
            raise bad_parameter(f"Missing required parameter {key}")
        return self[key]

    def count(self, *, usual: int, most: int = 100) -> int:
        """Raises:
        Refusal: 100, no number, or outside 1 … `most`.
        """
        value = self.get("count", "")
        if not value:
            return usual
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise bad_parameter(f"Invalid parameter count value : [{value}]")
        return int(value)

    def flag(self, key: str) -> bool:
        return self.get(key, "").lower() in _TRUE

    def many(self, key: str, *, most: int = 100) -> list[str]:
        """Raises:
        Refusal: 100, none or too many.
        """
        found = [part.strip() for part in self.get(key, "").split(",") if part.strip()]
        if not found:
            raise bad_parameter(f"Missing required parameter {key}")
        if len(found) > most:
            raise bad_parameter(f"Too many values of {key}")
        return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an application, and a user where there is a session."""

    session: Session | None

    def user(self) -> Session:
        """Raises:
        Refusal: 453, there is no session.
        """
        if self.session is None:
            raise Refusal(453)
        return self.session

    def may(self, *rights: str) -> Session:
        """Raises:
        Refusal: 453 without a session, 200 without a right.
        """
        session = self.user()
        if not set(rights) <= session.rights:
            raise Refusal(200)
        return session


def caller(world: OkWorld, params: Params) -> Caller:
    """Check the application, the session and the signature, in this order.

    Raises:
        Refusal: 101, 210, 102, 103 or 104.
    """
    application = world.applications.get(params.get("application_key", ""))
    if application is None:
        raise Refusal(101)
    if application.disabled:
        raise Refusal(210)
    token = params.get("access_token") or params.get("session_key") or ""
    session = world.sessions.get(token) if token else None
    if token and (session is None or session.application != application.key):
        raise Refusal(103)
    if session is not None and session.expired:
        raise Refusal(102)
    secret = application.secret
    if session is not None:
        secret = session.secret or _md5(token + application.secret)
    signed = sorted((key, value) for key, value in params.items() if key not in _NOT_SIGNED)
    if params.get("sig", "") != _md5("".join(f"{key}={value}" for key, value in signed) + secret):
        raise Refusal(104)
    return Caller(session)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass")).hexdigest()
