"""The names a place finder knows: shipped ones, a region's own file, and those the program works with.

A region's file is CSV (comma or semicolon, UTF-8) with a header and the columns

    name        in the nominative, without the type word: «Старый Бузец»
    type        settlement, street or quarter; Russian type words do too («деревня», «ул.», «мкр»)
    territory   the municipality it lies in, as the program's routes call it; may be empty
    aliases     further names people use, parted by |; the column may be missing
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self, cast

from classifier.place_forms import forms, is_adjective, known, small, tags
from classifier.place_words import FIRST_NAMES, TYPES, Sort

_SHIPPED: Final = Path(__file__).parent / "places" / "towns.tsv"
_LARGEST_FILE: Final = 20_000_000
_LONGEST_NAME: Final = 80
_SHORTEST: Final = 4
_FAULTS_TOLD: Final = 20
_SORTS: Final = ("settlement", "street", "quarter")
_LONGEST_CELL: Final = 131_072  # characters
_NEEDED: Final = ("name", "type")


class GazetteerUnreadable(Exception):
    """The file holds no gazetteer. `faults` says in words, line by line, what an operator has to mend."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Place:
    """One name of a gazetteer. `guarded`: it is an ordinary word or a surname too, and wants a proof beside it."""

    name: str
    sort: Sort
    territory: str = ""
    shown: str = ""
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A case form met by its first word: the small-letter words after it, and whose form it is."""

    rest: str
    place: Place
    nominative: bool


class Gazetteer:
    """Names by the first word of their every case form. Never changed once made; safe to share between threads."""

    def __init__(self, places: Iterable[tuple[Place, Sequence[str]]]) -> None:
        """Takes places and their aliases."""
        by_first: dict[str, list[Form]] = {}
        kept = [(place, tuple(aliases)) for place, aliases in places]
        for place, aliases in kept:
            for name in (place.name, *aliases):
                for number, form in enumerate(forms(name)):
                    first, _, rest = form.partition(" ")
                    by_first.setdefault(first, []).append(Form(rest, place, number == 0))
        for found in by_first.values():
            found.sort(key=lambda form: (-len(form.rest), not form.nominative))
        self._streets = MappingProxyType(_streets(kept))
        self._by_first: Mapping[str, tuple[Form, ...]] = MappingProxyType(
            {first: tuple(found) for first, found in by_first.items()}
        )

    @property
    def by_first(self) -> Mapping[str, tuple[Form, ...]]:
        """Case forms by their first small-letter word, the longest first."""
        return self._by_first

    @property
    def streets(self) -> Mapping[str, Place]:
        """Streets by small-letter name, alias, and a person's surname alone: «клыкова» for «Вячеслава Клыкова»."""
        return self._streets

    def __len__(self) -> int:
        """How many first words there are."""
        return len(self._by_first)

    @classmethod
    def of_names(cls, names: Iterable[str], *, territory: bool = True) -> Self:
        """Settlements by bare names, each its own territory if `territory`."""
        return cls(
            (Place(name, "settlement", name if territory else "", name, guarded=is_guarded(name)), ())
            for name in dict.fromkeys(name.strip() for name in names)
            if small(name)
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """A region's own gazetteer.

        Raises:
            GazetteerUnreadable: the file is missing, is no CSV, or has lines that cannot be understood.
        """
        csv.field_size_limit(_LONGEST_CELL)  # of the whole process: others may have set it
        reader = csv.DictReader(io.StringIO(_text(path), newline=""), delimiter=_delimiter(path))
        header = [small(name or "").strip() for name in _header(reader)]
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise GazetteerUnreadable(
                [
                    f"строка 1: нет столбца {', '.join(missing)}; нужны name, type, territory и, если есть, aliases"
                ]
            )
        reader.fieldnames = header
        return cls(_rows(reader))

    @classmethod
    def shipped(cls, *, region: str = "") -> Self:
        """Towns and villages of Russia of 500 people and more (GeoNames); of one region if its code is given."""
        return cls(
            (Place(name, "settlement", shown=name), ())
            for name, code in shipped_rows()
            if region in {"", code}
        )


def _streets(places: Iterable[tuple[Place, Sequence[str]]]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    clipped: dict[str, list[Place]] = {}
    for place, aliases in places:
        if place.sort != "street":
            continue
        found |= dict.fromkeys(map(small, (place.name, *aliases)), place)
        first, _, surname = small(place.name).rpartition(" ")
        if first in FIRST_NAMES:
            clipped.setdefault(surname, []).append(place)
    one_of_a_kind = {surname: same[0] for surname, same in clipped.items() if len(same) == 1}
    return {**one_of_a_kind, **found}


@cache
def shipped_rows() -> tuple[tuple[str, str], ...]:
    """Names and GeoNames codes of regions out of the shipped list."""
    lines = _SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple((name, code) for name, _, code in (line.partition("\t") for line in lines[1:]))


@cache
def shipped() -> Gazetteer:
    """The whole shipped gazetteer, made once: some 50 ms and 15 MiB."""
    return Gazetteer.shipped()


def is_guarded(name: str) -> bool:
    """Whether a lone name means something else too: «Белая», «Киров» (of a surname), «Ключи»."""
    words = small(name).split()
    if len(words) != 1:
        return False
    (word,) = words
    if is_adjective(word) or len(word) < _SHORTEST:
        return True
    return known(word) and not any("Geox" in tag for tag in tags(word)[:2])


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise GazetteerUnreadable(
                [f"{path.name}: больше {_LARGEST_FILE // 1_000_000} МБ, это не справочник"]
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GazetteerUnreadable([f"{path.name}: сохраните файл в кодировке UTF-8"]) from None
    except OSError as error:
        raise GazetteerUnreadable([f"{path.name}: не открывается ({error.strerror})"]) from None


def _delimiter(path: Path) -> str:
    first = _text(path).partition("\n")[0]
    return max(",;\t", key=first.count)


def _header(reader: "csv.DictReader[str]") -> Sequence[str]:
    try:
        return reader.fieldnames or ()
    except csv.Error as error:
        raise GazetteerUnreadable([f"строка 1: {_csv_fault(error)}"]) from None


def _rows(reader: "csv.DictReader[str]") -> list[tuple[Place, list[str]]]:
    found: list[tuple[Place, list[str]]] = []
    faults: list[str] = []
    try:
        for row in reader:
            line = reader.line_num
            cells = {
                key: (value or "").strip()
                for key, value in row.items()
                if key and isinstance(value, str | None)
            }
            if not any(cells.values()):
                continue
            fault = _fault(row, cells)
            if fault:
                faults.append(f"строка {line}: {fault}")
                continue
            found.append(_place(cells))
    except csv.Error as error:
        faults.append(f"после строки {reader.line_num}: {_csv_fault(error)}")
    if faults:
        more = [f"и ещё {len(faults) - _FAULTS_TOLD}"] if len(faults) > _FAULTS_TOLD else []
        raise GazetteerUnreadable([*faults[:_FAULTS_TOLD], *more])
    if not found:
        raise GazetteerUnreadable(["в файле нет ни одного названия"])
    return found


def _csv_fault(error: csv.Error) -> str:
    return "слишком длинная ячейка, не закрыты кавычки" if "limit" in str(error) else f"это не CSV ({error})"


def _fault(row: Mapping[str | None, object], cells: Mapping[str, str]) -> str:
    if None in row:
        return "ячеек больше, чем столбцов; название с запятой возьмите в кавычки"
    if not cells["name"]:
        return "пустое название (столбец name)"
    if len(cells["name"]) > _LONGEST_NAME:
        return f"название длиннее {_LONGEST_NAME} знаков"
    if not any(char.isalpha() for char in cells["name"]):
        return f"в названии «{cells['name']}» нет букв"
    if not _sort(cells["type"]):
        return f"неизвестный тип «{cells['type']}»; можно settlement, street, quarter или «деревня», «ул.», «мкр»"
    return ""


def _sort(word: str) -> Sort | None:
    word = small(word).rstrip(".")
    if word in _SORTS:
        return cast("Sort", word)
    found = TYPES.get(word)
    return found.sort if found else None


def _place(cells: Mapping[str, str]) -> tuple[Place, list[str]]:
    sort = _sort(cells["type"]) or "settlement"
    type_word = TYPES.get(small(cells["type"]).rstrip("."))
    shown = f"{type_word.shown} {cells['name']}" if type_word and type_word.shown != "г." else cells["name"]
    place = Place(cells["name"], sort, cells.get("territory", ""), shown, guarded=is_guarded(cells["name"]))
    return place, [alias.strip() for alias in cells.get("aliases", "").split("|") if alias.strip()]
