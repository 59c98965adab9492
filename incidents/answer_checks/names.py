"""People called by their full name, inflected or mistyped in case; and who of them speaks for an office.

A full name: surname, name and patronymic; surname and initials; name and surname. A name with a patronymic alone is
how people are addressed.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from incidents.answer_checks.reading import Word, after, any_of, before, folded, last, lists, words

_PATRONYMIC: Final = re.compile(
    r"[а-яё]{2,}(?:(?:ов|ев|ёв)ич(?:а|у|ем|ом|е)?|(?:ов|ев|ёв)н(?:а|ы|е|у|ой|ою)|ичн(?:а|ы|е|у|ой|ою))$"
    r"|(?:иль|кузьм|лук|фом|никит|савв|фок)ич(?:а|у|ем|ом|е)?$",
    re.IGNORECASE,
)
_TURKIC: Final = frozenset({"оглы", "оглу", "кызы", "гызы", "улы"})
_SURNAME: Final = re.compile(
    r"[а-яё]{2,}(?:(?:[оеё]в|[иы]н)(?:а|у|ым|е|ой|ою|ы|ых)?|[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую)|(?:ко|дзе|швили)|[иы]х"
    r"|(?:[уюаяи]к|чик|ец|[аяе]н|ян|уль|аль|ер|берг|ун|ей|уй|ой|ий)(?:а|у|ом|ем|е|ю|я)?)$",
    re.IGNORECASE,
)
_INITIALS_AFTER: Final = re.compile(
    r"(?<![А-ЯЁа-яё.])([А-ЯЁ][а-яё]{1,24}(?:-[А-ЯЁ][а-яё]{1,24})?|[А-ЯЁ]{3,24})\s{0,2}"
    r"[А-ЯЁ](?:\.\s?[А-ЯЁ](?:\.|(?![А-ЯЁа-яё]))|\s[А-ЯЁ](?![А-ЯЁа-яё]))"
)
_INITIALS_BEFORE: Final = re.compile(
    r"(?<![А-ЯЁа-яё.])[А-ЯЁ]\.\s?[А-ЯЁ]\.\s{0,2}([А-ЯЁ][а-яё]{2,24}(?:-[А-ЯЁ][а-яё]{1,24})?)"
)
_HOUSE: Final = re.compile(r",?\s{0,2}(?:д\.|дом\s)?\s?\d")
_VERB: Final = re.compile(r"[а-яё]{2,}(?:[аиеуя]л|л[аио]|[аеиуюя]т|тся|лся|лась|лись|ть)$", re.IGNORECASE)
_FROM_TO: Final = frozenset(
    ["к", "ко", "у", "для", "от", "с", "со", "за", "о", "об", "обо", "при", "без", "и", "а", "но", "что"]
)
_SIGNED: Final = re.compile(r"с уважением|исп(?:олнитель|\.)|ответ(?:ил|ственн)", re.IGNORECASE)
_TO_THEM: Final = re.compile(
    r"[\s,.]{1,3}(?:добр|здравств|спасибо|вы\b|ваш|вам\b|благодар|приветств)", re.IGNORECASE
)
_WINDOW: Final = 110
_NEAR: Final = 7


class Person(NamedTuple):
    """Somebody named. `is_full`: by a full name, not as one is addressed."""

    start: int
    end: int
    is_full: bool


def people(text: str, signature: str = "") -> list[Person]:
    """Those who are named and speak for no office. `text`: levelled."""
    found = words(text)
    named = _apart([*_with_patronymic(text, found), *_with_initials(text), *_pairs(text, found)])
    return [one for one in named if not _is_public(text, one, signature)]


def _apart(named: Sequence[Person]) -> list[Person]:
    kept: list[Person] = []
    for one in sorted(named, key=lambda one: (one.start, -one.end)):
        if kept and one.start < kept[-1].end:
            kept[-1] = Person(kept[-1].start, max(kept[-1].end, one.end), kept[-1].is_full or one.is_full)
        else:
            kept.append(one)
    return kept


@cache
def _names() -> re.Pattern[str]:
    stems = sorted((folded(name) for name in lists()["first_names"]), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(stems)})(?:[аяуюыие]|ой|ей|ом|ем|ью|ии|ию|ия|ья|ье|ью|ьи|ий|ь|й)?")


@cache
def is_first_name(word: str) -> bool:
    return _names().fullmatch(folded(word)) is not None


def _joined(text: str, one: Word, two: Word) -> bool:
    gap = text[one.end : two.start]
    return 0 < len(gap) <= 3 and not gap.strip(" \n")  # noqa: PLR2004 - a space, or a slip of the thumb


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _is_surname(word: str, *, beside: str) -> bool:
    """With a capital beside small words anything is; else by its ending."""
    if (
        folded(word) in lists()["no_surnames"]
        or any_of("positions").match(word)
        or any_of("private_person").match(word)
    ):
        return False
    if _PATRONYMIC.match(word):
        return False
    if _is_capital(word) and not word.isupper() and _is_capital(beside):
        return len(word) > 1
    return bool(_SURNAME.match(word)) and not _VERB.match(word)


def _with_patronymic(text: str, found: Sequence[Word]) -> Iterator[Person]:
    for at, word in enumerate(found):
        first = at - 1
        if folded(word.text) in _TURKIC:
            first = at - 2
        elif not _PATRONYMIC.match(word.text):
            continue
        if first < 0 or not _joined(text, found[first], found[first + 1]):
            continue
        name = found[first]
        is_name = is_first_name(name.text)
        if not is_name and not (_is_capital(name.text) and _is_capital(found[first + 1].text)):
            continue
        yield _with_surname(text, found, first, at)


def _with_surname(text: str, found: Sequence[Word], first: int, last_word: int) -> Person:
    name = found[first].text
    if (
        first
        and _joined(text, found[first - 1], found[first])
        and _is_surname(found[first - 1].text, beside=name)
    ):
        return Person(found[first - 1].start, found[last_word].end, is_full=True)
    behind = last_word + 1
    if (
        behind < len(found)
        and _joined(text, found[last_word], found[behind])
        and _is_surname(found[behind].text, beside=name)
    ):
        return Person(found[first].start, found[behind].end, is_full=True)
    return Person(found[first].start, found[last_word].end, is_full=False)


def _with_initials(text: str) -> Iterator[Person]:
    for match in (*_INITIALS_AFTER.finditer(text), *_INITIALS_BEFORE.finditer(text)):
        surname = match[1]
        is_dotted = "." in match.group()
        if folded(surname) in lists()["no_surnames"] or any_of("positions").match(surname):
            continue
        if is_dotted or _SURNAME.match(surname):
            yield Person(*match.span(), is_full=True)


def _pairs(text: str, found: Sequence[Word]) -> Iterator[Person]:
    """«Комаров Илья», «Дмитрию Ковальчуку»: both with a capital."""
    for one, two in pairwise(found):
        if not (_is_capital(one.text) and _is_capital(two.text) and _joined(text, one, two)):
            continue
        for name, surname in ((one, two), (two, one)):
            if is_first_name(name.text) and _is_pair_surname(text, surname):
                yield Person(one.start, two.end, is_full=True)
                break


def _is_pair_surname(text: str, word: Word) -> bool:
    """Inside a sentence a capital is enough; at its beginning the ending must tell."""
    if (
        folded(word.text) in lists()["no_surnames"]
        or is_first_name(word.text)
        or _PATRONYMIC.match(word.text)
    ):
        return False
    if any(any_of(name).match(word.text) for name in ("positions", "called_after", "private_person")):
        return False
    is_inside = bool(before(text, word.start, 40).strip(' («"')) and not word.text.isupper()
    return bool(_SURNAME.match(word.text)) or (is_inside and len(word.text) > 2)  # noqa: PLR2004 - «Ли» has an ending


def _is_public(text: str, one: Person, signature: str) -> bool:
    name = text[one.start : one.end]
    if signature and folded(name) in folded(signature):
        return True
    ahead = before(text, one.start, _WINDOW)
    if last(any_of("private_person"), ahead) > last(any_of("positions"), ahead):
        return False
    return (
        _has_position(ahead)
        or _is_a_place(text, one, ahead)
        or _is_signature(text, one, ahead)
        or _is_greeted(text, one)
        or bool(
            re.match(r"\s?[,(-]\s?", text[one.end :])
            and any_of("positions").match(text[one.end :].lstrip(" ,(-"))
        )
    )


def _has_position(ahead: str) -> bool:
    """Whether the words before lead from an office to the name: no verb, no «к» or «у» between them."""
    for passed, word in enumerate(reversed(words(ahead))):
        if any_of("positions").match(word.text):
            return True
        text = folded(word.text)
        is_verb = _VERB.match(text) and text not in lists()["no_verbs"]
        if is_verb or text in _FROM_TO or passed >= _NEAR:
            return False
    return False


def _is_a_place(text: str, one: Person, ahead: str) -> bool:
    """A street, a school, a play: called after somebody."""
    nearby = words(ahead)[-4:]
    if any(any_of("called_after").match(word.text) for word in nearby):
        return True
    is_two = len(text[one.start : one.end].split()) == 2 and "." not in text[one.start : one.end]  # noqa: PLR2004 - words
    return is_two and _HOUSE.match(text, one.end) is not None


def _is_signature(text: str, one: Person, ahead: str) -> bool:
    """The name under the text, on a line of its own or after «С уважением»."""
    if text[one.end :].strip(" .\n"):
        return False
    line = text[: one.start].rsplit("\n", 1)[-1]
    return bool(_SIGNED.search(ahead) or _SIGNED.search(text[max(0, one.start - 40) : one.start])) or (
        not line.strip() and one.start > 0
    )


def _is_greeted(text: str, one: Person) -> bool:
    """«Мария Иванова, добрый день!»: as the network shows who wrote. A full name with a patronymic is more."""
    name = text[one.start : one.end].split()
    if one.is_full and (len(name) > 2 or "." in text[one.start : one.end]):  # noqa: PLR2004 - words
        return False
    ahead = before(text, one.start, 40).strip(" ,!")
    is_first = not ahead or bool(any_of("greetings").match(ahead) and len(ahead.split()) <= 3)  # noqa: PLR2004 - words
    follows = after(text, one.end, 30)
    if not is_first or not re.match(r"\s?[,!.]", follows):
        return False
    # A surname is told to everybody: only words to this very person make it a greeting.
    return not one.is_full or bool(ahead) or "!" in follows[:2] or bool(_TO_THEM.match(follows))
