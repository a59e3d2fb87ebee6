"""Targets: every number that a document sets, and ours for demonstration (data-model.md section 7)."""

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from saima.ledgers import MONEY
from saima.reference.cities import City
from saima.reference.refusal import ReferenceError
from saima.reference.sheets import (
    PART_KINDS,
    TABLES,
    UNITS,
    Field,
    Row,
    _texts,
    frame_of,
    must_be_in,
    must_not_circle,
    rows_of,
    value_of,
)

EXAMPLE = "示例目标"
"""The `document` of targets that no document sets: they are ours, for demonstration."""

FILTERS = (
    "category",
    "chain",
    "tag",
    "list",
    "owner_kind",
    "park_level",
    "investment_from",
    "investment_below",
    "source",
    "problem",
    "stock_at",
)
"""Keys of a target's filters. A key that the metric also filters on replaces the metric's own value."""

OWN_FILTERS = frozenset({"source", "problem", "stock_at"})
"""Filters that only metrics of funds, or of problems, have."""


def filters_of(filters: str | None) -> dict[str, tuple[str, ...]]:
    """A target's `filters` read: key → values, any of which counts (`category=工业|服务业;tag=a:b`)."""
    pairs = (part.partition("=") for part in _texts(filters or ""))
    return {key.strip(): tuple(value.strip() for value in values.split("|")) for key, _, values in pairs}


def _checked_filters(row: Row, known: Mapping[str, Collection[str]]) -> None:
    for key, values in filters_of(row["filters"]).items():
        problem = {"line": row["line"], "field": "filters"}
        if key not in FILTERS:
            raise ReferenceError("targets.csv", f"没有筛选项“{key}”", allowed="、".join(FILTERS), **problem)
        for value in values:
            if key.startswith("investment_"):
                value_of("targets.csv", row["line"], Field("filters", "decimal", is_required=True), value)
            elif key == "stock_at":
                _must_be_a_day(value, problem)
            elif value not in known.get(key, [value]):
                raise ReferenceError(
                    "targets.csv", f"{key} 的值“{value}”不认识", allowed="、".join(known[key]), **problem
                )


def _must_be_a_day(value: str, problem: Mapping[str, Any]) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ReferenceError(
            "targets.csv", f"值“{value}”不对", allowed="日期，如 2024-12-31", **problem
        ) from None


def read_targets(
    files: Mapping[str, bytes],
    cities: Mapping[str, City],
    areas: pl.DataFrame,
    filterable: Callable[[str], Mapping[str, Collection[str]]],
) -> pl.DataFrame:
    """The targets frame of `Reference`; `filterable` gives a city's known values by filter key."""
    file, rows = "targets.csv", rows_of("targets", files)
    area_ids = {code: areas.filter(pl.col("city") == code).get_column("area_id").to_list() for code in cities}
    target_ids = {row["target_id"] for row in rows}
    filters_by_city = {code: filterable(code) for code in cities}
    for row in rows:
        must_be_in(file, row, "city", cities)
        must_be_in(file, row, "area_id", area_ids[row["city"]], "不是这个城市的地区")
        if row["part_of"] not in {None, *target_ids}:
            raise ReferenceError(
                file,
                f"值“{row['part_of']}”指向的目标不存在",
                line=row["line"],
                field="part_of",
                allowed="本文件中的 target_id，或留空",
            )
        if (row["part_of"] is None) != (row["part_kind"] is None):
            raise ReferenceError(
                file,
                "part_of 与 part_kind 要同时填",
                line=row["line"],
                field="part_kind",
                allowed="、".join(PART_KINDS),
            )
        if not row["starts_on"] <= row["due_on"]:
            raise ReferenceError(
                file,
                f"值“{row['due_on']}”早于 starts_on",
                line=row["line"],
                field="due_on",
                allowed="不早于开始日的日期",
            )
        year = (date(row["year"], 1, 1), date(row["year"], 12, 31))
        if row["pace"] == "linear" and (row["starts_on"], row["due_on"]) != year:
            raise ReferenceError(
                file,
                "序时按月均的目标要从本年1月1日到12月31日",
                line=row["line"],
                field="pace",
                allowed="全年的起止日期，或 pace 填 none",
            )
        if row["value"] < 0:
            raise ReferenceError(
                file, f"值“{row['value']}”是负数", line=row["line"], field="value", allowed="零或正数"
            )
        _checked_filters(row, filters_by_city[row["city"]])
        if row["comparator"] == "左右" and row["tolerance"] is None:
            row["tolerance"] = 0.05
        row["value_base"] = round(row["value"] * UNITS[row["unit"]], 4)
        if abs(row["value_base"]) >= 10**14:
            raise ReferenceError(
                file, f"值“{row['value']}”太大", line=row["line"], field="value", allowed="不超过一万万亿元"
            )
        row["is_example"] = row["document"] == EXAMPLE
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = tuple(row[name] for name in ("city", "area_id", "year", "metric", "filters", "part_of"))
        if row["metric"] is not None and key in seen:
            raise ReferenceError(
                file,
                f"与第{seen[key]}行是同一地区同一年同一指标的目标",
                line=row["line"],
                field="metric",
                allowed="每个地区每年每个指标一条；分项目标请填 filters 或 part_of",
            )
        seen.setdefault(key, row["line"])
    must_not_circle(file, rows, "target_id", "part_of")
    return frame_of("targets", rows, value_base=MONEY, is_example=pl.Boolean(), line=pl.Int64())


TARGET_TERMS = {
    "target_id": "目标编号",
    "area_id": "地区代码",
    "document": "文件",
    "clause": "条款",
    "wording": "原文",
    "metric": "指标",
    "filters": "筛选",
    "comparator": "比较",
    "value": "数值",
    "unit": "单位",
    "starts_on": "开始",
    "due_on": "截止",
    "pace": "序时",
    "part_of": "上级",
    "part_kind": "关系",
    "tolerance": "容差",
    "note": "说明",
}
"""The columns of a target that a page lets the office change, with their terms."""


def target_cells(targets: pl.DataFrame) -> pl.DataFrame:
    """Rows of the targets frame as texts under TARGET_TERMS, numbers as short as they are written."""
    value = pl.col("value").cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    cells = targets.with_columns(value=value)
    return cells.select(pl.col(name).cast(pl.String).alias(term) for name, term in TARGET_TERMS.items())


def edited_targets(text: str, city: str, year: int, told: Sequence[Mapping[str, str | None]]) -> str:
    """The text of targets.csv with these rows in place of the city's of that year, where the first stood.

    `told` are cells by column of TARGET_TERMS; what a row had in other columns stays. Rows without any cell
    are left out.
    """
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header = lines[0] if lines else [declared.name for declared in TABLES["targets"]]
    rows = [dict(zip(header, line, strict=False)) for line in lines[1:]]
    own = [row for row in rows if (row.get("city"), row.get("year")) == (city, str(year))]
    before = {row["target_id"]: row for row in own}
    made = []
    for cells in told:
        filled = {name: (value or "").strip() for name, value in cells.items()}
        if any(filled.values()):
            made.append(before.get(filled["target_id"], {}) | filled | {"city": city, "year": str(year)})
    place = rows.index(own[0]) if own else len(rows)
    others = [row for row in rows if row not in own]
    place -= sum(1 for row in rows[:place] if row in own)
    written = io.StringIO()
    writer = csv.DictWriter(written, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*others[:place], *made, *others[place:]])
    return written.getvalue()
