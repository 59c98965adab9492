"""/why: the arithmetic of a deadline, line by line, as it was promised at registration."""

from datetime import datetime, timedelta
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from handlers.arguments import number_of
from handlers.cards import subject
from handlers.context import Reading, Transaction
from handlers.excerpts import folded, line
from handlers.reckoning import Counting
from handlers.telling import Spot, tell
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.arithmetic import Reckoning, reckon, reckon_interim
from incidents.due_dates import DueDate, due_date
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.rubricator import topic_of
from models import Incident, Priority

_NAME: Final = 50  # UTF-16 units of a body's, a policy's or a territory's name
_AT_ONCE: Final = 4  # lines of days that need no fold


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(why_asked, Command("why"))
    return router


async def why_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    reading: Reading,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    actor.must(Permission.DEADLINE)
    number, _ = number_of(command)
    if number is None:
        text = reader.words("why.use")
    else:
        async with reading() as session:
            text = why_text(await due_date(session, incident_id=number, actor=actor), reader)
    async with transaction() as session:
        tell(session, spot, text, now=reader.now)


def why_text(due: DueDate, reader: Reader) -> Html:
    """The whole message. Times are the policy's own: its hours are in its zone."""
    zone = due.policy.calendar.zone
    counting = Counting(reader.words, zone, reader.now.astimezone(zone).year)
    lines = [reader.words("why.head", number=due.incident.id), *_policy(due, reader.words)]
    if zone.key != reader.zone.key:
        lines.append(reader.words("why.zone", zone=zone.key))
    if due.incident.registered_at is None or due.incident.due_at is None:
        return Html("\n".join([*lines, reader.words("why.not_registered")]))
    lines += _answer(due, due.incident.registered_at, due.incident.due_at, counting)
    lines += _turn(due, counting)
    lines += _interim(due, counting)
    lines += _answered(due, counting)
    return Html("\n".join(lines))


def _policy(due: DueDate, words: Words) -> list[Html]:
    name = line(due.policy.name, _NAME)
    if due.row is None:
        return [words("why.policy_now", name=name)]
    version = due.row.version
    return [words("why.policy", name=name, code=due.row.name, version=version), _chosen(due, words)]


def _chosen(due: DueDate, words: Words) -> Html:
    if due.choice is None:
        return words("why.chosen_before")
    rule = due.choice.rule
    if rule is None and due.choice.policy_name and due.chosen_for:
        return words("why.chosen_body", body=line(due.chosen_for.name, _NAME))
    if rule is None:
        return words("why.chosen_default")
    said = [
        ("topic", subject(topic_of(rule.topic), rule.topic, words) if rule.topic else ""),
        ("territory", line(rule.territory, _NAME) if rule.territory else ""),
        ("body", line(due.chosen_for.name, _NAME) if rule.body_code and due.chosen_for else ""),
        ("priority", priority_name(Priority(rule.priority), words) if rule.priority else ""),
    ]
    conditions = [words.plain(f"why.condition.{column}", value=value) for column, value in said if value]
    return (
        words("why.chosen_rule", conditions=", ".join(conditions)) if conditions else words("why.chosen_all")
    )


def priority_name(priority: Priority, words: Words) -> str:
    """As people call it; the ordinary one has no name on a card."""
    if priority is Priority.ORDINARY:
        return words.plain("why.ordinary")
    return words.name("priority", priority.value)


def _answer(due: DueDate, registered_at: datetime, due_at: datetime, counting: Counting) -> list[Html]:
    words, policy = counting.words, due.policy
    lines = [words("why.registered", at=counting.moment(registered_at))]
    if due.priority is None:  # rows older than the policy's own words
        return [*lines, words("why.stored", at=counting.moment(due_at))]
    if due.priority in policy.by_priority:
        lines.append(words("why.priority", priority=priority_name(due.priority, words)))
    total = reckon(policy, registered_at, policy.total_for(due.priority))
    lines += promise("total", total, counting, is_working=policy.calendar.kind == "working")
    first = reckon(policy, registered_at, policy.first_for(due.priority))
    at = min(first.end, due_at)
    term = counting.term(first.term, of_working=policy.calendar.kind == "working")
    return [*lines, words("why.first", term=term, at=counting.moment(at))]


def promise(name: str, reckoning: Reckoning, counting: Counting, *, is_working: bool) -> list[Html]:
    """One deadline: how long, until when, and its days behind a fold if there are many."""
    term = counting.term(reckoning.term, of_working=is_working)
    lines = [counting.words(f"why.{name}", term=term, at=counting.moment(reckoning.end))]
    days = counting.lines(reckoning)
    if not days:
        return lines
    return [*lines, folded(days, shown=_AT_ONCE if len(days) <= _AT_ONCE else 0)]


def _turn(due: DueDate, counting: Counting) -> list[Html]:
    """The body's own norms, from its assignment."""
    turn, words = due.assignment, counting.words
    if turn is None:
        return []
    working = due.policy.calendar.kind == "working"
    since = counting.moment(turn.assigned_at)
    term = counting.term(due.policy.return_window, of_working=working)
    lines = [words("why.assigned", at=since)]
    lines.append(words("why.return", term=term, at=counting.moment(turn.return_until)))
    if turn.prepare_until is not None and due.policy.preparation is not None:
        term = counting.term(due.policy.preparation, of_working=working)
        lines.append(words("why.preparation", term=term, at=counting.moment(turn.prepare_until)))
    if due.sees_slack and due.missing > timedelta(0):
        lines.append(words("why.slack", missing=counting.length(due.missing)))
    return lines


def _interim(due: DueDate, counting: Counting) -> list[Html]:
    if due.interim_at is None or due.incident.control_at is None:
        return []
    words = counting.words
    lines = [words("why.interim", at=counting.moment(due.interim_at))]
    reckoning = reckon_interim(due.policy, due.interim_at)
    if reckoning.end != due.incident.control_at:  # whoever answered named the date
        return [*lines, words("why.control", at=counting.moment(due.incident.control_at))]
    return [*lines, *promise("final", reckoning, counting, is_working=False)]


def _answered(due: DueDate, counting: Counting) -> list[Html]:
    """The clock stops at publication."""
    answered_at, due_at = due.incident.answered_at, _due_of(due.incident)
    if answered_at is None or due_at is None:
        return []
    key = "why.in_time" if answered_at <= due_at else "why.late"
    left = due.policy.calendar.between(min(answered_at, due_at), max(answered_at, due_at))
    return [counting.words(key, at=counting.moment(answered_at), length=counting.length(left))]


def _due_of(incident: Incident) -> datetime | None:
    return incident.control_at or incident.due_at
