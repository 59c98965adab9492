"""The photos of residents' posts: the first above the card, all of them behind «📷 Фото»."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks import Photos
from handlers.context import Transaction
from handlers.excerpts import is_link, link, utf16
from handlers.lists import must_see
from handlers.outgoing import Outgoing
from handlers.questions import card_message
from handlers.telling import Spot, acknowledge
from handlers.times import Reader
from handlers.words import Html
from incidents import finding, outbox
from incidents.finding import View
from incidents.people import Actor
from models import Urgency

_ALBUM: Final = 10  # photos: https://core.telegram.org/bots/api#sendmediagroup
_ROOM: Final = 3500  # UTF-16 units of links, HTML included


def build_router() -> Router:
    router = Router(name=__name__)
    router.callback_query.register(photos_pressed, Photos.filter())
    return router


def photos_of(view: View) -> list[str]:
    """Addresses that Telegram would take, each once, the oldest post's first."""
    return list(dict.fromkeys(url for post in view.posts for url in post.photos if is_link(str(url))))


def first_photo(view: View) -> str:
    """Of the post whose words the card shows; "" where it has none."""
    return next((url for url in view.posts[0].photos if is_link(str(url))), "") if view.posts else ""


async def photos_pressed(
    query: CallbackQuery,
    *,
    callback_data: Photos,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """The photos are owed to the chat where it was pressed."""
    number = callback_data.incident_id
    async with transaction() as session:
        view = await finding.view(session, number)
        must_see(view, actor)
        if photos_of(view):
            outbox.book_notice(
                session,
                "photos",
                chat_id=spot.chat_id,
                thread_id=spot.thread_id,
                now=reader.now,
                urgency=Urgency.ANSWERED_PERSON,
                incident_id=number,
            )
            words = reader.words.plain("photos.coming")
        else:
            words = reader.words.plain("photos.none")
    await acknowledge(query, words)


async def photos(session: AsyncSession, number: int, chat_id: int, reader: Reader) -> Outgoing | None:
    """At most ten as an album, the others as links; None where there are none any more."""
    view = await finding.view(session, number)
    found = photos_of(view)
    if not found:
        return None
    words = reader.words
    head = words("photos.head", number=number)
    more = _linked(found[_ALBUM:], words("photos.more"), reader, start=_ALBUM + 1)
    instead = _linked(found, words("photos.not_shown"), reader, start=1)
    return Outgoing(
        Html("\n".join([head, *more])),
        album=tuple(found[:_ALBUM]),
        instead=Html("\n".join([head, *instead])),
        reply_to=await card_message(session, number, chat_id),
    )


def _linked(urls: list[str], head: Html, reader: Reader, *, start: int) -> list[str]:
    """As many as a message has room for: signed addresses are long."""
    shown: list[str] = []
    room = _ROOM
    for number, url in enumerate(urls, start):
        one = link(url, reader.words.plain("photos.link", number=number))
        room -= utf16(one)
        if room < 0:
            break
        shown.append(one)
    return [head, " · ".join(shown)] if shown else []
