"""VK's texts: made storable, made readable, compared."""

import html
import re
from typing import Final

from collectors.text import storable

# [id7|Иван], [club1|Администрация], and the form with the answered comment: [id7:bp-1_2|Иван]
_MENTION: Final = re.compile(r"\[(?:id|club|public|event)\d+(?::[\w-]+)?\|([^\[\]|]+)\]")


def readable(text: object) -> str:
    """`text` as VK's page shows it: a mention is the name alone."""
    return _MENTION.sub(r"\1", storable(text))


def same(one: object, other: object) -> bool:
    """Whether both are one message, whatever VK did to spaces, line ends, entities and mentions."""
    return _bare(one) == _bare(other)


def _bare(text: object) -> str:
    return " ".join(html.unescape(readable(text)).split())
