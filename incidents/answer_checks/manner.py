"""How an answer reads: laws instead of words, abbreviations, officialese, length, links, the signature."""

import re
from collections.abc import Sequence
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import any_of, folded, lists, sentences, words

SCREEN: Final = 1000
"""Characters that stand on a phone's screen without scrolling much (field.md: "short and informative")."""

_MOST_CITATIONS: Final = 3
_EXPLAINED_BY: Final = 6
_LETTERS: Final = 4
_ABBREVIATION: Final = re.compile(
    r"(?<![А-ЯЁа-яёA-Za-z\d№-])(?<!\d\s)(?:[А-ЯЁ]{2,7}|[А-ЯЁ]{1,3}и[А-ЯЁ]{1,4})(?![А-ЯЁа-яёA-Za-z])"
)
_OFFICIAL_HITS, _OFFICIAL_DENSITY = 3, 0.09
_LINK: Final = re.compile(
    r"https?://[^\s)]{3,300}|(?<![\w@.-])(?:www\.|t\.me/|vk\.(?:com|cc|ru)/|ok\.ru/)[^\s)]{1,200}"
    r"|(?<![\w@.-])[a-zа-я0-9][a-zа-я0-9-]{0,40}(?:\.[a-zа-я0-9-]{1,40}){0,3}\.(?:ru|рф|com|org|su|net)(?![\w@])(?:/[^\s)]{0,200})?",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(r"с уважением", re.IGNORECASE)


def stop_phrases(text: str) -> list[Span]:
    return [match.span() for match in any_of("stop_phrases").finditer(text)]


def citations(text: str) -> list[Span]:
    """Three and more, or one that nothing explains."""
    found = [match.span() for match in any_of("citations").finditer(text)]
    if len(found) >= _MOST_CITATIONS:
        return found
    if not found or any_of("explains").search(text):
        return []
    own = sum(
        len([word for word in words(text, start, end) if len(word.text) >= _LETTERS])
        for start, end in sentences(text)
        if not any(start <= at < end for at, _ in found)
    )
    return found if own < _EXPLAINED_BY else []


def abbreviations(text: str) -> list[Span]:
    """Those that not everybody knows and the text does not spell out."""
    letters = [char for char in text if char.isalpha()]
    if sum(char.isupper() for char in letters) * 2 > len(letters):
        return []  # somebody shouts
    known = set(lists()["known_abbreviations"])
    return [
        match.span()
        for match in _ABBREVIATION.finditer(text)
        if match.group() not in known and not _is_explained(text, match)
    ]


def _is_explained(text: str, match: re.Match[str]) -> bool:
    """«Фонд капитального ремонта (ФКР)», «ФКР, фонд капитального ремонта», and any later use."""
    first = text.find(match.group())
    end = first + len(match.group())
    if text[:first].rstrip().endswith("("):
        return True
    behind = re.match(r"\s?(?:\(|,|-|это)\s{0,3}(?:это\s)?", text[end:])
    if behind is None:
        return False
    follow = [word.text for word in words(text, end + behind.end(), min(len(text), end + 120))]
    return folded(follow[0][:1]) == folded(match.group()[:1]) and follow[0].islower() if follow else False


def official_speak(text: str) -> list[Span]:
    """Where the officialese is too dense; nothing where it is not."""
    found = [match.span() for match in any_of("official_speak").finditer(text)]
    if len(found) < _OFFICIAL_HITS or len(found) < _OFFICIAL_DENSITY * len(words(text)):
        return []
    return found


def links(text: str) -> list[Span]:
    return [match.span() for match in _LINK.finditer(text)]


def signatures(text: str, signature: str) -> list[Span]:
    """Where the body's signature stands; without one, where «С уважением» does."""
    if not signature.strip():
        return [match.span() for match in _CLOSING.finditer(text)]
    pattern = r"\s{1,5}".join(re.escape(part) for part in signature.split())
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def too_long(text: str) -> bool:
    return len(text) > SCREEN


def first_of(spans: Sequence[Span], most: int) -> tuple[Span, ...]:
    return tuple(spans[:most])
