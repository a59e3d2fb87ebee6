"""What the office edits: cities, areas, categories, chains, schemes, lists, parks, targets and races.

The files live in one folder (`folder()`), are read as a whole, checked as a whole, and refused with
one Chinese sentence that names file, line, field and what is allowed. Each accepted state of the
folder is kept under `.history`, so a question asked as of an instant finds the files of that instant
(data-model.md section 1).
"""

import csv
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import threading
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from saima.ledgers import DIRECT, MONEY, STAGE_TERMS, STAGES, UNASSIGNED

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = REPOSITORY / "data" / "reference"
EXAMPLE = "示例目标"
"""The `document` of targets that no document sets: they are ours, for demonstration."""

CITY_LEVEL = ("市本级", "未分区")
"""Kinds of area that are in totals and never ranked or drawn."""

AREA_KINDS = ("区", "县", "县级市", "功能区", *CITY_LEVEL)
COMPARATORS = (">=", ">", "=", "<=", "左右")
PACES = ("linear", "plan", "none")
PART_KINDS = ("addend", "subset")
UNITS = {
    "个": Decimal(1),
    "户": Decimal(1),
    "万元": Decimal(1),
    "亿元": Decimal(10_000),
    "万亿元": Decimal(100_000_000),
    "%": Decimal("0.01"),
}
"""Each unit of a target and what one of it is in the program's own: counts, 万元, share 0..1."""

FILTERS = (
    "category",
    "chain",
    "tag",
    "list",
    "owner_kind",
    "park_level",
    "investment_from",
    "investment_below",
)
"""Keys of a target's filters. A key that the metric also filters on replaces the metric's own value."""


class ReferenceError(Exception):  # noqa: A001 - the name that every layer knows it by
    """A file of the office that cannot be used. `str()` is one Chinese sentence."""

    def __init__(
        self, file: str, problem: str, *, line: int | None = None, field: str | None = None, allowed: str = ""
    ) -> None:
        place = file + (f" 第{line}行" if line else "") + (f" 字段「{field}」" if field else "")
        super().__init__(f"{place}：{problem}" + (f"，允许：{allowed}。" if allowed else "。"))
        self.file, self.line, self.field, self.allowed = file, line, field, allowed


@dataclass(frozen=True)
class Batch:
    """One 批 of a city: a flow of events of the year, or a stock of stages at the end of the period.

    `of` names events (flow) or stages (stock). `is_carried_over` keeps only projects whose event lies
    before the year (大连 在建). `metric` is the metric of its card, None where it has none.
    """

    id: str
    name: str
    kind: str
    of: tuple[str, ...]
    is_carried_over: bool
    metric: str | None


@dataclass(frozen=True)
class City:
    """One city: its words, its batches and the rules that differ from city to city.

    Amounts of its ledgers are 万 of `currency`. `stage_words` maps a raw word to a canonical stage or
    "exited"; `stage_terms` maps every canonical stage to the city's own word. `landing` is "filed" or
    "rule" (data-model.md section 3), `unfiled` "carry" or "blank" (section 1). `map_centre` is
    (longitude, latitude, span in degrees) of the enlarged centre, None where there is none.
    """

    code: str
    name: str
    short_name: str
    currency: str
    stage_words: Mapping[str, str]
    stage_terms: Mapping[str, str]
    batches: tuple[Batch, ...]
    landing: str
    unfiled: str
    dates_from_snapshots: bool
    coordinates: str
    map_centre: tuple[float, float, float] | None
    approval_number: str


@dataclass(frozen=True)
class Track:
    """One track of a race; the weights of a race's tracks sum to 100."""

    id: str
    name: str
    weight: float


@dataclass(frozen=True)
class Item:
    """One item of a race.

    `weight` is in points of 100 and always filled: equal within the track unless the file says more.
    `basis`: "target" compares with the target rows of the metric, "plan" with the planned-to-date share
    of money, "rate" with `goal` (share 0..1). `better` is "more" or "less". `cap` and
    `min_denominator` as in data-model.md section 6.
    """

    id: str
    name: str
    track: str
    metric: str
    weight: float
    cap: float
    min_denominator: int
    basis: str
    goal: float | None
    better: str
    line: int = field(compare=False)


@dataclass(frozen=True)
class Race:
    """The race of a city. Its groups are the areas' race_group.

    `label` marks rules that are ours. `headline` names items that the boards look at. `boards` is
    ((group size from, places), …), largest first. A track without items stands here as filed: the
    score shares its weight among the others.
    """

    city: str
    name: str
    label: str
    tracks: tuple[Track, ...]
    items: tuple[Item, ...]
    headline: tuple[str, ...]
    boards: tuple[tuple[int, int], ...]

    def places_near_the_edge(self, group_size: int) -> int:
        """How many places of a group of that size are near its top, and near its bottom."""
        return next((places for size, places in self.boards if group_size >= size), 0)


