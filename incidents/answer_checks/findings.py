"""What the checks are asked and what they say (reference/field.md section 5)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 16_000
"""Characters of an answer that are read: more than any network takes."""


class Severity(StrEnum):
    """A warning is read and may be passed over; a block must be lifted by name and with a reason."""

    WARNING = "warning"
    BLOCK = "block"


class Code(StrEnum):
    """One check; its words are `check.<value>` in handlers/texts."""

    NO_SUBSTANCE = "no_substance"
    NO_DATE = "no_date"
    NO_PROOF = "no_proof"
    BARE_INTERIM = "bare_interim"
    STOP_PHRASE = "stop_phrase"
    CITATIONS = "citations"
    ABBREVIATION = "abbreviation"
    OFFICIAL_SPEAK = "official_speak"
    TEMPLATE_COPY = "template_copy"
    TOO_LONG = "too_long"
    NO_SIGNATURE = "no_signature"
    SIGNED_TWICE = "signed_twice"
    LINKS = "links"
    PHONE = "phone"
    FLAT = "flat"
    MAIL = "mail"
    DOCUMENT = "document"
    BIRTH_DATE = "birth_date"
    FULL_NAME = "full_name"
    SENSITIVE = "sensitive"  # an illness, a benefit or a debt of one known person
    PLATE = "plate"


PERSONAL: Final = (
    Code.PHONE,
    Code.FLAT,
    Code.MAIL,
    Code.DOCUMENT,
    Code.BIRTH_DATE,
    Code.FULL_NAME,
    Code.SENSITIVE,
    Code.PLATE,
)
"""The checks that block."""

Span = tuple[int, int]
"""Where in the text: from, and up to but not with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer about to be sent, and what it is measured by.

    `photos`: how many come with it. `has_control_date`: an interim one whose author has named the day of the final
    one. `signature`: how the body's answers end, or "". `recent`: the body's last answers, the newest first.
    """

    text: str
    photos: int = 0
    is_interim: bool = False
    has_control_date: bool = False
    signature: str = ""
    recent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that has something to say, and where in the text; no spans where it is about the whole."""

    code: Code
    text: str
    spans: tuple[Span, ...] = ()

    @property
    def severity(self) -> Severity:
        return Severity.BLOCK if self.code in PERSONAL else Severity.WARNING

    @property
    def words(self) -> tuple[str, ...]:
        """What triggered it, as it is written, each once."""
        return tuple(dict.fromkeys(" ".join(self.text[start:end].split()) for start, end in self.spans))
