"""Presses of /invitations, /people and /bind."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id, IdOrNone, Offset


class Revoke(CallbackData, prefix="a1.irev"):
    """«Отозвать»."""

    invitation_id: Id


class TurnPeople(CallbackData, prefix="a1.ppl"):
    """Another page of /people; body 0: of all the reader may see."""

    body_id: IdOrNone
    offset: Offset


class OpenPerson(CallbackData, prefix="a1.pp"):
    official_id: Id


class TakeRole(CallbackData, prefix="a1.prol"):
    """Asks first, then does it. A membership's number is never given anew to another."""

    membership_id: Id
    sure: bool


class Dismiss(CallbackData, prefix="a1.pdis"):
    """Asks first, then does it."""

    official_id: Id
    sure: bool


class BindTo(CallbackData, prefix="a1.bind"):
    """/bind of somebody who answers for several bodies: this one."""

    body_id: Id
