"""Geography: rates as areas, amounts as circles, and the same values sorted beside the map."""

from collections.abc import Iterator, Mapping, Sequence, Set
from math import cos, radians
from typing import Any

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    FONT,
    HOVER,
    Look,
    axis,
    end_labels,
    escaped,
    known,
    layout,
    note,
    own_colours,
    room_for,
    row_bars,
    rows_axis,
    strong,
)
from saima.wording import amount_text, count_text, percent_text, share_percent

BREAKS = (0.5, 0.6, 0.7, 0.8)
"""Lower ends of the second to fifth class where a map is given no others: fixed across months."""

NOT_APPROVED = "示意图，不作划界依据"
"""Printed on a map whose outline carries no 审图号."""

_LARGEST = 1 / 15
"""Diameter of the circle of the largest amount, of the height of the map."""

_NO_DATA = -1
"""In place of a class: drawn in grey, first in the legend."""

Window = tuple[float, float, float, float]
"""lon_min, lon_max, lat_min, lat_max of an enlarged centre."""


class _Outline(dict[str, Any]):
    """An outline that is shared: Plotly would copy it twice a figure, the largest part of drawing a map."""

    def __deepcopy__(self, memo: object) -> "_Outline":
        return self


def rate_map(
    frame: pl.DataFrame,
    look: Look,
    *,
    boundary: Mapping[str, Any],
    label: str,
    circle: str = "投资",
    breaks: Sequence[float] = BREAKS,
    window: Window | None = None,
    approval: str = "",
    currency: str = "元",
    height: int = 420,
) -> go.Figure:
    """Areas coloured by five fixed classes of a rate, with circles whose area is an amount.

    `frame`: area_id, drawn_id (the polygon's adcode), name, value (share, null is grey: 无数据), amount
    (Decimal 万元, null has no circle), projects, longitude, latitude, is_zone (a circle on its parent).
    Every polygon of `boundary` is drawn, those without a row in grey. customdata: [area_id].
    `window` shows an enlarged centre instead of the whole; `approval` is the 审图号.
    """
    areas = frame.filter(~pl.col("is_zone"))
    hovers = dict(_hovers(frame, label, circle, currency))
    colours = {
        area_id: look.classes[_class(value, breaks)]
        for area_id, value in frame.filter(pl.col("value").is_not_null())
        .select("area_id", "value")
        .iter_rows()
    }
    drawn = set(areas["drawn_id"].to_list())
    polygons = _polygons(boundary)
    silent = [(code, name) for code, name, _ in polygons if code not in drawn]
    z = [_NO_DATA if value is None else _class(value, breaks) for value in areas["value"]]
    z += [_NO_DATA] * len(silent)
    shapes = go.Choropleth(
        geojson=_Outline(boundary),
        featureidkey="properties.adcode",
        locations=areas["drawn_id"].to_list() + [code for code, _ in silent],
        customdata=[[area_id] for area_id in areas["area_id"]] + [[code] for code, _ in silent],
        hovertext=[hovers[area_id] for area_id in areas["area_id"]]
        + [f"{strong(escaped(name))}<br>无数据" for _, name in silent],
        hovertemplate=HOVER,
        z=z,
        zmin=min([0, *z]),
        zmax=4,
        colorscale=_class_scale(look, has_missing=_NO_DATA in z),
        colorbar=_class_bar(look, breaks, has_missing=_NO_DATA in z),
        showscale=window is None,
        marker={"line": {"color": look.card, "width": 1}},
        unselected={"marker": {"opacity": 0.55}},
    )
    circles = _placed(frame, boundary)
    largest = max([1.0, *known(circles["amount"])])
    named = _labels_with_room(circles, polygons, window, height)
    points = [
        _circles(
            circles.filter(pl.col("is_zone") == is_zone),
            look,
            hovers,
            colours,
            named,
            is_zone=is_zone,
            sizeref=2 * largest / (_LARGEST * height) ** 2,
        )
        for is_zone in (False, True)
    ]
    has_circle = pl.col("is_zone") | pl.col("amount").is_not_null()
    bare = circles.filter(~has_circle & pl.col("area_id").is_in(list(named)))
    labels = go.Scattergeo(
        lon=bare["longitude"].to_list(),
        lat=bare["latitude"].to_list(),
        mode="text",
        text=[escaped(name) for name in bare["name"]],
        textfont=_label_font(look),
        unselected={"textfont": {"color": look.ink}},
        hoverinfo="skip",
    )
    frame_of_view = (
        {"fitbounds": "locations"}
        if window is None
        else {"lonaxis": {"range": list(window[:2])}, "lataxis": {"range": list(window[2:])}}
    )
    return go.Figure(
        [shapes, *points, labels],
        layout(
            look,
            height=height,
            margin={"l": 0, "r": 0, "t": 0, "b": 34 if window is None else 26},
            geo={
                "visible": False,
                "bgcolor": "rgba(0,0,0,0)",
                "projection": {"type": "mercator"},
            }
            | frame_of_view,
            annotations=[
                note(
                    escaped(approval) or NOT_APPROVED,
                    look,
                    x=1,
                    y=0,
                    xanchor="right",
                    yanchor="top",
                    yshift=-8,
                    font={"size": 11, "color": look.second_ink},
                )
            ],
        ),
    )


