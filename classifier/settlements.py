"""Towns, villages, districts and rural councils of a text: by the gazetteer, and by their type words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from classifier.gazetteer import Form
from classifier.place_contexts import OFFICE_WORD
from classifier.place_forms import (
    forms,
    small,
    titled,
)
from classifier.place_page import Mention, Page
from classifier.place_words import (
    AFTER_ADJECTIVE,
    NEEDS_DOT,
    NOT_DISTRICTS,
    NOT_NAMES,
    TYPES,
    TypeWord,
    word_set,
)
from classifier.quarters import compass_district
from classifier.street_names import describes
from classifier.village_names import (
    INTO,
    clipped,
    is_pair,
    known_town,
    nominative,
    pair_nominative,
    rest_end,
    size_of,
    sounds_like,
)

_KNOWN: Final = 0.9
_TYPED: Final = 0.75
_LIKELY: Final = 0.45
_SMALL: Final = 0.6

_GAP: Final = re.compile(r"[.\s]{0,3}(?P<open>[«“\"'`„]?)\s?")
_SPACE: Final = re.compile(r"\s{1,4}(?P<open>[«“\"'`„]?)\s?")
_BEFORE_TYPE: Final = re.compile(r"(?P<name>[а-я-]{5,30})[»”\"]?\s{1,2}$")
_IN: Final = word_set(
    "в во из до от под около между через у за возле жители жителей жителям житель села деревни и"
)
_NUMBERED: Final = re.compile(r"(?P<number>\d)\s?-?\s?(?P<suffix>[яей])\s{1,2}(?=[а-я]{4})")
_SHORTEST: Final = 3
_HOUSE_AFTER: Final = re.compile(r"\.?\s?№?\s?\d")
_HOUSED: Final = re.compile(r"^[а-я-]{3,25},?\s?\d")


class Settlements:
    """Finds settlements with the forms of a gazetteer.

    `elsewhere`: small-letter names of towns outside the region; they are no business of its bodies.
    """

    def __init__(
        self, by_first: Mapping[str, tuple[Form, ...]], elsewhere: frozenset[str] = frozenset()
    ) -> None:
        self._by_first = by_first
        self._elsewhere = elsewhere

    def known(self, page: Page, word: str, start: int, end: int) -> Mention | None:
        """The gazetteer's name that begins at `start`."""
        for form in self._by_first.get(word, ()):
            till = rest_end(page, end, form.rest)
            if till and _believed(page, form, start, till):
                place = form.place
                confidence = _KNOWN if page.capital(start) or page.shouts else _SMALL
                shown = place.shown or place.name
                return Mention(start, till, place.sort, place.name, shown, "", confidence, place.territory)
        return None

    def typed(self, page: Page, word: str, start: int, end: int) -> Mention | None:
        """The settlement whose type word stands at `start` … `end`."""
        type_word = TYPES[word]
        if type_word.shown in AFTER_ADJECTIVE:
            return compass_district(page, start, end) or _district(page, start, end, type_word)
        gap = (_GAP if type_word.short else _SPACE).match(page.low, end)
        numbered = _NUMBERED.match(page.low, gap.end()) if gap else None
        if gap and numbered:
            return self._numbered(page, numbered, start, type_word)
        if gap is None or not (
            page.shouts or page.text[gap.end() : gap.end() + 1].isupper() or word not in NEEDS_DOT
        ):
            return None
        if word in NEEDS_DOT and not _short_type(page, word, start, end, gap.end()):
            return None
        at = gap.end()
        first = page.words_at(at, 1)
        known = self._among_known(page, first[0], start) if first else None
        if known is None:
            known = clipped(page, at, start) or self._unknown(page, at, start, type_word)
        if known is None:
            return None
        close = bool(gap["open"]) and page.text[known.end : known.end + 1] in "»”\"'`“"
        return _moved(known, start=start, end=known.end + close, shown=_shown(known, type_word))

    def _numbered(self, page: Page, found: re.Match[str], start: int, type_word: TypeWord) -> Mention | None:
        """«1-е Уколово», «1я Моква»."""
        rest = self._unknown(page, found.end(), start, type_word) if page.capital(found.end()) else None
        if rest is None:
            return None
        name = f"{found['number']}-{found['suffix']} {rest.name}"
        return replace(rest, name=name, shown=f"{type_word.shown} {name}")

    def _among_known(self, page: Page, first: tuple[str, int, int], start: int) -> Mention | None:
        for form in self._by_first.get(first[0], ()):
            till = rest_end(page, first[2], form.rest)
            if till and form.place.sort == "settlement":
                place = form.place
                return Mention(
                    start,
                    till,
                    "settlement",
                    place.name,
                    place.shown or place.name,
                    "",
                    _KNOWN,
                    place.territory,
                )
        return None

    def _unknown(self, page: Page, at: int, start: int, type_word: TypeWord) -> Mention | None:
        words = page.words_at(at, 4)
        if not words or words[0][0] in NOT_NAMES or words[0][0] in TYPES or len(words[0][0]) < _SHORTEST:
            return None
        imeni = words[0][0] in {"имени", "им"}
        if not page.capital(at) and not imeni and not (page.shouts and type_word.short):
            return None
        size = size_of(page, words, imeni=imeni)
        said = [word for word, _, _ in words[:size]]
        name = titled(" ".join(["имени", *said[1:]] if imeni else nominative(said, type_word)))
        if (
            type_word.shown == "г."
            and self._elsewhere
            and (small(name) in self._elsewhere or known_town(said[0]))
        ):
            return None
        return Mention(start, words[size - 1][2], "settlement", name, name, "", _TYPED, "")

    def likely(self, page: Page) -> Iterator[Mention]:
        """Names no gazetteer has, that sound like villages: «в Верхнем Гуторове», «из Сергиево»."""
        for start, end in page.capitals:
            word = page.low[start:end]
            sort = sounds_like(word)
            if not sort or page.word_before(start) not in sort or not page.spaced(start):
                continue
            words = page.words_at(start, 2 if sort is INTO else 1)
            if sort is INTO and not is_pair(page, words):
                continue
            till = words[-1][2]
            name = " ".join(pair_nominative([said for said, _, _ in words]))
            if not describes(page, start, till) and name not in self._elsewhere:
                yield Mention(start, till, "settlement", titled(name), titled(name), "", _LIKELY, "")


