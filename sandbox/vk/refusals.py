"""VK's refusals, in VK's own words.

Source: https://dev.vk.com/ru/reference/errors and errors.json of VKCOM/vk-api-schema; the words after the
colon as seen in the issues of client libraries.
"""

from typing import Any, Final

TEXTS: Final[dict[int, str]] = {
    1: "Unknown error occurred",
    2: "Application is disabled. Enable your application or use test mode",
    3: "Unknown method passed",
    4: "Incorrect signature",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    17: "Validation required",
    18: "User was deleted or banned",
    19: "Content blocked",
    23: "This method was disabled",
    24: "Confirmation required",
    25: "Token confirmation required",
    27: "Group authorization failed: method is unavailable with group auth.",
    28: "Application authorization failed: method is unavailable with service token.",
    29: "Rate limit reached",
    30: "This profile is private",
    32: "Need wait",
    36: "Method execution was interrupted due to timeout",
    37: "User was banned",
    43: "This section is temporary unavailable",
    100: "One of the parameters specified was missing or invalid",
    104: "Not found",
    113: "Invalid user id",
    125: "Invalid group id",
    203: "Access to group denied",
    210: "Access to wall's post denied",
    211: "Access to wall's comment denied",
    212: "Access to post comments denied",
    213: "Access to status replies denied",
    214: "Access to adding post denied",
    222: "Hyperlinks are forbidden",
    223: "Too many replies",
    601: "Permission denied. You have requested too many actions this day. Try later.",
    1117: "Access token has expired",
    3300: "Recaptcha needed",
    3609: "Token extension required",
    3610: "User is deactivated",
    9999: "Not supported http method",
    11500: "CheckUserAction confirmation required",
}

CAPTCHA: Final = 14


class Refusal(Exception):
    """An answer with `error` in it; `words` follow VK's own after a colon."""

    def __init__(self, code: int, words: str = "") -> None:
        text = TEXTS.get(code, TEXTS[1])
        super().__init__(f"{text}: {words}" if words else text)
        self.code = code

    def body(self, params: dict[str, str]) -> dict[str, Any]:
        """The answer as VK writes it: it does echo the request, the token too."""
        error: dict[str, Any] = {
            "error_code": self.code,
            "error_msg": str(self),
            "request_params": [{"key": key, "value": value} for key, value in params.items()],
        }
        if self.code == CAPTCHA:
            error["captcha_sid"] = "239633676097"
            error["captcha_img"] = "https://api.vk.ru/captcha.php?sid=239633676097&s=1"
        return {"error": error}


def bad_parameter(words: str) -> Refusal:
    """Error 100: `words` are like «owner_id is undefined»."""
    return Refusal(100, words)
