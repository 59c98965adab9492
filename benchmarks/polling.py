"""An hour of polling 500 official pages in each of five networks, in simulated time, against their own limits.

python -m benchmarks.polling [--pages 500] [--minutes 60] [--networks vk,ok,…]

Real collectors and the real emulated networks, over HTTP, on a clock that jumps (benchmarks/virtual.py). Printed:
requests made, the fullest window of each published quota and its share, what was refused, and how stale each feed
was: the longest time between two complete readings of it, the beginning included.
"""

from benchmarks import virtual

CLOCK = virtual.install()  # before anything that takes the time is imported

import argparse  # noqa: E402 - see above
import asyncio  # noqa: E402
import random  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
from collections import Counter, defaultdict, deque  # noqa: E402
from collections.abc import Awaitable, Callable  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402

import httpx  # noqa: E402
from aiohttp import web  # noqa: E402

from benchmarks.polling_towns import TOWNS, Town  # noqa: E402
from collectors.contract import Collector, Meter, NetworkError, Tools  # noqa: E402
from collectors.networks import NETWORKS  # noqa: E402

_SEED = 1


@dataclass(slots=True)
class Reading:
    """How one feed fared. Times are virtual seconds."""

    since: float
    rounds: int = 0
    posts: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def complete(self, now: float) -> None:
        self.longest = max(self.longest, now - self.since)
        self.since = now
        self.rounds += 1


@dataclass(slots=True)
class Traffic:
    """Requests as the network's side counted them: quota → the calls of its fullest window."""

    calls: Counter[str] = field(default_factory=Counter)
    fullest: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _recent: defaultdict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, town: Town, request: web.Request, form: dict[str, str]) -> None:
        call = town.call(request.method, request.path, form)
        self.calls[call] += 1
        for quota in town.quotas:
            who = quota.who(call, request.path, form, dict(request.headers))
            if who is None:
                continue
            recent = self._recent[quota.name, who]
            recent.append(CLOCK.seconds)
            while CLOCK.seconds - recent[0] >= quota.seconds:
                recent.popleft()
            self.fullest[quota.name] = max(self.fullest[quota.name], len(recent))


class _FreeMeter(Meter):
    """Counts money; stops nobody."""

    def __init__(self) -> None:
        self.spent = 0

    async def add(self, amount: int) -> None:
        self.spent += amount

    async def this_month(self) -> int:
        return 0


async def follow(feed: Collector, reading: Reading, until: float) -> None:
    """As bot/collecting.py does, without a database."""
    cursor: str | None = None
    while CLOCK.seconds < until:
        try:
            batch = await feed.fetch(cursor, now=CLOCK.now())
        except NetworkError as error:
            reading.refusals[str(error)[:100]] += 1
            wait = error.retry_after.total_seconds() if error.retry_after is not None else 600.0
            await asyncio.sleep(wait)
            continue
        cursor = batch.cursor
        reading.posts += len(batch.posts)
        if not batch.more:
            reading.complete(CLOCK.seconds)
            await asyncio.sleep(feed.every.total_seconds())


async def talk(town: Town, pages: int, until: float) -> int:
    """Residents write: on the average one message an hour on each page. Returns how many."""
    luck = random.Random(f"{_SEED}:{town.network}")  # noqa: S311 - no secret is made of it
    written = 0
    while True:
        await asyncio.sleep(luck.expovariate(pages / 3600))
        if CLOCK.seconds >= until:
            return written
        town.write(luck.randrange(pages), f"Яма на дороге, номер {written}")
        written += 1


async def play(town: Town, *, pages: int, minutes: float) -> list[str]:
    """One network's hour: the lines of its report."""
    town.furnish(pages)
    traffic = Traffic()

    @web.middleware
    async def counting(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        form = dict(request.query)
        if request.content_type == "application/x-www-form-urlencoded":
            form |= {key: str(value) for key, value in (await request.post()).items()}
        traffic.count(town, request, form)
        return await handler(request)

    app = web.Application(middlewares=[counting])
    town.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    meter = _FreeMeter()
    network = next(one for one in NETWORKS if one.name == town.network)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as http:
        connector = network.connect(town.settings(url, pages), Tools(http, meter))
        feeds = connector.watch(town.watch(pages))
        start = CLOCK.seconds
        until = start + minutes * 60
        readings = {feed.feed: Reading(start) for feed in feeds}
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(talk(town, pages, until))
            tasks = [group.create_task(follow(feed, readings[feed.feed], until)) for feed in feeds]
            await asyncio.sleep(minutes * 60)
            written = await writing
            for task in tasks:
                task.cancel()
    await runner.cleanup()
    return report(town, readings, traffic, spent=meter.spent, written=written, until=until)


def report(
    town: Town, readings: dict[str, Reading], traffic: Traffic, *, spent: int, written: int, until: float
) -> list[str]:
    for reading in readings.values():
        reading.longest = max(reading.longest, until - reading.since)
    refusals = sum((one.refusals for one in readings.values()), Counter[str]())
    most = ", ".join(f"{name} {count}" for name, count in traffic.calls.most_common(4))
    lines = [
        (
            f"{town.network}: {sum(traffic.calls.values())} requests ({most}); "
            f"{sum(one.posts for one in readings.values())} posts brought, {written} written meanwhile; "
            f"{sum(refusals.values())} readings refused"
        )
    ]
    lines += [f"  {count} × {words}" for words, count in refusals.most_common(3)]
    kinds: defaultdict[str, list[Reading]] = defaultdict(list)
    for name, reading in readings.items():
        kinds[":".join(name.split(":")[:2])].append(reading)
    for kind, group in sorted(kinds.items()):
        longest = [one.longest for one in group]
        never = sum(one.rounds == 0 for one in group)
        unread = f", {never} not read once" if never else ""
        lines.append(
            f"  {kind}: {len(group)} feeds, staleness median {statistics.median(longest):.0f} s, "
            f"worst {max(longest):.0f} s{unread}"
        )
    for quota in town.quotas:
        used = traffic.fullest[quota.name]
        mark = "ok" if used <= quota.limit else "OVER"
        lines.append(f"  {mark} {quota.name}: {used} of {quota.limit} ({used / quota.limit:.0%})")
    if spent:
        lines.append(f"  spent: {spent / 1_000_000:.2f} $")
    return lines


def main() -> int:
    """1 if a quota was exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling", description=__doc__)
    parser.add_argument("--pages", type=int, default=500, help="official pages in each network (500)")
    parser.add_argument("--minutes", type=float, default=60, help="simulated minutes (60)")
    parser.add_argument("--networks", default=",".join(TOWNS), help=f"of {', '.join(TOWNS)}")
    chosen = parser.parse_args()
    over = False
    for name in chosen.networks.split(","):
        lines = virtual.run(play(TOWNS[name](CLOCK), pages=chosen.pages, minutes=chosen.minutes), CLOCK)
        print("\n".join(lines), flush=True)  # noqa: T201 - a command's answer
        over |= any(line.startswith("  OVER") for line in lines)
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
