"""The sections of config.toml as frozen values: what each setting is, its unit, and what it is by default."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, SecretStr, create_model
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.policy_settings import PolicyRuleSettings, PolicySettings
from collectors.contract import NetworkSettings
from collectors.networks import NETWORKS
from incidents.communities import REQUIRED_NETWORKS
from incidents.intake import TriageMode
from incidents.promises import DEFAULT
from models import Language

_TOKEN: Final = re.compile(r"\d+:\S+")
_HOUR: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ENGINES: Final = ("sqlite+aiosqlite", "postgresql+asyncpg")


def _token(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and not _TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("this is not a bot's token: @BotFather gives digits, a colon, then letters")
    return secret


def _database_url(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("this is not a database URL") from None
    if parsed.drivername not in _ENGINES:
        raise ValueError(f"the URL must begin with {_ENGINES[0]}:/// or {_ENGINES[1]}://")
    if parsed.drivername == _ENGINES[0] and parsed.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs the name of a file")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone this machine knows") from None
    return name


def _hour(text: str) -> str:
    if not _HOUR.fullmatch(text):
        raise ValueError(f"{text!r} is not a time of the day: write hours and minutes")
    return text


def _http(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("an http:// or https:// address is expected")
    return url.rstrip("/")


class _Section(BaseModel, frozen=True, extra="forbid"):
    pass


class TelegramSettings(_Section, frozen=True):
    """`[telegram]`. The pace is what Telegram's FAQ states: core.telegram.org/bots/faq."""

    token: Annotated[SecretStr | None, AfterValidator(_token)] = Field(
        default=None, description="The bot's token, from @BotFather."
    )
    token_file: str = Field(default="", description="File that holds the token; safer than a line here.")
    api_url: Annotated[str, AfterValidator(_http)] = Field(
        default="https://api.telegram.org", description="Where the Bot API is."
    )
    poll_seconds: int = Field(default=25, ge=0, le=50, description="Longest wait of one getUpdates, seconds.")
    timeout_seconds: float = Field(
        default=20, gt=0, le=300, description="Longest wait for the answer to one message sent, seconds."
    )
    recheck_seconds: float = Field(
        default=60, gt=0, description="How often a refused token is tried again, seconds."
    )
    per_second: int = Field(default=30, ge=1, description="Messages a second to all chats together.")
    per_chat_seconds: float = Field(default=1.0, ge=0, description="Seconds between messages to one chat.")
    per_group_minute: int = Field(default=20, ge=1, description="Messages a minute to one group.")
    workers: int = Field(default=16, ge=1, le=200, description="People whose presses are handled at once.")


class DatabaseSettings(_Section, frozen=True):
    """`[database]`"""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite+aiosqlite:///data/otklik.sqlite3",
        description="sqlite+aiosqlite:///<file> or postgresql+asyncpg://<user>:<password>@<host>/<name>.",
    )
    url_file: str = Field(default="", description="File that holds the URL; for a URL with a password.")


class RegionSettings(_Section, frozen=True):
    """`[region]`"""

    name: str = Field(default="", max_length=200, description="Name of the region, as people see it.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Europe/Moscow", description="IANA time zone that people see times in."
    )
    language: Language = Field(default=Language.RU, description="Language of groups: ru or en.")
    days_file: str = Field(
        default="", description="TOML file of days off and working days that wins over the known holidays."
    )
    required_networks: tuple[str, ...] = Field(
        default=REQUIRED_NETWORKS, description="Networks where every body must keep a page (госпаблик)."
    )


class TriageSettings(_Section, frozen=True):
    """`[triage]`"""

    mode: TriageMode = Field(
        default=TriageMode.AUTO,
        description='"auto": assign by itself where the classifier is sure; "confirm": always ask a curator.',
    )
    threshold: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="0: assign by itself only what the model promises to be right in 95 of 100 cases, topic by topic. "
        "A number up to 1: from that confidence on, whatever the model promises.",
    )


