"""VK's texts: made storable, made readable, compared."""

import html
import re
from typing import Final

# [id7|Иван], [club1|Администрация], and the form with the answered comment: [id7:bp-1_2|Иван]
_MENTION: Final = re.compile(r"\[(?:id|club|public|event)\d+(?::[\w-]+)?\|([^\[\]|]+)\]")


def storable(text: object) -> str:
    """`text` without what UTF-8 or PostgreSQL refuse: a lone surrogate becomes U+FFFD, NUL goes."""
    if not isinstance(text, str):
        return ""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def readable(text: object) -> str:
    """`text` as VK's page shows it: a mention is the name alone."""
    return _MENTION.sub(r"\1", storable(text))


def same(one: object, other: object) -> bool:
    """Whether both are one message, whatever VK did to spaces, line ends, entities and mentions."""
    return _bare(one) == _bare(other)


def _bare(text: object) -> str:
    return " ".join(html.unescape(readable(text)).split())
