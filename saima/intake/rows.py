"""The rows of a sheet, column by column: values in the ledger's types, and what is wrong with the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any

from saima.intake import values
from saima.intake.asides import Aside, Groups, aside_of, cell_at, is_column_numbers, is_numbered, number_of
from saima.intake.header import SEARCHED_ROWS, Field, Header
from saima.intake.headings import Headings
from saima.intake.package import Unread
from saima.intake.totals import Check, Standing, checked
from saima.intake.units import all_units, noted_units, spellings
from saima.intake.values import KnownDate, ValueDoubtedError, ValueRefusedError, normalised
from saima.intake.verdicts import Findings, Place, RefusedError, Severity
from saima.intake.words import Words
from saima.intake.workbook import Book, Cell, Sheet
from saima.ledgers import Column, Ledger, is_event

NO_SECRETS = "本系统不得录入涉密项目"

RAW_TEXTS = "raw_texts"
"""Column that keeps what was written where nothing exact could be read, as `heading：text`."""

_KEPT_AS_FILED = ("area_text", "category_text", "chain_text", "stage_reported")
"""Raw text beside its meaning: stored as the file has it, whatever the mapping says that it means."""

_MARKED = re.compile("(?:绝密|机密|秘密|内部)★|密级:?(?:绝密|机密|秘密|内部)")
_MARKED_ALONE = re.compile("(?:绝密|机密|秘密)级?")

_DITTO = {"同上", "〃", "″", "′′", "”", '"', "''", "〞", "同前"}
_REFUSED_DITTO = Unread("同上")
"""What a ditto mark says that has nothing above it."""

_NOT_PLAIN = object()
_WITH_WORDS = {*_KEPT_AS_FILED, "park_id", "construction_span"}
"""Columns whose text says something beside itself."""

_FILLED_KINDS = {"text", "texts", "date", "flag", "month", "year"}
"""Kinds whose value, merged over several rows or marked as the one above, is that of each row. An amount
merged over rows is one amount."""


@dataclass(slots=True)
class Row:
    """A row that is taken so far. `values` are by ledger column, `spans` the dates that are not known to
    the day, `meant` words after the mapping's own dictionary, `carried` what the group headings above say;
    `follows_secret` is whether the row above is kept from being read."""

    sheet: str
    number: int
    values: dict[str, Any]
    cells: Sequence[Cell]
    header: Header
    spans: dict[str, KnownDate] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    follows_secret: bool = False

    def place(self, column: str) -> Place:
        """Where the row says that column; the row alone where the file has no such column."""
        field = self.header.field(column)
        if field is None:
            return Place(self.sheet, self.number)
        return Place(self.sheet, self.number, field.heading, field.letter)

    def shown(self, column: str) -> str | None:
        """The value as filed; None where the file has no such column."""
        field = self.header.field(column)
        return values.shown(cell_at(self.cells, field.index)) if field else None


@dataclass(frozen=True)
class SheetRows:
    """What came of a sheet: rows without objection, how many rows are projects, those left out, and what
    became of the subtotals that the sheet states."""

    rows: list[Row]
    rows_read: int
    skipped: list[dict[str, Any]]
    checks: list[Check]


@dataclass(slots=True)
class _Parsed:
    """What a cell says: values by column, and what there is to say of it."""

    values: dict[str, Any] = field(default_factory=dict)
    span: KnownDate | None = None
    meant: str | None = None
    remarks: list[tuple[Severity, str, str, str | None]] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    is_doubted: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing to a cell but its values."""
        return not (self.meant or self.span or self.remarks or self.refusal or self.is_doubted)


