"""`policies`: what there is, and what a changed config would have made of the last month. Nothing is changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.policy_settings import PolicySettings
from bot.settings import Settings
from incidents.calendars import CalendarError
from incidents.days_off import transfers_known_until
from incidents.policy_choice import specificity
from incidents.policy_trial import Trial, most_moved, summaries, try_policies
from incidents.promises import newest_version
from incidents.terms import format_duration, format_term
from models import Policy, PolicyRule
from models.database import open_database


class CannotTry(Exception):
    """In words for the operator: one line."""


def listed(settings: Settings) -> list[str]:
    """Every policy with its stored version, then the rules, the fullest first."""
    rows = asyncio.run(_versions(settings))
    lines = [_policy(name, policy, rows) for name, policy in sorted(settings.policies.items())]
    rules = sorted((one.row() for one in settings.policy_rules), key=specificity, reverse=True)
    lines += ["", "rules, the fullest first:" if rules else "no rules: the body's own policy, else default"]
    lines += [f"  {_rule(rule)} → {rule.policy_name}" for rule in rules]
    if any(policy.calendar.holidays_of for policy in settings.policies.values()):
        lines += ["", f"holidays of Russia: moved days are known up to {transfers_known_until()}"]
    return lines


def _policy(name: str, policy: PolicySettings, rows: dict[str, Policy] | None) -> str:
    calendar = policy.calendar
    time = f"{calendar.kind} time, {calendar.tz}" + (", holidays" if calendar.holidays else "")
    norms = [
        f"answer {format_term(policy.total)}",
        *(f"{priority.value} {format_term(term)}" for priority, term in policy.by_priority.items()),
        f"first reaction {format_duration(policy.first_reaction)}",
        f"return {format_duration(policy.return_window)}",
        *([f"preparation {format_duration(policy.preparation)}"] if policy.preparation else []),
        f"final {format_term(policy.interim_total)}",
    ]
    return f"{name} «{policy.name}»: {', '.join(norms)}; {time}; {_version(name, policy, rows)}"


def _version(name: str, policy: PolicySettings, rows: dict[str, Policy] | None) -> str:
    if rows is None:
        return "no database yet"
    row = rows.get(name)
    if row is None:
        return "not stored yet"
    if row.digest == policy.digest:
        return f"version {row.version}"
    return f"version {row.version}, changed: {row.version + 1} from the next start"


def _rule(rule: PolicyRule) -> str:
    said = [
        f"{name} {value}"
        for name, value in (
            ("topic", rule.topic),
            ("territory", rule.territory),
            ("body", rule.body_code),
            ("priority", rule.priority),
        )
        if value
    ]
    return ", ".join(said) or "everything"


async def _versions(settings: Settings) -> dict[str, Policy] | None:
    """Name → its newest row; None where there is no database to ask."""
    if not _is_there(settings.database.url):
        return None
    try:
        async with _reading(settings.database.url) as session:
            rows = [await newest_version(session, name) for name in settings.policies]
    except (SQLAlchemyError, OSError):
        return None
    return {row.name: row for row in rows if row is not None}


def tried(settings: Settings, *, url: str, days: int, now: datetime) -> list[str]:
    """The policies of the `settings` on the last incidents of the database.

    Raises:
        CannotTry: there is no database, or a policy cannot be counted.
    """
    if not _is_there(url):
        raise CannotTry(f"there is no database {make_url(url).database}: name the config in use by --config")
    rules = [rule.row() for rule in settings.policy_rules]

    async def replay() -> list[Trial]:
        async with _reading(url) as session:
            since = now - timedelta(days=days)
            return await try_policies(session, settings.policies, rules, since=since, now=now)

    try:
        trials = asyncio.run(replay())
    except CalendarError as error:
        raise CannotTry(f"a policy cannot be counted: {error}") from None
    return [*_replayed(trials, days), "nothing was changed"]


def _replayed(trials: list[Trial], days: int) -> Iterable[str]:
    yield f"incidents registered in the last {days} days: {len(trials)}"
    for group in summaries(trials):
        name = f"{group.policy_name} → {group.new_policy_name}"
        late = f"late {group.late}, would be {group.would_be_late}"
        yield f"{name}: {group.count}; {late}; deadlines move by {signed(group.shift)} (median)"
    moved = most_moved(trials)
    if moved:
        yield "moved most:"
    for one in moved:
        yield f"  № {one.number}: {_at(one.due_at)} → {_at(one.new_due_at)} ({signed(one.shift)})"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def signed(length: timedelta) -> str:
    """As "+13 h 30 min", "−2 h", "0 min"."""
    hours, minutes = divmod(round(abs(length).total_seconds() / 60), 60)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes or not hours else []
    sign = "" if not hours and not minutes else "+" if length > timedelta(0) else "−"
    return sign + " ".join(parts)


def _is_there(url: str) -> bool:
    """Opening SQLite would make the file."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists()


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[AsyncSession]:
    database = open_database(url)
    try:
        async with database.reading() as session:
            yield session
    finally:
        await database.close()
