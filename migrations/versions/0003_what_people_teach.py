"""What people teach the classifier, the models learned from it, topics handed back to curators, and outcomes.

Revision ID: 0003
Runs beside the previous version: yes; what it predicts meanwhile has no outcome and counts for nothing.
Goes back: yes; the labels, the models' history, the holds and the outcomes are lost.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FIELDS = ("kind", "topic", "subtopic", "body", "needs_answer", "official", "spam")
_STATES = ("champion", "challenger", "retired", "rejected")
_OPEN = "released_at IS NULL"
_INDEXES = (("at", "topic", "decision"), ("topic", "decision", "outcome_at"), ("outcome_at",))
_NEW = ("topic", "subtopic", "spam", "owner", "outcome", "outcome_at")
_BEST_TOPIC = {"sqlite": "json_extract(topics, '$[0][0]')", "postgresql": "topics -> 0 ->> 0"}


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_among("field", _FIELDS), name=op.f("ck_labels_labelfield")),
        _foreign("labels", "post_id", "posts"),
        _foreign("labels", "incident_id", "incidents"),
        _foreign("labels", "official_id", "officials"),
        _foreign("labels", "body_id", "bodies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    for column in ("at", "post_id", "incident_id"):
        op.create_index(op.f(f"ix_labels_{column}"), "labels", [column])
    op.create_table(
        "models",
        sa.Column("model_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(_among("state", _STATES), name=op.f("ck_models_modelstate")),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_models")),
    )
    op.create_table(
        "routing_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.Integer(), nullable=True),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        _foreign("routing_holds", "held_by", "officials"),
        _foreign("routing_holds", "released_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_holds")),
    )
    op.create_index(op.f("ix_routing_holds_topic_released_at"), "routing_holds", ["topic", "released_at"])
    op.create_index(
        "uq_routing_holds_open",
        "routing_holds",
        ["topic"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    # Plain ADD COLUMN on both engines: making a table anew on SQLite would lose its partial indexes.
    op.add_column("incidents", sa.Column("subtopic", sa.String(length=64), nullable=False, server_default=""))
    added: tuple[sa.Column[Any], ...] = (
        sa.Column("topic", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("subtopic", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("spam", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("owner", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("outcome", sa.String(length=8), nullable=False, server_default=""),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
    )
    for one in added:
        op.add_column("predictions", one)
    best = _BEST_TOPIC[op.get_bind().dialect.name]
    op.execute(f"UPDATE predictions SET topic = COALESCE({best}, '')")  # noqa: S608 - our own constant
    for indexed in _INDEXES:
        op.create_index(op.f(f"ix_predictions_{'_'.join(indexed)}"), "predictions", list(indexed))


def downgrade() -> None:
    for indexed in _INDEXES:
        op.drop_index(op.f(f"ix_predictions_{'_'.join(indexed)}"), table_name="predictions")
    op.execute("UPDATE predictions SET decision = 'curator' WHERE decision = 'held'")
    for name in _NEW:
        op.drop_column("predictions", name)
    op.drop_column("incidents", "subtopic")
    op.drop_table("routing_holds")
    op.drop_table("models")
    op.drop_table("labels")
