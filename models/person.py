"""People of the workspace, their roles, and the invitations by which they enter."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TelegramId, words


class Role(StrEnum):
    """What a person may do. One person can be several."""

    OFFICIAL = "official"  # answers for a body
    COORDINATOR = "coordinator"  # an official who also gives out the body's work and invites its people
    CURATOR = "curator"  # registers, routes, reassigns, watches deadlines
    APPROVER = "approver"
    OBSERVER = "observer"
    OPERATOR = "operator"  # installs and runs the program; told of its troubles
    HEAD = "head"  # hears of what nobody below has moved: of one body, or of the region


class Language(StrEnum):
    RU = "ru"
    EN = "en"


class Official(Base):
    """A person who entered by an invitation; `telegram_id` is both the user's and the private chat's id."""

    __tablename__ = "officials"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(TelegramId, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    username: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[Language] = mapped_column(words(Language), default=Language.RU)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_reachable: Mapped[bool] = mapped_column(default=True)  # False: blocked the bot
    created_at: Mapped[datetime]


class Membership(Base):
    """One role of one person; officials, coordinators and approvers have it in one body, a head may."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("official_id", "role", "body_id"),
        Index(None, "role", "body_id"),
        CheckConstraint(
            "role NOT IN ('official', 'coordinator', 'approver') OR body_id IS NOT NULL", name="body_role"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    role: Mapped[Role] = mapped_column(words(Role))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))


class Invitation(Base):
    """A single-use, expiring way in. Only the SHA-256 of the token is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(words(Role))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))  # None: the operator's shell
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(TelegramId)
    revoked_at: Mapped[datetime | None]


class Absence(Base):
    """A person is away from `starts_at` until `ends_at`; the substitute has their open and coming work.

    Without a substitute the whole body has it.
    """

    __tablename__ = "absences"
    __table_args__ = (Index(None, "official_id", "ends_at"), Index(None, "substitute_id", "ends_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("officials.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    created_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]  # when the work was handed over
    over_at: Mapped[datetime | None]  # back, or called off
