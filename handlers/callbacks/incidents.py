"""Presses under a card and in the menus it opens."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id, IdOrNone, Listed, Offset
from handlers.reasons import MoveReason, ReworkReason, SkipReason
from models import Language


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


class Speak(CallbackData, prefix="a1.lang"):
    language: Language


class Close(CallbackData, prefix="a1.close"):
    """Put a menu away."""
