"""Both ways the same: `X-Otklik-Signature: sha256=<hex of HMAC-SHA256(secret, "<time>." + body)>`.

`X-Otklik-Timestamp` is the time, Unix seconds; with it an old message cannot be sent again.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Final

TIME: Final = "x-otklik-timestamp"
SIGNATURE: Final = "x-otklik-signature"
FORM: Final = "x-otklik-form"
_DIGITS: Final = 13  # of Unix seconds, for some time to come


def sign(body: bytes, *, secret: str, unix: int) -> str:
    """The header's value for these very bytes."""
    digest = hmac.new(secret.encode(), f"{unix}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def is_signed(
    body: bytes, *, secret: str, told_time: str, told: str, now: datetime, window_seconds: int
) -> bool:
    """Whether the signature is right and its time is near. In constant time; any input."""
    if not (told_time.isascii() and told_time.isdecimal() and len(told_time) < _DIGITS):
        return False
    unix = int(told_time)
    right = hmac.compare_digest(
        sign(body, secret=secret, unix=unix).encode(), told.encode("utf-8", "replace")
    )
    return right and abs(now.timestamp() - unix) <= window_seconds