@dataclass(frozen=True, eq=False)
class Reference:
    """The files of one instant, checked.

    Frames, each in file order:
    areas: area_id, city, name, short_name, aliases list, kind, gb2260, nbs_code, counts_in, drawn_in
      (polygon that shows it, its own for a reporting district), race_group, colour, lon, lat (GCJ-02),
      reports bool, confidence, note, rolls_up_to (area whose total includes it, itself if none),
      is_ranked bool, drawn_as ("polygon", "circle" or null).
    categories: category, aliases list, order. chains: city, chain, chain_group, aliases list, order,
      colour, source. schemes: scheme, value, name, city (null = every city), order, source.
      lists: list, city, name, order, source. parks: park_id, city, name, level, area_id, source.
    targets: target_id, city, area_id (null = whole city), year, document, clause, wording, metric
      (null = words only), filters, comparator, value decimal in `unit`, unit, starts_on, due_on, pace,
      part_of, part_kind, tolerance (share), base_year, base_value, note, value_base decimal (万元,
      count, or share 0..1), is_example bool, line.
    """

    cities: dict[str, City]
    areas: pl.DataFrame
    categories: pl.DataFrame
    chains: pl.DataFrame
    schemes: pl.DataFrame
    lists: pl.DataFrame
    parks: pl.DataFrame
    targets: pl.DataFrame
    races: dict[str, Race]

    def city(self, code: str) -> City:
        """The city of that code; ReferenceError names the codes there are."""
        if code not in self.cities:
            known = "、".join(f"{city.code}（{city.name}）" for city in self.cities.values())
            raise ReferenceError("cities", f"没有城市“{code}”", field="city", allowed=known)
        return self.cities[code]

    def race(self, code: str) -> Race:
        """The race of that city; ReferenceError where it has no file."""
        if code not in self.races:
            raise ReferenceError(
                f"races/{code}.toml", f"{self.city(code).name}还没有赛马规则", allowed="照其他城市建一份"
            )
        return self.races[code]

    def areas_of(self, city: str) -> pl.DataFrame:
        """Rows of `areas` of that city, in file order."""
        return self.areas.filter(pl.col("city") == self.city(city).code)

    def targets_of(self, city: str, year: int) -> pl.DataFrame:
        """Rows of `targets` of that city and year, whole city and areas, in file order."""
        return self.targets.filter(pl.col("city") == self.city(city).code, pl.col("year") == year)


Row = dict[str, Any]


@dataclass(frozen=True)
class _Field:
    name: str
    kind: str = "text"
    is_required: bool = False
    allowed: tuple[str, ...] = ()


def _texts(value: str) -> list[str]:
    return [part.strip() for part in re.split("[;；]", value) if part.strip()]


def _date(value: str) -> date:
    year, month, day = (int(part) for part in re.split("[-/]", value))
    return date(year, month, day)


def _decimal(value: str) -> Decimal:
    number = Decimal(value.replace(",", ""))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14 or number != round(number, 4):
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
    "integer": (pl.Int64(), int, "整数"),
    "number": (pl.Float64(), lambda value: float(_decimal(value)), "数字，小数不超过四位"),
    "decimal": (MONEY, _decimal, "数字，小数不超过四位"),
    "date": (pl.Date(), _date, "日期，如 2024-12-31"),
    "flag": (pl.Boolean(), _flag, "是、否"),
    "colour": (pl.String(), _pattern("#[0-9A-Fa-f]{6}"), "颜色，如 #1B4F8F"),
    "code": (pl.String(), _pattern("[0-9]{6}"), "六位数字"),
    "id": (pl.String(), _pattern("[0-9A-Za-z_.-]+"), "字母、数字、“-”“_”“.”"),
}


def _declared(columns: str, **allowed: tuple[str, ...]) -> tuple[_Field, ...]:
    """Columns written as `name`, `name:kind`, with `!` where a cell is never empty."""
    fields = []
    for column in columns.split():
        name, _, kind = column.rstrip("!").partition(":")
        fields.append(_Field(name, kind or "text", column.endswith("!"), allowed.get(name, ())))
    return tuple(fields)


_TABLES = {
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
    "targets": ("target_id",),
}


