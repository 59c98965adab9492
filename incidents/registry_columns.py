"""The registry as a table: its columns, the words its cells may hold in Russian and English, and its faults."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from models import CommunityLevel, CommunityState, Language


class PageLink(Protocol):
    """What the link to a page names: the network's own number, the short address, or both ("" if unknown)."""

    @property
    def native_id(self) -> str: ...

    @property
    def name(self) -> str: ...


# Reads the link to a page of one network (collectors.contract.Network.page_of_link); None: it is no such link.
LinkReader = Callable[[str], PageLink | None]


class Column(StrEnum):
    """In the order of the file. The later ones are figures: written by us, skipped when they come back."""

    BODY = "body"
    NETWORK = "network"
    LINK = "link"
    TITLE = "title"
    TERRITORY = "territory"
    LEVEL = "level"
    VERIFIED = "verified"
    NORM = "norm"
    BODY_NAME = "body_name"
    OWNER_ID = "owner_id"
    LAST_POST = "last_post"
    POSTS = "posts"
    OPEN = "open"
    WATCHED = "watched"
    STATE = "state"
    PROBLEM = "problem"


FIGURES: Final = frozenset(
    {
        Column.BODY_NAME,
        Column.OWNER_ID,
        Column.LAST_POST,
        Column.POSTS,
        Column.OPEN,
        Column.WATCHED,
        Column.STATE,
        Column.PROBLEM,
    }
)
REQUIRED: Final = (Column.NETWORK, Column.LINK)

# The Russian and the English spelling we write ourselves, then what else is understood.
HEADERS: Final[Mapping[Column, tuple[str, ...]]] = MappingProxyType(
    {
        Column.BODY: ("Код органа", "Body code", "код", "орган", "body", "code"),
        Column.NETWORK: ("Сеть", "Network", "соцсеть", "социальная сеть"),
        Column.LINK: ("Ссылка или ID", "Link or ID", "ссылка", "id", "link", "url", "адрес", "id или ссылка"),
        Column.TITLE: ("Название", "Title", "наименование", "name"),
        Column.TERRITORY: ("Территория", "Territory", "муниципалитет"),
        Column.LEVEL: ("Уровень", "Level"),
        Column.VERIFIED: ("Отметка", "Verified", "госметка", "верификация"),
        Column.NORM: ("Постов в неделю", "Posts a week", "норма", "norm", "posts per week"),
        Column.BODY_NAME: ("Название органа", "Body name"),
        Column.OWNER_ID: ("ID владельца", "Owner ID"),
        Column.LAST_POST: ("Последний пост", "Last post"),
        Column.POSTS: ("Постов за 7 дней", "Posts in 7 days"),
        Column.OPEN: ("Открытых комментариев", "Open comments"),
        Column.WATCHED: ("Читается", "Watched"),
        Column.STATE: ("Связь", "Connection"),
        Column.PROBLEM: ("Неполадка", "Problem"),
    }
)
LEVELS: Final[Mapping[CommunityLevel, tuple[str, ...]]] = MappingProxyType(
    {
        CommunityLevel.REGION: ("регион", "region", "министерство", "региональный", "иогв"),
        CommunityLevel.MUNICIPAL: ("муниципальный", "municipal", "муниципалитет", "мо", "омсу"),
        CommunityLevel.SUBORDINATE: ("подведомственный", "subordinate", "ведомство", "учреждение"),
        CommunityLevel.LEADER: ("руководитель", "leader", "глава", "лидер"),
        CommunityLevel.OTHER: ("прочее", "other", "другое"),
    }
)
STATES: Final[Mapping[CommunityState, tuple[str, str]]] = MappingProxyType(
    {
        CommunityState.UNKNOWN: ("не проверена", "not checked yet"),
        CommunityState.READ: ("читается, ответы вручную", "read, answers by hand"),
        CommunityState.CONNECTED: ("подключена", "connected"),
        CommunityState.LOST: ("потеряна", "lost"),
    }
)
YES_NO: Final = (("да", "yes"), ("нет", "no"))
_YES: Final = frozenset({"да", "yes", "true", "1", "+", "есть"})
_NO: Final = frozenset({"нет", "no", "false", "0", "-"})
_NETWORKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "vk": ("вк", "вконтакте", "в контакте", "vkontakte"),
        "ok": ("ок", "одноклассники", "odnoklassniki"),
        "instagram": ("инстаграм", "инстаграмм", "инста", "ig"),
        "facebook": ("фейсбук", "fb"),
        "x": ("х", "twitter", "твиттер", "x (twitter)"),
        "telegram": ("телеграм", "телеграмм", "тг", "tg"),
    }
)

_EDGES: Final = " :*.?\ufeff"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file. `key` names its words in handlers/texts (`registry_fault.…`).

    `row` as the spreadsheet counts them, 0: the whole file; `column` as the file spells it, "" where it is none.
    """

    row: int
    column: str
    key: str
    blanks: Mapping[str, str] = field(default_factory=dict)


def clean(text: str) -> str:
    """One line without what cannot be stored or seen."""
    return " ".join(_UNSEEN.sub("", text).split())


def harmless(text: str) -> str:
    """The text as a cell no spreadsheet takes for a formula; `restored` undoes it.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.lstrip("'").startswith(_DANGEROUS) else text


def restored(text: str) -> str:
    """What a cell meant before `harmless`."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_DANGEROUS) else text


def folded(text: str) -> str:
    """For comparing words people type: case, ё, spaces and the punctuation around do not count."""
    return " ".join(text.casefold().replace("ё", "е").split()).strip(_EDGES)


_COLUMN_OF: Final = {folded(header): column for column, headers in HEADERS.items() for header in headers}
_LEVEL_OF: Final = {folded(word): level for level, words in LEVELS.items() for word in (level.value, *words)}
_NETWORK_OF: Final = {word: network for network, words in _NETWORKS.items() for word in words}


def column_of(header: str) -> Column | None:
    return _COLUMN_OF.get(folded(header))


def header_of(column: Column, language: Language) -> str:
    return HEADERS[column][language is Language.EN]


def level_of(text: str) -> CommunityLevel | None:
    return _LEVEL_OF.get(folded(text))


def network_of(text: str) -> str:
    """The network's code, by its code or by what people call it."""
    return _NETWORK_OF.get(folded(text), folded(text))


def yes_or_no(text: str) -> bool | None:
    """None: it is neither."""
    word = text.casefold().strip()
    return True if word in _YES else False if word in _NO else None
