"""Words to find incidents by, indexed by each engine's own full text; and the searches people made.

Revision ID: 0006
Runs beside the previous version: yes; what that one stores is indexed later, by the running program.
Goes back: yes; the index is lost, and is made again from the posts when 0006 comes back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# https://sqlite.org/fts5.html#external_content_tables
_FTS5 = (
    (
        "CREATE VIRTUAL TABLE search_fts USING fts5("
        "words, content='search_docs', content_rowid='incident_id', tokenize='unicode61 remove_diacritics 0')"
    ),
    (
        "CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs BEGIN"
        " INSERT INTO search_fts(rowid, words) VALUES (new.incident_id, new.words); END"
    ),
    (
        "CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs BEGIN"
        " INSERT INTO search_fts(search_fts, rowid, words) VALUES ('delete', old.incident_id, old.words); END"
    ),
    (
        "CREATE TRIGGER search_docs_changed AFTER UPDATE ON search_docs BEGIN"
        " INSERT INTO search_fts(search_fts, rowid, words) VALUES ('delete', old.incident_id, old.words);"
        " INSERT INTO search_fts(rowid, words) VALUES (new.incident_id, new.words); END"
    ),
)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.create_table(
        "search_docs",
        sa.Column("incident_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_search_docs_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_search_docs")),
    )
    if _on_sqlite():
        for statement in _FTS5:
            op.execute(statement)
    else:
        op.execute(
            "CREATE INDEX ix_search_docs_words ON search_docs USING gin (to_tsvector('simple', words))"
        )
    op.create_table(
        "searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"], ["officials.id"], name=op.f("fk_searches_official_id_officials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index(op.f("ix_searches_official_id_id"), "searches", ["official_id", "id"])


def downgrade() -> None:
    op.drop_table("searches")
    if _on_sqlite():
        op.execute("DROP TABLE search_fts")
    op.drop_table("search_docs")
