"""`deadline` and `policies`: what an operator asks about deadlines. Neither needs a token."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_FAULT = 2
_MOST_DAYS = 3660


def add_policy_commands(commands: Any) -> None:
    """The two commands, to the others."""
    deadline = commands.add_parser(
        "deadline",
        help="the arithmetic of a deadline, day by day; the last line is the moment",
        description="Counts the deadlines of what is registered at a moment under a policy. Needs no token, no "
        "database and no config file. The last line is the moment in ISO 8601.",
    )
    deadline.add_argument(
        "--policy", default="default", metavar="NAME", help="`python -m bot policies` lists them"
    )
    deadline.add_argument(
        "--at",
        metavar="TIME",
        help="as 2026-11-20T16:00+03:00; without an offset in the policy's own zone; left out: now",
    )
    deadline.add_argument(
        "--priority", default="ordinary", metavar="PRIORITY", help="accident, raised or ordinary"
    )
    deadline.add_argument("--language", default="en", metavar="LANGUAGE", help="en or ru")
    _add_config(deadline)
    deadline.set_defaults(do=_deadline)

    policies = commands.add_parser(
        "policies",
        help="policies, their versions and rules; with --try, what a changed config would have made of last month",
    )
    policies.add_argument(
        "--try",
        dest="changed",
        type=Path,
        metavar="NEW_CONFIG",
        help="replay this file's policies on the incidents of the database; nothing is changed",
    )
    policies.add_argument("--days", default="30", metavar="DAYS", help="how far back (default: 30)")
    _add_config(policies)
    policies.set_defaults(do=_policies)


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: config.toml if it is there)"
    )


def _deadline(chosen: argparse.Namespace) -> int:
    from bot.deadlines import CannotCount, counted  # noqa: PLC0415 - --help must not wait

    try:
        lines = counted(chosen, now=datetime.now(UTC))
    except CannotCount as error:
        return _refused(error)
    return _told(lines)


def _policies(chosen: argparse.Namespace) -> int:
    from bot.deadlines import config_of  # noqa: PLC0415
    from bot.policies import CannotTry, listed, tried  # noqa: PLC0415
    from bot.settings import environment, load_policies  # noqa: PLC0415

    config = config_of(chosen.config)
    if chosen.changed is None:
        return _told(listed(load_policies(config, environment())))
    if not (chosen.days.isascii() and chosen.days.isdecimal() and 1 <= int(chosen.days) <= _MOST_DAYS):
        return _refused(f"--days: {chosen.days!r} is not a number of days from 1 to {_MOST_DAYS}")
    new = load_policies(chosen.changed, environment())
    url = (load_policies(config, environment()) if config else new).database.url
    try:
        return _told(tried(new, url=url, days=int(chosen.days), now=datetime.now(UTC)))
    except CannotTry as error:
        return _refused(error)


def _told(lines: list[str]) -> int:
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _refused(why: object) -> int:
    sys.stderr.write(f"{why}\n")
    return _FAULT
