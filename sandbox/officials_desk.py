"""What one scripted person sees in their chat, and what they would do next. No clock, no waiting, no server.

People know an incident by its number, a button by the words on it, and a post by its link: so do these.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from sandbox.officials_seen import (
    ACCEPT,
    ANSWER,
    BY_HAND,
    FIND_BODY,
    MOVE,
    NO_BODY,
    NOT_KNOWN,
    OTHER_BODY,
    SEND,
    SKIP,
    TO_CURATORS,
    WHY_MOVE,
    WHY_SKIP,
    Did,
    Find,
    Seen,
    read,
)


@dataclass(frozen=True, slots=True)
class Next:
    """One thing to do: press `label` under the message, or reply to it where there is no label."""

    what: Did
    message_id: int
    label: str = ""


@dataclass(slots=True)
class Case:
    """One incident on one desk. Times are monotonic seconds.

    `tried` holds the last try of each deed, `heard` when the bot last acknowledged one. `link` is the address
    of the answer this person has written in the network itself, `link_wanted` the question for it.
    """

    number: int
    post: str = ""
    messages: dict[int, Seen] = field(default_factory=dict)
    questions: list[int] = field(default_factory=list)
    tried: dict[Did, float] = field(default_factory=dict)
    heard: dict[Did, float] = field(default_factory=dict)
    news_at: float = 0.0
    visits: int = 0
    written: list[str] = field(default_factory=list)
    drafted: bool = False
    link: str = ""
    link_wanted: int | None = None
    passes_on: bool = False
    skips: bool = False

    def find(self, words: str) -> tuple[int, str] | None:
        """The newest message with such a button."""
        for message_id in sorted(self.messages, reverse=True):
            label = self.messages[message_id].label(words)
            if label is not None:
                return message_id, label
        return None

    @property
    def is_impossible(self) -> bool:
        """Whether the card says that nobody can answer there."""
        return any(seen.is_impossible for seen in self.messages.values())

    def previewed(self, message_id: int) -> str:
        """Which of the written answers a preview shows; the last one if it shows none of them."""
        text = self.messages[message_id].text
        return next((words for words in reversed(self.written) if words in text), (self.written or [""])[-1])


@dataclass(slots=True)
class Habits:
    """`seed` decides who does what.

    `patience`: seconds until a person tries again what had no effect; `trust`: the same where the bot has
    said that it heard, for then the chat is only slow.
    """

    seed: int = 0
    patience: float = 15.0
    trust: float = 90.0
    move_share: float = 0.1
    skip_share: float = 0.05

    def chance(self, *about: object) -> random.Random:
        """The same luck for the same incident in every run, whatever the timing."""
        return random.Random(":".join(str(part) for part in (self.seed, *about)))


class Desk:
    """One person's chat with the bot. `find` says which posts links lead to."""

    def __init__(self, chat_id: int, habits: Habits, *, find: Find, is_curator: bool) -> None:
        self.chat_id = chat_id
        self.is_curator = is_curator
        self._habits = habits
        self._find = find
        self.cases: dict[int, Case] = {}
        self.busy: set[int] = set()

    def see(self, message: dict[str, Any], *, now: float) -> Case | None:
        """A message came or changed; its incident if it is about one."""
        seen = read(message, self._find)
        if seen.number is None:
            return None
        case = self.cases.setdefault(seen.number, Case(seen.number))
        self._notice(case, seen)
        case.messages[seen.message_id] = seen
        case.news_at = now
        self.busy.add(case.number)
        return case

    def forget(self, message_id: int) -> None:
        for case in self.cases.values():
            case.messages.pop(message_id, None)

    def _notice(self, case: Case, seen: Seen) -> None:
        before = case.messages.get(seen.message_id)
        is_new = before is None
        if before is not None and before.asks_further and not seen.asks_further:
            self._menus_are_done(case)
        if seen.posts and not case.post:
            case.post = seen.posts[0]
        if is_new and seen.wants_link:
            case.link_wanted = seen.message_id
        elif is_new and seen.is_question:
            case.questions.append(seen.message_id)
            case.drafted = False
        if seen.label(SEND):
            case.drafted = True
        if is_new and (seen.label(ACCEPT) or seen.label(OTHER_BODY)):
            case.visits += 1
            self._menus_are_done(case)
            luck = self._habits.chance(self.chat_id, case.number, case.visits)
            # What comes back is theirs after all: nobody plays ping-pong for ever.
            case.passes_on = luck.random() < self._habits.move_share and case.visits == 1
            case.skips = luck.random() < self._habits.skip_share
            case.tried.clear()

    @staticmethod
    def _menus_are_done(case: Case) -> None:
        """It was passed on: the menus that led there stay in the chat, and nobody presses them any more.

        Should it come back, this person keeps it: nobody plays ball for ever.
        """
        case.passes_on = False
        for message_id, seen in list(case.messages.items()):
            if seen.label(TO_CURATORS) or seen.asks_further:
                del case.messages[message_id]

    def next(self, *, now: float) -> tuple[Case, Next] | None:
        """What to do now: the incident longest without news first; None: nothing but waiting."""
        for number in sorted(self.busy, key=lambda one: self.cases[one].news_at):
            case = self.cases[number]
            deed = self.deed(case)
            if deed is None:
                self.busy.discard(number)
            elif self._may(case, deed.what, now=now):
                return case, deed
        return None

    def _may(self, case: Case, what: Did, *, now: float) -> bool:
        if what not in case.tried:
            return True
        heard = case.heard.get(what, 0.0) >= case.tried[what]
        return now - case.tried[what] >= (self._habits.trust if heard else self._habits.patience)

    def deed(self, case: Case) -> Next | None:
        """What the case asks of this person as it looks now."""
        return self._curator(case) if self.is_curator else self._official(case)

    def _official(self, case: Case) -> Next | None:
        if found := case.find(SEND):
            return Next(Did.SEND, *found)
        if case.questions and not case.drafted:
            return Next(Did.WRITE, case.questions[-1])
        if found := case.find(NOT_KNOWN):
            return Next(Did.MOVE_WHOSE, *found)
        if found := case.find(WHY_MOVE):
            return Next(Did.MOVE_WHY, *found)
        if found := case.find(TO_CURATORS):
            # Where nobody can answer, no other body can either.
            choice = "" if case.is_impossible else self._choice(case, found[0])
            return Next(Did.MOVE_WHERE, found[0], choice or found[1])
        if found := case.find(ACCEPT):
            move = case.find(MOVE) if case.passes_on or case.is_impossible else None
            return Next(Did.MOVE, *move) if move else Next(Did.ACCEPT, *found)
        if found := case.find(BY_HAND):
            # Until the card says that it is answered, the link has not arrived.
            return Next(Did.BY_HAND, *found) if case.link_wanted is None else Next(Did.LINK, case.link_wanted)
        found = case.find(ANSWER)
        return Next(Did.ANSWER, *found) if found else None

    def _curator(self, case: Case) -> Next | None:
        card = case.find(OTHER_BODY)
        if card is None:
            return None
        if found := case.find(WHY_SKIP):
            return Next(Did.SKIP_WHY, *found)
        skip = case.messages[card[0]].label(SKIP)
        if skip and (case.skips or case.is_impossible):
            return Next(Did.SKIP, card[0], skip)
        choice = self._choice(case, card[0])
        if choice:
            return Next(Did.GIVE, card[0], choice)
        menu = case.find(FIND_BODY)
        if menu and (choice := self._choice(case, menu[0])):
            return Next(Did.GIVE, menu[0], choice)
        if menu is None:
            return Next(Did.GIVE_WHERE, *card)
        return Next(Did.SKIP, card[0], skip) if skip else None

    def _choice(self, case: Case, message_id: int) -> str | None:
        """A curator takes the first body offered; an official any of them."""
        bodies = [
            label
            for label in case.messages[message_id].labels
            if not any(words in label for words in NO_BODY)
        ]
        if not bodies:
            return None
        if self.is_curator:
            return bodies[0]
        return self._habits.chance(self.chat_id, case.number, case.visits, "where").choice(bodies)
