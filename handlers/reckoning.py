"""The arithmetic of a deadline in words, a line a day: for /why, and without markup for an operator's terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.units import format_unit

from handlers.words import Html, Words
from incidents.arithmetic import Day, Reckoning, reckon, reckon_interim
from incidents.days_off import name_of
from incidents.policies import Policy
from incidents.terms import WorkingDays
from models import Language, Priority

_MINUTE: Final = timedelta(minutes=1)
_ONE_DAY: Final = timedelta(days=1)
_MOST: Final = 16  # lines of days that are shown at once
_LAST: Final = 4  # of them at the end
# This year, and another.
_DAYS: Final = {
    Language.RU: ("EEE dd.MM", "EEE dd.MM.y"),
    Language.EN: ("EEE d MMM", "EEE d MMM y"),
}


@dataclass(frozen=True, slots=True)
class Counting:
    """`zone`: the policy's, in which its hours are; `year`: the one that need not be said."""

    words: Words
    zone: ZoneInfo
    year: int

    def day(self, day: date) -> str:
        """As "пт 20.11", with the year where it is another one; in English "Fri 20 Nov"."""
        this_year, another = _DAYS[self.words.language]
        pattern = this_year if day.year == self.year else another
        return format_date(day, pattern, locale=self.words.language.value)

    def moment(self, at: datetime) -> str:
        """As "пт 20.11 16:00"."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def length(self, length: timedelta) -> str:
        """As "24 ч", "1 ч 30 мин": hours are not made into days, for a working day has fewer."""
        hours, minutes = divmod(int(length / _MINUTE), 60)
        parts = [
            format_unit(number, unit, length="short", locale=self.words.language.value)
            for unit, number in (("duration-hour", hours), ("duration-minute", minutes))
            if number
        ]
        return " ".join(parts).replace("\xa0", " ") or self.words.plain("time.moments")

    def term(self, term: timedelta | WorkingDays, *, of_working: bool) -> str:
        """As "24 ч рабочего времени", "7 рабочих дней", "7 дней"."""
        if isinstance(term, WorkingDays):
            return self.words.count("why.count.working_days", term.days)
        if of_working:
            return self.words.plain("why.of_working_time", length=self.length(term))
        if term >= 2 * _ONE_DAY and term % _ONE_DAY == timedelta(0):
            return self.words.count("why.count.days", term // _ONE_DAY)
        return self.length(term)

    def lines(self, reckoning: Reckoning, *, most: int | None = _MOST) -> list[Html]:
        """Day by day; of more lines than `most`, the beginning and the end."""
        lines = [
            line
            for is_idle, days in groupby(reckoning.days, key=_is_idle)
            for line in (
                self._idle(list(days)) if is_idle else [self._counted(day, reckoning) for day in days]
            )
        ]
        if most is not None and len(lines) > most:
            more = self.words.count("why.count.lines", len(lines) - most)
            lines = [*lines[: most - _LAST], self.words("why.left_out", lines=more), *lines[-_LAST:]]
        return lines

    def _counted(self, day: Day, reckoning: Reckoning) -> Html:
        words = self.words
        special = Html(" · " + words("why.special")) if day.is_special else ""
        if day.number:
            return words("why.nth_day", day=self.day(day.date), number=day.number, special=special)
        hours = ", ".join(f"{self._hour(opens)}–{self._hour(closes)}" for opens, closes in day.stretches)
        # What is left out of the first line is what it would only repeat.
        key = "why.day" if day.so_far == day.counted else "why.day_so_far"
        return words(
            key,
            day=self.day(day.date),
            hours=hours,
            length=self.length(day.counted),
            so_far=self.length(day.so_far),
            special=special,
        )

    def _hour(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def _idle(self, days: Sequence[Day]) -> list[Html]:
        """Days without anything counted; those that follow each other for the same reason on one line."""
        lines = []
        for reason, group in groupby(days, key=self._reason):
            same = list(group)
            first, last = self.day(same[0].date), self.day(same[-1].date)
            span = first if len(same) == 1 else f"{first} – {last}"
            lines.append(self.words("why.idle", days=span, reason=reason))
        return lines

    def _reason(self, day: Day) -> str:
        if not day.is_closed:
            return self.words.plain("why.over")
        name = name_of(day.date, self.words.language) if day.is_special else ""
        return name or self.words.plain("why.closed")


def report(policy: Policy, code: str, at: datetime, priority: Priority, words: Words) -> list[Html]:
    """Every norm of a policy for what is registered and assigned at a moment.

    Raises:
        CalendarError: not within five years.
    """
    zone = policy.calendar.zone
    is_working = policy.calendar.kind == "working"
    counting = Counting(words, zone, at.astimezone(zone).year)
    total = reckon(policy, at, policy.total_for(priority))
    first = min(reckon(policy, at, policy.first_for(priority)), total, key=lambda one: one.end)
    lines = [
        words("why.norms", name=policy.name, code=code),
        words("why.zone", zone=zone.key),
        words("why.registered", at=counting.moment(at)),
        *counting.lines(total, most=None),
        _norm("total", total, counting, of_working=is_working),
        _norm("first", first, counting, of_working=is_working),
        _norm("return", reckon(policy, at, policy.return_window), counting, of_working=is_working),
    ]
    if policy.preparation is not None:
        preparation = reckon(policy, at, policy.preparation)
        lines.append(_norm("preparation", preparation, counting, of_working=is_working))
    final = reckon_interim(policy, total.end)
    return [*lines, _norm("after_interim", final, counting, of_working=False)]


def _norm(name: str, reckoning: Reckoning, counting: Counting, *, of_working: bool) -> Html:
    term = counting.term(reckoning.term, of_working=of_working)
    return counting.words(f"why.{name}", term=term, at=counting.moment(reckoning.end))


def _is_idle(day: Day) -> bool:
    return not day.stretches and not day.number
