"""Text to features: tokens, their dictionary forms, and pieces of words. Works on any text."""

import html
import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

import pymorphy3

READ_AT_MOST: Final = 4_000
"""Characters of a text that are looked at; what a resident wants stands at the beginning."""

_RAW_AT_MOST: Final = 5 * READ_AT_MOST  # markup may take most of it
_LONGEST_WORD: Final = 40
_SHOUT_FROM: Final = 8  # letters; shorter words in capitals are abbreviations
_MARKUP: Final = re.compile(r"<[/!a-zA-Z][^<>]{0,400}>")
_MENTION: Final = re.compile(r"\[(?:id|club|public)\d+(?::[^\]|]{0,60})?\|([^\]\[]{1,100})\]")
_LINK: Final = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_TOKEN: Final = re.compile(r"[а-яa-z]+|[^\W\d_]+|\d+|[!?]+|\)\)+|[\u2600-\u27bf\U0001f300-\U0001faff]")


def plain(text: str) -> str:
    """The text without markup and links, cut to `READ_AT_MOST` characters; letters keep their case."""
    text = html.unescape(_MARKUP.sub(" ", text[:_RAW_AT_MOST]))
    text = _MENTION.sub(r"\1", text)
    return _LINK.sub(" URL ", text)[:READ_AT_MOST]


def tokens(plain_text: str) -> list[str]:
    """Words, numbers, runs of ! and ?, smiles and emoji, in small letters; ё is е."""
    return [token[:_LONGEST_WORD] for token in _TOKEN.findall(plain_text.lower().replace("ё", "е"))]


@cache
def morphology() -> pymorphy3.MorphAnalyzer:
    """The dictionary (15 MiB), opened at the first word."""
    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=65_536)
def lemma(token: str) -> str:
    """The dictionary form of a small-letter token; every number is one word, every run of !! another."""
    first = token[0]
    if first.isdigit():
        return "#"
    if first in "!?)":
        return "?" if "?" in token else token[:2]
    if not "а" <= first <= "я":
        return token
    form: str = morphology().parse(token)[0].normal_form
    return form.replace("ё", "е")


def words(plain_text: str, small: list[str]) -> list[str]:
    """Lemmas, their pairs, and "CAPS" for a text that shouts."""
    lemmas = [lemma(token) for token in small]
    pairs = [f"{left} {right}" for left, right in pairwise(lemmas)]
    return [*lemmas, *pairs, "CAPS"] if _shouts(plain_text) else [*lemmas, *pairs]


def grams(token: str) -> list[str]:
    """Pieces of a word, 3 to 5 characters, with its edges marked: they survive typos."""
    if not token[0].isalpha():
        return []
    edged = f" {token} "
    return [edged[at : at + size] for size in (3, 4, 5) for at in range(len(edged) - size + 1)]


def _shouts(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= _SHOUT_FROM and 2 * sum(char.isupper() for char in letters) > len(letters)
