"""/templates: a body's own and those common to all: look, add, change, switch off."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.callbacks.answers import (
    ChangeTemplate,
    NameTemplate,
    NewTemplate,
    OpenTemplate,
    SwitchTemplateOff,
    Templates,
)
from handlers.cards import topic_name
from handlers.context import Transaction
from handlers.excerpts import line, quoted
from handlers.keyboards import Button, Rows, button
from handlers.takers import Taken
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Words
from incidents import templates
from incidents.answering import close_prompt, open_prompt
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.routing import body_by_code
from incidents.rubricator import rubricator
from incidents.templates import COMMON
from models import Body, Official, PromptKind

_PAGE: Final = 6
_TOPICS: Final = 8
_TEXT: Final = 2500  # UTF-16 units
_EVERY_LINE: Final = 1000
_OPENING: Final = 60


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(templates_asked, Command("templates"))
    router.callback_query.register(templates_turned, Templates.filter())
    router.callback_query.register(template_opened, OpenTemplate.filter())
    router.callback_query.register(change_pressed, ChangeTemplate.filter())
    router.callback_query.register(off_pressed, SwitchTemplateOff.filter())
    router.callback_query.register(new_pressed, NewTemplate.filter())
    router.callback_query.register(topic_chosen, NameTemplate.filter())
    return router


async def templates_asked(
    message: Message,
    *,
    command: CommandObject,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    """One's own; of several bodies it is asked which. A code names the body at once."""
    actor.must(Permission.TEMPLATES)
    async with transaction() as session:
        code, mine = (command.args or "").strip(), templates.scopes(actor)
        if code:
            mine = [(await body_by_code(session, code)).id]
        if len(mine) > 1:
            rows = [
                [button(await _whose(session, one, reader.words), Templates(body_id=one, offset=0))]
                for one in mine
            ]
            tell(session, spot, reader.words("template.which"), now=reader.now, rows=rows)
        else:
            text, rows = await _screen(session, mine[0], 0, actor, reader.words)
            tell(session, spot, text, now=reader.now, rows=rows)


async def templates_turned(
    query: CallbackQuery,
    *,
    callback_data: Templates,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        text, rows = await _screen(session, callback_data.body_id, callback_data.offset, actor, reader.words)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, reader.words.plain("template.shown"))


async def _whose(session: AsyncSession, body_id: int, words: Words) -> str:
    if body_id == COMMON:
        return words.plain("template.common")
    body = await session.get(Body, body_id)
    return body.name if body else words.plain("template.common")


async def _screen(
    session: AsyncSession, body_id: int, offset: int, actor: Actor, words: Words
) -> tuple[str, Rows]:
    await templates.must_manage(session, actor, body_id or None)
    found, total = await templates.page(session, body_id=body_id or None, limit=_PAGE, offset=offset)
    head = words("template.head", whose=line(await _whose(session, body_id, words), 80), total=total)
    new = [button(words.plain("template.button_new"), NewTemplate(body_id=body_id, offset=0))]
    if not found:
        return f"{head}\n\n{words('template.none')}", [new]
    blocks: list[str] = [head]
    topic = None
    for one in found:
        if one.topic != topic:
            topic = one.topic
            blocks.append(words("template.topic", topic=_topic(topic, words)))
        blocks.append(words("template.row", name=one.name, text=line(one.text, _OPENING)))
    rows: Rows = [[button(one.name, OpenTemplate(template_id=one.id))] for one in found]
    return "\n".join(blocks), [*rows, new, *_turning(body_id, offset, total, words)]


def _topic(code: str, words: Words) -> str:
    return topic_name(code, words) if code else words.plain("template.any_topic")


def _turning(body_id: int, offset: int, total: int, words: Words) -> Rows:
    row: list[Button] = []
    if offset > 0:
        back = Templates(body_id=body_id, offset=max(offset - _PAGE, 0))
        row.append(button(words.plain("button.back_page"), back))
    if offset + _PAGE < total:
        row.append(button(words.plain("button.next_page"), Templates(body_id=body_id, offset=offset + _PAGE)))
    return [row] if row else []


