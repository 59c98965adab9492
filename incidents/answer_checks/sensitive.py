"""An illness, a benefit or a debt said of one person: by name, or to the one who is answered («ваш диагноз»)."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.names import Person
from incidents.answer_checks.reading import any_of, sentence_of, sentences

_WORDS_BETWEEN: Final = 3


def sensitive(text: str, named: Sequence[Person]) -> list[Span]:
    """`text`: levelled. `named`: who is named there and speaks for no office."""
    found = [match.span() for match in _to_the_reader().finditer(text) if not _is_general(text, match)]
    if named:
        spans = sentences(text)
        told = {sentence_of(spans, one.start) for one in named}
        told |= {spans[at + 1] for at, span in enumerate(spans[:-1]) if span in told}
        found += [
            match.span()
            for start, end in sorted(told)
            for match in any_of("private_facts").finditer(text, start, end)
        ]
    return sorted(set(found))


@cache
def _to_the_reader() -> re.Pattern[str]:
    facts = any_of("reader_facts").pattern
    return re.compile(
        r"(?<![а-яё])(?:ваш(?:а|у|ей|его|ему|ем|им|и|их)?|у вас|вы)"
        rf"(?:\s[а-яё-]{{1,20}}){{0,{_WORDS_BETWEEN}}}\s(?:{facts})[а-яё]*",
        re.IGNORECASE,
    )


def _is_general(text: str, match: re.Match[str]) -> bool:
    """«Если у вас диабет» says nothing of anybody."""
    return (
        re.search(
            r"если|когда|при наличии|уточнит|узнать",
            text[max(0, match.start() - 25) : match.end()],
            re.IGNORECASE,
        )
        is not None
    )
