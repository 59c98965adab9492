"""What is watched: the registry of official pages, and the keywords."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, words


class CommunityLevel(StrEnum):
    """Whose page it is (field.md: госпаблики)."""

    REGION = "region"  # a body of the region's government
    MUNICIPAL = "municipal"  # a local administration
    SUBORDINATE = "subordinate"  # a school, a hospital, a utility
    LEADER = "leader"  # the page of an official person
    OTHER = "other"  # a city public we watch; nobody's duty


class CommunityState(StrEnum):
    """Whether the program reaches the page."""

    UNKNOWN = "unknown"  # not asked yet
    READ = "read"  # read; answers go by hand
    CONNECTED = "connected"  # read, and answered by the program
    LOST = "lost"  # the network knows no such page, or closed it to us


class Community(Base):
    """An official page (госпаблик), or a city public we watch: one row of the registry.

    `native_id` is the network's own number, None until the page was looked up by its `name`.
    """

    __tablename__ = "communities"
    __table_args__ = (UniqueConstraint("network", "native_id"), Index(None, "body_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(16))
    native_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100), default="")  # short address, lower case
    url: Mapped[str] = mapped_column(String(500), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    territory: Mapped[str] = mapped_column(String(100), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))  # whose page it is
    level: Mapped[CommunityLevel] = mapped_column(words(CommunityLevel), default=CommunityLevel.OTHER)
    is_verified: Mapped[bool | None]  # the mark of the network or of Gosuslugi; None: unknown
    posts_norm: Mapped[int] = mapped_column(default=0)  # posts a week that are expected; 0: no norm
    is_watched: Mapped[bool] = mapped_column(default=True)
    state: Mapped[CommunityState] = mapped_column(words(CommunityState), default=CommunityState.UNKNOWN)
    problem: Mapped[str] = mapped_column(String(300), default="")
    looked_up_at: Mapped[datetime | None]
    added_at: Mapped[datetime]


class KeywordRow(Base):
    """A keyword as a curator wrote it (incidents/keywords.py reads `text`). Empty `networks`: all of them."""

    __tablename__ = "keywords"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(300))
    networks: Mapped[list[Any]] = mapped_column(default=list)
    territory: Mapped[str] = mapped_column(String(100), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))  # whose set it belongs to
    is_active: Mapped[bool] = mapped_column(default=True)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))
    added_at: Mapped[datetime]


class KeywordHit(Base):
    """A post that has a keyword, whichever feed brought it."""

    __tablename__ = "keyword_hits"

    keyword_id: Mapped[int] = mapped_column(ForeignKey("keywords.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True, index=True)
