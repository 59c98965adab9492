"""The house after a street, before it or a little further on: «5», «19Д», «10/1», «97К2», «15-17»."""

import re
from dataclasses import dataclass
from typing import Final

from classifier.place_page import Page
from classifier.place_words import UNITS

_HOUSE: Final = re.compile(
    r"\s{0,3},?\s{0,3}(?:(?:д|дом|дома|доме|дому|зд|здание|вл|владение|уч|участок)(?![а-я])\.?\s{0,2})?(?:№|n\s)?\s{0,2}"
    r"(?P<number>\d{1,3})(?P<over>[\\/]\d{1,3})?"
    r"(?:(?P<letter>(?:-|\s?[«\"“`])?[а-л][»\"”`]?|\s(?:лит\.?\s?)?[а-л](?=[,.;)\s]*(?:кв|,|\.|\)|$)))(?![а-я]))?"
    r"(?:,?\s?(?:к|кор|корп|корпус)\.?\s?(?P<wing>\d{1,2})(?!\d))?(?:,?\s?(?:стр|строение)\.?\s?(?P<part>\d{1,2}))?"
    r"(?P<to>\s?[-–]\s?\d{1,3}[а-л]?(?![а-я\d]))?"
    rf"(?![\d№])(?!(?:-|\s)?(?:ая|я|ый|й|го|му|м|е|х|ти|ми|ым|ой)(?![а-я]))(?!\s?(?:{UNITS}))(?![.:]\d)"
)
_NEAR: Final = re.compile(
    r"\s?[,(]?\s?(?:возле|у|около|напротив|в районе|рядом с|между)?\s?(?:домами|домом|дома|доме|дом)\s(?:№\s?)?"
    r"(?P<number>\d{1,3})(?P<over>[\\/]\d{1,3})?(?P<letter>-?[а-л](?![а-я]))?(?!\d)"
)
_AHEAD: Final = re.compile(
    r"(?:дом(?:а|у|е|ом)?|д\.?)\s?(?:№\s?)?(?P<number>\d{1,3})(?P<over>[\\/]\d{1,3})?(?P<letter>-?[а-л](?![а-я]))?"
    r"\s(?:по|на)\s{1,2}$"
)


@dataclass(frozen=True, slots=True)
class House:
    """A house read after a name: where it ends, and how it is written in a register."""

    end: int
    number: str


def house_at(page: Page, end: int) -> House | None:
    """The house right after a name."""
    found = _HOUSE.match(page.low, end)
    return House(found.end(), _written(found)) if found else None


def house_near(page: Page, start: int, end: int) -> str:
    """The house that stands before a street or a little after it: «дома 5 по проспекту Дружбы»."""
    found = _AHEAD.search(page.behind(start)) or _NEAR.match(page.low, end)
    return _written(found) if found else ""


def _written(found: re.Match[str]) -> str:
    parts = found.groupdict()
    over = (parts["over"] or "").replace("\\", "/")
    letter = re.sub(r"[^а-л]", "", (parts["letter"] or "").replace("лит", "")).upper()
    wing = f"К{parts['wing']}" if parts.get("wing") else ""
    part = f"С{parts['part']}" if parts.get("part") else ""
    to = re.sub(r"[\s–-]+", "-", parts.get("to") or "").upper()
    return f"{parts['number']}{over}{letter}{wing}{part}{to}"