def _decoded(file: str, content: bytes) -> str:
    """Text of a file that an editor or Excel saved: UTF-8 with or without BOM, else GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReferenceError(file, "认不出文字编码", allowed="UTF-8、GB18030")


def _value(file: str, line: int, declared: _Field, text: str) -> Any:
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


def _rows(name: str, files: Mapping[str, bytes]) -> list[Row]:
    """Checked rows of one CSV file with their `line`; none where the file is absent."""
    file, fields = f"{name}.csv", _TABLES[name]
    if file not in files:
        return []
    reader = csv.reader(io.StringIO(_decoded(file, files[file]), newline=""))
    by_name = {declared.name: declared for declared in fields}
    header = [cell.strip() for cell in next(reader, [])]
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
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        if any(texts[len(header) :]):
            raise ReferenceError(
                file, "格数多于列名，可能少了引号", line=line, field=header[-1], allowed=f"{len(header)}格"
            )
        filed = dict(zip(header, texts, strict=False))
        row: Row = {
            declared.name: _value(file, line, declared, filed.get(declared.name, "")) for declared in fields
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


def _frame(name: str, rows: Sequence[Row], **more: pl.DataType) -> pl.DataFrame:
    schema = {declared.name: _KINDS[declared.kind][0] for declared in _TABLES[name]}
    return pl.DataFrame(list(rows), schema=schema | more, orient="row")


def _must_be_in(file: str, row: Row, column: str, known: Iterable[str], what: str = "") -> None:
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


def _must_not_circle(file: str, rows: Sequence[Row], key: str, column: str) -> None:
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


def _areas(files: Mapping[str, bytes], cities: Mapping[str, City]) -> pl.DataFrame:
    file = "areas.csv"
    if file not in files:
        raise ReferenceError(file, "文件不存在", allowed="每个报送地区一行")
    rows = _rows("areas", files)
    names: dict[tuple[str, str], tuple[str, int]] = {}
    colours: dict[tuple[str, str], int] = {}
    for row in rows:
        _must_be_in(file, row, "city", cities)
        siblings = {other["area_id"]: other for other in rows if other["city"] == row["city"]}
        _must_be_in(file, row, "counts_in", siblings, "指向的地区不在这个城市")
        outlines = [area_id for area_id, other in siblings.items() if other["gb2260"]]
        _must_be_in(file, row, "drawn_in", outlines, "不是这个城市有边界的地区")
        row["short_name"] = row["short_name"] or row["name"]
        row["reports"] = row["reports"] is not False
        for column in ("name", "short_name", "aliases"):
            for word in row[column] if column == "aliases" else [row[column]]:
                _claim_name(file, row, column, word, cities[row["city"]], names)
        shade = (row["city"], row["colour"].upper())
        if shade in colours:
            raise ReferenceError(
                file,
                f"颜色“{row['colour']}”与第{colours[shade]}行相同",
                line=row["line"],
                field="colour",
                allowed="同一城市每个地区一种颜色",
            )
        colours[shade] = row["line"]
    _must_not_circle(file, rows, "area_id", "counts_in")
    return _frame("areas", _derived_areas([*rows, *_city_level_areas(rows, cities)]), **_DERIVED_AREAS)


_DERIVED_AREAS: dict[str, pl.DataType] = {
    "rolls_up_to": pl.String(),
    "is_ranked": pl.Boolean(),
    "drawn_as": pl.String(),
}


def _claim_name(
    file: str,
    row: Row,
    column: str,
    word: str,
    city: City,
    names: dict[tuple[str, str], tuple[str, int]],
) -> None:
    """Refuse a name that two areas share, or that is the city's own (淮安 is not 淮安区).

    A city without districts is its own only area and keeps its name.
    """
    if word in {city.name, city.short_name} and row["kind"] != "市本级" and row["gb2260"] != city.code:
        raise ReferenceError(
            file, f"“{word}”是城市的名称", line=row["line"], field=column, allowed="不与城市同名的名称"
        )
    owner, line = names.setdefault((row["city"], word), (row["area_id"], row["line"]))
    if owner != row["area_id"]:
        raise ReferenceError(
            file, f"名称“{word}”第{line}行已用", line=row["line"], field=column, allowed="只指一个地区的名称"
        )


def _city_level_areas(rows: Sequence[Row], cities: Mapping[str, City]) -> Iterator[Row]:
    """市本级 and 未分区 of every city whose file does not name them: rows need somewhere to go."""
    known = {row["area_id"] for row in rows}
    for code in cities:
        for suffix, kind, colour in ((DIRECT, "市本级", "#7C8797"), (UNASSIGNED, "未分区", "#A9B2BF")):
            if f"{code}-{suffix}" not in known:
                empty: Row = dict.fromkeys(declared.name for declared in _TABLES["areas"])
                yield empty | {
                    "area_id": f"{code}-{suffix}",
                    "city": code,
                    "name": kind,
                    "short_name": kind,
                    "aliases": [],
                    "kind": kind,
                    "colour": colour,
                    "reports": kind == "市本级",
                }


def _derived_areas(rows: Sequence[Row]) -> list[Row]:
    """Rows with rolls_up_to, is_ranked, drawn_in of the districts, and drawn_as."""
    by_id = {row["area_id"]: row for row in rows}
    coloured: set[str] = {row["area_id"] for row in rows if row["gb2260"] and row["reports"]}
    derived: list[Row] = []
    for row in rows:
        top = row
        while top["counts_in"] is not None:
            top = by_id[top["counts_in"]]
        is_ranked = row["reports"] and row["counts_in"] is None and row["kind"] not in CITY_LEVEL
        drawn_in = row["drawn_in"] or (row["area_id"] if row["gb2260"] and row["reports"] else None)
        drawn_as = None
        if drawn_in == row["area_id"] or (is_ranked and drawn_in and drawn_in not in coloured):
            coloured.add(drawn_in)
            drawn_as = "polygon"
        elif row["lon"] is not None and row["lat"] is not None:
            drawn_as = "circle"
        derived.append(
            row
            | {
                "rolls_up_to": top["area_id"],
                "is_ranked": is_ranked,
                "drawn_in": by_id[drawn_in]["gb2260"] if drawn_in else None,
                "drawn_as": drawn_as,
            }
        )
    return derived


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
                _value("targets.csv", row["line"], _Field("filters", "decimal", is_required=True), value)
            elif value not in known.get(key, [value]):
                raise ReferenceError(
                    "targets.csv", f"{key} 的值“{value}”不认识", allowed="、".join(known[key]), **problem
                )


def _targets(
    files: Mapping[str, bytes],
    cities: Mapping[str, City],
    areas: pl.DataFrame,
    filterable: Callable[[str], Mapping[str, Collection[str]]],
) -> pl.DataFrame:
    file, rows = "targets.csv", _rows("targets", files)
    area_ids = {code: areas.filter(pl.col("city") == code).get_column("area_id").to_list() for code in cities}
    target_ids = {row["target_id"] for row in rows}
    filters_by_city = {code: filterable(code) for code in cities}
    for row in rows:
        _must_be_in(file, row, "city", cities)
        _must_be_in(file, row, "area_id", area_ids[row["city"]], "不是这个城市的地区")
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
        _checked_filters(row, filters_by_city[row["city"]])
        if row["comparator"] == "左右" and row["tolerance"] is None:
            row["tolerance"] = 0.05
        row["value_base"] = row["value"] * UNITS[row["unit"]]
        row["is_example"] = row["document"] == EXAMPLE
    _must_not_circle(file, rows, "target_id", "part_of")
    return _frame("targets", rows, value_base=MONEY, is_example=pl.Boolean(), line=pl.Int64())


class _Settings:
    """One table of a TOML file. Whatever it refuses, it refuses with the line."""

    def __init__(
        self, file: str, text: str, values: dict[str, Any], header: str = "", index: int = 0
    ) -> None:
        self.file, self.text, self.values, self.header, self.index = file, text, values, header, index

    @classmethod
    def of(cls, file: str, content: bytes) -> "_Settings":
        text = _decoded(file, content)
        try:
            return cls(file, text, tomllib.loads(text.replace("\r\n", "\n")))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            raise ReferenceError(
                file,
                "这一行不是正确的 TOML",
                line=int(line[1]) if line else len(text.splitlines()),
                allowed='名称 = 值，文字加引号，如 name = "沈阳市"',
            ) from None

    def line(self, key: str = "") -> int:
        """Line of that key in this table, of the table's header if the key is not there."""
        header, count, found = "", -1, 1
        for number, text in enumerate(self.text.splitlines(), start=1):
            if opened := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", text):
                header = opened[1]
                count += header == self.header
                if header == self.header and count == self.index:
                    found = number
            elif (
                header == self.header
                and (count == self.index or not self.header)
                and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", text)
            ):
                return number
        return found

    def refused(self, key: str, problem: str, allowed: str) -> ReferenceError:
        return ReferenceError(self.file, problem, line=self.line(key), field=key, allowed=allowed)

    def only(self, *keys: str) -> None:
        for key in self.values:
            if key not in keys:
                raise self.refused(key, "没有这个设置", "、".join(keys))

    def _one(self, key: str, kinds: tuple[type, ...], default: Any, allowed: str) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise self.refused(key, "缺少这个设置", allowed)
        # bool is an int to Python, not to the office
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise self.refused(key, f"值“{value}”不对", allowed)
        return value

    def word(self, key: str, default: str | None = None, allowed: Collection[str] = ()) -> str:
        value: str = self._one(key, (str,), default, "、".join(allowed) or "文字")
        if allowed and value not in allowed:
            raise self.refused(key, f"值“{value}”不认识", "、".join(allowed))
        return value

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        allowed = f"{low:g} 到 {high:g} 的数字"
        value = self._one(key, (int, float), default, allowed)
        if not low <= value <= high:
            raise self.refused(key, f"值“{value}”不对", allowed)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._one(key, (bool,), default, "true、false"))

    def words(
        self, key: str, default: list[str] | None = None, allowed: Collection[str] = ()
    ) -> tuple[str, ...]:
        values = self._one(key, (list,), default, "、".join(allowed) or "文字的列表")
        for value in values:
            if not isinstance(value, str) or (allowed and value not in allowed):
                raise self.refused(key, f"值“{value}”不认识", "、".join(allowed) or "文字")
        return tuple(values)

    def table(self, key: str) -> "_Settings":
        return _Settings(self.file, self.text, self._one(key, (dict,), {}, f"[{key}]"), key)

    def tables(self, key: str) -> list["_Settings"]:
        values = self._one(key, (list,), [], f"[[{key}]]")
        if not all(isinstance(value, dict) for value in values):
            raise self.refused(key, "写法不对", f"[[{key}]]")
        return [_Settings(self.file, self.text, value, key, index) for index, value in enumerate(values)]

    def distinct(self, tables: Sequence["_Settings"]) -> None:
        seen: set[str] = set()
        for table in tables:
            if table.word("id") in seen:
                raise table.refused("id", f"值“{table.word('id')}”重复", "每个一次")
            seen.add(table.word("id"))


