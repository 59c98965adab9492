"""Odnoklassniki's texts: made storable, compared."""

import html


def storable(text: object) -> str:
    """`text` without what UTF-8 or PostgreSQL refuse: a lone surrogate becomes U+FFFD, NUL goes."""
    if not isinstance(text, str):
        return ""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def same(one: object, other: object) -> bool:
    """Whether both are one message, whatever OK did to spaces, line ends and entities."""
    return _bare(one) == _bare(other)


def _bare(text: object) -> str:
    return " ".join(html.unescape(storable(text)).split())
