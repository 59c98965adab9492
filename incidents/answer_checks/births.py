"""Birth dates of one person; a programme for everybody born in a year is none."""

import re
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import before

_MONTH: Final = r"(?:январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр)[яьаей]"
_DAY: Final = rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)?\d\d|\d{{1,2}}\s{_MONTH}\s(?:19|20)\d\d)"
_BORN: Final = r"\s?(?:г\.?\s?р\.?(?![а-яё])|(?:год[ау]?\s{1,2})?рождени\w)"
_WHOLE: Final = re.compile(
    rf"{_DAY}{_BORN}|дат\w{{1,2}}\s{{1,2}}рожд\w{{2,4}}[^\d\n]{{0,20}}{_DAY}"
    rf"|год\w{{0,2}}\s{{1,2}}рождени\w[^\d\n]{{0,20}}(?:19|20)\d\d(?!\d)|(?:родил(?:ся|ась)|родивш\w{{2,5}}|рожд[её]нн?\w{{0,3}})[^\d\n]{{0,15}}{_DAY}",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(rf"(?<![\d.])(?:19|20)\d\d(?:-?го)?{_BORN}", re.IGNORECASE)
_MANY: Final = re.compile(
    r"дет(?:и|ям|ей|ях|ьми)(?![а-яё])|граждан(?![а-яё]*(?:ин|к))|мужчин|женщин|юнош|девуш|мальчик(?:ов|и|ам)|девоч(?:ек|ки|кам)|лиц(?![оа])"
    r"|ребят|жител(?:ей|и|ям)|пациентам|\d{4}\s?[-,и]\s?$",
    re.IGNORECASE,
)


def births(text: str) -> list[Span]:
    """`text`: levelled."""
    whole = [match.span() for match in _WHOLE.finditer(text)]
    taken = {end for _, end in whole}
    years = [
        match.span()
        for match in _YEAR.finditer(text)
        if match.end() not in taken and not _MANY.search(before(text, match.start(), 60))
    ]
    return sorted([*whole, *years])
