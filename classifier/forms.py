"""The written forms of a word, for networks that know none. The dictionary is opened at the first of them."""

from collections import defaultdict
from functools import cache
from typing import Any, Final

from classifier.features import morphology

_LIKELY: Final = 0.25
"""How sure the dictionary must be of a reading: «дороги» is a noun, hardly the short form of «дорогой»."""

# A verb's dictionary entry holds its participles too, some eighty forms that nobody asked for.
_APART: Final = {"PRTF": "participle", "PRTS": "participle", "GRND": "gerund", "COMP": "comparative"}


class WordForms:
    """`forms("яму")` is ("яму", "яма", "ямы", …): the word first, then the others, the dictionary form before all.

    Small letters, ё as the dictionary spells it. A word the dictionary does not know is bent as the word that
    looks most like it; one of foreign letters or digits has no other forms. Safe from several threads.
    """

    def __call__(self, word: str) -> tuple[str, ...]:
        return _forms(word.casefold())


@cache
def _forms(word: str) -> tuple[str, ...]:
    forms = [word]
    for reading in _meant(word, morphology().parse(word)):
        forms += [one.word for one in reading.lexeme if _is_same_word(one, reading)]
    return tuple(dict.fromkeys(forms))


def _meant(word: str, readings: list[Any]) -> list[Any]:
    """One reading for each word that may be meant: a keyword mostly stands in its dictionary form."""
    words: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for reading in readings:
        words[reading.normal_form, str(reading.tag.POS)].append(reading)
    plain = [same[0] for (normal, _), same in words.items() if _without_yo(normal) == _without_yo(word)]
    likely = [same[0] for same in words.values() if sum(one.score for one in same) >= _LIKELY]
    return plain or likely or readings[:1]


def _kind(reading: Any) -> str:
    return _APART.get(reading.tag.POS or "", "")


def _is_same_word(form: Any, reading: Any) -> bool:
    """Whether the form belongs to what was written: «чинить», «чинят», but not «чинивший»."""
    if _kind(form) != _kind(reading):
        return False
    if not _kind(reading):
        return True
    return (form.tag.voice, form.tag.tense) == (reading.tag.voice, reading.tag.tense)


def _without_yo(word: str) -> str:
    return word.replace("ё", "е")
