"""Odnoklassniki's refusals: HTTP 200 and an object with `error_code`.

Source: https://apiok.ru/en/dev/errors and errors.py of pyodnoklassniki 1.0.0; the words as clients quote them
"""

from typing import Any, Final

NAMES: Final[dict[int, tuple[str, str]]] = {
    1: ("UNKNOWN", "Unknown error"),
    2: ("SERVICE", "Service temporary unavailable"),
    3: ("METHOD", "Method does not exist"),
    4: ("REQUEST", "Failed to process request due to invalid request"),
    7: ("ACTION_BLOCKED", "The requested action is temporarily blocked for the current user"),
    8: ("FLOOD_BLOCKED", "The execution of the method is blocked due to flood"),
    9: ("IP_BLOCKED", "The execution of the method is blocked by IP-address due to suspicious actions"),
    10: ("PERMISSION_DENIED", "Permission denied"),
    11: ("LIMIT_REACHED", "Method invocation limit reached"),
    21: ("NOT_MULTIPART", "Not a multi-part request when uploading photos"),
    100: ("PARAM", "Missing or invalid parameter"),
    101: ("PARAM_API_KEY", "Parameter application_key not specified or invalid"),
    102: ("PARAM_SESSION_EXPIRED", "Session expired"),
    103: ("PARAM_SESSION_KEY", "Invalid session key"),
    104: ("PARAM_SIGNATURE", "Invalid signature"),
    110: ("PARAM_USER_ID", "Invalid user id"),
    140: ("PARAM_MESSAGE_ID", "Invalid comment id"),
    200: ("PARAM_PERMISSION", "Application does not have permission to perform the operation"),
    210: ("PARAM_APPLICATION_DISABLED", "Application is disabled"),
    300: ("NOT_FOUND", "Requested information is not found"),
    401: ("AUTH_LOGIN", "Authentication error"),
    402: ("AUTH_LOGIN_CAPTCHA", "Authentication error: captcha needed"),
    453: ("SESSION_REQUIRED", "Session required"),
    454: ("CENSOR_MATCH", "The text has been blocked by the censor"),
    455: ("FRIEND_RESTRICTION", "The action is restricted"),
    900: ("NO_SUCH_APP", "No such application"),
    9999: ("SYSTEM", "Critical system error"),
}


class Refusal(Exception):
    """An answer with `error_code`; `words` replace OK's usual ones."""

    def __init__(self, code: int, words: str = "") -> None:
        name, usual = NAMES.get(code, NAMES[1])
        super().__init__(f"{name} : {words or usual}")
        self.code = code

    def body(self) -> dict[str, Any]:
        return {"error_code": self.code, "error_msg": str(self), "error_data": None}


def bad_parameter(words: str) -> Refusal:
    return Refusal(100, words)
