"""The CSV files: their columns, and cells checked one by one."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from saima.ledgers import MONEY
from saima.reference.refusal import ReferenceError, decoded

Row = dict[str, Any]
"""One checked row: column → value, and its `line`."""

CITY_LEVEL = ("市本级", "未分区")
"""Kinds of area that are in totals and never ranked or drawn."""

AREA_KINDS = ("区", "县", "县级市", "功能区", *CITY_LEVEL)
COMPARATORS = (">=", ">", "<=", "左右")
INDICATOR_KINDS = ("more", "fewer", "rank", "growth")
"""Indicators of which more, or less, is better, ranks, and rates that are judged year by year."""
PACES = ("linear", "plan", "none")
PART_KINDS = ("addend", "subset")
UNITS = {
    "个": Decimal(1),
    "户": Decimal(1),
    "名": Decimal(1),
    "亩": Decimal(1),
    "天": Decimal(1),
    "万美元": Decimal(1),
    "万元": Decimal(1),
    "亿元": Decimal(10_000),
    "万亿元": Decimal(100_000_000),
    "%": Decimal("0.01"),
}
"""Each unit of a target and what one of it is in the program's own: counts, 万元, share 0..1."""


UNITS_OF = {
    "个": ("个", "户"),
    "户": ("户", "个"),
    "万元": ("万元", "亿元", "万亿元"),
    "万美元": ("万美元",),
    "率": ("%",),
    "天": ("天",),
}
"""The units that a target of a metric may have, by the metric's own."""


@dataclass(frozen=True)
class Field:
    """One column of a CSV file; `kind` is a key of _KINDS."""

    name: str
    kind: str = "text"
    is_required: bool = False
    allowed: tuple[str, ...] = ()


def _texts(value: str) -> list[str]:
    return [part.strip() for part in re.split("[;；]", value) if part.strip()]


def _date(value: str) -> date:
    year, month, day = (int(part) for part in re.split("[-/]", value))
    return date(year, month, day)


def _within(number: Decimal, limit: Decimal) -> Decimal:
    """The number, if it is one and smaller than the limit; ValueError if not."""
    if not number.is_finite() or abs(number) >= limit:
        raise ValueError(number)
    return number


def _integer(value: str) -> int:
    number = _within(Decimal(value.replace(",", "")), Decimal(10) ** 9)
    if number != round(number):
        raise ValueError(value)
    return int(number)


def _decimal(value: str) -> Decimal:
    number = _within(Decimal(value.replace(",", "")), Decimal(10) ** 14)
    if number != round(number, 4):
        raise ValueError(value)
    return number


def _flag(value: str) -> bool:
    return {"是": True, "否": False}[value]


def _pattern(pattern: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return read


_KINDS: dict[str, tuple[pl.DataType, Callable[[str], Any], str]] = {
    "text": (pl.String(), str, ""),
    "texts": (pl.List(pl.String()), _texts, ""),
    "integer": (pl.Int64(), _integer, "整数"),
    "number": (pl.Float64(), lambda value: float(_within(Decimal(value), Decimal(10) ** 9)), "数字"),
    "decimal": (MONEY, _decimal, "数字，小数不超过四位"),
    "date": (pl.Date(), _date, "日期，如 2024-12-31"),
    "flag": (pl.Boolean(), _flag, "是、否"),
    "colour": (pl.String(), _pattern("#[0-9A-Fa-f]{6}"), "颜色，如 #1B4F8F"),
    "code": (pl.String(), _pattern("[0-9]{6}"), "六位数字"),
    "id": (pl.String(), _pattern("[0-9A-Za-z_.-]+"), "字母、数字、“-”“_”“.”"),
}


def _declared(columns: str, **allowed: tuple[str, ...]) -> tuple[Field, ...]:
    """Columns written as `name`, `name:kind`, with `!` where a cell is never empty."""
    fields = []
    for column in columns.split():
        name, _, kind = column.rstrip("!").partition(":")
        fields.append(Field(name, kind or "text", column.endswith("!"), allowed.get(name, ())))
    return tuple(fields)


TABLES = {
    "areas": _declared(
        "area_id:id! city! name! short_name aliases:texts kind! gb2260:code nbs_code:code counts_in drawn_in"
        " race_group colour:colour! lon:number lat:number reports:flag confidence note",
        kind=AREA_KINDS,
    ),
    "categories": _declared("category! aliases:texts order:integer"),
    "chains": _declared("city! chain! chain_group aliases:texts order:integer colour:colour source!"),
    "schemes": _declared("scheme! value! name city order:integer source"),
    "lists": _declared("list! city! name! order:integer source"),
    "parks": _declared("park_id:id! city! name! level! area_id source", level=("国家级", "省级", "市级")),
    "indicators": _declared(
        "city! no:integer! field! measure! unit! kind! base_year:integer! base:decimal goal_2025:decimal!"
        " rule_2025! words_2025! goal_2035:decimal! rule_2035! words_2035! source! note",
        kind=INDICATOR_KINDS,
        rule_2025=COMPARATORS,
        rule_2035=COMPARATORS,
    ),
    "actions": _declared("action_id:id! city! plan_no:integer! plan! no:integer! name! source"),
    "targets": _declared(
        "target_id:id! city! area_id year:integer! document! clause wording! metric filters comparator!"
        " value:decimal! unit! starts_on:date! due_on:date! pace! part_of part_kind tolerance:number"
        " base_year:integer base_value:decimal note",
        comparator=COMPARATORS,
        unit=tuple(UNITS),
        pace=PACES,
        part_kind=PART_KINDS,
    ),
}

_KEYS = {
    "areas": ("area_id",),
    "categories": ("category",),
    "chains": ("city", "chain"),
    "schemes": ("city", "scheme", "value"),
    "lists": ("city", "list"),
    "parks": ("park_id",),
    "indicators": ("city", "measure"),
    "actions": ("action_id",),
    "targets": ("target_id",),
}


def value_of(file: str, line: int, declared: Field, text: str) -> Any:
    """One cell by its declared kind, None where empty."""
    _, read, allowed = _KINDS[declared.kind]
    if not text:
        if declared.is_required:
            raise ReferenceError(
                file,
                "不能为空",
                line=line,
                field=declared.name,
                allowed="、".join(declared.allowed) or allowed,
            )
        return [] if declared.kind == "texts" else None
    if declared.allowed and text not in declared.allowed:
        raise ReferenceError(
            file, f"值“{text}”不认识", line=line, field=declared.name, allowed="、".join(declared.allowed)
        )
    try:
        return read(text)
    except (ValueError, KeyError, InvalidOperation):
        raise ReferenceError(
            file, f"值“{text}”不对", line=line, field=declared.name, allowed=allowed
        ) from None


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Cells of each record with the line that it starts on: a quoted cell may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""))
    start = 1
    for cells in reader:
        yield start, cells
        start = reader.line_num + 1


