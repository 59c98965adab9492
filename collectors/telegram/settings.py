"""`[collectors.telegram]`."""

from pydantic import Field

from collectors.contract import NetworkSettings


class TelegramSourceSettings(NetworkSettings, frozen=True, extra="forbid"):
    """Which channels and groups are read stands in the registry of communities, network `telegram`."""

    enabled: bool = Field(
        default=False, description="Take messages of registered channels and groups as residents' posts."
    )
    text_limit: int = Field(default=4096, ge=1, le=4096, description="Longest answer, UTF-16 units.")
    timeout_seconds: float = Field(
        default=30, gt=0, description="Longest wait for the Bot API to take one answer, seconds."
    )
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )
