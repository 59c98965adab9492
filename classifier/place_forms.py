"""Case forms of Russian place names, by ending: a village is rarely in a dictionary, its ending always tells.

The rules follow the school grammar; they make a form too many rather than one too few (nobody writes «Обояня»).
"""

import re
from functools import lru_cache
from itertools import product
from typing import Final

from classifier import features
from classifier.place_words import word_set

_ADJECTIVE: Final = re.compile(r"(?:ый|ий|ой|ая|яя|ое|ее|ые|ие)$")
_VOWELS: Final = "аеиоуыэюя"
_HARD: Final = {"ый": "ый ого ому ым ом", "ой": "ой ого ому ым ом"}
_ENDINGS: Final = {
    **_HARD,
    "ая": "ая ой ую ою",
    "яя": "яя ей юю ею",
    "ое": "ое ого ому ым ом",
    "ее": "ее его ему им ем",
    "ые": "ые ых ым ыми",
    "ие": "ие их им ими",
}
_SOFT_STEM: Final = "жшщчц"
_FROZEN_BEFORE: Final = re.compile(r"^(?:имени|им)\b")
_SHORT: Final = 4  # letters
_PAIR: Final = 2
_MANY_WORDS: Final = 4

FEMALE_SURNAMES: Final = word_set(
    "крупской космодемьянской терешковой ковалевской перовской ульяновой чайкиной гризодубовой расковой ахматовой "
    "цветаевой пахмутовой дуровой савицкой лопухиной островской рудневой щепкиной меркурьевой"
)


def small(text: str) -> str:
    """Small letters, е for ё, of the same length: offsets in the text stay good."""
    low = text.lower()
    if len(low) != len(text):  # «İ» has two small characters
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return low.replace("ё", "е")


def is_adjective(word: str) -> bool:
    """Whether a small-letter nominative is declined as an adjective: «Горшечное», «Первоавгустовский»."""
    return len(word) > _SHORT and bool(_ADJECTIVE.search(word))


@lru_cache(maxsize=4_096)
def forms(name: str) -> tuple[str, ...]:
    """All case forms of a name in small letters, its nominative first; words are parted by one space."""
    words = small(name).split()
    if not words or len(words) > _MANY_WORDS or _FROZEN_BEFORE.match(words[0]):
        return (" ".join(words),) if words else ()
    if len(words) == 1:
        return _word_forms(words[0])
    columns = [_word_forms(word) if _bends(word, at) else (word,) for at, word in enumerate(words)]
    return (
        tuple(dict.fromkeys(" ".join(row) for row in product(*columns)))
        if len(columns) == _PAIR
        else _in_step(columns)
    )


def _bends(word: str, at: int) -> bool:
    return at == 0 or is_adjective(word) or not word.endswith(("ого", "ых", "их"))


