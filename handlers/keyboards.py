"""Buttons under cards and menus. Pure; made from the table of steps, so none offers what cannot be done."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Literal, TypedDict

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from handlers import callbacks as press
from handlers.excerpts import is_link, line, utf16
from handlers.reasons import MoveReason, ReworkReason, SkipReason
from handlers.words import Words
from incidents.lifecycle import allows
from incidents.workload import Load
from models import Body, Incident, Step

_LABEL: Final = 40  # UTF-16 units; a phone shows about thirty


Style = Literal["primary", "success", "danger"]


class Button(TypedDict, total=False):
    """As it stands in an outbox row: `data` of a press, or `url` of a link, or what a touch will `copy`."""

    text: str
    data: str
    url: str
    copy: str
    style: Style


Rows = list[list[Button]]


def button(text: str, callback: CallbackData, *, style: Style | None = None) -> Button:
    """`style`: a colour where the person's Telegram knows colours; older ones show the button as any other.

    Source: https://core.telegram.org/bots/api#inlinekeyboardbutton (Bot API 9.4).
    """
    plain: Button = {"text": line(text, _LABEL), "data": callback.pack()}
    return {**plain, "style": style} if style else plain


def link_button(text: str, url: str) -> list[Button]:
    return [{"text": text, "url": url}] if is_link(url) else []


def markup(rows: Iterable[Iterable[Any]] | None) -> InlineKeyboardMarkup | None:
    """Telegram's form of the rows of an outbox payload; None where there is no button."""
    keyboard = [
        [
            InlineKeyboardButton(
                text=one["text"],
                url=one.get("url"),
                callback_data=one.get("data"),
                style=one.get("style"),
                copy_text=CopyTextButton(text=one["copy"]) if one.get("copy") else None,
            )
            for one in row
        ]
        for row in rows or ()
    ]
    keyboard = [row for row in keyboard if row]
    return InlineKeyboardMarkup(inline_keyboard=keyboard) if keyboard else None


def bodies(found: Sequence[Body], incident: Incident, load: Mapping[int, Load] | None = None) -> Rows:
    """A curator's choice: the press assigns. `load`: body → what it has on hand (incidents/workload.py)."""
    number, holder = incident.id, incident.body_id or 0
    return [
        [button(with_load(body, load), press.Give(incident_id=number, body_id=body.id, holder=holder))]
        for body in found
    ]


def with_load(body: Body, load: Mapping[int, Load] | None) -> str:
    """As "Дороги · 12 (2🔥)"; a long name is cut, the numbers never are."""
    if load is None or body.id not in load:
        return body.name
    now = load[body.id]
    numbers = f" · {now.open} ({now.overdue}🔥)" if now.overdue else f" · {now.open}"
    return line(body.name, _LABEL - utf16(numbers)) + numbers


def bodies_to_move_to(found: Sequence[Body], incident_id: int) -> Rows:
    """A body's choice: the press asks why."""
    return [[button(body.name, press.MoveTo(incident_id=incident_id, body_id=body.id))] for body in found]


def where_to(found: Sequence[Body], incident: Incident, words: Words) -> Rows:
    """The menu of «Переадресовать»."""
    find = press.Find(incident_id=incident.id, curator=False)
    back = press.MoveTo(incident_id=incident.id, body_id=0)
    return [
        *bodies_to_move_to(found, incident.id),
        [button(words.plain("button.find_body"), find)],
        [button(words.plain("button.to_curators"), back)] if allows(incident.status, Step.RETURN) else [],
        *put_away(words),
    ]


def which_body(
    found: Sequence[Body], incident: Incident, words: Words, load: Mapping[int, Load] | None = None
) -> Rows:
    """A curator's menu of bodies."""
    find = press.Find(incident_id=incident.id, curator=True)
    return [
        *bodies(found, incident, load),
        [button(words.plain("button.find_body"), find)],
        *put_away(words),
    ]


def why_move(incident_id: int, body_id: int, words: Words) -> Rows:
    return _reasons(
        words,
        "reason.move",
        MoveReason,
        lambda reason: press.MoveWhy(incident_id=incident_id, body_id=body_id, reason=reason),
    )


def why_skip(incident_id: int, words: Words) -> Rows:
    return _reasons(
        words,
        "reason.skip",
        SkipReason,
        lambda reason: press.SkipWhy(incident_id=incident_id, reason=reason),
    )


def why_rework(incident_id: int, words: Words) -> Rows:
    return _reasons(
        words,
        "reason.rework",
        ReworkReason,
        lambda reason: press.SendBackWhy(incident_id=incident_id, reason=reason),
    )


def _reasons(words: Words, family: str, reasons: type[StrEnum], callback: Any) -> Rows:
    ready = [[button(words.name(family, one.value), callback(one))] for one in reasons]
    return [*ready, [button(words.plain("button.own_words"), callback(None))], *put_away(words)]


def put_away(words: Words) -> Rows:
    return [[button(words.plain("button.cancel"), press.Close())]]


def under_preview(answer_id: int, incident_id: int, words: Words) -> Rows:
    return [
        [button(words.plain("button.send"), press.Send(answer_id=answer_id, interim=False), style="success")],
        [button(words.plain("button.interim"), press.Send(answer_id=answer_id, interim=True))],
        [
            button(words.plain("button.change"), press.Change(answer_id=answer_id, incident_id=incident_id)),
            button(words.plain("button.discard"), press.Discard(answer_id=answer_id)),
        ],
    ]
