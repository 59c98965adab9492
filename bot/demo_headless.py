"""A whole run without a browser: posts from a file, scripted people, figures from the sandbox's own record.

Nothing here looks into our database: whether a post was stored, a card delivered, an answer published is what
the emulated networks saw. sandbox/summary.py says how each figure is measured.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.demo_networks import DemoNetwork, Letter
from bot.demo_place import Place, config_text, furnish, move_in, read_place
from bot.demo_processes import Program, sandbox, tail
from bot.demo_report import Progress
from bot.demo_sandbox import Sandbox

# Some seven messages an incident; Telegram takes 30 a second from one bot.
DEFAULT_RATE: Final = 3.0
# Seconds between two kills on the average: the program needs some three to come up on a quiet machine.
KILL_EVERY: Final = 9.0
_POLL_SECONDS: Final = 2
_LOOK_EVERY: Final = 1.0
_START_SECONDS: Final = 120.0
# What can only grow so far: people who hand an incident to and fro are no progress.
_WELL: Final = (
    "posts_offered",
    "posts_stored",
    "accepted",
    "assigned_by_curators",
    "skipped",
    "answers_submitted",
    "answers_published",
    "answered_by_hand",
    "answers_told",
)
_FAULTS: Final = (
    "lost_posts",
    "lost_answers",
    "doubled_publications",
    "stray_answers",
    "lost_presses",
    "unanswered",
)


@dataclass(frozen=True, slots=True)
class Run:
    """What to do. `networks` take turns. `rate`: posts a second; `patience`: seconds without any change until it is
    given up.

    `kills`: how often the program dies by SIGKILL on the way. `hang_seconds`: each call for one chosen chat
    is answered so much later while posts are offered; 0: none is.
    """

    texts: Sequence[str]
    networks: Sequence[DemoNetwork]
    rate: float = DEFAULT_RATE
    seed: int = 1
    kills: int = 0
    hang_seconds: float = 0.0
    patience: float = 120.0  # longer than a scripted person trusts a slow chat
    retry_seconds: float = 15.0


class DidNotStartError(Exception):
    """The people were not let in: the program is not at work."""


async def play(run: Run, *, root: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    """The run's figures. `folder` takes the database, the logs, the settings.

    Raises:
        ChildError, SandboxError, DidNotStartError.
    """
    place = read_place(root / "sandbox" / "region")
    async with sandbox(root=root, log_path=folder / "sandbox.log") as address, Sandbox(address) as town:
        await furnish(place, town, run.networks)
        text = config_text(
            place,
            run.networks,
            address=address,
            folder=folder,
            cache_dir=root / "data" / "classifier",
            poll_seconds=_POLL_SECONDS,
        )
        config = folder / "config.toml"
        config.write_text(text, encoding="utf-8")
        await move_in(place, town, run.networks, folder=folder)
        program = Program(root=root, config=config, log_path=folder / "program.log")
        try:
            await program.start()
            seconds = await _Stage(run, place, town, program, progress).run()
        finally:
            await program.stop()
        figures = await town.get("/officials/summary")
    return {**figures, "kills": program.kills, "seconds": round(seconds, 1)}


def is_clean(figures: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, nothing stands twice, and nothing is left undone."""
    return not any(figures[name] for name in _FAULTS)


@dataclass(slots=True)
class _Stage:
    run_: Run
    place: Place
    town: Sandbox
    program: Program
    progress: Progress
    _offered_all: bool = False

    async def run(self) -> float:
        """Seconds from the first post to the end."""
        async with asyncio.TaskGroup() as group:
            watching = [
                group.create_task(self.program.watch()),
                group.create_task(self.town.people_at_work(self._people())),
            ]
            await everybody_is_in(self.place, self.town, self.program)
            start = time.monotonic()
            work = [group.create_task(self._offer()), group.create_task(self._kill())]
            await self._follow(start)
            for task in (*watching, *work):
                task.cancel()
        return time.monotonic() - start

    def _people(self) -> dict[str, Any]:
        return {
            "seed": self.run_.seed,
            "patience": self.run_.retry_seconds,
            "people": [{"user_id": owner.id, "is_curator": not owner.body} for owner in self.place.people],
        }

    def _seconds_of_posts(self) -> float:
        """How long posts are offered; long enough for the kills to fall among them."""
        return max(len(self.run_.texts) / self.run_.rate, self.run_.kills * KILL_EVERY)

    async def _offer(self) -> None:
        if self.run_.hang_seconds:
            await self._hang()
        networks, pages = self.run_.networks, self.place.pages
        for network in networks:
            await network.open(pages, self.town)
        pause = self._seconds_of_posts() / len(self.run_.texts)
        start = time.monotonic()
        for number, text in enumerate(self.run_.texts):
            await asyncio.sleep(start + number * pause - time.monotonic())
            turn, which = divmod(number, len(networks))
            luck = random.Random(f"{self.run_.seed}:{number}")  # noqa: S311 - no secret is made of it
            letter = Letter(page=pages[turn % len(pages)], text=text, number=number, turn=turn, luck=luck)
            await networks[which].offer(letter, self.town)
        if self.run_.hang_seconds:
            await self.town.post("/telegram/faults", {"clear": True})
        self._offered_all = True

    async def _hang(self) -> None:
        hung = {"kind": "delay", "chat_id": self.place.people[0].id, "seconds": self.run_.hang_seconds}
        await self.town.post("/telegram/faults", {**hung, "method": "*", "count": 10**9})

    async def _kill(self) -> None:
        luck = random.Random(f"{self.run_.seed}:kills")  # noqa: S311 - no secret is made of it
        for number in range(self.run_.kills):
            mean = self._seconds_of_posts() / self.run_.kills
            if number % 3:  # each third dies whenever it may be; a busy machine must not see only starts
                await self.program.at_work()
            await asyncio.sleep(luck.uniform(0.1, 1.9) * mean)
            await self.program.kill()

    async def _follow(self, start: float) -> None:
        """Until everything offered stands answered, or nothing has changed for too long."""
        before: tuple[int, ...] = ()
        changed = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            figures = await self.town.get("/officials/summary")
            now = time.monotonic()
            self.progress.show(
                figures, total=len(self.run_.texts), kills=self.program.kills, seconds=now - start
            )
            done = tuple(int(figures[name]) for name in _WELL)
            if done != before:
                before, changed = done, now
            is_over = self._offered_all and self.program.kills >= self.run_.kills
            if is_over and (self._is_settled(figures) or now - changed > self.run_.patience):
                return

    @staticmethod
    def _is_settled(figures: Mapping[str, Any]) -> bool:
        """All answered, and the cards say so: nothing is on its way any more that could come twice."""
        return (
            not figures["lost_posts"]
            and not figures["unanswered"]
            and figures["answers_told"] >= figures["answers_expected"]
        )


async def everybody_is_in(place: Place, town: Sandbox, program: Program) -> None:
    """Wait until each person's chat holds the program's welcome.

    Raises:
        DidNotStartError: it took too long.
    """
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        told = await town.get("/telegram/chats")
        words = {chat["id"]: chat["last_message_id"] for chat in told["chats"]}
        if all(words.get(owner.id, 0) > 1 for owner in place.people):  # 1 is their own /start
            return
        await asyncio.sleep(0.2)
    raise DidNotStartError(f"nobody was let in for {_START_SECONDS:.0f} s:\n{tail(program.log_path)}")