@dataclass(frozen=True)
class Reader:
    """How the rows of one filing are read."""

    ledger: Ledger
    words: Words
    headings: Headings
    period: str
    area_id: str | None
    findings: Findings

    @cached_property
    def period_end(self) -> date:
        """Last day of the period."""
        return values.last_day(self.period)

    def read(self, sheet: Sheet, header: Header) -> SheetRows:
        """The rows below the headings, checked column by column. A row with any refusal is left out.

        Raises RefusedError where other headings stand further down: one sheet is one table.
        """
        self._must_have_no_unit_column(sheet, header)
        rows: list[Row] = []
        skipped: list[dict[str, Any]] = []
        standings: list[Standing] = []
        groups, above = self._over(sheet, header)
        going_on = _going_on(sheet, header) if self.ledger.name == "projects" else set()
        marked = _marked_texts(sheet)
        secret: set[int] = set()
        aside: Aside | None = None
        for number, cells in enumerate(sheet.rows[header.row :], start=header.row + 1):
            if cells.count(None) == len(cells):
                continue
            if _is_secret(cells, header, marked):
                secret.add(number)
                place = Place(sheet.name, number)
                self.findings.refuse("row_is_not_secret", f"标有密级，{NO_SECRETS}", place)
                continue
            before = aside
            aside = self._aside(sheet, header, number, cells, going_on)
            if aside is None and self._is_part(header, cells, before):
                name = header.field("name")
                text = values.shown(cell_at(cells, name.index)) if name else ""
                aside = Aside("其中的续行", text, "part")
            if aside is None:
                row = {"source_sheet": sheet.name, "source_row": number}
                is_cut_off = number - 1 in secret
                rows.append(Row(sheet.name, number, row, cells, header, {}, {}, groups.says, is_cut_off))
                continue
            skipped.append({"sheet": sheet.name, "row": number, "why": aside.why, "text": aside.text})
            self._must_keep_the_unit(sheet, header, number, cells)
            self._remark_on_aside(sheet, header, number, cells, aside)
            if aside.kind == "group":
                self._remark_on_group(sheet, number, aside, groups.says)
                groups.open(aside)
                standings.append(Standing(number, len(rows), aside, cells, groups.level(aside)))
            elif aside.kind == "total":
                standings.append(Standing(number, len(rows), aside, cells))
                if self.words.known_area(re.sub("[合小总共]计.*", "", values.plain(aside.text))):
                    groups.end("area_text")
        standings += above
        refused = self._values(sheet, header, rows) | self._parts(header, rows)
        self._remark_on_hidden(sheet, header, rows)
        kept = [row for row in rows if row.number not in refused]
        self._remark_on_unnumbered(sheet, header, kept)
        self._remark_on_bare(sheet, kept)
        return SheetRows(kept, len(rows) + len(secret), skipped, self._checks(sheet, header, rows, standings))

    def _over(self, sheet: Sheet, header: Header) -> tuple[Groups, list[Standing]]:
        """What stands above the headings: a first group, and totals of everything."""
        groups = Groups(self._said_by(sheet))
        totals = []
        for number, cells in enumerate(sheet.rows[: header.first_row - 1], start=1):
            over = aside_of(cells, header, self.words)
            if over is not None and over.kind == "group" and over.says:
                groups.open(over)
            elif over is not None and over.kind == "total":
                totals.append(Standing(number, 0, replace(over, is_grand=True), cells))
        return groups, totals

    def _aside(
        self, sheet: Sheet, header: Header, number: int, cells: list[Cell], going_on: set[int]
    ) -> Aside | None:
        if cells in sheet.rows[header.first_row - 1 : header.row]:
            return Aside("重复的表头", "", "note")
        if number == header.row + 1 and is_column_numbers(cells):
            return Aside("栏次行", "", "note")
        self._must_be_one_table(sheet, header, number, cells)
        if number - 1 in going_on:
            return Aside("上一项目的续行", values.shown(cells[0]) if cells else "", "note")
        return aside_of(cells, header, self.words)

    def _is_part(self, header: Header, cells: list[Cell], above: Aside | None) -> bool:
        """Whether a row goes on with the parts (其中) above it: in a numbered list it has no number."""
        is_after = above is not None and above.kind == "part" and self.ledger.name == "projects"
        return is_after and header.numbering is not None and not is_numbered(cells, header)

    def _must_keep_the_unit(self, sheet: Sheet, header: Header, number: int, cells: list[Cell]) -> None:
        """A unit that a note or group states below the headings is the one that the amounts are read in."""
        noted = noted_units([cells], self.headings.currency)
        for amount in header.fields:
            if noted and amount.units and not any(amount.units.get(unit) == amount.factor for unit in noted):
                raise RefusedError(
                    "unit_is_certain",
                    f"工作表「{sheet.name}」第 {number} 行写的金额单位是{'、'.join(noted)}，"
                    f"「{amount.heading}」却按{amount.unit}读取，请统一单位，或把单位写进列标题，分成两个工作表",
                    Place(sheet.name, number),
                )

    def _must_have_no_unit_column(self, sheet: Sheet, header: Header) -> None:
        known = spellings(all_units(self.headings.currency))
        for left in header.unmapped:
            if normalised(left.heading) not in {"单位", "金额单位", "计量单位"}:
                continue
            said = {normalised(cell_at(cells, left.index)) for cells in sheet.rows[header.row :]}
            units = {known[word] for word in said if word in known}
            if any(
                field.units and field.units.get(unit) != field.factor
                for field in header.fields
                for unit in units
            ):
                raise RefusedError(
                    "unit_is_certain",
                    f"工作表「{sheet.name}」的「{left.heading}」列逐行写了金额单位（{'、'.join(sorted(units))}），"
                    "本系统不按行换算，请统一单位后写进列标题",
                    Place(sheet.name, header.row, left.heading, left.letter),
                )

    def _must_be_one_table(self, sheet: Sheet, header: Header, number: int, cells: list[Cell]) -> None:
        """Headings again, further down, stand where they stood: another order would exchange columns."""
        name = header.field("name")
        title = cell_at(cells, name.index) if name else None
        is_name = isinstance(title, str) and len(title) < 20 and "名" in title
        # Most rows have no cell in common with the headings, which a set tells at once.
        if not is_name and header.texts.isdisjoint(cells):
            return
        short = {index: cell for index, cell in enumerate(cells) if isinstance(cell, str) and len(cell) < 20}
        known = sum(cell in header.texts for cell in short.values())
        if known < 3 and not is_name:
            return
        found = {
            index: meaning.column.name
            for index, cell in short.items()
            if (meaning := self.headings.meaning((cell,)))
        }
        own = {field.index: field for field in header.fields}
        if len(found) >= 3 and any(
            index not in own or not _is_heading_of(short[index], own[index], column)
            for index, column in found.items()
        ):
            raise RefusedError(
                "sheet_is_one_table",
                f"工作表「{sheet.name}」第 {number} 行又有一行表头，列或金额单位与第 {header.row} 行的不同，"
                "请把两张表分到两个工作表",
                Place(sheet.name, number),
            )

    def _said_by(self, sheet: Sheet) -> dict[str, str]:
        """A sheet named after an area or a stage holds its projects, where no column says otherwise."""
        area, name = self.words.area_of_sheet(sheet.name), values.plain(sheet.name).removesuffix("项目")
        said = {"area_text": area} if area else {}
        return said | ({"stage_reported": name} if self.words.stage(name) else {})

    def _parts(self, header: Header, rows: list[Row]) -> set[int]:
        """Rows numbered 1.1 or 1-1 under a project 1 would be counted twice: in themselves and in it."""
        if self.ledger.name != "projects" or header.numbering is None or header.field("parent_id"):
            return set()
        numbers = {number_of(row.cells, header): row for row in rows}
        refused = set()
        for number, row in numbers.items():
            part = re.fullmatch(r"(\d+)[.-]\d+", number)
            whole = numbers.get(part[1]) if part else None
            if whole is not None and whole.number < row.number:
                self.findings.refuse(
                    "project_is_counted_once_with_its_parts",
                    f"像是第 {whole.number} 行的子项，会与它重复计算；请加一列「打包项目」填上该项目的名称，"
                    "或删去子项",
                    Place(row.sheet, row.number),
                    number,
                )
                refused.add(row.number)
        return refused

    def _values(self, sheet: Sheet, header: Header, rows: list[Row]) -> set[int]:
        """Fill in the rows, column by column; numbers of the rows that are refused."""
        before = len(self.findings.refusals)
        self._check_widths(sheet, header, rows)
        across = list(zip_longest(*(row.cells for row in rows)))
        empty: Sequence[Cell] = [None] * len(rows)
        filed = {column.column.name for column in header.fields}
        found: dict[str, list[Any]] = {}
        for column in header.fields:
            cells = list(across[column.index] if column.index < len(across) else empty)
            said = self._read_column(column, self._filled_in(sheet, column, cells, rows), rows)
            # What a column says of another one counts where that one does not speak for itself.
            found |= {
                name: each
                for name, each in said.items()
                if name.removesuffix("_precision") not in filed - {column.column.name}
            }
        for row, each in zip(rows, zip(*found.values(), strict=True), strict=True):
            row.values.update(zip(found, each, strict=True))
        self._carry_down(header, rows)
        self._place_areas(header, rows)
        refused = self.findings.refusals[before:]
        return {refusal.place.row for refusal in refused if refusal.place.row is not None}

    def _check_widths(self, sheet: Sheet, header: Header, rows: list[Row]) -> None:
        """Nothing stands beyond the headings: in a CSV it is the rest of a number such as 1,200."""
        width = len(sheet.rows[header.row - 1])
        for row in rows:
            if len(row.cells) <= header.last + 1 and not header.blank:
                continue
            place = Place(row.sheet, row.number)
            beyond = sum(cell is not None for cell in row.cells[header.last + 1 :])
            beyond += sum(cell_at(row.cells, index) is not None for index in header.blank)
            more = max(beyond, len(row.cells) - max(width, header.last + 1))
            if sheet.is_text and more > 0:
                self.findings.refuse(
                    "row_is_as_long_as_the_headings",
                    f"比标题多出 {more} 格，疑有未加引号的逗号（如 1,200），请给该格加上引号或去掉逗号",
                    place,
                )
            elif beyond:
                self._remark(
                    "存疑", "row_is_as_long_as_the_headings", "没有标题的列还有内容，没有读取", place
                )

    def _read_column(self, field: Field, cells: list[Cell], rows: list[Row]) -> dict[str, list[Any]]:
        """What one column of cells says, by column of the ledger. Each different cell is parsed once."""
        name = field.column.name
        # True and 1.0 are one key of a dictionary, and two values.
        has_flags = bool in set(map(type, cells))
        keys: list[Any] = [(cell.__class__, cell) for cell in cells] if has_flags else cells
        plain: dict[Any, Any] = {}
        said: dict[Any, dict[str, Any]] = {}
        told: dict[Any, _Parsed | None] = {}
        is_plain = not field.values and name not in _WITH_WORDS
        for key, cell in dict(zip(keys, cells, strict=True)).items():
            value = _plain_value(cell, field) if is_plain else _NOT_PLAIN
            if value is not _NOT_PLAIN:
                plain[key] = value
                continue
            parsed = self._parsed(field, _replaced(cell, field))
            said[key] = parsed.values | _as_filed(name, cell) if parsed else {}
            is_told = not parsed.is_clear if parsed else field.column.is_required or isinstance(cell, Unread)
            if is_told and cell is not _REFUSED_DITTO:
                told[key] = parsed
        found = {name: plain | {key: each.get(name) for key, each in said.items()}}
        for other in dict.fromkeys(other for each in said.values() for other in each if other != name):
            found[other] = dict.fromkeys(plain) | {key: each.get(other) for key, each in said.items()}
        if told:
            for row, key, cell in zip(rows, keys, cells, strict=True):
                if key in told:
                    self._tell(told[key], field, row, cell)
        return {column: [lookup[key] for key in keys] for column, lookup in found.items()}

    def _filled_in(self, sheet: Sheet, field: Field, cells: list[Cell], rows: list[Row]) -> list[Cell]:
        """The cells of that column, one a row: merged ranges and ditto marks say what stands above."""
        name = field.column.name
        is_filled = field.column.kind in _FILLED_KINDS and (name, self.ledger.name) != ("name", "projects")
        tops = _tops(sheet, field)
        dittos = is_filled and any(_short(cell) in _DITTO for cell in set(cells))
        if not tops and not dittos:
            return cells
        above: Cell = _REFUSED_DITTO
        for place, row in enumerate(rows):
            above = _REFUSED_DITTO if row.follows_secret else above
            if row.number - 1 in tops:
                cells[place] = self._merged_cell(sheet, field, row, tops[row.number - 1], is_filled)
            elif is_filled and _short(cells[place]) in _DITTO:
                if above is _REFUSED_DITTO:
                    objection, shown = "上面没有可以照抄的行，请写明", values.shown(cells[place])
                    self.findings.refuse("ditto_has_its_row_above", objection, row.place(name), shown)
                cells[place] = above
            above = cells[place]
        return cells

    def _merged_cell(
        self, sheet: Sheet, field: Field, row: Row, top: tuple[int, int], is_filled: bool
    ) -> Cell:
        """The value of the merged range; of an amount only in its first row."""
        if is_filled:
            return cell_at(sheet.rows[top[0]], top[1])
        if field.column.kind in {"money", "foreign"}:
            self._remark(
                "存疑",
                "amount_stands_in_one_row",
                "金额合并在多行上，只记在第一行，请逐行填写",
                row.place(field.column.name),
            )
        return None

    def _tell_missing(self, field: Field, row: Row, cell: Cell) -> None:
        column = field.column
        if isinstance(cell, Unread):
            objection = "公式没有存下计算结果，按空白处理，请在 Excel 中打开保存后再报送"
            self._remark("存疑", "formula_has_a_value", objection, row.place(column.name))
        if column.is_required and not row.carried.get(column.name):
            filed = values.shown(cell) or None
            place = row.place(column.name)
            self.findings.refuse(f"{column.name}_is_filed", f"{column.term}不能为空", place, filed)

    def _tell(self, found: _Parsed | None, field: Field, row: Row, cell: Cell) -> None:
        """What there is to a cell but its values."""
        if found is None:
            self._tell_missing(field, row, cell)
            return
        if found.meant is not None:
            row.meant[field.column.name] = found.meant
        if found.span is not None:
            row.spans[field.column.name] = found.span
        if not (found.refusal or found.remarks or found.is_doubted):
            return
        place, shown = row.place(field.column.name), values.shown(cell)
        if found.refusal:
            self.findings.refuse(*found.refusal, place, shown)
        for severity, rule, objection, word in found.remarks:
            self.findings.remark(severity, rule, objection, place, word)
        if found.is_doubted:
            row.values.setdefault(RAW_TEXTS, []).append(f"{field.heading}：{shown}")

    def _parsed(self, field: Field, cell: Cell) -> _Parsed | None:
        """What a cell says; None where it is missing."""
        is_code = field.column.kind == "code"
        if values.is_missing_code(cell) if is_code else values.is_missing(cell):
            return None
        parsed = _Parsed()
        try:
            self._parse(field, cell, parsed)
        except ValueRefusedError as error:
            parsed.refusal = (error.rule, str(error))
        except ValueDoubtedError as error:
            if field.column.is_required:
                parsed.refusal = (error.rule, str(error))
            else:
                parsed.is_doubted = True
                parsed.remarks.append(("存疑", error.rule, str(error), values.shown(cell)))
                if error.value is not None:
                    self._parse_date(field.column, error.value, parsed)
        return parsed

    def _parse(self, field: Field, cell: Cell, parsed: _Parsed) -> None:
        """What the cell says, into `parsed`. Raises ValueRefusedError or ValueDoubtedError."""
        name = field.column.name
        match field.column.kind:
            case "money" | "foreign":
                exact = values.amount(cell, field.factor, field.units)
                parsed.values[name] = values.rounded(exact)
                if parsed.values[name] != exact:
                    objection = "小数超过四位（不足 1 元的部分），已四舍五入"
                    parsed.remarks.append(("提示", "amount_is_whole", objection, None))
            case "number":
                parsed.values[name] = values.number(cell)
            case "percent":
                parsed.values[name] = values.percent(cell, is_stated="%" in normalised(field.heading))
            case "flag":
                parsed.values[name] = values.flag(cell)
            case "date":
                year = int(self.period[:4])
                self._parse_date(field.column, values.known_date(cell, field.dates, year), parsed)
                if isinstance(cell, str) and values.is_doubtful_month(cell):
                    objection = "按 1 月读取；如果是 10 月，请写成 2024-10"
                    parsed.is_doubted = True
                    parsed.remarks.append(("存疑", "month_is_certain", objection, values.shown(cell)))
            case "code":
                parsed.values[name] = values.code(cell)
            case "month":
                parsed.values[name] = values.month_text(cell, self.period)
            case "year":
                parsed.values[name] = values.year(cell)
            case "texts":
                self._parse_texts(field.column, cell, parsed)
            case _:
                self._parse_text(field.column, cell, parsed)

    def _parse_texts(self, column: Column, cell: Cell, parsed: _Parsed) -> None:
        known = {"tags": self.words.tag, "lists": self.words.list_id}.get(column.name)
        words = [(word, known(word) if known else word) for word in values.texts(cell)]
        parsed.values[column.name] = list(dict.fromkeys(found or word for word, found in words))
        for word, found in words:
            if found is None:
                self._unknown(parsed, word, f"参考文件中没有这个{column.term}，保留原文")

    def _parse_text(self, column: Column, cell: Cell, parsed: _Parsed) -> None:
        one_line = column.name in {"name", "owner", "enterprise_name"}
        filed = values.name(cell) if one_line else values.text(cell)
        if column.name == "name":
            filed = values.unmarked(filed)
        parsed.meant = filed if column.name == "area_text" else None
        parsed.values[column.name] = column.usual(filed)
        match column.name:
            case "stage_reported" if "stage_filed" in self.ledger.schema:
                parsed.values["stage_filed"] = self.words.stage(filed)
                if parsed.values["stage_filed"] is None:
                    self._unknown(parsed, filed, "本市的阶段用词中没有这个词，阶段留空")
            case "category_text" if "category" in self.ledger.schema:
                parsed.values["category"] = self.words.category(filed)
                if parsed.values["category"] is None:
                    self._unknown(parsed, filed, "参考文件中没有这个项目类别，类别留空，保留原文")
            case "chain_text" if "chain" in self.ledger.schema:
                parsed.values["chain"] = self.words.chain(filed)
                if parsed.values["chain"] is None:
                    self._unknown(parsed, filed, "参考文件中没有这条产业链，产业链留空，保留原文")
            case "construction_span":
                self._parse_span(filed, parsed)
            case "park_id":
                parsed.values["park_id"] = self.words.park(filed) or filed
                if self.words.park(filed) is None:
                    self._unknown(parsed, filed, "参考文件中没有这个园区，保留原文")
            case _ if column.values and column.usual(filed) not in column.values:
                usual = "、".join(column.values)
                self._unknown(parsed, filed, f"不是常用的说法（{usual}），保留原文", "提示")

    def _parse_span(self, filed: str, parsed: _Parsed) -> None:
        """The planned start and completion that 2023-2025 says; a duration says neither."""
        both = values.span(filed)
        if both is None:
            objection = "认不出起、止两个时间，只保留原文。允许：如 2023-2025、2023年3月-2025年12月"
            parsed.remarks.append(("提示", "span_is_two_dates", objection, filed))
            return
        for name, known in zip(("start_due_on", "completion_due_on"), both, strict=True):
            self._parse_date(self.ledger.column(name), known, parsed)
        parsed.span = None
        if re.search(r"\.1(?!\d)", values.plain(filed)):
            parsed.is_doubted = True
            objection = "“.1”按 1 月读取；如果是 10 月，请写成 2024-10"
            parsed.remarks.append(("存疑", "month_is_certain", objection, filed))

    def _parse_date(self, column: Column, known: KnownDate, parsed: _Parsed) -> None:
        """An event of a span that is still running is cut to the end of the period (data-model.md 0)."""
        stored = known.last
        if is_event(column) and known.first <= self.period_end < known.last:
            stored = self.period_end
        parsed.values[column.name] = stored
        if f"{column.name}_precision" in self.ledger.schema:
            parsed.values[f"{column.name}_precision"] = known.precision
        parsed.span = known if known.precision != "day" else None

    def _unknown(self, parsed: _Parsed, word: str, objection: str, severity: Severity = "存疑") -> None:
        parsed.remarks.append((severity, "word_is_known", objection, word))

    def _carry_down(self, header: Header, rows: list[Row]) -> None:
        """What a group heading says holds for the rows below it that say nothing themselves."""
        for name in ("category_text", "chain_text", "nature", "stage_reported"):
            if name not in self.ledger.schema:
                continue
            column = self.ledger.column(name)
            parsed: dict[str, _Parsed] = {}
            for row in rows:
                word = row.carried.get(name)
                if word and row.values.get(name) is None:
                    if word not in parsed:
                        parsed[word] = _Parsed()
                        self._parse_text(column, word, parsed[word])
                    row.values.update(parsed[word].values)

    def _place_areas(self, header: Header, rows: list[Row]) -> None:
        """The area of each row: as filed, else of the group heading above, else that of the filing."""
        if "area_id" not in self.ledger.schema:
            return
        areas: dict[str, str | ValueRefusedError] = {}
        is_of_city = self.ledger.is_of_city and self.area_id is None
        for row in rows:
            row.values["area_id"] = self.area_id
            filed = row.meant.get("area_text")
            if filed is None and (carried := row.carried.get("area_text")):
                filed = row.values["area_text"] = carried
            if filed is None or (is_of_city and self.words.is_whole_city(filed)):
                self._place_nowhere(row, header)
                continue
            if filed not in areas:
                try:
                    areas[filed] = self.words.area(filed)
                except ValueRefusedError as error:
                    areas[filed] = error
            self._place(row, areas[filed])

    def _place_nowhere(self, row: Row, header: Header) -> None:
        if self.area_id is None and self.ledger.name == "projects":
            row.values["area_id"] = self.words.unassigned
            if header.field("area_text"):
                objection = "没有责任地区，归入未分区；如果与上一行相同（合并单元格被拆开），请逐行填写"
                self._remark("存疑", "area_is_filed", objection, row.place("area_text"))

    def _place(self, row: Row, area: str | ValueRefusedError) -> None:
        place, shown = row.place("area_text"), row.shown("area_text")
        if isinstance(area, ValueRefusedError):
            self.findings.refuse(area.rule, str(area), place, shown)
            return
        if self.area_id is not None and area != self.area_id:
            own = self.words.area_names[self.area_id]
            self.findings.refuse(
                "area_is_that_of_the_filing", f"不是本次报送的地区。允许：{own}", place, shown
            )
        row.values["area_id"] = area
        if area == self.words.unassigned and re.search(r"[、，,;；/+&\n]", shown or ""):
            self._remark("存疑", "area_is_one", "写了几个地区，归入未分区，请只写负责的一个", place)

    def _checks(
        self, sheet: Sheet, header: Header, rows: list[Row], standings: list[Standing]
    ) -> list[Check]:
        if not standings:
            return []
        amounts: dict[str, tuple[Field, Sequence[Decimal | None]]] = {
            field.column.name: (field, [row.values.get(field.column.name) for row in rows])
            for field in header.fields
            if field.column.kind in {"money", "foreign"} or field.column.name == "name"
        }
        amounts.pop("name", None) if len(amounts) > 1 else None
        checks = checked(sheet.name, standings, amounts)
        for check in checks:
            if not check.agrees:
                self.findings.remark(
                    "存疑",
                    "subtotal_agrees",
                    f"“{check.text}”写的{check.term}是 {check.stated.normalize():f}{check.unit}，"
                    f"读到的项目行合计是 {check.read.normalize():f}{check.unit}，"
                    "请核对是否漏行、单位或公式有误",
                    Place(sheet.name, check.row, check.heading, check.letter),
                )
        return checks

    def _remark_on_aside(
        self, sheet: Sheet, header: Header, number: int, cells: list[Cell], aside: Aside
    ) -> None:
        place = Place(sheet.name, number)
        if aside.kind in {"total", "group"} and is_numbered(cells, header):
            objection = f"有序号，却像是{aside.why}，没有按项目收下，请核对；如果是项目，请填上项目单位"
            self._remark("存疑", "aside_is_not_numbered", objection, place)
        if aside.why == "其中的续行":
            objection = "没有序号，紧接在“其中”下面，按其中项略过；如果是项目，请填上序号"
            self._remark("存疑", "aside_is_not_numbered", objection, place)
        amounts = [field for field in header.fields if field.column.kind in {"money", "foreign"}]
        if aside.why == "上一项目的续行" and any(cell_at(cells, field.index) for field in amounts):
            objection = "与上一行合并为一个项目，这一行的金额没有读取，请把一个项目的金额写在一行"
            self._remark("存疑", "project_takes_one_row", objection, place)

    def _remark_on_group(self, sheet: Sheet, number: int, aside: Aside, says: Mapping[str, str]) -> None:
        if aside.style == "name alone" or (not aside.says and "area_text" in says):
            still = f"，下面的行仍按{'、'.join(says.values())}读取" if says else ""
            objection = f"“{aside.text}”按分组行略过{still}，请核对；如果是项目，请填上序号和金额"
            self._remark("存疑", "group_is_known", objection, Place(sheet.name, number))

    def _remark_on_hidden(self, sheet: Sheet, header: Header, rows: list[Row]) -> None:
        name = header.field("name")
        for row in rows if sheet.struck and name else ():
            if (row.number - 1, name.index if name else 0) in sheet.struck:
                objection = "项目名称带删除线，已照常读取；已经取消的项目请删去这一行"
                self._remark("存疑", "row_is_not_struck_out", objection, Place(sheet.name, row.number))
        for row in rows:
            if row.number - 1 in sheet.hidden_rows:
                objection = "是隐藏的行（或被筛选隐藏），已照常读取，请核对是否应当报送"
                self._remark("存疑", "row_is_visible", objection, Place(sheet.name, row.number))
        for column in header.fields:
            if column.index in sheet.hidden_columns:
                place = Place(sheet.name, None, column.heading, column.letter)
                self._remark("提示", "column_is_visible", "是隐藏的列，已照常读取", place)

    def _remark_on_unnumbered(self, sheet: Sheet, header: Header, rows: list[Row]) -> None:
        unnumbered = [row.number for row in rows if not is_numbered(row.cells, header)]
        if header.numbering is not None and len(unnumbered) < len(rows):
            for number in unnumbered:
                objection = "没有序号，已按项目收下；如果是小计或分组行，请删去后重新报送"
                self._remark("存疑", "project_is_numbered", objection, Place(sheet.name, number))

    def _remark_on_bare(self, sheet: Sheet, rows: list[Row]) -> None:
        """A name and nothing else may be a signature or a note."""
        bare = [row.number for row in rows if len(row.cells) - row.cells.count(None) == 1]
        for number in bare if len(bare) < len(rows) else ():
            objection = "这一行只有名称，已按项目收下；如果是说明、落款或小标题，请删去后重新报送"
            self._remark("存疑", "project_is_more_than_its_name", objection, Place(sheet.name, number))

    def _remark(self, severity: Severity, rule: str, objection: str, place: Place) -> None:
        self.findings.remark(severity, rule, objection, place)


