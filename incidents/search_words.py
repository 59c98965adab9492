"""Words made comparable: what is written and what is looked for become the same stems, on every engine alike.

A stem is what Snowball leaves of a word ("ямы", "ямах" → "ям"): https://snowballstem.org. It knows endings, not
meanings: "лёд" and "льда" stay apart. Pure; nothing here knows a database.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, Final

import snowballstemmer

LONGEST_WORD: Final = 40  # characters; what is longer is cut, in texts and in questions alike
LONGEST_DOCUMENT: Final = 100_000  # characters of stems: a tsvector holds a megabyte
# No Russian word begins so, and words typed by people lose it: what follows is a word of an author's name.
AUTHOR: Final = "ъ"

_WORD: Final = re.compile(r"[^\W_]+")
# Stress marks, soft hyphens and joiners stand inside words and must not break them.
_INSIDE: Final = re.compile("[\u0300\u0301\u00ad\u200b-\u200d\u2060\ufeff]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_VARIANTS_FROM: Final = 4  # letters; shorter stems differ from too many others by one letter
_ALPHABETS: Final = ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz")
_KEYS: Final = ("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюе")

# Words that are in nearly every text: looked for only where nothing else was asked.
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        """
        а без бы был была были было быть в вам вас весь во вот все всего вы где да для до его ее если есть еще же
        за здесь и из или им их к как когда кто ли мне мы на над нам нас наш не нет ни но о об он она они от по под
        при про с со та так там то того тоже только тут ты у уже хоть чем что чтобы эта эти это этого этот я
        a an and are as at be by for from has have i in is it its my not of on or our that the there they this to
        was we were what when where who why will with you your
        """,
    )
)


def folded(text: str) -> str:
    """Letter case, ё, stress marks and letter widths away; as long as nobody counts characters."""
    return without_marks(unicodedata.normalize("NFKC", text)).casefold().replace("ё", "е")


def without_marks(text: str) -> str:
    """The text without what stands unseen, or as a stress mark, inside words."""
    return _INSIDE.sub("", text)


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of one folded word; numbers and words of other scripts stay as they are."""
    word = word[:LONGEST_WORD].lstrip(AUTHOR) or "ь"
    if _CYRILLIC.search(word):
        return str(_stemmer("russian").stemWord(word))
    return str(_stemmer("english").stemWord(word)) if word.isascii() else word


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded(text))]


def stems(text: str) -> list[str]:
    """The stems of a text, in their order."""
    return [stem(word) for word in words(text)]


def telling(found: Sequence[str]) -> list[str]:
    """The words that say something; all of them where none does."""
    return [word for word in found if word not in _COMMON] or list(found)


def telling_stems(text: str) -> list[str]:
    """The stems that tell a text from another, each once."""
    return list(dict.fromkeys(stem(word) for word in words(text) if word not in _COMMON))


def names(author: str) -> list[str]:
    """The words of an author's name as they stand in a document; never stemmed."""
    return [AUTHOR + word[: LONGEST_WORD - 1].lstrip(AUTHOR) for word in words(author)]


def document(texts: Iterable[str], authors: Iterable[str] = ()) -> str:
    """What is stored of an incident to find it by: stems in their order, then whose words they are."""
    parts = [" ".join(stems(text)) for text in texts]
    marks = dict.fromkeys(mark for author in authors for mark in names(author))
    whole = " ".join([" ".join(marks), *parts] if marks else parts)
    return whole[:LONGEST_DOCUMENT].strip()


def variants(word: str) -> list[str]:
    """The stems of what a folded word may have been meant to be: one letter wrong, missing, too many or swapped with
    its neighbour, or the wrong layout. Of a short word the layout only: it differs from too many others.
    """
    meant = words(_other_layout(word))
    letters = next((known for known in _ALPHABETS if word[:1] in known), "")
    if len(word) >= _VARIANTS_FROM and word.isalpha():
        cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        meant += [left + right[1:] for left, right in cuts if right]
        meant += [left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1]
        meant += [left + letter + right[1:] for left, right in cuts if right for letter in letters]
        meant += [left + letter + right for left, right in cuts for letter in letters]
    own = stem(word)
    return [one for one in dict.fromkeys(map(stem, meant)) if one != own]


def _other_layout(word: str) -> str:
    """What the same keys write in the other layout: "zvf" is "яма"."""
    latin, russian = _KEYS
    table = str.maketrans(latin, russian) if word.isascii() else str.maketrans(russian, latin)
    return word.translate(table)


def spans(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Where in the text, as written, the words of these stems stand. A stem that ends in * is a beginning."""
    whole = {one for one in wanted if not one.endswith("*")}
    beginnings = tuple(one[:-1] for one in wanted if one.endswith("*"))
    return [
        word.span()
        for word in re.finditer(r"[^\W_](?:[^\W_]|[\u0300\u0301\u00ad])*", text)
        for plain in words(word[0])[:1]
        if stem(plain) in whole or (beginnings and plain.startswith(beginnings))
    ]
