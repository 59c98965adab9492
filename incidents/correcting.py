"""A curator sets right what the classifier said: what it is about, what it is, where, whether an answer is owed.

Nothing else moves: not the body, not the deadline, not the status. Only the priority follows the topic, for as
long as an answer is owed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from incidents import outbox
from incidents.errors import AlreadySo, CorrectedMeanwhile, MergedAway, TopicGone
from incidents.indexing import reindex
from incidents.keywords import one_line
from incidents.labels import NO, YES, record
from incidents.lifecycle import SETTLED
from incidents.moving import load_to_change
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.promises import plan_next_look
from incidents.rubricator import OTHER, rubricator, subtopics, topic_of
from models import HistoryEntry, Incident, Kind, Label, LabelField, Official, Prediction, Priority

# Whose business it is, is set right by a step of its own.
_FIELDS: Final = frozenset(set(LabelField) - {LabelField.BODY})
_SEEN: Final = frozenset({LabelField.KIND, LabelField.TOPIC})
_LABEL: Final = 64  # characters of a label's value; a longer place stands whole in the incident
_TERRITORY: Final = 100
_PLACE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a curator sets right; None where nothing is said.

    `topic` is a rubricator code; given without a `subtopic` (a full code), there is none from now on. A subtopic
    alone brings its topic. `official`: the words are a body's own answer. `territory`: as the rules and the
    communities spell it; `place`: a street, a house, a village, in anybody's words.
    """

    kind: Kind | None = None
    topic: str | None = None
    subtopic: str | None = None
    needs_answer: bool | None = None
    official: bool | None = None
    spam: bool | None = None
    territory: str | None = None
    place: str | None = None

    def values(self) -> dict[LabelField, str]:
        """Question by question, as a label holds it; a topic always with its subtopic, "" for none.

        Raises:
            TopicGone: the rubricator has no such topic or subtopic, or the one does not lie under the other.
        """
        values = {LabelField.KIND: self.kind.value} if self.kind is not None else {}
        if self.topic is not None or self.subtopic:
            subtopic = self.subtopic or ""
            code = self.topic if self.topic is not None else topic_of(subtopic)
            known = not subtopic or (subtopic in subtopics() and topic_of(subtopic) == code)
            if code not in rubricator() or not known:
                raise TopicGone
            values |= {LabelField.TOPIC: code, LabelField.SUBTOPIC: subtopic}
        flags = {
            LabelField.NEEDS_ANSWER: self.needs_answer,
            LabelField.OFFICIAL: self.official,
            LabelField.SPAM: self.spam,
        }
        where = {
            LabelField.TERRITORY: (self.territory, _TERRITORY),
            LabelField.PLACE: (self.place, _PLACE),
        }
        values |= {field: one_line(text)[:most] for field, (text, most) in where.items() if text is not None}
        return values | {field: YES if flag else NO for field, flag in flags.items() if flag is not None}


