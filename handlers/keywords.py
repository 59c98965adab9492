"""/keywords: what is looked for, on and off; new ones; and what one would have found today."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards
from handlers.callbacks import ExplainKeywords, SwitchKeyword, TurnKeywords
from handlers.context import House, Reading, Transaction
from handlers.excerpts import line, link, quoted
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents import watching
from incidents.errors import BadKeyword, KeywordFault
from incidents.keywords import LONGEST, MOST_LINES, Forms, Keyword, parse
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.routing import body_by_code
from models import KeywordRow

PAGE: Final = 6
_SHOWN: Final = 5  # posts of a trial
_TEXT: Final = 60  # UTF-16 units of a keyword in a list
_QUERY: Final = 120
_ADD: Final = frozenset({"add", "добавить"})
_TRY: Final = frozenset({"try", "проверить"})
_OPTION: Final = re.compile(
    r"""(?:@(?P<body>\S+)|(?:territory|территория)=(?:["«“„](?P<quoted>[^"»”“]*)["»”“]|(?P<bare>\S+)))(?:\s+|$)""",
    re.IGNORECASE,
)


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(keywords_asked, Command("keywords"))
    router.callback_query.register(keywords_turned, TurnKeywords.filter())
    router.callback_query.register(switch_pressed, SwitchKeyword.filter())
    router.callback_query.register(explain_pressed, ExplainKeywords.filter())
    return router


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands after `/keywords add` or `try`: the options, then a keyword a line."""

    body_code: str
    territory: str
    lines: tuple[str, ...]

    @property
    def options(self) -> str:
        """As they are written before a keyword."""
        body = f"@{self.body_code} " if self.body_code else ""
        return f'{body}territory="{self.territory}" ' if self.territory else body


def asked_for(text: str) -> Asked:
    """Raises: BadKeyword: there is nothing to look for, or too much at once."""
    text = text.strip()
    body_code = territory = ""
    while option := _OPTION.match(text):
        body_code = option["body"] or body_code
        territory = (option["quoted"] or option["bare"] or territory).strip()
        text = text[option.end() :]
    lines = tuple(one.strip() for one in text.splitlines() if one.strip())
    if not lines:
        raise BadKeyword(KeywordFault.EMPTY)
    if len(lines) > MOST_LINES:
        raise BadKeyword(KeywordFault.LINES)
    return Asked(body_code, territory, lines)


async def keywords_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    reading: Reading,
    actor: Actor,
    reader: Reader,
    spot: Spot,
    house: House,
) -> None:
    verb, rest = _split(command.args or "")
    if verb in _ADD:
        await _add(asked_for(rest), transaction, actor, reader, spot)
        return
    if verb in _TRY:
        actor.must(Permission.KEYWORDS)
        asked = asked_for(rest)
        async with reading() as session:
            posts, is_whole = await watching.seen_lately(session, now=reader.now)
        trial = await asyncio.to_thread(_tried, asked, posts, house.word_forms)
        text = _trial_text(asked, trial, reader.words, house, seen=len(posts), is_whole=is_whole)
        async with transaction() as session:
            tell(session, spot, text, now=reader.now)
        return
    async with transaction() as session:
        if verb:
            tell(session, spot, reader.words("keywords.explained"), now=reader.now)
        else:
            text, rows = await _screen(session, 0, actor, reader)
            tell(session, spot, text, now=reader.now, rows=rows)


def _split(text: str) -> tuple[str, str]:
    """The first word in small letters, and the rest with its line ends."""
    parts = text.strip().split(maxsplit=1)
    return (parts[0].lower() if parts else ""), (parts[1] if parts[1:] else "")


# -- adding


async def _add(asked: Asked, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot) -> None:
    actor.must(Permission.KEYWORDS)
    async with transaction() as session:
        body = await body_by_code(session, asked.body_code) if asked.body_code else None
        rows = [
            await watching.add_keyword(
                session, one, actor=actor, now=reader.now, body=body, territory=asked.territory
            )
            for one in asked.lines
        ]
        for row in rows:
            _keep_track(session, row, actor, reader, spot)
        told = "; ".join([line(row.text, _TEXT) for row in rows])
        whose = [f"@{body.code}"] if body else []
        told = " · ".join([told, *whose, *([asked.territory[:100]] if asked.territory else [])])
        tell(session, spot, reader.words("keywords.added", keywords=told), now=reader.now)


def _keep_track(session: AsyncSession, row: KeywordRow, actor: Actor, reader: Reader, spot: Spot) -> None:
    audit(
        session,
        now=reader.now,
        telegram_id=actor.telegram_id,
        chat_id=spot.chat_id,
        action="keyword",
        outcome="on" if row.is_active else "off",
        keyword_id=row.id,
    )


# -- the list


async def _screen(
    session: AsyncSession, offset: int, actor: Actor, reader: Reader
) -> tuple[str, keyboards.Rows]:
    words = reader.words
    how = keyboards.button(words.plain("keywords.how"), ExplainKeywords())
    rows: keyboards.Rows = [[how]] if actor.may(Permission.KEYWORDS) else []
    shown, total = await watching.listed(session, actor, now=reader.now, limit=PAGE, offset=offset)
    if not shown:
        return words("keywords.none"), rows
    blocks = [words("keywords.head", total=total), *(_row(one, words) for one in shown)]
    if actor.may(Permission.KEYWORDS):
        rows = [*([_switch(one.row, offset, words)] for one in shown), *rows]
    return "\n\n".join(blocks), [*rows, *_turning(offset, total, words)]


def _row(one: watching.Listed, words: Words) -> Html:
    details = [words.count("count.posts", one.hits)]
    details += [f"@{one.body_code}"] if one.body_code else []
    details += [line(one.row.territory, _TEXT)] if one.row.territory else []
    details += [words.name("network", network) for network in one.row.networks]
    return words(
        "keywords.row",
        mark="🟢" if one.row.is_active else "⚪️",
        text=line(one.row.text, _TEXT),
        details=" · ".join(details),
    )


def _switch(row: KeywordRow, offset: int, words: Words) -> keyboards.Button:
    data = SwitchKeyword(keyword_id=row.id, is_on=not row.is_active, offset=offset)
    if row.is_active:
        return keyboards.button(words.plain("keywords.switch_off", text=row.text), data)
    return keyboards.button(words.plain("keywords.switch_on", text=row.text), data)


def _turning(offset: int, total: int, words: Words) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = TurnKeywords(offset=max(offset - PAGE, 0))
        row.append(keyboards.button(words.plain("button.back_page"), back))
    if offset + PAGE < total:
        row.append(keyboards.button(words.plain("button.next_page"), TurnKeywords(offset=offset + PAGE)))
    return [row] if row else []


async def keywords_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnKeywords,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n", 1)[0]))


async def switch_pressed(
    query: CallbackQuery,
    *,
    callback_data: SwitchKeyword,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        row = await watching.switch_keyword(
            session, callback_data.keyword_id, is_on=callback_data.is_on, actor=actor
        )
        _keep_track(session, row, actor, reader, spot)
        text, rows = await _screen(session, callback_data.offset, actor, reader)
        change(session, spot, text, now=reader.now, rows=rows)
    plain, told = reader.words.plain, line(row.text, _TEXT)
    is_on = row.is_active
    await acknowledge(
        query, plain("keywords.is_on", text=told) if is_on else plain("keywords.is_off", text=told)
    )


async def explain_pressed(
    query: CallbackQuery,
    *,
    callback_data: ExplainKeywords,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        tell(session, spot, reader.words("keywords.explained"), now=reader.now)
    await acknowledge(query, reader.words.plain("keywords.explained_short"))


# -- trying


@dataclass(frozen=True, slots=True)
class Trial:
    """The keywords as they were understood, and the posts they would have found."""

    keywords: list[Keyword]
    posts: list[watching.Seen]


def _tried(asked: Asked, posts: list[watching.Seen], forms: Forms) -> Trial:
    """Reads thousands of posts and opens the dictionary: off the event loop."""
    keywords = [
        parse(one, id=number, forms=forms, territory=asked.territory)
        for number, one in enumerate(asked.lines, 1)
    ]
    return Trial(keywords, watching.finds(keywords, posts))


def _trial_text(asked: Asked, trial: Trial, words: Words, house: House, *, seen: int, is_whole: bool) -> str:
    told = line("; ".join(asked.lines), 2 * _TEXT)
    found = words.count("count.posts", len(trial.posts))
    whole = words("keywords.tried", text=told, found=found, seen=seen)
    blocks = [whole if is_whole else words("keywords.tried_partly", text=told, found=found, seen=seen)]
    blocks += [
        words(
            "keywords.found",
            number=number,
            text=line(post.text, _TEXT) or "—",
            link=link(post.url, words.name("network", post.network)),
        )
        for number, post in enumerate(trial.posts[:_SHOWN], 1)
    ]
    if house.compiled:
        blocks.append(words("keywords.networks"))
        blocks += [_asked_of(network, trial.keywords, words, house) for network in house.compiled]
    if len(asked.lines) == 1 and len(asked.lines[0]) <= LONGEST:
        command = f"/keywords add {asked.options}{asked.lines[0]}"
        blocks.append(words("keywords.to_add", command=command))
    return "\n".join(blocks)


def _asked_of(network: str, keywords: list[Keyword], words: Words, house: House) -> Html:
    """What the network will be asked for, the first query of all."""
    compiled = house.compiled[network]
    queries = compiled(keywords) if compiled else ()
    if not queries:
        return words("keywords.local", network=network)
    query = quoted(queries[0], _QUERY, lines=1)
    if len(queries) == 1:
        return words("keywords.query", network=network, query=query)
    return words("keywords.queries", network=network, query=query, total=len(queries))
