"""The places a text names: addresses, quarters and settlements, in every case and shortening people write.

Where the post stands says more about the territory than its words do: a third of residents name the place at all.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from classifier import features
from classifier.addresses import ROADS, road, typed_street
from classifier.bare_streets import bare_streets, known_streets, streets_again, years_street
from classifier.gazetteer import Form, Gazetteer, Place, is_guarded, shipped, shipped_rows
from classifier.place_contexts import ROUTE_NUMBER, ROUTE_WORD, STOP_WORD
from classifier.place_forms import small
from classifier.place_page import Mention, Page
from classifier.place_words import TYPES, WELL_KNOWN, Sort
from classifier.quarters import sugar_factory, typed_quarter
from classifier.settlements import Settlements, office_before, settlements_again

__all__ = ["Gazetteer", "Mention", "PlaceFinder", "harvest"]

_CARD_LINE: Final = 60  # characters a card shows in one line
_FAR: Final = 120  # characters between a settlement and its street, at most
_SHAKY: Final = 0.6  # below it a longer span is no better
_NEAR: Final = 40
_ROUTES: Final = re.compile("маршрут|автобус|троллейбус|поезд|рейс|электричк")
_DASHES: Final = frozenset("-–—→")
_TYPED_FROM: Final = 0.75
_TYPE: Final = 1
_ROAD: Final = 2
_STREET: Final = 4
_YEARS: Final = 8
_NAME: Final = 16
_WEIGHT: Final = {"street": 0.3, "quarter": 0.1, "settlement": 0.0}


class PlaceFinder:
    """Finds places in texts. Safe to call from several threads.

    Args:
        places: names of the territories the program works with, in the nominative; each is its own territory.
        gazetteer: of the region; without it every town of Russia that GeoNames knows is a place.
    """

    def __init__(self, places: Sequence[str] = (), *, gazetteer: Gazetteer | None = None) -> None:
        own = Gazetteer.of_names(places)
        wide = shipped() if gazetteer is None else gazetteer
        by_first = _joined(own.by_first, wide.by_first)
        elsewhere = frozenset() if gazetteer is None else _elsewhere(by_first)
        self._settlements = Settlements(by_first, elsewhere)
        self._streets = wide.streets
        self._triggers: Mapping[str, int] = MappingProxyType(_triggers(by_first, self._streets))

    def find(self, text: str) -> tuple[str, float]:
        """The place most useful on a card and the confidence, 0 … 1; an empty name and 0 if there is none.

        A street comes with the settlement named beside it: «Железногорск, ул. Ленина, 5».
        """
        return self.locate(features.plain(text))[:2]

    def territory(self, text: str) -> str:
        """The municipality of the best mention that has one, or an empty word."""
        return self.locate(features.plain(text))[2]

    def locate(self, text_plain: str) -> tuple[str, float, str]:
        """What `find` and `territory` say, at the price of one of them, of a text that `features.plain` made."""
        found = self.mentions(text_plain)
        best = _best(found)
        if best is None:
            return "", 0.0, ""
        town = _town_of(best, found)
        with_one = [each for each in (best, town, *found) if each is not None and each.territory]
        territory = with_one[0].territory if with_one else ""
        if town is None or len(town.shown) + len(best.shown) > _CARD_LINE:
            return best.shown, best.confidence, territory
        return f"{town.shown}, {best.shown}", best.confidence, territory

    def mentions(self, text_plain: str) -> list[Mention]:
        """Every place of `features.plain(text)`, in its order; spans never overlap."""
        page = Page(text_plain[: features.READ_AT_MOST])
        found: list[Mention] = []
        for word, start, end in page.triggers(self._triggers):
            self._at(page, word, start, end, found)
        found = _apart([*found, *sugar_factory(page)])
        found = _apart([*found, *bare_streets(page), *self._settlements.likely(page)])
        found = _apart([*found, *streets_again(page, found), *settlements_again(page, found)])
        joined = _joined_by_dash(page, found)
        found = [each for each in found if each not in joined and not _is_no_place(page, each)]
        return [self._registered(each) for each in found] if self._streets else found

    def _registered(self, found: Mention) -> Mention:
        """A street by its full name and with its territory, where the gazetteer has it."""
        place = self._streets.get(small(found.name)) if found.type == "street" else None
        if place is None or place.name == found.name:
            return found if place is None else replace(found, territory=place.territory)
        shown = found.shown.replace(found.name, place.name, 1)
        return replace(found, name=place.name, shown=shown, territory=place.territory)

    def _at(self, page: Page, word: str, start: int, end: int, found: list[Mention]) -> None:
        sorts = self._triggers[word]
        if sorts & _TYPE:
            _add(found, self._typed(page, word, start, end))
        if sorts & _ROAD:
            _add(found, (road(page, word, start, end),))
        if sorts & _NAME:
            _add(found, (self._settlements.known(page, word, start, end),))
        if sorts & _STREET:
            _add(found, (known_streets(page, word, start, end),))
        if sorts & _YEARS:
            _add(found, (years_street(page, start, end),))

    def _typed(self, page: Page, word: str, start: int, end: int) -> Iterable[Mention | None]:
        sort = TYPES[word].sort
        if sort == "street":
            return typed_street(page, word, start, end)
        if sort == "quarter":
            return (typed_quarter(page, word, start, end),)
        return (self._settlements.typed(page, word, start, end),)


def harvest(
    texts: Iterable[str], finder: PlaceFinder, *, times: int = 2
) -> list[tuple[Place, tuple[str, ...]]]:
    """Places that a region's own messages name with a type word, for a gazetteer: «д. Моква», «пр. Олега Кошевого».

    Then they are known without the type word too, streets by the surname alone. It takes `times` messages: one
    careless writer makes no place.
    """
    met: Counter[tuple[Sort, str]] = Counter()
    shown: dict[tuple[Sort, str], str] = {}
    for text in texts:
        sure = [each for each in finder.mentions(features.plain(text)) if each.confidence >= _TYPED_FROM]
        keys = {(each.type, each.name): each for each in sure if _worth_keeping(each)}
        met.update(keys.keys())
        shown |= {key: each.shown.partition(",")[0] for key, each in keys.items()}
    return [
        (Place(name, sort, shown=shown[sort, name], guarded=is_guarded(name)), ())
        for (sort, name), seen in met.items()
        if seen >= times
    ]


def _worth_keeping(found: Mention) -> bool:
    """Streets of one word are left out: every town has its own «Садовая», and a surname alone is a person."""
    if found.type == "street":
        return " " in found.name and " - " not in found.name
    return not found.shown.endswith(("район", "сельсовет", "округ")) and any(map(str.isalpha, found.name))


def _joined(*maps: Mapping[str, tuple[Form, ...]]) -> Mapping[str, tuple[Form, ...]]:
    """The maps as one; where two have a word, the first's forms come first."""
    one, two = maps
    if not one:
        return two
    return {**two, **{word: (*found, *two.get(word, ())) for word, found in one.items()}}


def _elsewhere(by_first: Mapping[str, tuple[Form, ...]]) -> frozenset[str]:
    return frozenset(small(name) for name, _ in shipped_rows()) - by_first.keys()


def _triggers(by_first: Mapping[str, tuple[Form, ...]], streets: Mapping[str, Place]) -> dict[str, int]:
    found = dict.fromkeys(by_first, _NAME)
    for words, sort in (
        (TYPES, _TYPE),
        (ROADS, _ROAD),
        (WELL_KNOWN, _STREET),
        (streets, _STREET),
        (("лет",), _YEARS),
    ):
        for word in words:
            found[word] = found.get(word, 0) | sort
    return found


def _add(found: list[Mention], more: Iterable[Mention | None]) -> None:
    found.extend(each for each in more if each is not None)


def _apart(found: Iterable[Mention]) -> list[Mention]:
    """Of mentions that overlap, the surer and longer."""
    found = list(found)
    kept: list[Mention] = []
    for each in sorted(
        found, key=lambda one: (one.confidence < _SHAKY, one.start - one.end, -one.confidence)
    ):
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: one.start)


def _joined_by_dash(page: Page, found: Sequence[Mention]) -> set[Mention]:
    """«Курск - Обоянь»: two settlements are the ends of a road or a route."""
    return {
        each
        for pair in pairwise(found)
        if pair[0].type == pair[1].type == "settlement"
        and page.text[pair[0].end : pair[1].start].strip() in _DASHES
        for each in pair
    }


def _is_no_place(page: Page, found: Mention) -> bool:
    """A stop, an end of a route, or the town in an office's name."""
    behind = page.behind(found.start)
    if STOP_WORD.search(behind[-_NEAR:]) or (_ROUTES.search(behind) and ROUTE_NUMBER.search(behind)):
        return True
    office = found.type == "settlement" or found.shown.endswith("округ") or found.shown.startswith("СНТ")
    return (office and office_before(page, found.start)) or _route_end(page, found, behind)


def _route_end(page: Page, found: Mention, behind: str) -> bool:
    beside = page.text[found.end : found.end + 4].strip(" ")[:1], behind.rstrip(" ")[-1:]
    if _DASHES.isdisjoint(beside):
        return False
    return bool(ROUTE_WORD.search(behind))


def _best(found: Sequence[Mention]) -> Mention | None:
    return max(found, key=lambda one: one.confidence + _WEIGHT[one.type] + bool(one.house) / 10, default=None)


def _town_of(best: Mention, found: Sequence[Mention]) -> Mention | None:
    """The settlement a street lies in: the nearest one named shortly before it, else shortly after."""
    if best.type == "settlement":
        return None
    towns = [one for one in found if one.type == "settlement" and not one.shown.endswith("район")]
    before = [one for one in towns if 0 <= best.start - one.end <= _FAR]
    after = [one for one in towns if 0 <= one.start - best.end <= _FAR]
    return before[-1] if before else after[0] if after else None
