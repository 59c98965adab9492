"""The full text of both engines behind one function: the incidents whose words fit, with how well they do."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Subquery,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.search_query import Term
from models import Incident, SearchDoc

_FTS: Final = table("search_fts", column("rowid", Integer))
_STEP: Final = 20  # ts_rank is below 1: twentieths are told apart, and within one the newest is first


def matching(
    session: AsyncSession,
    terms: Sequence[Term],
    without: Sequence[Term] = (),
    *,
    where: Sequence[ColumnElement[bool]],
    any_word: bool = False,
    limit: int,
) -> Subquery:
    """At most `limit` incidents, the newest, that hold all of the terms (`any_word`: at least one) and none of the
    others. Columns `id` and `rank`, coarse: more is better.
    """
    if session.get_bind().dialect.name == "sqlite":
        return _by_fts5(terms, without, where, any_word=any_word, limit=limit)
    return _by_tsvector(terms, without, where, any_word=any_word, limit=limit)


def _by_fts5(
    terms: Sequence[Term],
    without: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    *,
    any_word: bool,
    limit: int,
) -> Subquery:
    """https://sqlite.org/fts5.html#full_text_query_syntax: every stem stands in quotes, so none is an operator."""
    unwanted = " OR ".join(map(_fts5_term, without))
    if not terms:  # FTS5 has no NOT alone
        others = (
            select(_FTS.c.rowid)
            .where(
                text("search_fts MATCH :unwanted").bindparams(bindparam("unwanted", unwanted, unique=True))
            )
            .scalar_subquery()
        )
        return (
            select(Incident.id.label("id"), literal_column("0.0", Float).label("rank"))
            .where(Incident.id.not_in(others), *where)
            .order_by(Incident.id.desc())
            .limit(limit)
            .subquery()
        )
    wanted = (" OR " if any_word else " AND ").join(map(_fts5_term, terms))
    asked = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    rank: ColumnElement[Any] = func.round(-func.bm25(literal_column("search_fts")))
    return (
        select(_FTS.c.rowid.label("id"), rank.label("rank"))
        .select_from(_FTS.join(Incident, Incident.id == _FTS.c.rowid))
        .where(text("search_fts MATCH :asked").bindparams(bindparam("asked", asked, unique=True)), *where)
        .order_by(_FTS.c.rowid.desc())
        .limit(limit)
        .subquery()
    )


def _fts5_term(term: Term) -> str:
    phrase = f'"{" ".join(term.stems)}"' + (" *" if term.is_prefix else "")
    others = [f'"{one}"' for one in term.instead]
    return f"({' OR '.join([phrase, *others])})"


def _by_tsvector(
    terms: Sequence[Term],
    without: Sequence[Term],
    where: Sequence[ColumnElement[bool]],
    *,
    any_word: bool,
    limit: int,
) -> Subquery:
    """https://www.postgresql.org/docs/current/textsearch-controls.html: every stem stands in quotes here too."""
    parts = [(" | " if any_word else " & ").join(map(_ts_term, terms))] if terms else []
    asked = " & ".join([*(f"({part})" for part in parts), *(f"!{_ts_term(term)}" for term in without)])
    words = func.to_tsvector(literal_column("'simple'"), SearchDoc.words)
    query = func.to_tsquery(literal_column("'simple'"), asked)
    # First by the index alone: a planner that walked through the newest would make every text's vector anew.
    fitting = select(SearchDoc.incident_id.label("id")).where(words.op("@@")(query)).cte()
    fitting = fitting.prefix_with("MATERIALIZED")
    newest = (
        select(fitting.c.id)
        .join(Incident, Incident.id == fitting.c.id)
        .where(*where)
        .order_by(fitting.c.id.desc())
        .limit(limit)
        .subquery()
    )
    rank = func.round(func.ts_rank(words, query) * _STEP).label("rank")
    return (
        select(newest.c.id.label("id"), rank).join(SearchDoc, SearchDoc.incident_id == newest.c.id).subquery()
    )


def _ts_term(term: Term) -> str:
    phrase = " <-> ".join(f"'{one}'" for one in term.stems) + (":*" if term.is_prefix else "")
    others = [f"'{one}'" for one in term.instead]
    return f"({' | '.join([phrase, *others])})"
