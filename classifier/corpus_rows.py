"""The shipped corpus as rows, the same rows with their blanks filled, and longer messages made of them."""

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from incidents.rubricator import rubricator, subtopics, topic_of

FOLDER: Final = Path(__file__).parent / "corpus"
OFFICIAL: Final = "official"
SPAM: Final = "spam"
LEXICON: Final = "lexicon"
RESIDENT: Final = "resident"
VARIANTS: Final = 2

_BLANK: Final = re.compile(r"\{(\w+)\}")
_GREETED: Final = re.compile(r"^(?:Здравствуйте|Добрый день)[^!.]{0,30}[!.]\s*")
_GREETINGS: Final = (
    "Здравствуйте!",
    "Добрый день!",
    "Уважаемая администрация, обращаюсь к вам с просьбой.",
    "Здравствуйте, прошу вас помочь.",
    "Уважаемый губернатор!",
    "Добрый вечер, пишут вам жители нашей улицы, просим принять меры.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message, or a phrase of the lexicon, which teaches a topic and nothing else.

    `subtopic` is a full code, or a topic's own where no subtopic fits. Rows made of one another share a `group`, so
    that they never part in a split. `judged` rows are what the held-out figures are of; the others only teach.
    """

    text: str
    kind: str
    needs_answer: bool
    subtopic: str
    group: int
    judged: bool = True

    @property
    def topic(self) -> str:
        return topic_of(self.subtopic)

    @property
    def voice(self) -> str:
        """Who speaks: a resident, a body, or an advertisement."""
        return self.kind if self.kind in {OFFICIAL, SPAM} else RESIDENT

    @property
    def phrase(self) -> bool:
        return self.kind == LEXICON


def written_rows(folder: Path = FOLDER) -> list[Row]:
    """The rows as written by hand, topic by topic, blanks unfilled."""
    rows: list[Row] = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows.extend(
                Row(
                    text=line["text"],
                    kind=line["kind"],
                    needs_answer=line["answer"] == "yes",
                    subtopic=path.stem if line["subtopic"] == "-" else f"{path.stem}.{line['subtopic']}",
                    group=0,
                )
                for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            )
    return [replace(row, group=number // 2) for number, row in enumerate(rows)]


def filled_rows(folder: Path = FOLDER) -> list[Row]:
    """The messages to learn from: those with blanks in `VARIANTS` fillings, the same every time."""
    slots = tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))
    return [filled for row in written_rows(folder) for filled in _fillings(row, slots)]


def lexicon_rows(folder: Path = FOLDER) -> list[Row]:
    """The telling words and phrases of each topic, and the names of the subtopics."""
    lexicon = tomllib.loads((folder / "lexicon.toml").read_text(encoding="utf-8"))
    phrases = [(phrase.strip(), topic) for topic, phrases in lexicon.items() for phrase in phrases.split(",")]
    names = [
        (f"{subtopic.name_ru} {rubricator()[topic_of(code)].name_ru}", code)
        for code, subtopic in subtopics().items()
    ]
    return [
        Row(text=text, kind=LEXICON, needs_answer=False, subtopic=code, group=-1, judged=False)
        for text, code in phrases + names
    ]


def letters(rows: Sequence[Row]) -> list[Row]:
    """Neighbours joined into longer, politer messages, and each row with or without a greeting.

    Without them "Здравствуйте!" and length would look like marks of an official answer.
    """
    made = [
        replace(left, text=_greet(f"{left.text}. {right.text}", number), judged=False)
        for number, (left, right) in enumerate(pairwise(rows))
        if (left.subtopic, left.kind, left.group) == (right.subtopic, right.kind, right.group)
        and left.needs_answer == right.needs_answer
    ]
    turned = [
        replace(
            row, text=_ungreet(row.text) if row.kind == OFFICIAL else _greet(row.text, number), judged=False
        )
        for number, row in enumerate(rows)
        if row.kind == OFFICIAL or (row.needs_answer and number % 4 == 1)
    ]
    return made + turned


def lesson(folder: Path = FOLDER) -> list[Row]:
    """All there is to learn from."""
    rows = filled_rows(folder)
    return [*rows, *letters(rows), *lexicon_rows(folder)]


def _greet(text: str, number: int) -> str:
    return f"{_GREETINGS[number % len(_GREETINGS)]} {text}"


def _ungreet(text: str) -> str:
    return _GREETED.sub("", text)


def _fillings(row: Row, slots: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    if not _BLANK.search(row.text):
        yield row
        return
    for variant in range(VARIANTS):

        def fill(blank: re.Match[str], turn: int = len(row.text) + 7 * variant) -> str:
            words = slots[blank[1]]
            return words[turn % len(words)]

        yield replace(row, text=_BLANK.sub(fill, row.text))


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over the corpus files, names included, and the rubricator."""
    sha = hashlib.sha256(repr(list(rubricator().values())).encode())
    for path in sorted([*folder.glob("*.tsv"), *folder.glob("*.toml")]):
        sha.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()