def _city(code: str, settings: _Settings) -> City:
    settings.only(
        *("name", "short_name", "currency", "landing", "unfiled", "dates_from_snapshots", "coordinates"),
        *("approval_number", "map_centre", "stage_terms", "stage_words", "batches"),
    )
    name = settings.word("name")
    terms, centre = settings.table("stage_terms"), settings.table("map_centre")
    terms.only(*STAGE_TERMS)
    centre.only("lon", "lat", "span")
    return City(
        code=code,
        name=name,
        short_name=settings.word("short_name", name.removesuffix("市")),
        currency=settings.word("currency", "元"),
        stage_words=_stage_words(settings.table("stage_words")),
        stage_terms={stage: terms.word(stage, term) for stage, term in STAGE_TERMS.items()},
        batches=_batches(settings),
        landing=settings.word("landing", "filed", ("filed", "rule")),
        unfiled=settings.word("unfiled", "carry", ("carry", "blank")),
        dates_from_snapshots=settings.flag("dates_from_snapshots", default=False),
        coordinates=settings.word("coordinates", "GCJ-02", ("GCJ-02", "WGS-84", "CGCS2000", "BD-09")),
        map_centre=(
            centre.number("lon", low=-180, high=180),
            centre.number("lat", low=-90, high=90),
            centre.number("span", low=0.01, high=90),
        )
        if centre.values
        else None,
        approval_number=settings.word("approval_number", ""),
    )


