"""Whose the thing complained of is, by the words: «федеральная трасса», «областная больница», «УК», «застройщик».

Only what the words say outright counts; two different owners, a question («чья это дорога?»), a choice or a denial
is no answer. Pure words: no dictionary, no learning; one pass over the tokens.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from models.kinds import Owner

_HARD: Final = ("ый", "ая", "ое", "ой", "ого", "ому", "ую", "ым", "ом", "ые", "ых", "ыми")
_SOFT: Final = ("ий", "яя", "ее", "ей", "его", "ему", "юю", "им", "ем", "ие", "их", "ими", "ой", "ая", "ого")
_ADJECTIVE: Final = (*_HARD, *_SOFT)
_FORMS: Final = ("", "а", "у", "ом", "е", "ы", "и", "ов", "ам", "ами", "ах", "ей", "ь", "я", "ю", "ем", "й")


def _forms(stem: str, endings: Sequence[str]) -> Iterator[str]:
    return (stem + ending for ending in endings)


# What can be somebody's: beginnings of words. «областной центр» and «федеральный закон» are nobody's thing.
_ROAD: Final = (
    "дорог",
    "дорож",
    "трасс",
    "автодорог",
    "автотрасс",
    "автомагистрал",
    "магистрал",
    "шоссе",
    "мост",
)
_HEALTH: Final = (
    *("больниц", "поликлиник", "диспансер", "роддом", "госпитал", "стационар", "амбулатор", "стоматолог"),
    *("травмпункт", "травматолог"),
)
_CULTURE: Final = ("библиотек", "музе", "театр", "филармони", "стадион", "бассейн", "спорткомплекс")
_SCHOOL: Final = (
    "школ",
    "садик",
    "сад",
    "детсад",
    "лице",
    "гимнази",
    "колледж",
    "техникум",
    "училищ",
    "интернат",
)
_OWNED: Final = ("собственност", "значени", "подчинени", "учреждени", "предприяти", "имуществ", "баланс")
_RIDE: Final = ("перевозчик", "маршрут", "автобус", "транспорт", "маршрутк", "троллейбус", "трамва")
_STATE: Final = (*_ROAD, *_HEALTH, *_CULTURE, *_SCHOOL, *_OWNED)
_TOWN: Final = (
    *(*_STATE, *_RIDE, "жиль", "жилищн", "жилфонд", "фонд", "квартир", "дом", "здани", "площадк", "парк"),
    *("сквер", "пляж", "бан", "кладбищ", "земл", "участ", "территори", "стоянк", "парковк", "котельн"),
)
_FIRM: Final = (
    *(
        "перевозчик",
        "компани",
        "фирм",
        "клиник",
        "лавочк",
        "контор",
        "подрядчик",
        "охран",
        "стоянк",
        "парковк",
    ),
    *(
        "территори",
        "собственност",
        "владени",
        "предприят",
        "предпринимател",
        "котельн",
        "маршрутк",
        "маршрут",
    ),
    *("автобус", "сад", "садик", "школ", "земл", "участ", "организаци", "ук", "лиц"),
)

_Things = tuple[str, ...]
# An adjective in any of its forms → whose the thing beside it is, and what things it may be.
_WHOSE: Final[Mapping[str, tuple[Owner, _Things]]] = {
    form: (owner, things)
    for stems, owner, things in (
        (("федеральн",), Owner.FEDERAL, (*_ROAD, *_HEALTH, *_OWNED)),
        (("региональн", "областн", "краев", "республиканск"), Owner.REGIONAL, _STATE),
        (("окружн",), Owner.REGIONAL, _HEALTH),  # an "окружная дорога" goes around a town
        (("муниципальн",), Owner.MUNICIPAL, _TOWN),
        (("городск",), Owner.MUNICIPAL, (*_HEALTH, *_CULTURE, "дорог", "парк", "кладбищ", "бан", "пляж")),
        (("поселков", "сельск"), Owner.MUNICIPAL, ("дорог", "кладбищ", "библиотек")),
        (("частн",), Owner.PRIVATE, _FIRM),
    )
    for stem in stems
    for form in _forms(stem, _ADJECTIVE)
}
# A word that says it alone.
_ALONE: Final[Mapping[str, Owner]] = {
    **dict.fromkeys(
        ("фгбу", "фгуп", "фгку", "фкуз", "фгбоу", "фгбуз", "росавтодор", "росавтодора"), Owner.FEDERAL
    ),
    **dict.fromkeys(("упрдор", "упрдора", "упрдору", "упрдором", "росимущество"), Owner.FEDERAL),
    **dict.fromkeys(("гбуз", "гауз", "гкуз", "гбпоу", "гапоу", "гупрс"), Owner.REGIONAL),
    **dict.fromkeys(_forms("облбольниц", ("а", "ы", "е", "у", "ей")), Owner.REGIONAL),
    **dict.fromkeys(
        ("муп", "мупа", "мупу", "мбоу", "маоу", "мкоу", "мбдоу", "мадоу", "мкдоу"), Owner.MUNICIPAL
    ),
    **dict.fromkeys(("мбу", "мау", "мку", "мбук", "маук", "мбуз"), Owner.MUNICIPAL),
    **dict.fromkeys(("ук", "ука", "тсж", "тсн", "жск", "жэк", "жэка", "жэку", "жэком", "жэу"), Owner.PRIVATE),
    **dict.fromkeys(_forms("управляйк", ("а", "и", "е", "у", "ой")), Owner.PRIVATE),
    **dict.fromkeys(_forms("управляшк", ("а", "и", "е", "у", "ой")), Owner.PRIVATE),
    **dict.fromkeys(_forms("застройщик", _FORMS), Owner.PRIVATE),
    **dict.fromkeys(_forms("частник", _FORMS), Owner.PRIVATE),
}
_MANAGING: Final = frozenset(_forms("управляющ", ("ая", "ей", "ую", "ие", "их", "им", "ими")))
_ON_BALANCE: Final[Mapping[str, Owner]] = {
    **dict.fromkeys(("города", "муниципалитета", "администрации", "мэрии", "поселения"), Owner.MUNICIPAL),
    **dict.fromkeys(("сельсовета", "горадминистрации", "района", "округа"), Owner.MUNICIPAL),
    **dict.fromkeys(("области", "края", "республики", "региона", "минтранса"), Owner.REGIONAL),
}
_BALANCE: Final = frozenset(("балансе", "баланс"))
_BELONGS: Final[Mapping[str, Owner]] = {
    **dict.fromkeys(("городу", "муниципалитету", "администрации", "мэрии", "району"), Owner.MUNICIPAL),
    **dict.fromkeys(("области", "краю", "республике", "региону"), Owner.REGIONAL),
    **dict.fromkeys(("ук", "тсж", "частнику", "частным", "частному", "застройщику"), Owner.PRIVATE),
    **dict.fromkeys(("рф", "федерации"), Owner.FEDERAL),
}

# Not one of these: nothing can be found, and the text is not looked at again.
_ROAD_WORDS: Final = frozenset(
    (
        *_forms("трасс", ("а", "ы", "е", "у", "ой", "ам", "ах", "")),
        *_forms("автодорог", ("а", "и", "е", "у", "ой", "ам", "ах", "")),
        *_forms("дорог", ("а", "и", "е", "у", "ой", "ам", "ах", "")),
        *("шоссе", "фад", "автотрасса", "автотрассе", "магистраль", "магистрали"),
    )
)
_TELLING: Final = frozenset(
    (
        *_WHOSE,
        *_ALONE,
        *_ROAD_WORDS,
        *_MANAGING,
        "м",
        "m",
        "балансе",
        "баланс",
        "принадлежит",
        "значения",
        "федералке",
        "ооо",
    )
)
_UNSURE: Final = frozenset(
    (
        *("чей", "чья", "чье", "чьи", "чью", "чьей", "ничья", "ничей", "ничье", "бесхозная", "бесхозный"),
        *("бесхоз", "бесхозные", "бесхозяйная", "бесхозной", "неизвестно", "непонятно"),
    )
)
_BESIDE: Final = frozenset(("рядом", "недалеко", "напротив", "возле", "около", "вдоль", "неподалеку"))
_BY: Final = frozenset(("у", "до", "за", "мимо", "перед", "от", "между"))
_OR: Final = frozenset(("или", "либо"))
_DENIED: Final = frozenset(("не", "ни", "нет", "без", "якобы"))
_IS: Final = frozenset(
    ("является", "относится", "считается", "стоит", "числится", "находится", "наша", "это", "к")
)
_BETWEEN: Final = frozenset(("и", "или", "это", "там", "тут", "здесь", "же", "она", "у", "нас"))
_LAW: Final = frozenset(("рф", "ст", "статья", "статьи", "статье", "кодекс"))
_FAR: Final = 4  # tokens from an adjective to its thing: «областной детской клинической больнице»
# The letter first and what stands before it second: several times as fast as the other way round.
_CODE: Final = re.compile(r"([МMРPАA])(?<![\w-].)(?:[-–—‑]| ?(?=\d))(\d{1,3})(?!\w)")
_REGIONAL_CODE: Final = re.compile(r"\d\d ?[КK][-–—‑]?\d{2,4}(?!\w)")
_LETTERS: Final = frozenset("мmрpаaкk")
_ON: Final = (" на ", " по ", " с ", " вдоль ")
_LONGEST_ON: Final = 7
_FIRM_NAME: Final = re.compile(r"(?<!\w)ООО\s*[«\"„“]")
_LAST_M: Final = 60  # the М roads' numbers end before it, the older ones' too
_OF_TWO_DIGITS: Final = 10


def owner_of(plain_text: str, tokens: Sequence[str]) -> str:
    """The owner as `models.kinds.Owner` has it; "" where the words do not say, or say two things.

    `plain_text` keeps its letter case, `tokens` are its words in small letters with е for ё: classifier/features.py.
    """
    if _TELLING.isdisjoint(tokens):
        return ""
    if not _UNSURE.isdisjoint(tokens):
        return ""
    owners: set[Owner] = set()
    for at, word in enumerate(tokens):
        if word not in _TELLING:
            continue
        owner = _said(tokens, at)
        if owner is None or _is_denied(tokens, at) or _is_landmark(tokens, at):
            continue
        if _is_choice(tokens, at):
            return ""
        owners.add(owner)
    if not _LETTERS.isdisjoint(tokens):
        owners |= _by_numbers(plain_text, tokens)
    if "ООО" in plain_text and _FIRM_NAME.search(plain_text):
        owners.add(Owner.PRIVATE)
    return owners.pop().value if len(owners) == 1 else ""


def _said(tokens: Sequence[str], at: int) -> Owner | None:
    """What the word says with those around it."""
    word = tokens[at]
    whose = _WHOSE.get(word)
    if whose is not None:
        return whose[0] if _has_thing(tokens, at, whose[1]) else None
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    before = tokens[at - 1] if at else ""
    if word == "федералке":  # «по федералке» a medicine is given free
        return Owner.FEDERAL if before == "на" else None
    if word in _ALONE:
        is_law = word == "ук" and (after in _LAW or before in _LAW or before.isdecimal())
        return None if is_law else _ALONE[word]
    if word in _MANAGING:
        return Owner.PRIVATE if after.startswith(("компани", "организаци", "фирм")) else None
    if word in _BALANCE:
        return _ON_BALANCE.get(after)
    if word == "принадлежит":
        return _BELONGS.get(after)
    if word == "значения":
        is_road = any(one.startswith(_ROAD) for one in tokens[max(at - 4, 0) : at])
        return Owner.MUNICIPAL if before == "местного" and is_road else None
    return None


def _has_thing(tokens: Sequence[str], at: int, things: _Things) -> bool:
    """Whether the adjective stands with a thing: before it, with other adjectives between, or just after it."""
    for near in tokens[at + 1 : at + 1 + _FAR]:
        if near.startswith("значени"):  # a road's; there are towns, plants and monuments of it too
            return any(one.startswith(_ROAD) for one in tokens[max(at - 3, 0) : at])
        if near.startswith(things):
            return True
        if near not in _BETWEEN and not near.endswith(_ADJECTIVE):
            break
    before = [one for one in tokens[max(at - 3, 0) : at] if one not in _BETWEEN]
    return bool(before) and before[-1].startswith(things)


def _is_denied(tokens: Sequence[str], at: int) -> bool:
    """«не федеральная», «не является муниципальной», «нет УК»."""
    before = tokens[max(at - 3, 0) : at]
    if before and tokens[at] in _BALANCE:
        before = before[:-1]  # «на»
    while before and before[-1] in _IS:
        before = before[:-1]
    return bool(before) and before[-1] in _DENIED


def _is_landmark(tokens: Sequence[str], at: int) -> bool:
    """«напротив областной больницы», «рядом с муниципальным парком»: it is named to say where."""
    before = tokens[max(at - 2, 0) : at]
    return bool(before) and (before[-1] in _BY or not _BESIDE.isdisjoint(before))


def _is_choice(tokens: Sequence[str], at: int) -> bool:
    """«муниципальная или областная»."""
    return not _OR.isdisjoint(tokens[max(at - 2, 0) : at + 3])


def _by_numbers(plain_text: str, tokens: Sequence[str]) -> set[Owner]:
    """Roads by their numbers: М-7, Р-239, А-108 are federal, 38К-042 is of the region 38.

    Sources: постановление Правительства РФ от 17.11.2010 № 928 (М, Р, А); приказ Минтранса РФ от 07.02.2007 № 16,
    for the numbers of regional roads.
    """
    if not any(left in _LETTERS and right.isdecimal() for left, right in pairwise(tokens)):
        return set()
    roads = not _ROAD_WORDS.isdisjoint(tokens)
    found = {Owner.REGIONAL} if roads and _REGIONAL_CODE.search(plain_text) else set()
    for code in _CODE.finditer(plain_text):
        number, letter = int(code[2]), code[1]
        if letter in "МM":
            before = " " + plain_text[max(code.start() - _LONGEST_ON, 0) : code.start()].lower()
            is_road = number <= _LAST_M and (roads or before.endswith(_ON))
        else:
            is_road = number >= _OF_TWO_DIGITS and roads and not (letter in "АA" and " " in code[0])
        if is_road:
            found.add(Owner.FEDERAL)
    return found
