"""Posts: one message in a network each, with the versions of its text and what the classifier said."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, words
from models.kinds import Kind, ReplyCapability


class Post(Base):
    """One message in a network, stored once however often it is collected."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("network", "native_id"),
        Index(None, "incident_id"),
        Index(None, "text_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(16))
    native_id: Mapped[str] = mapped_column(String(128))
    root_id: Mapped[str | None] = mapped_column(String(128))
    parent_id: Mapped[str | None] = mapped_column(String(128))
    community_id: Mapped[str] = mapped_column(String(64), default="")
    community_title: Mapped[str] = mapped_column(String(200), default="")
    author_name: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(
        String(64), default=""
    )  # of the normalised text: the same words again
    photos: Mapped[list[Any]] = mapped_column(default=list)
    is_official: Mapped[bool] = mapped_column(default=False)
    reply_capability: Mapped[ReplyCapability] = mapped_column(words(ReplyCapability))
    reply_reason: Mapped[str] = mapped_column(String(64), default="")
    posted_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    collected_at: Mapped[datetime]
    text_version: Mapped[int] = mapped_column(default=1)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))


class PostVersion(Base):
    """What a post said before its author edited it."""

    __tablename__ = "post_versions"
    __table_args__ = (UniqueConstraint("post_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class Prediction(Base):
    """What a model said of a post, and what was decided on it."""

    __tablename__ = "predictions"
    __table_args__ = (
        Index(None, "at", "topic", "decision"),
        Index(None, "topic", "decision", "outcome_at"),
        Index(None, "outcome_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    model_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Kind] = mapped_column(words(Kind))
    kind_confidence: Mapped[float]
    needs_answer: Mapped[bool]
    needs_answer_confidence: Mapped[float]
    topics: Mapped[list[Any]]  # [[code, confidence], …], best first
    topic: Mapped[str] = mapped_column(String(32), default="")  # the best of them
    subtopic: Mapped[str] = mapped_column(String(64), default="")
    spam: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(String(16), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    bodies: Mapped[list[Any]]  # [[body id, confidence], …], best first
    threshold: Mapped[float]
    decision: Mapped[str] = mapped_column(String(24))  # models.learning.Decision
    outcome: Mapped[str] = mapped_column(String(8), default="")  # models.learning.Outcome
    outcome_at: Mapped[datetime | None]
    at: Mapped[datetime]
