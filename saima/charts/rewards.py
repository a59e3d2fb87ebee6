"""Rewards: how many meet each clause, are one condition short or cannot be told, with the money needed."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    HOVER,
    Look,
    axis,
    escaped,
    layout,
    note,
    room_for,
    rows_axis,
    strong,
    tinted,
)
from saima.wording import LIGHTS, count_text


def reward_stacks(frame: pl.DataFrame, look: Look, *, terms: Mapping[str, str]) -> go.Figure:
    """One bar a clause, split by verdict, with the counts and the money in words at the right.

    `frame` has clause, name, words and a column for each of `terms` (met, near, unknown).
    """
    rows = list(range(frame.height))
    names = frame["name"].to_list()
    lights = {"met": "green", "near": "yellow", "unknown": "grey"}
    bars = [
        go.Bar(
            x=frame[verdict].to_list(),
            y=rows,
            orientation="h",
            width=0.5,
            marker={"color": look.lights[lights[verdict]]},
            unselected={"marker": {"opacity": 0.45}},
            customdata=[[f"{clause}_{verdict}"] for clause in frame["clause"]],
            hovertext=[
                f"{strong(escaped(name))}<br>{term} {count_text(count)}个"
                for name, count in frame.select("name", verdict).iter_rows()
            ],
            hovertemplate=HOVER,
        )
        for verdict, term in terms.items()
    ]
    notes = [
        note(
            "　".join(
                f"{tinted(LIGHTS[light][0], look.lights[light])} {count_text(row[verdict])}"
                for verdict, light in lights.items()
            )
            + f"　{strong(escaped(row['words']))}",
            look,
            x=1,
            xshift=10,
            y=place,
            yref="y",
            font={"size": 13, "color": look.ink},
        )
        for place, row in enumerate(frame.iter_rows(named=True))
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=44 * frame.height + 8,
            margin={"l": room_for(names, size=13), "r": 290, "t": 4, "b": 4},
            barmode="stack",
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )
