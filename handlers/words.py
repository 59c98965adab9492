"""The words of one language, by key. Whatever fills a blank is escaped, so residents' text cannot break a message."""

import html
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale

from models import Language

_FOLDER: Final = Path(__file__).parent / "texts"


class Html(str):
    """Text that is Telegram's HTML already: as a blank of other words it is not escaped again."""

    __slots__ = ()


Forms = list[str]
_TAG: Final = re.compile("<[^>]+>")


def without_markup(text: str) -> str:
    """The words alone, for alerts, which know no HTML."""
    return html.unescape(_TAG.sub("", text))


@cache
def catalogue(language: Language) -> Mapping[str, str | Forms]:
    """Every key of a language, dotted; a list holds the forms of a plural. One file a group of screens."""
    leaves: dict[str, str | Forms] = {}
    for path in sorted((_FOLDER / language.value).glob("*.toml")):
        for key, value in _flat(tomllib.loads(path.read_text(encoding="utf-8")), ""):
            if key in leaves:
                raise ValueError(f"{path.name} says {key} again")
            leaves[key] = value
    return leaves


def _flat(tree: Mapping[str, Any], prefix: str) -> list[tuple[str, str | Forms]]:
    leaves: list[tuple[str, str | Forms]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            leaves += _flat(value, f"{prefix}{key}.")
        else:
            leaves.append((prefix + key, value))
    return leaves


def plural_form(language: Language, number: int) -> int:
    """Which form goes with the number: Russian 1 час, 2 часа, 5 часов; English 1 hour, 2 hours.

    Source of the rules: Unicode CLDR, by Babel. A list of words holds a language's whole-number forms in order.
    """
    return _PLURALS[language].index(Locale(language.value).plural_form(number))


_PLURALS: Final = {Language.RU: ("one", "few", "many"), Language.EN: ("one", "other")}


class Words:
    """`words("card.taken", name=…)` is HTML; `words.plain(…)` is for buttons and alerts, which know no HTML."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, **params: object) -> Html:
        """Raises: KeyError: there is no such key, or a blank is left unfilled."""
        return Html(self._template(key).format_map({name: _safe(value) for name, value in params.items()}))

    def plain(self, key: str, **params: object) -> str:
        """The same without escaping, where nothing is parsed."""
        return self._template(key).format_map(params)

    def count(self, key: str, number: int) -> str:
        """The number with the right form of its noun: "3 публикации"."""
        forms = self._texts[key]
        if isinstance(forms, str):
            raise TypeError(f"{key} has no plural forms")
        return f"{number} {forms[plural_form(self.language, number)]}"

    def name(self, family: str, code: str) -> str:
        """What people call `code`; the code itself where nobody has named it (a network added later)."""
        found = self._texts.get(f"{family}.{code}", code)
        return found if isinstance(found, str) else code

    def _template(self, key: str) -> str:
        found = self._texts[key]
        if not isinstance(found, str):
            raise TypeError(f"{key} is a plural: use count()")
        return found


def _safe(value: object) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)
