"""A keyword as a curator writes it, once for all networks: what it means, and whether a text has it.

`яма дорога` wants both words in any form and order; `"улица Ленина"` the words side by side; `-игра` must not
occur; `#яма` is the hashtag itself. Case, ё/е, hyphens and the quotes of a phone's keyboard do not matter.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from incidents.errors import BadKeyword, KeywordFault

LONGEST: Final = 300  # characters of a keyword
MOST_WORDS: Final = (
    100  # VK's Streaming API takes no more in one rule; https://dev.vk.com/ru/api/streaming-api
)
MOST_LINES: Final = 30  # keywords written in one go
_SHORTEST: Final = 2  # letters of the longest word; one letter is in every text

_MINUS: Final = "-–—−"  # a phone turns a hyphen into a dash
_QUOTES: Final = str.maketrans(dict.fromkeys("«»“”„‟", '"'))
_PART: Final = re.compile(rf'([{_MINUS}]?)(?:"([^"]*)"|([^\s"]+))')
_OTHERWISE: Final = re.compile(r"[,;|]|(?<!\S)(?:OR|ИЛИ)(?!\S)")
_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_PIECE: Final = re.compile(r"[^\W_]+")
_HASHTAG: Final = re.compile(r"(?<!\w)#(\w+)")
# Stress marks and other signs over letters, soft hyphens, what has no width: nobody sees or types them.
_UNSEEN: Final = dict.fromkeys((*range(768, 880), 173, *range(8203, 8208), 8288, 65039, 65279))
_LIKE: Final = {0x2010: "-", 0x2011: "-", 0xFF03: "#"}
_LOOKS: Final = _UNSEEN | _LIKE


def folded(text: str) -> str:
    """As texts are compared: lower case, ё as е, without stress marks and invisible signs."""
    small = text.casefold().replace("и\u0306", "й")  # й as macOS writes it
    return small.translate(_LOOKS).replace("ё", "е")


def one_line(text: str) -> str:
    """As a keyword or a territory is stored: one line, nothing that cannot be seen or stored."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())


def words_of(text: str) -> list[str]:
    """The words of a text, folded; a hyphenated word is one."""
    return _WORD.findall(folded(text))


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or several that must stand side by side. `hashtag`: written with #, and kept without it."""

    words: tuple[str, ...]
    hashtag: bool = False


@dataclass(frozen=True, slots=True)
class Keyword:
    """`terms` must all occur, none of `minus` may. `forms`: word → every written form of it, in small letters.

    Forms are folded; those with ё follow as they are spelled, for networks that tell ё from е. Networks that
    know no word forms are asked for the forms; those that do, for the words. `territory`: a post of another
    territory does not count.
    """

    id: int
    text: str
    terms: tuple[Term, ...]
    minus: tuple[Term, ...] = ()
    forms: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    territory: str = ""


Forms = Callable[[str], Sequence[str]]


def as_written(word: str) -> Sequence[str]:
    """No other forms than the word itself: enough to see whether a keyword can be understood."""
    return (word,)


def parse(text: str, *, id: int = 0, forms: Forms = as_written, territory: str = "") -> Keyword:  # noqa: A002 - the field's name
    """What a curator wrote, understood. `forms` gives every written form of a word (classifier/forms.py).

    Raises:
        BadKeyword: says what to write instead.
    """
    text = one_line(text)
    if len(text) > LONGEST:
        raise BadKeyword(KeywordFault.TOO_LONG, text)
    plain = text.translate(_QUOTES)
    if plain.count('"') % 2:
        raise BadKeyword(KeywordFault.QUOTE, text)
    if _OTHERWISE.search(re.sub(r'"[^"]*"', "", plain)):
        raise BadKeyword(KeywordFault.OTHERWISE, text)
    terms: list[Term] = []
    minus: list[Term] = []
    for sign, phrase, word in _PART.findall(plain):
        (minus if sign else terms).extend(_terms(phrase, word))
    if fault := _fault(terms, minus):
        raise BadKeyword(fault, text)
    spelled = {one: one for one in _WORD.findall(plain.casefold())}
    known = {folded(one): one for one in spelled}
    every = {word for term in (*terms, *minus) if not term.hashtag for word in term.words}
    return Keyword(
        id=id,
        text=text,
        terms=tuple(dict.fromkeys(terms)),
        minus=tuple(dict.fromkeys(minus)),
        forms={word: _all_forms(word, known.get(word, word), forms) for word in sorted(every)},
        territory=territory,
    )


