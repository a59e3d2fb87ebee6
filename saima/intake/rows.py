"""The rows of a sheet, cell by cell: values in the ledger's types, and what is wrong with the rest."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from saima.intake import values
from saima.intake.asides import cell_at, is_numbered, label, why_left_out
from saima.intake.header import Field, Header, normalised
from saima.intake.values import KnownDate, ValueRefusedError
from saima.intake.verdicts import Findings, Place, Severity
from saima.intake.words import Words
from saima.intake.workbook import Book, Cell, Sheet, Unread
from saima.ledgers import Ledger, is_event

NO_SECRETS = "本系统不得录入涉密项目"

_KEPT_AS_FILED = ("area_text", "category_text", "chain_text", "stage_reported")
"""Raw text beside its meaning: stored as the file has it, whatever the mapping says that it means."""

_MARKED = re.compile("(?:绝密|机密|秘密|内部)★|密级:?(?:绝密|机密|秘密|内部)")
_MARKED_ALONE = re.compile("(?:绝密|机密|秘密)级?")


@dataclass
class Row:
    """A row that is taken so far. `values` are by ledger column, `filed` (heading, value) as in the file,
    `spans` the dates that are not known to the day, `meant` words after the mapping's own dictionary."""

    sheet: str
    number: int
    values: dict[str, Any]
    filed: dict[str, tuple[str, str]]
    spans: dict[str, KnownDate] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)

    def place(self, column: str) -> Place:
        """Where the row says that column; the row alone where the file has no such column."""
        return Place(self.sheet, self.number, self.filed[column][0] if column in self.filed else None)

    def shown(self, column: str) -> str | None:
        """The value as filed; None where the file has no such column."""
        return self.filed[column][1] if column in self.filed else None


@dataclass(frozen=True)
class SheetRows:
    """What came of a sheet: rows without objection, how many rows are projects, and those left out."""

    rows: list[Row]
    rows_read: int
    skipped: list[dict[str, Any]]


