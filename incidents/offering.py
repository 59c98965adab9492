"""Which bodies are offered for a waiting incident: the classifier's best, or, once set right by people, the rules'."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents.correcting import told
from incidents.finding import View
from incidents.incoming import Scored
from incidents.routing import suggest_bodies
from models import Body, KeywordHit, KeywordRow, LabelField, Step

_OFFERED: Final = 3
# What a body is chosen by.
_DECIDES: Final = frozenset({LabelField.TOPIC, LabelField.SUBTOPIC, LabelField.TERRITORY})


async def offered(session: AsyncSession, view: View) -> list[Body]:
    """At most three, best first, each with a chat where it would be seen.

    A person's word is certain where the classifier's was a guess, so after a correction the rules are asked anew;
    the prediction itself stays as it was made, for it is judged by what it said.
    """
    incident, prediction = view.incident, view.prediction
    if not _DECIDES & (await told(session, incident.id)).keys():
        return view.suggested[:_OFFERED]
    found = await suggest_bodies(
        session,
        [Scored(incident.topic, 1.0)],
        territory=incident.territory,
        keyword_bodies=await _with_keyword(session, view),
        subtopics=[Scored(incident.subtopic, 1.0)] if incident.subtopic else [],
        owner=prediction.owner if prediction is not None else "",
    )
    last = view.turns[-1] if view.turns else None
    if last is None or last.ended_by is not Step.RETURN:
        return [one.body for one in found]
    # Whose it is by the word of who gave it back comes first, and who gave it back last, as in incidents/finding.py.
    bodies = [one for one in view.suggested if one.id == last.suggested_id] + [one.body for one in found]
    ranked = sorted(dict.fromkeys(bodies), key=lambda body: body.id == last.body_id)
    return ranked[:_OFFERED]


async def _with_keyword(session: AsyncSession, view: View) -> list[int]:
    found = await session.scalars(
        select(KeywordRow.body_id)
        .join(KeywordHit, KeywordHit.keyword_id == KeywordRow.id)
        .where(KeywordHit.post_id.in_([post.id for post in view.posts[:1]]), KeywordRow.body_id.is_not(None))
        .distinct()
    )
    return [body_id for body_id in found if body_id is not None]
