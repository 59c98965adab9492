"""/communities: the registry of official pages, what is missing in it by body, and one page with its figures."""

from collections.abc import Sequence
from typing import Final

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import Communities, OpenCommunity, SendCommunities, Shown, WatchCommunity
from handlers.communities_file import file_asked, file_came, owe_file
from handlers.context import House, Transaction
from handlers.excerpts import line, link
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents.communities import (
    Figures,
    Missing,
    Overview,
    overview,
    page_seen_by,
    scope_of,
    watch,
)
from incidents.people import Actor
from incidents.permissions import Permission
from models import CommunityState

_PAGE: Final = 6  # pages, each with its button
_LINES: Final = 12  # bodies without a page, which have no buttons
_LISTS: Final[tuple[Shown, ...]] = ("missing", "silent", "unverified", "lost", "all")
_TITLE: Final = 60  # UTF-16 units
_PROBLEM: Final = 120
_LONGEST_URL: Final = 200  # characters: six longer ones would fill the message
_MARKS: Final = {
    CommunityState.UNKNOWN: "⚪️",
    CommunityState.READ: "🟡",
    CommunityState.CONNECTED: "🟢",
    CommunityState.LOST: "🔴",
}


def build_router() -> Router:
    router = Router(name=__name__)
    is_private = F.chat.type == "private"
    router.message.register(file_came, Command("communities"), F.document, is_private)
    router.message.register(communities_asked, Command("communities"))
    router.callback_query.register(communities_turned, Communities.filter())
    router.callback_query.register(community_opened, OpenCommunity.filter())
    router.callback_query.register(watch_pressed, WatchCommunity.filter())
    router.callback_query.register(file_asked, SendCommunities.filter())
    return router


async def communities_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        if (command.args or "").strip().lower() in {"file", "файл"}:
            owe_file(session, spot, actor, reader)
        else:
            text, rows = await _screen(session, "summary", 0, actor, reader, house)
            tell(session, spot, text, now=reader.now, rows=rows)


async def communities_turned(
    query: CallbackQuery,
    *,
    callback_data: Communities,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.shown, callback_data.offset, actor, reader, house)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def _screen(
    session: AsyncSession, shown: Shown, offset: int, actor: Actor, reader: Reader, house: House
) -> tuple[str, keyboards.Rows]:
    found = await overview(session, now=reader.now, required=house.required_networks, bodies=scope_of(actor))
    if shown == "summary":
        return _summary(found, reader.words)
    if shown == "missing":
        return _missing(found.missing, offset, reader.words)
    return _pages(shown, _listed(found, shown), offset, reader)


def _listed(found: Overview, shown: Shown) -> Sequence[Figures]:
    lists = {"silent": found.silent, "unverified": found.unverified, "lost": found.lost}
    return lists.get(shown, found.pages)


# -- the summary


def _summary(found: Overview, words: Words) -> tuple[str, keyboards.Rows]:
    sizes = {shown: len(_listed(found, shown)) for shown in _LISTS} | {"missing": len(found.missing)}
    if not found.pages:
        head = words("communities.none")
    else:
        watched = sum(one.community.is_watched for one in found.pages)
        comments = sum(one.open_comments for one in found.pages)
        head = words("communities.head", total=len(found.pages), watched=watched, comments=comments)
    lines = [words(f"communities.count_{shown}", number=sizes[shown]) for shown in _LISTS if shown != "all"]
    rows: keyboards.Rows = [
        [_to_list(shown, words.plain(f"communities.button_{shown}", number=sizes[shown]))]
        for shown in _LISTS
        if sizes[shown]
    ]
    if found.pages:
        rows.append([keyboards.button(words.plain("communities.button_file"), SendCommunities())])
    return "\n".join([head, *lines, words("communities.how")]), rows


def _to_list(shown: Shown, label: str, offset: int = 0) -> keyboards.Button:
    return keyboards.button(label, Communities(shown=shown, offset=offset))


# -- the lists


def _missing(found: Sequence[Missing], offset: int, words: Words) -> tuple[str, keyboards.Rows]:
    here = found[offset : offset + _LINES]
    lines = [
        words(
            "communities.row_missing",
            body=line(one.body.name, _TITLE),
            code=one.body.code,
            networks=", ".join(words.name("network", network) for network in one.networks),
        )
        for one in here
    ]
    blocks = [words("communities.count_missing", number=len(found)), *lines]
    return "\n\n".join(blocks), _turning("missing", offset, len(found), words, step=_LINES)


