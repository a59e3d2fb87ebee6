"""A mapping file: which column of a sheet is which column of the ledger, in whose units and words.

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
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from saima.intake.units import units_of
from saima.intake.values import normalised
from saima.intake.verdicts import RefusedError
from saima.ledgers import Ledger


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
