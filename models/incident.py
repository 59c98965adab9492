"""Incidents: one problem each, with its history, its assignments and the answers given."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TelegramId, words
from models.kinds import Kind, Priority
from models.status import Status, Step

# The open statuses, spelled once: partial indexes and queries must repeat each other literally.
OPEN = "status NOT IN ('answered', 'closed', 'skipped', 'merged', 'source_gone')"


class Incident(Base):
    """One problem. Its number is its id. Deadlines are computed at registration and never moved."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "ix_incidents_body_due_open",
            "body_id",
            "due_at",
            "id",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "ix_incidents_official_due_open",
            "official_id",
            "due_at",
            "id",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "ix_incidents_next_look",
            "next_look_at",
            sqlite_where=text("next_look_at IS NOT NULL"),
            postgresql_where=text("next_look_at IS NOT NULL"),
        ),
        Index(None, "status", "id"),
        CheckConstraint(
            "status IN ('new', 'skipped', 'merged', 'source_gone') OR due_at IS NOT NULL", name="clock_runs"
        ),
        CheckConstraint(
            "status NOT IN ('assigned', 'accepted', 'on_review', 'rework', 'approved', 'interim')"
            " OR body_id IS NOT NULL",
            name="has_body",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    status: Mapped[Status] = mapped_column(words(Status))
    kind: Mapped[Kind] = mapped_column(words(Kind))
    topic: Mapped[str] = mapped_column(String(32))
    subtopic: Mapped[str] = mapped_column(String(64), default="")  # its full code, or not known
    priority: Mapped[Priority] = mapped_column(words(Priority))
    territory: Mapped[str] = mapped_column(String(100), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    official_id: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # who holds it
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    created_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    first_reaction_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    control_at: Mapped[datetime | None]  # when the final answer after an interim one is due
    answered_at: Mapped[datetime | None]  # confirmed publication stops the clock
    next_look_at: Mapped[datetime | None]  # when the sweep must look at it again

    # Two people press at once: the second flush finds the version gone (StaleDataError).
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own spelling


class HistoryEntry(Base):
    """One step of one incident. Never changed, never deleted."""

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step: Mapped[Step] = mapped_column(words(Step))
    before: Mapped[Status] = mapped_column(words(Status, name="before"))
    after: Mapped[Status] = mapped_column(words(Status, name="after"))
    official_id: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # None: the program itself
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class Assignment(Base):
    """One body's turn with an incident."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(
            "uq_assignments_current",
            "incident_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "incident_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"))
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))
    assigned_at: Mapped[datetime]
    return_until: Mapped[datetime]
    prepare_until: Mapped[datetime | None]  # the body's own norm; None: assigned before there was one
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Step | None] = mapped_column(words(Step))
    reason: Mapped[str] = mapped_column(Text, default="")
    suggested_body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))


class Reminder(Base):
    """A step of the deadline that has fired (or was passed over after downtime): each does so once."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("incident_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    code: Mapped[str] = mapped_column(String(24))
    told: Mapped[bool]  # False: passed over
    at: Mapped[datetime]


class Policy(Base):
    """A version of a deadline policy, as it stood; an incident keeps the one it was registered under."""

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    definition: Mapped[str] = mapped_column(Text)  # canonical JSON of incidents.policies.Policy
    created_at: Mapped[datetime]


class PolicyRule(Base):
    """Which policy an incident is registered under. An empty column fits anything; the fullest row wins."""

    __tablename__ = "policy_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    body_code: Mapped[str] = mapped_column(String(32), default="")
    topic: Mapped[str] = mapped_column(String(64), default="")
    territory: Mapped[str] = mapped_column(String(100), default="")
    priority: Mapped[str] = mapped_column(String(16), default="")
    policy_name: Mapped[str] = mapped_column(String(64))


class AuditEntry(Base):
    """What was tried, by whom, and how it ended, when no history of an incident would show it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    telegram_id: Mapped[int | None] = mapped_column(TelegramId)
    chat_id: Mapped[int | None] = mapped_column(TelegramId)
    action: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
