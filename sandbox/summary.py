"""The figures of a run, each from the sandbox's own record: what was offered, seen, pressed and received.

How each is measured:

- posts_offered: messages residents wrote to the networks (their own side of the record).
- posts_stored: those of them whose link stood on a card in at least one chat.
- incidents: different numbers on those cards. cards_delivered: messages that were such cards.
- duplicate_cards: cards sent into a chat where one of the same number still had its buttons.
- accepted, reassigned, skipped, assigned_by_curators: incidents with such a press acknowledged, without an
  alert. reassigned counts hand-overs, not incidents.
- answers_expected: offered, stored, and not skipped. answers_submitted: answers whose «Отправить» was
  acknowledged. A refusal counts too where the same button had been pressed before and nothing was heard:
  then that press had worked.
- answers_published: messages of residents under which an answer of an official page stands.
- answered_by_hand: those of them that an official answered in the network, past the program. They are no
  answers_submitted; the link is the promise instead (see lost_answers). A page's second answer there, be it the
  program's, is doubled as everywhere; what people wrote themselves can be no stray.
- answers_told: incidents whose card says that they are answered.
- unanswered: expected without such an answer.
- lost_posts: offered, and never on a card. lost_answers: submitted, and not standing under their post with
  the very words; or given by hand, the link sent, and no card ever said that it is answered.
  doubled_publications: messages with more than one answer of one page. stray_answers: answers whose words no
  official wrote for that post.
- lost_presses: presses without acknowledgement that were repeated, and only the repetition worked.
- reminders_sent: messages that begin as a reminder does.
- delayed_calls: calls of the Bot API that hung on order.
- over_limit_sends: calls above Telegram's limits. unchanged_edits: edits refused because the message looked
  so already, which is a success. errors: the other refused calls of the Bot API.
- by_network: the same figures for the messages of each network.
- post_to_card: from the offer to the first card. press_ack: from each press to its acknowledgement.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.officials_seen import Did
from sandbox.officials_witness import Card, Deed

_UNCHANGED: Final = "message is not modified"
SHOWN: Final = 20  # at most so many of what is missing are named
_ONCE: Final = frozenset({Did.ACCEPT, Did.SEND})  # a second such press cannot work again


@dataclass(frozen=True, slots=True)
class Ack:
    """A press as the Bot API's side saw it. Times are monotonic seconds."""

    at: float
    answered_at: float | None
    is_alert: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """`offered`: native id → monotonic seconds. `received`: (under, words). `standing`: native id → answers.

    `by_hand`: native id → words written past the program. `network`: native id → its network's name.
    `acks`: by callback query id; presses of people outside the script too. `told`: the numbers of incidents
    whose card says that they are answered.
    """

    offered: Mapping[str, float]
    received: Sequence[tuple[str, str]]
    standing: Mapping[str, int]
    doubled: Sequence[str]
    cards: Sequence[Card]
    deeds: Sequence[Deed]
    acks: Mapping[str, Ack]
    by_hand: Mapping[str, str] = field(default_factory=dict)
    network: Mapping[str, str] = field(default_factory=dict)
    told: Collection[int] = ()
    reminders: int = 0
    delayed: int = 0
    over_limit: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)


def summarize(evidence: Evidence) -> dict[str, Any]:
    """Every figure, and under "missing" the first few of what is wanting."""
    cards = [card for card in evidence.cards if card.post in evidence.offered]
    stored = {card.post for card in cards}
    worked = [deed for deed in evidence.deeds if _worked(evidence, deed)]
    skipped = {deed.post for deed in worked if deed.what is Did.SKIP_WHY} & evidence.offered.keys()
    expected = stored - skipped
    answered = {post for post, count in evidence.standing.items() if count > 0} & evidence.offered.keys()
    submitted = _submitted(evidence)
    lost_posts = sorted(evidence.offered.keys() - stored)
    by_hand = answered & evidence.by_hand.keys()
    lost_answers = sorted(_not_standing(submitted, evidence.received) | _links_lost(evidence))
    strays = _strays(evidence)
    unanswered = sorted(expected - answered)
    lost_presses = _lost_presses(evidence)
    return {
        "posts_offered": len(evidence.offered),
        "posts_stored": len(stored),
        "incidents": len({card.number for card in cards}),
        "cards_delivered": len(cards),
        "duplicate_cards": sum(card.repeats for card in cards),
        "accepted": _incidents(worked, Did.ACCEPT),
        "reassigned": len({(d.number, d.chat_id, d.message_id) for d in worked if d.what is Did.MOVE_WHY}),
        "assigned_by_curators": _incidents(worked, Did.GIVE),
        "skipped": len(skipped),
        "answers_expected": len(expected),
        "answers_submitted": len(submitted),
        "answers_published": len(answered),
        "answered_by_hand": len(by_hand),
        "answers_told": len(evidence.told),
        "unanswered": len(unanswered),
        "lost_posts": len(lost_posts),
        "lost_answers": len(lost_answers),
        "doubled_publications": len(evidence.doubled),
        "stray_answers": len(strays),
        "lost_presses": len(lost_presses),
        "presses": len(evidence.acks),
        "presses_unacknowledged": sum(ack.answered_at is None for ack in evidence.acks.values()),
        "presses_refused": sum(ack.is_alert for ack in evidence.acks.values()),
        "reminders_sent": evidence.reminders,
        "delayed_calls": evidence.delayed,
        "over_limit_sends": evidence.over_limit,
        "unchanged_edits": sum(count for kind, count in evidence.errors.items() if _UNCHANGED in kind),
        "errors": sum(count for kind, count in evidence.errors.items() if _UNCHANGED not in kind),
        **_times(evidence, cards),
        "by_network": _by_network(
            evidence,
            {
                "offered": evidence.offered,
                "stored": stored,
                "answered": answered,
                "answered_by_hand": by_hand,
                "lost": [*lost_posts, *lost_answers],
                "doubled": evidence.doubled,
            },
        ),
        "errors_by_kind": dict(evidence.errors),
        "missing": {
            "lost_posts": lost_posts[:SHOWN],
            "lost_answers": lost_answers[:SHOWN],
            "doubled_publications": list(evidence.doubled)[:SHOWN],
            "stray_answers": strays[:SHOWN],
            "lost_presses": lost_presses[:SHOWN],
            "unanswered": unanswered[:SHOWN],
        },
    }


