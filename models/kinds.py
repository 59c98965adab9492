"""Words the tables and the rules share: every member's value is what stands in the database."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is, as its author means it."""

    NEGATIVE = "negative"  # негатив: indignation without a request
    COMPLAINT = "complaint"  # жалоба: something is wrong, mend it
    QUESTION = "question"  # вопрос
    REVIEW = "review"  # отзыв: an opinion, a suggestion
    GRATITUDE = "gratitude"  # благодарность


class ReplyCapability(StrEnum):
    """Whether the network lets us answer under the very post."""

    API = "api"  # the program publishes
    MANUAL = "manual"  # a person publishes by hand and brings the link
    IMPOSSIBLE = "impossible"  # comments are closed


class Priority(StrEnum):
    """How urgent a topic is (field.md 2.1: А, В, О)."""

    ACCIDENT = "accident"  # А: accident, danger to life
    RAISED = "raised"  # В
    ORDINARY = "ordinary"  # О


class Owner(StrEnum):
    """Whose a road, a building or a network is: it decides whose business its faults are."""

    FEDERAL = "federal"
    REGIONAL = "regional"
    MUNICIPAL = "municipal"
    PRIVATE = "private"  # a managing company, a firm, the owners of a house