@dataclass(frozen=True)
class Reader:
    """How the rows of one filing are read."""

    ledger: Ledger
    words: Words
    period: str
    area_id: str | None
    findings: Findings

    @cached_property
    def period_end(self) -> date:
        """Last day of the period."""
        return values.last_day(self.period)

    def read(self, sheet: Sheet, header: Header) -> SheetRows:
        """The rows below the headings, checked one by one. A row with any refusal is left out."""
        rows: list[Row] = []
        skipped: list[dict[str, Any]] = []
        unnumbered: list[int] = []
        read = 0
        for number, cells in enumerate(sheet.rows[header.row :], start=header.row + 1):
            if all(cell is None for cell in cells):
                continue
            if _is_secret(cells, header):
                read += 1
                self.findings.refuse(
                    "row_is_not_secret", f"标有密级，{NO_SECRETS}", Place(sheet.name, number)
                )
                continue
            why = why_left_out(cells, header, self.words)
            if why:
                text = label(cells, header)
                skipped.append({"sheet": sheet.name, "row": number, "why": why, "text": text})
                continue
            read += 1
            before = len(self.findings.refusals)
            row = self._row(sheet, header, number, cells)
            if len(self.findings.refusals) == before:
                rows.append(row)
                unnumbered += [] if is_numbered(cells, header) else [number]
        if header.numbering is not None and len(unnumbered) < len(rows):
            for number in unnumbered:
                self._remark(
                    "存疑",
                    "project_is_numbered",
                    "没有序号，已按项目收下；如果是小计或分组行，请删去后重新报送",
                    Place(sheet.name, number),
                )
        return SheetRows(rows, read, skipped)

    def _row(self, sheet: Sheet, header: Header, number: int, cells: list[Cell]) -> Row:
        row = Row(sheet.name, number, {"source_sheet": sheet.name, "source_row": number}, {})
        self._check_width(row, sheet, header, cells)
        for column in header.fields:
            self._read_cell(row, column, cell_at(cells, column.index))
        self._place_area(row)
        return row

    def _check_width(self, row: Row, sheet: Sheet, header: Header, cells: list[Cell]) -> None:
        """Nothing stands beyond the headings: in a CSV it is the rest of a number such as 1,200."""
        headings = sheet.rows[header.row - 1]
        last = max(index for index, cell in enumerate(headings) if cell is not None)
        beyond = sum(cell is not None for cell in cells[last + 1 :])
        place = Place(row.sheet, row.number)
        more = max(beyond, len(cells) - len(headings))
        if sheet.is_text and more > 0:
            self.findings.refuse(
                "row_is_as_long_as_the_headings",
                f"比标题多出 {more} 格，疑有未加引号的逗号（如 1,200），请给该格加上引号或去掉逗号",
                place,
            )
        elif beyond:
            self._remark("存疑", "row_is_as_long_as_the_headings", "标题以外的列还有内容，没有读取", place)

    def _read_cell(self, row: Row, field: Field, filed: Cell) -> None:
        cell = _replaced(filed, field)
        row.filed[field.column.name] = (field.heading, values.shown(filed))
        place = row.place(field.column.name)
        if isinstance(cell, Unread) and cell.error is None:
            self.findings.remark("存疑", "formula_has_a_value", "公式没有存下计算结果，按空白处理", place)
        is_missing = values.is_missing_code if field.column.kind == "code" else values.is_missing
        if is_missing(cell):
            if field.column.is_required:
                self.findings.refuse(
                    f"{field.column.name}_is_filed",
                    f"{field.column.term}不能为空",
                    place,
                    values.shown(filed) or None,
                )
            return
        try:
            self._store(row, field, cell, place)
        except ValueRefusedError as error:
            self.findings.refuse(error.rule, str(error), place, values.shown(filed))
        if field.column.name in _KEPT_AS_FILED and isinstance(filed, str):
            row.values[field.column.name] = values.text(filed)

    def _store(self, row: Row, field: Field, cell: Cell, place: Place) -> None:
        """Put what the cell says into the row. Raises ValueRefusedError."""
        column = field.column
        match column.kind:
            case "money" | "foreign":
                exact = values.amount(cell, field.factor, field.units)
                row.values[column.name] = values.rounded(exact)
                if row.values[column.name] != exact:
                    self._remark(
                        "提示", "amount_is_whole", "小数超过四位（不足 1 元的部分），已四舍五入", place
                    )
            case "number":
                row.values[column.name] = values.number(cell)
            case "flag":
                row.values[column.name] = values.flag(cell)
            case "date":
                self._store_date(row, field, cell, place)
            case "code":
                row.values[column.name] = values.code(cell)
            case "texts":
                known = self.words.tag if column.name == "tags" else self.words.list_id
                words = [(word, known(word)) for word in values.texts(cell)]
                row.values[column.name] = list(dict.fromkeys(found or word for word, found in words))
                for word, found in words:
                    if found is None:
                        self._unknown(place, word, f"参考文件中没有这个{column.term}，保留原文")
            case _:
                self._store_text(row, field, cell, place)

    def _store_text(self, row: Row, field: Field, cell: Cell, place: Place) -> None:
        column = field.column
        if column.name == "month":
            row.values["month"] = values.month_text(cell, self.period)
            return
        one_line = column.name in {"name", "owner", "enterprise_name"}
        filed = values.name(cell) if one_line else values.text(cell)
        row.values[column.name] = row.meant[column.name] = filed
        match column.name:
            case "stage_reported":
                row.values["stage_filed"] = self.words.stage(filed)
                if row.values["stage_filed"] is None:
                    self._unknown(place, filed, "本市的阶段用词中没有这个词，阶段留空")
            case "category_text":
                row.values["category"] = self.words.category(filed)
                if row.values["category"] is None:
                    self._unknown(place, filed, "参考文件中没有这个项目类别，类别留空，保留原文")
            case "chain_text":
                row.values["chain"] = self.words.chain(filed)
                if row.values["chain"] is None:
                    self._unknown(place, filed, "参考文件中没有这条产业链，产业链留空，保留原文")
            case "park_id":
                row.values["park_id"] = self.words.park(filed) or filed
                if self.words.park(filed) is None:
                    self._unknown(place, filed, "参考文件中没有这个园区，保留原文")
            case _ if column.values and filed not in column.values:
                self._unknown(place, filed, f"不是常用的说法（{'、'.join(column.values)}），保留原文", "提示")

    def _store_date(self, row: Row, field: Field, cell: Cell, place: Place) -> None:
        """An event of a span that is still running is cut to the end of the period (data-model.md 0)."""
        column = field.column
        known = values.known_date(cell, field.dates)
        stored = known.last
        if is_event(column) and known.first <= self.period_end < known.last:
            stored = self.period_end
        row.values[column.name] = stored
        if f"{column.name}_precision" in self.ledger.schema:
            row.values[f"{column.name}_precision"] = known.precision
        if known.precision != "day":
            row.spans[column.name] = known
        if isinstance(cell, str) and values.is_doubtful_month(cell):
            self._remark("存疑", "month_is_certain", "按 1 月读取；如果是 10 月，请写成 2024-10", place)

    def _place_area(self, row: Row) -> None:
        """The area of the row: as filed, else that of the filing, else 未分区."""
        if "area_id" not in self.ledger.schema:
            return
        filed = row.meant.get("area_text")
        place, shown = row.place("area_text"), row.shown("area_text")
        row.values["area_id"] = self.area_id
        if filed is None:
            if self.area_id is None and self.ledger.name == "projects":
                row.values["area_id"] = self.words.unassigned
                if "area_text" in row.filed:
                    self._remark("提示", "area_is_filed", "没有责任地区，归入未分区", place)
            return
        try:
            area = self.words.area(filed)
        except ValueRefusedError as error:
            self.findings.refuse(error.rule, str(error), place, shown)
            return
        if self.area_id is not None and area != self.area_id:
            own = self.words.area_names[self.area_id]
            self.findings.refuse(
                "area_is_that_of_the_filing", f"不是本次报送的地区。允许：{own}", place, shown
            )
        row.values["area_id"] = area

    def _unknown(self, place: Place, word: str, objection: str, severity: Severity = "存疑") -> None:
        self.findings.remark(severity, "word_is_known", objection, place, word)

    def _remark(self, severity: Severity, rule: str, objection: str, place: Place) -> None:
        self.findings.remark(severity, rule, objection, place)


