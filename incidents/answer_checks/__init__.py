"""Checks of an answer before it is sent: what it lacks, how it reads, and whose data it would give away.

Pure functions over a `Draft`; the rules are reference/field.md section 5, measured by `python -m benchmarks.answers`.
"""

from incidents.answer_checks.checking import check
from incidents.answer_checks.findings import PERSONAL, Code, Draft, Finding, Severity

__all__ = ["PERSONAL", "Code", "Draft", "Finding", "Severity", "check"]
