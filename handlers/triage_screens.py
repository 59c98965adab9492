"""What /triage shows: the card at hand, what was just done, how many wait; and what it says when there is none."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import triage_menus as menus
from handlers.cards import card
from handlers.excerpts import line
from handlers.keyboards import Rows
from handlers.takers import Taken
from handlers.telling import Spot, change
from handlers.times import Reader
from handlers.words import Html, without_markup
from incidents import finding, queueing
from incidents.acts import NotInQueue
from incidents.moving import load
from incidents.offering import offered
from incidents.people import Actor
from incidents.permissions import Permission
from incidents.queueing import WAITING, Held
from incidents.storms import similar
from models import Incident, Step, TriageAct

_NAME = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the last press, above the next card; `undo` holds the button that takes it back."""

    text: Html
    undo: Rows = field(default_factory=list)


async def waiting(session: AsyncSession, number: int, actor: Actor, reader: Reader) -> Incident:
    """The card a press is about, and its lease begun anew.

    A colleague's lease is no refusal: it is only said (`at_it`).

    Raises:
        NotAllowed, NoSuchIncident.
        NotInQueue: somebody has dealt with it.
    """
    actor.must(Permission.TRIAGE)
    incident = await load(session, number)
    if incident.status not in WAITING:
        raise NotInQueue(number=number, status=incident.status)
    await queueing.claim(session, incident_id=number, actor=actor, now=reader.now)
    return incident


async def card_screen(
    session: AsyncSession, number: int, actor: Actor, reader: Reader, *, said: Said | None = None
) -> tuple[Html, Rows]:
    """The card with all its buttons. Raises: NotAllowed, NoSuchIncident, NotInQueue."""
    await waiting(session, number, actor, reader)
    await queueing.release(session, actor=actor, now=reader.now, but=[number])
    shown = await finding.view(session, number)
    words, now = reader.words, reader.now
    alike = await similar(session, number, official_id=actor.official_id, now=now)
    rows = menus.under_card(
        shown,
        await offered(session, shown),
        alike=len(alike),
        undo=said.undo if said else [],
        words=words,
    )
    parts = [
        *([said.text] if said else []),
        card(shown, await finding.history(session, number), reader),
        await _foot(session, number, len(alike), actor, reader),
    ]
    return Html("\n\n".join(parts)), rows


async def _foot(session: AsyncSession, number: int, alike: int, actor: Actor, reader: Reader) -> Html:
    words = reader.words
    told = await queueing.ageing(session, now=reader.now)
    oldest = reader.span(reader.now - told.oldest) if told.oldest else ""
    lines = [words("triage.foot", total=told.total, oldest=oldest)]
    if alike:
        lines.insert(0, words("triage.alike", number=alike))
    another = await queueing.held_by_another(session, number, actor=actor, now=reader.now)
    if another is not None:
        lines.append(at_it(another, reader))
    return Html("\n".join(lines))


def at_it(held: Held, reader: Reader) -> Html:
    """As "🔒 Вера до 10:42"."""
    return reader.words("triage.at_it", name=line(held.name, _NAME), at=reader.moment(held.until))


async def colleague(session: AsyncSession, number: int, actor: Actor, reader: Reader) -> str:
    """Who else is at it, for the end of an alert: it was done all the same."""
    held = await queueing.held_by_another(session, number, actor=actor, now=reader.now)
    return f" · {without_markup(at_it(held, reader))}" if held is not None else ""


async def next_screen(
    session: AsyncSession, actor: Actor, reader: Reader, *, said: Said | None = None, anew: bool = False
) -> tuple[Html, Rows]:
    """The next card of the queue, or why there is none. Raises: NotAllowed."""
    step = queueing.begin if anew else queueing.take_next
    incident = await step(session, actor=actor, now=reader.now)
    if incident is not None:
        return await card_screen(session, incident.id, actor, reader, said=said)
    words = reader.words
    taken = await queueing.next_held(session, now=reader.now)
    if taken is None:
        text, rows = words("list.queue_empty"), said.undo if said else []
    else:
        number, held = taken
        text = words("triage.all_held", number=number, held=at_it(held, reader))
        rows = [*menus.go_on(words), *(said.undo if said else [])]
    return Html("\n\n".join([*([said.text] if said else []), text])), rows


async def said_of(session: AsyncSession, act: TriageAct, body: str, reader: Reader) -> Said:
    """The line about an act, with the button that takes it back. `body`: the name of the one it was given to."""
    words, number = reader.words, act.incident_id
    if act.step is Step.ASSIGN:
        text = words("triage.given", number=number, body=line(body, _NAME))
    elif act.step is Step.MERGE:
        text = words("triage.merged", number=number, into=act.before["into"])
    else:
        text = words("triage.skipped", number=number, reason=line(act.before["reason"], 120))
    return Said(text, menus.undo_act(act.id, words))


def goes_on_below(taken: Taken) -> None:
    """The card moves down to what was just written; the message it stood in loses its buttons."""
    spot = Spot(taken.spot.chat_id, taken.spot.thread_id, taken.prompt.context["triage"], is_private=True)
    change(taken.session, spot, taken.reader.words("triage.below"), now=taken.reader.now)
