"""python -m bot: what an operator can do."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.faults import ConfigError
from bot.model_commands import add_model_commands
from bot.policy_commands import add_policy_commands

# Everything else is imported where it is used: --help and import must not wait for aiogram.

_PARTS = ("collect", "receive", "deliver", "publish")
_FAULT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0, 1 when `check` found a fault, 2 when it could not be done."""
    # The demo has a parser of its own; argparse would take its options for ours.
    given = list(sys.argv[1:] if arguments is None else arguments)
    own, rest = (given[:1], given[1:]) if given[:1] == ["demo"] else (given, [])
    chosen = _parser().parse_args(own)
    try:
        code: int = _demo(rest) if own == ["demo"] else chosen.do(chosen)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return _FAULT
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - an operator gets one line, the log has the rest
        return _one_line(error)
    return code


def _one_line(error: Exception) -> int:
    from bot.logs import Redactor  # noqa: PLC0415

    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    words = " ".join(str(error).split()) or type(error).__name__
    print(Redactor()(f"{type(error).__name__}: {words}")[:500], file=sys.stderr)
    return _FAULT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Otklik: residents' posts answered from a phone."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        metavar="FILE",
        help="settings (default: config.toml)",
    )

    run = commands.add_parser("run", parents=[config], help="run the program until it is told to stop")
    run.add_argument(
        "--only", type=_parts, metavar="PARTS", help=f"only these parts, comma separated: {','.join(_PARTS)}"
    )
    run.set_defaults(do=_run)
    commands.add_parser("demo", help="try it here: no token, no network, no installation", add_help=False)
    migrate = commands.add_parser("migrate", parents=[config], help="make or update the database's tables")
    migrate.set_defaults(do=_migrate)
    check = commands.add_parser(
        "check", parents=[config], help="look whether settings, database, Telegram and networks are in order"
    )
    check.set_defaults(do=_check)
    live = commands.add_parser(
        "live-smoke", parents=[config], help="what one network says to your real keys; reading calls only"
    )
    live.add_argument(
        "network", help="vk, ok, instagram, facebook, x, …: `python -m bot networks` lists them"
    )
    live.set_defaults(do=_live_smoke)
    commands.add_parser("networks", help="what each network can do, as a table").set_defaults(do=_networks)
    _add_invite(commands.add_parser("invite", parents=[config], help="make a single-use link for a person"))
    _add_tables(commands, config)
    add_model_commands(commands)
    add_policy_commands(commands)
    return parser


def _add_tables(commands: Any, config: argparse.ArgumentParser) -> None:
    load = commands.add_parser(
        "import", parents=[config], help="read a table of bodies, rules or official pages into the database"
    )
    load.add_argument("what", choices=["bodies", "rules", "communities"])
    load.add_argument(
        "file",
        type=Path,
        help="bodies, CSV: code, name, topics (codes or *), territories (separated by ;), approval (yes or no); "
        "rules, CSV or XLSX: topic (a code or *), territory, owner (federal, regional, municipal, private), body "
        "(its code), note; communities, CSV or XLSX: the columns that `export communities` writes, figures may be "
        "left out",
    )
    load.add_argument("--dry-run", action="store_true", help="say what would come of it, store nothing")
    load.add_argument("--replace", action="store_true", help="rules: remove those that are not in the file")
    load.set_defaults(do=_import)
    save = commands.add_parser(
        "export",
        parents=[config],
        help="write the rules, or the official pages and their figures, to a table",
    )
    save.add_argument("what", choices=["communities", "rules"])
    save.add_argument("file", type=Path, help="a name ending in .csv; of communities also in .xlsx")
    save.set_defaults(do=_export)


def _add_invite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--role",
        required=True,
        choices=["curator", "coordinator", "official", "approver", "head", "observer", "operator"],
        help="what the person may do",
    )
    parser.add_argument(
        "--body",
        metavar="CODE",
        help="the body an official, coordinator or approver belongs to; a head may have one",
    )
    parser.set_defaults(do=_invite)


def _parts(text: str) -> frozenset[str]:
    parts = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not parts or not parts <= set(_PARTS):
        raise argparse.ArgumentTypeError(f"{text!r}: choose among {', '.join(_PARTS)}")
    return parts


def _run(chosen: argparse.Namespace) -> int:
    from bot import logs  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415
    from bot.singleton import AlreadyRunningError, Part  # noqa: PLC0415

    settings = load(chosen.config, environment())
    logs.set_up(level=settings.log.level, style=settings.log.format, secrets=settings.secrets())
    from bot.app import run  # noqa: PLC0415

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        only = frozenset(map(Part, chosen.only)) if chosen.only else None
        await run(settings, only=only, stop=stop, ready=asyncio.Event())

    try:
        asyncio.run(until_told())
    except AlreadyRunningError as error:
        print(error, file=sys.stderr)
        return _FAULT
    return 0


