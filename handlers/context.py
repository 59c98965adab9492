"""What receiving hands to every handler, by name: aiogram passes `transaction`, `reading`, `clock`, `house`."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from models import Language

# `async with transaction() as session:` one transaction in which the update is marked done as well: the
# business change and "this press was handled" commit together or not at all. At most once per update.
Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]

# `async with reading() as session:` a snapshot to look at.
Reading = Callable[[], AbstractAsyncContextManager[AsyncSession]]

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every press: the bot's name, the region's zone and language, the answers' limits.

    `limits`: network → longest answer in characters. `new_token` makes a fresh invitation token.
    """

    bot_username: str
    zone: ZoneInfo
    language: Language
    new_token: Callable[[], str]
    limits: Mapping[str, int] = field(default_factory=dict)