async def correct(
    session: AsyncSession,
    correction: Correction,
    *,
    incident_id: int,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Incident:
    """Set it right, keep who did it, and teach it.

    `seen`: the kind or topic that stood there when the curator chose; two who choose at once must not undo each
    other. None: whatever stands there. What stands there already may be given as well: that confirms it.

    Raises:
        NotAllowed, NoSuchIncident, TopicGone.
        MergedAway: its posts are another incident's now.
        AlreadySo: somebody said just this before.
        CorrectedMeanwhile: something else stands there than the curator saw.
    """
    actor.must(Permission.CORRECT)
    incident = await load_to_change(session, incident_id)
    if incident.merged_into_id is not None:
        raise MergedAway(number=incident.id, into=incident.merged_into_id)
    wanted = correction.values()
    if not wanted:
        raise ValueError("nothing to correct")
    before = await told(session, incident_id) | _present(incident)
    news = await _news(session, incident, wanted)
    if not news:
        raise AlreadySo
    if seen is not None and seen not in {before[field] for field in _SEEN & wanted.keys()}:
        raise CorrectedMeanwhile(number=incident.id)
    await _write(session, incident, wanted, now=now)
    for field, value in news.items():
        if value:  # "no subtopic" is no class to learn
            await record(session, incident=incident, field=field, value=value[:_LABEL], actor=actor, now=now)
    audit(
        session,
        now=now,
        telegram_id=actor.telegram_id,
        chat_id=None,
        action="correct",
        outcome="done",
        incident_id=incident.id,
        changed={field.value: [before.get(field, ""), value] for field, value in news.items()},
    )
    await reindex(session, incident.id)  # its place is among the words it is found by
    await outbox.refresh_cards(session, incident, now=now)
    return incident


def _present(incident: Incident) -> dict[LabelField, str]:
    return {
        LabelField.KIND: incident.kind.value,
        LabelField.TOPIC: incident.topic,
        LabelField.SUBTOPIC: incident.subtopic or "",
        LabelField.TERRITORY: incident.territory or "",
        LabelField.PLACE: incident.place or "",
    }


async def _news(
    session: AsyncSession, incident: Incident, wanted: Mapping[LabelField, str]
) -> dict[LabelField, str]:
    """What nobody has said yet, or what stands there otherwise."""
    said, present = await told(session, incident.id), _present(incident)
    news = {
        field: value
        for field, value in wanted.items()
        if present.get(field, value) != value or (value and said.get(field) != value[:_LABEL])
    }
    # A topic and its subtopic are one answer: the newer topic takes an older subtopic back.
    if LabelField.SUBTOPIC in news:
        news = {LabelField.TOPIC: wanted[LabelField.TOPIC]} | news
    return news


async def _write(
    session: AsyncSession, incident: Incident, wanted: Mapping[LabelField, str], *, now: datetime
) -> None:
    incident.territory = wanted.get(LabelField.TERRITORY, incident.territory)
    incident.place = wanted.get(LabelField.PLACE, incident.place)
    if LabelField.KIND in wanted:
        incident.kind = Kind(wanted[LabelField.KIND])
    if LabelField.TOPIC in wanted:
        incident.topic, incident.subtopic = wanted[LabelField.TOPIC], wanted[LabelField.SUBTOPIC]
    elif LabelField.KIND not in wanted:
        await session.flush()
        return
    priority = priority_of(incident.kind, incident.topic, incident.subtopic)
    if incident.status not in SETTLED and incident.priority is not priority:
        incident.priority = priority
        await plan_next_look(session, incident, now=now)  # an accident is not left for the morning
    await session.flush()


def priority_of(kind: Kind, topic: str, subtopic: str = "") -> Priority:
    """How urgent it is. Whoever says thanks for the heating is in no danger."""
    if kind is Kind.GRATITUDE:
        return Priority.ORDINARY
    return (subtopics().get(subtopic or "") or rubricator().get(topic, rubricator()[OTHER])).priority


async def told(session: AsyncSession, incident_id: int) -> dict[LabelField, str]:
    """The newest that people said of the incident, question by question."""
    rows = await session.scalars(select(Label).where(Label.incident_id == incident_id).order_by(Label.id))
    return {label.field: label.value for label in rows}


def believed(prediction: Prediction | None, said: Mapping[LabelField, str]) -> dict[LabelField, str]:
    """Whether an answer is owed and whether it is spam: as people said, else as the classifier did."""
    owed = prediction is None or prediction.needs_answer
    is_spam = prediction is not None and prediction.spam
    by_model = {LabelField.NEEDS_ANSWER: YES if owed else NO, LabelField.SPAM: YES if is_spam else NO}
    return by_model | dict(said)


async def corrections(session: AsyncSession, incident_id: int) -> list[tuple[Label, str]]:
    """What people set right, with the name of who did, oldest first.

    Without what a step taught at the same moment: the history tells of it already.
    """
    rows = await session.execute(
        select(Label, Official.name)
        .join(Official, Official.id == Label.official_id)
        .where(Label.incident_id == incident_id, Label.field.in_(list(_FIELDS)))
        .order_by(Label.id)
    )
    steps = await session.execute(
        select(HistoryEntry.official_id, HistoryEntry.at).where(HistoryEntry.incident_id == incident_id)
    )
    by_steps = {(who, at) for who, at in steps}
    return [(label, who) for label, who in rows if (label.official_id, label.at) not in by_steps]