def _placed(frame: pl.DataFrame, boundary: Mapping[str, Any]) -> pl.DataFrame:
    """The rows that have a place; an area without one of its own stands at its polygon's centre."""
    centres = {
        feature["properties"]["adcode"]: feature["properties"]["centre"]
        for feature in boundary["features"]
        if "centre" in feature["properties"]
    }
    at_centre = (
        pl.when(~pl.col("is_zone"))
        .then(pl.col("drawn_id").replace_strict(centres, default=None, return_dtype=pl.List(pl.Float64)))
        .otherwise(None)
    )
    return frame.with_columns(
        longitude=pl.coalesce("longitude", at_centre.list.first()),
        latitude=pl.coalesce("latitude", at_centre.list.last()),
    ).filter(pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null())


def _class(value: float, breaks: Sequence[float]) -> int:
    return sum(value >= lower_end for lower_end in breaks)


def _hovers(frame: pl.DataFrame, label: str, circle: str, currency: str) -> Iterator[tuple[str, str]]:
    for area_id, name, value, amount, projects in frame.select(
        "area_id", "name", "value", "amount", "projects"
    ).iter_rows():
        yield (
            area_id,
            f"{strong(escaped(name))}<br>{escaped(label)} {percent_text(share_percent(value))}"
            f"<br>{escaped(circle)} {amount_text(amount, currency)}<br>项目 {count_text(projects)}个",
        )


def _class_scale(look: Look, *, has_missing: bool) -> list[tuple[float, str]]:
    steps = [look.line] * has_missing + list(look.classes)
    return [(edge / len(steps), colour) for place, colour in enumerate(steps) for edge in (place, place + 1)]


def _class_bar(look: Look, breaks: Sequence[float], *, has_missing: bool) -> dict[str, Any]:
    """The five classes as a thin bar with their limits at the foot of the map, no data before them."""
    lowest = _NO_DATA if has_missing else 0
    step = (4 - lowest) / (5 + has_missing)
    limits = [lowest + step * (place + 1 + has_missing) for place in range(4)]
    texts = [percent_text(share_percent(lower_end, 0)) for lower_end in breaks]
    if has_missing:
        limits = [lowest + step / 2, *limits]
        texts = ["无数据", *texts]
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.62,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "ypad": 4,
        "xpad": 8,
        "outlinewidth": 0,
        "ticks": "",
        "tickvals": limits,
        "ticktext": texts,
        "tickfont": {"family": FONT, "size": 11, "color": look.second_ink},
    }


def _circles(
    frame: pl.DataFrame,
    look: Look,
    hovers: Mapping[str, str],
    colours: Mapping[str, str],
    named: Set[str],
    *,
    is_zone: bool,
    sizeref: float,
) -> go.Scattergeo:
    """Amounts as circles; a zone is ringed in ink, shows its own class, and stands even without an amount."""
    shown = frame if is_zone else frame.filter(pl.col("amount").is_not_null())
    ids = shown["area_id"].to_list()
    return go.Scattergeo(
        lon=shown["longitude"].to_list(),
        lat=shown["latitude"].to_list(),
        mode="markers+text",
        text=[
            escaped(name) if area_id in named else ""
            for area_id, name in shown.select("area_id", "name").iter_rows()
        ],
        textposition="bottom center",
        textfont=_label_font(look),
        marker={
            "size": [float(amount or 0) for amount in shown["amount"]],
            "sizemode": "area",
            "sizeref": sizeref,
            "sizemin": 5 if is_zone else 2,
            "color": [colours.get(area_id, look.line) for area_id in ids]
            if is_zone
            else look.lights["yellow"],
            "opacity": 0.95 if is_zone else 0.8,
            "line": {"color": look.ink if is_zone else look.card, "width": 2 if is_zone else 1},
        },
        customdata=[[area_id] for area_id in ids],
        hovertext=[hovers[area_id] for area_id in ids],
        hovertemplate=HOVER,
        unselected={"marker": {"opacity": 0.7}, "textfont": {"color": look.ink}},
    )


