"""From a found post to a registered incident: stored once, triaged at once."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.contract import is_held
from incidents.incoming import FoundPost, Guess
from incidents.indexing import reindex
from incidents.moving import move
from incidents.noticing import answered_before, notice_comment
from incidents.promises import plan_next_look, start_clock
from incidents.routing import BodyGuess, bare_name, suggest_bodies
from incidents.rubricator import OTHER, rubricator, subtopics, topic_of
from incidents.triage import give_to
from incidents.watching import counting, store_hits
from models import (
    Community,
    Decision,
    Incident,
    Kind,
    Post,
    PostVersion,
    Prediction,
    Priority,
    Route,
    Status,
    Step,
)


class TriageMode(StrEnum):
    AUTO = "auto"  # register and assign by itself where the classifier is sure
    CONFIRM = "confirm"  # always ask a curator


@dataclass(frozen=True, slots=True)
class TriageRules:
    """`threshold`: the confidence from which the program routes by itself, 0 … 1; 0: as the model promises."""

    mode: TriageMode = TriageMode.AUTO
    threshold: float = 0.0


def clean(text: str) -> str:
    """The text as it can be stored and shown: no NUL, no lone surrogates; everything else as written."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def text_hash(text: str) -> str:
    """Equal for texts that differ only in letter case, spaces and punctuation; "" for a text of no words."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if words else ""


async def known_posts(session: AsyncSession, network: str, native_ids: Sequence[str]) -> dict[str, Post]:
    """The posts of these native ids that are stored already."""
    found = await session.scalars(select(Post).where(Post.network == network, Post.native_id.in_(native_ids)))
    return {post.native_id: post for post in found}


async def take_in(
    session: AsyncSession,
    found: FoundPost,
    guess: Guess,
    *,
    rules: TriageRules,
    now: datetime,
    keyword_ids: Sequence[int] = (),
) -> Incident | None:
    """Store a post seen for the first time and open its incident. `keyword_ids`: the keywords its text has.

    None for an official page's own words, and for a post that another feed stored at the same moment. What a page
    wrote under residents' words may be the answer: then it stops the clock.
    """
    post = _post(found, now=now)
    try:
        async with session.begin_nested():
            session.add(post)
    except IntegrityError:
        (known,) = (await known_posts(session, found.network, [found.native_id])).values()
        await see_again(session, known, found, now=now)
        return None
    if found.by_community:
        await notice_comment(session, post, now=now)
        return None
    territory = found.territory or await _territory_of(session, post) or await _named(session, guess)
    incident = await _open(session, post, guess, territory=clean(territory)[:100], now=now)
    await reindex(session, incident.id)
    keywords = await counting(session, keyword_ids, territory=incident.territory)
    await store_hits(session, post, [one.id for one in keywords])
    whose = [one.body_id for one in keywords if one.body_id is not None]
    suggested = await suggest_bodies(
        session,
        guess.topics,
        territory=incident.territory,
        keyword_bodies=whose,
        subtopics=guess.subtopics,
        owner=guess.owner,
        named=guess.bodies,
    )
    answered = await answered_before(session, post, now=now)
    decision = Decision.CURATOR
    if answered is None and _is_sure(guess, suggested, rules):
        decision = Decision.HELD if await is_held(session, incident.topic) else Decision.ASSIGNED
    session.add(_prediction(post, guess, suggested, rules, incident, decision=decision, now=now))
    if answered is not None:
        return answered
    if decision is Decision.ASSIGNED:
        body = suggested[0].body
        await start_clock(session, incident, now=now, body=body)
        await move(session, incident, Step.REGISTER, now=now, by=None)
        await give_to(session, incident, body, step=Step.ASSIGN, by=None, now=now)
    else:
        await outbox.show_to_curators(session, incident, now=now)
    await plan_next_look(session, incident, now=now)
    return incident


def _post(found: FoundPost, *, now: datetime) -> Post:
    text = clean(found.text)
    return Post(
        network=found.network,
        native_id=found.native_id,
        root_id=found.root_id,
        parent_id=found.parent_id,
        community_id=found.community_id,
        community_title=clean(found.community_title)[:200],
        author_name=clean(found.author_name)[:200],
        url=clean(found.url)[:500],
        text=text,
        text_hash=text_hash(text),
        photos=list(found.photos),
        is_official=found.by_community,
        reply_capability=found.reply_capability,
        reply_reason=clean(found.reply_reason)[:64],
        posted_at=found.posted_at,
        edited_at=found.edited_at,
        collected_at=now,
    )


async def _territory_of(session: AsyncSession, post: Post) -> str:
    territory: str | None = await session.scalar(
        select(Community.territory).where(
            Community.network == post.network, Community.native_id == post.community_id
        )
    )
    return territory or ""


async def _named(session: AsyncSession, guess: Guess) -> str:
    """Where the text says it is, if some body's business lies there: a find in a search has no page.

    The municipality by the gazetteer, else the very place.
    """
    named = [name for name in (clean(guess.territory), clean(guess.place)) if name]
    if not named:
        return ""
    known = set(await session.scalars(select(Route.territory).where(Route.territory.in_(named)).distinct()))
    return next((name for name in named if name in known), "")


async def _open(
    session: AsyncSession, post: Post, guess: Guess, *, territory: str, now: datetime
) -> Incident:
    topic = rubricator().get(guess.topic.value, rubricator()[OTHER])
    best = subtopics().get(guess.subtopics[0].value) if guess.subtopics else None
    subtopic = best if best is not None and topic_of(best.code) == topic.code else None
    incident = Incident(
        status=Status.NEW,
        kind=guess.kind,
        topic=topic.code,
        subtopic=subtopic.code if subtopic else "",
        # Whoever says thanks for the heating is in no danger.
        priority=Priority.ORDINARY if guess.kind is Kind.GRATITUDE else (subtopic or topic).priority,
        territory=territory,
        place=clean(guess.place)[:200],
        created_at=now,
    )
    session.add(incident)
    await session.flush()
    post.incident_id = incident.id
    return incident


def _is_sure(guess: Guess, suggested: Sequence[BodyGuess], rules: TriageRules) -> bool:
    """What people configured, or else what the model itself promises: of this topic, or of this very body."""
    if not suggested or rules.mode is not TriageMode.AUTO:
        return False
    if not guess.needs_answer or guess.official_reply or guess.spam:
        return False
    enough = rules.threshold or guess.topic_threshold
    by_topic = guess.topic.confidence >= enough and suggested[0].confidence >= enough
    return by_topic or (not rules.threshold and _is_sure_of_body(guess, suggested[0]))


def _is_sure_of_body(guess: Guess, first: BodyGuess) -> bool:
    """A model learned from the region's own export names the body the rules name too, surely enough."""
    if not guess.bodies or guess.bodies[0].confidence < guess.body_threshold:
        return False
    return bare_name(guess.bodies[0].value) == bare_name(first.body.name)


