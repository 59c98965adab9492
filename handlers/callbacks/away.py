"""Presses of /away."""

from datetime import date
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks.fields import Id, IdOrNone

# A day as its number since the year 1: short, and every number is a day.
Day = Annotated[int, Field(gt=0, le=date.max.toordinal())]


class StandIn(CallbackData, prefix="a1.awy"):
    """The last press: from `first` to `last` this colleague stands in for this person. 0: nobody in particular."""

    official_id: Id
    first: Day
    last: Day
    substitute_id: IdOrNone


class CallOffAway(CallbackData, prefix="a1.awx"):
    """«Я уже на месте», «Отменить»."""

    official_id: Id


class AskAway(CallbackData, prefix="a1.awq"):
    """«Указать даты»."""


class ListAway(CallbackData, prefix="a1.awl"):
    """«Кто отсутствует»."""
