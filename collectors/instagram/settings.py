"""The Instagram section of config.toml."""

from collections.abc import Sequence

from pydantic import BaseModel, Field, SecretStr

from collectors.contract import Page
from collectors.graph.settings import GraphSettings


class AccountSettings(BaseModel, frozen=True, extra="forbid"):
    """`[[collectors.instagram.accounts]]`: a professional account, linked to a Facebook Page."""

    id: str = Field(
        pattern=r"^\d+$", description="Number of the account: instagram_business_account of the page."
    )
    username: str = Field(default="", description="Its name without @; empty: Instagram is asked.")
    title: str = Field(default="", description="What officials see.")
    territory: str = Field(default="", description="Territory it belongs to; empty: the whole region.")
    page_id: str = Field(
        default="", description="Number of the Facebook Page it is linked to; for the reader."
    )
    token: SecretStr | None = Field(
        default=None, description="Token of that Page with instagram_basic and instagram_manage_comments."
    )
    token_file: str = Field(default="", description="File that holds the token.")


class InstagramSettings(GraphSettings, frozen=True, extra="forbid"):
    """`[collectors.instagram]`.

    Limits: 4800 calls in 24 hours for each engaged user of an account; 30 hashtags an account in 7 days.
    Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api
    """

    accounts: tuple[AccountSettings, ...] = Field(
        default=(), description="Official accounts and their tokens."
    )
    read_tagged: bool = Field(default=True, description="Read media of others that tag an official account.")
    hashtags_every_seconds: int = Field(
        default=900, gt=0, description="Seconds between two readings of one hashtag; it shows 24 hours."
    )
    hashtag_pages: int = Field(
        default=10, gt=0, description="Calls one hashtag may take: its list repeats and need not end."
    )
    text_limit: int = Field(default=2000, gt=0, description="Longest answer, in characters.")

    def pages(self) -> Sequence[Page]:
        """For the registry, which knows of more."""
        return [
            Page(one.id, one.username.removeprefix("@").lower(), one.title, one.territory)
            for one in self.accounts
        ]
