"""A card that stands where the incident is no more: it loses its buttons, and says where it went."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import card
from handlers.outgoing import Outgoing
from handlers.times import Reader
from incidents import finding


async def card_left(session: AsyncSession, told: Mapping[str, Any], reader: Reader) -> Outgoing:
    """The notice `outbox.CARD_LEFT`: other words for a message that is no card of ours any more."""
    number = told["incident_id"]
    shown = await finding.view(session, number)
    text = card(shown, await finding.history(session, number), reader, disarmed=True)
    return Outgoing(text, message_id=told["message_id"], only_edit=True)
