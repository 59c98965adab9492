"""What a model thinks of each word, kept as one row of numbers a word, so that a text costs a sum of rows.

A linear model over features that lie inside words is additive over words. The row of a word is filled at its first
sight (dictionary, pieces, weights) and kept. Beside the rows it is kept which row a scrap of text as it was written
has («Дорога,»), so that a text is only split at its spaces: what `features.tokens_of` does to find words, smiles,
length and shouting is done once a scrap. Measured way: `docs/classifier/speed.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import features
from classifier.vocabulary import Vocabulary

WORDS_KEPT: Final = 40_000
"""Rows kept at most; the oldest give way, so that spammers' random words cannot fill the memory."""

_FIRST: Final = 4_096
_FEWEST: Final = 16
_TEXTS_AT_ONCE: Final = 512
_BESIDE: Final = 3  # columns after the margins: squared length, is a word, is a known word
_LINE: Final = 16  # numbers in a line of the processor's cache
_BLOCKS: Final = (
    8  # the oldest eighth goes at once: forgetting which scrap has which row costs more than rows
)
_SCRAPS_A_ROW: Final = 2
_LETTERS_A_ROW: Final = 32  # of scraps
_LETTERS_A_PAGE: Final = 3  # a row: so many letters of text seldom have more scraps than half the rows
_LONG: Final = 100  # letters; a longer name of a row is kept as its hash

# A scrap in one number: its row, and what it adds to the text's tokens, letters and capitals. A text has at most
# `features.READ_AT_MOST` of each, so that sums of scraps never run over.
_BITS: Final = 13
_ONE: Final = (1 << _BITS) - 1
_COUNTS: Final = (1 << 3 * _BITS) - 1
_TOKENS: Final = 2 * _BITS
_ROW: Final = 3 * _BITS
_LENGTH: Final = np.array([number.bit_length() for number in range(_ONE + 1)])

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sums:
    """For each text: a margin per column of the weights (without bias), and the share of its words that is known."""

    margins: Floats
    known_share: Floats


