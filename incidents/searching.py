"""Finding incidents by anything a person remembers of them; one question for SQLite's FTS5 and PostgreSQL's tsvector.

Both index the stems of incidents/search_words.py, so that both find the same. What a person may not see is left out
before anything is counted, and before anything is guessed of what they misspelled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import NotYours
from incidents.full_text import matching
from incidents.links import Parse
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.search_hits import Hit, hits_of
from incidents.search_links import posts_at, posts_by
from incidents.search_periods import Period
from incidents.search_query import Asked, Term
from incidents.search_words import folded, stem, variants, words
from models import (
    Assignment,
    Body,
    Incident,
    SearchDoc,
    Status,
    Step,
)

MOST: Final = 1000  # incidents of one search; the newest, where there are more
_SHORTEST_BEGINNING: Final = 4  # letters
_CUT: Final = 2  # letters at the end of a stem
_MEANT: Final = 3  # words that one may have been meant to be
_LOOKED_AT: Final = 20  # incidents, to see what a misspelled word may have been
_ANSWERED: Final = (Step.PUBLISH, Step.PUBLISH_INTERIM, Step.ANSWER_DIRECTLY)
_Condition: TypeAlias = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `total` at most `MOST`: there may be more then.

    `terms`: what was looked for in the end. `instead`: word as asked → what was looked for, "" for left out.
    `any_word`: not all of the words stand in what was found.
    """

    hits: list[Hit]
    total: int
    terms: tuple[Term, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    any_word: bool = False

    @property
    def highlights(self) -> frozenset[str]:
        """Stems to show in bold; a beginning ends in *."""
        return frozenset(
            one
            for term in self.terms
            for one in (*([f"{term.stems[-1]}*"] if term.is_prefix else term.stems), *term.instead)
        )


def may_be_seen(actor: Actor, *, within: frozenset[int] | None = None) -> _Condition:
    """What the person may see: what their bodies have, and what their bodies answered; everything for curators.

    `within`: these bodies only, as in a body's own group.
    """
    scope = actor.scope(Permission.SEE_INCIDENT)
    if within is not None:
        scope = within if scope is None else scope & within
    if scope is None:
        return true()
    # Asked for once, and not of every incident anew: among 100,000 that is a tenth of the time.
    answered = select(Assignment.incident_id).where(
        Assignment.body_id.in_(scope), Assignment.ended_by.in_(_ANSWERED)
    )
    return or_(Incident.body_id.in_(scope), Incident.id.in_(answered))


async def sees(session: AsyncSession, actor: Actor, incident_id: int) -> bool:
    """Whether the person would find this incident."""
    found = await session.scalar(select(Incident.id).where(Incident.id == incident_id, may_be_seen(actor)))
    return found is not None


async def must_see(session: AsyncSession, actor: Actor, incident: Incident) -> None:
    """Raises: NotAllowed; NotYours: it is another body's, and the person's own have never answered it."""
    actor.must(Permission.SEE_INCIDENT)
    if not await sees(session, actor, incident.id):
        holder = await session.scalar(select(Body.name).where(Body.id == incident.body_id))
        raise NotYours(holder=holder or "")


async def search(
    session: AsyncSession,
    asked: Asked,
    *,
    actor: Actor,
    zone: tzinfo,
    parse: Parse,
    within: frozenset[int] | None = None,
    limit: int = 5,
    offset: int = 0,
) -> Found:
    """What was asked for, best first, then newest. `zone`: whose days are meant. `parse` takes pasted links apart.

    Where nothing is found, words that stand nowhere are taken for misspelled ones, and then not every word is asked
    for.

    Raises:
        NotAllowed: the person may see no incident at all.
    """
    actor.must(Permission.SEE_INCIDENT)
    seen = may_be_seen(actor, within=within)
    if asked.number is not None:
        found = await _page(
            session, select(Incident.id).where(Incident.id == asked.number, seen), limit, offset
        )
        if found.total:
            return found
        asked = replace(asked, number=None, terms=(Term((str(asked.number),), said=str(asked.number)),))
    where = [seen, *_conditions(asked, zone), *await _by_links(session, asked, actor, parse)]
    search = _Search(session, where, limit, offset)
    found = await search.of(asked)
    if found.total or not asked.terms:
        return found
    terms, instead = await _Search(session, [seen], 1, 0).meant(asked.terms)
    if terms != asked.terms and terms:
        found = await search.of(replace(asked, terms=terms))
    if not found.total and len(terms) > 1:
        found = replace(await search.of(replace(asked, terms=terms), any_word=True), any_word=True)
    return replace(found, instead=instead) if found.total else Found([], 0, terms=asked.terms)


def _conditions(asked: Asked, zone: tzinfo) -> list[_Condition]:
    where: list[_Condition] = []
    if asked.bodies is not None:
        where.append(Incident.body_id.in_(asked.bodies))
    if asked.statuses is not None:
        where.append(Incident.status.in_([Status(one) for one in sorted(asked.statuses)]))
    if asked.topics is not None:
        where.append(Incident.topic.in_(asked.topics))
    if asked.period is not None:
        where += _within_days(asked.period, zone)
    return where


def _within_days(period: Period, zone: tzinfo) -> list[_Condition]:
    where: list[_Condition] = []
    if period.since is not None:
        where.append(Incident.created_at >= _midnight(period.since, zone))
    if period.until is not None:
        where.append(Incident.created_at < _midnight(period.until + timedelta(days=1), zone))
    return where


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


async def _by_links(session: AsyncSession, asked: Asked, actor: Actor, parse: Parse) -> list[_Condition]:
    """A link leads to a post or to our answer; else it is taken for its author's page."""
    where: list[_Condition] = []
    for link in asked.links:
        at = await posts_at(session, link, parse)
        where.append(Incident.id.in_(at) if at else _by_author(link, actor))
    return [*where, *(_by_author(link, actor) for link in asked.author_links)]


def _by_author(link: str, actor: Actor) -> _Condition:
    """No author's address is stored: what their page's own address, or the posts' addresses, give away is all."""
    theirs = Incident.id.in_(posts_by(link))
    scope = actor.scope(Permission.SEE_AUTHOR)
    return theirs if scope is None else theirs & Incident.body_id.in_(scope)


@dataclass(frozen=True, slots=True)
class _Search:
    """One person's question; what they may see is among the conditions."""

    session: AsyncSession
    where: Sequence[_Condition]
    limit: int
    offset: int

    async def of(self, asked: Asked, *, any_word: bool = False) -> Found:
        terms = (*asked.terms, *asked.authors)
        if not terms and not asked.without:
            query = select(Incident.id).where(*self.where)
            return await _page(self.session, query, self.limit, self.offset)
        candidates = matching(
            self.session,
            terms,
            asked.without,
            where=self.where,
            any_word=any_word,
            limit=MOST,
        )
        return replace(await _best(self.session, candidates, self.limit, self.offset), terms=asked.terms)

    async def meant(self, terms: Sequence[Term]) -> tuple[tuple[Term, ...], dict[str, str]]:
        """The words that stand somewhere, the others as they may have been meant; and what was changed."""
        meant: list[Term] = []
        instead: dict[str, str] = {}
        for term in terms:
            other = term if await self._stands(term) else await self._alike(term)
            if other is not None:
                meant.append(other)
            if other != term:
                instead[term.said] = other.said if other is not None else ""
        return tuple(meant), instead

    async def _numbers(self, term: Term, limit: int) -> list[int]:
        candidates = matching(self.session, [term], where=self.where, limit=limit)
        return list(await self.session.scalars(select(candidates.c.id)))

    async def _stands(self, term: Term) -> bool:
        return bool(await self._numbers(term, 1))

    async def _alike(self, term: Term) -> Term | None:
        """By one letter or the keyboard's other layout first, then by its beginning. A phrase is not guessed at."""
        if len(term.stems) > 1 or term.is_prefix:
            return None
        (one,) = term.stems
        other = replace(term, instead=tuple(variants(folded(term.said))))
        if other.instead and (found := await self._numbers(other, _LOOKED_AT)):
            return await self._named(other.instead, found)
        for length in range(len(one), max(len(one) - _CUT, _SHORTEST_BEGINNING) - 1, -1):
            begun = Term((one[:length],), is_prefix=True, said=f"{one[:length]}…")
            if await self._stands(begun):
                return begun
        return None

    async def _named(self, possible: Sequence[str], numbers: Sequence[int]) -> Term:
        """Of all that a word may have been meant to be, what really stands in the texts; the most frequent first."""
        documents = await self.session.scalars(
            select(SearchDoc.words).where(SearchDoc.incident_id.in_(numbers))
        )
        wanted = set(possible)
        counted = Counter(one for document in documents for one in set(document.split()) & wanted)
        chosen = [one for one, _ in sorted(counted.items(), key=lambda row: (-row[1], row[0]))][:_MEANT]
        texts = [text for hit in await hits_of(self.session, numbers) for text in hit.texts]
        written = {stem(word): word for text in reversed(texts) for word in reversed(words(text))}
        said = ", ".join(written.get(one, one) for one in chosen)
        return Term(tuple(chosen[:1]), instead=tuple(chosen[1:]), said=said)


async def _page(session: AsyncSession, query: Select[Any], limit: int, offset: int) -> Found:
    """What no words were asked of: the newest first."""
    total = await session.scalar(select(func.count()).select_from(query.limit(MOST).subquery()))
    numbers = await session.scalars(query.order_by(Incident.id.desc()).limit(limit).offset(offset))
    return Found(await hits_of(session, list(numbers)), total or 0)


async def _best(session: AsyncSession, candidates: Subquery, limit: int, offset: int) -> Found:
    """The candidates are gathered once, and all their numbers put in order: at most `MOST`."""
    numbers = list(
        await session.scalars(
            select(candidates.c.id).order_by(candidates.c.rank.desc(), candidates.c.id.desc())
        )
    )
    return Found(await hits_of(session, numbers[offset : offset + limit]), len(numbers))
