"""The life of an incident: which steps are allowed, from where, to where.

This table is the rule. Nothing else in the program assigns `Incident.status`; the keyboards, the diagram in
docs/lifecycle.md and the exhaustive tests are made from it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from incidents.errors import StepNotAllowed
from models import Status, Step

NEXT: Final[Mapping[tuple[Status, Step], Status]] = MappingProxyType(
    {
        (Status.NEW, Step.REGISTER): Status.REGISTERED,
        (Status.NEW, Step.SKIP): Status.SKIPPED,
        (Status.NEW, Step.MERGE): Status.MERGED,
        (Status.NEW, Step.LOSE_SOURCE): Status.SOURCE_GONE,
        (Status.REGISTERED, Step.ASSIGN): Status.ASSIGNED,
        (Status.REGISTERED, Step.SKIP): Status.SKIPPED,
        (Status.REGISTERED, Step.MERGE): Status.MERGED,
        (Status.REGISTERED, Step.LOSE_SOURCE): Status.SOURCE_GONE,
        (Status.ASSIGNED, Step.ACCEPT): Status.ACCEPTED,
        (Status.ASSIGNED, Step.RETURN): Status.REGISTERED,
        (Status.ASSIGNED, Step.REASSIGN): Status.ASSIGNED,
        # With automatic triage a curator meets what needs no answer only after it was assigned.
        (Status.ASSIGNED, Step.SKIP): Status.SKIPPED,
        (Status.ASSIGNED, Step.MERGE): Status.MERGED,
        (Status.ASSIGNED, Step.LOSE_SOURCE): Status.SOURCE_GONE,
        (Status.ACCEPTED, Step.SUBMIT): Status.ON_REVIEW,
        (Status.ACCEPTED, Step.SEND): Status.APPROVED,
        (Status.ACCEPTED, Step.RETURN): Status.REGISTERED,
        (Status.ACCEPTED, Step.REASSIGN): Status.ASSIGNED,
        (Status.ACCEPTED, Step.RELEASE): Status.ASSIGNED,
        (Status.ACCEPTED, Step.LOSE_SOURCE): Status.SOURCE_GONE,
        (Status.ON_REVIEW, Step.APPROVE): Status.APPROVED,
        (Status.ON_REVIEW, Step.SEND_BACK): Status.REWORK,
        (Status.ON_REVIEW, Step.REASSIGN): Status.ASSIGNED,
        (Status.REWORK, Step.SUBMIT): Status.ON_REVIEW,
        (Status.REWORK, Step.SEND): Status.APPROVED,
        (Status.REWORK, Step.RETURN): Status.REGISTERED,
        (Status.REWORK, Step.REASSIGN): Status.ASSIGNED,
        (Status.REWORK, Step.RELEASE): Status.ASSIGNED,
        (Status.APPROVED, Step.PUBLISH): Status.ANSWERED,
        (Status.APPROVED, Step.PUBLISH_INTERIM): Status.INTERIM,
        (Status.APPROVED, Step.TAKE_BACK): Status.REWORK,
        (Status.APPROVED, Step.LOSE_SOURCE): Status.SOURCE_GONE,
        (Status.INTERIM, Step.SUBMIT): Status.ON_REVIEW,
        (Status.INTERIM, Step.SEND): Status.APPROVED,
        (Status.INTERIM, Step.REASSIGN): Status.ASSIGNED,
        (Status.INTERIM, Step.RELEASE): Status.ASSIGNED,
        # Who answers in the network itself has answered: the resident sees no difference.
        (Status.REGISTERED, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.ASSIGNED, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.ACCEPTED, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.ON_REVIEW, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.REWORK, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.APPROVED, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        (Status.INTERIM, Step.ANSWER_DIRECTLY): Status.ANSWERED,
        # Taken back by the curator who has just done it, while nobody has moved it since.
        (Status.ASSIGNED, Step.UNDO): Status.REGISTERED,
        (Status.SKIPPED, Step.UNDO): Status.NEW,
        (Status.MERGED, Step.UNDO): Status.NEW,
        (Status.MERGED, Step.REOPEN): Status.REGISTERED,
        (Status.ASSIGNED, Step.DELEGATE): Status.ACCEPTED,
        (Status.ACCEPTED, Step.DELEGATE): Status.ACCEPTED,
        (Status.REWORK, Step.DELEGATE): Status.REWORK,
        (Status.INTERIM, Step.DELEGATE): Status.INTERIM,
        (Status.ANSWERED, Step.REVISE): Status.ANSWERED,
        (Status.INTERIM, Step.REVISE): Status.INTERIM,
        (Status.ANSWERED, Step.CLOSE): Status.CLOSED,
        (Status.ANSWERED, Step.REOPEN): Status.REGISTERED,
        (Status.CLOSED, Step.REOPEN): Status.REGISTERED,
        (Status.SKIPPED, Step.REOPEN): Status.REGISTERED,
    }
)

FINAL: Final = frozenset({Status.CLOSED, Status.SKIPPED, Status.MERGED, Status.SOURCE_GONE})

# No answer is owed any more: the clock has stopped or never mattered.
SETTLED: Final = FINAL | {Status.ANSWERED}

# A body has it and owes something.
WITH_BODY: Final = frozenset(
    {Status.ASSIGNED, Status.ACCEPTED, Status.ON_REVIEW, Status.REWORK, Status.APPROVED, Status.INTERIM}
)


def advance(status: Status, step: Step) -> Status:
    """The status after `step`.

    Raises:
        StepNotAllowed: the table has no such step from `status`.
    """
    try:
        return NEXT[status, step]
    except KeyError:
        raise StepNotAllowed(step=step, status=status) from None


def allows(status: Status, step: Step) -> bool:
    return (status, step) in NEXT


def steps_from(status: Status) -> tuple[Step, ...]:
    return tuple(step for step in Step if (status, step) in NEXT)


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/lifecycle.md."""
    lines = ["stateDiagram-v2", "    [*] --> new"]
    lines += [f"    {before.value} --> {after.value}: {step.value}" for (before, step), after in NEXT.items()]
    lines += [f"    {status.value} --> [*]" for status in Status if status in FINAL]
    return "\n".join(lines)