def _terms(phrase: str, word: str) -> list[Term]:
    """`phrase` stood in quotes, `word` did not; the other is "". None where there is nothing but signs."""
    if word.startswith(("#", "＃")):
        tag = _HASHTAG.fullmatch(folded(word))
        if tag is None:
            raise BadKeyword(KeywordFault.HASHTAG, word)
        return [Term((tag[1],), hashtag=True)]
    words = tuple(words_of(phrase or word))
    return [Term(words)] if words else []


def _fault(terms: Sequence[Term], minus: Sequence[Term]) -> KeywordFault | None:
    """Why it would find nothing, or everything."""
    if not terms:
        return KeywordFault.ONLY_MINUS if minus else KeywordFault.EMPTY
    if sum(len(term.words) for term in (*terms, *minus)) > MOST_WORDS:
        return KeywordFault.TOO_MANY
    if max(len(word) for term in terms for word in term.words) < _SHORTEST:
        return KeywordFault.TOO_SHORT
    if set(terms) & set(minus):
        return KeywordFault.CONTRADICTION
    return None


def _all_forms(word: str, spelled: str, forms: Forms) -> tuple[str, ...]:
    """The word itself first, then its other forms folded, then what has ё as it is spelled."""
    written = [spelled, *(form.casefold() for form in forms(spelled))]
    with_yo = [form for form in written if "ё" in form]
    return tuple(dict.fromkeys([word, *map(folded, written), *with_yo]))


# -- what networks share


def forms_of(term: Term, keyword: Keyword, *, most: int | None = None) -> tuple[tuple[str, ...], ...]:
    """For each word of the term its written forms, the word itself first; at most `most` of each.

    A hashtag has no forms but itself.
    """
    if term.hashtag:
        return (term.words,)
    return tuple(tuple(keyword.forms.get(word, (word,))[:most]) for word in term.words)


def hashtag_of(keyword: Keyword) -> str | None:
    """The hashtag to ask for where a network finds nothing but hashtags, small letters, without #.

    An explicit #tag, or the word of a keyword of one word; None for several words: a joined tag would be a
    guess. What the tag brings must still pass `matches`: the other words and the minus-words are not in it.
    """
    tag = next((term.words[0] for term in keyword.terms if term.hashtag), None)
    if tag is None and len(keyword.terms) == 1 and len(keyword.terms[0].words) == 1:
        tag = keyword.terms[0].words[0]
    if tag is None or not re.fullmatch(r"\w+", tag) or tag.isdecimal():
        return None
    spelled = re.findall(r"\w+", keyword.text.casefold())
    return next((word for word in spelled if folded(word) == tag), tag)


def pack(
    parts: Iterable[str], *, limit: int, joiner: str = " OR ", measure: Callable[[str], int] = len
) -> list[str]:
    """The parts joined into as few queries as a network's query length allows, in their order.

    `limit` is in the units of `measure`: characters unless told otherwise (bytes, weights).

    Raises:
        ValueError: one part alone is longer; the network must shorten it first (`forms_of(…, most=…)`).
    """
    packed: list[str] = []
    for part in dict.fromkeys(parts):
        if measure(part) > limit:
            raise ValueError(f"a part of {measure(part)} does not fit into a query of {limit}")
        longer = f"{packed[-1]}{joiner}{part}" if packed else part
        if packed and measure(longer) <= limit:
            packed[-1] = longer
        else:
            packed.append(part)
    return packed


