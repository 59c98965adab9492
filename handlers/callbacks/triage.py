"""Presses of /triage: one card of the queue at a time, and of many that are the same thing."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks.fields import Id, Offset, RubricatorCode, TopicCode
from handlers.reasons import SkipReason
from models import Kind


class Triage(CallbackData, prefix="a1.tri"):
    """The next card. `anew`: a new round, what was passed over in the last one comes again in its order."""

    anew: bool


class TriageCard(CallbackData, prefix="a1.trc"):
    """Back from a menu to the card."""

    incident_id: Id


class TriageGive(CallbackData, prefix="a1.trg"):
    incident_id: Id
    body_id: Id


class TriageBodies(CallbackData, prefix="a1.trb"):
    """«Другой орган»: asks which."""

    incident_id: Id


class TriageFind(CallbackData, prefix="a1.trf"):
    """«Найти орган»: asks for a word of its name."""

    incident_id: Id


class TriageSkip(CallbackData, prefix="a1.trs"):
    incident_id: Id


class TriageSkipWhy(CallbackData, prefix="a1.trw"):
    """No reason: the person writes their own."""

    incident_id: Id
    reason: SkipReason | None


class TriageMerge(CallbackData, prefix="a1.trm"):
    """«Объединить»: asks with which."""

    incident_id: Id


class TriageMergeInto(CallbackData, prefix="a1.trj"):
    incident_id: Id
    into_id: Id


class TriagePass(CallbackData, prefix="a1.trp"):
    """«Пропустить»."""

    incident_id: Id


class TriageStop(CallbackData, prefix="a1.trx"):
    """«Хватит»."""


class UndoAct(CallbackData, prefix="a1.tru"):
    act_id: Id


class UndoAll(CallbackData, prefix="a1.tra"):
    """All of one press for many. `batch`: its first act."""

    batch: Id


class TriageTopics(CallbackData, prefix="a1.ttm"):
    incident_id: Id
    offset: Offset


class TriageSubtopics(CallbackData, prefix="a1.tts"):
    incident_id: Id
    topic: TopicCode


class TriageSetTopic(CallbackData, prefix="a1.tt"):
    """As SetTopic, and back to the card of the queue."""

    incident_id: Id
    code: RubricatorCode
    seen: TopicCode


class TriageKinds(CallbackData, prefix="a1.tkm"):
    incident_id: Id


class TriageSetKind(CallbackData, prefix="a1.tk"):
    incident_id: Id
    kind: Kind
    seen: Kind


class PickPlace(CallbackData, prefix="a1.plm"):
    """Asks where it is. `queue`: from a card of the queue, which stands there again afterwards."""

    incident_id: Id
    queue: bool


class SetTerritory(CallbackData, prefix="a1.pl"):
    """`mark`: of the territory's name, which is too long for a button."""

    incident_id: Id
    mark: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    queue: bool


class WritePlace(CallbackData, prefix="a1.plw"):
    """«Написать место»: asks for it in words."""

    incident_id: Id
    queue: bool


class Storm(CallbackData, prefix="a1.st"):
    """What is the same thing as this one: all ticked."""

    incident_id: Id


class TurnStorm(CallbackData, prefix="a1.stp"):
    incident_id: Id
    offset: Offset


class Tick(CallbackData, prefix="a1.stt"):
    """On or off. `offset`: the page it was pressed on."""

    incident_id: Id
    other_id: Id
    offset: Offset


class StormGive(CallbackData, prefix="a1.stg"):
    incident_id: Id
    body_id: Id


class StormMerge(CallbackData, prefix="a1.stm"):
    incident_id: Id


class StormSkip(CallbackData, prefix="a1.sts"):
    """Asks why. No reason yet."""

    incident_id: Id


class StormSkipWhy(CallbackData, prefix="a1.stw"):
    incident_id: Id
    reason: SkipReason
