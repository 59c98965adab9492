"""`[policies]` and `[[policy_rules]]` of config.toml: ready policies filled in, holidays made dates."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from bot.faults import ConfigError, Fault
from incidents.calendars import Calendar
from incidents.days_off import Override, read_override, with_days_off
from incidents.policies import Policy
from incidents.promises import DEFAULT
from incidents.ready_policies import READY
from incidents.rubricator import rubricator, subtopics
from models import PolicyRule
from models.kinds import Priority

_FEDERAL: Final = "federal-24h"


def _topic(code: str) -> str:
    if code and code not in rubricator() and code not in subtopics():
        raise ValueError(
            f"{code!r} is no topic or subtopic of the rubricator, such as roads or roads.potholes"
        )
    return code


class CalendarSettings(Calendar, frozen=True, extra="forbid"):
    """`[policies.<name>.calendar]`. What is added here becomes dates when settings are loaded, and is not stored."""

    holidays_of: Literal["", "RU"] = Field(
        default="", exclude=True, description='"RU": public holidays and moved days of Russia are counted'
    )
    short_before_holidays: bool = Field(
        default=False,
        exclude=True,
        description="the working day before a holiday is an hour shorter (ТК РФ, 95)",
    )

    @model_validator(mode="after")
    def _holidays_close_something(self) -> Self:
        if self.kind == "wall" and self.holidays_of:
            raise ValueError('a wall calendar is always open: holidays_of needs kind = "working"')
        if self.short_before_holidays and not self.holidays_of:
            raise ValueError('short_before_holidays needs holidays_of = "RU"')
        return self


class PolicySettings(Policy, frozen=True, extra="forbid"):
    """`[policies.<name>]`: incidents.policies.Policy, and what it is made from."""

    like: str = Field(
        default="", exclude=True, description="ready policy that says what is left out here, e.g. working-24h"
    )
    calendar: CalendarSettings = Field(default=CalendarSettings(), description="which time counts")


class PolicyRuleSettings(BaseModel, frozen=True, extra="forbid"):
    """`[[policy_rules]]`: which policy an incident is registered under. What is left out fits anything."""

    topic: Annotated[str, AfterValidator(_topic)] = Field(
        default="", description="Topic or subtopic: roads, roads.potholes."
    )
    territory: str = Field(
        default="", max_length=100, description="Territory, as its pages and rules call it."
    )
    body: str = Field(default="", max_length=32, description="Code of the body it is given to.")
    priority: Priority | None = Field(default=None, description="accident, raised or ordinary.")
    policy: str = Field(max_length=64, description="Name of a policy, yours or a ready one.")

    def row(self) -> PolicyRule:
        return PolicyRule(
            body_code=self.body.strip().lower(),
            topic=self.topic,
            territory=self.territory.strip(),
            priority=self.priority.value if self.priority else "",
            policy_name=self.policy,
        )


def fill_in(raw: dict[str, Any], *, source: str) -> list[Fault]:
    """Put into the raw settings what ready policies say, and the region's zone where a calendar names none."""
    written = raw.setdefault("policies", {})
    if not isinstance(written, dict):
        return []  # its fault is told when it is read
    faults = []
    for name, table in {DEFAULT: {"like": _FEDERAL}, **{ready: {} for ready in READY}, **written}.items():
        if not isinstance(table, dict):
            continue
        like = table.get("like", "") or (name if name in READY else "")
        if not isinstance(like, str):
            continue
        if like and like not in READY:
            faults.append(
                Fault(source, f"policies.{name}.like", f"no such ready policy; there are {_known(READY)}")
            )
            continue
        written[name] = _merged(READY.get(like, {}), table)
        _put_zone(written[name], raw.get("region"))
    return faults


def _known(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names))


def _merged(ready: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """What the table leaves out is as in the ready one; of a calendar too, if it is of the same kind."""
    merged = {**copy.deepcopy(dict(ready)), **table}
    merged.pop("like", None)  # done
    ours, theirs = table.get("calendar"), ready.get("calendar")
    if isinstance(ours, dict) and theirs and ours.get("kind", theirs["kind"]) == theirs["kind"]:
        merged["calendar"] = {**copy.deepcopy(dict(theirs)), **ours}
    return merged


def _put_zone(table: dict[str, Any], region: Any) -> None:
    zone = region.get("timezone") if isinstance(region, dict) else None
    calendar = table.setdefault("calendar", {})
    if not isinstance(zone, str) or not isinstance(calendar, dict):
        return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return  # told once, of the region
    calendar.setdefault("tz", zone)


def dated(
    policies: Mapping[str, PolicySettings], *, days_file: str, folder: Path, source: str
) -> dict[str, PolicySettings]:
    """The policies with every holiday and moved day as a date of its own.

    Raises:
        ConfigError: the file of days cannot be read, or says what cannot be.
    """
    override = _override(days_file, folder=folder, source=source) if days_file else None
    try:
        return {name: _dated(policy, override) for name, policy in policies.items()}
    except ValidationError as error:
        raise ConfigError([Fault(days_file, "", _first(error))]) from None


def _override(days_file: str, *, folder: Path, source: str) -> Override:
    try:
        text = (folder / days_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        problem = f"the file {days_file} cannot be read: {reason}"
        raise ConfigError([Fault(source, "region.days_file", problem)]) from None
    try:
        return read_override(text)
    except ValueError as error:
        raise ConfigError([Fault(days_file, "", str(error))]) from None


def _dated(policy: PolicySettings, override: Override | None) -> PolicySettings:
    calendar = policy.calendar
    if not calendar.holidays_of:
        return policy
    plain = with_days_off(
        calendar, of_russia=True, short_days=calendar.short_before_holidays, override=override
    )
    explicit = CalendarSettings.model_validate(
        {
            **plain.model_dump(),
            "holidays_of": calendar.holidays_of,
            "short_before_holidays": calendar.short_before_holidays,
        }
    )
    return policy.model_copy(update={"calendar": explicit})


def _first(error: ValidationError) -> str:
    return error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")


def faults_of_rules(
    rules: tuple[PolicyRuleSettings, ...], policies: Mapping[str, Any], *, source: str
) -> list[Fault]:
    """Policies that do not exist, and rules that say the same as one before them."""
    faults, seen = [], set()
    for number, rule in enumerate(rules):
        path, row = f"policy_rules.{number}", rule.row()
        if rule.policy not in policies:
            problem = f"no such policy as {rule.policy!r}; there are {_known(policies)}"
            faults.append(Fault(source, f"{path}.policy", problem))
        said = (row.body_code, row.topic, row.territory.casefold(), row.priority)
        if said in seen:
            faults.append(Fault(source, path, "another rule is for just the same: leave one of the two"))
        seen.add(said)
    return faults