def _demo(arguments: Sequence[str]) -> int:
    from bot import demo  # noqa: PLC0415

    return demo.main(arguments)


def _migrate(chosen: argparse.Namespace) -> int:
    from bot.migrating import upgrade  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415

    settings = load(chosen.config, environment(), require_token=False)
    asyncio.run(upgrade(settings.database.url))
    print("the database is up to date")
    return 0


def _check(chosen: argparse.Namespace) -> int:
    from bot.checking import findings  # noqa: PLC0415
    from bot.logs import Redactor  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415

    settings = load(chosen.config, environment())
    print(f"ok   settings: {chosen.config}")
    redact = Redactor(settings.secrets())

    async def look() -> bool:
        all_is_well = True
        async for finding in findings(settings):
            print(redact(str(finding)))
            all_is_well &= finding.is_good
        return all_is_well

    return 0 if asyncio.run(look()) else 1


def _live_smoke(chosen: argparse.Namespace) -> int:
    from bot.logs import Redactor  # noqa: PLC0415
    from bot.networks import bot_access  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415
    from bot.smoking import smoke  # noqa: PLC0415
    from collectors.networks import NETWORKS  # noqa: PLC0415

    network = next((one for one in NETWORKS if one.name == chosen.network), None)
    if network is None:
        print(f"no such network; there are: {', '.join(one.name for one in NETWORKS)}", file=sys.stderr)
        return _FAULT
    settings = load(chosen.config, environment(), require_token=False)
    section = settings.collectors.of(network.name)
    redact = Redactor(settings.secrets())

    async def look() -> bool:
        all_is_well = True
        async for check in smoke(network, section, section.pages(), bot=bot_access(settings)):
            mark = "FAIL" if check.is_bad else "ok  "
            words = f"{check.words}: {check.problem}" if check.problem else check.words
            print(redact(f"{mark} {check.subject}: {words}"))
            all_is_well &= not check.is_bad
        for question in network.open_questions:
            print(f"open {question}")
        return all_is_well

    return 0 if asyncio.run(look()) else 1


def _networks(_: argparse.Namespace) -> int:
    from bot.smoking import table  # noqa: PLC0415

    print(table())
    return 0


def _invite(chosen: argparse.Namespace) -> int:
    import httpx  # noqa: PLC0415

    from bot.checking import ask_telegram  # noqa: PLC0415
    from bot.inviting import CannotInvite, issue, words_for  # noqa: PLC0415
    from bot.migrating import upgrade  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415
    from models import Role  # noqa: PLC0415
    from models.database import open_database  # noqa: PLC0415

    settings = load(chosen.config, environment(), require_token=False)
    role = Role(chosen.role)

    async def invite() -> str:
        await upgrade(settings.database.url)
        database = open_database(settings.database.url)
        try:
            async with database.writing() as session:
                return await issue(session, role=role, body_code=chosen.body, now=datetime.now(UTC))
        finally:
            await database.close()

    async def username() -> str:
        try:
            async with httpx.AsyncClient(timeout=10) as http:
                return str((await ask_telegram(settings, http)).get("username") or "")
        except (httpx.HTTPError, LookupError):
            return ""

    try:
        token = asyncio.run(invite())
    except CannotInvite as error:
        print(error, file=sys.stderr)
        return _FAULT
    for line in words_for(token, bot_username=asyncio.run(username()), role=role):
        print(line)
    return 0


def _import(chosen: argparse.Namespace) -> int:
    from bot.importing import ImportFaults, bring_in  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415
    from collectors.networks import NETWORKS  # noqa: PLC0415

    settings = load(chosen.config, environment(), require_token=False)
    doing = bring_in(
        settings.database.url,
        chosen.what,
        chosen.file,
        readers={network.name: network.page_of_link for network in NETWORKS if network.has_pages},
        language=settings.region.language,
        now=datetime.now(UTC),
        dry_run=chosen.dry_run,
        replace_all=chosen.replace,
    )
    try:
        print(asyncio.run(doing))
    except ImportFaults as error:
        print(error, file=sys.stderr)
        return _FAULT
    return 0


def _export(chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from bot.importing import exported, exported_rules  # noqa: PLC0415
    from bot.settings import environment, load  # noqa: PLC0415

    settings = load(chosen.config, environment(), require_token=False)
    region, suffix = settings.region, chosen.file.suffix.lower()
    if chosen.what == "rules":
        if suffix == ".xlsx":
            print("rules are written as CSV: give the file a name ending in .csv", file=sys.stderr)
            return _FAULT
        doing = exported_rules(settings.database.url)
    else:
        doing = exported(
            settings.database.url,
            suffix=suffix,
            zone=ZoneInfo(region.timezone),
            language=region.language,
            now=datetime.now(UTC),
        )
    chosen.file.write_bytes(asyncio.run(doing))
    print(f"{chosen.what}: {chosen.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
