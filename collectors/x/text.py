"""X's texts: made storable, made readable, measured, compared.

Source: https://docs.x.com/fundamentals/counting-characters (twitter-text, version 3)
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from collectors.text import storable

# The parser's time grows with the square of a word's length and more: nobody types longer words than this.
LONGEST_WORD: Final = 300
LINK_WEIGHT: Final = 23
_SPACES: Final = re.compile(r"(\s+)")
# The library knows them only after "https://"; the page may make links of them all the same.
_CYRILLIC_DOMAIN: Final = re.compile(r"\w\.(?:рф|рус|москва|дети|сайт|онлайн)(?!\w)", re.IGNORECASE)
_CASHTAG: Final = re.compile(r"(?<![\w$])\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?!\w)", re.IGNORECASE)
_LEADING_MENTIONS: Final = re.compile(r"^(?:\s*@\w{1,15}(?=\s))+", re.ASCII)
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)  # X writes it before a bare "gorod.ru"
_OUR_LINK: Final = "https://t.co/"


@cache
def _twitter_text() -> Any:
    """The parser, imported at the first need: half a second that only those pay who use X."""
    import twitter_text  # type: ignore[import-untyped] # noqa: PLC0415 - the package ships no types

    return twitter_text


def warm_up() -> None:
    """Open the parser now, before anybody's press waits for it."""
    _twitter_text()


def readable(text: object, entities: Mapping[str, object]) -> str:
    """`text` as X's page shows it: without HTML's entities, a shortened link as it was written."""
    shown = storable(text)
    for link in _objects(entities.get("urls")):
        short, whole = link.get("url"), link.get("expanded_url")
        if not isinstance(short, str) or not short.startswith(_OUR_LINK) or not isinstance(whole, str):
            continue
        # A picture's own link stands for the picture.
        shown = shown.replace(short, "" if "media_key" in link else storable(whole))
    return html.unescape(shown).strip()


def same(one: str, other: str) -> bool:
    """Whether both are one message, whatever X did to spaces, and with the names X puts before a reply."""
    return _bare(one) == _bare(other)


def measure(text: str) -> int:
    """The weight X counts: a Cyrillic letter 1, an emoji or a hieroglyph 2, a link 23, whatever its length."""
    return sum(_weight(part) for part in _SPACES.split(storable(text)) if part)


def has_link(text: str) -> bool:
    """Whether X would make a link of anything in `text`: "gorod.ru" is one too."""
    parts = [part[:LONGEST_WORD] for part in _SPACES.split(storable(text)) if part]
    return any(_CYRILLIC_DOMAIN.search(part) or _twitter_text().extract_urls(part) for part in parts)


def cashtags(text: str) -> int:
    """How many $TAGs there are; X takes one in a post."""
    return len(_CASHTAG.findall(text))


@lru_cache(maxsize=4096)
def _weight(part: str) -> int:
    if len(part) <= LONGEST_WORD:
        return int(_twitter_text().parse_tweet(part).weightedLength)
    if part.lower().startswith(("http://", "https://")):
        return LINK_WEIGHT
    return sum(_weight(part[at : at + LONGEST_WORD]) for at in range(0, len(part), LONGEST_WORD))


def _bare(text: str) -> str:
    plain = _LEADING_MENTIONS.sub("", html.unescape(storable(text)))
    return " ".join(_SCHEME.sub("", plain).split())


def _objects(value: object) -> Sequence[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
