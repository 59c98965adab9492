"""Odnoklassniki's texts: made storable, compared."""

import html

from collectors.text import storable


def same(one: object, other: object) -> bool:
    """Whether both are one message, whatever OK did to spaces, line ends and entities."""
    return _bare(one) == _bare(other)


def _bare(text: object) -> str:
    return " ".join(html.unescape(storable(text)).split())
