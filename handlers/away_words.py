"""Days of an absence and numbers of incidents, as people say them. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from handlers.times import Reader
from handlers.words import Html, Words
from incidents.absences import days_of
from incidents.away_dates import Period
from models import Absence, Language

_MOST: Final = 12  # numbers: two lines of a phone


def period_words(period: Period, reader: Reader) -> str:
    """As "с 1 по 14 июля"; in English "1–14 July". With the year where it is another one."""
    first, last = period.first, period.last
    if first == last:
        return _day(last, reader)
    same_month = (first.year, first.month) == (last.year, last.month)
    begins = str(first.day) if same_month else _day(first, reader, plain=first.year == last.year)
    if reader.words.language is Language.RU:
        return f"с {begins} по {_day(last, reader)}"
    return f"{begins}–{_day(last, reader)}" if same_month else f"{begins} – {_day(last, reader)}"


def absence_words(absence: Absence, reader: Reader) -> str:
    return period_words(days_of(absence, reader.zone), reader)


def _day(day: date, reader: Reader, *, plain: bool = False) -> str:
    year = "" if plain or day.year == reader.now.astimezone(reader.zone).year else " y"
    return format_date(day, f"d MMMM{year}", locale=reader.words.language.value)


def day_words(day: date, reader: Reader) -> str:
    """As "14 июля"."""
    return _day(day, reader)


def numbers_words(numbers: Sequence[int], words: Words) -> Html:
    """As "Обращения: № 5, № 7 и ещё 3."; says so where there are none."""
    if not numbers:
        return words("away.no_numbers")
    shown = ", ".join(f"№ {number}" for number in numbers[:_MOST])
    more = len(numbers) - _MOST
    if more > 0:
        return words("away.many_numbers", numbers=shown, more=more)
    return words("away.numbers", numbers=shown)
