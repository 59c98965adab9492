"""Scripted people: officials and curators who read their chats, press, write, and try again like people do.

They know only what stands in the chats of the emulated Telegram: never a table of the program. Each does one
thing at a time, after a pause; what has had no effect for some seconds is tried again. Where the program cannot
publish, they answer in the network themselves, as its page, and bring the link.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.networks import Networks
from sandbox.officials_desk import Case, Desk, Habits, Next
from sandbox.officials_seen import Did
from sandbox.officials_witness import Deed, Witness
from sandbox.telegram.driver import PersonError
from sandbox.telegram.world import TelegramWorld

_NAP: Final = 1.0  # seconds between two looks when no news comes: patience runs out by itself
_WORDS: Final = (
    "Заявка передана подрядчику, работы пройдут на этой неделе.",
    "Специалисты выехали по адресу, результат сообщим дополнительно.",
    "Проверка проведена, нарушение подтвердилось, виновному выдано предписание.",
    "Вопрос включён в план работ на следующий месяц.",
    "Спасибо, что написали. Ответственные уведомлены, срок — три рабочих дня.",
)


@dataclass(frozen=True, slots=True)
class Hand:
    """One person: whose chat, and whether they are a curator."""

    user_id: int
    is_curator: bool


@dataclass(slots=True)
class Team:
    """Everyone at work. `pause`: shortest and longest seconds a person takes before each deed."""

    world: TelegramWorld
    networks: Networks
    witness: Witness
    habits: Habits
    hands: Iterable[Hand]
    pause: tuple[float, float] = (0.4, 1.2)
    _desks: dict[int, Desk] = field(default_factory=dict)
    _bells: dict[int, asyncio.Event] = field(default_factory=dict)
    _pressed: dict[str, tuple[Case, Did]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for hand in self.hands:
            self._desks[hand.user_id] = Desk(
                hand.user_id, self.habits, find=self.networks.find, is_curator=hand.is_curator
            )
            self._bells[hand.user_id] = asyncio.Event()

    async def work(self, stop: asyncio.Event) -> None:
        """Read and act until `stop`."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._read(), name="reading")]
            tasks += [
                group.create_task(self._serve(desk), name=f"person {user_id}")
                for user_id, desk in self._desks.items()
            ]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def _read(self) -> None:
        """Everything that appears in any chat, in order, from the very first."""
        seq = 0
        while True:
            for event in await self.world.events.wait(seq, _NAP):
                seq = event["seq"]
                self.take(event)

    def take(self, event: dict[str, Any]) -> None:
        """One event of the chats: for the witness, and for the person whose chat it is."""
        now = self.world.clock.monotonic()
        self.witness.take(event, now=now)
        desk = self._desks.get(event["chat_id"])
        if desk is None:
            return
        if event["type"] == "callback_answer" and event["callback_query_id"] in self._pressed:
            case, what = self._pressed.pop(event["callback_query_id"])
            case.heard[what] = now
        if event["type"] == "delete":
            desk.forget(event["message_id"])
        elif event["type"] in {"message", "edit"} and event["message"]["from"]["is_bot"]:
            desk.see(event["message"], now=now)
            self._bells[desk.chat_id].set()

    async def _serve(self, desk: Desk) -> None:
        bell = self._bells[desk.chat_id]
        tempo = random.Random(f"{self.habits.seed}:{desk.chat_id}:tempo")
        while True:
            found = desk.next(now=self.world.clock.monotonic())
            if found is None:
                await _wait(bell)
                continue
            await asyncio.sleep(tempo.uniform(*self.pause))
            found = desk.next(now=self.world.clock.monotonic())  # the chat may have changed meanwhile
            if found is not None:
                self._act(desk, *found)

    def _act(self, desk: Desk, case: Case, deed: Next) -> None:
        now = self.world.clock.monotonic()
        case.tried[deed.what] = now
        words, query_id = "", None
        try:
            if deed.what in {Did.WRITE, Did.LINK}:
                words = self._words(desk, case) if deed.what is Did.WRITE else case.link
                self.world.say(desk.chat_id, words, reply_to=deed.message_id)
            else:
                if deed.what is Did.BY_HAND and not case.link:
                    words = case.written[-1] if case.written else self._words(desk, case)
                    case.link = self.networks.answer_by_hand(case.post, words)
                words = case.previewed(deed.message_id) if deed.what is Did.SEND else words
                pressed = self.world.press(desk.chat_id, desk.chat_id, deed.message_id, label=deed.label)
                query_id = str(pressed["callback_query_id"])
                self._pressed[query_id] = case, deed.what
        except PersonError:
            return  # the button went away under the finger
        self.witness.did(
            Deed(
                what=deed.what,
                chat_id=desk.chat_id,
                message_id=deed.message_id,
                number=case.number,
                post=case.post,
                label=deed.label,
                words=words,
                query_id=query_id,
                at=now,
            )
        )

    @staticmethod
    def _words(desk: Desk, case: Case) -> str:
        case.written.append(answer_words(case, desk.chat_id))
        return case.written[-1]


def answer_words(case: Case, chat_id: int) -> str:
    """Words that no other answer has: of this number, person and try."""
    ready = _WORDS[case.number % len(_WORDS)]
    return f"Здравствуйте! {ready} Ответ {case.number}-{chat_id % 100_000}-{len(case.written) + 1}."


async def _wait(bell: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_NAP):
            await bell.wait()
    except TimeoutError:
        return
    bell.clear()
