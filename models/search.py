"""What incidents are found by: their words as stems, indexed by each engine's own full text; and searches made.

`search_docs` is an ordinary table on both engines. PostgreSQL indexes its words with GIN; on SQLite the virtual table
`search_fts` (FTS5, https://sqlite.org/fts5.html#external_content_tables) does, kept equal by triggers: whoever writes
`search_docs` has written the index. A migration that makes `search_docs` anew must make the triggers anew.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import DDL, ForeignKey, Index, String, Table, Text, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from models.base import Base, TelegramId

FTS: Final = "search_fts"
# What no model knows as a table or index of its own: the virtual table, its shadows, and the GIN index.
NOT_OF_MODELS: Final = (FTS, "ix_search_docs_words")


def is_of_models(_thing: object, name: str | None, *_: object) -> bool:
    """Whether a comparison of the database with the models should look at it: Alembic's `include_object`."""
    return not (name or "").startswith(NOT_OF_MODELS)


class SearchDoc(Base):
    """One incident's words: incidents.search_words.document. Empty of one merged into another."""

    __tablename__ = "search_docs"

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.id"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text, default="")


class Search(Base):
    """What somebody looked for: the pages of one search, and nobody else's."""

    __tablename__ = "searches"
    __table_args__ = (Index(None, "official_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    chat_id: Mapped[int] = mapped_column(TelegramId)
    text: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]  # "yesterday" on a later page is still the day before this


# Spelled again in migration 0006, which may import nothing of ours.
_GIN: Final = "CREATE INDEX ix_search_docs_words ON search_docs USING gin (to_tsvector('simple', words))"
_FTS5: Final = (
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


def _with_full_text(table: Table) -> None:
    event.listen(table, "after_create", _only(_GIN, "postgresql"))
    for statement in _FTS5:
        event.listen(table, "after_create", _only(statement, "sqlite"))
    event.listen(table, "before_drop", _only(f"DROP TABLE IF EXISTS {FTS}", "sqlite"))


def _only(statement: str, dialect: str) -> ExecutableDDLElement:
    ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy has not typed it
    return ddl.execute_if(dialect=dialect)


assert isinstance(SearchDoc.__table__, Table)  # noqa: S101 - mypy's: a mapped class may stand for other things
_with_full_text(SearchDoc.__table__)
