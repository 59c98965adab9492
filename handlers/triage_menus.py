"""The buttons of /triage. Pure."""

from collections.abc import Sequence
from typing import Final

from handlers.callbacks import triage as press
from handlers.cards import topic_name
from handlers.explain_menus import Presses
from handlers.keyboards import Button, Rows, button
from handlers.reasons import SkipReason
from handlers.words import Words
from incidents.finding import View
from models import Body, Incident

STORM_PAGE: Final = 6


def under_card(view: View, bodies: Sequence[Body], *, alike: int, undo: Rows, words: Words) -> Rows:
    """All that can be done with the card at hand; `alike`: others that are the same thing."""
    number = view.incident.id
    same = [button(words.plain("triage.button_storm", number=alike), press.Storm(incident_id=number))]
    return [
        *([button(one.name, press.TriageGive(incident_id=number, body_id=one.id))] for one in bodies),
        [
            button(words.plain("button.other_body"), press.TriageBodies(incident_id=number)),
            *(same if alike else []),
        ],
        [
            button(words.plain("explain.button_topic"), press.TriageTopics(incident_id=number, offset=0)),
            button(words.plain("explain.button_kind"), press.TriageKinds(incident_id=number)),
            button(words.plain("triage.button_place"), press.PickPlace(incident_id=number, queue=True)),
        ],
        [
            button(words.plain("button.skip"), press.TriageSkip(incident_id=number)),
            button(words.plain("triage.button_merge"), press.TriageMerge(incident_id=number)),
        ],
        [
            button(words.plain("triage.button_pass"), press.TriagePass(incident_id=number)),
            button(words.plain("triage.button_stop"), press.TriageStop()),
        ],
        *undo,
    ]


def undo_act(act_id: int, words: Words) -> Rows:
    return [[button(words.plain("triage.button_undo"), press.UndoAct(act_id=act_id))]]


def undo_all(batch: int, words: Words) -> Rows:
    return [[button(words.plain("triage.button_undo"), press.UndoAll(batch=batch))]]


def go_on(words: Words, *, anew: bool = False) -> Rows:
    label = words.plain("triage.button_start") if anew else words.plain("triage.button_next")
    return [[button(label, press.Triage(anew=anew), style="primary")]]


def back(incident_id: int, words: Words) -> list[Button]:
    return [button(words.plain("triage.button_back"), press.TriageCard(incident_id=incident_id))]


def which_body(found: Sequence[Body], incident_id: int, words: Words) -> Rows:
    return [
        *([button(one.name, press.TriageGive(incident_id=incident_id, body_id=one.id))] for one in found),
        [button(words.plain("button.find_body"), press.TriageFind(incident_id=incident_id))],
        back(incident_id, words),
    ]


def why_skip(incident_id: int, words: Words) -> Rows:
    ready = [
        [
            button(
                words.name("reason.skip", one.value),
                press.TriageSkipWhy(incident_id=incident_id, reason=one),
            )
        ]
        for one in SkipReason
    ]
    own = press.TriageSkipWhy(incident_id=incident_id, reason=None)
    return [*ready, [button(words.plain("button.own_words"), own)], back(incident_id, words)]


def merge_into(found: Sequence[Incident], incident_id: int, words: Words) -> Rows:
    return [
        *(
            [
                button(
                    words.plain("list.button", number=one.id, topic=topic_name(one.topic, words)),
                    press.TriageMergeInto(incident_id=incident_id, into_id=one.id),
                )
            ]
            for one in found
        ),
        back(incident_id, words),
    ]


def correcting(incident: Incident, words: Words) -> Presses:
    """The menus of topics and kinds, leading back to the card of the queue."""
    number = incident.id
    return Presses(
        topics=lambda offset: press.TriageTopics(incident_id=number, offset=offset),
        subtopics=lambda topic: press.TriageSubtopics(incident_id=number, topic=topic),
        set_topic=lambda code: press.TriageSetTopic(incident_id=number, code=code, seen=incident.topic),
        set_kind=lambda kind: press.TriageSetKind(incident_id=number, kind=kind, seen=incident.kind),
        back=back(number, words),
    )


def under_storm(
    subject: int,
    page: Sequence[tuple[int, bool]],
    bodies: Sequence[Body],
    *,
    offset: int,
    total: int,
    chosen: int,
    words: Words,
) -> Rows:
    """`page`: number and whether it is ticked; `chosen`: how many are, the subject not counted."""
    ticks = [
        button(
            words.plain("triage.ticked", number=number)
            if is_on
            else words.plain("triage.unticked", number=number),
            press.Tick(incident_id=subject, other_id=number, offset=offset),
        )
        for number, is_on in page
    ]
    rows: Rows = [ticks[at : at + 3] for at in range(0, len(ticks), 3)]
    rows.append(_turning(subject, offset, total, words))
    rows += [
        [
            button(
                words.plain("triage.all_to", number=chosen + 1, body=one.name),
                press.StormGive(incident_id=subject, body_id=one.id),
            )
        ]
        for one in bodies
    ]
    if chosen:
        label = words.plain("triage.all_merge", number=chosen, into=subject)
        rows.append([button(label, press.StormMerge(incident_id=subject))])
    skip = words.plain("triage.all_skip", number=chosen + 1)
    rows.append([button(skip, press.StormSkip(incident_id=subject))])
    return [row for row in [*rows, back(subject, words)] if row]


def _turning(subject: int, offset: int, total: int, words: Words) -> list[Button]:
    row: list[Button] = []
    if offset > 0:
        before = press.TurnStorm(incident_id=subject, offset=max(offset - STORM_PAGE, 0))
        row.append(button(words.plain("button.back_page"), before))
    if offset + STORM_PAGE < total:
        further = press.TurnStorm(incident_id=subject, offset=offset + STORM_PAGE)
        row.append(button(words.plain("button.next_page"), further))
    return row


def why_skip_all(subject: int, words: Words) -> Rows:
    return [
        *(
            [
                button(
                    words.name("reason.skip", one.value),
                    press.StormSkipWhy(incident_id=subject, reason=one),
                )
            ]
            for one in SkipReason
        ),
        [button(words.plain("triage.button_list"), press.TurnStorm(incident_id=subject, offset=0))],
    ]