def _is_heading_of(cell: str, field: Field, column: str) -> bool:
    """Whether a heading further down says what the one above says: of an amount to the letter."""
    if field.column.kind not in {"money", "foreign"}:
        return field.column.name == column
    return normalised(cell) in map(normalised, field.heading.split(" > "))


def _as_filed(name: str, cell: Cell) -> dict[str, str]:
    """Words that are stored as the file has them, beside what they mean."""
    return {name: values.text(cell)} if name in _KEPT_AS_FILED and isinstance(cell, str) else {}


def _short(cell: Cell) -> str:
    """Short text without white space, as ditto marks are."""
    return values.plain(cell) if isinstance(cell, str) and len(cell) < 6 else ""


def _plain_value(cell: Cell, field: Field) -> Any:
    """The value of a cell about which there is nothing to say, as of most; _NOT_PLAIN for any other."""
    column = field.column
    if cell is None:
        return _NOT_PLAIN if column.is_required else None
    if isinstance(cell, float):
        if column.kind in {"money", "foreign"}:
            return values.plain_amount(cell, field.factor, _NOT_PLAIN)
        return cell if column.kind == "number" else _NOT_PLAIN
    if isinstance(cell, str):
        if column.kind == "code" and values.NATIONAL_CODE.fullmatch(cell) and cell.count("-") == 4:
            return cell
        if column.kind == "text" and not column.values and values.is_plain_text(cell):
            return cell if column.name != "name" or values.unmarked(cell) == cell else _NOT_PLAIN
    return _NOT_PLAIN


