"""Geography: rates as areas, amounts as circles, and the same values sorted beside the map."""

from collections.abc import Iterator, Mapping, Sequence
from math import cos, radians
from typing import Any

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    FONT,
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

_LARGEST = 34
"""Diameter in pixels of the circle of the largest amount."""

Window = tuple[float, float, float, float]
"""lon_min, lon_max, lat_min, lat_max of an enlarged centre."""


def rate_map(
    frame: pl.DataFrame,
    look: Look,
    *,
    boundary: Mapping[str, Any],
    label: str,
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
    hovers = dict(_hovers(frame, label, currency))
    measured = areas.filter(pl.col("value").is_not_null())
    colours = {
        area_id: look.classes[_class(value, breaks)]
        for area_id, value in frame.filter(pl.col("value").is_not_null())
        .select("area_id", "value")
        .iter_rows()
    }
    unmeasured = [
        (drawn_id, area_id, hovers[area_id])
        for drawn_id, area_id in areas.filter(pl.col("value").is_null())
        .select("drawn_id", "area_id")
        .iter_rows()
    ]
    drawn = set(areas["drawn_id"].to_list())
    unmeasured += [
        (code, code, f"{strong(escaped(name))}<br>无数据")
        for code, name, _ in _polygons(boundary)
        if code not in drawn
    ]
    shapes = [
        _areas(
            look,
            boundary,
            locations=measured["drawn_id"].to_list(),
            ids=measured["area_id"].to_list(),
            hovers=[hovers[area_id] for area_id in measured["area_id"]],
            z=[_class(value, breaks) for value in measured["value"]],
            colorscale=[[edge / 5, look.classes[place]] for place in range(5) for edge in (place, place + 1)],
            colorbar=_class_bar(look, label, breaks),
            showscale=window is None,
        ),
        _areas(
            look,
            boundary,
            locations=[code for code, _, _ in unmeasured],
            ids=[area_id for _, area_id, _ in unmeasured],
            hovers=[hover for _, _, hover in unmeasured],
            z=[0] * len(unmeasured),
            colorscale=[[0, look.line], [1, look.line]],
            showscale=False,
        ),
    ]
    circles = _placed(frame, boundary)
    largest = max([1.0, *known(circles["amount"])])
    points = [
        _circles(
            circles.filter(pl.col("is_zone") == is_zone),
            look,
            hovers,
            colours,
            is_zone=is_zone,
            sizeref=2 * largest / _LARGEST**2,
        )
        for is_zone in (False, True)
    ]
    named = _labels_with_room(circles, boundary, window, height)
    labels = go.Scattergeo(
        lon=[longitude for _, longitude, _ in named],
        lat=[latitude for _, _, latitude in named],
        mode="text",
        text=[escaped(name) for name, _, _ in named],
        textposition="bottom center",
        textfont={
            "family": FONT,
            "size": 12,
            "color": look.ink,
            "shadow": ", ".join(f"{x}px {y}px 2px {look.card}" for x in (-1, 1) for y in (-1, 1)),
        },
        hoverinfo="skip",
    )
    frame_of_view = (
        {"fitbounds": "locations"}
        if window is None
        else {"lonaxis": {"range": list(window[:2])}, "lataxis": {"range": list(window[2:])}}
    )
    return go.Figure(
        [*shapes, *points, labels],
        layout(
            look,
            height=height,
            margin={"l": 0, "r": 0, "t": 0, "b": 34 if window is None else 4},
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
                    yanchor="bottom",
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


def _hovers(frame: pl.DataFrame, label: str, currency: str) -> Iterator[tuple[str, str]]:
    for area_id, name, value, amount, projects in frame.select(
        "area_id", "name", "value", "amount", "projects"
    ).iter_rows():
        yield (
            area_id,
            f"{strong(escaped(name))}<br>{escaped(label)} {percent_text(share_percent(value))}"
            f"<br>投资 {amount_text(amount, currency)}<br>项目 {count_text(projects)}个",
        )


def _areas(
    look: Look,
    boundary: Mapping[str, Any],
    *,
    locations: Sequence[str],
    ids: Sequence[str],
    hovers: Sequence[str],
    **settings: Any,
) -> go.Choropleth:
    return go.Choropleth(
        {
            "geojson": boundary,
            "featureidkey": "properties.adcode",
            "locations": list(locations),
            "customdata": [[identifier] for identifier in ids],
            "hovertext": list(hovers),
            "hovertemplate": "%{hovertext}",
            "zmin": 0,
            "zmax": 4,
            "marker": {"line": {"color": look.card, "width": 1}},
            "unselected": {"marker": {"opacity": 0.55}},
        }
        | settings
    )


def _class_bar(look: Look, label: str, breaks: Sequence[float]) -> dict[str, Any]:
    """The five classes as a thin bar with their limits, at the foot of the map."""
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
        "tickvals": [0.8, 1.6, 2.4, 3.2],
        "ticktext": [percent_text(share_percent(lower_end, 0)) for lower_end in breaks],
        "tickfont": {"family": FONT, "size": 11, "color": look.second_ink},
        "title": {"text": ""},
    }


def _circles(
    frame: pl.DataFrame,
    look: Look,
    hovers: Mapping[str, str],
    colours: Mapping[str, str],
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
        mode="markers",
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
        hovertemplate="%{hovertext}",
        unselected={"marker": {"opacity": 0.4}},
    )


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


def _bounds(coordinates: Any) -> Window:
    if isinstance(coordinates[0], int | float):
        longitude, latitude = coordinates[:2]
        return longitude, longitude, latitude, latitude
    parts = [_bounds(part) for part in coordinates]
    return _around(parts)


def _around(parts: Sequence[Window]) -> Window:
    return (
        min(part[0] for part in parts),
        max(part[1] for part in parts),
        min(part[2] for part in parts),
        max(part[3] for part in parts),
    )


def _labels_with_room(
    frame: pl.DataFrame, boundary: Mapping[str, Any], window: Window | None, height: int
) -> list[tuple[str, float, float]]:
    """Names that can be read, largest polygons first: wide enough for the name, no two overlapping.

    Pixels are estimated from the bounds, the drawing taken to be as wide as it is high.
    """
    bounds = {code: bound for code, _, bound in _polygons(boundary)}
    west, east, south, north = window or _around(list(bounds.values()))
    narrowing = cos(radians((south + north) / 2))
    pixels = (height - 40) / max(north - south, (east - west) * narrowing)
    wanted = [
        (bounds.get(drawn_id, (longitude, longitude, latitude, latitude)), name, longitude, latitude, is_zone)
        for drawn_id, name, longitude, latitude, is_zone in frame.select(
            "drawn_id", "name", "longitude", "latitude", "is_zone"
        ).iter_rows()
        if west <= longitude <= east and south <= latitude <= north
    ]
    wanted.sort(key=lambda area: (area[4], -(area[0][1] - area[0][0]) * (area[0][3] - area[0][2])))
    placed: list[Window] = []
    named = []
    for bound, name, longitude, latitude, _ in wanted:
        half = len(name) * 6.5 / pixels / narrowing
        box = (longitude - half, longitude + half, latitude - 24 / pixels, latitude - 4 / pixels)
        is_wide = (bound[1] - bound[0]) * 1.3 >= 2 * half
        if is_wide and not any(_overlap(box, other) for other in placed):
            placed.append(box)
            named.append((name, longitude, latitude))
    return named


def _overlap(box: Window, other: Window) -> bool:
    return box[0] < other[1] and other[0] < box[1] and box[2] < other[3] and other[2] < box[3]


def area_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
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
        [
            bars,
            own_colours(ordered["colour"].to_list(), rows),
            end_labels(values, rows, [strong(text) for text in texts], look),
        ],
        layout(
            look,
            height=27 * len(names) + 8,
            margin={"l": room_for(names, size=13), "r": room_for(texts, size=14), "t": 2, "b": 2},
            barcornerradius=3,
            xaxis=axis(
                look, range=[0, max(known(ordered["value"]), default=1.0) or 1.0], showticklabels=False
            ),
            yaxis=rows_axis(look, names),
        ),
    )
