"""The inbox and the outbox: what Telegram told us, and what we owe to tell."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TelegramId, words


class InboxState(StrEnum):
    NEW = "new"
    DONE = "done"
    FAILED = "failed"  # a bug or an unreadable update: kept for a person, never replayed by itself


class InboxRow(Base):
    """One update, as it came, stored before it is confirmed to Telegram."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index(
            "ix_inbox_new",
            "update_id",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
    )

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[InboxState] = mapped_column(words(InboxState), default=InboxState.NEW)
    lane: Mapped[int] = mapped_column(BigInteger, default=0)  # the person: one's updates are handled in order
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(500), default="")


class OutboxKind(StrEnum):
    CARD = "card"  # make the card match the incident
    NOTICE = "notice"  # words by key, in the reader's language
    TEXT = "text"  # words already rendered for one reader
    PROMPT = "prompt"  # a question that waits for a reply
    EDIT = "edit"  # replace the words and buttons of one message
    COMMANDS = "commands"  # the command menu of one person


class Urgency(IntEnum):
    """Smaller leaves first."""

    ANSWERED_PERSON = 0  # somebody pressed or wrote and waits
    NEW_CARD = 10
    NOTICE = 20
    EDIT = 30


class OutboxState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # can never be delivered; a person was told
    FOLDED = "folded"  # a later delivery said the same and more


class OutboxRow(Base):
    """One thing owed to one chat, written in the transaction of its cause."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "chat_id",
            "urgency",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_subject",
            "subject",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[OutboxKind] = mapped_column(words(OutboxKind))
    chat_id: Mapped[int] = mapped_column(TelegramId)
    thread_id: Mapped[int | None] = mapped_column(TelegramId)
    urgency: Mapped[int]
    subject: Mapped[str] = mapped_column(String(64), default="")  # rows of one subject fold into one
    payload: Mapped[dict[str, Any]]
    state: Mapped[OutboxState] = mapped_column(words(OutboxState), default=OutboxState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(TelegramId)
    error: Mapped[str] = mapped_column(String(500), default="")


class CardState(StrEnum):
    LIVE = "live"
    DISARMED = "disarmed"  # the incident left this chat: shown without buttons


class Card(Base):
    """An incident as shown in one chat. Chat and message ids live here and nowhere else."""

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("incident_id", "chat_id"), Index(None, "chat_id", "message_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    chat_id: Mapped[int] = mapped_column(TelegramId)
    thread_id: Mapped[int | None] = mapped_column(TelegramId)
    for_curators: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CardState] = mapped_column(words(CardState), default=CardState.LIVE)
    message_id: Mapped[int | None] = mapped_column(TelegramId)  # None until delivered
    shown_version: Mapped[int] = mapped_column(default=0)  # the incident's version last delivered
    shown_digest: Mapped[str] = mapped_column(
        String(64), default=""
    )  # of the words and buttons last delivered
    delivered_at: Mapped[datetime | None]
