"""Refusals: what a person is told when a step cannot be done. Never a crash, never logged as one."""

from datetime import datetime
from typing import ClassVar

from models.status import Status, Step


class IncidentError(Exception):
    """A refusal the person is told about.

    `text_key` names the words in handlers/texts; the public attributes fill their blanks.
    """

    text_key: ClassVar[str]


class NoSuchIncident(IncidentError):
    text_key = "refused.no_such_incident"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no incident {number}")
        self.number = number


class NoSuchBody(IncidentError):
    text_key = "refused.no_such_body"

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no body {code!r}")
        self.code = code


class StepNotAllowed(IncidentError):
    """The incident has moved on: e.g. accepting one already answered."""

    text_key = "refused.step"

    def __init__(self, *, step: Step, status: Status) -> None:
        super().__init__(f"cannot {step} an incident that is {status}")
        self.step = step
        self.status = status


class AlreadyTaken(IncidentError):
    """Somebody was faster; says who and when."""

    text_key = "refused.taken"

    def __init__(self, *, name: str, at: datetime, status: Status) -> None:
        super().__init__(f"taken by {name} at {at.isoformat()}")
        self.name = name
        self.at = at
        self.status = status


class AlreadyYours(IncidentError):
    """The same person pressed twice."""

    text_key = "refused.yours_already"

    def __init__(self, *, at: datetime, status: Status) -> None:
        super().__init__("taken by the same person before")
        self.at = at
        self.status = status


class NotYours(IncidentError):
    """It is another body's; says whose."""

    text_key = "refused.not_yours"

    def __init__(self, *, holder: str) -> None:
        super().__init__(f"it is with {holder or 'nobody'}")
        self.holder = holder


class CuratorsOnly(IncidentError):
    text_key = "refused.curators_only"


class BodyUnreachable(IncidentError):
    """The body has no live chat: nothing assigned to it would be seen."""

    text_key = "refused.body_unreachable"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"{name} has no live chat")
        self.name = name


class SameBody(IncidentError):
    text_key = "refused.same_body"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"it is already with {name}")
        self.name = name


class GivenMeanwhile(IncidentError):
    """A curator chose from what they saw, and another was faster."""

    text_key = "refused.given_meanwhile"

    def __init__(self, *, name: str) -> None:
        super().__init__(f"meanwhile it was given to {name}")
        self.name = name


class SameIncident(IncidentError):
    """An incident cannot be merged into itself."""

    text_key = "refused.same_incident"

    def __init__(self, *, number: int) -> None:
        super().__init__(f"{number} twice")
        self.number = number


class ReasonMissing(IncidentError):
    text_key = "refused.reason_missing"


class InvitationRefused(IncidentError):
    """Used, expired, revoked or never issued: one answer for all, so that guessing learns nothing."""

    text_key = "refused.invitation"


class EmptyAnswer(IncidentError):
    text_key = "refused.empty_answer"


class AnswerTooLong(IncidentError):
    text_key = "refused.answer_too_long"

    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(f"{length} characters, {limit} allowed")
        self.length = length
        self.limit = limit


class DraftGone(IncidentError):
    """The draft was sent, replaced or discarded before."""

    text_key = "refused.draft_gone"


class PromptClosed(IncidentError):
    """The question was answered or withdrawn before."""

    text_key = "refused.prompt_closed"


class BadLink(IncidentError):
    text_key = "refused.bad_link"
