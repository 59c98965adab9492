"""Ready reasons, one press each. The value stands in the button; the words in handlers/texts."""

from enum import StrEnum


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


class ReworkReason(StrEnum):
    """What an approver wants changed (field.md 5)."""

    NOT_THE_POINT = "point"
    NO_DATES = "dates"
    NO_PROOF = "proof"
    TONE = "tone"
