"""X's posts made into `FoundPost`, in both generations of names.

Source: https://docs.x.com/x-api/fundamentals/data-dictionary ; .../conversation-id
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from collectors.contract import Page
from collectors.text import storable
from collectors.x.accounts import COMMENTS_CLOSED, NOT_SUMMONED, Accounts, Person
from collectors.x.dialect import either
from collectors.x.links import NATIVE, NETWORK, permalink
from collectors.x.text import readable
from incidents.incoming import FoundPost
from models.kinds import ReplyCapability

Row = Mapping[str, Any]

_FIRST_MOMENT: Final = 1_288_834_974_657  # ms since 1970: ids count from here


def moment(native_id: str) -> datetime:
    """When a post was made: the upper bits of its id are milliseconds.

    Source: https://docs.x.com/fundamentals/x-ids
    """
    return datetime.fromtimestamp(((int(native_id) >> 22) + _FIRST_MOMENT) / 1000, UTC)


def id_at(when: datetime) -> int:
    """The smallest id a post of that moment can have."""
    return max(0, int(when.timestamp() * 1000) - _FIRST_MOMENT) << 22


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of posts. `rows` as they came; `people`: number → person; `pictures`: media key → address."""

    rows: list[Row]
    people: dict[str, Person] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    others: dict[str, Row] = field(default_factory=dict)  # posts that are only referred to
    next_token: str = ""

    @property
    def ids(self) -> list[int]:
        return [int(row["id"]) for row in self.rows]

    @property
    def read(self) -> int:
        """How many posts X hands over, and counts."""
        return len({str(row["id"]) for row in self.rows} | self.others.keys())


def answer_of(body: Row) -> Answer:
    """A page of any list of posts; what is no post is left out."""
    data = body.get("data")
    rows = [row for row in _objects(data if isinstance(data, list) else [data]) if _is_post(row)]
    includes = _object(body.get("includes"))
    people, titles = {}, {}
    for user in _objects(includes.get("users")):
        number = storable(user.get("id"))
        people[number] = Person(number, storable(user.get("username")).lower())
        titles[number] = storable(user.get("name"))
    pictures = {
        storable(one.get("media_key")): url
        for one in _objects(includes.get("media"))
        if (url := storable(one.get("url") or one.get("preview_image_url"))).startswith(
            ("https://", "http://")
        )
    }
    others = {row["id"]: row for row in _objects(either(includes, "posts", "tweets")) if _is_post(row)}
    token = _object(body.get("meta")).get("next_token")
    return Answer(rows, people, titles, pictures, others, token if isinstance(token, str) else "")


def found_post(
    row: Row, answer: Answer, *, accounts: Accounts, obstacle: str, needs_summons: bool
) -> FoundPost | None:
    """A post; None if it is a bare repost or unusable.

    `obstacle`: why our keys cannot answer at all, "" if they can; `needs_summons`: they are self-serve ones.
    """
    refers = references(row)
    native = first_id(row)
    posted_at, author = _time(row.get("created_at")), author_of(row, answer)
    if author is None or "retweeted" in refers:
        return None
    root, parent = storable(row.get("conversation_id")) or native, refers.get("replied_to")
    page = _page(row, answer, author, accounts)
    capability, reason = _reply(row, answer, accounts, obstacle=obstacle, needs_summons=needs_summons)
    made_at = moment(native)
    return FoundPost(
        network=NETWORK,
        native_id=native,
        text=full_text(row),
        url=permalink(native, author.name),
        posted_at=posted_at if posted_at is not None and native == row["id"] else made_at,
        community_id=page.native_id if page is not None else "",
        community_title=(page.title or page.name) if page is not None else "",
        author_name=answer.titles.get(author.id, "") or author.name,
        root_id=root if root != native else None,
        parent_id=parent if parent != root else None,
        edited_at=moment(row["id"]) if native != row["id"] else None,
        photos=tuple(answer.pictures[key] for key in _media_keys(row) if key in answer.pictures),
        by_community=accounts.is_official(author),
        reply_capability=capability,
        reply_reason=reason,
        territory=page.territory if page is not None else "",
    )


def first_id(row: Row) -> str:
    """The id of the first version: an edited post gets another with each."""
    history = either(row, "edit_history_post_ids", "edit_history_tweet_ids")
    versions = [one for one in history if _is_id(one)] if isinstance(history, list) else []
    return str(min([*versions, row["id"]], key=int))


def references(row: Row) -> dict[str, str]:
    """How it refers ("replied_to", "quoted", "retweeted") → the id of what it refers to."""
    refers = _objects(either(row, "referenced_posts", "referenced_tweets"))
    return {storable(one.get("type")): one["id"] for one in refers if _is_id(one.get("id"))}


def author_of(row: Row, answer: Answer) -> Person | None:
    number = storable(row.get("author_id"))
    if not number:
        return None
    return answer.people.get(number) or Person(number, storable(row.get("username")).lower())


def full_text(row: Row) -> str:
    """The whole text: of a long post `text` is only the beginning."""
    note = _object(either(row, "note_post", "note_tweet"))
    if note.get("text"):
        return readable(note["text"], _object(note.get("entities")) or _object(row.get("entities")))
    return readable(row.get("text"), _object(row.get("entities")))


def mentioned(row: Row) -> list[Person]:
    """Whom the post names, in its order."""
    note = _object(either(row, "note_post", "note_tweet"))
    named = [
        *_objects(_object(row.get("entities")).get("mentions")),
        *_objects(_object(note.get("entities")).get("mentions")),
    ]
    return [Person(storable(one.get("id")), storable(one.get("username")).lower()) for one in named]


def _reply(
    row: Row, answer: Answer, accounts: Accounts, *, obstacle: str, needs_summons: bool
) -> tuple[ReplyCapability, str]:
    """Whether we may answer under this very post, and if not, why."""
    summoned = any(accounts.is_own(person) for person in mentioned(row))
    if row.get("reply_settings") == "mentionedUsers" and not summoned:
        return ReplyCapability.IMPOSSIBLE, COMMENTS_CLOSED
    if obstacle:
        return ReplyCapability.MANUAL, obstacle
    if not needs_summons or summoned or _quotes_us(row, answer, accounts):
        return ReplyCapability.API, ""
    return ReplyCapability.MANUAL, NOT_SUMMONED


def _quotes_us(row: Row, answer: Answer, accounts: Accounts) -> bool:
    quoted = answer.others.get(references(row).get("quoted", ""))
    author = author_of(quoted, answer) if quoted is not None else None
    return author is not None and accounts.is_own(author)


def _page(row: Row, answer: Answer, author: Person, accounts: Accounts) -> Page | None:
    """The official page a post belongs to: its author, whom it answers, or whom it names first."""
    number = storable(row.get("in_reply_to_user_id"))
    answered = [answer.people.get(number, Person(number))] if number else []
    for person in (author, *answered, *mentioned(row)):
        if (page := accounts.page_of(person)) is not None:
            return replace(page, native_id=page.native_id or person.id)
    return None


def _media_keys(row: Row) -> list[str]:
    keys = _object(row.get("attachments")).get("media_keys")
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def _is_id(value: object) -> bool:
    return isinstance(value, str) and NATIVE.fullmatch(value) is not None


def _is_post(row: Row) -> bool:
    return _is_id(row.get("id")) and int(row["id"]) < 1 << 63


def _time(value: object) -> datetime | None:
    """RFC 3339 → aware UTC; None for what is no time."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        return when.astimezone(UTC) if when is not None and when.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _object(value: object) -> Row:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterable[Row]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
