"""All the checks over one draft."""

from collections.abc import Iterator

from incidents.answer_checks import manner, substance
from incidents.answer_checks.births import births
from incidents.answer_checks.copies import is_copy
from incidents.answer_checks.documents import documents
from incidents.answer_checks.findings import LONGEST, Code, Draft, Finding, Span
from incidents.answer_checks.flats import flats
from incidents.answer_checks.mails import mails
from incidents.answer_checks.names import people
from incidents.answer_checks.phones import phones
from incidents.answer_checks.plates import plates
from incidents.answer_checks.reading import level
from incidents.answer_checks.sensitive import sensitive


def check(draft: Draft) -> list[Finding]:
    """What is to be looked at twice: personal data first, then what the answer lacks, then its manner."""
    text = level(draft.text[:LONGEST])
    return [
        Finding(code, draft.text, tuple(spans))
        for code, spans in (*_personal(text, draft), *_substance(text, draft), *_manner(text, draft))
    ]


def _personal(text: str, draft: Draft) -> Iterator[tuple[Code, list[Span]]]:
    papers, numbers = documents(text), phones(text)
    named = people(text, draft.signature)
    found = {
        Code.PHONE: [one for one in numbers if not any(_meet(one, paper) for paper in papers)],
        Code.FLAT: flats(text),
        Code.MAIL: mails(text),
        Code.DOCUMENT: papers,
        Code.BIRTH_DATE: births(text),
        Code.FULL_NAME: [(one.start, one.end) for one in named if one.is_full],
        Code.SENSITIVE: sensitive(text, named),
        Code.PLATE: plates(text),
    }
    yield from ((code, spans) for code, spans in found.items() if spans)


def _meet(one: Span, two: Span) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _substance(text: str, draft: Draft) -> Iterator[tuple[Code, list[Span]]]:
    """At most one of: an empty answer, an interim that promises nothing, an answer without a term."""
    if not text.strip():
        return
    has_term = draft.has_control_date or substance.has_term(text)
    if draft.is_interim:
        if not has_term or not substance.says_next(text):
            yield Code.BARE_INTERIM, []
    elif substance.is_empty(text, draft.signature):
        yield Code.NO_SUBSTANCE, []
    elif not substance.says_when_or_why(text):
        yield Code.NO_DATE, []
    fixes = substance.fixes(text)
    if fixes and not draft.photos and not draft.is_interim and not substance.is_shown(text):
        yield Code.NO_PROOF, fixes


def _manner(text: str, draft: Draft) -> Iterator[tuple[Code, list[Span]]]:
    found = {
        Code.STOP_PHRASE: manner.stop_phrases(text),
        Code.CITATIONS: manner.citations(text),
        Code.ABBREVIATION: manner.abbreviations(text),
        Code.OFFICIAL_SPEAK: manner.official_speak(text),
        Code.LINKS: manner.links(text),
    }
    yield from ((code, spans) for code, spans in found.items() if spans)
    if is_copy(text, draft.recent):
        yield Code.TEMPLATE_COPY, []
    if manner.too_long(text):
        yield Code.TOO_LONG, []
    signed = manner.signatures(text, draft.signature)
    if len(signed) > 1:
        yield Code.SIGNED_TWICE, signed
    elif draft.signature.strip() and not signed:
        yield Code.NO_SIGNATURE, []