def _believed(page: Page, form: Form, start: int, end: int) -> bool:
    """Whether the gazetteer's word is meant as a place here."""
    capital = page.capital(start) or page.shouts
    before = page.word_before(start)
    if form.place.guarded:
        governed = before in _IN or (form.place.sort != "settlement" and before in {"на", "по"})
        return capital and governed and page.spaced(start) and not describes(page, start, end)
    if not capital and (form.place.sort != "settlement" or before not in _IN):
        return False
    following = page.low[end : end + 8].lstrip(" -")
    return not following.startswith(("област", "обл.", "край", "кра"))


def office_before(page: Page, start: int) -> bool:
    """Whether the town belongs to the name of a body or firm: «Администрация города Курска»."""
    for word in reversed(page.behind(start).rsplit(None, 3)[-3:]):
        bare = word.strip('«“"`(»”')
        if _is_office(bare):
            return True
        if word[-1] in ".,;:!?)":
            return False
    return False


@lru_cache(maxsize=8_192)
def _is_office(word: str) -> bool:
    return bool(OFFICE_WORD.fullmatch(word))


def _short_type(page: Page, word: str, start: int, end: int, name_start: int) -> bool:
    """«с. Глебово» and «г Курск», but neither «с Иваном» nor «д. 5» nor «2021 г. Прошу»."""
    behind = page.behind(start).rstrip()
    if behind[-1:].isdigit() or behind.endswith("т.") or _HOUSE_AFTER.match(page.low, end):
        return False
    dot = page.low[end : end + 1] == "."
    if page.shouts:
        return dot
    if not page.capital(name_start):
        return False
    if page.text[start].isupper() and word != "г":
        return False  # an initial: «С. Разина»
    if word == "д" and not dot and _HOUSED.search(page.low[name_start : name_start + 30]):
        return False
    if word in {"с", "д", "х"}:
        return dot or (word == "с" and page.word_before(start) in {"в", "во"}) or word == "д"
    return True


def _district(page: Page, start: int, end: int, type_word: TypeWord) -> Mention | None:
    """«Льговского района», «Пашковский с/с»."""
    found = _BEFORE_TYPE.search(page.behind(start))
    if found is None:
        return None
    at = start - len(page.behind(start)) + found.start("name")
    word = found["name"]
    if word in NOT_DISTRICTS or not re.search(r"(?:[сц]к)(?:ий|ого|ому|им|ом|их)$", word):
        return None
    if not page.capital(at) and not page.shouts and type_word.shown != "район":
        return None
    name = titled(re.sub(r"(?:ий|ого|ому|им|ом|их)$", "ий", word))
    return Mention(at, end, "settlement", name, f"{name} {type_word.shown}", "", _TYPED, "")


def _shown(found: Mention, type_word: TypeWord) -> str:
    return found.name if type_word.shown == "г." else f"{type_word.shown} {found.name}"


def _moved(found: Mention, *, start: int, end: int, shown: str) -> Mention:
    return replace(found, start=start, end=end, shown=shown)


def settlements_again(page: Page, found: Iterable[Mention]) -> Iterator[Mention]:
    """Villages typed once and then called by the bare name in any case: «в Полевой»."""
    for typed in found:
        if typed.type != "settlement" or typed.shown.endswith(("район", "сельсовет")):
            continue
        for form in forms(typed.name):
            at = page.low.find(form)
            while at >= 0:
                end = at + len(form)
                if (
                    page.capital(at)
                    and not page.low[end : end + 1].isalpha()
                    and not describes(page, at, end)
                ):
                    yield _moved(typed, start=at, end=end, shown=typed.shown)
                at = page.low.find(form, end)
