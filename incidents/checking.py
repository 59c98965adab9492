"""The checks of incidents/answer_checks over an answer as it stands in the tables."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.answer_checks import PERSONAL, Code, Draft, Finding, Severity, check
from incidents.answer_checks.copies import RECENT
from incidents.errors import IncidentError
from models import Answer, AnswerState, Body, Incident

_KNOWN: Final = frozenset(code.value for code in Code)


class PersonalData(IncidentError):
    """The words give away somebody's data, and nobody has let them through."""

    text_key = "refused.personal_data"

    def __init__(self, *, groups: tuple[Code, ...]) -> None:
        super().__init__(f"personal data: {', '.join(groups)}")
        self.groups = groups


async def findings_of(
    session: AsyncSession, answer: Answer, *, is_interim: bool = False, has_control_date: bool = False
) -> list[Finding]:
    """What the checks say of the answer, as it would be sent now."""
    incident = await session.get_one(Incident, answer.incident_id)
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    return check(
        Draft(
            answer.text,
            photos=len(answer.photos),
            is_interim=is_interim or answer.is_interim,
            has_control_date=has_control_date or answer.control_at is not None,
            signature=body.signature if body else "",
            recent=await _recent(session, incident),
        )
    )


async def _recent(session: AsyncSession, incident: Incident) -> tuple[str, ...]:
    """The body's last answers to other incidents."""
    found = await session.scalars(
        select(Answer.text)
        .join(Incident, Incident.id == Answer.incident_id)
        .where(
            Incident.body_id == incident.body_id,
            Answer.state == AnswerState.SUBMITTED,
            Answer.incident_id != incident.id,
        )
        .order_by(Answer.id.desc())
        .limit(RECENT)
    )
    return tuple(found)


def groups_of(findings: Sequence[Finding]) -> tuple[Code, ...]:
    """The kinds of personal data found."""
    return tuple(one.code for one in findings if one.severity is Severity.BLOCK)


def is_let_through(answer: Answer) -> bool:
    """Somebody who may has answered for it by name. Other words are another version, which nobody has yet."""
    return answer.override_by is not None


async def keep_warnings(
    session: AsyncSession, answer: Answer, *, is_interim: bool = False, has_control_date: bool = False
) -> None:
    """What is found is kept with the answer, for the approver's eyes.

    Raises:
        PersonalData: it must be let through first.
    """
    findings = await findings_of(session, answer, is_interim=is_interim, has_control_date=has_control_date)
    groups = groups_of(findings)
    if groups and not is_let_through(answer):
        raise PersonalData(groups=groups)
    answer.warnings = [one.code.value for one in findings]


def codes_of(answer: Answer) -> list[Code]:
    """The warnings it was sent in spite of, personal data first; a check this program does not know is left out."""
    found = [Code(code) for code in answer.warnings or () if code in _KNOWN]
    return sorted(found, key=lambda code: code not in PERSONAL)