class TokenTable:
    """Weights (features × columns, float16) and the rows made of them. Safe to use from several threads."""

    def __init__(
        self, vocabulary: Vocabulary, weights: NDArray[np.float16], *, kept: int = WORDS_KEPT
    ) -> None:
        self.vocabulary = vocabulary
        self.weights = weights
        self._kept = max(kept, _FEWEST)
        self._columns = weights.shape[1]
        self._width = -(-(self._columns + _BESIDE) // _LINE) * _LINE
        self._rows = np.zeros((min(_FIRST, self._kept), self._width), dtype=np.float32)
        self._slots: dict[str, int] = {}  # tokens, and the tokens of a scrap with spaces between
        self._names: list[str | None] = [None] * self._kept  # by slot
        self._next = 0
        self._scraps: dict[str | bytes, int] = {}
        self._letters = 0  # of the scraps
        self._lock = Lock()
        self._lengths = np.stack([self._made(token) for token in features.LENGTHS])
        self._shout = self._made(features.SHOUT)

    @property
    def size(self) -> tuple[int, int]:
        """Words kept, and the bytes of their rows."""
        return len(self._slots), self._rows.nbytes

    @property
    def scraps(self) -> tuple[int, int]:
        """Scraps remembered, and the letters of them all."""
        return len(self._scraps), self._letters

    def read(self, plain_texts: Sequence[str]) -> Sums:
        """Texts that `features.plain` made, read as `features.tokens_of` does.

        One answer a text, in order; the same for a text alone and in company.
        """
        if len(plain_texts) == 1:
            with self._lock:
                return self._finish(self._page(plain_texts))
        totals = np.zeros((len(plain_texts), self._width), dtype=np.float32)
        letters = sum(map(len, plain_texts)) + 1
        step = max(1, min(_TEXTS_AT_ONCE, _LETTERS_A_PAGE * self._kept * len(plain_texts) // letters))
        with self._lock:
            for at in range(0, len(plain_texts), step):
                page = plain_texts[at : at + step]
                totals[at : at + len(page)] = self._page(page)
        return self._finish(totals)

    def sums(self, texts: Sequence[Sequence[str]]) -> Sums:
        """The same of texts given as tokens, length and shout among them."""
        totals = np.zeros((len(texts), self._width), dtype=np.float32)
        with self._lock:
            for number, tokens in enumerate(texts):
                for at in range(0, len(tokens), self._kept // 2):
                    slots = self._slots_of(tokens[at : at + self._kept // 2])
                    totals[number] += self._rows.take(slots, axis=0).sum(axis=0)
        return self._finish(totals)

    def row(self, token: str) -> Floats:
        """What one word brings: a number per column, before the text's length is divided out."""
        with self._lock:
            row: Floats = self._rows[self._slots_of([token])[0], : self._columns].copy()
        return row

    def norm2(self, token: str) -> float:
        """The word's part of the text's squared length."""
        with self._lock:
            return float(self._rows[self._slots_of([token])[0], self._columns])

    def _page(self, texts: Sequence[str]) -> Floats:
        if len(self._scraps) > _SCRAPS_A_ROW * self._kept or self._letters > _LETTERS_A_ROW * self._kept:
            self._forget()
        totals, counts = self._totals(texts)
        if len(texts) == 1:
            number = int(counts[0])
            totals += self._lengths[(number >> _TOKENS).bit_length()]
            if _is_loud(number >> _BITS & _ONE, number & _ONE):
                totals += self._shout
            return totals
        totals += self._lengths[_LENGTH[counts >> _TOKENS]]
        loud = _is_loud(counts >> _BITS & _ONE, counts & _ONE)
        if loud.any():
            totals[loud] += self._shout
        return totals

    def _totals(self, texts: Sequence[str]) -> tuple[Floats, Ints]:
        """The sum of the rows of each text, and its counts in one number."""
        while True:
            # A text at a time, while its scraps are at hand: half the price of all scraps split first.
            found = [list(map(self._scraps.get, _scraps(text))) for text in texts]
            lengths = list(map(len, found))
            if sum(lengths) > self._kept // 2:  # they could push each other out
                return self._in_halves(texts)
            try:
                packed = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=sum(lengths))
            except (
                TypeError
            ):  # a None: not met yet. A new one may push out an old one of the same page: again, then
                self._meet(texts)
            else:
                break
        if len(texts) == 1:
            total = np.add.reduce(self._rows.take(packed >> _ROW, axis=0), axis=0, keepdims=True)
            return total, np.add.reduce(packed, keepdims=True) & _COUNTS
        ends = np.zeros(len(texts) + 1, dtype=np.int32)
        np.cumsum(lengths, out=ends[1:])
        running = np.zeros(len(packed) + 1, dtype=np.int64)
        np.cumsum(packed & _COUNTS, out=running[1:])
        return _sum(self._rows, (packed >> _ROW).astype(np.int32), ends), np.diff(running[ends])

    def _in_halves(self, texts: Sequence[str]) -> tuple[Floats, Ints]:
        if len(texts) > 1:
            middle = len(texts) // 2
            left, right = self._totals(texts[:middle]), self._totals(texts[middle:])
            return np.concatenate([left[0], right[0]]), np.concatenate([left[1], right[1]])
        scraps = texts[0].split()
        middle = len(scraps) // 2
        left, right = self._totals([" ".join(scraps[:middle])]), self._totals([" ".join(scraps[middle:])])
        return left[0] + right[0], left[1] + right[1]

    def _finish(self, totals: Floats) -> Sums:
        length: Floats = np.sqrt(totals[:, self._columns : self._columns + 1])
        known_share: Floats = totals[:, self._columns + 2].copy()
        known_share /= np.maximum(totals[:, self._columns + 1], 1)
        length[length == 0] = 1
        return Sums(margins=totals[:, : self._columns] / length, known_share=known_share)

    def _slots_of(self, tokens: Sequence[str]) -> list[int]:
        """The row numbers of `tokens`, of which there are at most half as many as rows are kept."""
        while True:
            slots = [slot for slot in map(self._slots.get, tokens) if slot is not None]
            if len(slots) == len(tokens):
                return slots
            for token in tokens:
                if token not in self._slots:
                    self._fill(token, (token,))

    def _meet(self, texts: Sequence[str]) -> None:
        for scrap in chain.from_iterable(map(_scraps, texts)):
            if scrap not in self._scraps:
                written = scrap if isinstance(scrap, str) else scrap.decode("cp1251")
                tokens = features.tokens(written)
                name = " ".join(tokens) or " "  # no token has a space in it
                if len(name) > _LONG:
                    name = f"{blake2b(name.encode('utf-8', 'surrogatepass')).hexdigest()} "
                slot = self._slots.get(name)
                if slot is None:
                    slot = self._fill(name, tokens)
                letters, capitals = features.letters_of(written)
                self._scraps[scrap] = slot << _ROW | len(tokens) << _TOKENS | letters << _BITS | capitals
                self._letters += len(scrap)

    def _forget(self) -> None:
        self._scraps.clear()
        self._letters = 0

    def _fill(self, name: str, tokens: Sequence[str]) -> int:
        """A row for the sum of `tokens`; the oldest give way."""
        slot = self._next
        block = -(-self._kept // _BLOCKS)
        if self._names[slot] is not None and slot % block == 0:
            for number in range(slot, min(slot + block, self._kept)):
                self._slots.pop(self._names[number] or "", None)
                self._names[number] = ""
            self._forget()
        if slot >= len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])[: self._kept]
        self._next = (slot + 1) % self._kept
        row = self._rows[slot]
        row[:] = 0
        for token in tokens:
            known = self._slots.get(token)
            row += self._made(token) if known is None else self._rows[known]
        self._names[slot] = name
        self._slots[name] = slot
        return slot

    def _made(self, token: str) -> Floats:
        piece = self.vocabulary.piece(token)
        row = np.zeros(self._width, dtype=np.float32)
        row[: self._columns] = piece.weights @ self.weights[piece.ids].astype(np.float32)
        is_word = len(token) > 1 and token[0].isalpha()  # single letters are known and say nothing
        row[self._columns : self._columns + _BESIDE] = (piece.norm2, is_word, is_word and piece.is_known)
        return row


def _is_loud(letters: Any, capitals: Any) -> Any:
    return (letters >= features.SHOUT_FROM) & (2 * capitals > letters)


def _scraps(text: str) -> Sequence[str | bytes]:
    """What stands between spaces. A letter a byte where it can be: of half the size, twice as many stay at hand."""
    try:
        return text.encode("cp1251").split()
    except UnicodeEncodeError:
        return text.split()


def _sum(rows: Floats, slots: NDArray[np.int32], ends: NDArray[np.int32]) -> Floats:
    """The sum of the rows of each text; the rows of an empty text sum to nothing."""
    from scipy.sparse import csr_array  # noqa: PLC0415  # 0.15 s, for batches only

    ones = np.ones(len(slots), dtype=np.float32)
    total: Floats = csr_array((ones, slots, ends), shape=(len(ends) - 1, len(rows))) @ rows
    return total
