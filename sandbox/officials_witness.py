"""What was seen in the chats and what the scripted people did: the judge's evidence besides the servers' own."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.officials_seen import Did, Find, Seen, read

_ANSWERED: Final = ("✅ Отвечено", "✅ Ответ дан в сети")
_REMINDER: Final = re.compile(r"^[⏰🔥]\s*№")


@dataclass(frozen=True, slots=True)
class Card:
    """A message that showed a post with buttons, when it first stood in a chat. `at`: monotonic seconds.

    `repeats`: an older one about the same incident stood in the same chat, its buttons still on.
    """

    post: str
    number: int
    chat_id: int
    message_id: int
    at: float
    repeats: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """One press or one written answer of a scripted person."""

    what: Did
    chat_id: int
    message_id: int
    number: int
    post: str
    label: str
    words: str
    query_id: str | None
    at: float


@dataclass(slots=True)
class Witness:
    """`find` says which posts links lead to. `answered`: numbers whose card says that they are."""

    find: Find
    cards: list[Card] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    reminders: int = 0
    answered: set[int] = field(default_factory=set)
    _live: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))

    def take(self, event: dict[str, Any], *, now: float) -> None:
        """One event of any chat."""
        if event["type"] not in {"message", "edit"} or not event["message"]["from"]["is_bot"]:
            return
        seen = read(event["message"], self.find)
        if seen.number is None:
            return
        if any(words in event["message"]["text"] for words in _ANSWERED):
            self.answered.add(seen.number)
        if event["type"] == "message" and _REMINDER.match(event["message"]["text"]):
            self.reminders += 1
            return
        if event["type"] == "message":
            self._card(seen, event["chat_id"], now=now)
        elif not seen.labels:
            self._live[event["chat_id"], seen.number].discard(seen.message_id)

    def _card(self, seen: Seen, chat_id: int, *, now: float) -> None:
        if not seen.posts or seen.number is None:
            return
        live = self._live[chat_id, seen.number]
        self.cards.append(
            Card(
                post=seen.posts[0],
                number=seen.number,
                chat_id=chat_id,
                message_id=seen.message_id,
                at=now,
                repeats=bool(live),
            )
        )
        if seen.labels:
            live.add(seen.message_id)

    def did(self, deed: Deed) -> None:
        self.deeds.append(deed)
