"""Open a workbook or CSV by what it contains, not by its name."""

import csv
import hashlib
import io
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from math import isfinite
from pathlib import Path

import python_calamine

from saima.intake.package import MOST_COLUMNS, MOST_ROWS, Marks, Unread, marks_of, marks_of_biff
from saima.intake.verdicts import RefusedError

EXAMPLE_MARK = "【示例行】"
"""Start of the project name in the template's example row, which intake leaves out."""

ALLOWED_FILES = "Excel 工作簿（.xlsx .xls .et .ods）或 CSV"

MOST_BYTES = 50 * 1024 * 1024

DAY_NUMBERS = range(18_264, 73_416)
"""Day numbers that Excel gives to 1950-01-01 … 2100-12-31."""


Cell = str | float | bool | date | datetime | time | timedelta | Unread | None
"""A cell as read; None where it is empty."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[0]` is the row that Excel calls 1. `is_text` is true for CSV: all cells are text.

    `merged` are ranges as (first row, first column, last row, last column), `struck` cells that are struck
    out as (row, column); these and the hidden rows and columns are counted from 0. `texts` has each text that
    stands in a cell, once.
    """

    name: str
    rows: list[list[Cell]]
    is_visible: bool = True
    is_text: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    texts: Collection[str] = ()


@dataclass(frozen=True)
class Book:
    """What a file holds."""

    sheets: tuple[Sheet, ...]
    sha256: str


def read(path: Path) -> Book:
    """Sheets of a workbook or CSV file.

    Raises RefusedError where there is no such file, or it is empty, too large, protected by a password,
    damaged, or no workbook at all.
    """
    name = path.name
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        found = "是文件夹，不是文件" if os.path.isdir(path) else "不存在或无法读取"  # noqa: PTH112 - never raises
        raise RefusedError("file_is_readable", f"文件「{name}」{found}。允许：{ALLOWED_FILES}") from error
    if size > MOST_BYTES:
        raise RefusedError(
            "file_is_not_too_large",
            f"文件「{name}」有 {size // 2**20} MB。允许：不超过 {MOST_BYTES // 2**20} MB",
        )
    if not content:
        raise RefusedError("file_is_not_empty", f"文件「{name}」是空文件（0 字节）。允许：{ALLOWED_FILES}")
    is_packed = content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))
    # Excel names the one sheet of a CSV after the file.
    sheets = _sheets(name, content) if is_packed else [_csv_sheet(path.stem, _csv_rows(name, content))]
    return Book(tuple(sheets), hashlib.sha256(content).hexdigest())


_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of .xls, of .et, and of a workbook protected by a password."""

_NAME_OF_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _not_a_workbook(name: str, why: str) -> RefusedError:
    return RefusedError("file_is_a_workbook", f"文件「{name}」{why}。允许：{ALLOWED_FILES}")


def _sheets(name: str, content: bytes) -> list[Sheet]:
    protected = RefusedError("file_has_no_password", f"文件「{name}」有打开密码，请去掉密码后再报送")
    if content.startswith(_OLE) and _NAME_OF_ENCRYPTED in content:
        raise protected
    marks: dict[str, Marks] = {}
    if not content.startswith(_OLE):
        marks = marks_of(name, content, lambda why: _not_a_workbook(name, why))
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            if content.startswith(_OLE):
                marks = dict(zip(book.sheet_names, marks_of_biff(content), strict=False))
            return [
                _sheet(book, metadata, marks.get(metadata.name, Marks()))
                for metadata in book.sheets_metadata
                if metadata.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
    except python_calamine.PasswordError:
        raise protected from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _not_a_workbook(name, "不是 Excel 工作簿，或已损坏") from None


def _sheet(
    book: python_calamine.CalamineWorkbook, metadata: python_calamine.SheetMetadata, marks: Marks
) -> Sheet:
    read = book.get_sheet_by_name(metadata.name)
    rows: list[list[Cell]] = read.to_python(skip_empty_area=False)  # type: ignore[assignment]
    words = _Words()
    for cells in rows:
        cells[:] = [
            words[cell]
            if cell.__class__ is str
            else cell
            if cell.__class__ is float and isfinite(cell)
            else _cell(cell)
            for cell in cells
        ]
    shown = [(place, _month) for place in marks.months] + [(place, _share) for place in marks.shares]
    shown += [(place, _scaled) for place in marks.scaled]
    shown += [(place, partial(_with_unit, *beside)) for place, beside in marks.units.items()]
    for (row, column), as_shown in shown:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = as_shown(rows[row][column])
    for (row, column), mark in marks.unread.items():
        while len(rows) <= row:
            rows.append([])
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        rows[row][column] = mark
    ranges = [(*first, *last) for first, last in read.merged_cell_ranges or ()]
    return Sheet(
        metadata.name,
        rows,
        metadata.visible == python_calamine.SheetVisibleEnum.Visible,
        hidden_rows=frozenset(marks.hidden_rows),
        hidden_columns=frozenset(marks.hidden_columns),
        struck=frozenset(marks.struck),
        merged=tuple(_within(ranges or marks.merged, len(rows))),
        texts=words.keys(),
    )


def _csv_sheet(name: str, rows: list[list[Cell]]) -> Sheet:
    texts = {cell for cells in rows for cell in cells if isinstance(cell, str)}
    return Sheet(name, rows, is_text=True, texts=texts)


class _Words(dict[str, str | None]):
    """Each text of a sheet once, blank text as an empty cell: the same words come again and again, and one
    object for all of them is quicker to look up and takes less memory."""

    def __missing__(self, text: str) -> str | None:
        self[text] = text if text.strip() else None
        return self[text]


def _within(ranges: Iterable[tuple[int, int, int, int]], rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Merged ranges, cut to the rows that there are."""
    for top, left, bottom, right in ranges:
        if top < rows:
            yield top, left, min(bottom, rows - 1), min(right, MOST_COLUMNS)


