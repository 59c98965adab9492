"""What a person makes of a message in their chat: an incident by its number, a button by its words, a post by its link.

No clock, no waiting, no server.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Any, Final

# The words on the buttons, without their pictures (handlers/texts/ru/).
ACCEPT: Final = "Принять"
MOVE: Final = "Переадресовать"
ANSWER: Final = "Ответить"
SEND: Final = "Отправить"
BY_HAND: Final = "Готово, вот ссылка"
TO_CURATORS: Final = "Вернуть куратору"
NOT_KNOWN: Final = "Не знаю"
OTHER_BODY: Final = "Другой орган"
FIND_BODY: Final = "Найти орган"
SKIP: Final = "Не требует ответа"
WHY_MOVE: Final = "Вопрос другого органа"
WHY_SKIP: Final = "Реклама или спам"
NO_BODY: Final = (
    *(MOVE, TO_CURATORS, NOT_KNOWN, OTHER_BODY, FIND_BODY, SKIP, BY_HAND),
    *("Отмена", "Объединить", "Своими словами", "Переназначить", "Фото (", "Открыть снова"),
)
_LINK_WANTED: Final = "пришлите ссылку"
_IMPOSSIBLE: Final = "Под постом ответить нельзя"
_NUMBER: Final = re.compile(r"№\s?(\d+)")

# Links and the words around them → the native ids of the posts they lead to, in their order.
Find = Callable[[Iterable[str], str], list[str]]


class Did(StrEnum):
    """What a person does with an incident; the value names it in the record.

    BY_HAND is the press of «Готово, вот ссылка», LINK the link itself.
    """

    ACCEPT = "accept"
    MOVE = "move"
    MOVE_WHERE = "move_where"
    MOVE_WHY = "move_why"
    MOVE_WHOSE = "move_whose"
    ANSWER = "answer"
    WRITE = "write"
    SEND = "send"
    BY_HAND = "by_hand"
    LINK = "link"
    GIVE = "give"
    GIVE_WHERE = "give_where"
    SKIP = "skip"
    SKIP_WHY = "skip_why"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot as it looks now. `labels`: buttons that reach the bot, top to bottom."""

    message_id: int
    number: int | None
    labels: tuple[str, ...]
    is_question: bool
    posts: tuple[str, ...]
    text: str

    def label(self, words: str) -> str | None:
        return next((label for label in self.labels if label_is(label, words)), None)

    @property
    def wants_link(self) -> bool:
        """Whether it asks where the answer stands."""
        return self.is_question and _LINK_WANTED in self.text

    @property
    def asks_further(self) -> bool:
        """Whether it is a menu on the way back or on: why, or whose it is."""
        return bool(self.label(WHY_MOVE) or self.label(NOT_KNOWN))

    @property
    def is_impossible(self) -> bool:
        """Whether it is a card that says that nobody can answer there."""
        return bool(self.labels) and _IMPOSSIBLE in self.text


def label_is(label: str, words: str) -> bool:
    """Whether the button says `words`, whatever picture stands before them."""
    return label == words or label.endswith(f" {words}")


def read(message: dict[str, Any], find: Find) -> Seen:
    """What a person makes of a message as the sandbox shows it."""
    number = _NUMBER.search(message["text"])
    buttons = [button for row in message["keyboard"] for button in row]
    urls = [button["url"] for button in buttons if button["url"]]
    return Seen(
        message_id=message["message_id"],
        number=int(number[1]) if number else None,
        labels=tuple(b["label"] for b in buttons if b["data"] and not b["disabled"]),
        is_question=message["force_reply"] is not None,
        posts=tuple(find([*urls, unescape(message["html"])], message["text"])),
        text=message["text"],
    )
