"""Presses of searching, of the history, and of answers given before."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id, Offset


class FindPage(CallbackData, prefix="a1.fnd"):
    """Another page of one's own search."""

    search_id: Id
    offset: Offset


class HistoryPage(CallbackData, prefix="a1.hpg"):
    incident_id: Id
    page: Offset


class HowAnswered(CallbackData, prefix="a1.sim"):
    """«Как отвечали»: answers given to the like."""

    incident_id: Id


class TakeAnswer(CallbackData, prefix="a1.simt"):
    """«За основу»: that answer becomes the draft of this incident's."""

    incident_id: Id
    answer_id: Id