def _tops(sheet: Sheet, field: Field) -> dict[int, tuple[int, int]]:
    """For each row in which a merged range of that column goes on: where the range begins."""
    found = {}
    for top, left, bottom, right in sheet.merged:
        if left <= field.index <= right and bottom > top:
            for row in range(top + 1, min(bottom, len(sheet.rows) - 1) + 1):
                found[row] = (top, left)
    return found


def _going_on(sheet: Sheet, header: Header) -> set[int]:
    """Rows, counted from 0, over which the name of the project above is merged."""
    name = header.field("name")
    return {row for row in _tops(sheet, name) if row >= header.row} if name else set()


def _replaced(cell: Cell, field: Field) -> Cell:
    """The cell, or the word that the mapping gives for it."""
    if not field.values or cell is None:
        return cell
    own = values.plain(values.shown(cell))
    return next((meant for word, meant in field.values.items() if values.plain(word) == own), cell)


def _is_secret(cells: list[Cell], header: Header, marked: set[Cell]) -> bool:
    if header.secret is not None:
        level = normalised(cell_at(cells, header.secret) or "")
        if re.search("绝密|机密|秘密|内部", level) and not re.search("非|不", level):
            return True
    return bool(marked) and not marked.isdisjoint(cells)


def _marked_texts(sheet: Sheet) -> set[Cell]:
    """The texts of a sheet that mark what they stand beside as secret."""
    # Each of _MARKED has a star or a level in it, which one search tells of most sheets.
    written = "\n".join(sheet.texts)
    if "★" not in written and not ("密" in written and "级" in written):
        return set()
    suspects = [text for text in sheet.texts if "★" in text or ("密" in text and "级" in text)]
    return {text for text in suspects if _MARKED.search(normalised(text))}


def secret_sheet(book: Book, headers: dict[str, Header]) -> Place | None:
    """Where a sheet is marked as secret above its headings, hidden sheets included; None where none is."""
    for sheet in book.sheets:
        last = headers[sheet.name].row - 1 if sheet.name in headers else SEARCHED_ROWS
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
