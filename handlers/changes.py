"""What changed in a text, as a few lines of a phone: old words struck through, new ones underlined. Pure."""

from collections.abc import Sequence
from typing import Final

from handlers.excerpts import quoted, utf16
from handlers.words import Html
from incidents.versions import Change, Piece

_AROUND: Final = 3  # words kept on either side of a change
_ONE: Final = 300  # UTF-16 units of one change
_ALL: Final = 900  # of all of them
_ELLIPSIS: Final = Html("…")


def changed(pieces: Sequence[Piece]) -> Html:
    """Cut before rendering; "" where nothing changed."""
    parts: list[str] = []
    room = _ALL
    for at, piece in enumerate(pieces):
        shown = _shown(piece, is_first=at == 0, is_last=at == len(pieces) - 1)
        room -= utf16(shown)
        if room < 0:
            parts.append(_ELLIPSIS)
            break
        parts.append(shown)
    return Html(" ".join(parts))


def _shown(piece: Piece, *, is_first: bool, is_last: bool) -> Html:
    if piece.change is Change.KEPT:
        return quoted(_around(piece.text.split(), is_first=is_first, is_last=is_last), _ONE)
    mark = "s" if piece.change is Change.GONE else "u"
    return Html(f"<{mark}>{quoted(piece.text, _ONE)}</{mark}>")


def _around(words: Sequence[str], *, is_first: bool, is_last: bool) -> str:
    """The words next to a change; what is far from any is "…"."""
    before = [] if is_first else list(words[:_AROUND])
    after = [] if is_last else list(words[-_AROUND:])
    if len(before) + len(after) >= len(words):
        return " ".join(words)
    return " ".join([*before, _ELLIPSIS, *after])