def _pages(shown: Shown, found: Sequence[Figures], offset: int, reader: Reader) -> tuple[str, keyboards.Rows]:
    words = reader.words
    here = found[offset : offset + _PAGE]
    blocks: list[str] = [words(f"communities.count_{shown}", number=len(found))]
    body_id: int | None = -1  # nobody's
    for one in here:
        if one.community.body_id != body_id:
            body_id = one.community.body_id
            blocks.append("\n" + words("communities.of_body", body=_body(one, words)))
        blocks.append(_row(shown, one, reader))
    rows: keyboards.Rows = [
        [keyboards.button(_label(one, words), OpenCommunity(community_id=one.community.id))] for one in here
    ]
    return "\n".join(blocks), [*rows, *_turning(shown, offset, len(found), words, step=_PAGE)]


def _row(shown: Shown, one: Figures, reader: Reader) -> Html:
    words, page = reader.words, one.community
    if shown == "unverified":
        what: str = words("communities.mark_no")
    elif shown == "lost":
        what = line(words.name("reply_reason", page.problem), _PROBLEM) or words("communities.state.lost")
    else:
        what = _week(one, reader)
    mark = _MARKS[page.state] if page.is_watched else "⏸"
    network = words.name("network", page.network)
    return words("communities.row", mark=mark, network=network, title=_title(one), what=what)


def _week(one: Figures, reader: Reader) -> Html:
    words, norm = reader.words, one.community.posts_norm
    last = reader.day(one.last_post_at) if one.last_post_at else words.plain("communities.never")
    if norm:
        return words("communities.week_of_norm", last=last, posts=one.posts_week, norm=norm)
    return words("communities.week", last=last, posts=one.posts_week)


def _body(one: Figures, words: Words) -> str:
    return line(one.body.name, _TITLE) if one.body else words.plain("communities.nobody")


def _name(one: Figures) -> str:
    page = one.community
    return line(page.title or page.name or page.native_id or page.url, _TITLE)


def _title(one: Figures) -> Html:
    url = one.community.url
    return link(url if len(url) <= _LONGEST_URL else "", _name(one))


def _label(one: Figures, words: Words) -> str:
    return f"{words.name('network', one.community.network)} · {_name(one)}"


def _turning(shown: Shown, offset: int, total: int, words: Words, *, step: int) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        row.append(_to_list(shown, words.plain("button.back_page"), max(offset - step, 0)))
    if offset + step < total:
        row.append(_to_list(shown, words.plain("button.next_page"), offset + step))
    up = [_to_list("summary", words.plain("communities.button_summary"))]
    return [row, up] if row else [up]


# -- one page


async def community_opened(
    query: CallbackQuery,
    *,
    callback_data: OpenCommunity,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        one = await page_seen_by(session, callback_data.community_id, actor, now=reader.now)
        text, rows = _page(one, actor, reader)
        tell(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("communities.opened", title=_name(one)))


async def watch_pressed(
    query: CallbackQuery,
    *,
    callback_data: WatchCommunity,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    number, is_watched = callback_data.community_id, callback_data.is_watched
    async with transaction() as session:
        await watch(session, number, is_watched=is_watched, actor=actor)
        one = await page_seen_by(session, number, actor, now=reader.now)
        text, rows = _page(one, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    key = "communities.is_watched" if is_watched else "communities.is_not_watched"
    await acknowledge(query, reader.words.plain(key, title=_name(one)))


def _page(one: Figures, actor: Actor, reader: Reader) -> tuple[str, keyboards.Rows]:
    words, page = reader.words, one.community
    why = words.name("reply_reason", page.problem)
    problem = f": {line(why, _PROBLEM)}" if why else ""
    told = {None: "mark_unknown", True: "mark_yes", False: "mark_no"}[page.is_verified]
    text = words(
        "communities.page",
        title=_title(one),
        network=words.name("network", page.network),
        body=_body(one, words),
        level=words(f"communities.level.{page.level.value}"),
        territory=line(page.territory, _TITLE) or "—",
        mark=words(f"communities.{told}"),
        state=words(f"communities.state.{page.state.value}") + problem,
        week=_week(one, reader),
        comments=one.open_comments,
    )
    if not page.is_watched:
        text = Html(f"{text}\n{words('communities.stopped')}")
    rows: keyboards.Rows = []
    if actor.may(Permission.COMMUNITIES):
        key = "communities.button_stop" if page.is_watched else "communities.button_watch"
        press = WatchCommunity(community_id=page.id, is_watched=not page.is_watched)
        rows.append([keyboards.button(words.plain(key), press)])
    if opening := keyboards.link_button(words.plain("communities.button_open"), page.url):
        rows.append(opening)
    return text, rows
