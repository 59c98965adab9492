"""The way of corrected words to where an answer stands: by the program, or by a person's hand."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import DraftGone, IncidentError
from incidents.moving import load_to_change, move
from incidents.people import Actor, must_for
from incidents.permissions import Permission
from incidents.wording import Rules
from models import (
    Answer,
    AnswerState,
    Body,
    Incident,
    Publication,
    PublicationState,
    PublishedHow,
    Step,
)

UNDER_WAY = (PublicationState.WAITING, PublicationState.SENDING, PublicationState.BY_HAND)


class NothingStands(IncidentError):
    """No answer of ours stands under any post: there is nothing to correct."""

    text_key = "refused.nothing_stands"


async def standing_answer(session: AsyncSession, incident_id: int) -> Answer:
    """The newest answer that stands under a post.

    Raises:
        NothingStands.
    """
    answer: Answer | None = await session.scalar(
        select(Answer)
        .join(Publication, Publication.answer_id == Answer.id)
        .where(Answer.incident_id == incident_id, Publication.state == PublicationState.PUBLISHED)
        .order_by(Answer.version.desc())
        .limit(1)
    )
    if answer is None:
        raise NothingStands
    return answer


async def standing_publications(session: AsyncSession, answer: Answer) -> list[Publication]:
    """Where the corrected answer stands."""
    found = await session.scalars(
        select(Publication)
        .where(Publication.answer_id == answer.revises_id, Publication.state == PublicationState.PUBLISHED)
        .order_by(Publication.id)
    )
    return list(found)


async def networks_of_correction(session: AsyncSession, answer: Answer) -> list[str]:
    """Where the corrected answer stands, by the networks' names."""
    return sorted({one.network for one in await standing_publications(session, answer)})


async def put_on_its_way(
    session: AsyncSession, incident: Incident, answer: Answer, *, actor: Actor, rules: Rules, now: datetime
) -> None:
    """One publication for each that stands; a person's own, and where no program may edit, by hand.

    Raises:
        NothingStands.
    """
    standing = await standing_publications(session, answer)
    if not standing:
        raise NothingStands
    answer.submitted_at = answer.approved_at = now
    answer.approved_by = actor.official_id
    for old in standing:
        ours = old.how is PublishedHow.PROGRAM and bool(old.native_id)
        by_program = ours and old.network in rules and rules[old.network].can_edit
        new = Publication(
            incident_id=incident.id,
            answer_id=answer.id,
            post_id=old.post_id,
            network=old.network,
            state=PublicationState.WAITING if by_program else PublicationState.BY_HAND,
            key=f"otklik-{answer.id}-{old.post_id}",
            edits_id=old.id,
            native_id=old.native_id,
            url=old.url,
            not_before=now,
        )
        session.add(new)
        await session.flush()
        if not by_program:
            await ask_by_hand(session, incident, new, now=now)
    await move(session, incident, Step.REVISE, now=now, by=actor.official_id)


async def ask_by_hand(
    session: AsyncSession, incident: Incident, publication: Publication, *, now: datetime
) -> None:
    """The network lets only a person change these words: the body is given them to copy."""
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    told = body is not None and await outbox.tell_body(
        session,
        "revision_by_hand",
        body=body,
        now=now,
        incident_id=incident.id,
        publication_id=publication.id,
    )
    if not told:
        await outbox.tell_curators(
            session, "revision_by_hand", now=now, incident_id=incident.id, publication_id=publication.id
        )


async def revised_by_hand(
    session: AsyncSession, *, publication_id: int, actor: Actor, now: datetime
) -> Incident:
    """«Готово, исправлено».

    Raises:
        DraftGone: it was said before, or is nothing to be done by hand.
        NotAllowed, NotYours.
    """
    found = await session.get(Publication, publication_id)
    if found is None or found.edits_id is None:
        raise DraftGone
    incident = await load_to_change(session, found.incident_id)
    await must_for(session, actor, Permission.PUBLISH_BY_HAND, incident.body_id)
    await session.refresh(found, with_for_update=True)
    if found.state is not PublicationState.BY_HAND:
        raise DraftGone
    found.state, found.how, found.published_at = PublicationState.PUBLISHED, PublishedHow.LINK, now
    found.attempts, found.not_before = 0, now  # as incidents/confirming.py counts: it will be read back
    await session.flush()
    await outbox.refresh_cards(session, incident, now=now)
    return incident


async def correction_failed(
    session: AsyncSession,
    incident: Incident,
    publication: Publication,
    *,
    state: PublicationState,
    now: datetime,
) -> None:
    """The program could not change the words: a person is asked to, or, refused or gone, what stood stands.

    Called by `publishing.give_up` for a publication that edits another.
    """
    if state not in {PublicationState.REFUSED, PublicationState.GONE}:
        publication.state = PublicationState.BY_HAND
        await session.flush()
        await ask_by_hand(session, incident, publication, now=now)
        return
    await session.flush()
    answer = await session.get_one(Answer, publication.answer_id)
    others = await session.scalars(
        select(Publication.state).where(Publication.answer_id == answer.id, Publication.id != publication.id)
    )
    if not set(others) & {*UNDER_WAY, PublicationState.PUBLISHED}:
        answer.state, answer.submitted_at = AnswerState.SUPERSEDED, None
    body = await session.get(Body, incident.body_id) if incident.body_id else None
    if body is not None:
        await outbox.tell_body(
            session,
            "revision_failed",
            body=body,
            now=now,
            incident_id=incident.id,
            error=publication.error,
        )
    await outbox.refresh_cards(session, incident, now=now)
