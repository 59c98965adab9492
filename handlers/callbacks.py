"""What stands behind a button: ids only, at most 64 bytes, under a versioned prefix.

A card may be pressed months after it was sent. When a format changes, its prefix gets the next version and
the old one a line in `OLDER`, the only place that knows it. A button grants nothing: rights are checked at
the press.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.reasons import MoveReason, ReworkReason, SkipReason
from models import Kind, Language

# What the database's integers hold; a forged number must not reach it.
LARGEST_ID: Final = 2**31 - 1
Id = Annotated[int, Field(gt=0, le=LARGEST_ID)]
IdOrNone = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
TopicCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
RubricatorCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}(\.[a-z][a-z_]{0,31})?$")]
Listed = Literal["my", "late", "queue"]
Flag = Literal["answer", "official", "spam"]
Shown = Literal["summary", "all", "missing", "silent", "unverified", "lost"]


class Accept(CallbackData, prefix="a1.acc"):
    incident_id: Id


class Answer(CallbackData, prefix="a1.ans"):
    incident_id: Id


class Move(CallbackData, prefix="a1.mov"):
    """«Переадресовать»: asks where to."""

    incident_id: Id


class MoveTo(CallbackData, prefix="a1.to"):
    """The body was chosen: asks why. Body 0 is the curators."""

    incident_id: Id
    body_id: IdOrNone


class MoveWhy(CallbackData, prefix="a1.why"):
    """The last press of a hand-over. No reason: the person writes their own."""

    incident_id: Id
    body_id: IdOrNone
    reason: MoveReason | None


class Find(CallbackData, prefix="a1.find"):
    """«Найти орган», for a body's own hand-over or for a curator's assignment."""

    incident_id: Id
    curator: bool


class Send(CallbackData, prefix="a1.send"):
    answer_id: Id
    interim: bool


class Change(CallbackData, prefix="a1.chg"):
    answer_id: Id
    incident_id: Id


class Discard(CallbackData, prefix="a1.dis"):
    answer_id: Id


class ByHand(CallbackData, prefix="a1.hand"):
    """«Готово, вот ссылка»."""

    incident_id: Id


class Photos(CallbackData, prefix="a1.pics"):
    """Show the photos of the posts."""

    incident_id: Id


class Approve(CallbackData, prefix="a1.ok"):
    incident_id: Id


class SendBack(CallbackData, prefix="a1.back"):
    incident_id: Id


class SendBackWhy(CallbackData, prefix="a1.bwhy"):
    incident_id: Id
    reason: ReworkReason | None


class Give(CallbackData, prefix="a2.give"):
    """A curator's press: the incident is this body's. `holder`: whose it was when the button was drawn, or 0."""

    incident_id: Id
    body_id: Id
    holder: IdOrNone


class Pick(CallbackData, prefix="a1.pick"):
    """A curator's «Другой орган», «Переназначить»: asks which."""

    incident_id: Id


class Skip(CallbackData, prefix="a1.skip"):
    incident_id: Id


class SkipWhy(CallbackData, prefix="a1.swhy"):
    incident_id: Id
    reason: SkipReason | None


class Merge(CallbackData, prefix="a1.join"):
    incident_id: Id
    into_id: Id


class Reopen(CallbackData, prefix="a1.reop"):
    incident_id: Id


class Open(CallbackData, prefix="a1.open"):
    """Show the incident again."""

    incident_id: Id


class History(CallbackData, prefix="a1.hist"):
    incident_id: Id


class Turn(CallbackData, prefix="a1.page"):
    """Another page of a list."""

    listed: Listed
    offset: Offset


class TurnBodies(CallbackData, prefix="a1.bods"):
    offset: Offset


class Invite(CallbackData, prefix="a1.inv"):
    """Body 0 invites a curator."""

    body_id: IdOrNone


class Speak(CallbackData, prefix="a1.lang"):
    language: Language


class TurnKeywords(CallbackData, prefix="a1.kws"):
    offset: Offset


class SwitchKeyword(CallbackData, prefix="a1.kw"):
    """`offset`: the page it was pressed on."""

    keyword_id: Id
    is_on: bool
    offset: Offset


class ExplainKeywords(CallbackData, prefix="a1.kwh"):
    """«Как добавить»."""


class Communities(CallbackData, prefix="a1.gp"):
    """/communities: the summary, or a page of one of its lists."""

    shown: Shown
    offset: Offset


class OpenCommunity(CallbackData, prefix="a1.gpo"):
    community_id: Id


class WatchCommunity(CallbackData, prefix="a1.gpw"):
    community_id: Id
    is_watched: bool


class SendCommunities(CallbackData, prefix="a1.gpx"):
    """«Выгрузить»: the registry as a file."""


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


class Close(CallbackData, prefix="a1.close"):
    """Put a menu away."""


# Old prefix → the same press in today's format.
OLDER: Final[Mapping[str, Callable[[str], str]]] = {
    "a1.give": lambda data: f"a2.give:{data.partition(':')[2]}:0",
}


def modern(data: str, older: Mapping[str, Callable[[str], str]] = OLDER) -> str:
    """A press in today's format; one that cannot be read is left as it is, for the fallback to refuse."""
    translate = older.get(data.partition(":")[0])
    if translate is None:
        return data
    try:
        return translate(data)
    except (ValueError, TypeError):
        return data