def _in_step(columns: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Adjectives go from case to case together, the last word by itself."""
    *before, last = columns
    longest = max(map(len, before))
    starts = [" ".join(column[min(at, len(column) - 1)] for column in before) for at in range(longest)]
    return tuple(f"{start} {end}" for start in starts for end in last)


@lru_cache(maxsize=4_096)
def _word_forms(word: str) -> tuple[str, ...]:
    if "-" in word:
        return _hyphened(word)
    if not word[-1:].isalpha() or len(word) < _SHORT - 1:
        return (word,)
    if is_adjective(word):
        return _adjective_forms(word)
    return tuple(dict.fromkeys((word, *_noun_forms(word))))


def _hyphened(word: str) -> tuple[str, ...]:
    """«Ростов-на-Дону» bends its head, «Попово-Лежачи» its tail."""
    head, rest = word.split("-", 1)
    if rest.startswith(("на-", "над-", "под-", "в-")):
        return tuple(f"{form}-{rest}" for form in _word_forms(head))
    front, tail = word.rsplit("-", 1)
    return tuple(f"{front}-{form}" for form in _word_forms(tail))


def _adjective_forms(word: str) -> tuple[str, ...]:
    stem, ending = word[:-2], word[-2:]
    endings = _ENDINGS.get(ending) or ""
    if ending == "ий":
        endings = "ий его ему им ем" if stem[-1] in "нжшщч" else "ий ого ому им ом"
    if ending in {"ое", "ой"} and stem[-1] in "кгхжшщч":
        endings = f"{ending} ого ому им ом"
    if ending == "ая" and stem[-1] in _SOFT_STEM:
        endings = "ая ей ую ею ой"
    return tuple(stem + each for each in endings.split())


def _noun_forms(word: str) -> list[str]:
    last, stem = word[-1], word[:-1]
    if last in "аяоыиеь":
        return [stem + ending for ending in _noun_endings(last, stem).split()] + _plural_genitive(last, stem)
    if last == "й":
        return [stem + ending for ending in ("я", "ю", "ем", "е", "и")]
    if last in _VOWELS:
        return []
    instrumental = ("ом", "ым") if word.endswith(("ов", "ев", "ин", "ын")) else ("ом", "ем")
    return [_without_vowel(word) + ending for ending in ("а", "у", *instrumental, "е")]


def _noun_endings(last: str, stem: str) -> str:
    if last == "а":
        return "и е у ой ей" if stem[-1] in "кгхжшщч" else "ы е у ой ей"
    if last == "я":
        return "и е ю ей ею" if not stem.endswith("и") else "и ю ей"
    if last == "е":
        return "я ю ем" if stem[-1] not in "цщ" else "а у ем"
    if last == "ь":
        return "и ью я ю ем е"
    return {"о": "а у ом е", "ы": "ам ами ах", "и": "ам ами ах ям ями ях"}[last]


def _plural_genitive(last: str, stem: str) -> list[str]:
    if last not in "ыи":
        return []
    found = [stem, f"{stem}ов", f"{stem}ей"]
    if len(stem) > _PAIR and stem[-1] == "к" and stem[-2] not in _VOWELS:
        found.append(f"{stem[:-1]}ок" if stem[-2] not in "жшчь" else f"{stem[:-1]}ек")  # Химки, Валуйки
    if len(stem) > _PAIR and stem[-1] == "н" and stem[-2] not in _VOWELS:
        found.append(f"{stem[:-1]}ен")  # Ливны
    return found


def _without_vowel(word: str) -> str:
    """«Елец» → «Ельц», «Городок» → «Городк», «Курск» as it is."""
    if word.endswith("ец") and len(word) > _SHORT - 1 and word[-3] not in _VOWELS:
        return f"{word[:-2]}{'ь' if word[-3] == 'л' else ''}ц"
    if word.endswith("ок") and len(word) > _SHORT + 1 and word[-3] not in _VOWELS:
        return f"{word[:-2]}к"
    return word


@lru_cache(maxsize=4_096)
def adjective_nominative(word: str, gender: str, *, person: bool = True) -> str:
    """A small-letter adjective in the nominative of "femn", "masc" or "neut"; what is no adjective comes back.

    A person's name stays in the genitive if `person`: «проспект Чайковского», but «Даньшинского переулка».
    """
    if word in FEMALE_SURNAMES or len(word) < _SHORT:
        return word
    if gender == "femn":
        return _feminine(word)
    stem = re.sub(r"(?:ого|его|ому|ему|ым|им|ом|ем)$", "", word)
    if stem == word or (person and word.endswith(("ого", "его")) and _surname(word)):
        return word
    if word.endswith(("ом", "ем", "им", "ым")) and not _looks_adjective(stem):
        return word
    if gender == "neut":
        return stem + ("ее" if word.endswith(("его", "ему", "ем", "им")) and stem[-1:] in "нщчшж" else "ое")
    return _masculine(stem, soft=word.endswith(("его", "ему", "ем")))


def _feminine(word: str) -> str:
    if word.endswith("ую"):
        return f"{word[:-2]}ая"
    if word.endswith("юю"):
        return f"{word[:-2]}яя"
    if word.endswith("ой"):
        return f"{word[:-2]}ая"
    if word.endswith("ей") and word[-3] in "нжшщч":
        return f"{word[:-2]}{'яя' if word[-3] == 'н' else 'ая'}"
    return word


def _masculine(stem: str, *, soft: bool) -> str:
    if soft:
        return f"{stem}ий"
    for form in (f"{stem}ый", f"{stem}ой", f"{stem}ий"):
        if any("masc,sing,nomn" in tag for tag in tags(form)) and known(form):
            return form
    return stem + ("ий" if stem[-1:] in "кгхжшщч" else "ый")


@lru_cache(maxsize=4_096)
def _surname(word: str) -> bool:
    return any("Surn" in parse.tag for parse in features.morphology().parse(word)[:4])


def _looks_adjective(stem: str) -> bool:
    return len(stem) >= _SHORT - 1 and (
        stem[-1:] in "нчщж"
        or stem.endswith(("ск", "цк", "ов", "ев"))
        or _masculine(stem, soft=False) != f"{stem}ый"
    )


@lru_cache(maxsize=8_192)
def tags(word: str) -> tuple[str, ...]:
    """What the dictionary holds possible of a small-letter word: its grammemes as text, likelier first."""
    return tuple(str(parse.tag) for parse in features.morphology().parse(word[:40])[:5])


def known(word: str) -> bool:
    return bool(features.morphology().word_is_known(word))


def settlement_nominative(word: str, gender: str, *, short: bool) -> str:
    """The nominative of a settlement's small-letter name after its type word.

    Args:
        word: one word of the name.
        gender: of the type word.
        short: the type word is an abbreviation; the name after one mostly stands in the nominative already.
    """
    if _ADJECTIVE.search(word) and not word.endswith("ой"):
        return word
    bent = _bent_adjective(word, gender)
    if bent:
        return bent
    return word if short and not word.endswith(("ке", "ку", "ска", "ске")) else _noun_nominative(word)


def _bent_adjective(word: str, gender: str) -> str:
    if word.endswith("ой") and gender == "femn" and word[:-2].endswith(("ск", "в", "н", "л")):
        return f"{word[:-2]}ая"
    found = re.fullmatch(r"(.{3,}(?:ск|цк|н|ов|ев))(?:ого|ому|ом|им|ым)", word)
    if not found or (word.endswith("ом") and not word.endswith(("ском", "цком", "ном", "овом", "евом"))):
        return ""
    return adjective_nominative(word, "neut" if gender == "neut" else "masc")


def _noun_nominative(word: str) -> str:
    for ending, instead in (
        ("ске", "ск"),
        ("ска", "ск"),
        ("ску", "ск"),
        ("ском", "ск"),
        ("цке", "цк"),
        ("цка", "цк"),
    ):
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    if word.endswith(("вке", "вки", "вку", "нке", "нки", "нку", "йке", "йку")):
        return f"{word[:-1]}а"
    if word.endswith(("вкой", "нкой")):
        return f"{word[:-2]}а"
    if word.endswith(("ове", "еве", "ине", "ыне", "ову", "еву")):
        return f"{word[:-1]}о"
    return word


def titled(name: str) -> str:
    """«старый бузец» → «Старый Бузец», «50 лет октября» → «50 лет Октября», «ростов-на-дону» → «Ростов-на-Дону»."""
    return " ".join(_titled(word) for word in name.split())


_STAY_SMALL: Final = frozenset(
    {"лет", "летия", "имени", "на", "над", "под", "в", "и", "года", "дивизии", "армии", "я", "й", "е"}
)


def _titled(word: str) -> str:
    if "-" in word and word[:1].isalpha():
        return "-".join(_titled(part) for part in word.split("-"))
    return word if word in _STAY_SMALL or word[:1].isdigit() else word[:1].upper() + word[1:]