def _label_font(look: Look) -> dict[str, Any]:
    """Ink with a halo, to be read on every class."""
    halo = ", ".join(f"{x}px {y}px 2px {look.card}" for x in (-1, 1) for y in (-1, 1))
    return {"family": FONT, "size": 12, "color": look.ink, "shadow": halo}


def _polygons(boundary: Mapping[str, Any]) -> list[tuple[str, str, Window]]:
    """Code, name and bounds of each polygon."""
    return [
        (
            str(feature["properties"]["adcode"]),
            str(feature["properties"].get("name", "")),
            _bounds(feature["geometry"]["coordinates"]),
        )
        for feature in boundary["features"]
    ]


def _bounds(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> Window:
    longitudes, latitudes = zip(*(point for rings in polygons for point in rings[0]), strict=True)
    return min(longitudes), max(longitudes), min(latitudes), max(latitudes)


def _around(parts: Sequence[Window]) -> Window:
    return (
        min(part[0] for part in parts),
        max(part[1] for part in parts),
        min(part[2] for part in parts),
        max(part[3] for part in parts),
    )


def _labels_with_room(
    frame: pl.DataFrame, polygons: Sequence[tuple[str, str, Window]], window: Window | None, height: int
) -> set[str]:
    """The areas whose name can be read, the largest first: wide enough for it, no two overlapping.

    Pixels are estimated from the bounds, the drawing taken to be as wide as it is high.
    """
    bounds = {code: bound for code, _, bound in polygons}
    west, east, south, north = window or _around(list(bounds.values()))
    narrowing = cos(radians((south + north) / 2))
    pixels = (height - 40) / max(north - south, (east - west) * narrowing)
    wanted = [
        (bounds.get(drawn_id, (longitude, longitude, latitude, latitude)), area_id, name, longitude, latitude)
        for drawn_id, area_id, name, longitude, latitude in frame.select(
            "drawn_id", "area_id", "name", "longitude", "latitude"
        ).iter_rows()
        if west <= longitude <= east and south <= latitude <= north
    ]
    wanted.sort(key=lambda area: -(area[0][1] - area[0][0]) * (area[0][3] - area[0][2]))
    placed: list[Window] = []
    named = set()
    for bound, area_id, name, longitude, latitude in wanted:
        half = len(name) * 6.5 / pixels / narrowing
        box = (longitude - half, longitude + half, latitude - 26 / pixels, latitude + 4 / pixels)
        is_wide = (bound[1] - bound[0]) * 1.3 >= 2 * half
        if is_wide and not any(_overlap(box, other) for other in placed):
            placed.append(box)
            named.add(area_id)
    return named


def _overlap(box: Window, other: Window) -> bool:
    return box[0] < other[1] and other[0] < box[1] and box[2] < other[3] and other[2] < box[3]


def area_bars(frame: pl.DataFrame, look: Look, *, row_height: int = 27) -> go.Figure:
    """Areas sorted by value, the largest first, those without a value last.

    `frame`: area_id, name, value, value_text (as printed), colour (the area's own). customdata: [area_id].
    """
    ordered = frame.sort("value", "area_id", descending=[True, False], nulls_last=True)
    names = ordered["name"].to_list()
    values = ordered["value"].cast(pl.Float64).to_list()
    texts = [escaped(text) for text in ordered["value_text"]]
    rows = list(range(len(names)))
    bars = row_bars(
        values,
        rows,
        look.middle,
        ids=[[area_id] for area_id in ordered["area_id"]],
        hovers=[f"{strong(escaped(name))}<br>{text}" for name, text in zip(names, texts, strict=True)],
    )
    return go.Figure(
        [bars, own_colours(ordered["colour"].to_list(), rows)],
        layout(
            look,
            height=row_height * len(names) + 8,
            margin={"l": room_for(names, size=13), "r": room_for(texts, size=14), "t": 2, "b": 2},
            barcornerradius=3,
            xaxis=axis(
                look, range=[0, max(known(ordered["value"]), default=1.0) or 1.0], showticklabels=False
            ),
            yaxis=rows_axis(look, names),
            annotations=end_labels(values, rows, [strong(text) for text in texts], look),
        ),
    )
