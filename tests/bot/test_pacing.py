"""The limits hold at the server, whatever the network delays."""

import heapq
import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Pacer

GROUP, PRIVATE = -500, 500
delays = st.floats(min_value=0, max_value=3, allow_nan=False)


def most_in(arrivals: list[float], window: float) -> int:
    """The most arrivals in any half-open window of so many seconds."""
    arrivals = sorted(arrivals)
    most = first = 0
    for last, at in enumerate(arrivals):
        while at - arrivals[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


def simulate(
    chats: list[int], delay: Callable[[], tuple[float, float]], pacer: Pacer
) -> list[tuple[float, int]]:
    """Send to each chat in turn on a virtual clock; (arrival at the server, chat). `delay`: there, back."""
    now, arrivals, waiting = 0.0, [], list(chats)
    answers: list[tuple[float, int]] = []
    while waiting or answers:
        ready = [
            index
            for index, chat in enumerate(waiting)
            if pacer.free_slots(now) and pacer.ready_at(chat, now) <= now
        ]
        if ready:
            chat = waiting.pop(ready[0])
            pacer.take(chat, now)
            there, back = delay()
            arrivals.append((now + there, chat))
            heapq.heappush(answers, (now + there + back, chat))
            continue
        moments = [answers[0][0]] if answers else []
        moments += [
            at
            for at in (pacer.next_slot_at(now), *(pacer.ready_at(chat, now) for chat in set(waiting)))
            if now < at < math.inf
        ]
        now = min(moments)
        while answers and answers[0][0] <= now:
            pacer.release(heapq.heappop(answers)[1], now)
    return arrivals


@given(
    st.lists(st.integers(min_value=1, max_value=12), max_size=120),
    st.lists(st.tuples(delays, delays), min_size=1, max_size=20),
)
def test_never_more_than_thirty_a_second_nor_one_to_a_chat(
    chats: list[int], network: list[tuple[float, float]]
) -> None:
    turn = iter(range(10**9))
    arrivals = simulate(chats, lambda: network[next(turn) % len(network)], Pacer())
    assert len(arrivals) == len(chats)
    assert most_in([at for at, _ in arrivals], 1.0) <= 30
    for chat in set(chats):
        assert most_in([at for at, where in arrivals if where == chat], 1.0) <= 1


@given(st.lists(st.tuples(delays, delays), min_size=1, max_size=20), st.integers(1, 70))
def test_never_more_than_twenty_a_minute_to_a_group(network: list[tuple[float, float]], many: int) -> None:
    turn = iter(range(10**9))
    arrivals = simulate([GROUP] * many, lambda: network[next(turn) % len(network)], Pacer())
    assert len(arrivals) == many
    assert most_in([at for at, _ in arrivals], 60.0) <= 20


def test_thirty_a_second_are_really_used() -> None:
    arrivals = simulate(list(range(1, 301)), lambda: (0.0, 0.0), Pacer())
    assert max(at for at, _ in arrivals) <= 300 / 30 * 1.05


def test_a_private_chat_knows_no_minute() -> None:
    arrivals = simulate([PRIVATE] * 30, lambda: (0.0, 0.0), Pacer())
    assert max(at for at, _ in arrivals) < 40


def test_a_held_sender_sends_nothing_until_then() -> None:
    pacer = Pacer()
    pacer.hold(7.0)
    assert (pacer.free_slots(6.99), pacer.next_slot_at(1.0)) == (0, 7.0)
    assert pacer.free_slots(7.0) == 30


def test_a_held_chat_leaves_the_others_alone() -> None:
    pacer = Pacer()
    pacer.hold_chat(GROUP, 9.0)
    assert (pacer.ready_at(GROUP, 1.0), pacer.ready_at(PRIVATE, 1.0)) == (9.0, 1.0)


def test_a_hung_send_holds_one_slot_and_its_chat() -> None:
    pacer = Pacer()
    pacer.take(PRIVATE, 0.0)
    assert pacer.free_slots(100.0) == 29
    assert pacer.busy_chats(100.0) == {PRIVATE: math.inf}


def test_what_was_not_sent_costs_nothing() -> None:
    pacer = Pacer()
    pacer.take(PRIVATE, 0.0)
    pacer.cancel(PRIVATE)
    assert pacer.free_slots(0.0) == 30
    assert pacer.busy_chats(0.0) == {}
