"""What happened to an incident, from all the tables that know a part of it, oldest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import finding
from incidents.correcting import corrections
from incidents.indexing import SPEAKS
from incidents.turns import Turn, return_of, turns
from models import (
    Answer,
    HistoryEntry,
    Label,
    LabelField,
    Official,
    Post,
    PostVersion,
    Publication,
    PublicationState,
)


class What(StrEnum):
    CAME = "came"  # a post
    EDITED = "edited"  # by its author, in the network
    STEP = "step"
    CORRECTED = "corrected"
    DRAFT = "draft"
    REVISION = "revision"  # a draft of other words for a published answer
    PUBLISHED = "published"  # one answer under one post


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `who` and `body` are names, "" for the program and for none."""

    at: datetime
    what: What
    who: str = ""
    body: str = ""
    step: HistoryEntry | None = None
    turn: Turn | None = None  # which a body's return ended
    label: Label | None = None
    post: Post | None = None
    version: int = 0
    url: str = ""
    network: str = ""


async def chronicle(session: AsyncSession, incident_id: int) -> list[Event]:
    """What is of one moment: the post came, somebody took it, wrote, and sent; else as it was written down."""
    had_by = await turns(session, incident_id)
    events = [
        *await _posts(session, incident_id),
        *await _drafts(session, incident_id),
        *[
            Event(at=entry.at, what=What.STEP, who=who, body=body, step=entry, turn=return_of(had_by, entry))
            for entry, who, body in await finding.history(session, incident_id)
        ],
        *_corrected(await corrections(session, incident_id)),
        *await _publications(session, incident_id),
    ]
    return sorted(events, key=lambda event: (event.at, _order(event)))


def _order(event: Event) -> int:
    if event.step is not None:
        return 4 if event.step.step in SPEAKS else 2
    return {What.CAME: 0, What.EDITED: 1, What.CORRECTED: 2, What.PUBLISHED: 5}.get(event.what, 3)


async def _posts(session: AsyncSession, incident_id: int) -> list[Event]:
    posts = list(await session.scalars(select(Post).where(Post.incident_id == incident_id).order_by(Post.id)))
    edits = await session.scalars(
        select(PostVersion.replaced_at)
        .where(PostVersion.post_id.in_([post.id for post in posts]))
        .order_by(PostVersion.id)
    )
    return [
        *(Event(at=post.collected_at, what=What.CAME, post=post) for post in posts),
        *(Event(at=at, what=What.EDITED) for at in edits),
    ]


async def _drafts(session: AsyncSession, incident_id: int) -> list[Event]:
    """What people wrote here; an answer given past the bot was no draft."""
    rows = await session.execute(
        select(Answer, Official.name)
        .join(Official, Official.id == Answer.official_id)
        .where(Answer.incident_id == incident_id, Answer.text != "")
        .order_by(Answer.version)
    )
    return [
        Event(
            at=answer.created_at,
            what=What.DRAFT if answer.revises_id is None else What.REVISION,
            who=name,
            version=answer.version,
        )
        for answer, name in rows
    ]


def _corrected(said: list[tuple[Label, str]]) -> Iterator[Event]:
    """What curators set right; a subtopic says its topic as well."""
    below = {(label.official_id, label.at) for label, _ in said if label.field is LabelField.SUBTOPIC}
    for label, who in said:
        if label.field is not LabelField.TOPIC or (label.official_id, label.at) not in below:
            yield Event(at=label.at, what=What.CORRECTED, who=who, label=label)


async def _publications(session: AsyncSession, incident_id: int) -> list[Event]:
    rows = await session.scalars(
        select(Publication)
        .where(
            Publication.incident_id == incident_id,
            Publication.state == PublicationState.PUBLISHED,
            Publication.published_at.is_not(None),
        )
        .order_by(Publication.id)
    )
    return [
        Event(at=one.published_at, what=What.PUBLISHED, network=one.network, url=one.url or "")
        for one in rows
        if one.published_at is not None
    ]
