"""Sheets as a test says them, and the files that hold them: XLSX, XLS, ODS and CSV, for real."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from odf import style as odf_style
from odf import table as odf_table
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P


@dataclass(frozen=True)
class Formula:
    """A formula with the value that was calculated last; None where it was never calculated."""

    cached: float | None


@dataclass(frozen=True)
class Fault:
    """A formula that ended in an error."""

    text: str


@dataclass(frozen=True)
class Shown:
    """A date or number under a number format of Excel."""

    value: date | float
    form: str
    text: str


Cell = str | int | float | bool | date | Formula | Fault | Shown | None

UNCALCULATED = 912345678
CARRIAGE = "\ue000"
"""Stands for a carriage return as Excel writes it: `_x000D_`, which xlsxwriter would escape."""


@dataclass
class Grid:
    """One sheet: `rows[0]` is row 1 of Excel, everything else counts from 0."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    padding: int = 0


def write_xlsx(path: Path, grids: Sequence[Grid]) -> None:
    """The sheets as XLSX."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy/m/d",
        },
    )
    bordered = book.add_format({"border": 1})
    for grid in grids:
        sheet = book.add_worksheet(grid.name)
        for row, column, cell in _filled(grid):
            _write_xlsx_cell(book, sheet, row, column, cell)
        for first, left, last, right in grid.merges:
            kept = grid.rows[first][left] if left < len(grid.rows[first]) else None
            sheet.merge_range(first, left, last, right, kept if kept is not None else "")
        for row in grid.hidden_rows:
            sheet.set_row(row, None, None, {"hidden": True})
        for column in grid.hidden_columns:
            sheet.set_column(column, column, None, None, {"hidden": True})
        for row in range(len(grid.rows), len(grid.rows) + grid.padding):
            for column in range(6):
                sheet.write_blank(row, column, None, bordered)
        if grid.is_hidden:
            sheet.hide()
    next(sheet for sheet, grid in zip(book.worksheets(), grids, strict=True) if not grid.is_hidden).activate()
    book.close()
    with zipfile.ZipFile(target) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name in made.namelist():
            content = made.read(name)
            content = content.replace(b"<v>%d</v>" % UNCALCULATED, b"")
            package.writestr(name, content.replace(CARRIAGE.encode(), b"_x000D_"))


def _write_xlsx_cell(book: xlsxwriter.Workbook, sheet: Any, row: int, column: int, cell: Cell) -> None:
    match cell:
        case Formula(cached):
            sheet.write_formula(row, column, "=1*1", None, UNCALCULATED if cached is None else cached)
        case Fault(text):
            sheet.write_formula(row, column, "=A1*1", None, text)
        case Shown(value, form):
            sheet.write(row, column, value, book.add_format({"num_format": form}))
        case _:
            sheet.write(row, column, cell)


def write_xls(path: Path, grids: Sequence[Grid]) -> None:
    """The sheets in the old format, which WPS calls .et."""
    book = xlwt.Workbook()
    dates = xlwt.easyxf(num_format_str="yyyy/m/d")
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        merged = {(first, left): (last, right) for first, left, last, right in grid.merges}
        for row, column, cell in _filled(grid):
            if isinstance(cell, Fault):
                sheet.row(row).set_cell_error(column, cell.text)
                continue
            value, form = (
                (cell.value, xlwt.easyxf(num_format_str=cell.form))
                if isinstance(cell, Shown)
                else (
                    cell.cached if isinstance(cell, Formula) else cell,
                    dates if isinstance(cell, date) else xlwt.Style.default_style,
                )
            )
            if (row, column) in merged:
                last, right = merged[row, column]
                sheet.write_merge(row, last, column, right, value, form)
            else:
                sheet.write(row, column, value, form)
        for row in grid.hidden_rows:
            sheet.row(row).hidden = True
        for column in grid.hidden_columns:
            sheet.col(column).hidden = True
        sheet.visibility = int(grid.is_hidden)
    book.active_sheet = next(place for place, grid in enumerate(grids) if not grid.is_hidden)
    book.save(str(path))


def write_ods(path: Path, grids: Sequence[Grid]) -> None:
    """The sheets in the format of LibreOffice."""
    book = OpenDocumentSpreadsheet()
    unseen = odf_style.Style(name="unseen", family="table")
    unseen.addElement(odf_style.TableProperties(display="false"))
    book.automaticstyles.addElement(unseen)
    for grid in grids:
        sheet = odf_table.Table(name=grid.name, **({"stylename": unseen} if grid.is_hidden else {}))
        spans = {
            (first, left): (last - first + 1, right - left + 1) for first, left, last, right in grid.merges
        }
        covered = {
            (row, column)
            for first, left, last, right in grid.merges
            for row in range(first, last + 1)
            for column in range(left, right + 1)
        } - spans.keys()
        width = max([len(row) for row in grid.rows] + [merge[3] + 1 for merge in grid.merges])
        for column in range(width):
            is_hidden = column in grid.hidden_columns
            sheet.addElement(odf_table.TableColumn(visibility="collapse" if is_hidden else "visible"))
        for number, cells in enumerate(grid.rows):
            row = odf_table.TableRow(visibility="collapse" if number in grid.hidden_rows else "visible")
            for column in range(width):
                cell = cells[column] if column < len(cells) else None
                if (number, column) in covered:
                    row.addElement(odf_table.CoveredTableCell())
                else:
                    row.addElement(_ods_cell(cell, spans.get((number, column))))
            sheet.addElement(row)
        book.spreadsheet.addElement(sheet)
    book.save(str(path))


def _ods_cell(cell: Cell, span: tuple[int, int] | None) -> odf_table.TableCell:
    said: dict[str, Any] = {}
    if span:
        said = {"numberrowsspanned": span[0], "numbercolumnsspanned": span[1]}
    if isinstance(cell, Formula):
        said["formula"] = "of:=1*1"
        cell = cell.cached
    value = cell.value if isinstance(cell, Shown) else cell
    if isinstance(value, date):
        return odf_table.TableCell(valuetype="date", datevalue=value.isoformat(), **said)
    if isinstance(value, int | float):
        return odf_table.TableCell(valuetype="float", value=repr(value), **said)
    if isinstance(value, Fault):
        # LibreOffice keeps an error as a text that is shown and is not there.
        said |= {"formula": "of:=1/0", "stringvalue": ""}
        value = value.text
    made = odf_table.TableCell(**({"valuetype": "string"} if value is not None else {}), **said)
    for line in str(value).split("\n") if value is not None else ():
        made.addElement(P(text=line))
    return made


def write_csv(path: Path, grid: Grid, encoding: str, delimiter: str) -> None:
    """The sheet as Excel saves it: what a cell shows, nothing of merges and formulas."""
    width = max(map(len, grid.rows))
    with path.open("w", encoding=encoding, newline="") as file:
        lines = csv.writer(file, delimiter=delimiter)
        for cells in grid.rows:
            lines.writerow([*map(_in_text, cells), *[""] * (width - len(cells))])


def _in_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Formula(cached):
            return _in_text(cached)
        case Fault(text) | Shown(_, _, text):
            return text
        case date():
            return f"{cell.year}/{cell.month}/{cell.day}"
        case float():
            return f"{Decimal(repr(cell)):f}"
        case _:
            return str(cell)


def _filled(grid: Grid) -> Iterator[tuple[int, int, Cell]]:
    for row, cells in enumerate(grid.rows):
        for column, cell in enumerate(cells):
            if cell is not None:
                yield row, column, cell


FORMATS: dict[str, tuple[str, Callable[[Path, Sequence[Grid]], None]]] = {
    "xlsx": (".xlsx", write_xlsx),
    "xlsx twice named": (".xlsx.xlsx", write_xlsx),
    "xlsx named xls": (".xls", write_xlsx),
    "xls": (".xls", write_xls),
    "et": (".et", write_xls),
    "xls named xlsx": (".xlsx", write_xls),
    "ods": (".ods", write_ods),
    "csv": (".csv", lambda path, grids: write_csv(path, grids[0], "utf-8", ",")),
    "csv with mark": (".csv", lambda path, grids: write_csv(path, grids[0], "utf-8-sig", ",")),
    "csv gb18030": (".csv", lambda path, grids: write_csv(path, grids[0], "gb18030", ",")),
    "csv tabs": (".txt", lambda path, grids: write_csv(path, grids[0], "gb18030", "\t")),
    "csv semicolons": (".csv", lambda path, grids: write_csv(path, grids[0], "utf-8", ";")),
}
"""How a file is written, and its suffix."""
