"""Buttons under a card and under an incident opened again. Pure; made from the table of steps, so none offers
what cannot be done.
"""

from collections.abc import Callable, Mapping
from typing import Final

from handlers import callbacks as press
from handlers.callbacks.answers import AnswerPhotos, OpenVersions
from handlers.callbacks.find import HowAnswered
from handlers.callbacks.moving import Delegate
from handlers.callbacks.revise import Revise
from handlers.excerpts import is_link, utf16
from handlers.keyboards import Button, Rows, bodies, button, link_button
from handlers.words import Words
from incidents.finding import View
from incidents.lifecycle import allows
from incidents.people import Actor
from incidents.permissions import Permission
from models import CardState, PublicationState, ReplyCapability, Status, Step

_LONGEST_COPY: Final = 256  # https://core.telegram.org/bots/api#copytextbutton
_BY_HAND: Final = frozenset({PublicationState.BY_HAND, PublicationState.STUCK})
_ON_ITS_WAY: Final = frozenset({PublicationState.WAITING, PublicationState.SENDING, PublicationState.BY_HAND})
_TO_WRITE: Final = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.REWORK})
Compose = Mapping[str, Callable[[str, str], str]]
_NO_COMPOSE: Final[Compose] = {}


def under_card(
    view: View,
    words: Words,
    *,
    for_curators: bool,
    state: CardState,
    compose: Compose = _NO_COMPOSE,
    gives_out: bool = False,
    reviews: bool = True,
) -> Rows:
    """The buttons of a card standing in a chat. `compose`: as in handlers.context.House.

    `gives_out`: the chat sees «Поручить» (incidents.delegating.gives_out_here). `reviews`: somebody there may
    approve; a private chat of somebody who may not is offered nothing to press in vain.
    """
    if state is CardState.DISARMED:
        return []
    if for_curators:
        return _tidy([*_curators(view, words), [*_post(view, words), *_photos(view, words)]])
    give_out = _give_out(view, words) if gives_out else []
    approving = _approver(view, words, may_decide=reviews)
    rows = _tidy([*_body(view, words), give_out, *approving])
    post, photos = _post(view, words, compose), [*_similar(view, words), *_photos(view, words)]
    # Beside a lone button there is room for the link: a card is short on a phone.
    if rows and len(rows[-1]) == 1:
        return _tidy([*rows[:-1], [*rows[-1], *post], photos])
    return _tidy([*rows, [*post, *photos]])


def under_view(view: View, words: Words, actor: Actor) -> Rows:
    """The buttons of an incident one person has opened: what they themselves may do with it."""
    rows: Rows = []
    if view.incident.body_id in actor.bodies:
        rows += _body(view, words)
    if actor.may(Permission.DELEGATE, view.incident.body_id) and view.incident.body_id:
        rows.append(_give_out(view, words))
    if view.incident.body_id in actor.approves:
        rows += _approver(view, words)
    if actor.may(Permission.TRIAGE):
        rows += _curators(view, words)
    history = [button(words.plain("button.history"), press.History(incident_id=view.incident.id))]
    if view.incident.body_id in actor.bodies:
        history += _similar(view, words)
    reviews = view.incident.body_id in actor.approves and allows(view.incident.status, Step.APPROVE)
    versions = [] if reviews else _versions(view, words)
    return _tidy([*rows, [*history, *versions], [*_post(view, words), *_photos(view, words)]])


def _body(view: View, words: Words) -> Rows:
    number, status = view.incident.id, view.incident.status
    take = button(words.plain("button.accept"), press.Accept(incident_id=number), style="success")
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
        _revise(view, words),
    ]


def _revise(view: View, words: Words) -> list[Button]:
    """What the program published can be corrected while it stands, and no correction is on its way."""
    stands = any(one.state is PublicationState.PUBLISHED for one in view.publications)
    on_its_way = any(one.edits_id and one.state in _ON_ITS_WAY for one in view.publications)
    if not stands or on_its_way or not allows(view.incident.status, Step.REVISE):
        return []
    return [button(words.plain("button.revise"), Revise(incident_id=view.incident.id))]


def _give_out(view: View, words: Words) -> list[Button]:
    if not allows(view.incident.status, Step.DELEGATE):
        return []
    return [button(words.plain("button.delegate"), Delegate(incident_id=view.incident.id, offset=0))]


def _similar(view: View, words: Words) -> list[Button]:
    """While an answer is to be written."""
    if view.incident.status not in _TO_WRITE:
        return []
    return [button(words.plain("similar.button"), HowAnswered(incident_id=view.incident.id))]


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


def _approver(view: View, words: Words, *, may_decide: bool = True) -> Rows:
    if not allows(view.incident.status, Step.APPROVE):
        return []
    number = view.incident.id
    decide = [
        button(words.plain("button.approve"), press.Approve(incident_id=number), style="success"),
        button(words.plain("button.send_back"), press.SendBack(incident_id=number)),
    ]
    return [decide if may_decide else [], [*_versions(view, words), *_proofs(view, words)]]


def _versions(view: View, words: Words) -> list[Button]:
    """Once something was sent there is something to compare."""
    if view.answer is None:
        return []
    return [button(words.plain("version.button"), OpenVersions(incident_id=view.incident.id))]


def _proofs(view: View, words: Words) -> list[Button]:
    """The photos of the answer itself."""
    if view.answer is None or not view.answer.photos:
        return []
    text = words.plain("review.button_photos", photos=len(view.answer.photos))
    return [button(text, AnswerPhotos(answer_id=view.answer.id))]


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
