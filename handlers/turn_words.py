"""Which bodies had the incident, as the card and its history tell it. Pure."""

from collections.abc import Sequence
from typing import Final

from handlers.excerpts import line
from handlers.times import Reader
from handlers.words import Html
from incidents.turns import Turn
from models import Incident, Status, Step

_NAME: Final = 40  # UTF-16 units
_REASON: Final = 60
_SHOWN: Final = 2  # turns; the rest is in the history


def how_returned(turn: Turn, reader: Reader) -> Html:
    """As ", предлагает: Дороги · позже нормы на 1 ч 10 мин"; nothing where there is nothing to say."""
    words = reader.words
    parts = [words("return.suggests", body=line(turn.suggested, _NAME))] if turn.suggested else []
    if turn.late_by is not None:
        parts.append(words("return.late", span=reader.span(turn.late_by)))
    return Html("".join(parts))


def norm_line(turns: Sequence[Turn], status: Status, reader: Reader) -> list[str]:
    """Until when giving back is in time, while it is."""
    if status is not Status.ASSIGNED or not turns or turns[-1].ended_at is not None:
        return []
    until = turns[-1].return_until
    return [reader.words("turn.return_until", at=reader.moment(until))] if reader.now < until else []


def before_line(turns: Sequence[Turn], incident: Incident, reader: Reader) -> list[str]:
    """As "Был у: ЖКХ 02.03 10:00–10:40 (вернул: «другая территория»)", the newest first.

    A turn that a curator undid was none; the one just given back has its own line while it waits; the body that
    has answered is named beside its answer.
    """
    words = reader.words
    ended = [one for one in turns if one.ended_at is not None and one.ended_by is not Step.UNDO]
    just_returned = incident.status is Status.REGISTERED and ended and ended[-1].ended_by is Step.RETURN
    if just_returned or (ended and ended[-1] is turns[-1] and ended[-1].body_id == incident.body_id):
        ended.pop()
    if not ended:
        return []
    told = [_turn(one, reader) for one in reversed(ended[-_SHOWN:])]
    if len(ended) > _SHOWN:
        told.append(words("turn.more", number=len(ended) - _SHOWN))
    return [words("turn.before", turns=Html(", ".join(told)))]


def _turn(turn: Turn, reader: Reader) -> Html:
    words = reader.words
    ended_at = turn.ended_at or reader.now
    same_day = turn.began_at.astimezone(reader.zone).date() == ended_at.astimezone(reader.zone).date()
    told = words(
        "turn.one",
        body=line(turn.body, _NAME),
        began=reader.day(turn.began_at),
        ended=f"{ended_at.astimezone(reader.zone):%H:%M}" if same_day else reader.day(ended_at),
    )
    reason = line(turn.reason, _REASON)
    if reason and turn.ended_by is Step.RETURN:
        return words("turn.returned", turn=told, reason=reason)
    if reason and turn.ended_by is Step.REASSIGN:
        return words("turn.passed_on", turn=told, reason=reason)
    return told
