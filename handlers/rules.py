"""/rules: whose business is what: the list by topics. Changing it: rules_editing.py; trying it: rules_trial.py."""

from itertools import groupby
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards, rules_editing, rules_trial, rules_words
from handlers.callbacks import AddRule, ExplainRules, RemoveRule, TurnRules
from handlers.context import House, Reading, Transaction
from handlers.telling import Spot, acknowledge, change, tell
from handlers.times import Reader
from handlers.words import Html, Words, without_markup
from incidents import rules
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.rubricator import topic_of
from incidents.rules import Listed

PAGE: Final = 8
_ADD: Final = frozenset({"add", "добавить"})
_REMOVE: Final = frozenset({"remove", "убрать", "удалить"})
_TRY: Final = frozenset({"try", "проверить"})
_VALUE: Final = 60  # UTF-16 units of what was written, shown back


def build_router() -> Router:
    router = Router(name=__name__)
    router.message.register(rules_asked, Command("rules"))
    router.callback_query.register(rules_turned, TurnRules.filter())
    router.callback_query.register(explain_pressed, ExplainRules.filter())
    router.callback_query.register(rules_editing.add_pressed, AddRule.filter())
    router.callback_query.register(rules_editing.remove_pressed, RemoveRule.filter())
    return router


async def rules_asked(
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
    actor.must(Permission.RULES)
    written = (command.args or "").strip()
    verb, rest = _split(written)
    if verb in _TRY:
        text = await rules_trial.trial(rest, reading, reader.words, house)
        async with transaction() as session:
            tell(session, spot, text, now=reader.now)
        return
    async with transaction() as session:
        if verb in _ADD:
            text, rows = await rules_editing.ask_to_add(session, rest, reader, spot, actor)
        elif verb in _REMOVE:
            text, rows = await rules_editing.ask_to_remove(session, rest, reader.words)
        else:
            text, rows = await _list(session, written, reader.words)
        tell(session, spot, text, now=reader.now, rows=rows)


def _split(text: str) -> tuple[str, str]:
    parts = text.split(maxsplit=1)
    return (parts[0].lower() if parts else ""), (parts[1] if parts[1:] else "")


# -- the list


async def _list(session: AsyncSession, written: str, words: Words) -> tuple[Html, keyboards.Rows]:
    topic = rules.topic_code(written) if written else ""
    if topic is None:
        return rules_words.no_such_topic(written, words), [[_how(words)]]
    return await _screen(session, topic, 0, words)


def _how(words: Words) -> keyboards.Button:
    return keyboards.button(words.plain("rules.how"), ExplainRules())


async def _screen(
    session: AsyncSession, topic: str, offset: int, words: Words
) -> tuple[Html, keyboards.Rows]:
    """The page of the `offset`, counted in pages: each shows one topic's rules only."""
    found = await rules.listed(session, topic)
    if not found and topic:
        name = rules_words.topic_words(topic, words)
        return words("rules.none_of_topic", topic=name, code=topic), [[_how(words)]]
    if not found:
        return words("rules.none"), [[_how(words)]]
    pages = _pages(found)
    at = min(offset, len(pages) - 1)
    name = rules_words.topic_words(topic_of(pages[at][0].rule.topic), words)
    blocks = [words("rules.head", total=len(found), topic=name)]
    blocks += [rules_words.row(one, words) for one in pages[at]]
    turning: list[keyboards.Button] = []
    if at > 0:
        turning.append(
            keyboards.button(words.plain("button.back_page"), TurnRules(topic=topic, offset=at - 1))
        )
    if at + 1 < len(pages):
        turning.append(
            keyboards.button(words.plain("button.next_page"), TurnRules(topic=topic, offset=at + 1))
        )
    return Html("\n\n".join(blocks)), [[_how(words)], *([turning] if turning else [])]


def _pages(found: list[Listed]) -> list[list[Listed]]:
    pages: list[list[Listed]] = []
    for _, group in groupby(found, key=lambda one: topic_of(one.rule.topic)):
        of_topic = list(group)
        pages += [of_topic[at : at + PAGE] for at in range(0, len(of_topic), PAGE)]
    return pages


async def rules_turned(
    query: CallbackQuery,
    *,
    callback_data: TurnRules,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    async with transaction() as session:
        actor.must(Permission.RULES)
        text, rows = await _screen(session, callback_data.topic, callback_data.offset, reader.words)
        change(session, spot, text, now=reader.now, rows=rows)
    await acknowledge(query, without_markup(text.split("\n\n", 1)[0]).replace("\n", " · "))


async def explain_pressed(
    query: CallbackQuery, *, transaction: Transaction, actor: Actor, reader: Reader, spot: Spot
) -> None:
    words = reader.words
    async with transaction() as session:
        actor.must(Permission.RULES)
        topics = words("rules.topics", topics=rules_words.topics_list(words))
        tell(session, spot, f"{words('rules.explained').strip()}\n\n{topics}", now=reader.now)
    await acknowledge(query, words.plain("rules.explained_short"))
