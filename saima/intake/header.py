"""Which column of a sheet is which column of the ledger: by our names, or as a mapping file says.

A mapping file is TOML:

    sheet = "Sheet1"                  # only this sheet; optional
    header_row = 3                    # row number of the headings; optional
    ignore = ["Managing Agency"]      # headings that are left out on purpose; optional

    [columns.investment_total]        # our column, by name or Chinese term
    heading = "Budget Forecast"       # heading in the file
    unit = "元"                       # 元 千元 万元 百万元 千万元 亿元 (万美元 … for foreign amounts)
    factor = 0.0001                   # instead of unit: what one of it is in 万元
    dates = ["%m/%d/%Y"]              # date formats, tried before the usual ones
    values = { "Manhatten" = "Manhattan" }  # word in the file → word that is meant; "" = missing

Headings that neither the mapping nor our aliases know are listed in the report and never guessed.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from saima.intake.verdicts import Place, RefusedError
from saima.intake.workbook import Cell, Sheet
from saima.ledgers import Column, Ledger

SEARCHED_ROWS = 20
"""Headings stand in one of the first rows; above them are titles and the note on units."""

MONEY_UNITS = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "百万元": Decimal(100),
    "千万元": Decimal(1_000),
    "亿元": Decimal(10_000),
}
"""万元 in one of each unit. 元 stands for the city's currency."""

FOREIGN_UNITS = {"美元": Decimal("0.0001"), "万美元": Decimal(1), "亿美元": Decimal(10_000)}
"""万美元 in one of each unit."""


def units_of(column: Column, currency: str) -> dict[str, Decimal]:
    """Units in which an amount of that column may be filed; none for other columns."""
    if column.kind == "foreign":
        return FOREIGN_UNITS
    if column.kind != "money":
        return {}
    own = {unit.removesuffix("元") + currency: factor for unit, factor in MONEY_UNITS.items()}
    return MONEY_UNITS | own


def _spellings(units: Iterable[str]) -> dict[str, str]:
    """Every way in which one of these units is written (亿, 人民币亿元, 亿元人民币) → the unit."""
    found = {normalised(unit): unit for unit in units}
    for unit in [unit for unit in found.values() if unit in MONEY_UNITS]:
        short = [unit.removesuffix("元")] if unit in {"万元", "亿元"} else []
        for written in (unit, *short):
            found |= {written: unit, f"人民币{written}": unit, f"{written}人民币": unit}
    return found


def _all_units(currency: str) -> list[str]:
    """Units of every kind of amount."""
    return [*units_of(Column("", "", "money"), currency), *FOREIGN_UNITS]


def normalised(text: object) -> str:
    """A heading without what differs from hand to hand: width, space, line feed, case, stars."""
    plain = unicodedata.normalize("NFKC", str(text))
    plain = re.sub(r"[\s\u200b\ufeff]+", "", plain).strip("*※")
    return plain.translate(str.maketrans("【】〔〕[]", "()()()")).lower()


@dataclass(frozen=True)
class Mapped:
    """What a mapping file says of one column."""

    heading: str
    unit: str | None = None
    factor: Decimal | None = None
    dates: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnMapping:
    """A mapping file as read; empty where there is none. `columns` is by our column names."""

    file: str = ""
    sheet: str | None = None
    header_row: int | None = None
    ignore: tuple[str, ...] = ()
    columns: Mapping[str, Mapped] = field(default_factory=dict)


def read_mapping(path: Path, ledger: Ledger, currency: str) -> ColumnMapping:
    """The mapping of that file. Raises RefusedError with the key that cannot be used and what is allowed."""

    def refuse(problem: str) -> RefusedError:
        return RefusedError("mapping_is_readable", f"映射文件「{path.name}」{problem}")

    try:
        content = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError:
        raise refuse("不存在或无法读取") from None
    except UnicodeDecodeError:
        raise refuse("不是 UTF-8 编码的文本，请另存为 UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾一行"
        raise refuse(f"{where}不是有效的 TOML，请改正这一行") from None

    def must(is_right: bool, place: str, allowed: str) -> None:
        if not is_right:
            raise refuse(f"的「{place}」无效。允许：{allowed}")

    for key in content:
        must(key in {"sheet", "header_row", "ignore", "columns"}, key, "sheet、header_row、ignore、columns")
    sheet, header_row, ignore = content.get("sheet"), content.get("header_row"), content.get("ignore", [])
    must(sheet is None or isinstance(sheet, str), "sheet", "工作表名称")
    must(header_row is None or (type(header_row) is int and header_row > 0), "header_row", "行号")
    must(_are_texts(ignore), "ignore", "列标题的清单")
    tables = content.get("columns", {})
    must(isinstance(tables, dict), "columns", "[columns.列名] 小节")
    by_term = {column.term.removesuffix("（原文）"): column.name for column in reversed(ledger.filed)}
    allowed_names = "、".join(f"{column.name}（{column.term}）" for column in ledger.filed)
    columns: dict[str, Mapped] = {}
    for key, table in tables.items():
        name = by_term.get(key, key)
        must(name in {column.name for column in ledger.filed}, f"columns.{key}", allowed_names)
        must(isinstance(table, dict), f"columns.{key}", "一个小节")
        for inner in table:
            keys = ("heading", "unit", "factor", "dates", "values")
            must(inner in keys, f"columns.{key}.{inner}", "、".join(keys))
        units = units_of(ledger.column(name), currency)
        unit, factor, dates = table.get("unit"), table.get("factor"), table.get("dates", [])
        values = table.get("values", {})
        must(isinstance(table.get("heading"), str), f"columns.{key}.heading", "文件中的列标题")
        must(unit is None or unit in units, f"columns.{key}.unit", "、".join(units) or "金额列才有单位")
        must(
            factor is None or (bool(units) and _is_factor(factor)),
            f"columns.{key}.factor",
            "大于零的数（0.00000001 到 100000000），只用于金额列",
        )
        must(unit is None or factor is None, f"columns.{key}.factor", "unit 与 factor 只写一个")
        must(
            _are_texts(dates) and all(map(_is_date_format, dates)),
            f"columns.{key}.dates",
            '日期格式的清单，如 ["%m/%d/%Y"]，只用 %Y %y %m %b %B %d %j %H %M %S，各一次，要有年份',
        )
        must(
            isinstance(values, dict) and _are_texts(list(values.values())),
            f"columns.{key}.values",
            '原词 = "所指的词"',
        )
        columns[name] = Mapped(
            table["heading"],
            unit,
            units[unit] if unit else Decimal(factor) if factor is not None else None,
            tuple(dates),
            values,
        )
    named = [normalised(heading) for heading in (*ignore, *(entry.heading for entry in columns.values()))]
    for key, entry in columns.items():
        must(
            named.count(normalised(entry.heading)) == 1,
            f"columns.{key}.heading",
            f"「{entry.heading}」只能用于一列，也不能同时写在 ignore 里",
        )
    return ColumnMapping(path.name, sheet, header_row, tuple(ignore), columns)


def _is_factor(value: Any) -> bool:
    if type(value) not in {int, Decimal} or not Decimal(value).is_finite():
        return False
    return bool(Decimal("1e-8") <= value <= Decimal("1e8"))


def _is_date_format(form: str) -> bool:
    """Whether `strptime` reads that form, and a whole date by it: a day without its month is none."""
    marks = re.findall(r"%(.?)", form)
    has_month = not {"m", "b", "B", "j"}.isdisjoint(marks)
    return (
        set(marks) <= set("YymbBdjHMS")
        and len(set(marks)) == len(marks)
        and len({"Y", "y"} & set(marks)) == 1
        and (has_month or "d" not in marks)
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@dataclass(frozen=True)
class Field:
    """One column of a sheet that is read. `factor` turns an amount into 万 of the ledger's currency;
    `unit` is what it was taken from, `units` are those that a cell may state itself. `how` says how the
    column was recognised."""

    index: int
    heading: str
    column: Column
    how: str
    unit: str | None = None
    factor: Decimal = Decimal(1)
    is_unit_assumed: bool = False
    units: Mapping[str, Decimal] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Header:
    """The headings of a sheet. `row` is the row number that Excel shows.

    `unmapped` are headings that are not ours, `dropped` those with personal data, `secret` and
    `numbering` the index of 密级 and of 序号, `doubled` pairs of headings for one column of which the
    first was taken.
    """

    row: int
    fields: tuple[Field, ...]
    unmapped: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    doubled: tuple[tuple[str, str], ...] = ()
    secret: int | None = None
    numbering: int | None = None

    def field(self, name: str) -> Field | None:
        """The field of that column of the ledger; None where the sheet lacks it."""
        return next((field for field in self.fields if field.column.name == name), None)


_PERSONAL = re.compile("联系人|联络人|联系电话|联系方式|电话|手机|传真|邮箱|身份证")
_NUMBERING = {"序号", "no", "no.", "行号", "序次", "编号"}
_SECRECY = {"密级", "涉密等级", "密级标识"}


def find_header(
    sheet: Sheet, ledger: Ledger, mapping: ColumnMapping, currency: str, period: str
) -> Header | None:
    """The headings of a sheet: the row, among the first, that names most columns of the ledger.

    None where no row names two of them (or every required one). Raises RefusedError where a heading that
    the mapping names is missing, or two headings claim one amount or date.
    """
    names = _known_headings(ledger, currency, period)
    mapped = {normalised(entry.heading): name for name, entry in mapping.columns.items()}
    on_purpose = {normalised(heading) for heading in mapping.ignore}
    first = mapping.header_row or 1
    last = mapping.header_row or SEARCHED_ROWS
    best: dict[int, tuple[Column, str, str | None]] = {}
    best_row = 0
    for number in range(first, min(last, len(sheet.rows)) + 1):
        found = {
            index: match
            for index, cell in enumerate(sheet.rows[number - 1])
            if isinstance(cell, str)
            and normalised(cell) not in on_purpose
            and (match := _match(cell, ledger, names, mapped, currency))
        }
        if len({match[0].name for match in found.values()}) > len({match[0].name for match in best.values()}):
            best, best_row = found, number
    columns = {match[0].name for match in best.values()}
    required = {column.name for column in ledger.filed if column.is_required}
    if len(columns) < 2 and not (columns and required <= columns):
        return None
    return _header(sheet, best_row, best, ledger, mapping, currency)


def _known_headings(ledger: Ledger, currency: str, period: str) -> dict[str, tuple[Column, int]]:
    """Normalised heading → column and how much it is preferred (0 is the column's own term)."""
    known: dict[str, tuple[Column, int]] = {}
    for column in ledger.filed:
        terms = (column.term.removesuffix("（原文）"), column.term, *column.aliases)
        for preference, term in enumerate(terms):
            heading = normalised(term)
            known.setdefault(heading, (column, preference))
            if units_of(column, currency):
                known.setdefault(_without_unit(heading, units_of(column, currency))[0], (column, preference))
    year, month = period.split("-")
    for heading, (column, preference) in list(known.items()):
        # 2024年计划投资 and 1-9月完成投资 are this year's in a ledger of 2024-09, and history in any other.
        if heading.startswith("本年"):
            rest = heading.removeprefix("本年").removeprefix("度")
            for own in (f"{year}年", f"{year}年度", f"1-{int(month)}月", f"{year}年1-{int(month)}月"):
                known.setdefault(own + rest, (column, preference))
                known.setdefault(own + rest.removeprefix("累计"), (column, preference))
        if heading.startswith("本月"):
            rest = heading.removeprefix("本月")
            for own in (f"{int(month)}月", f"{int(month)}月份", f"{year}年{int(month)}月"):
                known.setdefault(own + rest, (column, preference))
    return known


def _without_unit(heading: str, units: Iterable[str]) -> tuple[str, str | None]:
    """A normalised heading without the unit at its end, and that unit."""
    match = _ending_in(tuple(units)).fullmatch(heading)
    return (match[1], _spellings(units)[match[2]]) if match else (heading, None)


@cache
def _ending_in(units: tuple[str, ...]) -> re.Pattern[str]:
    """A heading that ends in one of these units; without any nothing matches."""
    spellings = sorted(_spellings(units), key=len, reverse=True)
    either = "|".join(map(re.escape, spellings)) or "(?!)"
    return re.compile(rf"(.+?)[(/:,、_-]*(?:单位:?)?({either})\)*")


_NEUTRAL = re.compile(r"\((?:必填|选填|年月日?|年/月(?:/日)?|yyyy.*|单选|多选|下拉选择|按文本填写)\)$")


def _match(
    cell: str,
    ledger: Ledger,
    names: Mapping[str, tuple[Column, int]],
    mapped: Mapping[str, str],
    currency: str,
) -> tuple[Column, str, str | None] | None:
    """Column that a heading names, how it was recognised, and the unit written in it."""
    heading = _NEUTRAL.sub("", normalised(cell))
    if normalised(cell) in mapped:
        column = ledger.column(mapped[normalised(cell)])
        return column, "映射", _without_unit(heading, units_of(column, currency))[1]
    if heading in names:
        column, preference = names[heading]
        return (
            column,
            "本名" if preference == 0 else "别名",
            _without_unit(heading, units_of(column, currency))[1],
        )
    stem, unit = _without_unit(heading, _all_units(currency))
    if unit and stem in names and units_of(names[stem][0], currency):
        column, preference = names[stem]
        return column, "本名" if preference == 0 else "别名", unit
    return None


def _header(
    sheet: Sheet,
    row: int,
    matches: Mapping[int, tuple[Column, str, str | None]],
    ledger: Ledger,
    mapping: ColumnMapping,
    currency: str,
) -> Header:
    cells = sheet.rows[row - 1]
    noted = _noted_units(sheet.rows[: row - 1], currency)
    present = {normalised(cell) for cell in cells if isinstance(cell, str)}
    for entry in mapping.columns.values():
        if normalised(entry.heading) not in present:
            raise RefusedError(
                "mapped_headings_are_present",
                f"映射文件「{mapping.file}」要的列「{entry.heading}」"
                f"不在工作表「{sheet.name}」第 {row} 行的表头中，表头有：{'、'.join(_headings(cells))}",
                Place(sheet.name, row, entry.heading),
            )
    taken: dict[str, Field] = {}
    doubled: list[tuple[str, str]] = []
    order = {how: place for place, how in enumerate(("映射", "本名", "别名"))}
    for index, (column, how, unit) in sorted(matches.items(), key=lambda item: (order[item[1][1]], item[0])):
        heading = " ".join(str(cells[index]).split())
        first = taken.get(column.name)
        if first is None:
            said = mapping.columns[column.name] if how == "映射" else Mapped(heading)
            taken[column.name] = _field(sheet, row, index, heading, column, how, unit, noted, said, currency)
        elif first.how == how and column.kind in {"money", "foreign", "date", "code"}:
            raise RefusedError(
                "one_heading_names_a_column",
                f"工作表「{sheet.name}」第 {row} 行的「{first.heading}」和「{heading}」都像是{column.term}，"
                "请改名，或用映射文件指明取哪一列",
                Place(sheet.name, row, heading),
            )
        else:
            doubled.append((first.heading, heading))
    rest = {
        index: " ".join(str(cell).split())
        for index, cell in enumerate(cells)
        if cell is not None and index not in matches
    }
    own = {index: normalised(heading) for index, heading in rest.items()}
    on_purpose = {normalised(heading) for heading in mapping.ignore}
    ignored = [index for index in rest if own[index] in on_purpose or own[index] in _NUMBERING]
    dropped = [index for index in rest if index not in ignored and _PERSONAL.search(own[index])]
    secret = next((index for index in rest if own[index] in _SECRECY), None)
    numbering = next((index for index in rest if own[index] in _NUMBERING), None)
    return Header(
        row,
        tuple(sorted(taken.values(), key=lambda field: field.index)),
        tuple(rest[index] for index in rest if index not in {*ignored, *dropped, secret}),
        tuple(rest[index] for index in dropped),
        tuple(rest[index] for index in ignored),
        tuple(doubled),
        secret,
        numbering,
    )


def _headings(cells: list[Cell]) -> Iterator[str]:
    return (" ".join(str(cell).split()) for cell in cells if cell is not None)


def _field(
    sheet: Sheet,
    row: int,
    index: int,
    heading: str,
    column: Column,
    how: str,
    unit: str | None,
    noted: Collection[str],
    entry: Mapped,
    currency: str,
) -> Field:
    """The field with its factor: from the mapping, the heading, the note above, or as the ledger is kept."""
    units = units_of(column, currency)
    if not units:
        return Field(index, heading, column, how, dates=entry.dates, values=entry.values)
    place = Place(sheet.name, row, heading)
    if unit and unit not in units:
        raise RefusedError(
            "unit_fits_the_column",
            f"工作表「{sheet.name}」第 {row} 行「{heading}」的单位“{unit}”不能用于{column.term}。"
            f"允许：{'、'.join(units)}，或在映射文件中写明 factor",
            place,
            unit,
        )
    if unit and entry.factor is not None and entry.factor != units[unit]:
        raise RefusedError(
            "mapping_agrees_with_the_heading",
            f"工作表「{sheet.name}」第 {row} 行「{heading}」写的是{unit}，"
            f"映射文件写的是 {entry.unit or entry.factor}，请改成一致",
            place,
            unit,
        )
    fitting = [name for name in noted if name in units]
    if not unit and entry.factor is None and len({units[name] for name in fitting}) > 1:
        raise RefusedError(
            "unit_is_certain",
            f"工作表「{sheet.name}」表头以上写了几种金额单位（{'、'.join(fitting)}），分不清「{heading}」"
            f"是哪一种，请写进列标题，如 {heading}（{fitting[0]}），或在映射文件中写明 unit",
            place,
        )
    stated = f"×{entry.factor}" if entry.factor is not None else None
    known = entry.unit or stated or unit or next(iter(fitting), None)
    usual = "万美元" if column.kind == "foreign" else f"万{currency}"
    return Field(
        index,
        heading,
        column,
        how,
        known or usual,
        entry.factor if entry.factor is not None else units[known or usual],
        is_unit_assumed=known is None,
        units=units,
        dates=entry.dates,
        values=entry.values,
    )


def _noted_units(rows: list[list[Cell]], currency: str) -> list[str]:
    """Units of money that cells above the headings state for all amounts: 单位：个、亿元、% or （亿元）."""
    spellings = _spellings(_all_units(currency))
    noted: dict[str, None] = {}
    for cell in [cell for row in rows for cell in row if isinstance(cell, str)]:
        text = unicodedata.normalize("NFKC", cell).strip()
        said = re.search(r"(?:单位|金额)(.*)", text, re.DOTALL)
        words = [word for word in re.split(r"[\s:、,;/|()]+", said[1] if said else text) if word]
        if said:
            # 总投资金额 120 亿元 is a sum, not a unit.
            words = list(takewhile(lambda word: not re.match(r"\d", word), words))
        elif len(words) > 1:
            continue
        noted |= {spellings[normalised(word)]: None for word in words if normalised(word) in spellings}
    return list(noted)


def looks_like_money(heading: str) -> bool:
    """Whether a heading that is not known names an amount with its unit."""
    plain = normalised(heading)
    return re.search("投资|金额|资金|引资", plain) is not None and re.search("[元亿万]", plain) is not None
