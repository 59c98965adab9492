"""`python -m sandbox`: run the emulated networks until told to stop."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from aiohttp import web

from sandbox.app import build_app
from sandbox.clock import SandboxClock
from sandbox.telegram.world import TelegramWorld
from sandbox.vk.world import VkWorld


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes any free one")
    parser.add_argument("--token", default="1:demo", help="the bot's token")
    parser.add_argument("--limits", choices=("enforce", "count", "off"), default="enforce")
    return parser.parse_args(argv)


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM; say on stdout where, once requests are taken."""
    clock = SandboxClock()
    telegram = TelegramWorld(clock, token=options.token, limits=options.limits)
    runner = web.AppRunner(build_app(clock, telegram, VkWorld(clock)), access_log=None, shutdown_timeout=1)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port).start()
        port = runner.addresses[0][1]
        sys.stdout.write(f"sandbox ready on http://{options.host}:{port}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
