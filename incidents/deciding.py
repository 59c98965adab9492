"""Why an incident went where it went: what the classifier said of its first post, and what was decided on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import finding
from incidents.correcting import told
from incidents.incoming import Guess, Scored
from incidents.routing import suggest_bodies
from models import (
    Body,
    Decision,
    Incident,
    KeywordHit,
    KeywordRow,
    LabelField,
    Post,
    PostVersion,
    Prediction,
    Route,
)


class Why(StrEnum):
    """Why the program did, or did not, give the incident to a body by itself."""

    ASSIGNED = "assigned"
    HELD = "held"  # the topic was taken from the program for a while
    SPAM = "spam"
    OFFICIAL = "official"
    NO_ANSWER = "no_answer"
    NEVER = "never"  # the model does not trust itself with this topic at any confidence
    TOPIC = "topic"  # below the threshold
    NO_BODY = "no_body"
    KEYWORD = "keyword"  # it put a body first that the topic does not agree with
    BODY = "body"  # below the threshold
    ASKED = "asked"  # a curator is always asked, or the post was answered before


@dataclass(frozen=True, slots=True)
class Decided:
    """`text` is what the classifier read, as its author first wrote it; `bodies` best first, with their confidence.

    `rule` is the one that leads to the first of them today, None where none does.
    """

    view: finding.View
    post: Post | None
    prediction: Prediction | None
    text: str
    bodies: list[tuple[Body, float]]
    rule: Route | None
    by_keyword: bool
    told: Mapping[LabelField, str]

    def why(self, guess: Guess | None) -> Why:
        """`guess`: what the same model says today, where it can be asked: not all of it is kept."""
        prediction = self.prediction
        if prediction is None:
            return Why.ASKED
        if prediction.decision != Decision.CURATOR:
            return Why(prediction.decision)
        (_, topic), *_ = prediction.topics
        body = self.bodies[0][1] if self.bodies else 0.0
        reasons = {
            Why.SPAM: prediction.spam,
            Why.OFFICIAL: guess is not None and guess.official_reply,
            Why.NO_ANSWER: not prediction.needs_answer,
            Why.NEVER: prediction.threshold > 1,
            Why.TOPIC: topic < prediction.threshold,
            Why.NO_BODY: not self.bodies,
            Why.KEYWORD: self.by_keyword and body < prediction.threshold,
            Why.BODY: body < prediction.threshold,
        }
        return next((reason for reason, holds in reasons.items() if holds), Why.ASKED)


async def decided(session: AsyncSession, incident_id: int) -> Decided:
    """Raises: NoSuchIncident."""
    view = await finding.view(session, incident_id)
    prediction = view.prediction
    post = next(
        (one for one in view.posts if prediction is not None and one.id == prediction.post_id),
        view.posts[0] if view.posts else None,
    )
    sure = {body_id: confidence for body_id, confidence, *_ in prediction.bodies} if prediction else {}
    bodies = [(body, float(sure[body.id])) for body in view.guessed]
    first = bodies[0][0] if bodies else None
    return Decided(
        view=view,
        post=post,
        prediction=prediction,
        text=await _first_words(session, post) if post else "",
        bodies=bodies,
        rule=await _rule(session, view.incident, prediction, first) if prediction and first else None,
        by_keyword=await _has_keyword_of(session, post, first) if post and first else False,
        told=await told(session, incident_id),
    )


async def _first_words(session: AsyncSession, post: Post) -> str:
    """Before its author changed them."""
    first: str | None = await session.scalar(
        select(PostVersion.text).where(PostVersion.post_id == post.id).order_by(PostVersion.version).limit(1)
    )
    return post.text if first is None else first


async def _rule(
    session: AsyncSession, incident: Incident, prediction: Prediction, body: Body
) -> Route | None:
    topics = [Scored(code, confidence) for code, confidence in prediction.topics]
    found = await suggest_bodies(
        session,
        topics,
        territory=incident.territory,
        subtopics=[Scored(prediction.subtopic, topics[0].confidence)] if prediction.subtopic else [],
        owner=prediction.owner,
    )
    return next((one.rule for one in found if one.body.id == body.id), None)


async def _has_keyword_of(session: AsyncSession, post: Post, body: Body) -> bool:
    found = await session.scalar(
        select(KeywordRow.id)
        .join(KeywordHit, KeywordHit.keyword_id == KeywordRow.id)
        .where(KeywordHit.post_id == post.id, KeywordRow.body_id == body.id)
        .limit(1)
    )
    return found is not None
