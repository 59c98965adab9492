"""The demo's children: the sandbox and the program itself, started, killed, started again, and put to rest."""

import asyncio
import logging
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from bot.settings import PREFIX, environment

_READY: Final = "sandbox ready on "
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0
_AT_WORK: Final = "Otklik is at work"  # in the program's log, once a start
_LONGEST_START: Final = 60.0  # seconds on a busy machine
_TAIL: Final = 15  # lines of a log shown when a child has failed
_log = logging.getLogger(__name__)


class ChildError(Exception):
    """A child did not start, or ended by itself; the message ends with its last words."""


def clean_environment() -> dict[str, str]:
    """Ours without any OTKLIK_ setting: the demo must never meet a real token."""
    return {name: value for name, value in environment().items() if not name.startswith(PREFIX)}


async def _spawn(arguments: list[str], *, log: TextIO, cwd: Path, reads: bool = False) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=cwd,
        env=clean_environment(),
        stdin=DEVNULL,
        stdout=PIPE if reads else log,
        stderr=log,
        process_group=0,  # Ctrl-C in the terminal is for us: we end the children in order
    )


async def _end(process: Process) -> None:
    """SIGTERM, and SIGKILL for who does not listen."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@asynccontextmanager
async def sandbox(
    *, root: Path, log_path: Path, port: int = 0, limits: str = "enforce"
) -> AsyncIterator[str]:
    """Run `python -m sandbox`; gives its address, e.g. http://127.0.0.1:8088.

    Raises:
        ChildError: it did not come up.
    """
    with log_path.open("w", encoding="utf-8") as log:
        arguments = ["-m", "sandbox", "--port", str(port), "--limits", limits]
        process = await _spawn(arguments, log=log, cwd=root, reads=True)
        try:
            yield await _address(process, log_path)
        finally:
            await _end(process)


async def _address(process: Process, log_path: Path) -> str:
    if process.stdout is None:
        raise ChildError("the sandbox's output is closed")
    try:
        async with asyncio.timeout(_START_SECONDS):
            while line := (await process.stdout.readline()).decode():
                if line.startswith(_READY):
                    return line.removeprefix(_READY).strip()
    except TimeoutError:
        pass
    raise ChildError(f"the sandbox did not start:\n{tail(log_path)}")


class Program:
    """`python -m bot run`, kept running. `kill()` is SIGKILL, as a power cut would be."""

    def __init__(self, *, root: Path, config: Path, log_path: Path) -> None:
        self._root = root
        self._config = config
        self.log_path = log_path
        self._process: Process | None = None
        self._up = asyncio.Event()
        self._log_from = 0
        self.kills = 0

    async def start(self) -> None:
        self._log_from = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("a", encoding="utf-8") as log:
            self._process = await _spawn(
                ["-m", "bot", "run", "--config", str(self._config)], log=log, cwd=self._root
            )
        self._up.set()

    async def at_work(self) -> None:
        """Wait until the program says that it has come up since it was last started; a minute at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_START):
                while _said(self.log_path, since=self._log_from) == 0:  # noqa: ASYNC110 - another process writes the log
                    await asyncio.sleep(0.2)

    async def watch(self) -> None:
        """Ends only when the program has ended although nobody told it to.

        Raises:
            ChildError: it has.
        """
        while True:
            await self._up.wait()
            process = self._process
            if process is None:
                return
            code = await process.wait()
            if self._up.is_set() and process is self._process:
                raise ChildError(f"the program ended by itself (code {code}):\n{tail(self.log_path)}")

    async def kill(self) -> None:
        """End it at once, whatever it is doing, and start it again."""
        if self._process is not None:
            self._up.clear()
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self.start()
        # Counted last: the run may end with the last kill, and must find whom it has to end.
        self.kills += 1

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process)


def _said(path: Path, *, since: int) -> int:
    with path.open("rb") as log:
        log.seek(since)
        return log.read().count(_AT_WORK.encode())


def tail(path: Path) -> str:
    """The last lines of a log."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_TAIL:])
