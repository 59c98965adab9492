"""The registry as a file: CSV for anything, XLSX for a spreadsheet. Importing it again changes nothing.

Building a workbook takes a second for some thousand pages: call it off the event loop.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from incidents.communities import Figures
from incidents.registry_columns import LEVELS, STATES, YES_NO, Column, clean, harmless, header_of
from models import Language

Value = str | int | datetime | None
_WIDTHS: Final = {Column.LINK: 40, Column.TITLE: 40, Column.BODY_NAME: 40, Column.PROBLEM: 40}
_WIDTH: Final = 16  # characters


def rows_of(pages: Sequence[Figures], *, language: Language, zone: tzinfo) -> list[dict[Column, Value]]:
    """The cells by column. Moments are naive, as the region's clocks showed them."""
    return [_row(one, int(language is Language.EN), zone) for one in pages]


def _row(one: Figures, tongue: int, zone: tzinfo) -> dict[Column, Value]:
    page, body = one.community, one.body
    yes, no = YES_NO[0][tongue], YES_NO[1][tongue]
    last = one.last_post_at
    return {
        Column.BODY: body.code if body else "",
        Column.NETWORK: page.network,
        Column.LINK: page.url or page.native_id or page.name,
        Column.TITLE: page.title,
        Column.TERRITORY: page.territory,
        Column.LEVEL: LEVELS[page.level][tongue],
        Column.VERIFIED: "" if page.is_verified is None else yes if page.is_verified else no,
        Column.NORM: page.posts_norm,
        Column.BODY_NAME: body.name if body else "",
        Column.OWNER_ID: page.native_id or "",
        Column.LAST_POST: last.astimezone(zone).replace(tzinfo=None, microsecond=0) if last else None,
        Column.POSTS: one.posts_week,
        Column.OPEN: one.open_comments,
        Column.WATCHED: yes if page.is_watched else no,
        Column.STATE: STATES[page.state][tongue],
        Column.PROBLEM: page.problem,
    }


def as_csv(pages: Sequence[Figures], *, language: Language, zone: tzinfo) -> bytes:
    """UTF-8 with its mark, semicolons: what a Russian Excel opens by itself."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([header_of(column, language) for column in Column])
    for row in rows_of(pages, language=language, zone=zone):
        writer.writerow([_plain(row[column]) for column in Column])
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    return "" if value is None else _safe(str(value))


def _safe(text: str) -> str:
    return harmless(clean(text))


def as_xlsx(pages: Sequence[Figures], *, language: Language, zone: tzinfo) -> bytes:
    """One sheet with a frozen header. Text is text: nothing in it is a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - 80 ms to import, for a command given once a week
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("communities")
    sheet.freeze_panes = "A2"
    for at, column in enumerate(Column, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(column, _WIDTH)

    def cell(value: Value) -> object:
        made = WriteOnlyCell(sheet, value=_safe(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"
        elif isinstance(value, datetime):
            made.number_format = "dd.mm.yyyy hh:mm"
        return made

    header = [WriteOnlyCell(sheet, value=header_of(column, language)) for column in Column]
    for one in header:
        one.font = Font(bold=True)
    sheet.append(header)
    for row in rows_of(pages, language=language, zone=zone):
        sheet.append([cell(row[column]) for column in Column])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
