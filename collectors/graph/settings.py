"""What the sections of Facebook and Instagram in config.toml have in common."""

from pydantic import Field, SecretStr

from collectors.contract import NetworkSettings


class GraphSettings(NetworkSettings, frozen=True, extra="forbid"):
    """The application at Meta, and how often its API is asked. Tokens arrive already read."""

    enabled: bool = Field(default=False, description="Read and answer this network at all.")
    proxy: str = Field(default="", description="Proxy for this network alone, e.g. http://10.0.0.1:3128.")
    api_url: str = Field(default="https://graph.facebook.com", description="Where the Graph API is.")
    api_version: str = Field(
        default="v25.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API, as in its path."
    )
    app_secret: SecretStr | None = Field(
        default=None,
        description="Secret of the application: proves every call and verifies webhooks; may be left out.",
    )
    app_secret_file: str = Field(default="", description="File that holds the application's secret.")
    verify_token: SecretStr | None = Field(
        default=None, description="Word agreed with Meta for the webhook's address; empty: no webhook."
    )
    verify_token_file: str = Field(default="", description="File that holds the agreed word.")
    every_seconds: int = Field(default=60, gt=0, description="Seconds between two readings of one page.")
    tagged_every_seconds: int = Field(
        default=300, gt=0, description="Seconds between two readings of the posts that tag a page."
    )
    reread_seconds: int = Field(
        default=3600, gt=0, description="Seconds between complete re-readings, which find edited comments."
    )
    overlap_seconds: int = Field(
        default=600, ge=0, description="Seconds read again each time; known posts are not stored twice."
    )
    first_hours: float = Field(
        default=24, ge=0, description="Hours back that the first reading of a page brings."
    )
    comments_of_days: float = Field(
        default=7, gt=0, description="Days for which the comments under a post are read."
    )
    posts_per_page: int = Field(default=50, gt=0, le=100, description="Posts asked for in one call.")
    comments_per_page: int = Field(default=50, gt=0, le=100, description="Comments asked for in one call.")
    most_pages: int = Field(
        default=50, gt=0, description="Calls one list may take: an endless one stops here."
    )
    slow_percent: int = Field(
        default=80,
        gt=0,
        le=100,
        description="Share of Meta's limit, in per cent, from which calls slow down.",
    )
    stop_percent: int = Field(
        default=95, gt=0, le=100, description="Share of Meta's limit, in per cent, at which calls stop."
    )
    timeout_seconds: float = Field(default=30, gt=0, description="Seconds one call may take.")