def _stage_words(settings: _Settings) -> dict[str, str]:
    """Raw word → stage. The canonical terms are always understood."""
    settings.only(*STAGE_TERMS)
    words: dict[str, str] = {}
    for stage in settings.values:
        for word in settings.words(stage):
            if words.setdefault(word, stage) != stage:
                raise settings.refused(stage, f"“{word}”已归入 {words[word]}", "每个词只归一个阶段")
    return {term: stage for stage, term in STAGE_TERMS.items()} | words


_DEFAULT_BATCHES = (
    Batch("planned", "谋划", "stock", ("planned",), is_carried_over=False, metric="planned_investment"),
    Batch("signed", "签约", "flow", ("signed",), is_carried_over=False, metric="signed_projects"),
    Batch("started", "开工", "flow", ("started",), is_carried_over=False, metric="started_projects"),
    Batch("completed", "投产", "flow", ("completed",), is_carried_over=False, metric="completed_projects"),
)
"""The four batches of S0, for a city whose file names none."""


def _batches(settings: _Settings) -> tuple[Batch, ...]:
    tables = settings.tables("batches")
    settings.distinct(tables)
    batches = []
    for table in tables:
        table.only("id", "name", "kind", "of", "is_carried_over", "metric")
        batches.append(
            Batch(
                id=table.word("id"),
                name=table.word("name"),
                kind=table.word("kind", allowed=("flow", "stock")),
                of=table.words("of", allowed=STAGES),
                is_carried_over=table.flag("is_carried_over", default=False),
                metric=table.word("metric", "") or None,
            )
        )
    return tuple(batches) or _DEFAULT_BATCHES


_DEFAULT_BOARDS = ((9, 3), (6, 2), (3, 1))
"""data-model.md section 6: 3 of a group of 9 or more, 2 of 6 to 8, 1 of 3 to 5, none below."""


def _race(code: str, settings: _Settings) -> Race:
    settings.only("name", "label", "cap", "min_denominator", "headline", "tracks", "items", "boards")
    tracks, items = settings.tables("tracks"), settings.tables("items")
    settings.distinct(tracks)
    settings.distinct(items)
    for track in tracks:
        track.only("id", "name", "weight")
    weights = {track.word("id"): track.number("weight", low=0, high=100) for track in tracks}
    if abs(sum(weights.values()) - 100) > 1e-9:
        total = tracks[-1] if tracks else settings
        raise total.refused("weight", f"各赛道权重合计 {sum(weights.values()):g}", "合计 100")
    item_weights = _item_weights(items, weights)
    boards = settings.tables("boards")
    for board in boards:
        board.only("group_from", "places")
    return Race(
        city=code,
        name=settings.word("name"),
        label=settings.word("label", ""),
        tracks=tuple(
            Track(track.word("id"), track.word("name"), weights[track.word("id")]) for track in tracks
        ),
        items=tuple(_item(settings, item, item_weights[item.word("id")]) for item in items),
        headline=settings.words("headline", [], list(item_weights)),
        boards=tuple(
            sorted(
                (
                    (
                        int(board.number("group_from", low=1, high=1000)),
                        int(board.number("places", low=0, high=100)),
                    )
                    for board in boards
                ),
                reverse=True,
            )
        )
        or _DEFAULT_BOARDS,
    )


