"""Number plates of people's cars; that of a bus or a tractor is no secret."""

import re
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import before

_LETTER: Final = "[авекмнорстухabekmhopctyx]"
_PLATE: Final = re.compile(rf"(?<![\w]){_LETTER}\s?\d{{3}}\s?{_LETTER}{{2}}\s?\d{{2,3}}(?!\w)", re.IGNORECASE)
_OF_SERVICE: Final = re.compile(
    r"автобус|маршрут|троллейбус|трамва|трактор|камаз|мусоровоз|спецтехник|снегоубор|грейдер|перевозчик",
    re.IGNORECASE,
)
_OF_CAR: Final = re.compile(r"авто|машин|номер|владел|хозя|лад[ауы]|газел|знак|припарк", re.IGNORECASE)


def plates(text: str) -> list[Span]:
    """`text`: levelled. In small letters only where a car is spoken of: «в 300 мм 20» is a measure."""
    found: list[Span] = []
    for match in _PLATE.finditer(text):
        ahead = before(text, match.start(), 60)
        if _OF_SERVICE.search(ahead):
            continue
        if match.group() == match.group().upper() or _OF_CAR.search(ahead):
            found.append(match.span())
    return found
