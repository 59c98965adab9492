"""Presses of /routing, /rules, /model and /explain."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks.fields import Flag, Id, Offset, RubricatorCode, TopicCode
from models import Kind


class TurnRouting(CallbackData, prefix="a1.rt"):
    """Another page of /routing."""

    offset: Offset


class HoldTopic(CallbackData, prefix="a1.rth"):
    """«Отдать кураторам». `offset`: the page it was pressed on."""

    topic: TopicCode
    offset: Offset


class ReleaseTopic(CallbackData, prefix="a1.rtr"):
    """«Вернуть автоматику», after this very hold: an old button lifts no later one."""

    hold_id: Id
    offset: Offset


class TurnRules(CallbackData, prefix="a1.rul"):
    """Another page of /rules; `topic`: of one topic's only, or of all."""

    topic: Annotated[str, Field(pattern=r"^(\*|[a-z_]*(\.[a-z_]+)?)$", max_length=40)]
    offset: Offset


class ExplainRules(CallbackData, prefix="a1.rulh"):
    """«Как менять»."""


class AddRule(CallbackData, prefix="a1.rula"):
    """`asked_id`: the audit's entry that holds what was asked for; a territory's name is too long for a button."""

    asked_id: Id


class RemoveRule(CallbackData, prefix="a1.rulr"):
    """`mark`: of what the rule said when the button was drawn; a number may have been given anew."""

    rule_id: Id
    mark: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class RollBack(CallbackData, prefix="a1.mdl"):
    """«Откатить на предыдущую»: asks first, then does it. `model_id`: the one that spoke when it was drawn."""

    model_id: Annotated[str, Field(pattern=r"^presses-\d{8}-[0-9a-f]{8}$")]
    sure: bool


class TakeProposal(CallbackData, prefix="a1.prop"):
    """«Изменить правило»."""

    proposal_id: Id


class Explain(CallbackData, prefix="a1.exp"):
    """«Почему так»."""

    incident_id: Id


class PickTopic(CallbackData, prefix="a1.tpm"):
    """A page of the topics to correct to."""

    incident_id: Id
    offset: Offset


class PickSubtopic(CallbackData, prefix="a1.tps"):
    """The topic was chosen: asks which of its subtopics."""

    incident_id: Id
    topic: TopicCode


class SetTopic(CallbackData, prefix="a1.tp"):
    """The last press. `code` of a topic itself: no subtopic. `seen`: the topic that stood there."""

    incident_id: Id
    code: RubricatorCode
    seen: TopicCode


class PickKind(CallbackData, prefix="a1.kdm"):
    incident_id: Id


class SetKind(CallbackData, prefix="a1.kd"):
    """`seen`: the kind that stood there."""

    incident_id: Id
    kind: Kind
    seen: Kind


class SetFlag(CallbackData, prefix="a1.flg"):
    """One of the yes-or-no questions: an answer is owed, it is a body's own answer, it is spam."""

    incident_id: Id
    flag: Flag
    value: bool
