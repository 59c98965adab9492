"""Makes classifier/places/towns.tsv out of GeoNames: `python -m benchmarks.places_list PLACES_CSV`.

Left out are names that mean something else in a sentence: ordinary words, adjectives, first names and surnames
(«Ключи», «Советский», «Владимир», «Киров»). A region's own gazetteer brings them back where they are meant.
"""

import csv
import re
import sys
from pathlib import Path

from classifier.place_forms import is_adjective, known, small, tags

_OUT = Path(__file__).resolve().parents[1] / "classifier" / "places" / "towns.tsv"
_RUSSIAN = re.compile(r"[А-ЯЁ][а-яё]+(?:[- ][А-ЯЁа-яё]+){0,3}")
_SHORTEST = 4
_ENGLISH = {"а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "ë", "ж": "zh", "з": "z", "и": "i",
            "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
            "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
            "э": "e", "ю": "yu", "я": "ya"}  # fmt: skip


def likely(names: str, english: str) -> str:
    """Of the spellings in many languages, the Russian one: the nearest to how GeoNames spells it in Latin letters."""
    found = [name for name in names.split("|") if _RUSSIAN.fullmatch(name)]
    aim = re.sub(r"[^a-z]", "", english.lower().replace("ë", "e"))
    return min(found, key=lambda name: (_distance(_latin(name), aim), "ё" not in name), default="")


def _latin(name: str) -> str:
    return re.sub(r"[^a-z]", "", "".join(_ENGLISH.get(char, "") for char in name.lower()).replace("ë", "e"))


def _distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for at, left in enumerate(one, start=1):
        before, row[0] = row[0], at
        for to, right in enumerate(two, start=1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (left != right))
    return row[-1]


def is_plain(name: str) -> bool:
    """Whether the name alone can be taken for a place."""
    word = small(name)
    if " " in word or "-" in word:
        return True
    if len(word) < _SHORTEST or is_adjective(word):
        return False
    found = tags(word)
    if not known(word):
        return True
    return "Geox" in found[0] and not any(part in tag for tag in found for part in ("Name", "Surn", "Patr"))


def main() -> None:
    kept: set[tuple[str, str]] = set()
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = likely(row["cyrillic_names"], row["name"])
            if name and is_plain(name):
                kept.add((name, row["admin1code"]))
    lines = ["name\tregion", *("\t".join(pair) for pair in sorted(kept))]
    _OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(kept)} names in {_OUT.name}\n")


if __name__ == "__main__":
    main()
