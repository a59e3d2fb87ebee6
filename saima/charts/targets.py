"""Targets: how far each has come against its 序时, and one target's year with what is expected of it."""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from saima.charts.pace import bullet_bars
from saima.charts.theme import HOVER, STILL, Look, axis, escaped, layout, note, strong
from saima.wording import number_text, percent_text


def target_bars(
    frame: pl.DataFrame, look: Look, *, labels: Sequence[tuple[str, str]], hovers: Sequence[str]
) -> go.Figure:
    """Bars of completion with a tick at 序时, a row for each target of the frame, light and numbers beside.

    `frame` has target_id, name, completion, completion_percent, pace_percent and light; `labels` and `hovers`
    are texts of its rows.
    """
    return bullet_bars(
        look,
        names=frame["name"].to_list(),
        ids=frame["target_id"].to_list(),
        completion=frame["completion"].clip(0, 1.5),
        pace=frame["pace_percent"].cast(pl.Float64) / 100,
        lights=frame["light"].to_list(),
        colours=[look.primary] * frame.height,
        labels=[
            (percent_text(percent), escaped(said))
            for percent, (said, _) in zip(frame["completion_percent"], labels, strict=True)
        ],
        hovers=[strong(escaped(hover)) for hover in hovers],
        row_height=27,
    )


def target_path(frame: pl.DataFrame, look: Look, *, height: int = 320) -> go.Figure:
    """This year's months of a target against its line, last year's in grey, and the forecast of December.

    `frame` is that of `transforms.targets.path_of`.
    """
    first = frame.row(0, named=True)
    year, unit = int(frame.select(pl.col("year").max()).item()), first["unit"]
    lines = []
    for shown, colour, width in ((year, look.primary, 3), (year - 1, look.grey, 1.5)):
        rows = frame.filter(pl.col("year") == shown)
        lines.append(
            go.Scatter(
                x=rows["month"].to_list(),
                y=rows["value"].to_list(),
                mode="lines+markers",
                line={"color": colour, "width": width},
                marker={"size": 6, "color": colour},
                hovertext=[
                    f"{shown}年{month}月 {'—' if value is None else number_text(value, 1)}{unit}"
                    for month, value in rows.select("month", "value").iter_rows()
                ],
                hovertemplate=HOVER,
                unselected=STILL,
                name=str(shown),
            )
        )
    marks = [line for line in lines if len(line.x)]
    target = first["target"]
    if target is not None:
        marks.append(
            go.Scatter(
                x=[0, 12] if first["has_pace"] else [1, 12],
                y=[0 if first["has_pace"] else target, target],
                mode="lines",
                line={"color": look.second_ink, "width": 1.5, "dash": "dot"},
                hoverinfo="skip",
            )
        )
    notes = _path_notes(first, look, target=target, unit=unit)
    if first["expected"] is not None:
        marks.append(
            go.Scatter(
                x=[12],
                y=[first["expected"]],
                mode="markers",
                marker={"size": 10, "color": look.card, "line": {"color": look.primary, "width": 2.5}},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [first["high"] - first["expected"]],
                    "arrayminus": [first["expected"] - first["low"]],
                    "color": look.primary,
                    "thickness": 2,
                    "width": 7,
                },
                hovertext=[
                    f"年底预计 {number_text(first['expected'], 0)}{unit}，"
                    f"八成把握在 {number_text(first['low'], 0)}—{number_text(first['high'], 0)}{unit}"
                ],
                hovertemplate=HOVER,
                unselected=STILL,
            )
        )
    return go.Figure(
        marks,
        layout(
            look,
            height=height,
            margin={"l": 56, "r": 120, "t": 26, "b": 34},
            xaxis=axis(
                look,
                range=[0.5, 12.5],
                tickvals=[1, 3, 6, 9, 12],
                ticktext=["1月", "3月", "6月", "9月", "12月"],
                tickangle=0,
                showgrid=False,
            ),
            yaxis=axis(look, rangemode="tozero", tickformat=",d"),
            annotations=[*notes, note(unit, look, x=0, xshift=-8, y=1, yshift=16, xanchor="right")],
        ),
    )


def _path_notes(
    first: dict[str, float | None], look: Look, *, target: float | None, unit: str
) -> list[dict[str, object]]:
    """The names of the lines at their right ends, moved apart where they would meet."""
    told: list[tuple[float, str, str]] = []
    if target is not None:
        told.append((target, f"目标 {number_text(target, 0)}{unit}", look.second_ink))
    if first["expected"] is not None:
        told.append((first["expected"], f"预计 {number_text(first['expected'], 0)}{unit}", look.primary))
    shifts = [0, 0]
    if len(told) == 2:
        is_above = told[0][0] >= told[1][0]
        near = abs(told[0][0] - told[1][0]) < 0.09 * max(told[0][0], told[1][0])
        shifts = [9, -9] if near and is_above else [-9, 9] if near else [0, 0]
    return [
        note(said, look, x=12.5, y=value, xref="x", yref="y", xshift=6, yshift=shift, font={"color": colour})
        for (value, said, colour), shift in zip(told, shifts, strict=False)
    ]