def _prediction(
    post: Post,
    guess: Guess,
    suggested: Sequence[BodyGuess],
    rules: TriageRules,
    incident: Incident,
    *,
    decision: Decision,
    now: datetime,
) -> Prediction:
    return Prediction(
        post_id=post.id,
        model_id=guess.model_id,
        kind=guess.kind,
        kind_confidence=guess.kind_confidence,
        needs_answer=guess.needs_answer,
        needs_answer_confidence=guess.needs_answer_confidence,
        topics=[[topic.value, round(topic.confidence, 4)] for topic in guess.topics],
        topic=incident.topic,
        subtopic=incident.subtopic,
        spam=guess.spam,
        owner=guess.owner[:16],
        place=clean(guess.place)[:200],
        bodies=[[one.body.id, round(one.confidence, 4)] for one in suggested],
        threshold=rules.threshold or guess.topic_threshold,
        decision=decision.value,
        at=now,
    )


async def see_again(session: AsyncSession, post: Post, found: FoundPost, *, now: datetime) -> bool:
    """A known post was read again: keep its old words where its author changed them. True if they did.

    An older copy of it, such as a search gives, changes nothing.
    """
    text = clean(found.text)
    if post.text != text:
        await session.refresh(post, with_for_update=True)  # another feed may be at it too
    changed = post.text != text and not await _is_older_copy(session, post, found)
    if changed:
        session.add(PostVersion(post_id=post.id, version=post.text_version, text=post.text, replaced_at=now))
        post.text = text
        post.text_hash = text_hash(text)
        post.text_version += 1
        post.edited_at = found.edited_at or now
    if post.reply_capability is not found.reply_capability:
        post.reply_capability, post.reply_reason = found.reply_capability, clean(found.reply_reason)[:64]
    if changed and post.incident_id is not None:
        incident = await session.get_one(Incident, post.incident_id)
        await reindex(session, incident.id)
        await outbox.refresh_cards(session, incident, now=now)
    return changed


async def _is_older_copy(session: AsyncSession, post: Post, found: FoundPost) -> bool:
    if post.edited_at is None:
        return False
    if found.edited_at is not None:
        return found.edited_at < post.edited_at
    replaced = await session.scalars(select(PostVersion.text).where(PostVersion.post_id == post.id))
    return clean(found.text) in set(replaced)
