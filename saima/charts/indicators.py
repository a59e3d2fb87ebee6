"""City indicators on their way from base to goal, and the plans with their projects."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    STILL,
    Look,
    axis,
    escaped,
    layout,
    note,
    room_for,
    row_bars,
    rows_axis,
    strong,
    tinted,
    told_rows,
)
from saima.wording import amount_text, count_text

_FULL = 150
"""Percent at which a bar ends: what is far beyond its goal must not shrink the others."""

_LIGHTS = {"met": "green", "ahead": "green", "behind": "yellow", "away": "red", "unmet": "yellow"}
_SHAPES = {"green": "●", "yellow": "▲", "red": "■"}


def way_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """How much of the way from base to goal is gone: the goal is the dark tick, longer bars are cut there.

    `frame` has no, measure, progress (%), state and label.
    """
    rows = list(frame.iter_rows(named=True))
    places = list(range(len(rows)))
    names = [f"{row['no']} {row['measure']}" for row in rows]
    short = [name if len(name) <= 17 else name[:16] + "…" for name in names]
    shown = [min(max(float(row["progress"]), -20.0), float(_FULL)) for row in rows]
    ground = go.Bar(
        x=[100.0] * len(rows),
        y=places,
        orientation="h",
        width=0.5,
        marker={"color": look.pale},
        unselected=STILL,
        hoverinfo="skip",
    )
    bars = row_bars(
        shown,
        places,
        [look.lights[_LIGHTS[row["state"]]] if row["state"] == "away" else look.primary for row in rows],
        ids=[[row["measure"]] for row in rows],
        hovers=[f"{strong(escaped(row['measure']))}<br>{escaped(row['label'])}" for row in rows],
        width=0.5,
    )
    goal = go.Scatter(
        x=[100.0] * len(rows),
        y=places,
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": look.ink}},
        unselected=STILL,
        hoverinfo="skip",
    )
    notes = [
        note(
            tinted(_SHAPES[_LIGHTS[row["state"]]], look.lights[_LIGHTS[row["state"]]])
            + f" {escaped(row['label'])}",
            look,
            x=1,
            xshift=10,
            y=place,
            yref="y",
        )
        for place, row in enumerate(rows)
    ]
    return go.Figure(
        [ground, bars, goal],
        layout(
            look,
            height=max(26 * len(rows) + 8, 48),
            margin={"l": room_for(short, size=13), "r": 260, "t": 4, "b": 4},
            barmode="overlay",
            xaxis=axis(look, showticklabels=False, range=[min([0.0, *shown]), float(_FULL)]),
            yaxis=rows_axis(look, short),
            annotations=notes,
        ),
    )


def plan_bars(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """The plans by the projects under their special actions. `frame`: plan, actions, served, projects,
    investment_total. customdata: [plan]."""
    rows = list(frame.iter_rows(named=True))
    names = [f"{row['plan_no']} {row['plan'].removesuffix('行动计划')}" for row in rows]
    short = [name if len(name) <= 15 else name[:14] + "…" for name in names]
    bars = row_bars(
        [row["projects"] for row in rows],
        list(range(len(rows))),
        look.primary,
        ids=[[row["plan"]] for row in rows],
        hovers=[f"{strong(escaped(row['plan']))}<br>{count_text(row['projects'])}个项目" for row in rows],
        width=0.55,
    )
    words = [
        f"{strong(count_text(row['projects']))}个 {amount_text(row['investment_total'], currency)}　"
        f"{row['served']}/{row['actions']}项行动"
        for row in rows
    ]
    return told_rows([bars], short, words, look, row_height=34, right=200)
