"""What a run shows: one line while it goes on, one table when it has ended."""

import time
from collections.abc import Mapping
from typing import Any, Final, TextIO

_EVERY: Final = 5.0  # seconds between two lines where the output is no terminal
_TABLE: Final = (
    ("posts_offered", "posts offered"),
    ("posts_stored", "posts stored (their card was seen)"),
    ("incidents", "incidents"),
    ("cards_delivered", "cards delivered"),
    ("duplicate_cards", "cards sent twice"),
    ("accepted", "accepted"),
    ("reassigned", "handed over"),
    ("assigned_by_curators", "assigned by curators"),
    ("skipped", "needing no answer"),
    ("answers_expected", "answers expected"),
    ("answers_submitted", "answers submitted"),
    ("answers_published", "answers published"),
    ("answered_by_hand", "of them by hand"),
    ("answers_told", "cards that say so"),
    ("reminders_sent", "reminders sent"),
    ("delayed_calls", "calls that hung on order"),
    ("over_limit_sends", "sends over Telegram's limits"),
    ("unchanged_edits", "edits that changed nothing"),
    ("errors", "other errors of the Bot API"),
    ("kills", "kill -9"),
    ("presses", "presses"),
    ("presses_unacknowledged", "presses never acknowledged"),
    ("post_to_card_p50_s", "post to card, median, s"),
    ("post_to_card_p95_s", "post to card, 95 %, s"),
    ("press_ack_p50_s", "press to acknowledgement, median, s"),
    ("press_ack_p95_s", "press to acknowledgement, 95 %, s"),
    ("seconds", "seconds"),
    ("lost_posts", "LOST posts"),
    ("lost_answers", "LOST answers"),
    ("lost_presses", "LOST presses"),
    ("doubled_publications", "DOUBLED answers"),
    ("stray_answers", "answers nobody wrote"),
    ("unanswered", "unanswered"),
)


class Progress:
    """One line that changes on a terminal, a new one each five seconds elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        self._last = 0.0

    def show(self, figures: Mapping[str, Any], *, total: int, kills: int, seconds: float) -> None:
        now = time.monotonic()
        if not self._is_terminal and now - self._last < _EVERY:
            return
        self._last = now
        killed = f" · kills {kills}" if kills else ""
        line = (
            f"{seconds:5.0f} s · posts {figures['posts_offered']}/{total} · cards {figures['posts_stored']}"
            f" · accepted {figures['accepted']} · sent {figures['answers_submitted']}"
            f" · published {figures['answers_published']}/{figures['answers_expected']}{killed}"
        )
        self._out.write(f"\r\033[K{line}" if self._is_terminal else f"{line}\n")
        self._out.flush()

    def end(self) -> None:
        if self._is_terminal:
            self._out.write("\n")


def table(figures: Mapping[str, Any]) -> str:
    """The figures for people, and what is missing by name."""
    width = max(len(words) for _, words in _TABLE)
    lines = [f"{words:<{width}}  {_shown(figures[name])}" for name, words in _TABLE]
    for network, counts in figures["by_network"].items():
        lines.append(f"{network}: {', '.join(f'{name} {count}' for name, count in counts.items())}")
    for name, found in figures["missing"].items():
        if found:
            lines.append(f"{name}: {', '.join(found)}")
    lines += [f"{count} × {kind}" for kind, count in figures["errors_by_kind"].items()]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
