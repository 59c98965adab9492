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
    """One thing to do or to see; what each means is in `MEANS`."""

    SEE_QUEUE = "see_queue"
    TRIAGE = "triage"
    CORRECT = "correct"
    REASSIGN = "reassign"
    REOPEN = "reopen"
    SEE_INCIDENT = "see_incident"
    SEE_AUTHOR = "see_author"
    ACCEPT = "accept"
    RETURN = "return"
    HAND_OVER = "hand_over"
    DELEGATE = "delegate"
    ANSWER = "answer"
    PUBLISH_BY_HAND = "publish_by_hand"
    REVISE = "revise"
    APPROVE = "approve"
    OVERRIDE = "override"
    TEMPLATES = "templates"
    SET_APPROVAL = "set_approval"
    INVITE_STAFF = "invite_staff"
    PEOPLE = "people"
    BIND = "bind"
    INVITE_ANYBODY = "invite_anybody"
    ABSENCE = "absence"
    ABSENCE_OF_OTHERS = "absence_of_others"
    DUTY = "duty"
    SEE_BODIES = "see_bodies"
    SEE_COMMUNITIES = "see_communities"
    COMMUNITIES = "communities"
    SEE_KEYWORDS = "see_keywords"
    KEYWORDS = "keywords"
    RULES = "rules"
    ROUTING = "routing"
    MODEL = "model"
    EXPLAIN = "explain"
    DEADLINE = "deadline"


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
        Permission.SET_APPROVAL: _CURATOR,
        Permission.INVITE_STAFF: {**_CURATOR, Role.COORDINATOR: _OWN},
        Permission.INVITE_ANYBODY: _CURATOR,
        Permission.PEOPLE: {**_CURATOR, Role.COORDINATOR: _OWN},
        Permission.BIND: {**_CURATOR, **_ANSWERING},
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


MEANS: Final[Mapping[Permission, str]] = MappingProxyType(
    {
        Permission.SEE_QUEUE: "see what waits for triage",
        Permission.TRIAGE: "claim, register, assign, skip, merge, undo",
        Permission.CORRECT: "correct the kind, topic, place, territory",
        Permission.REASSIGN: "give it from any body to any",
        Permission.REOPEN: "open an answered or skipped one again",
        Permission.SEE_INCIDENT: "see an incident, its history and photos; lists and search",
        Permission.SEE_AUTHOR: "see who wrote it",
        Permission.ACCEPT: "take it",
        Permission.RETURN: "give it back to the curators, with a reason",
        Permission.HAND_OVER: "pass it on to the body whose business it is",
        Permission.DELEGATE: "give it to a named colleague of the body",
        Permission.ANSWER: "write, send, mark as interim",
        Permission.PUBLISH_BY_HAND: "bring the link to an answer published by hand, or take an answer back",
        Permission.REVISE: "put other words in the place of a published answer",
        Permission.APPROVE: "approve an answer or send it back; a curator only where no approver can be reached",
        Permission.OVERRIDE: "let personal data through, with a reason",
        Permission.TEMPLATES: "templates of answers",
        Permission.SET_APPROVAL: "say which bodies' answers need an approver",
        Permission.INVITE_STAFF: "invite officials, call such an invitation off",
        Permission.INVITE_ANYBODY: "invite coordinators, approvers, heads, observers, curators",
        Permission.PEOPLE: "see who is there; take a role away, dismiss (a coordinator: officials only)",
        Permission.BIND: "say which chat is the body's",
        Permission.ABSENCE: "one's own absence",
        Permission.ABSENCE_OF_OTHERS: "somebody else's absence",
        Permission.DUTY: "bind the duty chat",
        Permission.SEE_BODIES: "see the bodies and their chats",
        Permission.SEE_COMMUNITIES: "see the official pages",
        Permission.COMMUNITIES: "change the official pages",
        Permission.SEE_KEYWORDS: "see the keywords",
        Permission.KEYWORDS: "change the keywords",
        Permission.RULES: "see and change the rules: whose business what is",
        Permission.ROUTING: "see and change what the program assigns by itself",
        Permission.MODEL: "see what the classifier has learned, roll it back",
        Permission.EXPLAIN: "see why it was decided so",
        Permission.DEADLINE: "see the arithmetic of a deadline",
    }
)


def table() -> str:
    """The matrix as a Markdown table, for docs/permissions.md."""
    marks = {Reach.ALL: "all", Reach.OWN: "own"}
    lines = [
        "| Permission | What it is | " + " | ".join(role.value for role in Role) + " |",
        "|---|---|" + "---|" * len(Role),
    ]
    for permission in Permission:
        cells = [marks[reach] if (reach := MATRIX[permission].get(role)) else "–" for role in Role]
        lines.append(f"| `{permission.value}` | {MEANS[permission]} | {' | '.join(cells)} |")
    return "\n".join(lines)
