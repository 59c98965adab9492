"""Which body's business it is: topic, place and owner against the rules that people edit (incidents/rules.py).

Of the rules that fit, the one that says more wins; what says more, the weightier first:

1. a rule for a topic over one for any topic ("*"), which is there for what nobody thought of;
2. a rule for one owner over one for any: a federal road is not the town's, wherever the pothole lies;
3. a rule for the subtopic over one for its whole topic;
4. a rule for the territory over one for everywhere.

Rules that say equally much and lead to several bodies share: all are shown, and none is as sure as one would be.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import BodyUnreachable, NoSuchBody
from incidents.incoming import Scored
from incidents.keywords import words_of
from incidents.rubricator import topic_of
from models import Body, ChatState, Route

ANY_TOPIC: Final = "*"
_BEST: Final = 3
_DIGITS: Final = 6  # of a confidence: sums of shares must not miss a threshold by a rounding
_SHORTEST: Final = 2  # letters of a word in an abbreviation


@dataclass(frozen=True, slots=True)
class BodyGuess:
    """`confidence`: the share of what the classifier believes that leads to this body, 0 … 1.

    `rule` is the one that leads there with the most of it; None where only a keyword or a learned model does.
    """

    body: Body
    confidence: float
    rule: Route | None = None


def specificity(rule: Route) -> tuple[bool, bool, bool, bool]:
    """How much a rule says; of two that fit, the greater wins (this module's order)."""
    return rule.topic != ANY_TOPIC, bool(rule.owner), "." in rule.topic, bool(rule.territory)


async def suggest_bodies(
    session: AsyncSession,
    topics: Sequence[Scored],
    *,
    territory: str,
    keyword_bodies: Sequence[int] = (),
    subtopics: Sequence[Scored] = (),
    owner: str = "",
    named: Sequence[Scored] = (),
) -> list[BodyGuess]:
    """At most three bodies within reach, best first, by the rules; two topics of one body make it surer.

    Of each topic's confidence its subtopics have their part, and the topic's own rule the rest. Where there is
    room, bodies follow that are possible by a lesser rule, or by one for an owner where the `owner` is not known,
    with no confidence. `named`: bodies as a learned model calls them. A body of both is as sure as the surer of
    the two; where they disagree, both get less.

    `keyword_bodies`: whose keywords the post has. They come first, as sure as the topic makes them: a keyword
    the topic does not agree with is worth a curator's look, and decides nothing by itself (confidence 0).
    """
    shares = _shares(topics, subtopics)
    rules = await _rules(session, shares, territory=territory, owner=owner)
    guesses = _by_rules(rules, shares, owner=owner)
    if named:
        guesses = _blended(guesses, await _called(session, named))
    ranked = sorted(guesses.values(), key=_rank)
    ranked += _possible(rules, shares, owner=owner, known=guesses)
    if keyword_bodies:
        found = {one.body.id: one for one in ranked}
        with_keyword = await _within_reach(session, keyword_bodies)
        first = [found.get(body.id, BodyGuess(body, 0.0)) for body in with_keyword]
        first.sort(key=lambda one: -one.confidence)
        ranked = list({one.body.id: one for one in (*first, *ranked)}.values())
    return ranked[:_BEST]


_Rules = Sequence[tuple[Route, Body]]


def _shares(topics: Sequence[Scored], subtopics: Sequence[Scored]) -> dict[str, float]:
    """Code → how sure the classifier is of just this; a topic has what its subtopics leave of it."""
    shares: dict[str, float] = {}
    for topic in topics:
        under = [one for one in subtopics if topic_of(one.value) == topic.value != one.value]
        said = sum(one.confidence for one in under)
        part = min(1.0, topic.confidence / said) if said else 0.0
        for one in under:
            shares[one.value] = shares.get(one.value, 0.0) + part * one.confidence
        shares[topic.value] = shares.get(topic.value, 0.0) + max(topic.confidence - said, 0.0)
    return shares


async def _rules(
    session: AsyncSession, codes: Collection[str], *, territory: str, owner: str
) -> list[tuple[Route, Body]]:
    """Every rule that may matter, of bodies within reach; without an `owner` those for any owner too."""
    wanted = {ANY_TOPIC, *codes, *map(topic_of, codes)}
    found = await session.execute(
        select(Route, Body)
        .join(Body, Body.id == Route.body_id)
        .where(
            Route.topic.in_(wanted),
            Route.territory.in_({territory, ""}),
            *([Route.owner.in_({owner, ""})] if owner else []),
            Body.is_active,
            Body.chat_state == ChatState.LIVE,
        )
        .order_by(Route.id)
    )
    return [(rule, body) for rule, body in found]


def _speaks_of(rule: Route, code: str) -> bool:
    return rule.topic in {code, topic_of(code), ANY_TOPIC}


def _by_rules(rules: _Rules, shares: Mapping[str, float], *, owner: str) -> dict[int, BodyGuess]:
    """Body → what the best rules of all the codes give it."""
    guesses: dict[int, BodyGuess] = {}
    most: dict[int, float] = {}
    for code, share in shares.items():
        fitting = [
            (rule, body) for rule, body in rules if rule.owner in {"", owner} and _speaks_of(rule, code)
        ]
        if not fitting or share <= 0:
            continue
        top = max(specificity(rule) for rule, _ in fitting)
        best = [(rule, body) for rule, body in fitting if specificity(rule) == top]
        each = share / len(best)
        for rule, body in best:
            guess = guesses.get(body.id, BodyGuess(body, 0.0))
            leads = each > most.get(body.id, 0.0)
            most[body.id] = max(each, most.get(body.id, 0.0))
            total = round(min(guess.confidence + each, 1.0), _DIGITS)
            guesses[body.id] = BodyGuess(body, total, rule if leads else guess.rule)
    return guesses


def _possible(
    rules: _Rules, shares: Mapping[str, float], *, owner: str, known: Mapping[int, BodyGuess]
) -> list[BodyGuess]:
    """The other bodies of the rules, likeliest topic first; an owner that is not known comes after one that fits."""

    def rank(rule: Route) -> tuple[object, ...]:
        share = max((share for code, share in shares.items() if _speaks_of(rule, code)), default=0.0)
        said = tuple(not one for one in specificity(rule))
        return rule.owner not in {"", owner}, rule.topic == ANY_TOPIC, -share, said, rule.id

    others: dict[int, BodyGuess] = {}
    for rule, body in sorted(rules, key=lambda one: rank(one[0])):
        if body.id not in known:
            others.setdefault(body.id, BodyGuess(body, 0.0, rule))
    return list(others.values())


def _blended(guesses: Mapping[int, BodyGuess], called: Mapping[int, BodyGuess]) -> dict[int, BodyGuess]:
    """Rules and a learned model together: each gives way by half of what the other is sure of.

    Where both say the same body, it is as sure as the surer of the two and no more: they read the same words.
    """
    by_rules = min(sum(one.confidence for one in guesses.values()), 1.0)
    by_model = min(sum(one.confidence for one in called.values()), 1.0)
    blended: dict[int, BodyGuess] = {}
    for body_id, either in {**called, **guesses}.items():
        ruled = guesses[body_id].confidence if body_id in guesses else 0.0
        learned = called[body_id].confidence if body_id in called else 0.0
        both = ruled * (1 - by_model / 2) + learned * (1 - by_rules / 2)
        blended[body_id] = replace(either, confidence=round(min(both, max(ruled, learned)), _DIGITS))
    return blended


async def _called(session: AsyncSession, named: Sequence[Scored]) -> dict[int, BodyGuess]:
    """The bodies within reach that go by these names or codes; a name that two of them share is nobody's."""
    bodies = await session.scalars(
        select(Body).where(Body.is_active, Body.chat_state == ChatState.LIVE).order_by(Body.id)
    )
    owners: dict[str, set[int]] = {}
    by_id: dict[int, Body] = {}
    for body in bodies:
        by_id[body.id] = body
        for name in (body.name, body.code):
            owners.setdefault(bare_name(name), set()).add(body.id)
    sure: dict[int, float] = {}
    for one in named:
        found = owners.get(bare_name(one.value), set())
        if len(found) == 1:
            (body_id,) = found
            sure[body_id] = min(sure.get(body_id, 0.0) + one.confidence, 1.0)
    return {body_id: BodyGuess(by_id[body_id], confidence) for body_id, confidence in sure.items()}


def bare_name(name: str) -> str:
    """A name as it is compared: case, ё, quotes and punctuation do not count."""
    return " ".join(words_of(name))


def _rank(guess: BodyGuess) -> tuple[object, ...]:
    """Surest first; of equals the one by the rule that says more, then the older."""
    if guess.rule is None:
        return -guess.confidence, True, (), guess.body.id
    said = tuple(not one for one in specificity(guess.rule))
    return -guess.confidence, False, said, guess.rule.id


async def _within_reach(session: AsyncSession, body_ids: Sequence[int]) -> list[Body]:
    """In the order of their ids."""
    found = await session.scalars(
        select(Body)
        .where(Body.id.in_(set(body_ids)), Body.is_active, Body.chat_state == ChatState.LIVE)
        .order_by(Body.id)
    )
    return list(found)


async def body_by_code(session: AsyncSession, code: str) -> Body:
    """Raises: NoSuchBody."""
    body: Body | None = await session.scalar(
        select(Body).where(Body.code == code.strip().lower(), Body.is_active)
    )
    if body is None:
        raise NoSuchBody(code)
    return body


async def existing_body(session: AsyncSession, body_id: int) -> Body:
    """Raises: NoSuchBody."""
    body = await session.get(Body, body_id)
    if body is None or not body.is_active:
        raise NoSuchBody(str(body_id))
    return body


async def reachable_body(session: AsyncSession, body_id: int) -> Body:
    """Raises: NoSuchBody, BodyUnreachable."""
    body = await existing_body(session, body_id)
    if body.chat_state is not ChatState.LIVE:
        raise BodyUnreachable(name=body.name)
    return body


async def search_bodies(session: AsyncSession, words: str, *, limit: int = 8) -> list[Body]:
    """Bodies within reach whose code or name holds every word, in any letter case, or is meant by it."""
    wanted = words.split()
    bodies = await session.scalars(
        select(Body).where(Body.is_active, Body.chat_state == ChatState.LIVE).order_by(Body.name)
    )
    # SQLite's LIKE folds only ASCII letters; a region has at most some hundreds of bodies.
    return [body for body in bodies if is_called(body, wanted)][:limit]


def is_called(body: Body, words: Sequence[str]) -> bool:
    """Whether its code or name holds every word, in any letter case, or is meant by it."""
    return all(_names(word.casefold(), body) for word in words)


def _names(word: str, body: Body) -> bool:
    """Whether the word is part of the code or name, or short for it: «минздрав»."""
    name = f"{body.code} {body.name}".casefold()
    return word in name or _is_short_for(word, name.split())


def _is_short_for(word: str, names: list[str]) -> bool:
    """«минздрав» is the beginnings of «министерство здравоохранения»: at least two letters of each."""
    return not word or any(
        _is_short_for(word[length:], names[at + 1 :])
        for at, name in enumerate(names)
        for length in range(_SHORTEST, min(len(word), len(name)) + 1)
        if name.startswith(word[:length])
    )
