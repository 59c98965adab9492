"""The words an incident is found by, written in the transaction that changed them.

`reindex` after anything that changes what posts or answers say or where it is; `fill` for what was stored before
there was an index. Documents are made of incidents/search_words.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.search_words import document
from models import Answer, AnswerState, Incident, Post, SearchDoc, Step

SPEAKS: Final = frozenset(
    {
        Step.SUBMIT,
        Step.SEND,
        Step.SEND_BACK,
        Step.APPROVE,
        Step.PUBLISH,
        Step.PUBLISH_INTERIM,
        Step.TAKE_BACK,
        Step.REVISE,
        Step.ANSWER_DIRECTLY,
        Step.UNDO,
    }
)
"""The steps after which other words may stand in an incident."""

_MOST_POSTS: Final = 200  # of one incident; more say the same again
_BATCH: Final = 100


async def reindex(session: AsyncSession, incident_id: int) -> None:
    """Make the incident's document say what its posts and answers say now."""
    # The row is taken first: whoever changes the same incident at this moment waits here, and then reads anew.
    insert = _insert(session).values(incident_id=incident_id, words="")
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=[SearchDoc.incident_id], set_={"incident_id": insert.excluded.incident_id}
        )
    )
    (words,) = (await _documents(session, [incident_id])).values()
    await session.execute(
        update(SearchDoc)
        .where(SearchDoc.incident_id == incident_id)
        .values(words=words)
        .execution_options(synchronize_session=False)
    )


async def has_missing(session: AsyncSession) -> bool:
    """Whether any incident has no document."""
    found = await session.scalar(
        select(Incident.id).where(~exists().where(SearchDoc.incident_id == Incident.id)).limit(1)
    )
    return found is not None


async def fill(session: AsyncSession, *, limit: int = _BATCH) -> int:
    """Index so many incidents that have no document yet, the newest first; how many there were."""
    missing = list(
        await session.scalars(
            select(Incident.id)
            .where(~exists().where(SearchDoc.incident_id == Incident.id))
            .order_by(Incident.id.desc())
            .limit(limit)
        )
    )
    if missing:
        made = await _documents(session, missing)
        rows = [{"incident_id": number, "words": words} for number, words in made.items()]
        await session.execute(_insert(session).values(rows).on_conflict_do_nothing())
    return len(missing)


def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    on_file = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(SearchDoc) if on_file else postgresql.insert(SearchDoc)


async def _documents(session: AsyncSession, numbers: Sequence[int]) -> dict[int, str]:
    """Incident → its document: its posts, where it is, and what was answered and sent."""
    said: dict[int, list[str]] = defaultdict(list)
    authors: dict[int, list[str]] = defaultdict(list)
    posts = await session.execute(
        select(Post.incident_id, Post.text, Post.author_name)
        .where(Post.incident_id.in_(numbers))
        .order_by(Post.id)
    )
    for number, text, author in posts:
        if number is not None and len(said[number]) < _MOST_POSTS:
            said[number].append(text)
            authors[number].append(author)
    places = await session.execute(
        select(Incident.id, Incident.place, Incident.territory).where(
            Incident.id.in_(numbers), Incident.merged_into_id.is_(None)
        )
    )
    for number, place, territory in places:
        said[number] += [place, territory]
    answers = await session.execute(
        select(Answer.incident_id, Answer.text)
        .where(Answer.incident_id.in_(numbers), Answer.state == AnswerState.SUBMITTED)
        .order_by(Answer.id)
    )
    for number, text in answers:
        said[number].append(text)
    return {number: document(said[number], authors[number]) for number in numbers}
