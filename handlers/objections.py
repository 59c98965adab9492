"""Why a network would not take these words, what the checks say of them, and what to change."""

from collections.abc import Sequence
from typing import Final

from handlers.excerpts import line
from handlers.words import Words
from incidents.answer_checks import PERSONAL, Code, Finding
from incidents.blanks import BlanksLeft
from incidents.checking import codes_of
from incidents.errors import AnswerTooLong, EmptyAnswer, IncidentError, TextRefused
from models import Answer

_SHOWN: Final = 5  # lines; the others stand behind a fold
_MOST: Final = 10
_QUOTES: Final = 2
_QUOTE: Final = 40  # UTF-16 units
_NAME: Final = 60
_REASON: Final = 200


def objection(refusal: TextRefused, words: Words) -> str:
    """Plain text: what the network refuses, and what to do. A key nobody has named says only that it does."""
    network = words.name("network", refusal.network)
    template = words.name("refused_text", refusal.objection)
    if template == refusal.objection:
        return words.plain("refused_text.other", network=network)
    return template.format(network=network)


def doubts(faults: list[IncidentError], words: Words) -> list[str]:
    """The same for a draft that is looked at before it is sent."""
    lines: list[str] = []
    for fault in faults:
        if isinstance(fault, EmptyAnswer):
            lines.append(words("preview.empty"))
        elif isinstance(fault, AnswerTooLong):
            network = words.name("network", fault.network)
            lines.append(words("preview.too_long", length=fault.length, limit=fault.limit, network=network))
        elif isinstance(fault, BlanksLeft):
            lines.append(words("preview.blanks", empty=fault.empty))
        elif isinstance(fault, TextRefused):
            lines.append(words("preview.refused", why=objection(fault, words)))
    return lines


def remarks(findings: Sequence[Finding], words: Words) -> list[str]:
    """What the checks say, a line each with what to do; more than a screen shows is folded away.

    HTML; the last line may be a fold.
    """
    lines = [_remark(one, words) for one in findings[:_MOST]]
    shown, folded = lines[:_SHOWN], lines[_SHOWN:]
    if folded:
        rest = "\n".join(folded)
        shown.append(f"<blockquote expandable>{rest}</blockquote>")
    return shown


def _remark(finding: Finding, words: Words) -> str:
    """With the words that triggered it, where it says them."""
    quotes = [f"«{line(one, _QUOTE)}»" for one in finding.words[:_QUOTES]]
    more = "…" if len(finding.words) > _QUOTES else ""
    said = words("check.quoted", words=", ".join(quotes) + more) if quotes else ""
    return f"{words(f'check_mark.{finding.severity.value}')} {words(f'check.{finding.code.value}')}{said}"


def short_remarks(codes: Sequence[Code], words: Words) -> str:
    """The checks by their short names, for whoever decides about the answer."""
    return ", ".join(words.plain(f"check_short.{code.value}") for code in codes)


def let_through_line(answer: Answer, let_by: str, words: Words, groups: Sequence[Code]) -> str:
    """Who let personal data through, what, and why."""
    return words(
        "override.let_through",
        name=line(let_by, _NAME),
        groups=short_remarks(groups, words),
        reason=line(answer.override_reason, _REASON),
    )


def sent_in_spite(answer: Answer, let_by: str, words: Words) -> list[str]:
    """For whoever decides about an answer that was sent: what the checks said of it, and who passed over it."""
    codes = codes_of(answer)
    blocked = [code for code in codes if code in PERSONAL]
    others = [code for code in codes if code not in PERSONAL]
    lines: list[str] = [let_through_line(answer, let_by, words, blocked)] if let_by else []
    if others:
        lines.append(words("override.warned", warnings=short_remarks(others, words)))
    return lines
