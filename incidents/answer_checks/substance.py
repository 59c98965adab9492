"""Whether an answer says anything: what was done, when it will be, or why it cannot; and whether that is shown."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.names import is_first_name
from incidents.answer_checks.reading import any_of, folded, lists, words

_LEFT_OVER: Final = 1
_LETTERS: Final = 3
_OF_A_LAW: Final = re.compile(r"от\s\d{1,2}\.\d{1,2}\.\d{2,4}(?:\s?г\.?)?(?=\s№)|№\s?[\d/.-]+")
_NOT_YET: Final = re.compile(
    r"(?:не|будет|будут|будем|долж[а-яё]{1,4}|чтобы|планиру[а-яё]+|обещал[аи]?|можно|если|после того,? как)"
    r"(?:\s[а-яё]+){0,2}\s$",
    re.IGNORECASE,
)


_FUNCTION: Final = frozenset(
    ("для", "при", "что", "это", "все", "как", "нас", "его", "они", "она", "или", "уже")
)


def leftover(text: str, signature: str = "") -> Iterator[str]:
    """The words that are neither greeting, nor thanks, nor acceptance, nor signature. `text`: levelled."""
    body = re.sub(re.escape(signature), " ", text, flags=re.IGNORECASE) if signature else text
    known = tuple(lists()["bare"])
    return (
        word.text
        for word in words(body)
        if len(word.text) >= _LETTERS
        and not folded(word.text).startswith(known)
        and not (word.text[0].isupper() and is_first_name(word.text))
        and folded(word.text) not in _FUNCTION
    )


def is_empty(text: str, signature: str = "") -> bool:
    more = islice(leftover(text, signature), _LEFT_OVER + 1)
    return len(list(more)) <= _LEFT_OVER and not fixes(text)


def has_term(text: str) -> bool:
    """A date of a law is none."""
    return any_of("terms").search(_OF_A_LAW.sub(" ", text)) is not None


@cache
def _past(stems: str, participles: str) -> re.Pattern[str]:
    active = "|".join(re.escape(stem) for stem in lists()[stems])
    passive = "|".join(stem.replace("ен", "[её]н") for stem in lists()[participles])
    return re.compile(
        rf"(?<![а-яё])(?:(?:{active})(?:л[аио]?|ли|лись|лся|лась|лось)?(?![а-яё])|(?:{passive})[аоы]?(?![а-яё]))",
        re.IGNORECASE,
    )


_ON_PAPER: Final = re.compile(
    r"\s(?:обследован|осмотр|провер|замер|расч|перерасч|опрос|вывод|запрос|собран|конкурс|аукцион|в\s(?:список|план|программ|перечень))",
    re.IGNORECASE,
)


def _facts(text: str, pattern: re.Pattern[str]) -> list[Span]:
    return [
        match.span()
        for match in pattern.finditer(text)
        if not _NOT_YET.search(text[max(0, match.start() - 40) : match.start()])
        and not _ON_PAPER.match(text, match.end())
    ]


def fixes(text: str) -> list[Span]:
    """«устранено», «отремонтировали»: what wants a photo."""
    return _facts(text, _past("fixed", "fixed_short"))


def is_shown(text: str) -> bool:
    """A photo or an act is spoken of in the words themselves."""
    return any_of("proof").search(text) is not None


def says_when_or_why(text: str) -> bool:
    """A term, a fact that is done, an impossibility with its reason, or how to get what is asked for."""
    return (
        has_term(text)
        or bool(fixes(text))
        or bool(_facts(text, _past("done", "done_short")))
        or (any_of("impossible").search(text) is not None and any_of("because").search(text) is not None)
        or any_of("how_to").search(text) is not None
    )


def says_next(text: str) -> bool:
    return any_of("next_step").search(text) is not None