async def template_opened(
    query: CallbackQuery,
    *,
    callback_data: OpenTemplate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words = reader.words
    async with transaction() as session:
        template = await templates.open_template(session, callback_data.template_id, actor)
        author = await session.get(Official, template.created_by)
        text = words(
            "template.one",
            name=template.name,
            topic=_topic(template.topic, words),
            version=template.version,
            author=line(author.name, 60) if author else "—",
            at=reader.day(template.created_at),
            text=quoted(template.text, _TEXT, lines=_EVERY_LINE),
        )
        rows = [
            [
                button(words.plain("button.change"), ChangeTemplate(template_id=template.id)),
                button(words.plain("template.button_off"), SwitchTemplateOff(template_id=template.id)),
            ],
            [
                button(
                    words.plain("button.back_page"), Templates(body_id=template.body_id or COMMON, offset=0)
                )
            ],
        ]
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, words.plain("template.shown"))


async def change_pressed(
    query: CallbackQuery,
    *,
    callback_data: ChangeTemplate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        template = await templates.open_template(session, callback_data.template_id, actor)
        await open_prompt(
            session,
            kind=PromptKind.TEMPLATE,
            incident_id=None,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            template_id=template.id,
        )
    await acknowledge(query, reader.words.plain("template.asked"))


async def off_pressed(
    query: CallbackQuery,
    *,
    callback_data: SwitchTemplateOff,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        template = await templates.switch_off(session, template_id=callback_data.template_id, actor=actor)
        await session.flush()
        text, rows = await _screen(session, template.body_id or COMMON, 0, actor, reader.words)
        change(session, spot, text, now=reader.now, rows=rows)
        name = template.name
    await acknowledge(query, reader.words.plain("template.is_off", name=name))


async def new_pressed(
    query: CallbackQuery,
    *,
    callback_data: NewTemplate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    body_id, offset, words = callback_data.body_id, callback_data.offset, reader.words
    async with transaction() as session:
        await templates.must_manage(session, actor, body_id or None)
        rows = _topics(body_id, offset, words)
        change(session, spot, words("template.which_topic"), now=reader.now, rows=rows)
    await acknowledge(query, words.plain("template.choose_topic"))


def _topics(body_id: int, offset: int, words: Words) -> Rows:
    codes = list(rubricator())
    rows: Rows = [[button(words.plain("template.any_topic"), NameTemplate(body_id=body_id, topic=""))]]
    rows += [
        [button(topic_name(code, words), NameTemplate(body_id=body_id, topic=code))]
        for code in codes[offset : offset + _TOPICS]
    ]
    turning: list[Button] = []
    if offset > 0:
        back = NewTemplate(body_id=body_id, offset=max(offset - _TOPICS, 0))
        turning.append(button(words.plain("button.back_page"), back))
    if offset + _TOPICS < len(codes):
        more = NewTemplate(body_id=body_id, offset=offset + _TOPICS)
        turning.append(button(words.plain("button.next_page"), more))
    back_to_list = [button(words.plain("template.button_list"), Templates(body_id=body_id, offset=0))]
    return [*rows, *([turning] if turning else []), back_to_list]


async def topic_chosen(
    query: CallbackQuery,
    *,
    callback_data: NameTemplate,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        await templates.must_manage(session, actor, callback_data.body_id or None)
        await open_prompt(
            session,
            kind=PromptKind.TEMPLATE,
            incident_id=None,
            actor=actor,
            chat_id=spot.chat_id,
            thread_id=spot.thread_id,
            now=reader.now,
            body_id=callback_data.body_id,
            topic=callback_data.topic if callback_data.topic in rubricator() else "",
        )
    await acknowledge(query, reader.words.plain("template.asked"))


async def take_template(taken: Taken) -> None:
    """New, or a new version of one; a bad one is refused and the question stays open."""
    close_prompt(taken.prompt, now=taken.reader.now)
    asked, words = taken.prompt.context, taken.reader.words
    if asked.get("template_id"):
        template = await templates.change(
            taken.session,
            template_id=int(asked["template_id"]),
            words=taken.text,
            actor=taken.actor,
            now=taken.reader.now,
        )
    else:
        template = await templates.add(
            taken.session,
            body_id=int(asked.get("body_id") or COMMON) or None,
            topic=str(asked.get("topic") or ""),
            words=taken.text,
            actor=taken.actor,
            now=taken.reader.now,
        )
    rows = [
        [button(words.plain("template.button_list"), Templates(body_id=template.body_id or COMMON, offset=0))]
    ]
    taken.tell(words("template.kept", name=template.name, version=template.version), rows=rows)
