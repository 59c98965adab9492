"""Presses about an answer that holds personal data."""

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks.fields import Id


class LetThrough(CallbackData, prefix="a1.ovr"):
    """«Отправить всё же»: asks who may why, or asks those who may."""

    answer_id: Id


class DoNotLet(CallbackData, prefix="a1.ovrn"):
    """«Пусть исправит»."""

    answer_id: Id
