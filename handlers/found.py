"""What a search found, as people read it: a page of it, with the words that were looked for in bold. Pure."""

import html
from collections.abc import Collection, Sequence
from typing import Final

from handlers import keyboards
from handlers.callbacks import Open
from handlers.callbacks.find import FindPage
from handlers.cards import topic_name
from handlers.excerpts import line
from handlers.times import Reader
from handlers.words import Html
from incidents.search_hits import Hit
from incidents.search_query import Asked
from incidents.search_words import spans
from incidents.searching import MOST, Found
from models import Search

PAGE: Final = 5
_FRAGMENT: Final = 130  # UTF-16 units
_BEFORE: Final = 40  # characters before the first word found
_ASKED: Final = 60
_BODY: Final = 40
_READ: Final = 20_000  # characters of a text, to look for the words in


def page(
    search: Search, asked: Asked, found: Found, reader: Reader, *, offset: int
) -> tuple[str, keyboards.Rows]:
    """The words of the page and its buttons: what was found, and the neighbouring pages."""
    words = reader.words
    notes = _notes(asked, found, reader)
    if not found.total:
        return "\n".join([words("find.nothing", asked=_asked(search)), *notes, "", words("find.advice")]), []
    total = f"{MOST}+" if found.total >= MOST else str(found.total)
    head = words("find.head", asked=_asked(search), total=total)
    blocks = ["\n".join([head, *notes]), *(_row(hit, found.highlights, reader) for hit in found.hits)]
    opening = [
        keyboards.button(words.plain("find.open", number=hit.incident.id), Open(incident_id=hit.incident.id))
        for hit in found.hits
    ]
    return "\n\n".join(blocks), [opening, *_turning(search.id, offset, found.total, reader)]


def _asked(search: Search) -> str:
    return line(search.text, _ASKED)


def _notes(asked: Asked, found: Found, reader: Reader) -> list[str]:
    """What was looked for instead, and what was not understood: nothing is guessed silently."""
    words = reader.words
    notes: list[str] = [
        words("find.instead", asked=line(word, 40), instead=line(other, 80))
        if other
        else words("find.left_out", asked=line(word, 40))
        for word, other in found.instead.items()
    ]
    if found.any_word:
        notes.append(words("find.any_word"))
    if asked.unknown:
        notes.append(words("find.unknown", unknown=line(", ".join(asked.unknown), 80)))
    return notes


def _row(hit: Hit, wanted: Collection[str], reader: Reader) -> Html:
    incident, words = hit.incident, reader.words
    row = words(
        "find.row",
        number=incident.id,
        topic=topic_name(incident.topic, words),
        status=words(f"status.{incident.status.value}"),
        day=reader.day(incident.created_at),
        body=line(hit.body, _BODY) if hit.body else words("find.no_body"),
    )
    shown = fragment(hit.texts, wanted)
    return Html(f"{row}\n{shown}") if shown else row


def fragment(texts: Sequence[str], wanted: Collection[str]) -> Html:
    """The part of the texts where the words stand, those in bold; the beginning of the first where none does."""
    for text in texts:
        whole = " ".join(text[:_READ].split())
        if found := spans(whole, wanted):
            return _bold(_around(whole, found[0][0]), wanted)
    return _bold(line(next(filter(str.strip, texts), "")[:_READ], _FRAGMENT), ())


def _around(text: str, at: int) -> str:
    """One line from a little before the place, beginning with a whole word."""
    start = max(at - _BEFORE, 0)
    if start:
        space = text.find(" ", start, at)
        start = space + 1 if space != -1 else at
    cut = line(text[start : start + 4 * _FRAGMENT], _FRAGMENT)
    return f"… {cut}" if start else cut


def _bold(text: str, wanted: Collection[str]) -> Html:
    parts: list[str] = []
    done = 0
    for start, end in spans(text, wanted):
        parts += [
            html.escape(text[done:start], quote=False),
            f"<b>{html.escape(text[start:end], quote=False)}</b>",
        ]
        done = end
    return Html("".join([*parts, html.escape(text[done:], quote=False)]))


def _turning(search_id: int, offset: int, total: int, reader: Reader) -> keyboards.Rows:
    row: list[keyboards.Button] = []
    if offset > 0:
        back = FindPage(search_id=search_id, offset=max(offset - PAGE, 0))
        row.append(keyboards.button(reader.words.plain("button.back_page"), back))
    if offset + PAGE < total:
        on = FindPage(search_id=search_id, offset=offset + PAGE)
        row.append(keyboards.button(reader.words.plain("button.next_page"), on))
    return [row] if row else []
