"""Who may do what: one table, read at every press (reference: the field's role × permission matrix).

A button grants nothing and a menu hides nothing: whoever presses is looked up here. `Reach.OWN` means with
what is with one's own body; a person who is several people has the sum of their rights.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from models import Role


class Reach(StrEnum):
    """How far a right goes."""

    ALL = "all"
    OWN = "own"  # one's own body's


class Permission(StrEnum):
    """One thing to do or to see; its words are `permission.<value>` in handlers/texts."""

    SEE_QUEUE = "see_queue"
    TRIAGE = "triage"  # claim, register, assign, skip, merge, undo
    CORRECT = "correct"  # kind, topic, place, territory
    REASSIGN = "reassign"  # from any body to any
    REOPEN = "reopen"
    SEE_INCIDENT = "see_incident"
    SEE_AUTHOR = "see_author"
    ACCEPT = "accept"
    RETURN = "return"  # «не наше», with a reason
    HAND_OVER = "hand_over"  # to the body whose business it is
    DELEGATE = "delegate"  # to a named colleague of the body
    ANSWER = "answer"  # write, send, mark as interim
    PUBLISH_BY_HAND = "publish_by_hand"
    REVISE = "revise"  # other words for a published answer
    APPROVE = "approve"
    OVERRIDE = "override"  # let personal data through, with a reason
    TEMPLATES = "templates"
    INVITE_STAFF = "invite_staff"  # officials and coordinators of a body
    INVITE_ANYBODY = "invite_anybody"  # curators, observers, approvers, heads
    ABSENCE = "absence"  # one's own
    ABSENCE_OF_OTHERS = "absence_of_others"
    DUTY = "duty"  # bind the duty chat
    SEE_BODIES = "see_bodies"
    SEE_COMMUNITIES = "see_communities"
    COMMUNITIES = "communities"
    SEE_KEYWORDS = "see_keywords"
    KEYWORDS = "keywords"
    RULES = "rules"  # whose business what is
    ROUTING = "routing"  # what the program assigns by itself
    MODEL = "model"  # what the classifier has learned
    EXPLAIN = "explain"
    DEADLINE = "deadline"  # the arithmetic of a deadline


_ALL, _OWN = Reach.ALL, Reach.OWN
_CURATOR = {Role.CURATOR: _ALL}
_ANSWERING = {Role.OFFICIAL: _OWN, Role.COORDINATOR: _OWN}
_OF_BODY = {**_ANSWERING, Role.APPROVER: _OWN, Role.HEAD: _OWN}

MATRIX: Final[Mapping[Permission, Mapping[Role, Reach]]] = MappingProxyType(
    {
        Permission.SEE_QUEUE: _CURATOR,
        Permission.TRIAGE: _CURATOR,
        Permission.CORRECT: _CURATOR,
        Permission.REASSIGN: _CURATOR,
        Permission.REOPEN: _CURATOR,
        Permission.SEE_INCIDENT: {**_CURATOR, **_OF_BODY},
        Permission.SEE_AUTHOR: {**_CURATOR, **_OF_BODY},
        Permission.ACCEPT: _ANSWERING,
        Permission.RETURN: _ANSWERING,
        Permission.HAND_OVER: {**_CURATOR, **_ANSWERING},
        Permission.DELEGATE: {Role.COORDINATOR: _OWN},
        Permission.ANSWER: _ANSWERING,
        Permission.PUBLISH_BY_HAND: {**_CURATOR, **_ANSWERING},
        Permission.REVISE: _ANSWERING,
        # A curator stands in where a body has no approver who can be reached: incidents/reviewing.py.
        Permission.APPROVE: {**_CURATOR, Role.APPROVER: _OWN},
        Permission.OVERRIDE: {**_CURATOR, Role.COORDINATOR: _OWN, Role.APPROVER: _OWN},
        Permission.TEMPLATES: {**_CURATOR, Role.COORDINATOR: _OWN},
        Permission.INVITE_STAFF: {**_CURATOR, Role.COORDINATOR: _OWN},
        Permission.INVITE_ANYBODY: _CURATOR,
        Permission.ABSENCE: {**_CURATOR, **_OF_BODY},
        Permission.ABSENCE_OF_OTHERS: {**_CURATOR, Role.COORDINATOR: _OWN},
        Permission.DUTY: _CURATOR,
        Permission.SEE_BODIES: _CURATOR,
        Permission.SEE_COMMUNITIES: {**_CURATOR, **_ANSWERING, Role.APPROVER: _OWN},
        Permission.COMMUNITIES: _CURATOR,
        Permission.SEE_KEYWORDS: {**_CURATOR, **_ANSWERING, Role.APPROVER: _OWN},
        Permission.KEYWORDS: _CURATOR,
        Permission.RULES: _CURATOR,
        Permission.ROUTING: _CURATOR,
        Permission.MODEL: {**_CURATOR, Role.OPERATOR: _ALL},
        Permission.EXPLAIN: {**_CURATOR, **_OF_BODY},
        Permission.DEADLINE: {**_CURATOR, **_OF_BODY},
    }
)


def who_may(permission: Permission) -> tuple[Role, ...]:
    """The roles that have the right, for the words of a refusal."""
    return tuple(role for role in Role if role in MATRIX[permission])
