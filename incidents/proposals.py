"""Rules that presses speak against: where a topic's incidents go elsewhere again and again, a change is proposed.

Nothing is changed by itself: curators hear of it in one line, and one of them presses.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox, rules
from incidents.errors import ProposalGone
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.routing import body_by_code
from incidents.rules import RuleLine
from models import AuditEntry, Body, Incident, Label, LabelField, Official, Outcome, Post, Prediction, Route

WINDOW: Final = timedelta(days=28)
RECENT: Final = 10
"""Of so many last incidents of a topic in a territory …"""
LEAST: Final = 8
"""… so many went to one other body: then a change is proposed."""

ACTION: Final = "rule_proposal"  # in the audit
NOTICE: Final = "rule_proposed"
_PROPOSED: Final = "proposed"
_TAKEN: Final = "taken"
_AGAIN: Final = timedelta(days=30)  # after which a proposal nobody took is made once more


_Place: TypeAlias = tuple[str, str, str]
"""A topic, a territory, and the body the program suggested there."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`moved` of the last `judged` incidents of the topic in the territory went to `to`, not to `instead_of`."""

    topic: str
    territory: str
    instead_of: str
    to: str
    moved: int
    judged: int
    people: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.topic, self.territory, self.instead_of, self.to


async def found(session: AsyncSession, *, now: datetime) -> list[Proposal]:
    """What the last weeks' presses speak for. Of the bodies people chose for a post the last one counts."""
    chosen: dict[int, Label] = {}
    for press in await session.scalars(
        select(Label).where(Label.field == LabelField.BODY, Label.at >= now - WINDOW).order_by(Label.id)
    ):
        chosen[press.post_id] = press
    codes = {body.id: body.code for body in await session.scalars(select(Body))}
    went: dict[_Place, list[tuple[str, int]]] = defaultdict(list)  # to which body, and whose word it was
    rows = await session.execute(
        select(Prediction, Incident.territory)
        .join(Post, Post.id == Prediction.post_id)
        .join(Incident, Incident.id == Post.incident_id)
        # Where the topic was corrected as well, the move says nothing of the rule.
        .where(Prediction.at >= now - WINDOW, Incident.topic == Prediction.topic)
        .order_by(Prediction.id)
    )
    for prediction, territory in rows:
        if not prediction.bodies:
            continue
        suggested = codes.get(prediction.bodies[0][0], "")
        place = (prediction.topic, territory, suggested)
        label: Label | None = chosen.get(prediction.post_id)
        if label is not None:
            went[place].append((label.value, label.official_id))
        elif prediction.outcome == Outcome.RIGHT:
            went[place].append((suggested, 0))
    return [one for place in sorted(went) if (one := _proposal(place, went)) is not None]


def _proposal(place: _Place, went: Mapping[_Place, Sequence[tuple[str, int]]]) -> Proposal | None:
    topic, territory, suggested = place
    recent = went[place][-RECENT:]
    ((to, moved),) = Counter(code for code, _ in recent).most_common(1)
    if to == suggested or not suggested or moved < LEAST:
        return None
    # A rule for everywhere must not go for the sake of incidents of which the territory is not known.
    elsewhere = [
        one for other in went if (other[0], other[2]) == (topic, suggested) for one in went[other][-RECENT:]
    ]
    if not territory and any(code == suggested for code, _ in elsewhere):
        return None
    people = {who for code, who in recent if code == to}
    return Proposal(topic, territory, suggested, to, moved, len(recent), len(people))


async def propose(session: AsyncSession, *, now: datetime) -> list[int]:
    """Tell the curators of what is new; the numbers to take each by. What was told stays told for a month."""
    told = {
        _key(entry.details)
        for entry in await session.scalars(
            select(AuditEntry).where(AuditEntry.action == ACTION, AuditEntry.at > now - _AGAIN)
        )
    }
    numbers = []
    for one in await found(session, now=now):
        if one.key in told or not await _would_change(session, one):
            continue
        details = {
            "topic": one.topic,
            "territory": one.territory,
            "instead_of": one.instead_of,
            "to": one.to,
        }
        entry = AuditEntry(at=now, action=ACTION, outcome=_PROPOSED, details=details)
        session.add(entry)
        await session.flush()
        numbers.append(entry.id)
        await outbox.tell_curators(
            session,
            NOTICE,
            now=now,
            proposal_id=entry.id,
            moved=one.moved,
            judged=one.judged,
            people=one.people,
            **details,
        )
    return numbers


def _key(details: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return details["topic"], details["territory"], details["instead_of"], details["to"]


async def _would_change(session: AsyncSession, one: Proposal) -> bool:
    """Whether there is no rule yet that sends the topic there: presses of before the change count no more."""
    body = await session.scalar(select(Body).where(Body.code == one.to, Body.is_active))
    if body is None:
        return False
    rivals = await rules.rivals(session, _line(one.topic, one.territory, one.to))
    return [rival.body.code for rival in rivals] != [one.to]


def _line(topic: str, territory: str, code: str) -> RuleLine:
    return RuleLine(topic=topic, territory=territory, body_code=code)


async def take(session: AsyncSession, proposal_id: int, *, actor: Actor, now: datetime) -> Route:
    """Change the rule as proposed: the topic, in the territory, is the other body's.

    The rule that says the same of the old body goes; wider rules stay, the new one says more than they do.

    Raises:
        NotAllowed, NoSuchBody.
        ProposalGone: there is none of this number, or it was taken before; says who and when.
    """
    actor.must(Permission.RULES)
    entry = await session.scalar(
        select(AuditEntry)
        .where(AuditEntry.id == proposal_id, AuditEntry.action == ACTION)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if entry is None or entry.outcome not in {_PROPOSED, _TAKEN}:
        raise ProposalGone
    if entry.outcome == _TAKEN:
        who = await session.scalar(select(Official).where(Official.telegram_id == entry.telegram_id))
        raise ProposalGone(name=who.name if who else "—")
    said = entry.details
    line = _line(said["topic"], said["territory"], said["to"])
    body = await body_by_code(session, said["to"])
    for rival in await rules.rivals(session, line):
        if rival.body.code == said["instead_of"]:
            await session.execute(delete(Route).where(Route.id == rival.rule.id))
    rule = await rules.add(session, line, body, by=actor)
    entry.outcome, entry.telegram_id = _TAKEN, actor.telegram_id
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action=rules.ACTION,
        outcome="added",
        rule_id=rule.id,
        proposal_id=proposal_id,
        body=body.code,
        topic=line.topic,
        territory=line.territory,
    )
    return rule
