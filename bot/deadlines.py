"""`deadline`: the arithmetic of one deadline for an operator, as /why shows it; the last line is the moment.

It needs no token, no database and no config file: ready policies are known by name.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.settings import environment, load_policies
from handlers.reckoning import report
from handlers.words import Words, without_markup
from incidents.calendars import CalendarError
from incidents.policies import Policy
from models.kinds import Priority
from models.person import Language

CONFIG: Final = Path("config.toml")


class CannotCount(Exception):
    """In words for the operator: one line."""


def counted(chosen: argparse.Namespace, *, now: datetime) -> list[str]:
    """The lines.

    Raises:
        CannotCount: an argument is wrong.
        ConfigError: the config file is.
    """
    settings = load_policies(config_of(chosen.config), environment())
    policy = settings.policies.get(chosen.policy)
    if policy is None:
        raise CannotCount(
            f"no such policy as {chosen.policy!r}; there are {', '.join(sorted(settings.policies))}"
        )
    priority = _member(Priority, chosen.priority, "priority")
    words = Words(_member(Language, chosen.language, "language"))
    at = _moment(chosen.at, policy) if chosen.at is not None else now.replace(microsecond=0)
    try:
        lines = [without_markup(line) for line in report(policy, chosen.policy, at, priority, words)]
        return [*lines, due_at(policy, at, priority).isoformat()]
    except (CalendarError, OverflowError) as error:
        raise CannotCount(f"it cannot be counted from {chosen.at}: {error}") from None


def due_at(policy: Policy, at: datetime, priority: Priority) -> datetime:
    """In the offset of the calendar's zone."""
    return policy.moments(at, priority).due_at.astimezone(policy.calendar.zone)


def config_of(given: Path | None) -> Path | None:
    """The file named, or config.toml where there is one."""
    return given or (CONFIG if CONFIG.exists() else None)


def _member(family: Any, value: str, name: str) -> Any:
    try:
        return family(value.strip().lower())
    except ValueError:
        known = ", ".join(one.value for one in family)
        raise CannotCount(f"no such {name} as {value!r}; there are {known}") from None


def _moment(text: str, policy: Policy) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CannotCount(f"{text!r} is not a time: write it as 2026-11-20T16:00+03:00") from None
    try:
        return (at if at.utcoffset() is not None else at.replace(tzinfo=policy.calendar.zone)).astimezone(UTC)
    except OverflowError:
        raise CannotCount(f"{text!r} is too far away to be counted") from None
