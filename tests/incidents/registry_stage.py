"""What tests of the registry share: readers of links that are nobody's network, and files made by hand."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from openpyxl import Workbook

from incidents.registry_columns import Fault, LinkReader


@dataclass(frozen=True)
class Named:
    native_id: str = ""
    name: str = ""


def reader(host: str) -> LinkReader:
    """host/club1 is page 1, host/anything-else its short address."""

    def read(link: str) -> Named | None:
        parts = urlsplit(link)
        path = parts.path.strip("/")
        if parts.netloc != host or not path:
            return None
        number = path.removeprefix("club")
        return Named(native_id=number) if number.isdecimal() else Named(name=path)

    return read


READERS: Mapping[str, LinkReader] = {"vk": reader("vk.com"), "ok": reader("ok.ru")}


def table(*rows: Sequence[object], separator: str = ";", encoding: str = "utf-8") -> bytes:
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def workbook(*rows: Sequence[object], merge: str = "") -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def short(faults: Sequence[Fault]) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.key) for fault in faults]
