"""Large spreadsheets in pieces: rows go out as they are read, and equal rows make equal bytes.

For what is too long to be held at once, and for documents that must come out the same for ever:
no moment of writing stands anywhere in the file. Only text, whole numbers, amounts and days.
"""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from backend.spreadsheets import Column, Sheet

_FIRST_DAY = date(1899, 12, 30)
"""Day 0, as spreadsheets count since one of them took 1900 for a leap year."""

_BEGAN = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XF = 'fontId="{}" fillId="0" borderId="0" xfId="0"'
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/>'
    '</font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    f'<xf numFmtId="0" {_XF.format(0)}/><xf numFmtId="0" {_XF.format(1)} applyFont="1"/>'
    f'<xf numFmtId="14" {_XF.format(0)} applyNumberFormat="1"/>'
    f'<xf numFmtId="2" {_XF.format(0)} applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_BOLD, _DAY, _AMOUNT = 1, 2, 3
_AT_ONCE = 500


class _Pipe:
    """What a ZIP archive is written into, and taken out of again piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is left open."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def stream(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """An XLSX file in pieces; text is always text, no cell ever becomes a formula."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _frame([sheet.title for sheet in sheets]):
            archive.writestr(_member(path), _HEAD + text)
        for number, sheet in enumerate(sheets, 1):
            with archive.open(_member(f"xl/worksheets/sheet{number}.xml"), "w") as member:
                for piece in _rows(sheet):
                    member.write(piece.encode())
                    if ready := pipe.take():
                        yield ready
    yield pipe.take()


def _member(path: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path, _BEGAN)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _frame(titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Everything but the rows."""
    numbered = list(enumerate(titles, 1))
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n, _title in numbered
    )
    yield (
        "[Content_Types].xml",
        (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    listed = "".join(
        f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, title in numbered
    )
    yield (
        "xl/workbook.xml",
        (f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>'),
    )
    sheets = [("worksheet", f"worksheets/sheet{n}.xml") for n, _title in numbered]
    yield "xl/_rels/workbook.xml.rels", _relations([*sheets, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _rows(sheet: Sheet) -> Iterator[str]:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" customWidth="1"/>'
        for n, column in enumerate(sheet.columns, 1)
    )
    letters = [get_column_letter(n) for n in range(1, len(sheet.columns) + 1)]
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>{_heading(sheet.columns, letters)}"
    )
    written = []
    for number, row in enumerate(sheet.rows, 2):
        cells = zip(letters, row, strict=True)
        told = "".join(_cell(f"{letter}{number}", one) for letter, one in cells if one is not None)
        written.append(f'<row r="{number}">{told}</row>')
        if len(written) == _AT_ONCE:
            yield "".join(written)
            written = []
    yield "".join(written) + "</sheetData></worksheet>"


def _heading(columns: Sequence[Column], letters: Sequence[str]) -> str:
    cells = zip(letters, columns, strict=True)
    told = "".join(_text(f"{letter}1", str(column.heading), _BOLD) for letter, column in cells)
    return f'<row r="1">{told}</row>'


def _cell(at: str, value: Any) -> str:
    if isinstance(value, Decimal):
        return f'<c r="{at}" s="{_AMOUNT}"><v>{value}</v></c>'
    if isinstance(value, int):
        return f'<c r="{at}"><v>{value}</v></c>'
    if isinstance(value, date):
        return f'<c r="{at}" s="{_DAY}"><v>{(value - _FIRST_DAY).days}</v></c>'
    return _text(at, str(value))


def _text(at: str, value: str, style: int = 0) -> str:
    kept = "".join(char for char in value if char in "\n\t" or ord(char) >= 32)
    said = f'<is><t xml:space="preserve">{escape(kept)}</t></is>'
    return f'<c r="{at}" t="inlineStr" s="{style}">{said}</c>'