def _item_weights(items: Sequence[_Settings], tracks: Mapping[str, float]) -> dict[str, float]:
    """Points of each item: as filed, else equal within its track."""
    weights: dict[str, float] = {}
    for track, weight in tracks.items():
        members = [item for item in items if item.word("track", allowed=tracks) == track]
        filed = [item.number("weight", low=0, high=100) for item in members if "weight" in item.values]
        if filed and len(filed) != len(members):
            lacking = next(item for item in members if "weight" not in item.values)
            raise lacking.refused("weight", "同一赛道的其他指标写了权重，这里没有", "全部写或全部不写")
        if filed and abs(sum(filed) - weight) > 1e-9:
            raise members[-1].refused(
                "weight", f"赛道 {track} 各指标权重合计 {sum(filed):g}", f"合计 {weight:g}"
            )
        shares = filed or [weight / len(members)] * len(members) if members else []
        weights |= {item.word("id"): share for item, share in zip(members, shares, strict=True)}
    return weights


def _item(race: _Settings, item: _Settings, weight: float) -> Item:
    item.only(
        *("id", "name", "track", "metric", "weight", "cap", "min_denominator", "basis", "goal", "better")
    )
    basis = item.word("basis", "target", ("target", "plan", "rate"))
    cap = race.number("cap", 1.2, low=0.01, high=10)
    minimum = race.number("min_denominator", 3, low=0, high=1000)
    return Item(
        id=item.word("id"),
        name=item.word("name"),
        track=item.word("track"),
        metric=item.word("metric"),
        weight=weight,
        cap=item.number("cap", cap, low=0.01, high=10),
        min_denominator=int(item.number("min_denominator", minimum, low=0, high=1000)),
        basis=basis,
        goal=item.number("goal", low=0.0001, high=100) if basis == "rate" else None,
        better=item.word("better", "more", ("more", "less")),
        line=item.line("metric"),
    )


def check_metrics(reference: Reference, known: Collection[str]) -> None:
    """Refuse a target, batch or race item that names a metric not in `known`.

    Called by layers that know the catalogue: this one does not.
    """
    allowed = "、".join(known)
    for target in reference.targets.select("metric", "line").rows(named=True):
        if target["metric"] is not None and target["metric"] not in known:
            raise ReferenceError(
                "targets.csv",
                f"没有指标“{target['metric']}”",
                line=target["line"],
                field="metric",
                allowed=allowed,
            )
    for race in reference.races.values():
        for item in race.items:
            if item.metric not in known:
                raise ReferenceError(
                    f"races/{race.city}.toml",
                    f"没有指标“{item.metric}”",
                    line=item.line,
                    field="metric",
                    allowed=allowed,
                )
    for city in reference.cities.values():
        for batch in city.batches:
            if batch.metric is not None and batch.metric not in known:
                raise ReferenceError(
                    f"cities/{city.code}.toml", f"没有指标“{batch.metric}”", field="metric", allowed=allowed
                )


def _read(files: Mapping[str, bytes]) -> Reference:
    """A checked Reference of these files (relative name → content)."""
    cities = {
        code: _city(code, _Settings.of(file, files[file]))
        for code, file in _per_city("cities", files).items()
    }
    if not cities:
        raise ReferenceError("cities", "没有城市文件", allowed="每个城市一份 cities/<代码>.toml")
    areas = _areas(files, cities)
    tables = {name: _rows(name, files) for name in ("categories", "chains", "schemes", "lists", "parks")}
    for name, rows in tables.items():
        for row in rows:
            if "city" in row:
                _must_be_in(f"{name}.csv", row, "city", cities)
    for row in tables["parks"]:
        inside = areas.filter(pl.col("city") == row["city"]).get_column("area_id")
        _must_be_in("parks.csv", row, "area_id", inside, "不是这个城市的地区")
    _must_have_own_colours(tables["chains"])

    def filterable(city: str) -> dict[str, list[str]]:
        return {
            "category": [row["category"] for row in tables["categories"]],
            "chain": [row["chain"] for row in tables["chains"] if row["city"] == city],
            "list": [row["list"] for row in tables["lists"] if row["city"] == city],
            "tag": [
                f"{row['scheme']}:{row['value']}" for row in tables["schemes"] if row["city"] in {None, city}
            ],
        }

    races = {}
    for code, file in _per_city("races", files).items():
        if code not in cities:
            raise ReferenceError(file, f"没有城市“{code}”", allowed="、".join(cities))
        races[code] = _race(code, _Settings.of(file, files[file]))
    return Reference(
        cities=cities,
        areas=areas,
        targets=_targets(files, cities, areas, filterable),
        races=races,
        **{name: _frame(name, rows) for name, rows in tables.items()},
    )


