"""The rules by which a body is found, as people edit them: understood, listed, added, removed.

Which of several rules wins: incidents/routing.py; rules as a file: incidents/rules_files.py.
"""

import difflib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.people import Actor
from incidents.permissions import Permission
from incidents.registering import Put
from incidents.registry_columns import Fault, clean, folded
from incidents.routing import ANY_TOPIC, specificity
from incidents.rubricator import Subtopic, Topic, rubricator, subtopics
from models import AuditEntry, Body, Community, Route
from models.kinds import Owner

ACTION: Final = "rule"  # in the audit
LONGEST_TERRITORY: Final = 100  # characters: the column's
LONGEST_NOTE: Final = 200
_ASKED: Final = "asked"
_EVERYTHING: Final = frozenset({"*", "-", "—", "любой", "любая", "любое", "любые", "все", "any", "all"})
_EVERYWHERE: Final = _EVERYTHING | {"везде", "everywhere"}
_OWNER_STEMS: Final = {
    Owner.FEDERAL: "федеральн",
    Owner.REGIONAL: "региональн",
    Owner.MUNICIPAL: "муниципальн",
    Owner.PRIVATE: "частн",
}
_ALIKE: Final = 3  # spellings to offer


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule as a person wrote it, understood; `territory` and `owner` empty: everywhere, any."""

    topic: str
    body_code: str
    territory: str = ""
    owner: str = ""
    note: str | None = None  # None: not said, what is known stays
    row: int = 0  # of the file

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Lines of one key are one rule."""
        return self.topic, folded(self.territory), self.owner, self.body_code


@dataclass(frozen=True, slots=True)
class Listed:
    rule: Route
    body: Body


# -- the words of a rule


@cache
def _topic_names() -> Mapping[str, frozenset[str]]:
    """What people call a topic or a subtopic, folded → its codes."""
    names: dict[str, set[str]] = {}
    every: tuple[Topic | Subtopic, ...] = (*rubricator().values(), *subtopics().values())
    for one in every:
        for name in (one.code, one.name_ru, one.name_en):
            names.setdefault(folded(name), set()).add(one.code)
    return {name: frozenset(codes) for name, codes in names.items()}


def topic_code(text: str) -> str | None:
    """The code of a topic or subtopic by its code or name, "*" for any; None: there is no such, or several."""
    word = folded(text)
    if text.strip() in _EVERYTHING or word in _EVERYTHING:
        return ANY_TOPIC
    codes = _topic_names().get(word, frozenset())
    fitting = sorted(code for code in codes if code in rubricator()) or sorted(codes)
    if len(fitting) == 1:
        return fitting[0]
    begun = [one.code for one in rubricator().values() if word and folded(one.name_ru).startswith(word)]
    return begun[0] if len(begun) == 1 and not codes else None


def owner_code(text: str) -> str | None:
    """The owner by its code or in Russian, in any form of the word; "" for any; None: there is no such."""
    word = folded(text)
    if not word or text.strip() in _EVERYTHING or word in _EVERYTHING:
        return ""
    for owner, stem in _OWNER_STEMS.items():
        if word == owner.value or word.startswith(stem):
            return owner.value
    return None


def territory_of(text: str) -> str:
    """The territory as it is stored; everywhere is empty."""
    plain = clean(text)
    return "" if plain.casefold() in _EVERYWHERE else plain


# -- looking


async def listed(session: AsyncSession, topic: str = "") -> list[Listed]:
    """The rules in the order of the rubricator, of a topic those that say more first; of one `topic` only.

    A topic's code brings the rules of its subtopics too.
    """
    of_topic = or_(Route.topic == topic, Route.topic.startswith(f"{topic}.", autoescape=True))
    found = await session.execute(
        select(Route, Body).join(Body, Body.id == Route.body_id).where(*([of_topic] if topic else []))
    )
    places = {code: at for at, code in enumerate((*rubricator(), ANY_TOPIC))}

    def rank(one: Listed) -> tuple[object, ...]:
        rule = one.rule
        main, _, sub = rule.topic.partition(".")
        said = tuple(not part for part in specificity(rule))
        return places.get(main, len(places)), main, said, sub, rule.territory, rule.owner, rule.id

    return sorted((Listed(rule, body) for rule, body in found), key=rank)


async def find(session: AsyncSession, rule_id: int) -> Listed | None:
    found = (
        await session.execute(
            select(Route, Body).join(Body, Body.id == Route.body_id).where(Route.id == rule_id)
        )
    ).first()
    return Listed(found[0], found[1]) if found else None


async def rivals(session: AsyncSession, line: RuleLine) -> list[Listed]:
    """Rules that say just the same, whoever's: one with the line's own body is the line itself."""
    found = await session.execute(
        select(Route, Body)
        .join(Body, Body.id == Route.body_id)
        .where(Route.topic == line.topic, Route.territory == line.territory, Route.owner == line.owner)
        .order_by(Route.id)
    )
    return [Listed(rule, body) for rule, body in found]


