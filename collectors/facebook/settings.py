"""The Facebook section of config.toml."""

from collections.abc import Sequence

from pydantic import BaseModel, Field, SecretStr

from collectors.contract import Page
from collectors.graph.settings import GraphSettings


class PageSettings(BaseModel, frozen=True, extra="forbid"):
    """`[[collectors.facebook.communities]]`: one official page, and what opens it to us."""

    id: str = Field(pattern=r"^\d+$", description="Number of the page.")
    name: str = Field(default="", description="Short address as in facebook.com/<name>.")
    title: str = Field(default="", description="What officials see.")
    territory: str = Field(default="", description="Territory the page belongs to; empty: the whole region.")
    page_token: SecretStr | None = Field(
        default=None, description="Page token with the task MODERATE: reads comments with ids, and answers."
    )
    page_token_file: str = Field(default="", description="File that holds the page token.")


class FacebookSettings(GraphSettings, frozen=True, extra="forbid"):
    """`[collectors.facebook]`.

    Limits: 4800 calls in 24 hours for each engaged user of a page, by its Page token.
    Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    """

    communities: tuple[PageSettings, ...] = Field(default=(), description="Official pages and their tokens.")
    public_token: SecretStr | None = Field(
        default=None,
        description="Token with Page Public Content Access: reads pages whose own token we do not have.",
    )
    public_token_file: str = Field(default="", description="File that holds that token.")
    read_tagged: bool = Field(default=True, description="Read posts of others that tag an official page.")
    text_limit: int = Field(default=5000, gt=0, description="Longest answer, in characters.")

    def pages(self) -> Sequence[Page]:
        """For the registry, which knows of more."""
        return [Page(one.id, one.name.lower(), one.title, one.territory) for one in self.communities]