def _incidents(worked: Iterable[Deed], what: Did) -> int:
    return len({deed.number for deed in worked if deed.what is what})


def _ack(evidence: Evidence, deed: Deed) -> Ack | None:
    return evidence.acks.get(deed.query_id) if deed.query_id else None


def _worked(evidence: Evidence, deed: Deed) -> bool:
    ack = _ack(evidence, deed)
    return ack is not None and ack.answered_at is not None and not ack.is_alert


def _submitted(evidence: Evidence) -> set[tuple[str, str]]:
    """(post, words) of every answer the person was told is on its way."""
    found: set[tuple[str, str]] = set()
    unheard: set[tuple[int, int]] = set()  # previews whose press was never answered: it may have worked
    for deed in evidence.deeds:
        if deed.what is not Did.SEND:
            continue
        ack = _ack(evidence, deed)
        if ack is None or ack.answered_at is None:
            unheard.add((deed.chat_id, deed.message_id))
        elif not ack.is_alert or (deed.chat_id, deed.message_id) in unheard:
            found.add((deed.post, deed.words))
    return found


def _not_standing(submitted: Iterable[tuple[str, str]], received: Iterable[tuple[str, str]]) -> set[str]:
    said: dict[str, list[str]] = defaultdict(list)
    for under, words in received:
        said[under].append(words)
    return {post for post, words in submitted if not any(words in one for one in said[post])}


def _links_lost(evidence: Evidence) -> set[str]:
    """Posts answered by hand whose link came to nothing."""
    return {
        deed.post for deed in evidence.deeds if deed.what is Did.LINK and deed.number not in evidence.told
    }


def _by_network(evidence: Evidence, found: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """How many of each sort of messages are whose; a network without any is left out."""
    counts = {
        name: Counter(evidence.network.get(post, "") for post in posts) for name, posts in found.items()
    }
    networks = sorted({name for one in counts.values() for name in one if name})
    return {network: {name: one[network] for name, one in counts.items()} for network in networks}


def _strays(evidence: Evidence) -> list[str]:
    """Answers nobody sent: under the wrong post, or in other words than were written."""
    written: dict[str, set[str]] = defaultdict(set)
    for deed in evidence.deeds:
        if deed.what is Did.SEND:
            written[deed.post].add(deed.words)
    return sorted(
        under for under, words in evidence.received if not any(one and one in words for one in written[under])
    )


def _lost_presses(evidence: Evidence) -> list[str]:
    """Presses that left no trace: unacknowledged, and the same button worked when pressed again."""
    pressed: Counter[tuple[int, int, Did]] = Counter()
    lost: list[str] = []
    for deed in evidence.deeds:
        if deed.what not in _ONCE:
            continue
        key = (deed.chat_id, deed.message_id, deed.what)
        if pressed[key] and _worked(evidence, deed):
            lost.append(f"№ {deed.number} {deed.what}")
        ack = _ack(evidence, deed)
        if ack is None or ack.answered_at is None:
            pressed[key] += 1
    return lost


def _times(evidence: Evidence, cards: Iterable[Card]) -> dict[str, float | None]:
    first: dict[str, float] = {}
    for card in cards:
        first[card.post] = min(card.at, first.get(card.post, card.at))
    delays = [at - evidence.offered[post] for post, at in first.items()]
    waits = [ack.answered_at - ack.at for ack in evidence.acks.values() if ack.answered_at is not None]
    return {
        "post_to_card_p50_s": percentile(delays, 50),
        "post_to_card_p95_s": percentile(delays, 95),
        "press_ack_p50_s": percentile(waits, 50),
        "press_ack_p95_s": percentile(waits, 95),
        "press_ack_max_s": percentile(waits, 100),
    }


def percentile(values: Iterable[float], per_cent: float) -> float | None:
    """The nearest-rank percentile, in milliseconds' precision; None of nothing."""
    ranked = sorted(values)
    if not ranked:
        return None
    rank = max(1, -(-len(ranked) * per_cent // 100))  # rounded up
    return round(ranked[int(rank) - 1], 3)
