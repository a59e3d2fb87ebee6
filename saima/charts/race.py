"""Race: who stands where, how it came about month by month, and which tracks the points are from."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

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
    tinted,
)
from saima.wording import MISSING, count_text, number_text, period_text

_ZONES: Mapping[str, str] = MappingProxyType({"top": "primary", "middle": "middle", "bottom": "grey"})
"""Which colour of a look each part of the ranking has."""


def rank_bars(frame: pl.DataFrame, look: Look, *, row_height: int = 27) -> go.Figure:
    """Areas by rank with their scores and the change of rank, in the order of the frame.

    `frame`: area_id, name, rank, score (null without one), change (places gained, null where there is
    nothing to compare with), is_carried, colour (the area's own), zone (top, middle, bottom). Where ranks
    are left out between two rows, a dashed line says how many. customdata: [area_id].
    """
    names = frame["name"].to_list()
    scores = frame["score"].cast(pl.Float64).to_list()
    printed = [number_text(score, 2) for score in frame["score"]]
    rows = _rows_with_gaps(frame["rank"].to_list())
    left = room_for(names, size=13) + 34
    changes = [
        tinted("沿用", look.second_ink) if is_carried else _change(change, look)
        for change, is_carried in frame.select("change", "is_carried").iter_rows()
    ]
    bars = row_bars(
        scores,
        rows,
        [getattr(look, _ZONES[zone]) for zone in frame["zone"]],
        ids=[[area_id] for area_id in frame["area_id"]],
        hovers=[
            f"{strong(escaped(name))}<br>第{count_text(rank)}名，{score}分"
            + ("<br>本期未报，沿用前期" if is_carried else "")
            for name, rank, score, is_carried in zip(
                names, frame["rank"], printed, frame["is_carried"], strict=True
            )
        ],
    )
    labels = end_labels(scores, rows, [strong(score) for score in printed], look)
    places = [
        note(strong(count_text(rank)), look, x=0, xshift=-left, y=row, yref="y", font={"color": look.ink})
        for rank, row in zip(frame["rank"], rows, strict=True)
    ]
    arrows = [
        note(change, look, x=1, xanchor="right", xshift=104, y=row, yref="y", font={"size": 13})
        for change, row in zip(changes, rows, strict=True)
    ]
    gaps = [
        note(
            f"中间 {missing} 个地区",
            look,
            x=0.5,
            xanchor="center",
            y=(upper + lower) / 2,
            yref="y",
            font={"size": 11, "color": look.second_ink},
        )
        for upper, lower, missing in _gaps(frame["rank"].to_list(), rows)
    ]
    lines = [
        {
            "type": "line",
            "xref": "paper",
            "yref": "y",
            "x0": start,
            "x1": end,
            "y0": (upper + lower) / 2,
            "y1": (upper + lower) / 2,
            "line": {"color": look.line, "width": 1, "dash": "dot"},
        }
        for upper, lower, _ in _gaps(frame["rank"].to_list(), rows)
        for start, end in ((0, 0.36), (0.64, 1))
    ]
    last = rows[-1] if rows else 0
    return go.Figure(
        [bars, own_colours(frame["colour"].to_list(), rows)],
        layout(
            look,
            height=round(row_height * (last + 1)) + 8,
            margin={"l": left, "r": 106, "t": 4, "b": 4},
            barcornerradius=3,
            xaxis=axis(look, range=[0, max([1.0, *known(frame["score"])])], showticklabels=False),
            yaxis=rows_axis(look, names) | {"tickvals": rows, "range": [last + 0.55, -0.55]},
            annotations=places + labels + arrows + gaps,
            shapes=lines,
        ),
    )


def _change(change: int | None, look: Look) -> str:
    if change is None:
        return ""
    if change > 0:
        return tinted(f"▲{change}", look.lights["green"])
    if change < 0:
        return tinted(f"▼{-change}", look.lights["red"])
    return tinted(MISSING, look.second_ink)


def _left_out(upper: int | None, lower: int | None, sharing: int) -> int:
    """How many areas stand between two rows of the ranking that follow each other here."""
    return 0 if upper is None or lower is None else max(lower - upper - sharing, 0) if lower > upper else 0


def _missing_after(ranks: Sequence[int | None]) -> list[int]:
    return [_left_out(upper, lower, ranks.count(upper)) for upper, lower in pairwise(ranks)]


def _rows_with_gaps(ranks: Sequence[int | None]) -> list[float]:
    rows = [0.0] if ranks else []
    for missing in _missing_after(ranks):
        rows.append(rows[-1] + (1.6 if missing else 1.0))
    return rows


def _gaps(ranks: Sequence[int | None], rows: Sequence[float]) -> list[tuple[float, float, int]]:
    return [
        (upper, lower, missing)
        for (upper, lower), missing in zip(pairwise(rows), _missing_after(ranks), strict=True)
        if missing
    ]


def rank_bump(frame: pl.DataFrame, look: Look, chosen: Sequence[str] = ()) -> go.Figure:
    """Ranks month by month: a dot at every month, names at both ends, grey but the chosen areas.

    `frame`: period, area_id, name, rank (null where it is not ranked), score, colour. A month without a row
    is a gap. customdata: [area_id, period].
    """
    periods = frame["period"].to_list()
    months = _months(min(periods), max(periods))
    areas = frame.unique("area_id", keep="last", maintain_order=True).select("area_id", "name", "colour")
    ranks: dict[tuple[str, str], int | None] = {}
    hovers: dict[tuple[str, str], str] = {}
    for period, area_id, name, rank, score in frame.select(
        "period", "area_id", "name", "rank", "score"
    ).iter_rows():
        ranks[area_id, period] = rank
        hovers[area_id, period] = (
            f"{strong(escaped(name))}<br>{period_text(period)} 第{count_text(rank)}名，"
            f"{number_text(score, 2)}分"
        )
    lines = [
        go.Scatter(
            x=months,
            y=[ranks.get((area_id, month)) for month in months],
            mode="lines+markers",
            connectgaps=False,
            opacity=1 if area_id in chosen else 0.6,
            line={
                "color": colour if area_id in chosen else look.grey,
                "width": 3 if area_id in chosen else 1.5,
            },
            marker={
                "color": colour if area_id in chosen else look.grey,
                "size": 9 if area_id in chosen else 6,
                "line": {"color": look.card, "width": 1},
            },
            customdata=[[area_id, month] for month in months],
            hovertext=[hovers.get((area_id, month)) for month in months],
            hovertemplate=HOVER,
            unselected={"marker": {"opacity": 0.5}},
        )
        for area_id, colour in sorted(
            areas.select("area_id", "colour").iter_rows(), key=lambda area: area[0] in chosen
        )
    ]
    names = areas["name"].to_list()
    lowest = max([1, *frame["rank"].drop_nulls()])
    ends = [
        note(
            "、".join(
                tinted(strong(escaped(name)), look.ink) if area_id in chosen else escaped(name)
                for area_id, name, _ in areas.iter_rows()
                if ranks.get((area_id, month)) == rank
            ),
            look,
            x=x,
            xanchor=anchor,
            xshift=shift,
            y=rank,
            yref="y",
        )
        for month, x, anchor, shift in ((months[0], 0, "right", -30), (months[-1], 1, "left", 30))
        for rank in sorted(
            {rank for (_, period), rank in ranks.items() if period == month and rank is not None}
        )
    ]
    room = room_for(names, size=12) + 30
    return go.Figure(
        lines,
        layout(
            look,
            height=26 * lowest + 44,
            margin={"l": room, "r": room, "t": 4, "b": 36},
            xaxis=axis(
                look,
                type="category",
                categoryorder="array",
                categoryarray=months,
                tickvals=months,
                ticktext=[_month_label(month, place) for place, month in enumerate(months)],
                range=[-0.3, len(months) - 0.7],
            ),
            yaxis=axis(
                look,
                range=[lowest + 0.6, 0.4],
                tickvals=list(range(1, lowest + 1)),
                tickfont={"color": look.second_ink, "size": 11},
            ),
            annotations=ends,
        ),
    )


def _months(first: str, last: str) -> list[str]:
    """Every month from the first to the last period, so that one without a snapshot is seen as a gap."""
    start, end = (int(period[:4]) * 12 + int(period[5:]) - 1 for period in (first, last))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(start, end + 1)]


def _month_label(month: str, place: int) -> str:
    label = f"{int(month[5:])}月"
    return f"{label}<br>{month[:4]}年" if place == 0 or month.endswith("-01") else label


def track_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Points by track, stacked for each area, areas and tracks in the order of the frame.

    `frame`: area_id, name, track, track_name, points (null where the track is left out).
    customdata: [area_id, track].
    """
    areas = frame.unique("area_id", keep="first", maintain_order=True)
    rows = {area_id: row for row, area_id in enumerate(areas["area_id"])}
    tracks = frame.unique("track", keep="first", maintain_order=True).select("track", "track_name").rows()
    colours = look.depths[::-1]
    bars = []
    for place, (track, track_name) in enumerate(tracks):
        of_track = frame.filter(pl.col("track") == track)
        colour = colours[place % len(colours)]
        bars.append(
            go.Bar(
                name=escaped(track_name),
                x=of_track["points"].cast(pl.Float64).to_list(),
                y=[rows[area_id] for area_id in of_track["area_id"]],
                orientation="h",
                width=0.6,
                marker={"color": colour, "line": {"color": look.card, "width": 1}},
                text=[number_text(points, 1) if points else "" for points in of_track["points"]],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                constraintext="none",
                textfont={"size": 11, "color": look.ink_on(colour)},
                customdata=[[area_id, track] for area_id in of_track["area_id"]],
                hovertext=[
                    f"{strong(escaped(name))}<br>{escaped(track_name)} {number_text(points, 2)}分"
                    for name, points in of_track.select("name", "points").iter_rows()
                ],
                hovertemplate=HOVER,
                unselected={"marker": {"opacity": 0.45}},
            )
        )
    names = areas["name"].to_list()
    return go.Figure(
        bars,
        layout(
            look,
            height=27 * len(names) + 40,
            margin={"l": room_for(names, size=13), "r": 12, "t": 32, "b": 4},
            barmode="stack",
            showlegend=True,
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1,
                "xanchor": "left",
                "yanchor": "bottom",
                "traceorder": "normal",
                "font": {"family": FONT, "size": 12, "color": look.second_ink},
                "itemclick": False,
                "itemdoubleclick": False,
            },
            xaxis=axis(look, showticklabels=False, rangemode="tozero"),
            yaxis=rows_axis(look, names),
        ),
    )
