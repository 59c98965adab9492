"""Rules that find a body by a subtopic, by any topic, and by whose the thing is; with a note why.

Revision ID: 0004
Runs beside the previous version: yes; it takes a rule for one owner for a rule for all.
Goes back: yes; rules for one owner, for a subtopic and for any topic are lost, and every note.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OWNERS = "owner IN ('', 'federal', 'regional', 'municipal', 'private')"
_WITHOUT_OWNER = ("topic", "territory", "body_id")
_WITH_OWNER = ("topic", "territory", "owner", "body_id")


def upgrade() -> None:
    with op.batch_alter_table("routes") as batch:
        batch.alter_column("topic", existing_type=sa.String(length=32), type_=sa.String(length=64))
        batch.add_column(sa.Column("owner", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("note", sa.String(length=200), nullable=False, server_default=""))
        batch.drop_constraint(op.f("uq_routes_topic_territory_body_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_routes_topic_territory_owner_body_id"), list(_WITH_OWNER))
        batch.create_check_constraint(op.f("ck_routes_owner"), _OWNERS)


def downgrade() -> None:
    op.execute("DELETE FROM routes WHERE owner <> '' OR topic = '*' OR topic LIKE '%.%'")
    with op.batch_alter_table("routes") as batch:
        batch.drop_constraint(op.f("ck_routes_owner"), type_="check")
        batch.drop_constraint(op.f("uq_routes_topic_territory_owner_body_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_routes_topic_territory_body_id"), list(_WITHOUT_OWNER))
        batch.drop_column("note")
        batch.drop_column("owner")
        batch.alter_column("topic", existing_type=sa.String(length=64), type_=sa.String(length=32))
