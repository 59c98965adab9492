"""Presses by which an incident goes back, on, or to a colleague."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id, IdOrNone, Offset
from handlers.reasons import MoveReason


class ReturnTo(CallbackData, prefix="a1.ret"):
    """The last press of «Не наше»: whose it is; body 0 is «не знаю».

    The reason is a ready one, or stands in the closed prompt of this number.
    """

    incident_id: Id
    body_id: IdOrNone
    reason: MoveReason | None
    prompt_id: IdOrNone


class FindOwner(CallbackData, prefix="a1.retf"):
    """«Найти орган» of the same menu."""

    incident_id: Id
    reason: MoveReason | None
    prompt_id: IdOrNone


class GiveMeant(CallbackData, prefix="a1.gvm"):
    """Which of several bodies a typed command meant. `asked_id`: the audit's entry that holds the reason."""

    incident_id: Id
    body_id: Id
    asked_id: Id
    holder: IdOrNone


class Delegate(CallbackData, prefix="a1.dlg"):
    """«Поручить»: asks to whom."""

    incident_id: Id
    offset: Offset


class DelegateTo(CallbackData, prefix="a1.dlgt"):
    """`holder`: who held it when the menu was drawn, or 0."""

    incident_id: Id
    official_id: Id
    holder: IdOrNone
