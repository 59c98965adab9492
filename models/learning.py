"""What people teach the classifier, the models learned from it, and the topics taken from it for a while."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, words


class LabelField(StrEnum):
    """Which question about a post a person has answered."""

    KIND = "kind"
    TOPIC = "topic"
    SUBTOPIC = "subtopic"
    BODY = "body"
    NEEDS_ANSWER = "needs_answer"
    OFFICIAL = "official"
    SPAM = "spam"
    TERRITORY = "territory"  # set right by a curator; no model learns from it
    PLACE = "place"


class Decision(StrEnum):
    """What was decided on a prediction: `Prediction.decision`."""

    ASSIGNED = "assigned"  # the program gave the post to a body by itself
    CURATOR = "curator"
    HELD = "held"  # it would have, but for a hold on the topic


class Outcome(StrEnum):
    """Whether the suggested body was the right one, by what people did: `Prediction.outcome`."""

    UNKNOWN = ""
    RIGHT = "right"
    WRONG = "wrong"


class ModelState(StrEnum):
    CHAMPION = "champion"  # the one that speaks
    CHALLENGER = "challenger"
    RETIRED = "retired"  # was the champion
    REJECTED = "rejected"


class Label(Base):
    """One person's answer to one question about one post. Never changed: of several the newest counts.

    `value`: a kind, a rubricator code, a body's code, or "yes" / "no".
    """

    __tablename__ = "labels"
    __table_args__ = (Index(None, "at"), Index(None, "post_id"), Index(None, "incident_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    field: Mapped[LabelField] = mapped_column(words(LabelField))
    value: Mapped[str] = mapped_column(String(64))
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))  # of field "body"
    at: Mapped[datetime]


class ModelRow(Base):
    """One learned model: what it was measured at and why it speaks or does not. The shipped one has none."""

    __tablename__ = "models"

    model_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[ModelState] = mapped_column(words(ModelState))
    trained_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    labels: Mapped[int] = mapped_column(default=0)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    why: Mapped[str] = mapped_column(Text, default="")


class RoutingHold(Base):
    """A topic whose posts wait for a curator, whatever the classifier says. At most one open per topic."""

    __tablename__ = "routing_holds"
    __table_args__ = (
        Index(
            "uq_routing_holds_open",
            "topic",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(None, "topic", "released_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(32))
    held_at: Mapped[datetime]
    held_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # None: the program itself
    judged: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    suggested_at: Mapped[datetime | None]  # curators were told that it would route well again
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))
