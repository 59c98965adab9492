"""Which policy an incident is registered under: the configuration's rules, the body's own, the region's default.

Of the rules that fit, the one that says more wins: first the more columns it fills, then the weightier of them:
priority, body, subtopic over topic, territory. A body's own policy (`Body.policy_name`) is a rule that fills the
body's column alone, and wins over a written one that says as much. Without any, the policy called "default".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Body, Incident, PolicyRule
from models.kinds import Priority

_COLUMNS: Final = ("body_code", "topic", "territory", "priority")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the choice looks at. `body_policy`: the one the body itself is given, or empty."""

    topic: str
    subtopic: str
    territory: str
    priority: Priority
    body_code: str = ""
    body_policy: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """`policy_name` None: the default. `rule`: the one that decided; None where the body's own did, or nothing."""

    policy_name: str | None = None
    rule: PolicyRule | None = None


def facts_of(incident: Incident, body: Body | None) -> Facts:
    return Facts(
        topic=incident.topic,
        subtopic=incident.subtopic or "",
        territory=incident.territory or "",
        priority=incident.priority,
        body_code=body.code if body else "",
        body_policy=(body.policy_name or "") if body else "",
    )


def choose(rules: Iterable[PolicyRule], facts: Facts) -> Choice:
    """The fullest rule that fits; of equal ones the first."""
    fitting = [rule for rule in rules if _fits(rule, facts)]
    if facts.body_policy:
        own = PolicyRule(body_code=facts.body_code, topic="", territory="", priority="", policy_name="")
        fitting = [own, *fitting]
    if not fitting:
        return Choice()
    best = max(fitting, key=specificity)  # the first of equal ones
    if not best.policy_name:
        return Choice(facts.body_policy)
    return Choice(best.policy_name, best)


def specificity(rule: PolicyRule) -> tuple[int, bool, bool, bool, bool, bool]:
    """How much a rule says (this module's order)."""
    filled = sum(bool(getattr(rule, column)) for column in _COLUMNS)
    return (
        filled,
        bool(rule.priority),
        bool(rule.body_code),
        "." in rule.topic,
        bool(rule.topic),
        bool(rule.territory),
    )


def _fits(rule: PolicyRule, facts: Facts) -> bool:
    return (
        rule.topic in {"", facts.topic, facts.subtopic}
        and rule.body_code in {"", facts.body_code}
        and rule.priority in {"", facts.priority.value}
        and rule.territory.casefold() in {"", facts.territory.casefold()}
    )


async def policy_rules(session: AsyncSession) -> Sequence[PolicyRule]:
    """Every rule, in the order of the configuration."""
    return (await session.scalars(select(PolicyRule).order_by(PolicyRule.id))).all()


async def install_policy_rules(session: AsyncSession, rules: Sequence[PolicyRule]) -> None:
    """The configuration's rules instead of those that are there; nothing is written where they are the same."""
    there = [_said(rule) for rule in await policy_rules(session)]
    if there == [_said(rule) for rule in rules]:
        return
    await session.execute(delete(PolicyRule))
    session.add_all(rules)
    await session.flush()


def _said(rule: PolicyRule) -> tuple[str, ...]:
    return (rule.body_code, rule.topic, rule.territory, rule.priority, rule.policy_name)