# -- finding in what was brought


def matches(keyword: Keyword, text: str) -> bool:
    """Whether the text has the keyword, in any form of its words. Linear in the text, whatever it holds."""
    return bool(_alone(keyword).hits(text))


_Pattern = tuple[bool, tuple[frozenset[str], ...]]  # a hashtag?; for each place what may stand there


class Matcher:
    """Many keywords at once: each text is read once, however many there are. Safe from several threads.

    All phrases stand in one row of bits, a bit for each of their words, set while the words up to it have
    just been read (Shift-And; Baeza-Yates, Gonnet: A New Approach to Text Searching, 1992).
    """

    def __init__(self, keywords: Iterable[Keyword]) -> None:
        self._slots: dict[_Pattern, int] = {}
        self._tags: dict[str, int] = {}
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._masks: defaultdict[str, int] = defaultdict(int)
        self._starts = self._ends = self._bits = 0
        self._phrases: list[tuple[int, int]] = []  # the last bit of each, and its slot
        self._rules: list[tuple[int, list[int], list[int]]] = []  # id, slots wanted, slots not wanted
        # Only a keyword whose first term was found is looked at.
        self._by_first: defaultdict[int, list[int]] = defaultdict(list)
        for keyword in keywords:
            wanted, unwanted = (
                [self._slot(_pattern(term, keyword)) for term in terms]
                for terms in (keyword.terms, keyword.minus)
            )
            if wanted:
                self._by_first[wanted[0]].append(len(self._rules))
                self._rules.append((keyword.id, wanted, unwanted))

    def _slot(self, pattern: _Pattern) -> int:
        """The pattern's number; a new one is made findable."""
        if pattern in self._slots:
            return self._slots[pattern]
        slot = self._slots[pattern] = len(self._slots)
        is_hashtag, places = pattern
        if is_hashtag:
            self._tags |= dict.fromkeys(places[0], slot)
        elif len(places) == 1:
            for word in places[0]:
                self._words[word].append(slot)
        else:
            self._starts |= 1 << self._bits
            for bit, place in enumerate(places, start=self._bits):
                for word in place:
                    self._masks[word] |= 1 << bit
            self._bits += len(places)
            self._ends |= 1 << (self._bits - 1)
            self._phrases.append((self._bits - 1, slot))
        return slot

    def hits(self, text: str) -> list[int]:
        """The ids of the keywords the text has, in the order they were given."""
        text = folded(text)
        words = _PIECE.findall(text)
        found = {self._tags[tag] for tag in _HASHTAG.findall(text) if tag in self._tags}
        for word in set(words):
            found.update(self._words.get(word, ()))
        if self._phrases:
            found |= self._phrases_in(words)
        hit = {
            at
            for slot in found
            for at in self._by_first.get(slot, ())
            if found.issuperset(self._rules[at][1]) and found.isdisjoint(self._rules[at][2])
        }
        return [self._rules[at][0] for at in sorted(hit)]

    def _phrases_in(self, words: Sequence[str]) -> set[int]:
        state = seen = 0
        masks, starts, ends = self._masks, self._starts, self._ends
        for word in words:
            state = (state << 1 | starts) & masks.get(word, 0)
            seen |= state & ends
        return {slot for bit, slot in self._phrases if seen >> bit & 1}


def _pattern(term: Term, keyword: Keyword) -> _Pattern:
    """A hyphen is a space here: «юго-запад» is two places, each with its forms."""
    if term.hashtag:
        return True, (frozenset(term.words),)
    places: list[frozenset[str]] = []
    for word in term.words:
        pieces = [_PIECE.findall(folded(form)) for form in (word, *keyword.forms.get(word, ()))]
        alike = [form for form in pieces if len(form) == len(pieces[0])]
        places += [frozenset(column) for column in zip(*alike, strict=True)]
    return False, tuple(places)


@lru_cache(maxsize=512)
def _alone(keyword: Keyword) -> Matcher:
    return Matcher([keyword])