async def spelled(session: AsyncSession, territory: str) -> tuple[str, list[str] | None]:
    """The territory as the pages and the rules spell it, and None; where none does, itself and what is like it."""
    known = await _territories(session)
    if not territory or folded(territory) in known:
        return known.get(folded(territory), ""), None
    alike = difflib.get_close_matches(folded(territory), sorted(known), n=_ALIKE)
    return territory, [known[one] for one in alike]


async def _territories(session: AsyncSession) -> dict[str, str]:
    """Every territory, folded → as it is spelled; the pages' spelling is the one incidents have."""
    of_rules = await session.scalars(select(Route.territory).distinct().order_by(Route.territory))
    of_pages = await session.scalars(select(Community.territory).distinct().order_by(Community.territory))
    return {folded(one): one for one in (*of_rules, *of_pages) if one}


# -- changing


async def ask(session: AsyncSession, line: RuleLine, *, telegram_id: int, chat_id: int, now: datetime) -> int:
    """Keep what somebody wants added until they confirm it; the number to confirm it by."""
    details = {
        "topic": line.topic,
        "territory": line.territory,
        "owner": line.owner,
        "body": line.body_code,
        "note": line.note,
    }
    entry = AuditEntry(
        at=now, telegram_id=telegram_id, chat_id=chat_id, action=ACTION, outcome=_ASKED, details=details
    )
    session.add(entry)
    await session.flush()
    return entry.id


async def asked(session: AsyncSession, asked_id: int) -> RuleLine | None:
    """What was to be added; None: this number is no such question."""
    entry = await session.get(AuditEntry, asked_id)
    if entry is None or (entry.action, entry.outcome) != (ACTION, _ASKED):
        return None
    said = entry.details
    return RuleLine(
        topic=said["topic"],
        territory=said["territory"],
        owner=said["owner"],
        body_code=said["body"],
        note=said["note"],
    )


async def add(session: AsyncSession, line: RuleLine, body: Body, *, by: Actor) -> Route:
    """The rule; of one that was there already only the note changes.

    Raises:
        NotAllowed.
    """
    by.must(Permission.RULES)
    for one in await rivals(session, line):
        if one.body.id == body.id:
            one.rule.note = one.rule.note if line.note is None else line.note
            return one.rule
    rule = _made(line, body.id)
    session.add(rule)
    await session.flush()
    return rule


def mark_of(rule: Route) -> str:
    """Eight hex digits of what the rule says: tells it from another that has its number later."""
    said = "\n".join((rule.topic, rule.territory, rule.owner, str(rule.body_id)))
    return f"{zlib.crc32(said.encode()):08x}"


async def remove(session: AsyncSession, rule: Route, *, by: Actor) -> None:
    """Raises: NotAllowed."""
    by.must(Permission.RULES)
    await session.execute(delete(Route).where(Route.id == rule.id))


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of a file of rules; with `put.faults` nothing was changed."""

    put: Put
    removed: int = 0


async def put_rules(
    session: AsyncSession, lines: Sequence[RuleLine], *, replace_all: bool = False
) -> Replaced:
    """New rules are added, of known ones the note is changed; `replace_all`: those not in the file are removed.

    A territory is spelled as the pages and rules spell it, whatever the letter case of the file.
    """
    bodies = {body.code: body.id for body in await session.scalars(select(Body).where(Body.is_active))}
    faults = [
        Fault(line.row, "body", "body", {"code": line.body_code})
        for line in lines
        if line.body_code not in bodies
    ]
    if faults:
        return Replaced(Put(faults=faults))
    territories = await _territories(session)
    known = {
        (rule.topic, rule.territory, rule.owner, rule.body_id): rule
        for rule in await session.scalars(select(Route))
    }
    added = changed = 0
    kept = set()
    for line in lines:
        territory = territories.get(folded(line.territory), line.territory)
        key = (line.topic, territory, line.owner, bodies[line.body_code])
        kept.add(key)
        rule = known.get(key)
        if rule is None:
            session.add(_made(replace(line, territory=territory), key[-1]))
            added += 1
        elif line.note is not None and rule.note != line.note:
            rule.note = line.note
            changed += 1
    gone = [rule.id for key, rule in known.items() if key not in kept] if replace_all else []
    if gone:
        await session.execute(delete(Route).where(Route.id.in_(gone)))
    await session.flush()
    return Replaced(Put(added, changed, len(lines) - added - changed), len(gone))


def _made(line: RuleLine, body_id: int) -> Route:
    return Route(
        topic=line.topic,
        territory=line.territory,
        owner=line.owner,
        body_id=body_id,
        note=line.note or "",
    )
