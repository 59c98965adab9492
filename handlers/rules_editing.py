"""/rules add and /rules remove: what is meant is shown first, and done by a press."""

import re
from dataclasses import dataclass, replace
from typing import Final

from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import keyboards, rules_words
from handlers.arguments import number_of
from handlers.callbacks import AddRule, RemoveRule
from handlers.context import Transaction
from handlers.excerpts import line
from handlers.telling import Spot, acknowledge, change
from handlers.times import Reader
from handlers.words import Html, Words
from incidents import rules
from incidents.people import Actor, audit
from incidents.permissions import Permission
from incidents.routing import body_by_code
from incidents.rules import Listed, RuleLine
from models import Body, ChatState

_WORDS: Final = re.compile(r"""["«“„](?P<quoted>[^"»”“]*)["»”“]|(?P<bare>\S+)""")
_NAME: Final = 60  # UTF-16 units


# -- adding


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a rule cannot be understood: the words below `rule_refused.`, and what was written."""

    key: str
    value: str = ""
    limit: int = 0


def asked_for(written: str) -> RuleLine | Refused:
    """What stands after `/rules add`: topic, then territory and owner where there are any, then the body's code.

    The second line and the rest are the note.
    """
    first, _, note = written.strip().partition("\n")
    found = list(_WORDS.finditer(first))
    parts = [one["quoted"] if one["quoted"] is not None else one["bare"] for one in found]
    if len(parts) < 2:  # noqa: PLR2004 - a topic and a body
        return Refused("usage_add")
    topic = rules.topic_code(parts[0])
    if topic is None:
        return Refused("topic", value=parts[0])
    owner, between = "", parts[1:-1]
    # In quotes it is a name: a village may be called «Частный».
    said = rules.owner_code(between[-1]) if between and found[-2]["quoted"] is None else None
    if said is not None:
        owner, between = said, between[:-1]
    asked = RuleLine(
        topic=topic,
        territory=rules.territory_of(" ".join(between)),
        owner=owner,
        body_code=parts[-1].lower(),
        note=" ".join(note.split()) or None,
    )
    if len(asked.territory) > rules.LONGEST_TERRITORY:
        return Refused("territory", limit=rules.LONGEST_TERRITORY)
    if len(asked.note or "") > rules.LONGEST_NOTE:
        return Refused("note", limit=rules.LONGEST_NOTE)
    return asked


async def ask_to_add(
    session: AsyncSession, written: str, reader: Reader, spot: Spot, actor: Actor
) -> tuple[Html, keyboards.Rows]:
    words = reader.words
    asked = asked_for(written)
    if isinstance(asked, Refused):
        if asked.key == "topic":
            return rules_words.no_such_topic(asked.value, words), []
        return words(f"rule_refused.{asked.key}", limit=asked.limit), []
    body = await body_by_code(session, asked.body_code)
    territory, alike = await rules.spelled(session, asked.territory)
    asked = replace(asked, territory=territory, body_code=body.code)
    others = await rules.rivals(session, asked)
    own = next((one for one in others if one.body.id == body.id), None)
    if own is not None and asked.note in {None, own.rule.note}:
        return words("rules.known", why=rules_words.why_noted(own.rule, own.body, words)), []
    told = rules_words.why_new(asked, body, words)
    if own is None:
        blocks = [words("rules.ask_add", why=told), *_warnings(asked, body, alike, others, words)]
    else:
        blocks = [words("rules.ask_note", number=own.rule.id, why=told)]
    number = await rules.ask(
        session, asked, telegram_id=actor.telegram_id, chat_id=spot.chat_id, now=reader.now
    )
    yes = keyboards.button(words.plain("rules.button_add"), AddRule(asked_id=number))
    return Html("\n\n".join(blocks)), [[yes], *keyboards.put_away(words)]


def _warnings(
    asked: RuleLine, body: Body, alike: list[str] | None, others: list[Listed], words: Words
) -> list[Html]:
    """What may not be as it was meant; none of it forbids the rule."""
    told: list[Html] = []
    if alike is not None:
        unknown = words("rules.warn_territory", territory=line(asked.territory, _NAME))
        near = [words("rules.warn_alike", alike=", ".join(line(one, _NAME) for one in alike))]
        told.append(Html(" ".join([unknown, *(near if alike else [])])))
    if body.chat_state is not ChatState.LIVE:
        told.append(words("rules.warn_chat", body=line(body.name, _NAME)))
    told += [
        words("rules.warn_rival", body=line(one.body.name, _NAME), number=one.rule.id) for one in others[:3]
    ]
    return told


async def add_pressed(
    query: CallbackQuery,
    *,
    callback_data: AddRule,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words = reader.words
    async with transaction() as session:
        actor.must(Permission.RULES)
        asked = await rules.asked(session, callback_data.asked_id)
        if asked is not None:
            body = await body_by_code(session, asked.body_code)
            rule = await rules.add(session, asked, body, by=actor)
            _keep_track(session, Listed(rule, body), "added", actor, reader, spot)
            told = rules_words.why_noted(rule, body, words)
            change(session, spot, words("rules.added", number=rule.id, why=told), now=reader.now)
    if asked is None:
        await acknowledge(query, words.plain("rules.stale"), alert=True)
    else:
        await acknowledge(query, words.plain("rules.added_short", number=rule.id))


def _keep_track(
    session: AsyncSession, one: Listed, outcome: str, actor: Actor, reader: Reader, spot: Spot
) -> None:
    audit(
        session,
        now=reader.now,
        telegram_id=actor.telegram_id,
        chat_id=spot.chat_id,
        action=rules.ACTION,
        outcome=outcome,
        rule_id=one.rule.id,
        topic=one.rule.topic,
        territory=one.rule.territory,
        owner=one.rule.owner,
        body=one.body.code,
        note=one.rule.note,
    )


# -- removing


async def ask_to_remove(session: AsyncSession, written: str, words: Words) -> tuple[Html, keyboards.Rows]:
    number, _ = number_of(written)
    if number is None:
        return words("rule_refused.usage_remove"), []
    one = await rules.find(session, number)
    if one is None:
        return words("rules.gone", number=number), []
    yes = keyboards.button(
        words.plain("rules.button_remove", number=number),
        RemoveRule(rule_id=number, mark=rules.mark_of(one.rule)),
    )
    told = rules_words.why_noted(one.rule, one.body, words)
    return words("rules.ask_remove", number=number, why=told), [[yes], *keyboards.put_away(words)]


async def remove_pressed(
    query: CallbackQuery,
    *,
    callback_data: RemoveRule,
    transaction: Transaction,
    actor: Actor,
    reader: Reader,
    spot: Spot,
) -> None:
    words, number = reader.words, callback_data.rule_id
    async with transaction() as session:
        actor.must(Permission.RULES)
        one = await rules.find(session, number)
        is_there = one is not None and rules.mark_of(one.rule) == callback_data.mark
        if one is not None and is_there:
            await rules.remove(session, one.rule, by=actor)
            _keep_track(session, one, "removed", actor, reader, spot)
            told = rules_words.why_new(_line_of(one), one.body, words)
            command = rules_words.command_of(one.rule, one.body)
            change(
                session,
                spot,
                words("rules.removed", number=number, why=told, command=command),
                now=reader.now,
            )
    if is_there:
        await acknowledge(query, words.plain("rules.removed_short", number=number))
    else:
        await acknowledge(query, words.plain("rules.gone", number=number), alert=True)


def _line_of(one: Listed) -> RuleLine:
    rule = one.rule
    return RuleLine(
        topic=rule.topic, territory=rule.territory, owner=rule.owner, body_code=one.body.code, note=rule.note
    )
