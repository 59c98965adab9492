"""How Odnoklassniki wants a call signed.

Source: https://apiok.ru/en/dev/methods
"""

import hashlib
from collections.abc import Mapping
from typing import Final

_NOT_SIGNED: Final = frozenset({"access_token", "session_key", "sig"})


def session_secret(access_token: str, application_secret: str) -> str:
    """The secret of a session whose own secret was not given."""
    return _md5(access_token + application_secret)


def signature(params: Mapping[str, str], secret: str) -> str:
    """The `sig` of these parameters: values as they are, not URL-encoded, in UTF-8."""
    signed = sorted((key, value) for key, value in params.items() if key not in _NOT_SIGNED)
    return _md5("".join(f"{key}={value}" for key, value in signed) + secret)


def _md5(text: str) -> str:
    # OK's own choice; nothing of ours is protected by it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
