"""Presses of correcting an answer that stands already."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id
from handlers.reasons import ReworkReason


class Revise(CallbackData, prefix="a1.rev"):
    """«Исправить ответ»: asks for the new words."""

    incident_id: Id


class SendRevision(CallbackData, prefix="a1.revs"):
    answer_id: Id


class DropRevision(CallbackData, prefix="a1.revd"):
    answer_id: Id


class ApproveRevision(CallbackData, prefix="a1.reva"):
    answer_id: Id


class RefuseRevision(CallbackData, prefix="a1.revr"):
    """Asks why."""

    answer_id: Id


class RefuseRevisionWhy(CallbackData, prefix="a1.revw"):
    answer_id: Id
    reason: ReworkReason


class RevisedByHand(CallbackData, prefix="a1.revh"):
    """«Готово, исправлено»."""

    publication_id: Id
