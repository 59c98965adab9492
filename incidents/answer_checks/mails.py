"""E-mail addresses of people; a body's own, and a small office's free box, are official ones."""

import re
from typing import Final

from incidents.answer_checks.findings import Span
from incidents.answer_checks.reading import any_of, before, last, lists

_MAIL: Final = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64})(?:\s?@\s?|\s?[(\[](?:at|собака|dog)[)\]]\s?|\sсобака\s)"
    r"([\w-]{1,40}(?:\s?\.\s?[\w-]{2,20}){1,3})",
    re.IGNORECASE,
)
_WINDOW: Final = 80


def mails(text: str) -> list[Span]:
    """`text`: levelled."""
    return [match.span() for match in _MAIL.finditer(text) if not _is_official(text, match)]


def _is_official(text: str, match: re.Match[str]) -> bool:
    ahead = before(text, match.start(), _WINDOW)
    private = last(any_of("private_phone"), ahead)
    office = max(last(any_of("hotline"), ahead), last(any_of("office"), ahead))
    domain = re.sub(r"\s", "", match[2]).casefold()
    if any(domain == free or domain.endswith("." + free) for free in lists()["free_mail"]):
        local = match[1].casefold()
        return office > private or any(root in local for root in lists()["office_mail"])
    return private < 0 or office > private