def _must_have_own_colours(chains: Sequence[Row]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in chains:
        if row["colour"] is None:
            continue
        first = seen.setdefault((row["city"], row["colour"].upper()), row["line"])
        if first != row["line"]:
            raise ReferenceError(
                "chains.csv",
                f"颜色“{row['colour']}”与第{first}行相同",
                line=row["line"],
                field="colour",
                allowed="同一城市每条产业链一种颜色，或留空",
            )


def _per_city(kind: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """City code → file, for `<kind>/<code>.toml`, by code."""
    found = {}
    for file in sorted(files):
        if file.startswith(f"{kind}/") and file.endswith(".toml"):
            code = Path(file).stem
            if not re.fullmatch("[0-9A-Za-z]+", code):
                raise ReferenceError(
                    file, f"文件名“{code}”不能作城市代码", allowed="字母和数字，如 210100.toml"
                )
            found[code] = file
    return found


def folder() -> Path:
    """The office's own folder: SAIMA_REFERENCE, else data/office.

    A missing or empty one is filled from data/reference first: all at once, so that a second process
    sees either nothing or everything.
    """
    office = Path(os.environ.get("SAIMA_REFERENCE") or REPOSITORY / "data" / "office")
    if office.is_dir() and any(office.iterdir()):
        return office
    if office.exists() and not office.is_dir():
        raise ReferenceError(str(office.name), "不是文件夹", allowed="SAIMA_REFERENCE 指向一个文件夹")
    try:
        office.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{office.name}-", dir=office.parent))
    except OSError:
        raise ReferenceError(office.name, "无法建立参考文件夹", allowed="可写的文件夹") from None
    try:
        shutil.copytree(SHIPPED, made, dirs_exist_ok=True)
        made.chmod(0o755)
        _record(
            made,
            _contents(made),
            who="程序",
            why="首次启动，复制自随程序提供的参考文件",
            when=_edited_at(made),
        )
        made.rename(office)
    except OSError:
        # another process was first, or the folder cannot be replaced (a mount point)
        if not any(office.iterdir()):
            raise ReferenceError(
                office.name, "空文件夹无法填入参考文件", allowed="先把 data/reference 的内容复制进去"
            ) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return office


def _paths(base: Path) -> list[Path]:
    """Files of the folder, subfolders included, hidden ones and what editors leave behind excluded."""
    return sorted(
        path
        for path in (*base.glob("*.csv"), *base.glob("*/*.toml"))
        if not path.name.startswith((".", "~")) and not path.parent.name.startswith(".history")
    )


def _contents(base: Path) -> dict[str, bytes]:
    return {path.relative_to(base).as_posix(): path.read_bytes() for path in _paths(base)}


def _stamp(base: Path) -> tuple[tuple[str, int, int], ...]:
    return tuple((str(path), (seen := path.stat()).st_mtime_ns, seen.st_size) for path in _paths(base))


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()[:12]


def _edited_at(base: Path) -> datetime:
    """When a file of the folder was last written, by the file system."""
    return max(datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in _paths(base))


_INSTANT = "%Y%m%dT%H%M%S%fZ"


def _history(base: Path) -> list[tuple[datetime, Path]]:
    """Kept states, oldest first."""
    kept = sorted((base / ".history").glob("[0-9]*Z-*"))
    return [
        (datetime.strptime(entry.name.partition("-")[0], _INSTANT).replace(tzinfo=UTC), entry)
        for entry in kept
    ]


def _record(base: Path, files: Mapping[str, bytes], *, who: str, why: str, when: datetime) -> None:
    """Keep this state of the folder, unless it is the newest kept one."""
    digest, kept = _digest(files), _history(base)
    if kept and kept[-1][1].name.endswith(digest):
        return
    if kept and when <= kept[-1][0]:
        when = kept[-1][0] + timedelta(milliseconds=1)
    (base / ".history").mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=base / ".history"))
    try:
        for name, content in files.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
        before = _contents(kept[-1][1]) if kept else {}
        edit = {
            "who": who,
            "when": when.isoformat(),
            "why": why,
            "changed": sorted(name for name in {*files, *before} if files.get(name) != before.get(name)),
        }
        (made / "edit.json").write_text(json.dumps(edit, ensure_ascii=False, indent=1), encoding="utf-8")
        made.chmod(0o755)
        made.rename(base / ".history" / f"{when.astimezone(UTC).strftime(_INSTANT)}-{digest}")
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _locked(base: Path) -> Iterator[None]:
    (base / ".history").mkdir(exist_ok=True)
    with (base / ".history" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_CACHE: dict[Any, Reference] = {}
_CACHE_LOCK = threading.Lock()


def _remembered(key: Any, made: Callable[[], Reference]) -> Reference:
    with _CACHE_LOCK:
        if key not in _CACHE:
            reference = made()
            while len(_CACHE) >= 16:
                _CACHE.pop(next(iter(_CACHE)))
            _CACHE[key] = reference
        return _CACHE[key]


def load(as_of: datetime | None = None) -> Reference:
    """The office's files, checked: as they are now, or as they were in force at an aware instant.

    Before the first kept state that first state counts: nothing earlier is known. A file changed
    outside the program is kept as a state of its own the first time it is read. Cheap to call:
    unchanged files cost a look at their dates. Raises ReferenceError.
    """
    base = folder()
    stamp = _stamp(base)

    def current() -> Reference:
        files = _contents(base)
        reference = _read(files)
        if (base / ".history").is_dir() and os.access(base / ".history", os.W_OK):
            with _locked(base):
                _record(base, files, who="未登记", why="在程序之外修改了文件", when=_edited_at(base))
        return reference

    if as_of is None:
        return _remembered((base, stamp), current)
    if as_of.tzinfo is None:
        raise ValueError("as_of must be an aware instant")
    if not (base / ".history").is_dir() or as_of >= _edited_at(base):
        _remembered((base, stamp), current)
    kept = _history(base)
    if not kept:
        return _remembered((base, stamp), current)
    in_force = next((entry for when, entry in reversed(kept) if when <= as_of), kept[0][1])
    return _remembered(in_force, lambda: _read(_contents(in_force)))


def save(name: str, content: str | bytes, *, who: str, when: datetime, why: str) -> None:
    """Replace one file of the office's folder (`targets.csv`, `races/210100.toml`) and keep the state.

    The folder as it would be is checked first; what is refused leaves everything as it was. Raises
    ReferenceError.
    """
    if not re.fullmatch(
        r"(areas|categories|chains|schemes|lists|parks|targets)\.csv|[a-z]+/[0-9A-Za-z]+\.toml", name
    ):
        raise ReferenceError(name, "不是参考文件", allowed="、".join(f"{table}.csv" for table in _TABLES))
    base = folder()
    written = content.encode() if isinstance(content, str) else content
    with _locked(base):
        before = _contents(base)
        _read(before | {name: written})
        if not _history(base):
            _record(base, before, who="未登记", why="首次登记前的文件", when=_edited_at(base))
        (base / name).parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=(base / name).parent, prefix=".new-", delete=False) as new:
            new.write(written)
        Path(new.name).chmod(0o644)
        Path(new.name).replace(base / name)
        _record(base, before | {name: written}, who=who, why=why, when=when)


