"""config.toml and the environment, read once into frozen Settings. Nothing else reads files or environment.

`OTKLIK_SECTION__KEY` in the environment stands above the file: OTKLIK_TELEGRAM__POLL_SECONDS=10. Every
secret `x` may instead be kept in a file named by `x_file`.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from bot.faults import ConfigError, Fault, child_model, faults_of
from bot.networks import faults_of_networks
from bot.policy_settings import dated, faults_of_rules, fill_in
from bot.sections import Settings

__all__ = ["Settings", "environment", "load", "load_policies"]

PREFIX: Final = "OTKLIK_"
_OF_POLICIES: Final = ("database", "region", "policies", "policy_rules")


def environment() -> Mapping[str, str]:
    """The process's environment, for `load`."""
    return os.environ  # noqa: TID251 - this is the one place


def load(path: Path, environ: Mapping[str, str], *, require_token: bool = True) -> Settings:
    """Read the file (it may be absent when the environment says everything) and the environment.

    Raises:
        ConfigError: one line a fault.
    """
    raw, faults = _read_file(path, required=not any(name.startswith(PREFIX) for name in environ))
    if faults:  # what a file that cannot be read leaves out is not a fault of its own
        raise ConfigError(faults)
    faults += _overlay(raw, environ)
    faults += _read_secret_files(raw, Settings, (), folder=path.parent, source=path.name)
    faults += fill_in(raw, source=path.name)
    settings = _validated(raw, faults, path=path, environ=environ)
    faults += _missing(settings, source=path.name, require_token=require_token, found=faults)
    faults += faults_of_rules(settings.policy_rules, settings.policies, source=path.name)
    if faults:
        raise ConfigError(faults)
    return _with_days_off(settings, path)


def load_policies(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Only what deadlines and the database need: no token, and no network, is missed. None: there is no file.

    Raises:
        ConfigError: one line a fault.
    """
    raw, faults = _read_file(path, required=True) if path else ({}, [])
    if faults:
        raise ConfigError(faults)
    path = path or Path("config.toml")
    faults += _overlay(raw, environ)
    raw = {name: raw[name] for name in _OF_POLICIES if name in raw}
    faults += _read_secret_files(raw, Settings, (), folder=path.parent, source=path.name)
    faults += fill_in(raw, source=path.name)
    settings = _validated(raw, faults, path=path, environ=environ)
    faults += faults_of_rules(settings.policy_rules, settings.policies, source=path.name)
    if faults:
        raise ConfigError(faults)
    return _with_days_off(settings, path)


def _validated(
    raw: dict[str, Any], faults: list[Fault], *, path: Path, environ: Mapping[str, str]
) -> Settings:
    """Raises: ConfigError: with the faults found before."""
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        found = faults_of(error, Settings, source=path.name, overlaid=_paths(environ))
        raise ConfigError([*faults, *(_where_it_stands(raw, fault) for fault in found)]) from None


def _with_days_off(settings: Settings, path: Path) -> Settings:
    days_file = settings.region.days_file
    policies = dated(settings.policies, days_file=days_file, folder=path.parent, source=path.name)
    return settings.model_copy(update={"policies": policies})


def _read_file(path: Path, *, required: bool) -> tuple[dict[str, Any], list[Fault]]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file), []
    except FileNotFoundError:
        hint = "there is no such file: copy config.example.toml to it"
        return {}, [Fault(str(path), "", hint)] if required else []
    except OSError as error:
        return {}, [Fault(str(path), "", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return {}, [Fault(path.name, "", "is not UTF-8 text")]
    except tomllib.TOMLDecodeError as error:
        return {}, [Fault(path.name, "", f"is not TOML: {error}")]


def _overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> list[Fault]:
    """Put the environment's values over the file's."""
    faults = []
    for name in sorted(environ):
        if name.startswith(PREFIX):
            place: Any = raw
            *parents, key = name.removeprefix(PREFIX).lower().split("__")
            try:
                for parent in parents:
                    place = place[int(parent)] if isinstance(place, list) else place.setdefault(parent, {})
                place[int(key) if isinstance(place, list) else key] = _value(environ[name])
            except (ValueError, IndexError, TypeError, AttributeError):
                faults.append(Fault("environment", name, "names no setting: OTKLIK_<SECTION>__<KEY>"))
    return faults


def _paths(environ: Mapping[str, str]) -> set[str]:
    names = (name.removeprefix(PREFIX).lower() for name in environ if name.startswith(PREFIX))
    return {name.replace("__", ".") for name in names}


def _value(text: str) -> Any:
    """A list or a table in TOML's spelling; anything else is text, which the setting's type reads."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _read_secret_files(
    raw: Any, model: type[BaseModel], path: tuple[str | int, ...], *, folder: Path, source: str
) -> list[Fault]:
    """Wherever `x_file` names a file and `x` is a setting too, read `x` from it."""
    if isinstance(raw, list):
        return [
            fault
            for number, item in enumerate(raw)
            for fault in _read_secret_files(item, model, (*path, number), folder=folder, source=source)
        ]
    if not isinstance(raw, dict):
        return []
    faults = []
    for key in list(raw):
        secret = key.removesuffix("_file")
        if secret != key and secret in model.model_fields and key in model.model_fields and raw[key]:
            faults += _read_secret(raw, key, secret, (*path, key), folder=folder, source=source)
        elif (child := child_model(model, key)) is not None:
            value = raw[key]
            children = value.items() if key == "policies" and isinstance(value, dict) else [(None, value)]
            for name, item in children:
                below = (*path, key) if name is None else (*path, key, name)
                faults += _read_secret_files(item, child, below, folder=folder, source=source)
    return faults


def _read_secret(
    raw: dict[str, Any],
    key: str,
    secret: str,
    path: tuple[str | int, ...],
    *,
    folder: Path,
    source: str,
) -> list[Fault]:
    where = ".".join(map(str, path))
    if raw.get(secret):
        return [Fault(source, where, f"{secret} is given as well: leave one of the two")]
    try:
        raw[secret] = (folder / str(raw[key])).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        return [Fault(source, where, f"the file {raw[key]} cannot be read: {reason}")]
    return [] if raw[secret] else [Fault(source, where, f"the file {raw[key]} is empty")]


def _where_it_stands(raw: Any, fault: Fault) -> Fault:
    """A secret that came from a file is wrong in the file: the operator is sent there."""
    *above, key = fault.path.split(".")
    section = raw
    for part in above:
        section = section[int(part)] if isinstance(section, list) else section.get(part, {})
    named = isinstance(section, dict) and section.get(f"{key}_file")
    return replace(fault, path=f"{fault.path}_file") if named else fault


def _missing(settings: Settings, *, source: str, require_token: bool, found: list[Fault]) -> list[Fault]:
    """What must be there although each value by itself is right."""
    named = {fault.path for fault in found}
    faults = []
    if require_token and settings.telegram.token is None and "telegram.token_file" not in named:
        faults.append(
            Fault(
                source,
                "telegram.token",
                'is missing: token_file = "/run/secrets/telegram_token", or token = "123456:ABC…" from '
                f"@BotFather, or {PREFIX}TELEGRAM__TOKEN in the environment",
            )
        )
    for fault in faults_of_networks(settings, source=source):
        if f"{fault.path}_file" not in named:
            faults.append(fault)  # noqa: PERF401 - one of several kinds
    return faults
