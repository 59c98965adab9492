"""The Graph API's refusals, in its own words.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling. Codes 32, 613, 80001 and 80002:
https://developers.facebook.com/docs/graph-api/overview/rate-limiting. HTTP statuses as client libraries report
them; code 18 and what stands under UNSURE are not in the documents at hand.
"""

from dataclasses import dataclass
from typing import Any, Final

OAUTH, METHOD, GRAPH = "OAuthException", "GraphMethodException", "FacebookApiException"


@dataclass(frozen=True, slots=True)
class _Usual:
    status: int
    message: str
    is_transient: bool = False


_PERMISSION: Final = "Application does not have permission for this action"
CODES: Final[dict[int, _Usual]] = {
    1: _Usual(500, "An unknown error occurred", is_transient=True),
    2: _Usual(500, "Service temporarily unavailable", is_transient=True),
    3: _Usual(400, "(#3) Application does not have the capability to make this API call."),
    4: _Usual(403, "(#4) Application request limit reached", is_transient=True),
    10: _Usual(403, f"(#10) {_PERMISSION}"),
    17: _Usual(400, "(#17) User request limit reached"),
    18: _Usual(400, "(#18) Maximum number of unique hashtags reached"),
    32: _Usual(403, "(#32) Page request limit reached"),
    100: _Usual(400, "(#100) Invalid parameter"),
    102: _Usual(401, "Session key invalid or no longer valid"),
    104: _Usual(400, "An access token is required to request this resource."),
    190: _Usual(400, "Error validating access token"),
    200: _Usual(403, "(#200) Permissions error"),
    210: _Usual(403, "(#210) A page access token is required to request this resource."),
    324: _Usual(400, "(#324) Missing or invalid image file"),
    341: _Usual(400, "(#341) Feed action request limit reached"),
    368: _Usual(
        400,
        "(#368) The action attempted has been deemed abusive or is otherwise disallowed",
        is_transient=False,
    ),
    506: _Usual(400, "(#506) Duplicate status message"),
    613: _Usual(403, "(#613) Calls to this api have exceeded the rate limit."),
    803: _Usual(404, "(#803) Some of the aliases you requested do not exist"),
    2500: _Usual(400, "Unknown path components"),
    80001: _Usual(
        400,
        "(#80001) There have been too many calls to this Page account. Wait a bit and try again.",
    ),
    80002: _Usual(
        400,
        "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
    ),
    1609005: _Usual(400, "(#1609005) Error posting link"),
}
SUBCODES: Final[dict[int, str]] = {
    458: "Error validating access token: The user has not authorized application.",
    459: "Error validating access token: You cannot access the app till you log in and follow the instructions.",
    460: "Error validating access token: The session has been invalidated because the user changed the password.",
    463: "Error validating access token: Session has expired.",
    464: "Error validating access token: Sessions for the user are not allowed because the user is unconfirmed.",
    467: "Error validating access token: The access token has been invalidated.",
}
LIMITS: Final = frozenset({4, 17, 32, 341, 613, 80001, 80002})


class GraphError(Exception):
    """An answer with `error` in it. `user` is what its `error_user_title` and `error_user_msg` say."""

    def __init__(
        self,
        code: int,
        message: str = "",
        *,
        subcode: int | None = None,
        user: tuple[str, str] | None = None,
        kind: str = OAUTH,
        status: int = 0,
    ) -> None:
        usual = CODES.get(code, _Usual(400, f"(#{code}) Error"))
        super().__init__(message or SUBCODES.get(subcode or 0, usual.message))
        self.code = code
        self.subcode = subcode
        self.status = status or usual.status
        self._user = user
        self._kind = kind
        self._is_transient = usual.is_transient

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": str(self), "type": self._kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self._is_transient:
            error["is_transient"] = True
        if self._user is not None:
            error["is_transient"] = self._is_transient
            error["error_user_title"], error["error_user_msg"] = self._user
        return {"error": {**error, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW"}}


def bad_parameter(words: str) -> GraphError:
    return GraphError(100, f"(#100) {words}")


def missing_object(method: str, asked: str) -> GraphError:
    """Code 100, subcode 33: gone, never there, or not ours; the Graph API does not say which."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{asked}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        subcode=33,
        kind=METHOD,
    )


def no_field(name: str, kind: str) -> GraphError:
    return bad_parameter(f"Tried accessing nonexistent field ({name}) on node type ({kind})")


def no_permission(permission: str, *, writing: bool = False) -> GraphError:
    """10 for reading, 200 for writing."""
    if writing:
        return GraphError(200, f"(#200) This action requires the '{permission}' permission.")
    return GraphError(
        10,
        "(#10) Object does not exist, cannot be loaded due to missing permission or reviewable feature, or does "
        f"not support this operation. This endpoint requires the '{permission}' permission.",
    )


# UNSURE: the documents say that these are refused, not with which code.
def comment_refused(title: str, words: str) -> GraphError:
    return GraphError(100, f"(#100) {words}", user=(title, words))


def too_many_hashtags() -> GraphError:
    return GraphError(
        18,
        subcode=2207034,
        user=(
            "Max Hashtag Queries Reached",
            "You have queried the maximum number of unique hashtags in the past 7 days.",
        ),
    )
