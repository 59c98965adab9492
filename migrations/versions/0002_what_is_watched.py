"""The registry of official pages, keywords, pushed events, spending, and whose hand published an answer.

Revision ID: 0002
Runs beside the previous version: yes, until the first answer is noticed in a network (a step it does not know).
Goes back: yes; the new tables and columns are lost, steps `answer_directly` become `publish`.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STEPS = (
    "register", "skip", "merge", "assign", "accept", "return", "reassign", "release", "submit", "send",
    "approve", "send_back", "publish", "publish_interim", "take_back", "close", "reopen", "lose_source",
)  # fmt: skip
_LEVELS = ("region", "municipal", "subordinate", "leader", "other")
_STATES = ("unknown", "read", "connected", "lost")
_OPEN = "done_at IS NULL"


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _recheck_steps(steps: tuple[str, ...]) -> None:
    """The steps a row may hold."""
    for table, column in (("history", "step"), ("assignments", "ended_by")):
        name = op.f(f"ck_{table}_step")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, _among(column, steps))


def upgrade() -> None:
    op.create_table(
        "pushes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
        sa.UniqueConstraint("network", "key", name=op.f("uq_pushes_network_key")),
    )
    op.create_index(
        "ix_pushes_open",
        "pushes",
        ["not_before"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_table(
        "spending",
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "month", name=op.f("pk_spending")),
    )
    op.create_table(
        "keywords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("territory", sa.String(length=100), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["officials.id"], name=op.f("fk_keywords_added_by_officials")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_keywords_body_id_bodies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keywords")),
    )
    op.create_table(
        "keyword_hits",
        sa.Column("keyword_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["keyword_id"], ["keywords.id"], name=op.f("fk_keyword_hits_keyword_id_keywords")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_keyword_hits_post_id_posts")),
        sa.PrimaryKeyConstraint("keyword_id", "post_id", name=op.f("pk_keyword_hits")),
    )
    op.create_index(op.f("ix_keyword_hits_post_id"), "keyword_hits", ["post_id"])

    filled: dict[str, sa.Column[Any]] = {
        "name": sa.Column("name", sa.String(length=100), nullable=False, server_default=""),
        "url": sa.Column("url", sa.String(length=500), nullable=False, server_default=""),
        "level": sa.Column("level", sa.String(length=24), nullable=False, server_default="other"),
        "posts_norm": sa.Column("posts_norm", sa.Integer(), nullable=False, server_default="0"),
        "is_watched": sa.Column("is_watched", sa.Boolean(), nullable=False, server_default=sa.true()),
        "state": sa.Column("state", sa.String(length=24), nullable=False, server_default="unknown"),
        "problem": sa.Column("problem", sa.String(length=300), nullable=False, server_default=""),
        "added_at": sa.Column(
            "added_at", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00+00:00"
        ),
    }
    with op.batch_alter_table("communities") as batch:
        for column in filled.values():
            batch.add_column(column)
        batch.add_column(sa.Column("is_verified", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("looked_up_at", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column("native_id", existing_type=sa.String(length=64), nullable=True)
        batch.create_check_constraint(op.f("ck_communities_communitylevel"), _among("level", _LEVELS))
        batch.create_check_constraint(op.f("ck_communities_communitystate"), _among("state", _STATES))
        batch.create_index(op.f("ix_communities_body_id"), ["body_id"])

    # One statement for both engines: making the table anew on SQLite would lose its partial index.
    op.execute(
        "ALTER TABLE publications ADD COLUMN how VARCHAR(24) CONSTRAINT ck_publications_publishedhow "
        "CHECK (how IN ('program', 'link', 'noticed'))"
    )
    op.create_index(op.f("ix_publications_network_native_id"), "publications", ["network", "native_id"])
    _recheck_steps((*_STEPS, "answer_directly"))


def downgrade() -> None:
    op.execute("UPDATE history SET step = 'publish' WHERE step = 'answer_directly'")
    op.execute("UPDATE assignments SET ended_by = 'publish' WHERE ended_by = 'answer_directly'")
    _recheck_steps(_STEPS)
    op.drop_index(op.f("ix_publications_network_native_id"), table_name="publications")
    op.execute("ALTER TABLE publications DROP COLUMN how")
    op.execute("DELETE FROM communities WHERE native_id IS NULL")
    op.drop_index(op.f("ix_communities_body_id"), table_name="communities")
    with op.batch_alter_table("communities") as batch:
        batch.drop_constraint(op.f("ck_communities_communitylevel"), type_="check")
        batch.drop_constraint(op.f("ck_communities_communitystate"), type_="check")
        batch.alter_column("native_id", existing_type=sa.String(length=64), nullable=False)
        for name in (
            *("name", "url", "level", "is_verified", "posts_norm", "is_watched", "state", "problem"),
            *("looked_up_at", "added_at"),
        ):
            batch.drop_column(name)
    op.drop_table("keyword_hits")
    op.drop_table("keywords")
    op.drop_table("spending")
    op.drop_table("pushes")
