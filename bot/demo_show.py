"""The demo in the browser: three phones, a town's pages in every network, and its day of posts at their times."""

import asyncio
import json
import random
import socket
import time
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.demo_cast import cast
from bot.demo_headless import everybody_is_in
from bot.demo_networks import DemoNetwork, Letter
from bot.demo_place import Place, config_text, furnish, move_in, read_place
from bot.demo_processes import Program, sandbox
from bot.demo_sandbox import Sandbox
from bot.importing import read_bodies
from models import Role

_PORTS_TRIED: Final = 50
_OWN_EVERY: Final = 4.0  # seconds between two posts of a file
_POLL_SECONDS: Final = 2
_ROLES: Final = {Role.OFFICIAL: "официальное лицо", Role.CURATOR: "куратор"}


@dataclass(frozen=True, slots=True)
class Show:
    """`texts`: posts to play instead of the town's own day, in each network in turn."""

    texts: Sequence[str]
    port: int
    opens: bool


async def show(wanted: Show, *, root: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Run until cancelled (Ctrl-C).

    Raises:
        ChildError, SandboxError, DidNotStartError.
    """
    place = read_place(root / "sandbox" / "town")
    networks = cast("all")
    say("Starting…")
    port = free_port(wanted.port)
    async with (
        sandbox(root=root, log_path=folder / "sandbox.log", port=port) as address,
        Sandbox(address) as town,
    ):
        await furnish(place, town, networks)
        await _put_phones(place, town)
        config = folder / "config.toml"
        text = config_text(
            place,
            networks,
            address=address,
            folder=folder,
            cache_dir=root / "data" / "classifier",
            poll_seconds=_POLL_SECONDS,
        )
        config.write_text(text, encoding="utf-8")
        await move_in(place, town, networks, folder=folder)
        program = Program(root=root, config=config, log_path=folder / "program.log")
        try:
            await program.start()
            async with asyncio.TaskGroup() as group:
                group.create_task(program.watch())
                await everybody_is_in(place, town, program)
                say(f"Open {address} in a browser. Ctrl-C ends it.")
                if wanted.opens:
                    await asyncio.to_thread(webbrowser.open, address)
                await _play(wanted.texts, networks, place, town)
                say("All posts have been written. The town goes on: write one yourself on the page.")
        finally:
            await program.stop()


def free_port(first: int) -> int:
    """`first`, or the next port that nobody listens on; 0 leaves the choice to the machine."""
    for port in range(first, first + _PORTS_TRIED) if first else ():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0


async def _put_phones(place: Place, town: Sandbox) -> None:
    bodies = {line.code: line.name for line in read_bodies(place.folder / "bodies.csv")}
    phones = [
        {
            "user_id": owner.id,
            "role": _ROLES.get(owner.role, ""),
            "about": bodies.get(owner.body, "Все обращения"),
        }
        for owner in place.people
    ]
    await town.post("/page/phones", {"phones": phones, "timezone": "Europe/Moscow"})


async def _play(texts: Sequence[str], networks: Sequence[DemoNetwork], place: Place, town: Sandbox) -> None:
    for network in networks:
        if texts or network.name != "vk":  # the town's own day is VK's
            await network.open(place.pages, town)
    if not texts:
        await _play_day(read_day(place.folder / "posts.jsonl"), place, town)
        return
    for number, text in enumerate(texts):
        turn, which = divmod(number, len(networks))
        page = place.pages[turn % len(place.pages)]
        luck = random.Random(number)  # noqa: S311 - no secret is made of it
        await networks[which].offer(Letter(page, text, number, turn, luck), town)
        await asyncio.sleep(_OWN_EVERY)


def read_day(path: Path) -> list[dict[str, Any]]:
    """A day of posts in the order of time; sandbox/town/README.md says what the keys mean."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _play_day(day: Sequence[dict[str, Any]], place: Place, town: Sandbox) -> None:
    """Each post at its time."""
    titles = {page.id: page.title for page in place.pages}
    written: list[str] = []
    start = time.monotonic()
    for post in day:
        await asyncio.sleep(start + post["after_s"] - time.monotonic())
        is_official = post["author"] == titles[post["community"]]
        body = {
            "community_id": post["community"],
            "text": post["text"],
            "photos": [f"{town.address}/photos/{name}" for name in post["photos"]],
            **({"author": "community"} if is_official else {"author_name": post["author"]}),
        }
        if "under" in post:
            body["under"] = written[post["under"]].partition("_r")[0]  # a thread hangs on its post
        written.append(await town.write("vk", body))
