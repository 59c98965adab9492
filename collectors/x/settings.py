"""The X section of config.toml."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from collectors.contract import NetworkSettings, Page


class XSettings(NetworkSettings, frozen=True, extra="forbid"):
    """`[collectors.x]`. The tokens arrive already read: `*_file` is the business of bot/settings.py.

    Every post that is read costs money: a budget stops the reading, not a bill.
    """

    enabled: bool = Field(default=False, description="Read and answer X at all.")
    api_url: str = Field(default="https://api.x.com", description="Where the API is; without /2.")
    bearer_token: SecretStr | None = Field(default=None, description="App-only Bearer token: reads.")
    bearer_token_file: str = Field(default="", description="File that holds the Bearer token.")
    account: str = Field(
        default="",
        description="Official account that answers, as in x.com/<name>; the keys below are its own.",
    )
    consumer_key: SecretStr | None = Field(default=None, description="OAuth 1.0a: API key of the app.")
    consumer_key_file: str = Field(default="", description="File that holds the API key.")
    consumer_secret: SecretStr | None = Field(
        default=None, description="OAuth 1.0a: API key secret of the app."
    )
    consumer_secret_file: str = Field(default="", description="File that holds the API key secret.")
    access_token: SecretStr | None = Field(
        default=None, description="OAuth 1.0a: the account's access token."
    )
    access_token_file: str = Field(default="", description="File that holds the access token.")
    access_secret: SecretStr | None = Field(
        default=None, description="OAuth 1.0a: the access token's secret."
    )
    access_secret_file: str = Field(default="", description="File that holds the access token's secret.")
    user_token: SecretStr | None = Field(
        default=None,
        description="OAuth 2.0 user token instead of the four keys; X ends it after two hours.",
    )
    user_token_file: str = Field(default="", description="File that holds the OAuth 2.0 user token.")
    dialect: Literal["post", "tweet"] = Field(
        default="post", description='Names of request fields: "post" since August 2026, "tweet" before.'
    )
    tier: Literal["self_serve", "enterprise"] = Field(
        default="self_serve",
        description="Self-serve keys may answer only who mentioned or quoted the account.",
    )
    query_limit: int = Field(
        default=512, ge=64, le=4096, description="Longest search query, characters; enterprise: 4096."
    )
    text_limit: int = Field(
        default=280, ge=1, description="Longest answer in X's weights; Premium accounts: 25000."
    )
    allow_links: bool = Field(
        default=False, description="Let answers hold links: such an answer costs 0.20 $ instead of 0.01 $."
    )
    monthly_budget_dollars: float = Field(
        default=50,
        ge=0,
        description="What reading and answering may cost in a month, $; 0: no limit of ours.",
    )
    reserve_dollars: float = Field(
        default=2, ge=0, description="The last of the budget, $: reading leaves it to the answers."
    )
    search_every_seconds: int = Field(
        default=300, gt=0, description="Seconds between two searches for the same words or pages."
    )
    mentions_every_seconds: int = Field(
        default=60, gt=0, description="Seconds between two looks at the account's mentions."
    )
    posts_every_seconds: int = Field(
        default=300, gt=0, description="Seconds between two looks at the account's own posts."
    )
    searches_per_window: int = Field(
        default=360, gt=0, description="Searches in 15 minutes at most, all together; X allows 450 an app."
    )
    lang: str = Field(
        default="",
        pattern=r"^([a-z]{2,3})?$",
        description='Only finds in this language, as in "ru"; "": any.',
    )
    per_page: int = Field(default=100, ge=10, le=100, description="Posts asked for at once.")
    most_pages: int = Field(
        default=100, ge=1, description="Pages of one feed read in one go at most: each page is money."
    )
    first_hours: float = Field(
        default=24, ge=0, le=167, description="The first reading ever takes posts not older than this, hours."
    )
    overlap_seconds: int = Field(
        default=30, ge=0, description="Each reading repeats this much of the previous one, seconds."
    )
    timeout_seconds: float = Field(default=30, gt=0, description="Longest wait for one answer of X, seconds.")
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )

    def pages(self) -> Sequence[Page]:
        """The account that answers is official."""
        return (Page(native_id="", name=self.account),) if self.account else ()

    @field_validator("account")
    @classmethod
    def _only_the_name(cls, account: str) -> str:
        return account.strip().rstrip("/").rpartition("/")[2].removeprefix("@").lower()
