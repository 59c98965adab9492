"""The VK section of config.toml."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from collectors.contract import NetworkSettings, Page


class CommunitySettings(BaseModel, frozen=True, extra="forbid"):
    """`[[collectors.vk.communities]]`: one official page whose wall is read, and what opens it to us."""

    id: int | None = Field(
        default=None, gt=0, description="Number of the community, positive; or give `name`."
    )
    name: str = Field(default="", description="Short address as in vk.com/<name>; used when `id` is absent.")
    title: str = Field(default="", description="What officials see; empty: the title VK has.")
    territory: str = Field(default="", description="Territory the page belongs to; empty: the whole region.")
    community_token: SecretStr | None = Field(
        default=None,
        description="Community token: `wall` to answer (without it answers go by hand), `manage` for Long Poll.",
    )
    community_token_file: str = Field(default="", description="File that holds the community token.")
    callback_secret: SecretStr | None = Field(
        default=None,
        description="Secret key of the Callback API server, as entered at VK; with it VK may push.",
    )
    callback_secret_file: str = Field(default="", description="File that holds the Callback secret.")
    callback_code: str = Field(
        default="", description="What VK wants to hear once to confirm the Callback server; VK shows it."
    )

    @property
    def page(self) -> Page:
        """As the registry has it."""
        native_id = str(self.id) if self.id is not None else ""
        return Page(native_id=native_id, name=self.name, title=self.title, territory=self.territory)

    @field_validator("name")
    @classmethod
    def _only_the_name(cls, name: str) -> str:
        return name.strip().rstrip("/").rpartition("/")[2].removeprefix("@").lower()

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.id is None and not self.name:
            raise ValueError("give the community's id or its name")
        return self


class VkSettings(NetworkSettings, frozen=True, extra="forbid"):
    """`[collectors.vk]`. The tokens arrive already read: `*_file` is the business of bot/settings.py.

    Quotas quoted by developers in 2021-22 (github.com/python273/vk_api/issues/411): wall.get 5000 and
    newsfeed.search 1000 calls a day per token. `walls_per_day` and `searches_per_day` keep within them: the
    more walls there are, the rarer each is read.
    """

    enabled: bool = Field(default=False, description="Read and answer VK at all.")
    api_url: str = Field(default="https://api.vk.ru", description="Where the API is; without /method.")
    api_version: str = Field(default="5.199", description="Version of the API sent with every call.")
    service_token: SecretStr | None = Field(
        default=None, description="Service token of the application: reads."
    )
    service_token_file: str = Field(default="", description="File that holds the service token.")
    communities: tuple[CommunitySettings, ...] = Field(default=(), description="Official pages to read.")
    queries: tuple[str, ...] = Field(default=(), description="Words to search for in all public posts.")
    answer_elsewhere_as: int = Field(
        default=0,
        ge=0,
        description="Community (id) that answers under posts on walls not ours; 0: by hand only.",
    )
    every_seconds: int = Field(default=60, gt=0, description="Seconds between two readings of one wall.")
    every_seconds_with_push: int = Field(
        default=600, gt=0, description="The same while Long Poll brings the wall's news at once, seconds."
    )
    walls_per_day: int = Field(
        default=4500, ge=0, description="Readings of all walls together in a day at most; 0: no limit."
    )
    search_every_seconds: int = Field(
        default=300, gt=0, description="Seconds between two searches for the same words."
    )
    searches_per_day: int = Field(
        default=900, ge=0, description="Searches for all words together in a day at most; 0: no limit."
    )
    long_poll: bool = Field(
        default=True, description="Wait for news of communities with a token by Bots Long Poll."
    )
    long_poll_seconds: int = Field(
        default=25, ge=0, le=90, description="Longest wait of one Long Poll request, seconds."
    )
    most_long_polls: int = Field(
        default=25, ge=0, description="Communities listened to at once; each holds a connection open."
    )
    reread_seconds: int = Field(
        default=3600, gt=0, description="Seconds between complete re-readings, which find edited comments."
    )
    calls_per_second: float = Field(
        default=3, gt=0, le=60, description="Calls a second per token. VK: service 5 and more, community 20."
    )
    timeout_seconds: float = Field(
        default=30, gt=0, description="Longest wait for one answer of VK, seconds."
    )
    posts_per_page: int = Field(default=100, ge=1, le=100, description="Posts asked for at once (wall.get).")
    comments_per_page: int = Field(default=100, ge=1, le=100, description="Comments asked for at once.")
    found_per_page: int = Field(default=200, ge=1, le=200, description="Found posts asked for at once.")
    most_pages: int = Field(
        default=100, ge=1, description="Pages of one wall, or of one post's comments, read in one go at most."
    )
    text_limit: int = Field(default=4096, ge=1, description="Longest answer, characters.")
    comments_of_days: float = Field(
        default=7, gt=0, description="Comments are read under posts not older than this, days."
    )
    first_hours: float = Field(
        default=24, ge=0, description="The first reading ever takes messages not older than this, hours."
    )
    overlap_seconds: int = Field(
        default=600, ge=0, description="Each reading repeats this much of the previous one, seconds."
    )
    proxy: str = Field(
        default="", description="Proxy for this network (http://, https://, socks5://); empty: none."
    )

    def pages(self) -> Sequence[Page]:
        """The communities, for the registry."""
        return tuple(one.page for one in self.communities)
