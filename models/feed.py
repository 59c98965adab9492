"""Where collectors stand, how they are, and what the operator was told."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Community(Base):
    """An official page (госпаблик) or a city public we watch."""

    __tablename__ = "communities"
    __table_args__ = (UniqueConstraint("network", "native_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(16))
    native_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200), default="")
    territory: Mapped[str] = mapped_column(String(100), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))  # whose page it is


class Feed(Base):
    """One feed's cursor and health. The cursor is written with the posts it covers."""

    __tablename__ = "feeds"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    network: Mapped[str] = mapped_column(String(16))
    cursor: Mapped[str | None] = mapped_column(Text)
    next_at: Mapped[datetime]
    last_ok_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    error: Mapped[str] = mapped_column(String(500), default="")
    stopped: Mapped[bool] = mapped_column(default=False)  # needs a person: token, rights, captcha


class Alarm(Base):
    """A trouble the operator must mend. Raised once, told once, cleared when it is over."""

    __tablename__ = "alarms"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    text: Mapped[str] = mapped_column(String(500))
    raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