def rows_of(name: str, files: Mapping[str, bytes]) -> list[Row]:
    """Checked rows of one CSV file with their `line`; none where the file is absent."""
    file, fields = f"{name}.csv", TABLES[name]
    if file not in files:
        return []
    try:
        lines = list(_lines(decoded(file, files[file])))
    except csv.Error:
        raise ReferenceError(file, "不是 CSV 文件", allowed="以逗号分隔的文本，Excel 中另存为 CSV") from None
    by_name = {declared.name: declared for declared in fields}
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    while header and not header[-1]:
        header.pop()
    for position, column in enumerate(header):
        if column not in by_name:
            raise ReferenceError(file, "没有这个列名", line=1, field=column, allowed="、".join(by_name))
        if column in header[:position]:
            raise ReferenceError(file, "列名重复", line=1, field=column, allowed="每列一次")
    for declared in fields:
        if declared.is_required and declared.name not in header:
            raise ReferenceError(file, "缺少这一列", line=1, field=declared.name, allowed="、".join(by_name))

    rows: list[Row] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, cells in lines[1:]:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        if any(texts[len(header) :]):
            raise ReferenceError(
                file, "格数多于列名，可能少了引号", line=line, field=header[-1], allowed=f"{len(header)}格"
            )
        filed = dict(zip(header, texts, strict=False))
        row: Row = {
            declared.name: value_of(file, line, declared, filed.get(declared.name, "")) for declared in fields
        }
        row["line"] = line
        key = tuple(row[column] for column in _KEYS[name])
        if key in seen:
            shown = "、".join(str(part) for part in key if part is not None)
            raise ReferenceError(
                file, f"“{shown}”与第{seen[key]}行重复", line=line, field=_KEYS[name][-1], allowed="每个一行"
            )
        seen[key] = line
        rows.append(row)
    return rows


def frame_of(name: str, rows: Sequence[Row], **more: pl.DataType) -> pl.DataFrame:
    """The rows with the file's columns, then `more`, typed."""
    schema = {declared.name: _KINDS[declared.kind][0] for declared in TABLES[name]}
    return pl.DataFrame(list(rows), schema=schema | more, orient="row")


def must_be_in(file: str, row: Row, column: str, known: Iterable[str], what: str = "") -> None:
    """Refuse a value that names nothing; a null is not a name."""
    known = list(known)
    if row[column] is not None and row[column] not in known:
        shown = "、".join(known[:40]) + ("…" if len(known) > 40 else "")
        raise ReferenceError(
            file,
            f"值“{row[column]}”{what or '不认识'}",
            line=row["line"],
            field=column,
            allowed=shown or "留空",
        )


def must_name_one(file: str, rows: Sequence[Row], *columns: str) -> None:
    """Refuse a name or alias that two rows of one city share."""
    first: dict[tuple[Any, str], int] = {}
    for row in rows:
        for column in columns:
            for word in row[column] if isinstance(row[column], list) else [row[column]]:
                line = first.setdefault((row.get("city"), word), row["line"])
                if line != row["line"]:
                    raise ReferenceError(
                        file,
                        f"名称“{word}”第{line}行已用",
                        line=row["line"],
                        field=column,
                        allowed="只指一行的名称",
                    )


def must_not_circle(file: str, rows: Sequence[Row], key: str, column: str) -> None:
    """Refuse a chain of `column` that comes back to where it started."""
    above = {row[key]: row[column] for row in rows}
    for row in rows:
        walked, here = [row[key]], row[column]
        while here is not None:
            if here in walked:
                chain = " → ".join([*walked, here])
                raise ReferenceError(
                    file, f"绕成了圈：{chain}", line=row["line"], field=column, allowed="不绕圈的上级，或留空"
                )
            walked.append(here)
            here = above.get(here)
