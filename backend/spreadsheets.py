"""Spreadsheets in and out: XLSX written safely, and read with clear words about what is wrong."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from backend.errors import Invalid

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 1024 * 1024
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_ROWS = 6000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = PatternFill("solid", fgColor="E3EFE9")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading, its width in characters, and what to know about it."""

    heading: str
    width: int = 16
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a book: columns with their headings, and rows of values."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def write(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a frozen heading. Text is always text: no cell ever becomes a formula."""
    return write_book([Sheet(title, columns, rows)])


def write_book(sheets: Iterable[Sheet]) -> bytes:
    """Sheets with frozen headings, their titles cut to what a spreadsheet takes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in sheets:
        title = "".join(char for char in each.title if char not in r"[]:*?/\'")[:31] or "Sheet"
        _fill(book.create_sheet(title), each)
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def _fill(sheet: Worksheet, given: Sheet) -> None:
    for number, column in enumerate(given.columns, 1):
        cell = sheet.cell(1, number, column.heading)
        cell.font = Font(bold=True)
        cell.fill = _HEAD
        cell.alignment = Alignment(vertical="center")
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for line, row in enumerate(given.rows, 2):
        for number, value in enumerate(row, 1):
            put(sheet.cell(line, number), value)
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 22


def put(cell: Cell | MergedCell, value: Any) -> None:
    """Write a value as what it is; text that a spreadsheet could take for a formula is quoted."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if value is None or isinstance(value, int | float | Decimal | date | datetime | time):
        cell.value = value
        return
    text = "".join(char for char in str(value) if char in "\n\t" or ord(char) >= 32)[:32767]
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True


@dataclass(frozen=True, slots=True)
class Line:
    """A row of an uploaded sheet: its number as the spreadsheet shows it, and cells by heading."""

    number: int
    cells: dict[str, Any]


def read(packed: bytes, headings: Sequence[str], required: Sequence[str]) -> list[Line]:
    """The rows under the first line of the first sheet, by heading; blank rows are left out.

    Raises Invalid where the file is no XLSX, holds macros, merged cells or formulas, is too
    large, lacks a required column, or has a column nobody knows.
    """
    sheet = _open(packed)
    if sheet.merged_cells.ranges:
        raise _refuse(
            _("表里有合并的单元格（%(cells)s），请取消合并后再上传。",
              cells=_("、").join(str(one) for one in list(sheet.merged_cells.ranges)[:3]))
        )  # fmt: skip
    if sheet.max_row > MOST_ROWS + 1:
        raise _refuse(_("一次最多导入 %(count)s 行，请分几次上传。", count=MOST_ROWS))
    found = _headings(sheet, headings, required)
    lines = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2), 2):
        values = {heading: cells[at].value for heading, at in found.items() if at < len(cells)}
        for heading, at in found.items():
            if at < len(cells) and cells[at].data_type == "f":
                raise _refuse(
                    _("单元格 %(cell)s（%(heading)s）是公式，请改成填好的内容后再上传。",
                      cell=cells[at].coordinate, heading=heading)
                )  # fmt: skip
        if any(value not in (None, "") for value in values.values()):
            lines.append(Line(number, values))
    if not lines:
        raise _refuse(_("表里只有标题，没有内容。"))
    return lines


def _open(packed: bytes) -> Worksheet:
    if len(packed) > LARGEST:
        raise _refuse(_("文件太大，请不要超过 1 MB。"))
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            names = archive.namelist()
            unpacked = sum(item.file_size for item in archive.infolist())
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise _refuse(_("文件里带有宏，请另存为不带宏的 .xlsx 后再上传。"))
        if unpacked > LARGEST_UNPACKED:
            raise _refuse(_("文件展开后太大，请删去多余的内容后再上传。"))
        sheet = load_workbook(BytesIO(packed), keep_links=False).worksheets[0]
    except Invalid:
        raise
    except Exception as error:  # whatever a broken file makes the library do
        raise _refuse(_("打不开这个文件，请上传 Excel 的 .xlsx 文件。")) from error
    return sheet


def _headings(sheet: Worksheet, headings: Sequence[str], required: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(next(sheet.iter_rows(min_row=1, max_row=1))):
        name = str(cell.value).strip().rstrip("*＊") if cell.value is not None else ""
        if not name:
            continue
        if name in found:
            raise _refuse(_("标题“%(name)s”出现了两次，请只保留一列。", name=name))
        if name not in headings:
            raise _refuse(
                _("不认识标题“%(name)s”（%(cell)s），请使用下载的模板。",
                  name=name, cell=cell.coordinate)
            )  # fmt: skip
        found[name] = at
    missing = [name for name in required if name not in found]
    if missing:
        raise _refuse(_("缺少这些列：%(names)s。请使用下载的模板。", names="、".join(missing)))
    return found


def _refuse(sentence: str) -> Invalid:
    return Invalid({"file": [sentence]})
