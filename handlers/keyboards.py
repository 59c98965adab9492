"""Buttons under cards and menus. Pure; made from the table of steps, so none offers what cannot be done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypedDict

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from handlers import callbacks as press
from handlers.excerpts import is_link, line, utf16
from handlers.reasons import MoveReason, ReworkReason, SkipReason
from handlers.words import Words
from incidents.finding import View
from incidents.lifecycle import allows
from incidents.people import Actor
from models import Body, CardState, Incident, PublicationState, ReplyCapability, Status, Step

_LABEL: Final = 40  # UTF-16 units; a phone shows about thirty
_LONGEST_COPY: Final = 256  # https://core.telegram.org/bots/api#copytextbutton
_BY_HAND: Final = frozenset({PublicationState.BY_HAND, PublicationState.STUCK})
Compose = Mapping[str, Callable[[str, str], str]]
_NO_COMPOSE: Final[Compose] = {}


class Button(TypedDict, total=False):
    """As it stands in an outbox row: `data` of a press, or `url` of a link, or what a touch will `copy`."""

    text: str
    data: str
    url: str
    copy: str


Rows = list[list[Button]]


def button(text: str, callback: CallbackData) -> Button:
    return {"text": line(text, _LABEL), "data": callback.pack()}


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
                copy_text=CopyTextButton(text=one["copy"]) if one.get("copy") else None,
            )
            for one in row
        ]
        for row in rows or ()
    ]
    keyboard = [row for row in keyboard if row]
    return InlineKeyboardMarkup(inline_keyboard=keyboard) if keyboard else None


def under_card(
    view: View, words: Words, *, for_curators: bool, state: CardState, compose: Compose = _NO_COMPOSE
) -> Rows:
    """The buttons of a card standing in a chat. `compose`: as in handlers.context.House."""
    if state is CardState.DISARMED:
        return []
    if for_curators:
        return _tidy([*_curators(view, words), [*_post(view, words), *_photos(view, words)]])
    rows = _tidy([*_body(view, words), *_approver(view, words)])
    post, photos = _post(view, words, compose), _photos(view, words)
    # Beside a lone button there is room for the link: a card is short on a phone.
    if rows and len(rows[-1]) == 1:
        return _tidy([*rows[:-1], [*rows[-1], *post], photos])
    return _tidy([*rows, [*post, *photos]])


def under_view(view: View, words: Words, actor: Actor) -> Rows:
    """The buttons of an incident one person has opened: what they themselves may do with it."""
    rows: Rows = []
    if view.incident.body_id in actor.bodies:
        rows += _body(view, words)
    if view.incident.body_id in actor.approves:
        rows += _approver(view, words)
    if actor.is_curator:
        rows += _curators(view, words)
    history = [button(words.plain("button.history"), press.History(incident_id=view.incident.id))]
    return _tidy([*rows, [*history, *_post(view, words)], _photos(view, words)])


def _body(view: View, words: Words) -> Rows:
    number, status = view.incident.id, view.incident.status
    take = button(words.plain("button.accept"), press.Accept(incident_id=number))
    move = button(words.plain("button.move"), press.Move(incident_id=number))
    answer = button(words.plain("button.answer"), press.Answer(incident_id=number))
    back = button(words.plain("button.give_back"), press.MoveTo(incident_id=number, body_id=0))
    done = button(words.plain("button.by_hand"), press.ByHand(incident_id=number))
    can_take = allows(status, Step.ACCEPT)
    return [
        # Who answers, accepts by that.
        [*([take] if can_take else []), *([answer] if can_take or allows(status, Step.SEND) else [])],
        [
            # While the approver reads, the body waits; a curator may still reassign.
            *([move] if allows(status, Step.REASSIGN) and status is not Status.ON_REVIEW else []),
            *([back] if allows(status, Step.RETURN) and not can_take else []),
        ],
        _to_copy(view, words) if _waits_for_hands(view) else [],
        [done] if _waits_for_hands(view) or _is_answered_past_us(view) else [],
    ]


def _waits_for_hands(view: View) -> bool:
    """Whether the answer that was sent waits for a person to publish it."""
    is_sent = view.incident.status is Status.APPROVED
    return is_sent and any(one.state in _BY_HAND for one in view.publications)


def _is_answered_past_us(view: View) -> bool:
    """Whether a link may be brought before any answer was written here: nowhere could the program publish it."""
    is_open = allows(view.incident.status, Step.ACCEPT) or allows(view.incident.status, Step.SEND)
    return is_open and how_answered(view) is not ReplyCapability.API


def how_answered(view: View) -> ReplyCapability:
    """The best that any of the posts allows; an incident without posts is not answered by hand."""
    allowed = {post.reply_capability for post in view.posts}
    best = (one for one in (ReplyCapability.API, ReplyCapability.MANUAL) if one in allowed or not allowed)
    return next(best, ReplyCapability.IMPOSSIBLE)


def _to_copy(view: View, words: Words) -> list[Button]:
    """A longer answer stands in the card as a block that is copied by a touch."""
    text = view.answer.text if view.answer else ""
    if not text or utf16(text) > _LONGEST_COPY:
        return []
    return [{"text": words.plain("button.copy"), "copy": text}]


def _approver(view: View, words: Words) -> Rows:
    if not allows(view.incident.status, Step.APPROVE):
        return []
    number = view.incident.id
    return [
        [
            button(words.plain("button.approve"), press.Approve(incident_id=number)),
            button(words.plain("button.send_back"), press.SendBack(incident_id=number)),
        ]
    ]


def _curators(view: View, words: Words) -> Rows:
    number, status = view.incident.id, view.incident.status
    untouched = status in {Status.NEW, Status.REGISTERED}
    rows: Rows = bodies(view.suggested, view.incident) if untouched else []
    if untouched:
        rows.append([button(words.plain("button.other_body"), press.Pick(incident_id=number))])
    elif allows(status, Step.REASSIGN):
        rows.append([button(words.plain("button.reassign"), press.Pick(incident_id=number))])
    if allows(status, Step.MERGE):
        rows += [
            [
                button(
                    words.plain("button.merge", number=other), press.Merge(incident_id=number, into_id=other)
                )
            ]
            for other in view.same_words[:2]
        ]
    if allows(status, Step.SKIP):
        rows.append([button(words.plain("button.skip"), press.Skip(incident_id=number))])
    if allows(status, Step.REOPEN):
        rows.append([button(words.plain("button.reopen"), press.Reopen(incident_id=number))])
    return rows


def _post(view: View, words: Words, compose: Compose = _NO_COMPOSE) -> list[Button]:
    """The post to look at; where a person must publish, the one that waits for it."""
    if not view.posts:
        return []
    if _waits_for_hands(view):
        waiting = {one.post_id for one in view.publications if one.state in _BY_HAND}
        post = next((one for one in view.posts if one.id in waiting), view.posts[0])
        written = compose.get(post.network)
        if written is not None and view.answer is not None:
            return link_button(
                words.plain("button.open_to_answer"), written(post.native_id, view.answer.text)
            )
        return link_button(words.plain("button.open_to_answer"), post.url)
    if _is_answered_past_us(view):
        return link_button(words.plain("button.open_to_answer"), view.posts[0].url)
    return link_button(words.plain("button.open_post"), view.posts[0].url)


def _photos(view: View, words: Words) -> list[Button]:
    number = len({url for post in view.posts for url in post.photos if is_link(str(url))})
    if not number:
        return []
    return [button(words.plain("button.photos", number=number), press.Photos(incident_id=view.incident.id))]


def _tidy(rows: Rows) -> Rows:
    return [row for row in rows if row]


def bodies(found: Sequence[Body], incident: Incident) -> Rows:
    """A curator's choice: the press assigns."""
    number, holder = incident.id, incident.body_id or 0
    return [
        [button(body.name, press.Give(incident_id=number, body_id=body.id, holder=holder))] for body in found
    ]


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


def which_body(found: Sequence[Body], incident: Incident, words: Words) -> Rows:
    """A curator's menu of bodies."""
    find = press.Find(incident_id=incident.id, curator=True)
    return [
        *bodies(found, incident),
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
        [button(words.plain("button.send"), press.Send(answer_id=answer_id, interim=False))],
        [button(words.plain("button.interim"), press.Send(answer_id=answer_id, interim=True))],
        [
            button(words.plain("button.change"), press.Change(answer_id=answer_id, incident_id=incident_id)),
            button(words.plain("button.discard"), press.Discard(answer_id=answer_id)),
        ],
    ]