class _Networks(_Section, frozen=True):
    """`[collectors]`: one section a network."""

    def of(self, network: str) -> NetworkSettings:
        """The network's section."""
        section: NetworkSettings = getattr(self, network)
        return section


if TYPE_CHECKING:
    CollectorsSettings = _Networks
else:  # the list of networks is the one place that names them all
    CollectorsSettings = create_model(
        "CollectorsSettings",
        __base__=_Networks,
        **{
            one.name: (one.settings, Field(default=one.settings(), description=one.title)) for one in NETWORKS
        },
    )


class HooksSettings(_Section, frozen=True):
    """`[hooks]`: where networks push to us. A proxy with TLS stands before it."""

    port: int = Field(default=0, ge=0, le=65_535, description="Port of the webhooks; 0: none are served.")
    host: str = Field(default="127.0.0.1", description="Address the webhooks are served on.")


class ClassifierSettings(_Section, frozen=True):
    """`[classifier]`"""

    cache_dir: Path = Field(
        default=Path("data/classifier"), description="Folder for the trained model; made at first start."
    )
    model: Path | None = Field(
        default=None, description="Folder that `python -m bot train` wrote: its bodies are suggested too."
    )
    gazetteer: Path | None = Field(
        default=None,
        description="CSV of the region's places: name, type, territory, aliases (separated by |).",
    )
    learn: bool = Field(default=True, description="Learn from curators' corrections, every night.")
    learn_at: Annotated[str, AfterValidator(_hour)] = Field(
        default="03:30", description="When to learn, in the region's time: a quiet hour."
    )


class ScheduleSettings(_Section, frozen=True):
    """`[schedule]`"""

    sweep_seconds: float = Field(
        default=5, gt=0, le=3600, description="How often deadlines are looked at, seconds."
    )
    audit_minutes: float = Field(
        default=60, gt=0, le=1440, description="How often the auditor looks for what was forgotten, minutes."
    )


class LogSettings(_Section, frozen=True):
    """`[log]`"""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Quietest message that is still written."
    )
    format: Literal["text", "json"] = Field(
        default="text", description='"text" for people, "json" for collectors of logs.'
    )


class ClockSettings(_Section, frozen=True):
    """`[clock]`"""

    follow_url: Annotated[str, AfterValidator(_http)] = Field(
        default="", description="Sandbox only: address of a clock to follow; empty: this machine's clock."
    )


class Settings(_Section, frozen=True):
    """The whole of config.toml."""

    telegram: TelegramSettings = TelegramSettings()
    database: DatabaseSettings = DatabaseSettings()
    region: RegionSettings = RegionSettings()
    triage: TriageSettings = TriageSettings()
    policies: dict[str, PolicySettings] = Field(default={DEFAULT: PolicySettings(name="Федеральный 24 ч")})
    policy_rules: tuple[PolicyRuleSettings, ...] = ()
    collectors: CollectorsSettings = CollectorsSettings()
    hooks: HooksSettings = HooksSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    log: LogSettings = LogSettings()
    clock: ClockSettings = ClockSettings()

    @property
    def token(self) -> str:
        """The bot's token.

        Raises:
            LookupError: there is none (`load` was called with `require_token=False`).
        """
        if self.telegram.token is None:
            raise LookupError("telegram.token is not set")
        return self.telegram.token.get_secret_value()

    def secrets(self) -> list[str]:
        """Every secret value there is, for the log to leave out."""
        password = make_url(self.database.url).password
        return [*_secrets_in(self), *([str(password)] if password else [])]


def _secrets_in(value: Any) -> list[str]:
    if isinstance(value, SecretStr):
        return [value.get_secret_value()]
    if isinstance(value, BaseModel):
        return [secret for name in type(value).model_fields for secret in _secrets_in(getattr(value, name))]
    if isinstance(value, tuple | list):
        return [secret for item in value for secret in _secrets_in(item)]
    return []