def _replaced(cell: Cell, field: Field) -> Cell:
    """The cell, or the word that the mapping gives for it."""
    if not field.values or cell is None:
        return cell
    own = values.plain(values.shown(cell))
    return next((meant for word, meant in field.values.items() if values.plain(word) == own), cell)


def _is_secret(cells: list[Cell], header: Header) -> bool:
    if header.secret is not None:
        level = normalised(cell_at(cells, header.secret) or "")
        if re.search("绝密|机密|秘密|内部", level) and not re.search("非|不", level):
            return True
    return any(isinstance(cell, str) and _MARKED.search(normalised(cell)) for cell in cells)


def secret_sheet(book: Book, headers: dict[str, Header]) -> Place | None:
    """Where a sheet is marked as secret above its headings, hidden sheets included; None where none is."""
    for sheet in book.sheets:
        last = headers[sheet.name].row - 1 if sheet.name in headers else 20
        for number, cells in enumerate(sheet.rows[:last], start=1):
            for cell in cells:
                if isinstance(cell, str) and (
                    _MARKED.search(normalised(cell)) or _MARKED_ALONE.fullmatch(normalised(cell))
                ):
                    return Place(sheet.name, number)
    return None


def first_reported(row: Row, column: str, before: dict[str, Any]) -> date | None:
    """The date that an earlier period gave the same rough date; None where it was not reported before.

    An event known only to its quarter or year keeps the end of the period that first reported it.
    """
    span = row.spans.get(column)
    stored, precision = before.get(column), before.get(f"{column}_precision")
    if span is None or not isinstance(stored, date) or precision != span.precision:
        return None
    return stored if span.first <= stored <= span.last else None
