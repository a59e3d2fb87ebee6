"""Outlines of cities, as GeoJSON."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saima.reference.office import REPOSITORY
from saima.reference.refusal import ReferenceError, decoded

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
            outline = json.loads(decoded(path.name, path.read_bytes()))
            features = outline["features"]
        except (ValueError, KeyError, TypeError):
            raise ReferenceError(path.name, "不是 GeoJSON", allowed="FeatureCollection") from None
        drawn = [_drawable(path.name, number, feature) for number, feature in enumerate(features, start=1)]
        _BOUNDARIES[key] = outline | {"features": drawn}
    return _BOUNDARIES[key]


Ring = list[list[float]]


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
