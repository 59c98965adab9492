"""Words that came as the reply to a question, with all that is needed to act on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.context import House
from handlers.telling import Spot, tell
from handlers.times import Reader
from incidents.people import Actor
from models import Prompt


@dataclass(frozen=True, slots=True)
class Taken:
    """One reply to one prompt, inside its transaction."""

    session: AsyncSession
    prompt: Prompt
    message: Message
    actor: Actor
    reader: Reader
    spot: Spot
    house: House

    @property
    def text(self) -> str:
        return (self.message.text or self.message.caption or "").strip()

    def tell(self, text: str, *, rows: Sequence[Sequence[Any]] = ()) -> None:
        tell(self.session, self.spot, text, now=self.reader.now, rows=rows, reply_to=self.spot.message_id)


def body_of_prompt(prompt: Prompt) -> int:
    """The body a hand-over is meant for; 0 for the curators."""
    return int(prompt.context.get("body_id") or 0)
