"""Looking: what a person has on hand, what is late, what waits for curators, one incident whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, func, select, text, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.correcting import told
from incidents.moving import load
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.turns import Turn, turns
from models import (
    Answer,
    Body,
    ChatState,
    HistoryEntry,
    Incident,
    LabelField,
    Official,
    Post,
    Prediction,
    Publication,
    Status,
    Step,
)
from models.incident import OPEN

# Spelled as in the partial indexes, or the engines do not see that they fit.
_IS_OPEN = text(OPEN)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list: `total` is how many there are in all."""

    incidents: list[Incident]
    total: int


async def _page(
    session: AsyncSession, *where: ColumnElement[bool] | TextClause, limit: int, offset: int
) -> Page:
    total = await session.scalar(select(func.count()).select_from(Incident).where(*where))
    rows = await session.scalars(
        select(Incident)
        .where(*where)
        .order_by(func.coalesce(Incident.control_at, Incident.due_at, Incident.created_at), Incident.id)
        .limit(limit)
        .offset(offset)
    )
    return Page(list(rows), total or 0)


async def on_hand(
    session: AsyncSession,
    actor: Actor,
    *,
    within: frozenset[int] | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Page:
    """What this person holds, and what their bodies have that nobody has taken; nearest deadline first.

    `within`: only what is with these bodies; a group is told of its own body's and no other's.

    Raises:
        NotAllowed.
    """
    actor.must(Permission.ANSWER)
    # Two searches and not one OR: with OR SQLite walks through every open incident.
    theirs = union_all(
        select(Incident.id).where(_IS_OPEN, Incident.official_id == actor.official_id),
        select(Incident.id).where(
            _IS_OPEN, Incident.official_id.is_(None), Incident.body_id.in_(actor.bodies)
        ),
    )
    return await _page(session, Incident.id.in_(theirs), _inside(within), limit=limit, offset=offset)


def _inside(within: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if within is None else Incident.body_id.in_(within)


async def late(
    session: AsyncSession,
    actor: Actor,
    *,
    now: datetime,
    within: frozenset[int] | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Page:
    """Past their deadline and unanswered: of the person's bodies, or all for a curator. `within` as above."""
    actor.must(Permission.SEE_INCIDENT)
    scope = actor.scope(Permission.SEE_INCIDENT)
    mine = true() if scope is None else Incident.body_id.in_(scope)
    past = func.coalesce(Incident.control_at, Incident.due_at) < now
    return await _page(session, _IS_OPEN, past, mine, _inside(within), limit=limit, offset=offset)


async def queue(session: AsyncSession, *, limit: int = 10, offset: int = 0) -> Page:
    """What waits for a curator: unsorted and returned, oldest deadline first."""
    waiting = Incident.status.in_([Status.NEW, Status.REGISTERED])
    return await _page(session, waiting, limit=limit, offset=offset)


async def openings(session: AsyncSession, incidents: Sequence[Incident]) -> dict[int, str]:
    """Incident → the text of its first post: by the topic alone nobody tells one from another."""
    numbers = [incident.id for incident in incidents]
    rows = await session.execute(
        select(Post.incident_id, Post.text).where(Post.incident_id.in_(numbers)).order_by(Post.id.desc())
    )
    return {number: text for number, text in rows if number is not None}


@dataclass(frozen=True, slots=True)
class View:
    """An incident with everything a card shows. `posts` and `turns` oldest first.

    `guessed`: the bodies the classifier named; `suggested`: those within reach, and before them whose it is by
    the word of the body that gave it back.
    """

    incident: Incident
    posts: list[Post]
    body: Body | None
    official: Official | None
    publications: list[Publication]
    answer: Answer | None
    prediction: Prediction | None
    suggested: list[Body]
    same_words: list[int]  # other incidents whose post says the same
    told: Mapping[LabelField, str] = field(default_factory=dict)  # what people said of it, while it is new
    guessed: Sequence[Body] = ()
    turns: Sequence[Turn] = ()
    let_by: str = ""  # who let personal data through in the answer


async def view(session: AsyncSession, incident_id: int) -> View:
    """Raises: NoSuchIncident."""
    incident = await load(session, incident_id)
    posts = list(
        await session.scalars(
            select(Post).where(Post.incident_id == incident_id).order_by(Post.posted_at, Post.id)
        )
    )
    answer = await session.scalar(
        select(Answer)
        .where(Answer.incident_id == incident_id, Answer.submitted_at.is_not(None))
        .order_by(Answer.version.desc())
        .limit(1)
    )
    publications: list[Publication] = []
    if answer is not None:
        publications = list(
            await session.scalars(
                select(Publication).where(Publication.answer_id == answer.id).order_by(Publication.id)
            )
        )
    prediction = await _prediction_of(session, posts)
    guessed, had_by = await _bodies(session, prediction), await turns(session, incident_id)
    return View(
        incident=incident,
        posts=posts,
        body=await session.get(Body, incident.body_id) if incident.body_id else None,
        official=await session.get(Official, incident.official_id) if incident.official_id else None,
        publications=publications,
        answer=answer,
        prediction=prediction,
        suggested=await _offered(session, guessed, had_by),
        same_words=await _same_words(session, incident_id, posts),
        told=await told(session, incident_id) if incident.status is Status.NEW else {},
        guessed=guessed,
        turns=had_by,
        let_by=await _let_by(session, answer),
    )


async def _let_by(session: AsyncSession, answer: Answer | None) -> str:
    person = await session.get(Official, answer.override_by) if answer and answer.override_by else None
    return person.name if person else ""


async def _prediction_of(session: AsyncSession, posts: list[Post]) -> Prediction | None:
    if not posts:
        return None
    prediction: Prediction | None = await session.scalar(
        select(Prediction)
        .where(Prediction.post_id.in_([post.id for post in posts]))
        .order_by(Prediction.id)
        .limit(1)
    )
    return prediction


async def _bodies(session: AsyncSession, prediction: Prediction | None) -> list[Body]:
    ids = [body_id for body_id, _ in prediction.bodies] if prediction else []
    found = {body.id: body for body in await session.scalars(select(Body).where(Body.id.in_(ids)))}
    return [found[body_id] for body_id in ids if body_id in found]


async def _offered(session: AsyncSession, guessed: Sequence[Body], had_by: Sequence[Turn]) -> list[Body]:
    """Who has just given it back comes last: a curator may disagree, but seldom does."""
    last = had_by[-1] if had_by else None
    given_back = last if last is not None and last.ended_by is Step.RETURN else None
    named = given_back.suggested_id if given_back else None
    whose = await session.get(Body, named) if named is not None else None
    order = dict.fromkeys([*([whose] if whose else []), *guessed])
    live = [body for body in order if body.is_active and body.chat_state is ChatState.LIVE]
    return sorted(live, key=lambda body: given_back is not None and body.id == given_back.body_id)


async def _same_words(session: AsyncSession, incident_id: int, posts: list[Post]) -> list[int]:
    hashes = [post.text_hash for post in posts if post.text_hash]
    found = await session.scalars(
        select(Post.incident_id)
        .where(Post.text_hash.in_(hashes), Post.incident_id.is_not(None), Post.incident_id != incident_id)
        .distinct()
        .order_by(Post.incident_id)
        .limit(5)
    )
    return [number for number in found if number is not None]


async def history(session: AsyncSession, incident_id: int) -> list[tuple[HistoryEntry, str, str]]:
    """Every step with the name of who did it and the body concerned, oldest first."""
    rows = await session.execute(
        select(HistoryEntry, Official.name, Body.name)
        .outerjoin(Official, Official.id == HistoryEntry.official_id)
        .outerjoin(Body, Body.id == HistoryEntry.body_id)
        .where(HistoryEntry.incident_id == incident_id)
        .order_by(HistoryEntry.id)
    )
    return [(entry, who or "", body or "") for entry, who, body in rows]
