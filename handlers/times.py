"""Moments and deadlines as people of the region read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.words import Html, Words, without_markup

_MINUTE: Final = timedelta(minutes=1)


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
        """As "02.03 10:42" always."""
        local = at.astimezone(self.zone)
        same_year = local.year == self.now.astimezone(self.zone).year
        return f"{local:%d.%m %H:%M}" if same_year else f"{local:%d.%m.%Y %H:%M}"

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
        parts = [
            (days, self.words.plain("time.days", number=days)),
            (hours, self.words.plain("time.hours", number=hours)),
            (minutes % 60, self.words.plain("time.minutes", number=minutes % 60)),
        ]
        first = next((at for at, (number, _) in enumerate(parts) if number), None)
        if first is None:
            return self.words.plain("time.moments")
        return " ".join(text for number, text in parts[first : first + 2] if number)
