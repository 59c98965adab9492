"""`[collectors.webform]`."""

from typing import Final, Self
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, SecretStr, model_validator

from collectors.contract import NetworkSettings

_SHORTEST: Final = 16  # characters of a secret
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class FormSettings(BaseModel, frozen=True, extra="forbid"):
    """`[[collectors.webform.forms]]`: one site that may send appeals."""

    name: str = Field(
        pattern=r"^[a-z0-9_-]{1,32}$", description="Short Latin name, told in the header X-Otklik-Form."
    )
    title: str = Field(default="", description="What officials see; empty: the name.")
    territory: str = Field(default="", description="Territory the form speaks of; empty: the whole region.")
    secret: SecretStr | None = Field(
        default=None, description="Key of both signatures, at least 16 characters; the site has the same."
    )
    secret_file: str = Field(default="", description="File that holds the secret.")
    answer_url: str = Field(
        default="", description="https:// address that takes answers; empty: answers go by hand."
    )

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.secret is not None and len(self.secret.get_secret_value()) < _SHORTEST:
            raise ValueError(f"the secret has fewer than {_SHORTEST} characters")
        if self.answer_url and not _is_safe_address(self.answer_url):
            raise ValueError("answer_url must be an https:// address")
        return self


def _is_safe_address(text: str) -> bool:
    """https://, or a site on this very machine."""
    try:
        host, scheme = urlsplit(text).hostname, httpx.URL(text).scheme
    except (ValueError, httpx.InvalidURL):
        return False
    return bool(host) and (scheme == "https" or (scheme == "http" and host in _HERE))


class WebformSettings(NetworkSettings, frozen=True, extra="forbid"):
    """The endpoint is served where `[hooks]` says."""

    enabled: bool = Field(default=False, description="Take appeals from signed web forms.")
    forms: tuple[FormSettings, ...] = Field(default=(), description="The sites.")
    window_seconds: int = Field(
        default=300, gt=0, description="How old or how far ahead a signature's time may be, seconds."
    )
    text_limit: int = Field(default=10_000, ge=1, description="Longest answer, characters.")
    timeout_seconds: float = Field(
        default=30, gt=0, description="Longest wait for the site to take one answer, seconds."
    )
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )
