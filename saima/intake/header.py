"""The headings of a sheet: where they stand, one to three rows deep, and which column of the ledger each is.

Surest first: what a mapping file says, what was decided for a sheet with these headings, our names, our
aliases, what the heading above makes of one; plain text may be taken by its likeness. Headings that none of
these know are listed in the report and never guessed.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property

from xlsxwriter.utility import xl_col_to_name

from saima.intake.headings import Headings, Meaning
from saima.intake.mapping import ColumnMapping, Mapped
from saima.intake.units import noted_units, units_of
from saima.intake.values import is_missing, normalised
from saima.intake.verdicts import Place, RefusedError
from saima.intake.workbook import Cell, Sheet
from saima.ledgers import Column
from saima.reference import MappingDecision

SEARCHED_ROWS = 20
"""Headings begin in one of the first rows; above them are titles and the note on units."""

DEPTHS = (1, 2, 3)
"""How many rows headings may take."""


@dataclass(frozen=True)
class Field:
    """One column of a sheet that is read. `factor` turns an amount into 万 of the ledger's currency;
    `unit` is what it was taken from, `units` are those that a cell may state itself. `how` (one of HOW)
    and `confidence` say how the column was recognised, `key` is what a decision about it is kept under."""

    index: int
    heading: str
    column: Column
    how: str
    key: str = ""
    confidence: float = 1.0
    unit: str | None = None
    factor: Decimal = Decimal(1)
    is_unit_assumed: bool = False
    units: Mapping[str, Decimal] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def letter(self) -> str:
        """The column's letters in Excel."""
        return str(xl_col_to_name(self.index))


@dataclass(frozen=True)
class Unmapped:
    """A heading that is not read: the column that it may be, and how surely; whether it speaks of another
    year or month, whether it states a unit of money, and whether numbers stand below it."""

    index: int
    heading: str
    key: str
    suggestion: str | None = None
    confidence: float = 0.0
    is_of_another_time: bool = False
    has_unit: bool = False
    has_numbers: bool = True

    @property
    def letter(self) -> str:
        """The column's letters in Excel."""
        return str(xl_col_to_name(self.index))

    @property
    def is_amount(self) -> bool:
        """Whether the heading names an amount of money."""
        plain = normalised(self.heading)
        is_share = re.search("率|比例|%|占", plain) is not None
        is_named = not is_share and re.search("投资|金额|资金|引资", plain) is not None
        return self.has_unit or (is_named and self.has_numbers)

    @property
    def is_event(self) -> bool:
        """Whether the heading names something that happens to a project, with figures below it."""
        plain = normalised(self.heading)
        is_named = re.search("谋划|签约|落地|立项|开工|竣工|验收|投产|达产|入统", plain) is not None
        is_other = (
            re.search("是否|情况|形象|内容|单位|原因|问题|率|面积|个数|投资|资金|产值", plain) is not None
        )
        return is_named and not is_other and self.has_numbers


@dataclass(frozen=True)
class Header:
    """The headings of a sheet, in the rows from `first_row` to `row` as Excel numbers them.

    `dropped` are headings of personal data, `secret` and `numbering` the index of 密级 and of 序号,
    `doubled` pairs of headings for one column of which the first was taken, `last` the index of the last
    heading, `blank` those of the columns between headings that have none.
    `fingerprint` is the same for sheets with the same headings, whatever their period.
    """

    first_row: int
    row: int
    fields: tuple[Field, ...]
    fingerprint: str
    last: int
    unmapped: tuple[Unmapped, ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    doubled: tuple[tuple[str, str], ...] = ()
    secret: int | None = None
    numbering: int | None = None
    blank: tuple[int, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that column of the ledger; None where the sheet lacks it."""
        return self._by_name.get(name)

    @cached_property
    def texts(self) -> frozenset[str]:
        """What stands in the cells of the headings that are read."""
        return frozenset(part for field in self.fields for part in field.heading.split(" > "))

    @cached_property
    def _by_name(self) -> Mapping[str, Field]:
        return {field.column.name: field for field in self.fields}


_UNIT_BESIDE = re.compile("(?:金额)?单位[:为](?=.)")
_PERSONAL = re.compile("联系人|联络人|联系电话|联系方式|电话|手机|传真|邮箱|身份证")
_NUMBERING = {"序号", "no", "no.", "行号", "序次", "编号"}
_SECRECY = {"密级", "涉密等级", "密级标识"}
_CERTAIN = {"money", "foreign", "date", "code"}
"""Kinds of columns of which a sheet may have only one."""
_FIGURES = {"number", "percent", "year", "month"}
"""Kinds of columns of which a second one must say the same."""

Paths = Mapping[int, tuple[str, ...]]
"""Headings of a block of rows, by column: from the uppermost down."""


def find_header(
    sheet: Sheet,
    headings: Headings,
    mapping: ColumnMapping,
    decisions: Sequence[MappingDecision] = (),
) -> Header | None:
    """The headings of a sheet: the rows, among the first, that name most columns of the ledger.

    None where no row names two of them (or every required one). Raises RefusedError where a heading that
    the mapping names is missing, or two headings claim one amount or date.
    """
    merged = _by_cell(sheet)
    mapped = {normalised(entry.heading): name for name, entry in mapping.columns.items()}
    on_purpose = {normalised(heading) for heading in mapping.ignore}

    @cache
    def meaning(parts: tuple[str, ...]) -> Meaning | None:
        return _meaning(parts, headings, mapped, on_purpose)

    def named(first: int, last: int) -> set[str]:
        paths = _paths(sheet, merged, first, last).values()
        return {found.column.name for parts in paths if (found := meaning(parts))}

    starts = range(1, min(SEARCHED_ROWS, len(sheet.rows)) + 1)
    blocks = [(start, start + depth - 1) for depth in DEPTHS for start in starts]
    if mapping.header_row:
        blocks = [(max(mapping.header_row - depth + 1, 1), mapping.header_row) for depth in DEPTHS]
    first = last = 0
    best: set[str] = set()
    for block in blocks:
        found = named(*block) if block[1] <= len(sheet.rows) else set()
        if len(found) > len(best):
            (first, last), best = block, found
    required = {column.name for column in headings.ledger.filed if column.is_required}
    if len(best) < 2 and not (best and required <= best):
        return None
    first = _highest(sheet, first)
    while last - first + 1 < len(DEPTHS) and first > 1 and _is_parent(sheet, first - 1):
        if not named(first - 1, last) >= best:
            break
        first -= 1
    last = _lowest(sheet, first, last)
    paths = _paths(sheet, merged, first, last)
    return _Reading(sheet, first, last, paths, headings, mapping, mapped, on_purpose, decisions).header()


def _meaning(
    parts: Sequence[str], headings: Headings, mapped: Mapping[str, str], on_purpose: set[str]
) -> Meaning | None:
    own = normalised(_shown(parts))
    if own in on_purpose:
        return None
    if own in mapped:
        column = headings.ledger.column(mapped[own])
        unit = headings.unit(parts) if units_of(column, headings.currency) else None
        return Meaning(column, "映射", unit=unit)
    return headings.meaning(parts)


def _shown(parts: Sequence[str]) -> str:
    return " > ".join(parts)


def _by_cell(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of the merged range that each merged cell of the first rows belongs to."""
    found = {}
    for top, left, bottom, right in sheet.merged:
        if top < SEARCHED_ROWS + len(DEPTHS):
            for row in range(top, min(bottom, top + len(DEPTHS)) + 1):
                for column in range(left, right + 1):
                    found[row, column] = (top, left)
    return found


def _paths(sheet: Sheet, merged: Mapping[tuple[int, int], tuple[int, int]], first: int, last: int) -> Paths:
    """The headings in those rows. A heading over several columns is merged over them, or, in a file that
    merges nothing, stands over the first and leaves the next ones blank."""
    rows = sheet.rows[first - 1 : last]
    width = max(map(len, rows), default=0)
    is_merged = any(first - 1 <= row < last for row, _ in merged)
    levels: list[list[str | None]] = []
    for place in range(len(rows)):
        texts: list[str | None] = []
        for column in range(width):
            row, own = merged.get((first - 1 + place, column), (first - 1 + place, column))
            cell = sheet.rows[row][own] if own < len(sheet.rows[row]) else None
            text = " ".join(str(cell).split()) if isinstance(cell, str | float) else None
            if text is None and not is_merged and column and place < len(rows) - 1:
                below = rows[place + 1]
                has_child = column < len(below) and below[column] is not None
                text = texts[column - 1] if has_child else None
            texts.append(text)
        levels.append(texts)
    paths = {}
    for column in range(width):
        parts = [level[column] for level in levels]
        path = tuple(
            part for place, part in enumerate(parts) if part and part not in parts[max(place - 1, 0) : place]
        )
        if path:
            paths[column] = path
    return paths


def _highest(sheet: Sheet, first: int) -> int:
    """The first row of headings: one merged downwards into them began above."""
    tops = [top + 1 for top, _, bottom, _ in sheet.merged if top + 1 < first <= bottom + 1]
    return max(min(tops, default=first), first - len(DEPTHS) + 1)


def _is_parent(sheet: Sheet, number: int) -> bool:
    """Whether a row holds headings over those below: several texts, one of them merged over columns."""
    cells = sheet.rows[number - 1]
    is_merged = any(top == bottom == number - 1 and right > left for top, left, bottom, right in sheet.merged)
    filled = [cell for cell in cells if cell is not None]
    is_words = all(isinstance(cell, str) and "单位" not in normalised(cell) for cell in filled)
    return is_merged and len(filled) > 1 and is_words


def _lowest(sheet: Sheet, first: int, last: int) -> int:
    """The last row of headings: a heading merged downwards, or a row of words alone, goes on below."""
    for top, _, bottom, _ in sheet.merged:
        if first - 1 <= top < last and bottom < first - 1 + len(DEPTHS) + 1:
            last = max(last, bottom + 1)
    while last - first + 1 < len(DEPTHS) and _is_second(sheet, last):
        last += 1
    return last


def _is_second(sheet: Sheet, last: int) -> bool:
    """Whether the row below is one of headings, too: only words, some of them where nothing stands above
    or an amount or date does (计划, 实际), and nothing where a project has its name."""
    above = sheet.rows[last - 1]
    cells = sheet.rows[last] if last < len(sheet.rows) else []
    filled = {
        index: cell
        for index, cell in enumerate(cells)
        if cell is not None and not is_missing(cell) and (index >= len(above) or cell != above[index])
    }
    name = next(
        (index for index, cell in enumerate(above) if isinstance(cell, str) and "名称" in normalised(cell)),
        None,
    )
    if not filled or name is None or name in filled:
        return False
    if not all(isinstance(cell, str) and _is_heading_word(cell) for cell in filled.values()):
        return False
    span = range(name, len(above) + 1)
    gaps = [index for index in filled if index in span and (index >= len(above) or above[index] is None)]
    under = [index for index in filled if index < len(above) and _is_split(above[index])]
    return bool(gaps or under)


def _is_heading_word(text: str) -> bool:
    return re.search(r"\d", text) is None or re.search("[年月季期]", text) is not None


def _is_split(heading: Cell) -> bool:
    return isinstance(heading, str) and re.search("投资|时间|日期|计划|资金|金额", heading) is not None


@dataclass(frozen=True)
class _Reading:
    """One sheet whose headings were found, about to be understood."""

    sheet: Sheet
    first: int
    last: int
    paths: Paths
    headings: Headings
    mapping: ColumnMapping
    mapped: Mapping[str, str]
    on_purpose: set[str]
    decisions: Sequence[MappingDecision]

    def header(self) -> Header:
        keys = {index: self.headings.key(parts) for index, parts in self.paths.items()}
        usual = sorted({self.headings.usual(parts) for parts in self.paths.values()})
        fingerprint = hashlib.sha256("\n".join(usual).encode()).hexdigest()[:12]
        decided = {made.heading: made for made in self.decisions if made.fingerprint == fingerprint}
        self._must_have_mapped_headings()
        own = {index: normalised(parts[-1]) for index, parts in self.paths.items()}
        numbering = next((index for index in own if own[index] in _NUMBERING), None)
        secret = next((index for index in own if own[index] in _SECRECY), None)
        ignored = [
            index
            for index, parts in self.paths.items()
            if own[index] in _NUMBERING or normalised(_shown(parts)) in self.on_purpose
        ]
        matches: dict[int, Meaning] = {}
        dropped: list[int] = []
        for index, parts in self.paths.items():
            if index in {*ignored, secret}:
                continue
            made = decided.get(keys[index])
            found = self._decided(made, parts) if made else None
            found = found or (None if made else _meaning(parts, self.headings, self.mapped, self.on_purpose))
            if found is None and _PERSONAL.search(own[index]):
                dropped.append(index)
            elif found is None and made is None and self._has_values(index):
                found = self.headings.likely(parts)
            if found:
                matches[index] = found
        taken, doubled = self._taken(matches, keys, decided)
        # A heading that was not needed can be chosen for another column.
        known = {*matches, *ignored, *dropped, secret} - doubled.keys()
        rest = [index for index in self.paths if index not in known]
        return Header(
            self.first,
            self.last,
            tuple(sorted(taken, key=lambda field: field.index)),
            fingerprint,
            max(self.paths),
            tuple(self._unmapped(index, keys[index]) for index in rest),
            tuple(_shown(self.paths[index]) for index in dropped),
            tuple(_shown(self.paths[index]) for index in ignored),
            tuple(doubled.values()),
            secret,
            numbering,
            tuple(index for index in range(min(self.paths), max(self.paths)) if index not in self.paths),
        )

    def _decided(self, made: MappingDecision, parts: Sequence[str]) -> Meaning | None:
        """What was decided; a unit that the heading itself states is never overruled."""
        known = {column.name: column for column in self.headings.ledger.filed}
        if made.column not in known:
            return None
        column = known[made.column]
        own = self.headings.unit(parts) if units_of(column, self.headings.currency) else None
        return Meaning(column, "记住", unit=own or made.unit)

    def _must_have_mapped_headings(self) -> None:
        present = {normalised(_shown(parts)) for parts in self.paths.values()}
        for entry in self.mapping.columns.values():
            if normalised(entry.heading) not in present:
                shown = "、".join(_shown(parts) for parts in self.paths.values())
                raise RefusedError(
                    "mapped_headings_are_present",
                    f"映射文件「{self.mapping.file}」要的列「{entry.heading}」"
                    f"不在工作表「{self.sheet.name}」第 {self.last} 行的表头中，表头有：{shown}",
                    Place(self.sheet.name, self.last, entry.heading),
                )

    def _is_merged(self, one: int, other: int) -> bool:
        """Whether one heading is merged over both columns."""
        return any(
            self.first - 1 <= top < self.last and left <= min(one, other) and max(one, other) <= right
            for top, left, _, right in self.sheet.merged
        )

    def _are_at_odds(self, one: int, other: int, column: Column) -> bool:
        """Whether two columns of one figure, or under one and the same heading, hold different cells."""
        if column.kind not in _FIGURES and self.paths[one] != self.paths[other]:
            return False
        pairs = (
            [cells[index] if index < len(cells) else None for index in (one, other)]
            for cells in self.sheet.rows[self.last :]
        )
        return any(first != second for first, second in pairs)

    def _has_values(self, index: int) -> bool:
        return any(index < len(cells) and cells[index] is not None for cells in self.sheet.rows[self.last :])

    def _taken(
        self, matches: dict[int, Meaning], keys: Mapping[int, str], decided: Mapping[str, MappingDecision]
    ) -> tuple[list[Field], dict[int, tuple[str, str]]]:
        """One field for each column of the ledger, the surest; and, by index, the headings that were not
        needed, behind the one that was taken."""
        taken: dict[str, tuple[Meaning, int]] = {}
        doubled: dict[int, tuple[str, str]] = {}
        for index, found in sorted(matches.items(), key=lambda item: (item[1].rank, item[0])):
            name = found.column.name
            if name not in taken:
                taken[name] = (found, index)
                continue
            first, place = taken[name]
            if self.paths[place] == self.paths[index] and not self._has_values(place):
                # A heading merged over two columns stands over the one that is filled in.
                taken[name] = (found, index)
            elif self.paths[place] == self.paths[index] and not self._has_values(index):
                continue
            elif self.paths[place] == self.paths[index] and self._is_merged(place, index):
                heading = _shown(self.paths[index])
                raise RefusedError(
                    "data_stand_under_their_headings",
                    f"工作表「{self.sheet.name}」第 {self.last} 行的「{heading}」合并了几列，"
                    "下面不止一列有内容，可能错位，请取消合并，给每一列写上标题",
                    Place(self.sheet.name, self.last, heading, str(xl_col_to_name(index))),
                )
            elif first.rank == found.rank and (
                found.column.kind in _CERTAIN or self._are_at_odds(place, index, found.column)
            ):
                one, other = _shown(self.paths[place]), _shown(self.paths[index])
                raise RefusedError(
                    "one_heading_names_a_column",
                    f"工作表「{self.sheet.name}」第 {self.last} 行的「{one}」和「{other}」"
                    f"都像是{found.column.term}，请改名，或用映射文件指明取哪一列",
                    Place(self.sheet.name, self.last, other, str(xl_col_to_name(index))),
                )
            else:
                doubled[index] = (_shown(self.paths[place]), _shown(self.paths[index]))
        # 项目（亿元）: the name of a sheet may state it as well, and 单位：亿元 stand beside the headings.
        over: list[list[Cell]] = [*self.sheet.rows[: self.first - 1], [self.sheet.name]]
        over += [[cell] for cell in self.sheet.rows[self.last - 1] if _UNIT_BESIDE.match(normalised(cell))]
        noted = noted_units(over, self.headings.currency)
        fields = [self._field(index, found, keys[index], noted) for found, index in taken.values()]
        return fields, doubled

    def _unmapped(self, index: int, key: str) -> Unmapped:
        parts = self.paths[index]
        suggestion = self.headings.suggestion(parts)
        return Unmapped(
            index,
            _shown(parts),
            key,
            suggestion[0].name if suggestion else None,
            suggestion[1] if suggestion else 0.0,
            self.headings.is_of_another_time(parts),
            self.headings.unit(parts) is not None,
            any(
                isinstance(cell, float) or (isinstance(cell, str) and re.search(r"\d", cell))
                for cells in self.sheet.rows[self.last :]
                for cell in cells[index : index + 1]
            ),
        )

    def _field(self, index: int, found: Meaning, key: str, noted: Iterable[str]) -> Field:
        """The field with its factor: from the mapping, the heading, the note above, or as is usual."""
        column, currency = found.column, self.headings.currency
        heading = _shown(self.paths[index])
        entry = self.mapping.columns[column.name] if found.how == "映射" else Mapped(heading)
        units = units_of(column, currency)
        plain = Field(
            index,
            heading,
            column,
            found.how,
            key,
            found.confidence,
            dates=entry.dates,
            values=entry.values,
        )
        if not units:
            return plain
        place = Place(self.sheet.name, self.last, heading, plain.letter)
        unit = found.unit
        if unit and unit not in units:
            raise RefusedError(
                "unit_fits_the_column",
                f"工作表「{self.sheet.name}」第 {self.last} 行「{heading}」的单位“{unit}”"
                f"不能用于{column.term}。允许：{'、'.join(units)}，或在映射文件中写明 factor",
                place,
                unit,
            )
        if unit and entry.factor is not None and entry.factor != units[unit]:
            raise RefusedError(
                "mapping_agrees_with_the_heading",
                f"工作表「{self.sheet.name}」第 {self.last} 行「{heading}」写的是{unit}，"
                f"映射文件写的是 {entry.unit or entry.factor}，请改成一致",
                place,
                unit,
            )
        fitting = [name for name in noted if name in units]
        is_remembered = found.how == "记住" and self.headings.unit(self.paths[index]) is None
        if found.how == "记住" and unit and fitting and units[unit] not in {units[name] for name in fitting}:
            raise RefusedError(
                "unit_is_certain",
                f"工作表「{self.sheet.name}」的「{heading}」以前指定按{unit}读取，这次表头以上写的是{fitting[0]}，"
                "请把单位写进列标题",
                place,
            )
        if not unit and entry.factor is None and noted and not fitting:
            raise RefusedError(
                "unit_is_certain",
                f"工作表「{self.sheet.name}」表头以上写的金额单位是{'、'.join(noted)}，不能用于「{heading}」，"
                "请把这一列的单位写进列标题，或在映射文件中写明 unit",
                place,
            )
        if not unit and entry.factor is None and len({units[name] for name in fitting}) > 1:
            raise RefusedError(
                "unit_is_certain",
                f"工作表「{self.sheet.name}」表头以上写了几种金额单位（{'、'.join(fitting)}），分不清「{heading}」"
                f"是哪一种，请写进列标题，如 {heading}（{fitting[0]}），或在映射文件中写明 unit",
                place,
            )
        stated = f"×{entry.factor}" if entry.factor is not None else None
        known = entry.unit or stated or unit or next(iter(fitting), None)
        usual = "万美元" if column.kind == "foreign" else f"万{currency}"
        return replace(
            plain,
            unit=known or usual,
            factor=entry.factor if entry.factor is not None else units[known or usual],
            is_unit_assumed=known is None or (is_remembered and not fitting),
            units=units,
        )
