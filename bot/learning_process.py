"""The short-lived process that learns: started, listened to, stopped in time."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)

_COMMAND: Final = (sys.executable, "-m", "classifier.challenger")
_LIMIT: Final = timedelta(minutes=45)
_LINE: Final = 200  # characters


class LearningFailed(Exception):
    """The process that learns broke, was killed or took too long."""


class Process:
    """`run(folder)` waits for one process that does the job in the folder. It makes itself nice."""

    def __init__(self, command: Sequence[str] = _COMMAND, *, limit: timedelta = _LIMIT) -> None:
        self._command = command
        self._limit = limit

    async def run(self, folder: Path) -> None:
        """What it prints goes to the log; whoever is cancelled here leaves no process behind.

        Raises:
            LearningFailed, OSError: it cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(self._limit.total_seconds()):
                last = await _listen(process)
                code = await process.wait()
        except TimeoutError:
            raise LearningFailed(f"not done after {self._limit}") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code:
            raise LearningFailed(f"the process ended with {code}: {last}")


async def _listen(process: asyncio.subprocess.Process) -> str:
    """Its last line."""
    last = ""
    if process.stdout is not None:
        async for raw in process.stdout:
            line = raw.decode("utf-8", "replace").strip()[:_LINE]
            if line:
                _log.info("learning: %s", line)
                last = line
    return last
