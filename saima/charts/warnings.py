"""Warnings: lights by group as stacked bars, and what became of them since the last period."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    STILL,
    Look,
    axis,
    escaped,
    layout,
    room_for,
    row_bars,
    rows_axis,
    strong,
    tinted,
    told_rows,
)
from saima.wording import LIGHTS, count_text

_METRICS = {"red": "red_projects", "yellow": "yellow_projects"}


def light_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Red and yellow projects of each group side by side in one bar, their numbers at the right.

    `frame` has id, name, red, yellow and green, a row a group, in the order shown.
    """
    names = frame["name"].to_list()
    bars = [
        row_bars(
            frame[light].to_list(),
            list(range(frame.height)),
            look.lights[light],
            ids=[[identifier, metric] for identifier in frame["id"]],
            hovers=[
                f"{strong(escaped(name))}<br>{LIGHTS[light][1]} {count_text(count)}个"
                for name, count in frame.select("name", light).iter_rows()
            ],
            width=0.55,
        )
        for light, metric in _METRICS.items()
    ]
    words = [
        "  ".join(
            f"{tinted(LIGHTS[light][0], look.lights[light])} {count_text(row[light])}"
            for light in ("red", "yellow", "green")
        )
        for row in frame.iter_rows(named=True)
    ]
    return told_rows(bars, names, words, look, row_height=27, right=190)


def change_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """How many lights came on, went worse, stayed, went better or out, a bar each with its number.

    `frame` has change, term and projects.
    """
    colours = {
        "new": look.lights["red"],
        "worse": look.lights["red"],
        "steady": look.middle,
        "better": look.lights["green"],
        "solved": look.lights["green"],
    }
    names = frame["term"].to_list()
    rows = list(range(frame.height))
    bars = go.Bar(
        x=frame["projects"].to_list(),
        y=rows,
        orientation="h",
        width=0.55,
        marker={"color": [colours[change] for change in frame["change"]]},
        unselected=STILL,
        hoverinfo="skip",
        text=[f"{count_text(count)}个" for count in frame["projects"]],
        textposition="outside",
        cliponaxis=False,
    )
    return go.Figure(
        [bars],
        layout(
            look,
            height=40 * frame.height + 8,
            margin={"l": room_for(names, size=13), "r": 60, "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
        ),
    )