def _month(cell: Cell) -> Cell:
    """A date that is shown as a month says no more than the month."""
    if isinstance(cell, float) and cell in DAY_NUMBERS:
        cell = date(1899, 12, 30) + timedelta(days=int(cell))
    return f"{cell.year}年{cell.month}月" if isinstance(cell, date) else cell


def _share(cell: Cell) -> Cell:
    """A number that is shown as a percentage is one: 0.7 that reads 70%."""
    if isinstance(cell, float):
        return f"{(Decimal(repr(cell)) * 100).normalize():f}%"
    return cell


def _scaled(cell: Cell) -> Cell:
    """A number that is shown made smaller may be in the unit of either."""
    if not isinstance(cell, float):
        return cell
    return Unread(
        f"{Decimal(repr(cell)).normalize():f}",
        "number_is_shown_as_it_is",
        "单元格格式让看到的与存的不是一个数，请把格式改为常规，并核对数和单位",
    )


def _with_unit(currency: str, unit: str, cell: Cell) -> Cell:
    """A number that its format shows with a unit is in that unit: 5 that reads 5亿元, or US$5亿."""
    if not isinstance(cell, float):
        return cell
    return f"{currency.strip()}{Decimal(repr(cell)).normalize():f}{unit}"


def _cell(value: Cell) -> Cell:
    """Numbers are all of one type, as in a workbook, and finite."""
    if isinstance(value, float) and not isfinite(value):
        return Unread(str(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
_HTML = re.compile(r"\s*(?:<\?xml|<!doctype html|<html|<table|<meta|<div)", re.IGNORECASE)


def _csv_rows(name: str, content: bytes) -> list[list[Cell]]:
    """Records of a CSV; row numbers are those that Excel shows for it."""
    text = _decoded(name, content)
    if _HTML.match(text):
        raise _not_a_workbook(name, "是网页或 XML，不是工作簿，请在 Excel 中另存为 .xlsx")
    head = text[: 64 * 1024]
    delimiter = max(",\t;", key=head.count)
    # The limit is the whole process's: it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows: list[list[Cell]] = [[cell if cell.strip() else None for cell in record] for record in reader]
    except csv.Error:
        raise _not_a_workbook(name, f"第 {reader.line_num} 行附近的引号不成对，无法按 CSV 读取") from None
    widest = max(map(len, rows), default=0)
    if len(rows) > MOST_ROWS or widest > MOST_COLUMNS:
        raise RefusedError(
            "sheet_is_not_too_large",
            f"文件「{name}」有 {len(rows)} 行、{widest} 列，请拆分后报送。"
            f"允许：不超过 {MOST_ROWS} 行、{MOST_COLUMNS} 列",
        )
    return rows


def _decoded(name: str, content: bytes) -> str:
    """Text of the file: by its byte order mark, else UTF-8 or GB18030 to the letter."""
    if content.startswith(_FOREIGN):
        raise _not_a_workbook(name, "不是工作簿")
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    raise _not_a_workbook(name, "不是工作簿，也认不出文字编码（CSV 允许 UTF-8、GB18030）")
