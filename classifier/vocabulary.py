"""A word to its features: the dictionary form, and pieces of three to five letters, each weighed by rarity.

Additive: a text is the sum of its words, and its length is √(sum of the words' squared lengths), so that all a model
thinks of a word is one row of numbers (`classifier.table`). One code for learning and for work: they cannot drift
apart. No scikit-learn in it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import features


@dataclass(frozen=True, slots=True)
class Piece:
    """One word as features: their numbers and weights, and whether its dictionary form is known."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]
    is_known: bool

    @property
    def norm2(self) -> float:
        return float(self.weights @ self.weights)


class Vocabulary:
    """The features of a corpus and how rare each is. Dictionary forms are numbered first, then pieces."""

    def __init__(self, *, lemmas: Sequence[str], grams: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.lemmas = tuple(lemmas)
        self.grams = tuple(grams)
        self.idf = idf
        self._lemma_ids = {lemma: number for number, lemma in enumerate(lemmas)}
        self._gram_ids = {gram: number for number, gram in enumerate(grams, start=len(lemmas))}
        self._rarest = float(idf.max(initial=1.0))

    def __len__(self) -> int:
        return len(self.idf)

    @classmethod
    def learn(cls, texts: Iterable[Sequence[str]], *, grams_in_texts: int = 3) -> "Vocabulary":
        """The features of `texts`, given as tokens; a piece of a word must stand in `grams_in_texts` of them."""
        lemma_texts: Counter[str] = Counter()
        gram_texts: Counter[str] = Counter()
        count = 0
        for tokens in texts:
            count += 1
            small = set(tokens)
            lemma_texts.update({features.lemma(token) for token in small})
            gram_texts.update({gram for token in small for gram in features.grams(token)})
        lemmas = sorted(lemma_texts)
        grams = sorted(gram for gram, texts_with in gram_texts.items() if texts_with >= grams_in_texts)
        in_texts = np.array([*(lemma_texts[one] for one in lemmas), *(gram_texts[one] for one in grams)])
        idf = np.log((1 + count) / (1 + in_texts)) + 1
        return cls(lemmas=lemmas, grams=grams, idf=idf.astype(np.float32))

    def piece(self, token: str) -> Piece:
        """The features of one token. Pieces together weigh as much as the dictionary form alone."""
        number = self._lemma_ids.get(features.lemma(token))
        weight = self._rarest if number is None else float(self.idf[number])
        found = Counter(gram for gram in map(self._gram_ids.get, features.grams(token)) if gram is not None)
        ids = [*found] if number is None else [number, *found]
        values = np.array([*found.values()], dtype=np.float32) * self.idf[[*found]] if found else None
        weights = np.empty(len(ids), dtype=np.float32)
        if number is not None:
            weights[0] = weight
        if values is not None:
            weights[len(ids) - len(found) :] = values * (weight / np.sqrt(values @ values))
        return Piece(ids=np.array(ids, dtype=np.int32), weights=weights, is_known=number is not None)
