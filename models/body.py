"""Bodies (органы) and the rules by which topics and territories find them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TelegramId, words
from models.kinds import Owner


class ChatState(StrEnum):
    """Whether a body can be reached."""

    NONE = "none"  # nobody has bound a chat yet
    LIVE = "live"
    DEAD = "dead"  # the bot was blocked or kicked, or the chat is gone


class Body(Base):
    """A ministry, a municipality, a subordinate organisation. It has one chat, or a topic of one."""

    __tablename__ = "bodies"
    __table_args__ = (UniqueConstraint("chat_id", "thread_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # what a curator types: /assign 17 roads
    name: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    chat_id: Mapped[int | None] = mapped_column(TelegramId)
    thread_id: Mapped[int | None] = mapped_column(TelegramId)
    chat_title: Mapped[str] = mapped_column(String(200), default="")
    chat_state: Mapped[ChatState] = mapped_column(words(ChatState), default=ChatState.NONE)
    policy_name: Mapped[str | None] = mapped_column(String(64))  # None: the default policy
    signature: Mapped[str] = mapped_column(String(200), default="")  # how its answers end; empty: unsigned
    created_at: Mapped[datetime]


class Route(Base):
    """One rule: the topic, in the territory, of such an owner, is the body's business.

    An empty territory means everywhere, an empty owner any; which of several rules wins: incidents/routing.py.
    """

    __tablename__ = "routes"
    __table_args__ = (
        UniqueConstraint("topic", "territory", "owner", "body_id"),
        CheckConstraint(f"owner IN ('', {', '.join(repr(owner.value) for owner in Owner)})", name="owner"),
        Index(None, "topic", "territory"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))  # "roads", a full subtopic "roads.potholes", or "*": any
    territory: Mapped[str] = mapped_column(String(100), default="")
    owner: Mapped[str] = mapped_column(String(16), default="")  # models.kinds.Owner, or empty
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    note: Mapped[str] = mapped_column(String(200), default="")  # why, for whoever reads the rules


class DutyChat(Base):
    """Who is awake at night: a chat that hears of what cannot wait for the morning. No body: the region's."""

    __tablename__ = "duty_chats"
    __table_args__ = (UniqueConstraint("chat_id", "thread_id", "body_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    chat_id: Mapped[int] = mapped_column(TelegramId)
    thread_id: Mapped[int | None] = mapped_column(TelegramId)
    title: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[ChatState] = mapped_column(words(ChatState), default=ChatState.LIVE)
    bound_by: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    bound_at: Mapped[datetime]
