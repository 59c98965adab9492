"""Which body an export's own history would give a message to: by its words, and by the places in bodies' names."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier import features

_STEM: Final = 5  # letters: «Льговского», «Льгове» and «Льгов» begin alike
_COMMON: Final = 4  # bodies: a word in more names than this is a kind of body, not a place
_MATCH: Final = 1.0  # measured on held-out messages: docs/classifier/measured.md

Floats = NDArray[np.float64]


class NamedPlaces:
    """The telling words of bodies' names. A message that has them speaks of the body's territory."""

    def __init__(self, bodies: Sequence[str]) -> None:
        names = [_stems(features.tokens(features.plain(name))) for name in bodies]
        common = Counter(stem for stems in names for stem in stems)
        self._telling = [frozenset(stem for stem in stems if common[stem] <= _COMMON) for stems in names]
        self._bodies: dict[str, list[int]] = {}
        for number, stems in enumerate(self._telling):
            for stem in stems:
                self._bodies.setdefault(stem, []).append(number)

    def lift(self, tokens: Sequence[str]) -> Floats:
        """What to add to each body's logarithm of probability: 0 … 1, the share of its telling words that is there."""
        lifted = np.zeros(len(self._telling))
        for stem in _stems(tokens) & self._bodies.keys():
            for number in self._bodies[stem]:
                lifted[number] += _MATCH / len(self._telling[number])
        return lifted


def _stems(tokens: Sequence[str]) -> frozenset[str]:
    return frozenset(token[:_STEM] for token in tokens if len(token) >= _STEM - 1 and token.isalpha())


def lifted(probabilities: Floats, places: NamedPlaces, texts: Sequence[Sequence[str]]) -> Floats:
    """Probabilities of bodies after the places their names have in common with the texts."""
    raised = probabilities * np.exp(
        np.array([places.lift(tokens) for tokens in texts]).reshape(probabilities.shape)
    )
    summed: Floats = raised / raised.sum(axis=1, keepdims=True)
    return summed
