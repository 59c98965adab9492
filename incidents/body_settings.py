"""How a body's answers end, and whether somebody must approve them first."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from incidents.errors import IncidentError
from incidents.intake import clean
from incidents.people import Actor, audit, must_for_body
from incidents.permissions import Permission
from incidents.routing import body_by_code
from models import Body

LONGEST_SIGNATURE: Final = 200  # characters: the column's


class SignatureTooLong(IncidentError):
    text_key = "refused.signature_long"

    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(f"a signature of {length} characters, at most {limit}")
        self.length = length
        self.limit = limit


async def body_to_sign_for(session: AsyncSession, code: str, actor: Actor) -> Body:
    """Raises: NoSuchBody, NotAllowed, NotYourBody."""
    body = await body_by_code(session, code)
    await must_for_body(session, actor, Permission.TEMPLATES, body.id)
    return body


async def set_signature(session: AsyncSession, body: Body, text: str, *, actor: Actor, now: datetime) -> None:
    """How the body's answers end from now on; empty: unsigned. Written on every later draft, once.

    Raises:
        NotAllowed, NotYourBody, SignatureTooLong.
    """
    await must_for_body(session, actor, Permission.TEMPLATES, body.id)
    signature = "\n".join(line.strip() for line in clean(text).strip().splitlines() if line.strip())
    if len(signature) > LONGEST_SIGNATURE:
        raise SignatureTooLong(length=len(signature), limit=LONGEST_SIGNATURE)
    body.signature = signature
    _note(session, "signature", actor, body, now=now, outcome="set" if signature else "removed")


async def set_approval(
    session: AsyncSession, code: str, *, wanted: bool, actor: Actor, now: datetime
) -> Body:
    """Whether the body's answers go to an approver first. What is on review already stays there.

    Raises:
        NotAllowed, NoSuchBody.
    """
    actor.must(Permission.SET_APPROVAL)
    body = await body_by_code(session, code)
    body.needs_approval = wanted
    _note(session, "approval", actor, body, now=now, outcome="on" if wanted else "off")
    return body


def _note(
    session: AsyncSession, action: str, actor: Actor, body: Body, *, now: datetime, outcome: str
) -> None:
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action=action,
        outcome=outcome,
        body_id=body.id,
    )
