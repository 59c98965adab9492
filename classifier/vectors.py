"""Features to numbers: tf-idf over words and over pieces of words, each block of length one.

One code for learning and for work, so the two cannot drift apart; no scikit-learn in it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import features

_TOKENS_REMEMBERED: Final = 50_000  # about 40 MiB; random tokens of spammers push each other out


@dataclass(frozen=True, slots=True)
class Vector:
    """One text: feature numbers, their weights, and the share of its words the corpus knows."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float32]
    known_share: float


class Vectoriser:
    """Knows the features of the corpus and how rare each is. Words are numbered first, then pieces."""

    def __init__(self, *, words: Sequence[str], grams: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.words = tuple(words)
        self.grams = tuple(grams)
        self.idf = idf
        self._word_ids = {word: number for number, word in enumerate(words)}
        self._gram_ids = {gram: number for number, gram in enumerate(grams, start=len(words))}
        self._grams_of = lru_cache(maxsize=_TOKENS_REMEMBERED)(self._look_up_grams)

    @classmethod
    def learn(cls, texts: Iterable[str], *, grams_in_texts: int = 2) -> "Vectoriser":
        """The features of `texts`; a piece of a word must stand in `grams_in_texts` of them."""
        word_texts: Counter[str] = Counter()
        gram_texts: Counter[str] = Counter()
        count = 0
        for text in texts:
            count += 1
            plain_text = features.plain(text)
            small = features.tokens(plain_text)
            word_texts.update(set(features.words(plain_text, small)))
            gram_texts.update({gram for token in small for gram in features.grams(token)})
        words = sorted(word_texts)
        grams = sorted(gram for gram, texts_with in gram_texts.items() if texts_with >= grams_in_texts)
        in_texts = np.array([*(word_texts[word] for word in words), *(gram_texts[gram] for gram in grams)])
        idf = np.log((1 + count) / (1 + in_texts)) + 1
        return cls(words=words, grams=grams, idf=idf.astype(np.float32))

    def vector(self, text: str) -> Vector:
        plain_text = features.plain(text)
        small = features.tokens(plain_text)
        found = (self._word_ids.get(word) for word in features.words(plain_text, small))
        word_ids = [number for number in found if number is not None]
        gram_ids = [number for token in small for number in self._grams_of(token)]
        blocks = (self._weigh(word_ids), self._weigh(gram_ids))
        return Vector(
            ids=np.concatenate([ids for ids, _ in blocks]),
            weights=np.concatenate([weights for _, weights in blocks]),
            known_share=self._known_share(small),
        )

    def _known_share(self, small: list[str]) -> float:
        """Numbers and signs are in every text of every language; they show no understanding."""
        lemmas = [
            features.lemma(token) for token in small if not token[0].isdigit() and token[0] not in "!?)"
        ]
        known = sum(lemma in self._word_ids for lemma in lemmas)
        return known / len(lemmas) if lemmas else 0.0

    def _look_up_grams(self, token: str) -> tuple[int, ...]:
        found = (self._gram_ids.get(gram) for gram in features.grams(token))
        return tuple(number for number in found if number is not None)

    def _weigh(self, ids: list[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        unique, counts = np.unique(np.array(ids, dtype=np.int64), return_counts=True)
        weights = (1 + np.log(counts)) * self.idf[unique]
        norm = np.sqrt(weights @ weights)
        return unique, (weights / norm if norm else weights).astype(np.float32)
