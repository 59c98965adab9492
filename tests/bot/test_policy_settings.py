"""[policies] and [[policy_rules]]: ready ones by name, what changes them, and what is wrong with them."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.faults import ConfigError
from bot.settings import Settings, load, load_policies
from incidents.policies import Policy
from incidents.ready_policies import READY
from incidents.terms import WorkingDays
from models.kinds import Priority

TOKEN = {"OTKLIK_TELEGRAM__TOKEN": "42:secret-enough"}


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def policies(folder: Path, text: str) -> Settings:
    return load_policies(written(folder, text), {})


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        policies(folder, text)
    return str(refused.value)


def test_ready_policies_need_no_file_and_no_token() -> None:
    found = load_policies(None, {}).policies
    assert set(found) == {"default", *READY}
    assert found["default"] == found["federal-24h"]
    assert found["working-24h"].preparation == timedelta(hours=22)
    assert found["working-9h"].interim_total == WorkingDays(7)
    assert date(2026, 3, 9) in found["working-24h"].calendar.holidays
    assert found["federal-24h"].calendar.kind == found["urgent-4h"].calendar.kind == "wall"


def test_a_ready_policy_may_be_changed_and_the_default_may_be_like_one(tmp_path: Path) -> None:
    found = policies(
        tmp_path,
        '[policies.default]\nname = "Наши"\nlike = "working-24h"\nby_priority = { accident = "4h" }\n'
        '[policies."working-9h"]\nreturn_window = "1h"\n'
        '[policies."working-9h".calendar]\ntz = "Asia/Omsk"\n'
        '[policies."working-8h".calendar]\nkind = "wall"\n',
    ).policies
    assert (found["default"].name, found["default"].preparation) == ("Наши", timedelta(hours=22))
    assert found["default"].by_priority == {Priority.ACCIDENT: timedelta(hours=4)}
    nine = found["working-9h"]
    assert (nine.return_window, nine.total) == (timedelta(hours=1), timedelta(hours=9))
    assert (nine.calendar.tz, nine.calendar.kind) == ("Asia/Omsk", "working")
    assert date(2026, 11, 4) in nine.calendar.holidays
    assert found["working-8h"].calendar.kind == "wall"


def test_a_calendar_that_names_no_zone_has_the_regions(tmp_path: Path) -> None:
    found = policies(
        tmp_path,
        '[region]\ntimezone = "Asia/Tomsk"\n[policies.own]\nname = "x"\n'
        '[policies.other]\nname = "y"\ncalendar = { tz = "Europe/Samara" }',
    ).policies
    assert {name: one.calendar.tz for name, one in found.items()} == {
        **dict.fromkeys(["default", "own", *READY], "Asia/Tomsk"),
        "other": "Europe/Samara",
    }


def test_a_stored_policy_is_dates_and_not_where_they_came_from(tmp_path: Path) -> None:
    found = policies(tmp_path, "").policies["working-24h"]
    again = Policy.model_validate_json(found.definition())
    assert again.digest == found.digest
    assert again.calendar.holidays == found.calendar.holidays
    for word in ("holidays_of", "like", "short_before_holidays"):
        assert word not in found.definition()


def test_the_same_configuration_is_the_same_version(tmp_path: Path) -> None:
    one, other = (policies(tmp_path, "").policies for _ in range(2))
    assert {name: policy.digest for name, policy in one.items()} == {
        name: policy.digest for name, policy in other.items()
    }


def test_other_days_off_are_another_version(tmp_path: Path) -> None:
    before = policies(tmp_path, "").policies
    (tmp_path / "days.toml").write_text("closed = [2026-08-31]", encoding="utf-8")
    after = policies(tmp_path, '[region]\ndays_file = "days.toml"').policies
    changed = {name for name in before if before[name].digest != after[name].digest}
    assert changed == {"working-24h", "working-3d", "working-9h", "working-8h"}
    assert date(2026, 8, 31) in after["working-24h"].calendar.holidays


def test_short_days_are_wanted_by_a_word(tmp_path: Path) -> None:
    text = '[policies."working-24h".calendar]\nshort_before_holidays = true'
    calendar = policies(tmp_path, text).policies["working-24h"].calendar
    assert calendar.moved[date(2026, 11, 3)] == ("08:00-16:00",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '[policies.x]\nname = "x"\nlike = "kaluga"',
            (
                "config.toml: policies.x.like: no such ready policy; there are federal-24h, urgent-4h, working-24h, "
                "working-3d, working-8h, working-9h"
            ),
        ),
        (
            '[policies.x]\nname = "x"\ntotal = "3wd"',
            'config.toml: policies.x: working days ("wd") need a calendar of kind = "working"',
        ),
        (
            '[policies.x]\nname = "x"\ncalendar = { holidays_of = "RU" }',
            (
                'config.toml: policies.x.calendar: a wall calendar is always open: holidays_of needs kind = "working" '
                "(which time counts)"
            ),
        ),
        (
            '[policies.x]\nname = "x"\ncalendar = { short_before_holidays = true }',
            (
                'config.toml: policies.x.calendar: short_before_holidays needs holidays_of = "RU" '
                "(which time counts)"
            ),
        ),
        (
            '[policies.x]\nname = "x"\ntotl = "3h"',
            "config.toml: policies.x.totl: no such setting: did you mean total?",
        ),
        (
            '[[policy_rules]]\ntopic = "roads"\npolicy = "fast"',
            (
                "config.toml: policy_rules.0.policy: no such policy as 'fast'; there are default, federal-24h, "
                "urgent-4h, working-24h, working-3d, working-8h, working-9h"
            ),
        ),
        (
            '[[policy_rules]]\ntopic = "moon"\npolicy = "default"',
            (
                "config.toml: policy_rules.0.topic: 'moon' is no topic or subtopic of the rubricator, such as roads or "
                "roads.potholes (Topic or subtopic: roads, roads.potholes)"
            ),
        ),
        (
            (
                '[[policy_rules]]\ntopic = "roads"\npolicy = "default"\n'
                '[[policy_rules]]\ntopic = "roads"\npolicy = "urgent-4h"'
            ),
            "config.toml: policy_rules.1: another rule is for just the same: leave one of the two",
        ),
        (
            '[region]\ndays_file = "nowhere.toml"',
            "config.toml: region.days_file: the file nowhere.toml cannot be read: No such file or directory",
        ),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert fault(tmp_path, text) == line


def test_a_rule_without_a_policy_and_with_an_unknown_priority_is_two_faults(tmp_path: Path) -> None:
    lines = fault(tmp_path, '[[policy_rules]]\npriority = "huge"').splitlines()
    assert lines[0].startswith("config.toml: policy_rules.0.priority: ")
    assert lines[1].startswith("config.toml: policy_rules.0.policy: is missing")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("closed = 5", "days.toml: closed: expected a list of dates, such as [2026-05-02]"),
        (
            '[open]\n2026-05-16 = ["17:00-08:00"]',
            (
                "days.toml: open: 2026-05-16: 17:00-08:00 ends before it begins; a night shift is 22:00-24:00 and "
                "00:00-06:00 of the next day"
            ),
        ),
        (
            '[open]\n2026-05-16 = "like sunday"',
            "days.toml: moved 2026-05-16: 'like sunday', but that weekday is closed",
        ),
    ],
)
def test_a_fault_of_the_days_is_told_of_their_file(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "days.toml").write_text(text, encoding="utf-8")
    assert fault(tmp_path, '[region]\ndays_file = "days.toml"') == line


def test_rules_are_faults_before_the_start_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such policy as 'fast'"):
        load(written(tmp_path, '[[policy_rules]]\npolicy = "fast"'), TOKEN)


def test_a_rule_becomes_a_row(tmp_path: Path) -> None:
    (one,) = policies(
        tmp_path,
        '[[policy_rules]]\ntopic = "roads.potholes"\nterritory = " Заречный "\nbody = "Roads"\n'
        'priority = "accident"\npolicy = "urgent-4h"',
    ).policy_rules
    row = one.row()
    assert (row.topic, row.territory, row.body_code, row.priority, row.policy_name) == (
        "roads.potholes",
        "Заречный",
        "roads",
        "accident",
        "urgent-4h",
    )


def test_what_policies_need_not_know_is_no_fault_of_theirs(tmp_path: Path) -> None:
    settings = policies(tmp_path, "[collectors.vk]\nenabled = true\n[nonsense]\nx = 1\n")
    assert settings.telegram.token is None


@pytest.mark.parametrize(
    "text", ["policies = 5", "policies = { x = 5 }", "[policies.x]\nlike = 5\nname = 'x'"]
)
def test_policies_that_are_no_tables_are_told_like_other_settings(tmp_path: Path, text: str) -> None:
    assert "config.toml: policies" in fault(tmp_path, text)
