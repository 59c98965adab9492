"""/find: incidents by words, number, link, author, body, period; in a body's group, that body's own."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import found
from handlers.callbacks.find import FindPage
from handlers.context import House, Transaction
from handlers.keyboards import Rows
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import catalogue, without_markup
from incidents import searches, searching
from incidents.intake import clean
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.prompting import close_prompt, open_prompt
from incidents.rubricator import rubricator
from incidents.search_query import Known, understand
from models import Language, PromptKind, Search, Status

_FAMILY: Final = "status"


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(find_asked, Command("find"))
    router.callback_query.register(page_turned, FindPage.filter())
    return router


async def find_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    actor.must(Permission.SEE_INCIDENT)
    async with transaction() as session:
        if command.args and command.args.strip():
            text, rows = await _first_page(session, command.args, actor, reader, spot, house)
            tell(session, spot, text, now=reader.now, rows=rows)
        else:
            await open_prompt(
                session,
                kind=PromptKind.SEARCH,
                incident_id=None,
                actor=actor,
                chat_id=spot.chat_id,
                thread_id=spot.thread_id,
                now=reader.now,
            )


async def take_search_words(taken: Taken) -> None:
    """The reply to "what shall I look for?"."""
    close_prompt(taken.prompt, now=taken.reader.now)
    text, rows = await _first_page(
        taken.session, taken.text, taken.actor, taken.reader, taken.spot, taken.house
    )
    taken.tell(text, rows=rows)


async def page_turned(
    query: CallbackQuery,
    *,
    callback_data: FindPage,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    actor.must(Permission.SEE_INCIDENT)
    async with transaction() as session:
        search = await searches.own(session, callback_data.search_id, actor=actor, chat_id=spot.chat_id)
        text, rows = await _page(session, search, callback_data.offset, actor, reader, spot, house)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _first_page(
    session: AsyncSession, text: str, actor: Actor, reader: Reader, spot: Spot, house: House
) -> tuple[str, Rows]:
    search = await searches.keep(session, clean(text), actor=actor, chat_id=spot.chat_id, now=reader.now)
    return await _page(session, search, 0, actor, reader, spot, house)


async def _page(
    session: AsyncSession,
    search: Search,
    offset: int,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> tuple[str, Rows]:
    asked_on = search.created_at.astimezone(house.zone).date()
    known = Known(*_named(), await searches.body_names(session))
    asked = understand(search.text, today=asked_on, known=known)
    within = None if spot.is_private else await searches.bodies_of(session, spot.chat_id, spot.thread_id)
    results = await searching.search(
        session,
        asked,
        actor=actor,
        zone=house.zone,
        parse=house.links,
        within=within,
        limit=found.PAGE,
        offset=offset,
    )
    return found.page(search, asked, results, reader, offset=offset)


@cache
def _named() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Statuses and topics by their names in every language, and by their codes."""
    statuses = [(status.value, _status_names(status)) for status in Status]
    topics = [(topic.code, (topic.code, topic.name_ru, topic.name_en)) for topic in rubricator().values()]
    return _by_name(statuses), _by_name(topics)


def _status_names(status: Status) -> list[str]:
    names = [catalogue(language)[f"{_FAMILY}.{status.value}"] for language in Language]
    return [status.value, *(name for name in names if isinstance(name, str))]


def _by_name(named: Iterable[tuple[str, Iterable[str]]]) -> dict[str, frozenset[str]]:
    meanings: dict[str, frozenset[str]] = {}
    for code, names in named:
        for name in names:
            key = searches.comparable(name)
            meanings[key] = meanings.get(key, frozenset()) | {code}
    return meanings
