"""A curator at the queue: who looks at what now, and what can still be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, words
from models.status import Step


class Claim(Base):
    """A lease on one incident of the queue: while it lasts nobody else is shown it. It expires by itself."""

    __tablename__ = "claims"
    __table_args__ = (Index(None, "official_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    until: Mapped[datetime]


class TriageAct(Base):
    """What a curator did with an incident of the queue, and what is needed to undo it.

    `batch` is the first act's id for all acts of one bulk press.
    """

    __tablename__ = "triage_acts"
    __table_args__ = (Index(None, "official_id", "id"), Index(None, "batch"))

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    step: Mapped[Step] = mapped_column(words(Step))
    version: Mapped[int]  # of the incident after the act: undone only while nobody has moved it since
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    batch: Mapped[int | None]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
