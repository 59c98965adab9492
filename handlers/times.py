"""Moments and deadlines as people of the region read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.units import format_unit

from handlers.words import Html, Words, without_markup
from models import Language

_MINUTE: Final = timedelta(minutes=1)
# This year, and another: short, for a phone. Patterns: https://unicode.org/reports/tr35/tr35-dates.html
_DAYS: Final = {
    Language.RU: ("dd.MM HH:mm", "dd.MM.y HH:mm"),
    Language.EN: ("d MMM HH:mm", "d MMM y HH:mm"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: their words, the region's time zone, and the present moment."""

    words: Words
    zone: ZoneInfo
    now: datetime

    def moment(self, at: datetime) -> str:
        """As "10:42" today, "02.03 10:42" another day, with the year where it is another one."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        return self.day(at)

    def day(self, at: datetime) -> str:
        """As "02.03 10:42" always; in English "2 Mar 10:42"."""
        local = at.astimezone(self.zone)
        this_year, another = _DAYS[self.words.language]
        is_this = local.year == self.now.astimezone(self.zone).year
        return format_datetime(local, this_year if is_this else another, locale=self.words.language.value)

    def date(self, at: datetime) -> str:
        """As "среда, 25 ноября", with the year where it is another one: for what is promised to people."""
        local = at.astimezone(self.zone)
        year = "" if local.year == self.now.astimezone(self.zone).year else " y"
        return format_date(local, f"EEEE, d MMMM{year}", locale=self.words.language.value)

    def deadline(self, due_at: datetime) -> Html:
        """As "до 02.03 17:00 · осталось 5 ч 20 мин", or how long ago it passed."""
        if due_at > self.now:
            return self.words("time.left", at=self.day(due_at), span=self.span(due_at - self.now))
        late = max(self.now - due_at, _MINUTE)
        return self.words("time.over", at=self.day(due_at), span=self.span(late))

    def plain_deadline(self, due_at: datetime) -> str:
        """The same for an alert, which knows no HTML."""
        return without_markup(self.deadline(due_at))

    def span(self, length: timedelta) -> str:
        """The two largest units: "5 ч 20 мин", "2 дн. 3 ч"."""
        minutes = int(length / _MINUTE)
        days, hours = divmod(minutes // 60, 24)
        parts = [("day", days), ("hour", hours), ("minute", minutes % 60)]
        first = next((at for at, (_, number) in enumerate(parts) if number), None)
        if first is None:
            return self.words.plain("time.moments")
        return " ".join(self._unit(unit, number) for unit, number in parts[first : first + 2] if number)

    def _unit(self, unit: str, number: int) -> str:
        told = format_unit(number, f"duration-{unit}", length="short", locale=self.words.language.value)
        return told.replace("\xa0", " ")
