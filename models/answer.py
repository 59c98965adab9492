"""Answers, their publications under posts, and the prompts by which a person writes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TelegramId, words


class AnswerState(StrEnum):
    DRAFT = "draft"  # shown to its author for a last look
    SUBMITTED = "submitted"  # on its way: to the approver or to the network
    SUPERSEDED = "superseded"  # a later version took its place


class Answer(Base):
    """A version of the text; interim or final."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    version: Mapped[int]
    state: Mapped[AnswerState] = mapped_column(words(AnswerState))
    is_interim: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Text)
    photos: Mapped[list[Any]] = mapped_column(default=list)  # Telegram file ids, kept as proof
    official_id: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # None: answered past the bot
    control_at: Mapped[datetime | None]  # of an interim one: by when its author promises the final one
    revises_id: Mapped[int | None] = mapped_column(ForeignKey("answers.id"))  # the published one it corrects
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # codes of the checks it was sent in spite of
    override_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # let personal data through
    override_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))


class PublicationState(StrEnum):
    WAITING = "waiting"  # to be published
    SENDING = "sending"  # the call may have been made: read back before any second try
    PUBLISHED = "published"
    BY_HAND = "by_hand"  # a person publishes it and brings the link
    REFUSED = "refused"  # the network refused the text
    GONE = "gone"  # the post is gone or closed to us
    STUCK = "stuck"  # cannot be reconciled: a person decides
    TAKEN_BACK = "taken_back"  # the answer was withdrawn before it got here


class PublishedHow(StrEnum):
    """Whose hand put the answer under the post."""

    PROGRAM = "program"
    LINK = "link"  # a person did, and brought the link
    NOTICED = "noticed"  # a person did, past the bot, and the collector saw it


class Publication(Base):
    """One answer under one post. At most once."""

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("answer_id", "post_id"),
        Index(
            "ix_publications_open",
            "not_before",
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index(None, "incident_id"),
        Index(None, "network", "native_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    network: Mapped[str] = mapped_column(String(16))
    state: Mapped[PublicationState] = mapped_column(words(PublicationState))
    key: Mapped[str] = mapped_column(String(64), unique=True)  # idempotency key, the same on every try
    edits_id: Mapped[int | None] = mapped_column(
        ForeignKey("publications.id")
    )  # the one whose words it changes
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    native_id: Mapped[str | None] = mapped_column(String(128))
    url: Mapped[str | None] = mapped_column(String(500))
    error: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[datetime | None]
    how: Mapped[PublishedHow | None] = mapped_column(words(PublishedHow))  # None until published


class PromptKind(StrEnum):
    """What a prompt waits for."""

    ANSWER = "answer"
    RETURN_REASON = "return_reason"
    SKIP_REASON = "skip_reason"
    FIND_BODY = "find_body"
    LINK = "link"  # the link to an answer published by hand
    CONTROL_DATE = "control_date"  # by when the final answer will follow an interim one
    OVERRIDE = "override"  # why personal data must stand in the answer
    REVISION = "revision"  # new words for a published answer
    PLACE = "place"  # where it is, in a curator's words
    TEMPLATE = "template"  # the words of a template
    SEARCH = "search"  # what to look for
    AWAY = "away"  # when a person will be away


class Prompt(Base):
    """Waiting for words is a row, keyed by the message that asked: a restart loses nothing."""

    __tablename__ = "prompts"
    __table_args__ = (Index(None, "chat_id", "message_id"), Index(None, "official_id", "closed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PromptKind] = mapped_column(words(PromptKind))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))  # None: about no incident
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    chat_id: Mapped[int] = mapped_column(TelegramId)
    message_id: Mapped[int | None] = mapped_column(TelegramId)  # None until the prompt was delivered
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def about(self) -> int:
        """The incident's number.

        Raises:
            LookupError: the prompt is about none.
        """
        if self.incident_id is None:
            raise LookupError(f"prompt {self.id} is about no incident")
        return self.incident_id


class Template(Base):
    """Words to begin an answer with; {blanks} are filled from the incident. Never changed: a new version is a row.

    No body: every body's. No topic: for any.
    """

    __tablename__ = "templates"
    __table_args__ = (Index(None, "body_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    topic: Mapped[str] = mapped_column(String(32), default="")
    name: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(
        default=True
    )  # False: a later version, or nothing, took its place
    created_by: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    created_at: Mapped[datetime]