_BOUNDARIES: dict[tuple[str, int], dict[str, Any]] = {}


def boundary(city: str) -> dict[str, Any]:
    """Outline of a city as GeoJSON, one feature a polygon; shared, not to be changed.

    Properties of a feature: adcode (text), name, centre [longitude, latitude]. Exterior rings are
    clockwise whatever the file says, as Plotly needs. From SAIMA_BOUNDARIES, else data/boundaries.
    Raises ReferenceError where there is none or it cannot be used.
    """
    path = Path(os.environ.get("SAIMA_BOUNDARIES") or REPOSITORY / "data" / "boundaries") / f"{city}.geojson"
    if not path.is_file():
        raise ReferenceError(
            path.name,
            "没有这个城市的边界文件",
            allowed=f"用 scripts/build_boundary.py {city} 生成，或放入审定的边界",
        )
    key = (str(path), path.stat().st_mtime_ns)
    if key not in _BOUNDARIES:
        try:
            outline = json.loads(_decoded(path.name, path.read_bytes()))
            features = outline["features"]
        except (ValueError, KeyError, TypeError):
            raise ReferenceError(path.name, "不是 GeoJSON", allowed="FeatureCollection") from None
        drawn = [_drawable(path.name, number, feature) for number, feature in enumerate(features, start=1)]
        _BOUNDARIES[key] = outline | {"features": drawn}
    return _BOUNDARIES[key]


def _drawable(file: str, number: int, feature: Mapping[str, Any]) -> dict[str, Any]:
    try:
        properties, geometry = feature["properties"], feature["geometry"]
        if geometry["type"] not in {"Polygon", "MultiPolygon"}:
            raise ValueError(geometry["type"])
        filed = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        polygons = [_wound(polygon) for polygon in filed]
        named = {"adcode": str(properties["adcode"]), "name": str(properties["name"])}
    except (KeyError, TypeError, ValueError, IndexError):
        raise ReferenceError(
            file,
            f"第{number}个要素不能用",
            field="features",
            allowed="有 adcode、name 的 Polygon 或 MultiPolygon",
        ) from None
    centre = properties.get("centre") or _middle(max(polygons, key=lambda rings: abs(_turn(rings[0])))[0])
    return {
        "type": "Feature",
        "id": named["adcode"],
        "properties": properties | named | {"centre": list(centre)},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


Ring = list[list[float]]


def _turn(ring: Ring) -> float:
    """Twice the signed area: positive when counter-clockwise."""
    return sum(
        here[0] * there[1] - there[0] * here[1] for here, there in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def _wound(rings: list[Ring]) -> list[Ring]:
    """Exterior ring clockwise, holes the other way."""
    return [
        ring if (_turn(ring) < 0) == (position == 0) else ring[::-1] for position, ring in enumerate(rings)
    ]


def _middle(ring: Ring) -> tuple[float, float]:
    across, up = [point[0] for point in ring], [point[1] for point in ring]
    return (min(across) + max(across)) / 2, (min(up) + max(up)) / 2
