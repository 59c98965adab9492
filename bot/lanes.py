"""Work in lanes: what belongs to one person is done in order, different people's work at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """`put` from anywhere; `run` does the work, at most `workers` lanes at a time.

    `work` must not raise: what cannot be done is its own to remember.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]], *, workers: int, room: int) -> None:
        """`room`: how many items may wait before `has_room` asks to bring no more."""
        self._work = work
        self._workers = asyncio.Semaphore(workers)
        self._room = room
        self._waiting = 0
        self._lanes: dict[int, deque[T]] = {}
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._drained = asyncio.Event()
        self._drained.set()

    def put(self, lane: int, item: T) -> None:
        self._waiting += 1
        if self._waiting >= self._room:
            self._drained.clear()
        if lane in self._lanes:
            self._lanes[lane].append(item)
        else:
            self._lanes[lane] = deque([item])
            self._ready.put_nowait(lane)

    async def has_room(self) -> None:
        """Wait until fewer than `room` items wait."""
        await self._drained.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                lane = await self._ready.get()
                await self._workers.acquire()
                group.create_task(self._one(lane))

    async def _one(self, lane: int) -> None:
        """One item of the lane; then the others have their turn."""
        queue = self._lanes[lane]
        try:
            await self._work(queue[0])
        finally:
            queue.popleft()
            self._waiting -= 1
            if self._waiting < self._room:
                self._drained.set()
            if queue:
                self._ready.put_nowait(lane)
            else:
                del self._lanes[lane]
            self._workers.release()
