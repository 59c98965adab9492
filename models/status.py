"""The statuses and steps of an incident: the words. Which step leads where is incidents/lifecycle.py."""

from enum import StrEnum


class Status(StrEnum):
    NEW = "new"  # collected, waits for triage
    REGISTERED = "registered"  # the clock runs, no body yet
    ASSIGNED = "assigned"  # a card stands in the body's chat
    ACCEPTED = "accepted"  # a named person took it
    ON_REVIEW = "on_review"  # an answer waits for the approver
    REWORK = "rework"  # the answer was sent back
    APPROVED = "approved"  # the answer waits for publication
    INTERIM = "interim"  # an interim answer stands; a final one is owed
    ANSWERED = "answered"
    CLOSED = "closed"
    SKIPPED = "skipped"
    MERGED = "merged"
    SOURCE_GONE = "source_gone"  # the post was deleted before an answer


class Step(StrEnum):
    REGISTER = "register"
    SKIP = "skip"
    MERGE = "merge"
    ASSIGN = "assign"
    ACCEPT = "accept"
    RETURN = "return"  # «не наше»
    REASSIGN = "reassign"
    RELEASE = "release"  # silent too long: back to the body
    SUBMIT = "submit"  # an answer, to the approver
    SEND = "send"  # an answer, no approval needed
    APPROVE = "approve"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    PUBLISH_INTERIM = "publish_interim"
    TAKE_BACK = "take_back"  # before it was published, or the network refused it
    CLOSE = "close"
    REOPEN = "reopen"
    LOSE_SOURCE = "lose_source"
    ANSWER_DIRECTLY = "answer_directly"  # an answer written in the network itself, past the bot
    UNDO = "undo"  # a curator takes back what they have just done
    DELEGATE = "delegate"  # the body's coordinator, or an absence, gives it to a named official
    REVISE = "revise"  # other words for an answer that stands already
