"""The workspace: coordinators and heads, absences, duty chats, templates, leases, undo, policies by rule.

Revision ID: 0005
Runs beside the previous version: yes, until the first coordinator, head, or new step (words it does not know).
Goes back: yes; what the new tables and columns hold is lost, coordinators become officials, heads observers,
undone and delegated steps leave the history, and prompts about no incident are closed.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STEPS = (
    "register", "skip", "merge", "assign", "accept", "return", "reassign", "release", "submit", "send",
    "approve", "send_back", "publish", "publish_interim", "take_back", "close", "reopen", "lose_source",
    "answer_directly",
)  # fmt: skip
_NEW_STEPS = ("undo", "delegate", "revise")
_PROMPTS = ("answer", "return_reason", "skip_reason", "find_body", "link")
_NEW_PROMPTS = ("control_date", "override", "revision", "place", "template", "search", "away")
_ROLES = ("official", "curator", "approver", "observer", "operator")
_ALL_ROLES = ("official", "coordinator", "curator", "approver", "observer", "operator", "head")
_LABELS = ("kind", "topic", "subtopic", "body", "needs_answer", "official", "spam")
_NEW_LABELS = ("territory", "place")
_CHATS = ("none", "live", "dead")


def _sql(statement: str, column: str, values: tuple[str, ...]) -> None:
    op.execute(f"{statement} WHERE {_among(column, values)}")


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _recheck(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    check = op.f(f"ck_{table}_{name}")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(check, type_="check")
        batch.create_check_constraint(check, _among(column, values))


def _recheck_roles(roles: tuple[str, ...], of_a_body: tuple[str, ...]) -> None:
    _recheck("invitations", "role", "role", roles)
    with op.batch_alter_table("memberships") as batch:
        batch.drop_constraint(op.f("ck_memberships_role"), type_="check")
        batch.drop_constraint(op.f("ck_memberships_body_role"), type_="check")
        batch.create_check_constraint(op.f("ck_memberships_role"), _among("role", roles))
        batch.create_check_constraint(
            op.f("ck_memberships_body_role"),
            f"role NOT IN ({', '.join(repr(role) for role in of_a_body)}) OR body_id IS NOT NULL",
        )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, table: str, of: str, *, nullable: bool = False) -> tuple[sa.Column[int], sa.Constraint]:
    return (
        sa.Column(name, sa.Integer(), nullable=nullable),
        sa.ForeignKeyConstraint([name], [f"{of}.id"], name=op.f(f"fk_{table}_{name}_{of}")),
    )


def upgrade() -> None:
    _recheck_roles(_ALL_ROLES, ("official", "coordinator", "approver"))
    _recheck("history", "step", "step", _STEPS + _NEW_STEPS)
    _recheck("labels", "field", "labelfield", _LABELS + _NEW_LABELS)
    with op.batch_alter_table("assignments") as batch:
        batch.add_column(_moment("prepare_until", nullable=True))
        batch.drop_constraint(op.f("ck_assignments_step"), type_="check")
        batch.create_check_constraint(op.f("ck_assignments_step"), _among("ended_by", _STEPS + _NEW_STEPS))
    with op.batch_alter_table("prompts") as batch:
        batch.alter_column("incident_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(op.f("ck_prompts_promptkind"), type_="check")
        batch.create_check_constraint(op.f("ck_prompts_promptkind"), _among("kind", _PROMPTS + _NEW_PROMPTS))
    with op.batch_alter_table("bodies") as batch:
        batch.add_column(sa.Column("signature", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("answers") as batch:
        batch.add_column(_moment("control_at", nullable=True))
        batch.add_column(sa.Column("revises_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("override_by", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("override_reason", sa.String(length=300), nullable=False, server_default="")
        )
        batch.create_foreign_key(op.f("fk_answers_revises_id_answers"), "answers", ["revises_id"], ["id"])
        batch.create_foreign_key(
            op.f("fk_answers_override_by_officials"), "officials", ["override_by"], ["id"]
        )
    # One statement for both engines: making the table anew on SQLite would lose its partial index.
    op.execute(
        "ALTER TABLE publications ADD COLUMN edits_id INTEGER CONSTRAINT fk_publications_edits_id_publications "
        "REFERENCES publications (id)"
    )
    _create_tables()


def _create_tables() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        *_id("official_id", "absences", "officials"),
        *_id("substitute_id", "absences", "officials", nullable=True),
        _moment("starts_at"),
        _moment("ends_at"),
        *_id("created_by", "absences", "officials"),
        _moment("created_at"),
        _moment("begun_at", nullable=True),
        _moment("over_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_official_id_ends_at"), "absences", ["official_id", "ends_at"])
    op.create_index(op.f("ix_absences_substitute_id_ends_at"), "absences", ["substitute_id", "ends_at"])
    op.create_table(
        "duty_chats",
        sa.Column("id", sa.Integer(), nullable=False),
        *_id("body_id", "duty_chats", "bodies", nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        *_id("bound_by", "duty_chats", "officials"),
        _moment("bound_at"),
        sa.CheckConstraint(_among("state", _CHATS), name=op.f("ck_duty_chats_chatstate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_chats")),
        sa.UniqueConstraint(
            "chat_id", "thread_id", "body_id", name=op.f("uq_duty_chats_chat_id_thread_id_body_id")
        ),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Integer(), nullable=False),
        *_id("body_id", "templates", "bodies", nullable=True),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_id("created_by", "templates", "officials"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
    )
    op.create_index(op.f("ix_templates_body_id_topic"), "templates", ["body_id", "topic"])
    op.create_table(
        "policy_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_code", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=100), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("policy_name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_rules")),
    )
    op.create_table(
        "claims",
        *_id("incident_id", "claims", "incidents"),
        *_id("official_id", "claims", "officials"),
        _moment("until"),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_official_id"), "claims", ["official_id"])
    op.create_table(
        "triage_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        *_id("official_id", "triage_acts", "officials"),
        *_id("incident_id", "triage_acts", "incidents"),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        _moment("at"),
        _moment("undone_at", nullable=True),
        sa.CheckConstraint(_among("step", _STEPS + _NEW_STEPS), name=op.f("ck_triage_acts_step")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_acts")),
    )
    op.create_index(op.f("ix_triage_acts_official_id_id"), "triage_acts", ["official_id", "id"])
    op.create_index(op.f("ix_triage_acts_batch"), "triage_acts", ["batch"])


def downgrade() -> None:
    for table in ("triage_acts", "claims", "policy_rules", "templates", "duty_chats", "absences"):
        op.drop_table(table)
    op.execute("ALTER TABLE publications DROP COLUMN edits_id")
    with op.batch_alter_table("answers") as batch:
        batch.drop_constraint(op.f("fk_answers_override_by_officials"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_answers_revises_id_answers"), type_="foreignkey")
        for column in ("override_reason", "override_by", "warnings", "revises_id", "control_at"):
            batch.drop_column(column)
    with op.batch_alter_table("bodies") as batch:
        batch.drop_column("signature")
    op.execute("DELETE FROM prompts WHERE incident_id IS NULL")
    _sql("DELETE FROM prompts", "kind", _NEW_PROMPTS)
    with op.batch_alter_table("prompts") as batch:
        batch.alter_column("incident_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_constraint(op.f("ck_prompts_promptkind"), type_="check")
        batch.create_check_constraint(op.f("ck_prompts_promptkind"), _among("kind", _PROMPTS))
    _sql("UPDATE assignments SET ended_by = 'reassign'", "ended_by", _NEW_STEPS)
    with op.batch_alter_table("assignments") as batch:
        batch.drop_column("prepare_until")
        batch.drop_constraint(op.f("ck_assignments_step"), type_="check")
        batch.create_check_constraint(op.f("ck_assignments_step"), _among("ended_by", _STEPS))
    _sql("DELETE FROM labels", "field", _NEW_LABELS)
    _recheck("labels", "field", "labelfield", _LABELS)
    _sql("DELETE FROM history", "step", _NEW_STEPS)
    _recheck("history", "step", "step", _STEPS)
    _downgrade_roles()


def _downgrade_roles() -> None:
    """A coordinator who is an official of the same body already keeps one of the two memberships."""
    for table, of_person in (("memberships", True), ("invitations", False)):
        for new, old in (("coordinator", "official"), ("head", "observer")):
            if of_person:
                op.execute(
                    f"DELETE FROM memberships WHERE role = '{new}' AND EXISTS (SELECT 1 FROM memberships AS one"  # noqa: S608 - our own words
                    f" WHERE one.official_id = memberships.official_id AND one.role = '{old}'"
                    " AND coalesce(one.body_id, 0) = coalesce(memberships.body_id, 0))"
                )
            op.execute(f"UPDATE {table} SET role = '{old}' WHERE role = '{new}'")  # noqa: S608 - our own words
    _recheck_roles(_ROLES, ("official", "approver"))
