"""Refusals: what a person is told when a step cannot be done. Never a crash, never logged as one."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from incidents.permissions import Permission
from models.person import Role
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


class NotAllowed(IncidentError):
    """None of the person's roles has the right; says whose have."""

    text_key = "refused.not_allowed"

    def __init__(self, *, permission: Permission, who: Sequence[Role]) -> None:
        super().__init__(f"{permission} is for {', '.join(who) or 'nobody'}")
        self.permission = permission
        self.who = who


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

    def __init__(self, *, length: int, limit: int, network: str) -> None:
        super().__init__(f"{network}: {length} characters, {limit} allowed")
        self.length = length
        self.limit = limit
        self.network = network


class TextRefused(IncidentError):
    """The network would refuse these words. `objection` names the words below `refused_text.`."""

    text_key = "refused_text.other"

    def __init__(self, *, objection: str, network: str) -> None:
        super().__init__(f"{network} refuses it: {objection}")
        self.objection = objection
        self.network = network


class DraftGone(IncidentError):
    """The draft was sent, replaced or discarded before."""

    text_key = "refused.draft_gone"


class PromptClosed(IncidentError):
    """The question was answered or withdrawn before."""

    text_key = "refused.prompt_closed"


class BadLink(IncidentError):
    text_key = "refused.bad_link"


class LinkElsewhere(IncidentError):
    """A link to another site than the resident's words."""

    text_key = "refused.link_elsewhere"

    def __init__(self, *, network: str, url: str) -> None:
        super().__init__(f"the answer belongs to {network}")
        self.network = network
        self.url = url


class LinkToAnother(IncidentError):
    """The right network, but another post."""

    text_key = "refused.link_to_another"

    def __init__(self, *, url: str) -> None:
        super().__init__("the link leads to another post")
        self.url = url


class LinkToQuestion(IncidentError):
    """A link to what the resident wrote, not to the answer."""

    text_key = "refused.link_to_question"


class KeywordFault(StrEnum):
    EMPTY = "empty"
    ONLY_MINUS = "only_minus"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    QUOTE = "quote"  # opened and not closed
    OTHERWISE = "otherwise"  # a comma, | or OR: one of several is several keywords
    HASHTAG = "hashtag"  # a # with no name
    CONTRADICTION = "contradiction"  # wanted and excluded
    LINES = "lines"  # too many at once


class BadKeyword(IncidentError):
    """It cannot be understood, or would find nothing, or everything."""

    text_key = "refused.bad_keyword"

    def __init__(self, fault: KeywordFault, text: str = "") -> None:
        super().__init__(f"the keyword is {fault}: {text[:60]!r}")
        self.fault = fault
        self.text = text[:60]


class NoSuchKeyword(IncidentError):
    text_key = "refused.no_such_keyword"


class NoSuchTopic(IncidentError):
    text_key = "refused.no_such_topic"


class HeldAlready(IncidentError):
    """The topic waits for curators already: somebody was faster, or the program itself."""

    text_key = "refused.held_already"


class ReleasedAlready(IncidentError):
    """Somebody has given the topic back to the program before; says who and when."""

    text_key = "refused.released_already"

    def __init__(self, *, name: str, at: datetime) -> None:
        super().__init__(f"released by {name} at {at.isoformat()}")
        self.name = name
        self.at = at


class AlreadySo(IncidentError):
    """The same correction twice."""

    text_key = "refused.already_so"


class CorrectedMeanwhile(IncidentError):
    """A curator chose from what they saw, and another has set it right otherwise."""

    text_key = "refused.corrected_meanwhile"

    def __init__(self, *, number: int) -> None:
        super().__init__(f"meanwhile {number} was corrected")
        self.number = number


class MergedAway(IncidentError):
    """Its posts are another incident's now."""

    text_key = "refused.merged_away"

    def __init__(self, *, number: int, into: int) -> None:
        super().__init__(f"{number} was merged into {into}")
        self.number = number
        self.into = into


class TopicGone(IncidentError):
    """An old button, or a forged one: the rubricator has no such topic or subtopic."""

    text_key = "refused.topic_gone"


class ProposalGone(IncidentError):
    """The proposed rule was made before, or nobody proposed it; says who made it, where anybody did."""

    text_key = "refused.proposal_gone"

    def __init__(self, *, name: str = "—") -> None:
        super().__init__(f"taken by {name}")
        self.name = name


class AnotherModel(IncidentError):
    """Another model speaks than the button was drawn for: somebody was faster, or the night brought a new one."""

    text_key = "refused.another_model"
