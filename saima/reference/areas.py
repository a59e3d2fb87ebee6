"""Reporting areas: what counts in what, what is ranked, what is drawn where (data-model.md section 2)."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from saima.ledgers import DIRECT, UNASSIGNED
from saima.reference.cities import City
from saima.reference.refusal import ReferenceError
from saima.reference.sheets import (
    CITY_LEVEL,
    TABLES,
    Row,
    frame_of,
    must_be_in,
    must_name_one,
    must_not_circle,
    rows_of,
)

_DERIVED_AREAS: dict[str, pl.DataType] = {
    "rolls_up_to": pl.String(),
    "is_ranked": pl.Boolean(),
    "drawn_as": pl.String(),
}


def read_areas(files: Mapping[str, bytes], cities: Mapping[str, City]) -> pl.DataFrame:
    """The areas frame of `Reference`; ReferenceError names the line that cannot be used."""
    file = "areas.csv"
    if file not in files:
        raise ReferenceError(file, "文件不存在", allowed="每个报送地区一行")
    rows = rows_of("areas", files)
    colours: dict[tuple[str, str], int] = {}
    for row in rows:
        must_be_in(file, row, "city", cities)
        siblings = {other["area_id"]: other for other in rows if other["city"] == row["city"]}
        must_be_in(file, row, "counts_in", siblings, "指向的地区不在这个城市")
        outlines = [area_id for area_id, other in siblings.items() if other["gb2260"]]
        must_be_in(file, row, "drawn_in", outlines, "不是这个城市有边界的地区")
        row["short_name"] = row["short_name"] or row["name"]
        row["reports"] = row["reports"] is not False
        _must_not_be_the_city(file, row, cities[row["city"]])
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
    must_name_one(file, rows, "name", "short_name", "aliases")
    must_not_circle(file, rows, "area_id", "counts_in")
    return frame_of("areas", _derived_areas([*rows, *_city_level_areas(rows, cities)]), **_DERIVED_AREAS)


def _must_not_be_the_city(file: str, row: Row, city: City) -> None:
    """Refuse the city's own name (淮安 is not 淮安区), but for 市本级 and a city without districts."""
    if row["kind"] == "市本级" or row["gb2260"] == city.code:
        return
    for column in ("name", "short_name", "aliases"):
        if {city.name, city.short_name} & set(row[column] if column == "aliases" else [row[column]]):
            raise ReferenceError(
                file,
                f"“{city.short_name}”是城市的名称",
                line=row["line"],
                field=column,
                allowed="不与城市同名的名称",
            )


def _city_level_areas(rows: Sequence[Row], cities: Mapping[str, City]) -> Iterator[Row]:
    """市本级 and 未分区 of every city whose file does not name them: rows need somewhere to go."""
    known = {row["area_id"] for row in rows}
    for code in cities:
        for suffix, kind, colour in ((DIRECT, "市本级", "#7C8797"), (UNASSIGNED, "未分区", "#A9B2BF")):
            if f"{code}-{suffix}" not in known:
                empty: Row = dict.fromkeys(declared.name for declared in TABLES["areas"])
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
