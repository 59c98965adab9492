"""config.toml: what is wrong is said in one line each; the example shows everything there is."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any, get_origin

import pytest
from pydantic import BaseModel

from bot.faults import ConfigError, child_model
from bot.sections import Settings
from bot.settings import load
from collectors.vk import VkSettings
from incidents.ready_policies import READY
from tests.conftest import ROOT

TOKEN = {"OTKLIK_TELEGRAM__TOKEN": "42:secret-enough"}
EXAMPLE = ROOT / "config.example.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[telegram]\npol_seconds = 5",
            "config.toml: telegram.pol_seconds: no such setting: did you mean poll_seconds?",
        ),
        ("[telegramm]\nx = 1", "config.toml: telegramm: no such setting: did you mean telegram?"),
        (
            '[telegram]\npoll_seconds = "often"',
            (
                "config.toml: telegram.poll_seconds: expected a whole number, got 'often' "
                "(Longest wait of one getUpdates, seconds); for example 25"
            ),
        ),
        (
            "[telegram]\npoll_seconds = 99",
            (
                "config.toml: telegram.poll_seconds: the value should be less than or equal to 50, got 99 "
                "(Longest wait of one getUpdates, seconds); for example 25"
            ),
        ),
        (
            '[database]\nurl = "postgres://u:password@h/n"',
            (
                "config.toml: database.url: the URL must begin with sqlite+aiosqlite:/// or postgresql+asyncpg:// "
                "(sqlite+aiosqlite:///<file> or postgresql+asyncpg://<user>:<password>@<host>/<name>); "
                'for example "sqlite+aiosqlite:///data/otklik.sqlite3"'
            ),
        ),
        (
            '[region]\ntimezone = "Mars/Olympus"',
            (
                "config.toml: region.timezone: 'Mars/Olympus' is not a time zone this machine knows "
                '(IANA time zone that people see times in); for example "Europe/Moscow"'
            ),
        ),
        (
            '[policies.default]\nname = "x"\ntotal = "25x"',
            (
                "config.toml: policies.default.total: '25x' is not a duration: write hours as a number, or "
                '"24h", "30m", "7d" (from registration to the published answer); for example "24h"'
            ),
        ),
        (
            "[policies.fast]\ntotal = 3",
            "config.toml: policies.fast.name: is missing (what people call it, e.g. Федеральный 24 ч)",
        ),
        (
            '[[collectors.vk.communities]]\nnmae = "gorod"',
            "config.toml: collectors.vk.communities.0.nmae: no such setting: did you mean name?",
        ),
        (
            "[collectors.vk]\nenabled = true",
            (
                "config.toml: collectors.vk.service_token: is missing while VK is enabled: "
                'service_token_file = "/run/secrets/vk_token"'
            ),
        ),
        (
            '[collectors.vk]\nservice_token_file = "nowhere"',
            "config.toml: collectors.vk.service_token_file: the file nowhere cannot be read: No such file or directory",
        ),
        (
            "[telegram\n",
            "config.toml: is not TOML: Expected ']' at the end of a table declaration (at line 1, column 10)",
        ),
    ],
)
def test_a_fault_is_one_line_that_says_what_to_do(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), TOKEN)
    assert str(caught.value).splitlines() == [line]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, '[telegram]\nx = 1\nworkers = "y"\n[nope]'), TOKEN)
    assert [fault.path for fault in caught.value.faults] == ["telegram.workers", "telegram.x", "nope"]


def test_a_missing_token_says_the_three_places_it_may_be_in(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"token_file = .* OTKLIK_TELEGRAM__TOKEN"):
        load(written(tmp_path, ""), {})
    assert load(written(tmp_path, ""), {}, require_token=False).telegram.token is None


def test_a_missing_file_says_where_to_take_it_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy config\.example\.toml"):
        load(tmp_path / "config.toml", {})


def test_secrets_stand_in_no_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            written(
                tmp_path,
                '[telegram]\ntoken = "hush-hush"\n[database]\nurl = "mysql://me:hush-hush@h/x"\n'
                '[collectors.vk]\nservice_token = ["hush-hush"]',
            ),
            {},
        )
    assert len(caught.value.faults) == 3
    assert "hush-hush" not in str(caught.value)


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    environ = {
        **TOKEN,
        "OTKLIK_TELEGRAM__POLL_SECONDS": "7",
        "OTKLIK_COLLECTORS__VK__QUERIES": '["яма", "свет"]',
        "OTKLIK_COLLECTORS__VK__COMMUNITIES__0__COMMUNITY_TOKEN": "com",
        "PATH": "/bin",
    }
    text = "[telegram]\npoll_seconds = 9\n[[collectors.vk.communities]]\nid = 1"
    settings = load(written(tmp_path, text), environ)
    assert settings.telegram.poll_seconds == 7
    vk = settings.collectors.of("vk")
    assert isinstance(vk, VkSettings)
    assert vk.queries == ("яма", "свет")
    assert settings.secrets() == ["42:secret-enough", "com"]


def test_a_fault_of_the_environment_is_said_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, ""), {**TOKEN, "OTKLIK_TELEGRAM__WORKERS": "many", "OTKLIK_LOG": "x"})
    assert [(fault.source, fault.path) for fault in caught.value.faults] == [
        ("environment", "telegram.workers"),
        ("environment", "log"),
    ]


def test_a_secret_may_be_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("42:from-a-file\n", encoding="utf-8")
    path = written(tmp_path, '[telegram]\ntoken_file = "token"')
    assert load(path, {}).token == "42:from-a-file"
    with pytest.raises(ConfigError, match="leave one of the two"):
        load(path, TOKEN)


def test_the_password_of_the_database_is_a_secret(tmp_path: Path) -> None:
    text = '[database]\nurl = "postgresql+asyncpg://u:pa55word@h/n"'
    assert "pa55word" in load(written(tmp_path, text), TOKEN).secrets()


def test_the_default_policy_stands_beside_those_of_the_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[policies.fast]\nname = "8 ч"\ntotal = "8h"'), TOKEN)
    assert sorted(settings.policies) == sorted(["default", "fast", *READY])


def shown(values: Any, commented: str, model: type[BaseModel], path: str = "") -> set[str]:
    """The settings the example shows, as values or commented out; other than defaults are complained of."""
    found = set()
    for name, field in model.model_fields.items():
        here = f"{path}.{name}".lstrip(".")
        child = child_model(model, name)
        if name in values and child is not None and isinstance(values[name], dict):
            inside = values[name]["default"] if name == "policies" else values[name]
            found |= shown(inside, commented, child, here)
        elif name in values or re.search(rf"^# {name} = ", commented, re.MULTILINE):
            found.add(here)
        elif f"# [[{here}]]" in commented and child is not None:
            found |= {here, *shown({}, commented, child, here)}
        del field
    return found


def every(model: type[BaseModel], path: str = "") -> set[str]:
    found = set()
    for name in model.model_fields:
        here = f"{path}.{name}".lstrip(".")
        child = child_model(model, name)
        if child is not None and get_origin(model.model_fields[name].annotation) is tuple:
            found.add(here)
        found |= every(child, here) if child is not None else {here}
    return found


def test_the_example_shows_every_setting_there_is() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert shown(tomllib.loads(text), text, Settings) == every(Settings)


def test_the_example_shows_the_defaults() -> None:
    assert load(EXAMPLE, TOKEN) == load(EXAMPLE.with_name("no-such-file.toml"), TOKEN)


def test_every_setting_of_the_example_is_explained() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    naked = [
        line
        for before, line in itertools.pairwise(lines)
        if re.match(r"(# )?[a-z_]+ = ", line) and not before.startswith("# ")
    ]
    assert naked == []


def test_what_is_wrong_in_a_secrets_file_is_said_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("not a token", encoding="utf-8")
    path = written(tmp_path, '[telegram]\ntoken_file = "token"')
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    (fault,) = refused.value.faults
    assert fault.path == "telegram.token_file"


def test_a_missing_file_is_one_fault_and_not_many(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "config.toml", {})
    (fault,) = refused.value.faults
    assert "copy config.example.toml" in fault.problem
