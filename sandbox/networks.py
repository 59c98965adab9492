"""The emulated networks as the figures, the scripted people and the page in the browser see them: all alike."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

_WORDS: Final = 120  # signs of a post that a card surely shows, when it shows any


class NetworkSide(Protocol):
    """One network behind its world. Native ids are those that its own records have."""

    @property
    def name(self) -> str: ...

    @property
    def offered(self) -> Mapping[str, float]:
        """Posts and comments of residents: native id → monotonic seconds."""
        ...

    @property
    def received(self) -> Sequence[tuple[str, str]]:
        """(native id it answers, words) of every answer that came through the API, in order."""
        ...

    @property
    def standing(self) -> Mapping[str, int]:
        """Under which message how many answers of official pages stand now, however they were written."""
        ...

    @property
    def doubled(self) -> Sequence[str]:
        """Messages that one page has answered more than once."""
        ...

    @property
    def pages(self) -> int:
        """How many official pages there are."""
        ...

    def native_of(self, text: str) -> list[Sequence[str]]:
        """For each link of this network in `text`, in order, the posts and comments it may mean, or none."""
        ...

    def words_of(self, native_id: str) -> str | None:
        """What a post or comment says; None: it is not of this network, or gone."""
        ...

    def answer_by_hand(self, native_id: str, text: str) -> str:
        """Answer in the network itself, as an official page; the link a person would copy there."""
        ...

    def offer(self, page: str, *, author: str, text: str) -> None:
        """A resident writes to the page, in the way this network has for it.

        Raises:
            LookupError: there is no such page, or nothing of its own to write under.
        """
        ...


class Networks:
    """All of them together. `by_hand`: native id → the words an official wrote there past the program."""

    def __init__(self, sides: Iterable[NetworkSide]) -> None:
        self.sides: Final = tuple(sides)
        self.by_hand: Final[dict[str, str]] = {}

    def find(self, texts: Iterable[str], words: str) -> list[str]:
        """The posts that links name, each once. Where a link is shared by several, `words` must quote one.

        Two comments with the same words under one post of a network whose comments have no links of their own
        cannot be told apart, by a person neither: the first of them is taken.
        """
        found: dict[str, None] = {}
        flat = _flat(words)
        for text in texts:
            for side in self.sides:
                for candidates in side.native_of(text):
                    one = self._chosen(side, candidates, flat)
                    if one is not None:
                        found[one] = None
        return list(found)

    @staticmethod
    def _chosen(side: NetworkSide, candidates: Sequence[str], words: str) -> str | None:
        if len(candidates) < 2:  # noqa: PLR2004 - nothing to choose from
            return candidates[0] if candidates else None
        said = {native: _flat(side.words_of(native) or "")[:_WORDS] for native in candidates}
        quoted = [native for native in candidates if said[native] and said[native] in words]
        # Of "Яма" and "Яма на Садовой" the card that has both speaks of the longer.
        return max(quoted, key=lambda native: len(said[native]), default=None)

    def answer_by_hand(self, native_id: str, text: str) -> str:
        """Answer as the page, past the program; the answer's link.

        Raises:
            LookupError: there is no such post in any network.
        """
        for side in self.sides:
            if side.words_of(native_id) is not None:
                self.by_hand[native_id] = text
                return side.answer_by_hand(native_id, text)
        raise LookupError(f"no network has {native_id!r}")

    def side(self, name: str) -> NetworkSide:
        """Raises: KeyError: there is no such network."""
        for one in self.sides:
            if one.name == name:
                return one
        raise KeyError(name)


def _flat(text: str) -> str:
    return " ".join(text.split())
