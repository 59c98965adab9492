"""What comes in from outside, as plain data: a post a network brought, and what the classifier says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from models.kinds import Kind, ReplyCapability

UNMEASURED: Final = 0.6
"""The threshold of a classifier that promises nothing."""


@dataclass(frozen=True, slots=True)
class FoundPost:
    """One message in a network, as its collector read it.

    `native_id` is unique within `network` and never changes ("wall-1_2", "wall-1_2_r3"); `root_id` is the
    native id of the wall post a comment stands under, `parent_id` of the comment it answers; both None for a
    post itself. Times are aware UTC. `by_community` marks what an official page wrote itself: such a message
    is never an incident, and under a known post it may be the answer. `territory` is the page's, where the
    collector knows it.
    """

    network: str
    native_id: str
    text: str
    url: str
    posted_at: datetime
    community_id: str = ""
    community_title: str = ""
    author_name: str = ""
    root_id: str | None = None
    parent_id: str | None = None
    edited_at: datetime | None = None
    photos: tuple[str, ...] = ()
    by_community: bool = False
    reply_capability: ReplyCapability = ReplyCapability.API
    reply_reason: str = ""
    territory: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One possible value and how sure the classifier is of it, 0 … 1."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Guess:
    """What the classifier says of one text. `topics` and `subtopics` hold the three best each, best first.

    Topics are rubricator codes ("roads"), subtopics full codes ("roads.potholes"); the best subtopic always lies
    under the best topic. `topic_threshold` is the confidence from which this very topic is right in 95 of 100
    cases by the model's held-out figures; above 1 where no confidence is enough, `UNMEASURED` where nobody
    counted. `place` is a place the text
    names, in the nominative, or empty; `territory` the municipality it lies in, where the gazetteer knows it;
    `owner` whose the thing complained of is by the words of the text (`models.kinds.Owner`), or empty.
    `bodies`: names of bodies as a region's own export spells them, best first; only learned models know any.
    `body_threshold`: as `topic_threshold`, of the best of them.
    An honest "I do not know" is topic "other" with a low confidence, never an exception.
    """

    model_id: str
    kind: Kind
    kind_confidence: float
    needs_answer: bool
    needs_answer_confidence: float
    official_reply: bool
    topics: tuple[Scored, ...]
    place: str = ""
    place_confidence: float = 0.0
    official_confidence: float = 0.0
    spam: bool = False
    spam_confidence: float = 0.0
    subtopics: tuple[Scored, ...] = ()
    topic_threshold: float = UNMEASURED
    territory: str = ""
    owner: str = ""
    bodies: tuple[Scored, ...] = ()
    body_threshold: float = 1.01

    @property
    def topic(self) -> Scored:
        return self.topics[0]


@dataclass(frozen=True, slots=True)
class Reason:
    """How much one word spoke for a label: `weight` in margins, negative where it spoke against."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The words that decided, strongest first, for the answer given to each question ("kind", "topic", …)."""

    guess: Guess
    words: Mapping[str, tuple[Reason, ...]]


class Classifier(Protocol):
    """The seam behind which learning lives. Never raises for any text; CPU only, called off the event loop."""

    @property
    def model_id(self) -> str: ...

    def classify(self, texts: Sequence[str]) -> list[Guess]: ...

    def explain(self, text: str) -> Explanation: ...
