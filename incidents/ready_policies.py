"""Policies that can be used by name without defining them: the norms the regions have published.

Written as in config.toml; `[policies.<name>]` there changes one or adds another. Sources, as read in 2026:

- 24 hours from registration: the federal norm of the launch, meduza.io/amp/news/2018/07/23.
- 24 working hours, Mon-Fri 08:00-17:00 (17:00 is out), return 2 h, preparation 22 h from each assignment while
  the total runs from registration: Калуга, github.com/bassixs/Incident-Management, docs/working-hour-policy.md.
- «17:00 of the third working day; before 17:00 counts as the first»: the same, before that.
- 9 working hours, raised importance within 4, the final answer within 7 working days of an interim one:
  Севастополь, sev.gov.ru/info/news/100718; КБР, stav.aif.ru; Крым (7 days), c-inform.info/news/id/83545.
- 8 working hours: Краснодарский край, kuban24.tv; first reaction within 1-3 hours: news.mail.ru/society/68997360.
- 4 hours: ЯНАО, yamal-media.ru. Return within 30 minutes: Саратов, 4vsar.ru/news/129953.html. Distribution
  within 30 to 60 minutes: the same, and Ярославль, yarnews.net.

Reminders at half the time, 4 h and 1 h left are ours.
"""

from collections.abc import Mapping
from typing import Any, Final

_OFFICE: Final[Mapping[str, Any]] = {
    "kind": "working",
    "hours": {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays_of": "RU",
}
# Reminders come in working hours only, as in Калуга: what is registered at night is told in the morning.
_NIGHT: Final = "17:00-08:00"

READY: Final[Mapping[str, Mapping[str, Any]]] = {
    "federal-24h": {"name": "Федеральный 24 ч", "total": "24h", "first_reaction": "3h"},
    "working-24h": {
        "name": "24 рабочих часа",
        "calendar": _OFFICE,
        "first_reaction": "3h",
        "total": "24h",
        "return_window": "2h",
        "preparation": "22h",
        "quiet_hours": _NIGHT,
    },
    "working-3d": {
        "name": "Три рабочих дня",
        "calendar": _OFFICE,
        "first_reaction": "3h",
        "total": "3wd",
        "return_window": "2h",
        "quiet_hours": _NIGHT,
    },
    "working-9h": {
        "name": "9 рабочих часов",
        "calendar": _OFFICE,
        "first_reaction": "3h",
        "total": "9h",
        "by_priority": {"accident": "4h", "raised": "4h"},
        "return_window": "30m",
        "interim_total": "7wd",
        # The day of the interim answer is not counted: a term of days begins on the next one (ст. 191 ГК РФ).
        "first_day": "tomorrow",
        "remind_before": ["4h", "1h"],
        "quiet_hours": _NIGHT,
    },
    "working-8h": {
        "name": "8 рабочих часов",
        "calendar": _OFFICE,
        "first_reaction": "3h",
        "first_by_priority": {"accident": "1h", "raised": "1h"},
        "total": "8h",
        "return_window": "30m",
        "remind_before": ["4h", "1h"],
        "quiet_hours": _NIGHT,
    },
    # Of ordinary time: what cannot wait does not wait for Monday. Give it to a priority by a policy rule.
    "urgent-4h": {
        "name": "Срочный 4 ч",
        "first_reaction": "1h",
        "total": "4h",
        "return_window": "30m",
        "triage": "30m",
        "release_after": "2h",
        "remind_before": ["2h", "1h", "30m"],
    },
}
