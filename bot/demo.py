"""`python -m bot demo`: the whole path on this machine, with no token: a Telegram and networks of our own.

Without a flag: three phones in the browser and a small town's day of posts. With --headless: posts from a
file, scripted officials, and figures read back from the emulated networks' own record.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bot.demo_cast import EVERY_NETWORK, cast
from bot.demo_headless import DEFAULT_RATE, DidNotStartError, Run, is_clean, play
from bot.demo_posts import Posts, PostsError, read_posts
from bot.demo_processes import ChildError
from bot.demo_report import Progress, table
from bot.demo_sandbox import SandboxError
from bot.demo_show import Show, show
from bot.settings import environment

ROOT: Final = Path(__file__).resolve().parent.parent
PORT: Final = 8088
_LOST: Final = 1
_FAULT: Final = 2
_INTERRUPTED: Final = 130
_NAMED_ROWS: Final = 5


def main(arguments: Sequence[str]) -> int:
    """0; 1 when something was lost or doubled; 2 when it could not be done, with one line why."""
    options = _parser().parse_args(arguments)
    try:
        return _headless(options) if options.headless else _interactive(options)
    except (PostsError, ChildError, SandboxError, DidNotStartError) as error:
        _say(str(error), to_errors=True)
        return _FAULT
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot demo", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument(
        "--posts", type=Path, metavar="FILE", help="your own posts: CSV with a column `text`, or JSON lines"
    )
    parser.add_argument(
        "--limit", type=_positive(int), default=200, metavar="N", help="at most so many (200)"
    )
    parser.add_argument("--keep", action="store_true", help="leave the database and the logs in data/demo")
    seen = parser.add_argument_group("in the browser")
    seen.add_argument("--port", type=int, default=PORT, help=f"of the page ({PORT}, or the next free one)")
    seen.add_argument("--open", action="store_true", help="open the browser")
    alone = parser.add_argument_group("with --headless")
    alone.add_argument("--headless", action="store_true", help="scripted officials instead of a browser")
    alone.add_argument(
        "--network",
        choices=(*EVERY_NETWORK, "all"),
        default="vk",
        help="where residents write (vk); all: in each in turn",
    )
    alone.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    alone.add_argument(
        "--rate",
        type=_positive(float),
        default=DEFAULT_RATE,
        help=f"posts a second ({DEFAULT_RATE:g}: within Telegram's limits)",
    )
    alone.add_argument(
        "--seed", type=int, default=1, help="who does what, and when the program is killed (1)"
    )
    alone.add_argument("--kills", type=int, default=0, metavar="K", help="end the program by SIGKILL K times")
    alone.add_argument(
        "--hang-chat",
        type=_positive(float),
        default=0.0,
        metavar="SECONDS",
        help="every call for one chat takes so long",
    )
    alone.add_argument(
        "--patience",
        type=_positive(float),
        default=120.0,
        metavar="SECONDS",
        help="give up when nothing has changed for so long (120)",
    )
    return parser


def _positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    return read


def _headless(options: argparse.Namespace) -> int:
    path = options.posts or ROOT / "sandbox" / "town" / "posts.jsonl"
    posts = read_posts(path, limit=options.limit)
    _tell_empty(posts, path)
    run = Run(
        texts=posts.texts,
        networks=cast(options.network),
        rate=options.rate,
        seed=options.seed,
        kills=options.kills,
        hang_seconds=options.hang_chat,
        patience=options.patience,
    )
    progress = Progress(sys.stdout)
    with _folder(keep=options.keep) as folder:
        figures = _run_until_done(play(run, root=ROOT, folder=folder, progress=progress))
    progress.end()
    figures["empty_rows"] = len(posts.empty_rows)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _say(table(figures))
    return 0 if is_clean(figures) else _LOST


def _tell_empty(posts: Posts, path: Path) -> None:
    if posts.empty_rows:
        rows = ", ".join(map(str, posts.empty_rows[:_NAMED_ROWS]))
        more = ", …" if len(posts.empty_rows) > _NAMED_ROWS else ""
        _say(f"{path}: {len(posts.empty_rows)} rows have no text and are left out: {rows}{more}")


def _interactive(options: argparse.Namespace) -> int:
    path = options.posts or environment().get("DEMO_POSTS")
    texts: tuple[str, ...] = ()
    if path:
        posts = read_posts(Path(path), limit=options.limit)
        _tell_empty(posts, Path(path))
        texts = posts.texts
    with _folder(keep=options.keep) as folder:
        wanted = Show(texts=texts, port=options.port, opens=options.open)
        _run_until_done(show(wanted, root=ROOT, folder=folder, say=_say))
    return 0


def _run_until_done(work: Coroutine[Any, Any, Any]) -> Any:
    """As asyncio.run, but SIGTERM too ends the children in order, and one error comes out of a group."""

    async def watched() -> Any:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """A fresh folder for the database, the settings and the logs; left behind when something failed."""
    above = ROOT / "data" / "demo"
    above.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=above))
    try:
        yield folder
    except KeyboardInterrupt:
        _drop(folder, keep=keep)
        raise
    except BaseException:
        _say(f"the logs are in {folder}", to_errors=True)
        raise
    else:
        _drop(folder, keep=keep)


def _drop(folder: Path, *, keep: bool) -> None:
    if keep:
        _say(f"the database and the logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _say(words: str, *, to_errors: bool = False) -> None:
    out = sys.stderr if to_errors else sys.stdout
    out.write(f"{words}\n")
    out.flush()
