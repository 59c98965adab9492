"""Where collectors stand, how they are, and what the operator was told."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


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


class PushRow(Base):
    """An event a network pushed, stored before it was acknowledged. `done_at`: understood, or given up."""

    __tablename__ = "pushes"
    __table_args__ = (
        UniqueConstraint("network", "key"),
        Index(
            "ix_pushes_open",
            "not_before",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128))
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime | None]


class Spending(Base):
    """What a paid network has cost in a month, micro-dollars."""

    __tablename__ = "spending"

    network: Mapped[str] = mapped_column(String(16), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # "2026-03", UTC
    amount: Mapped[int] = mapped_column(BigInteger)
