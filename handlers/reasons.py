"""Ready reasons, one press each. The value stands in the button; the words in handlers/texts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from incidents.labels import NO_ANSWER, SPAM, Lesson


class MoveReason(StrEnum):
    """Why a body passes an incident on, or back to the curators."""

    OTHER_BODY = "body"
    OTHER_TERRITORY = "place"
    OTHER_OWNER = "owner"
    FEDERAL = "federal"


class SkipReason(StrEnum):
    """Why no answer is owed (field.md 1.5)."""

    SPAM = "spam"
    JOKE = "joke"
    ABUSE = "abuse"
    OTHER_REGION = "region"
    ANSWERED = "answered"
    NO_PROBLEM = "nothing"


# What a reason says of the words themselves; nothing where the very same words would be owed an answer elsewhere
# or had been an hour before.
TEACHES: Final[Mapping[SkipReason, Lesson | None]] = {
    SkipReason.SPAM: SPAM,
    SkipReason.JOKE: NO_ANSWER,
    SkipReason.ABUSE: NO_ANSWER,
    SkipReason.OTHER_REGION: None,
    SkipReason.ANSWERED: None,
    SkipReason.NO_PROBLEM: NO_ANSWER,
}


class ReworkReason(StrEnum):
    """What an approver wants changed (field.md 5)."""

    NOT_THE_POINT = "point"
    NO_DATES = "dates"
    NO_PROOF = "proof"
    TONE = "tone"
