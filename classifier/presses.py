"""What people's presses say of posts, as lessons: understood, put aside for judging, and carried in a file.

Residents' words travel from the bot to the process that learns in a file only its owner may read.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier.corpus_rows import OFFICIAL, RESIDENT, SPAM
from classifier.held_out import duplicate_groups
from incidents.rubricator import rubricator, subtopics, topic_of
from incidents.teaching import LabelledPost

NEWEST: Final = timedelta(days=14)
"""Older posts are not judged on: the model is to serve what comes now."""

LEAST_JUDGED: Final = 50
"""Fewer judged posts say too little of a model."""

JOB: Final = "job.json"
TRIAL: Final = "trial.json"
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Press:
    """One post and what is known of it; None where nobody has said.

    `weight`: below 1 where nobody corrected it (incidents/teaching.py). `voice` is a resident's, a body's or an
    advertisement's; `subtopic` a full code under `topic`.
    """

    post_id: int
    text: str
    posted_at: datetime
    weight: float
    kind: str | None = None
    needs_answer: bool | None = None
    voice: str | None = None
    topic: str | None = None
    subtopic: str | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Which presses are learned from before the trial, and which it judges on. Numbers of the presses given."""

    learned: tuple[int, ...]
    judged: tuple[int, ...]


def presses_of(rows: Sequence[LabelledPost]) -> tuple[list[Press], dict[str, int]]:
    """The rows as lessons, and how often a topic was left out that the rubricator does not have."""
    unknown: Counter[str] = Counter()
    presses = []
    for row in rows:
        topic, subtopic = row.topic, row.subtopic
        if topic is not None and topic not in rubricator():
            unknown[topic] += 1
            topic = subtopic = None
        if subtopic is not None and (subtopic not in subtopics() or topic_of(subtopic) != topic):
            unknown[subtopic] += subtopic not in subtopics()
            subtopic = None
        presses.append(
            Press(
                post_id=row.post_id,
                text=row.text,
                posted_at=row.posted_at,
                weight=row.weight,
                kind=row.kind.value if row.kind is not None else None,
                needs_answer=row.needs_answer,
                voice=_voice(row),
                topic=topic,
                subtopic=subtopic,
            )
        )
    return presses, dict(+unknown)


def _voice(row: LabelledPost) -> str | None:
    if row.official:
        return OFFICIAL
    if row.spam:
        return SPAM
    return RESIDENT if row.official is False or row.spam is False else None


def put_aside(presses: Sequence[Press], *, seen_until: datetime | None) -> Aside:
    """The newer half of what the champion has not learned from, at least `LEAST_JUDGED`, at most `NEWEST` old.

    What nearly repeats a post that stays with the lessons is not judged. `seen_until`: when the newest post that
    the champion learned from was written.
    """
    if not presses:
        return Aside((), ())
    border = max(one.posted_at for one in presses) - NEWEST
    fresh = [
        number
        for number, one in enumerate(presses)
        if one.topic is not None
        and one.posted_at >= border
        and (seen_until is None or one.posted_at > seen_until)
    ]
    posts = sorted({(presses[number].posted_at, presses[number].post_id) for number in fresh}, reverse=True)
    newest = {post_id for _, post_id in posts[: max(LEAST_JUDGED, len(posts) // 2)]}
    late = np.array([one.post_id in newest for one in presses])
    groups = duplicate_groups([one.text for one in presses])
    repeats = np.isin(groups, groups[~late])
    judged = [number for number in fresh if late[number] and not repeats[number]]
    return Aside(tuple(np.flatnonzero(~late).tolist()), tuple(_once(judged, presses)))


def _once(numbers: Sequence[int], presses: Sequence[Press]) -> list[int]:
    """A post both corrected and confirmed is judged by what was corrected."""
    best: dict[int, int] = {}
    for number in numbers:
        one = presses[number]
        known = best.get(one.post_id)
        if known is None or presses[known].weight < one.weight:
            best[one.post_id] = number
    return sorted(best.values())


def write_job(path: Path, presses: Sequence[Press], **more: Any) -> None:
    """For the process that learns. Raises: OSError."""
    told = [asdict(one) | {"posted_at": one.posted_at.isoformat()} for one in presses]
    content = json.dumps({**more, "presses": told}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(content)


def read_job(path: Path) -> tuple[list[Press], Mapping[str, Any]]:
    """Raises: OSError, ValueError, KeyError, TypeError: not such a file."""
    job = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    presses = [
        Press(**(one | {"posted_at": datetime.fromisoformat(one["posted_at"])})) for one in job.pop("presses")
    ]
    return presses, job


def id_of(presses: Sequence[Press], *, shipped: str, until: datetime) -> str:
    """As "presses-20260311-1a2b3c4d": the day, and eight hex digits over all that is learned."""
    sha = hashlib.sha256(shipped.encode())
    for one in presses:
        sha.update(repr(one).encode("utf-8", "surrogatepass"))
    return f"presses-{until:%Y%m%d}-{sha.hexdigest()[:8]}"
