"""Presses of /bodies, /keywords and /communities."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id, IdOrNone, Offset, Shown


class TurnBodies(CallbackData, prefix="a1.bods"):
    offset: Offset


class Invite(CallbackData, prefix="a1.inv"):
    """Body 0 invites a curator."""

    body_id: IdOrNone


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
