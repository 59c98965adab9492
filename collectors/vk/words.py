"""What a keyword becomes in VK's search.

Source: https://dev.vk.com/ru/method/newsfeed.search
VK documents no operators for this search: neither minus-words nor quotes. It is asked for all the words, in
any order; what it finds must then have the keyword by our own reading, with its phrases and minus-words.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from incidents.keywords import Keyword

_LONGEST_NAME: Final = 150  # characters: feeds have names of 200 at most


def query_of(keyword: Keyword) -> str:
    """Every wanted word once, in small letters; a hashtag with its #. VK knows the other forms by itself."""
    words = (f"#{word}" if term.hashtag else word for term in keyword.terms for word in term.words)
    return " ".join(dict.fromkeys(words))


def compiled(keywords: Sequence[Keyword]) -> list[str]:
    """The searches all these keywords need: those that differ only in phrases and minus-words share one."""
    return list(by_query(keywords))


def by_query(keywords: Sequence[Keyword]) -> dict[str, tuple[Keyword, ...]]:
    """Search → the keywords it is for."""
    found: dict[str, tuple[Keyword, ...]] = {}
    for keyword in keywords:
        query = query_of(keyword)
        found[query] = (*found.get(query, ()), keyword)
    return found


def feed_of(query: str) -> str:
    """The feed's name: the words themselves, or for very many of them their digest."""
    if len(query) > _LONGEST_NAME:
        query = hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()
    return f"vk:search:{query}"
