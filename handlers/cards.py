"""The card: an incident as a person on a phone needs it. Pure: rows in, HTML out (design.md, section 3).

About 1,200 visible characters at most; only an answer to be published by hand is shown longer, for it must
be copied.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from handlers.excerpts import line, link, quoted, utf16
from handlers.standing import standing
from handlers.times import Reader
from handlers.words import Html, Words
from incidents.finding import View
from incidents.lifecycle import SETTLED
from incidents.promises import deadline_of
from incidents.rubricator import rubricator, subtopics
from models import HistoryEntry, Incident, Language, Post, Priority, Status

# Every step with who did it and the body concerned, oldest first: incidents.finding.history.
History: TypeAlias = Sequence[tuple[HistoryEntry, str, str]]

TEXT: Final = 500  # UTF-16 units of the resident's text
_PLACE: Final = 80
_SOURCE: Final = 60
_HEAD: Final = 70  # two lines of a phone
_LIMIT: Final = 4096  # UTF-16 units, HTML included: stricter than Telegram, which counts after parsing


def topic_name(code: str, words: Words) -> str:
    topic = rubricator().get(code)
    if topic is None:
        return code
    return topic.name_en if words.language is Language.EN else topic.name_ru


def subtopic_name(code: str, words: Words) -> str:
    """By its full code."""
    found = subtopics().get(code)
    if found is None:
        return code
    return found.name_en if words.language is Language.EN else found.name_ru


def subject(topic: str, subtopic: str, words: Words) -> str:
    """As "Дороги · Ямы и ремонт покрытия"; the topic alone where there is no subtopic, or none any more."""
    name = topic_name(topic, words)
    return f"{name} · {subtopic_name(subtopic, words)}" if subtopic in subtopics() else name


def card(view: View, history: History, reader: Reader, *, disarmed: bool = False) -> Html:
    """The whole message. `disarmed`: the incident has left this chat, and the last lines say where to."""
    for limit in (TEXT, TEXT // 3, 0):
        text = Html("\n".join(_lines(view, history, reader, limit=limit, disarmed=disarmed)))
        if utf16(text) <= _LIMIT:
            break
    return text


def _lines(view: View, history: History, reader: Reader, *, limit: int, disarmed: bool) -> list[str]:
    top = [headline(view.incident, reader.words)]
    if where := _place(view.incident):
        top.append(reader.words("card.place", place=line(where, _PLACE)))
    if view.incident.status not in SETTLED and not disarmed:
        top.append(_deadline(view.incident, reader))
    is_moved = view.incident.status is Status.MERGED and not view.posts
    text = [] if is_moved else _text(view.posts, reader.words, limit)
    source = [_source(view.posts[0], reader)] if view.posts else []
    crowd = _crowd(view, reader.words)
    state = standing(view, history, reader, disarmed=disarmed)
    body = [*text, ""] if text else []
    return [*top, "", *body, *source, *crowd, *state]


def headline(incident: Incident, words: Words) -> Html:
    """Number, kind, topic, and the priority where it is not the ordinary one.

    The subtopic as well, where a phone shows it all in two lines.
    """
    head = _head(incident, subject(incident.topic, incident.subtopic or "", words), words)
    if utf16(head) > _HEAD:
        head = _head(incident, topic_name(incident.topic, words), words)
    if incident.priority is Priority.ORDINARY:
        return Html(f"<b>{head}</b>")
    return Html(f"<b>{head}</b> · {words.name('priority', incident.priority.value)}")


def _head(incident: Incident, about: str, words: Words) -> Html:
    return words("card.head", number=incident.id, kind=words(f"kind.{incident.kind.value}"), topic=about)


def _place(incident: Incident) -> str:
    return ", ".join(part for part in (incident.place, incident.territory) if part)


def _deadline(incident: Incident, reader: Reader) -> Html:
    due_at = deadline_of(incident)
    if due_at is None:
        return reader.words("card.no_deadline")
    if incident.status is Status.INTERIM:
        return reader.words("card.control", deadline=reader.deadline(due_at))
    return reader.words("card.deadline", deadline=reader.deadline(due_at))


def _text(posts: Sequence[Post], words: Words, limit: int) -> list[str]:
    if not posts:
        return [words("card.no_text")]
    post = posts[0]
    if post.text.strip():
        shown: list[str] = [quoted(post.text, limit)] if limit else []
        photos = [words("card.photos", photos=len(post.photos))] if post.photos else []
        return [*shown, *photos]
    if post.photos:
        return [words("card.no_text_photos", photos=len(post.photos))]
    return [words("card.no_text")]


def _source(post: Post, reader: Reader) -> str:
    parts = [reader.words.name("network", post.network)]
    if post.community_title:
        parts.append(line(post.community_title, _SOURCE))
    parts.append(reader.day(post.posted_at))
    return f"{quoted(' · '.join(parts), 160)} · {link(post.url, reader.words.plain('card.open_post'))}"


def _crowd(view: View, words: Words) -> list[str]:
    parts = []
    if len(view.posts) > 1:
        parts.append(words("card.behind", posts=words.count("count.posts", len(view.posts))))
    if view.same_words:
        numbers = ", ".join(f"№ {number}" for number in view.same_words)
        parts.append(words("card.similar", numbers=numbers))
    return [" · ".join(parts)] if parts else []
