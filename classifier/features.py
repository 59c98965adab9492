"""Text to features: tokens, their dictionary forms, and pieces of words. Works on any text."""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import pymorphy3

READ_AT_MOST: Final = 4_000
"""Characters of a text that are looked at; what a resident wants stands at the beginning."""

LENGTHS: Final = tuple(f"⟨{bits}⟩" for bits in range(16))
"""Tokens that say how long a text is: its tokens, counted in bits."""

SHOUT: Final = "⇧"
"""The token of a text most letters of which are capitals."""

SHOUT_FROM: Final = 8
"""Letters; a shorter text in capitals is an abbreviation, no shout."""

_RAW_AT_MOST: Final = 5 * READ_AT_MOST  # markup may take most of it
_LONGEST_WORD: Final = 40
_LETTERS: Final = "".join(map(chr, [*range(0x410, 0x450), *range(65, 91), *range(97, 123)])) + "Ёё"
_CAPITALS: Final = "".join(char for char in _LETTERS if char.isupper()).encode("cp1251")
_NO_LETTERS: Final = bytes(set(range(256)) - set(_LETTERS.encode("cp1251")))
_MARKUP: Final = re.compile(r"<[/!a-zA-Z][^<>]{0,400}>")
_MENTION: Final = re.compile(r"\[(?:id|club|public)\d+(?::[^\]|]{0,60})?\|([^\]\[]{1,100})\]")
_MARKS_OVER: Final = re.compile(r"[\u0300-\u036f]+")
_LINK: Final = re.compile(r"https?://\S{1,2000}|www\.\S{1,2000}")
_TOKEN: Final = re.compile(r"[а-яa-z]+|[^\W\d_]+|\d+|[!?]+|\)\)+|[\u2600-\u27bf\U0001f300-\U0001faff]")


def plain(text: str) -> str:
    """The text without markup and links, cut to `READ_AT_MOST` characters; letters keep their case."""
    text = text[:_RAW_AT_MOST]
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if "[" in text:
        text = _MENTION.sub(r"\1", text)
    if "http" in text or "www." in text:
        text = _LINK.sub(" URL ", text)
    return text[:READ_AT_MOST]


def plain_all(texts: Sequence[str]) -> list[str]:
    """`plain` of each. Most texts have no markup, and one look at all of them together tells."""
    if max(map(len, texts), default=0) > READ_AT_MOST:
        return list(map(plain, texts))
    together = "\n".join(texts)
    marks = [mark for mark in ("<", "&", "[", "http", "www.") if mark in together]
    if not marks:
        return list(texts)
    return [plain(text) if any(map(text.__contains__, marks)) else text for text in texts]


def tokens(plain_text: str) -> list[str]:
    """Words, numbers, runs of ! and ?, smiles and emoji, in small letters; ё is е, marks over letters are gone."""
    found = _TOKEN.findall(_bare(plain_text).lower().replace("ё", "е"))
    if len(plain_text) > _LONGEST_WORD:
        return [token[:_LONGEST_WORD] for token in found]
    return found


def _bare(text: str) -> str:
    """«й» of two characters as one, no soft hyphens, no z̸a̷l̶g̵o̸."""
    text = text.replace("\xad", "")
    if _MARKS_OVER.search(text):
        text = _MARKS_OVER.sub("", unicodedata.normalize("NFC", text))
    return text


def tokens_of(text: str) -> list[str]:
    """What a model reads of any text: its tokens, how long it is, and whether it shouts."""
    plain_text = plain(text)
    found = tokens(plain_text)
    found.append(LENGTHS[len(found).bit_length()])
    letters, capitals = letters_of(plain_text)
    if letters >= SHOUT_FROM and 2 * capitals > letters:
        found.append(SHOUT)
    return found


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


def grams(token: str) -> list[str]:
    """Pieces of a word, 3 to 5 characters, with its edges marked: they survive typos."""
    if not token[0].isalpha():
        return []
    edged = f" {token} "
    return [edged[at : at + size] for size in (3, 4, 5) for at in range(len(edged) - size + 1)]


def letters_of(text: str) -> tuple[int, int]:
    """How many Russian and Latin letters there are, and how many are capitals.

    One byte a letter, counted without a loop: this runs for every text.
    """
    letters = text.encode("cp1251", "ignore").translate(None, _NO_LETTERS)
    return len(letters), len(letters) - len(letters.translate(None, _CAPITALS))
