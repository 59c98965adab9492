"""X's refusals as problem JSON.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors . The words of the 403 for an unsummoned
reply and for a double are as client libraries' users quote them; X does not document them.
"""

from typing import Any, Final

# Each generation of the API has its own address of problems.
HOSTS: Final = {"post": "https://api.x.com/2/problems/", "tweet": "https://api.twitter.com/2/problems/"}
BLANK: Final = "about:blank"

DUPLICATE: Final = "You are not allowed to create a Tweet with duplicate content."
NOT_VISIBLE: Final = "You attempted to reply to a Tweet that is deleted or not visible to you."
NOT_SUMMONED: Final = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
    "author of the post you are replying to."
)
RESTRICTED: Final = "The original Tweet author restricted who can reply to this Tweet."
LOCKED: Final = (
    "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in "
    "to https://x.com to unlock your account."
)


class Problem(Exception):
    """A refusal. `kind` is the last part of its type, "" for about:blank."""

    def __init__(self, status: int, title: str, detail: str, kind: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.kind = kind
        self.more = more

    def body(self, dialect: str) -> dict[str, Any]:
        kind = HOSTS[dialect] + self.kind if self.kind else BLANK
        return {
            "title": self.title,
            "detail": self.detail,
            "type": kind,
            "status": self.status,
            **self.more,
        }


def invalid(name: str, value: object, words: str) -> Problem:
    return Problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
        errors=[{"parameters": {name: [str(value)]}, "message": words}],
    )


def forbidden(detail: str) -> Problem:
    return Problem(403, "Forbidden", detail)


def unauthorized() -> Problem:
    return Problem(401, "Unauthorized", "Unauthorized")


def wrong_authentication(wanted: str) -> Problem:
    detail = f"Authenticating with this kind of token is forbidden for this endpoint. Supported: [{wanted}]."
    return Problem(403, "Unsupported Authentication", detail, "unsupported-authentication")


def too_many() -> Problem:
    return Problem(429, "Too Many Requests", "Too Many Requests")


def usage_capped() -> Problem:
    return Problem(
        429,
        "UsageCapExceeded",
        "Usage cap exceeded: Monthly product cap",
        "usage-capped",
        period="Monthly",
        scope="Product",
    )


def client_forbidden() -> Problem:
    detail = "This request must be made using an approved developer account that is enrolled in the requested endpoint."
    return Problem(403, "Client Forbidden", detail, "client-forbidden", reason="client-not-enrolled")


def not_found(kind: str, parameter: str, value: str) -> Problem:
    """Goes into `errors` of an answer with HTTP 200."""
    return Problem(
        404,
        "Not Found Error",
        f"Could not find {kind} with {parameter}: [{value}].",
        "resource-not-found",
        resource_type=kind,
        parameter=parameter,
        resource_id=value,
        value=value,
    )


def not_authorized(kind: str, parameter: str, value: str) -> Problem:
    """Goes into `errors` of an answer with HTTP 200: the account is protected."""
    return Problem(
        401,
        "Authorization Error",
        f"Sorry, you are not authorized to see the {kind} with {parameter}: [{value}].",
        "not-authorized-for-resource",
        resource_type=kind,
        parameter=parameter,
        resource_id=value,
        value=value,
        section="data",
    )
