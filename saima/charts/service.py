"""Service: the rates as bars, levels by size as stacked bars, and what each leader has to serve."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    HOVER,
    Look,
    axis,
    end_labels,
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
from saima.wording import LIGHTS, count_text


def rate_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """One bar a rate, on an axis from nothing to all, with its percentage and numbers at the right.

    `frame` has metric_id, name, share (0..1, null where it is not known), words, in the order shown.
    """
    rows = list(range(frame.height))
    names, words = frame["name"].to_list(), frame["words"].to_list()
    shares = frame["share"].to_list()
    whole = go.Bar(
        x=[1] * frame.height,
        y=rows,
        orientation="h",
        width=0.5,
        marker={"color": look.pale},
        hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )
    bars = row_bars(
        shares,
        rows,
        look.primary,
        ids=[[metric_id] for metric_id in frame["metric_id"]],
        hovers=[
            f"{strong(escaped(name))}<br>{escaped(told)}<br>点开看未达到的项目"
            for name, told in zip(names, words, strict=True)
        ],
        width=0.5,
    )
    return go.Figure(
        [whole, bars],
        layout(
            look,
            height=34 * frame.height + 8,
            margin={"l": room_for(names, size=13), "r": 170, "t": 4, "b": 4},
            barmode="overlay",
            xaxis=axis(look, showticklabels=False, range=[0, 1]),
            yaxis=rows_axis(look, names),
            annotations=end_labels([1] * frame.height, rows, words, look),
        ),
    )


def level_stacks(frame: pl.DataFrame, look: Look, *, terms: Mapping[str, str]) -> go.Figure:
    """Each band of sizes as one bar of the whole width, split by how its leaders stand to their level.

    `frame` has place, band, level, projects and a column for each of `terms` (met, below, unknown, none).
    """
    rows = list(range(frame.height))
    colours = {
        "met": look.lights["green"],
        "below": look.lights["red"],
        "unknown": look.middle,
        "none": look.lights["yellow"],
    }
    bars = [
        go.Bar(
            x=[part / whole if whole else None for part, whole in frame.select(fit, "projects").iter_rows()],
            y=rows,
            orientation="h",
            width=0.34,
            marker={"color": colours[fit]},
            unselected={"marker": {"opacity": 0.45}},
            customdata=[[place, fit] for place in frame["place"]],
            hovertext=[
                f"{strong(escaped(band))}<br>{term} {count_text(count)}个"
                for band, count in frame.select("band", fit).iter_rows()
            ],
            hovertemplate=HOVER,
        )
        for fit, term in terms.items()
    ]
    heads = [
        note(
            f"{strong(escaped(row['band']))}　应由{escaped(row['level'])}　{count_text(row['projects'])}个",
            look,
            x=0,
            y=place - 0.34,
            yref="y",
            font={"size": 13, "color": look.ink},
        )
        for place, row in enumerate(frame.iter_rows(named=True))
    ]
    feet = [
        note(
            "　".join(
                f"{tinted('■', colours[fit])} {term} {count_text(row[fit])}" for fit, term in terms.items()
            ),
            look,
            x=0,
            y=place + 0.34,
            yref="y",
        )
        for place, row in enumerate(frame.iter_rows(named=True))
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=88 * frame.height + 8,
            margin={"l": 4, "r": 4, "t": 4, "b": 4},
            barmode="stack",
            xaxis=axis(look, showticklabels=False, range=[0, 1]),
            yaxis=axis(look, showticklabels=False, range=[frame.height - 0.5, -0.5]),
            annotations=[*heads, *feet],
        ),
    )


def load_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """What each leader serves: red, yellow and other projects in one bar, number and amount at the right.

    `frame` has person, projects, red, yellow, problems and amount (in words), in the order shown.
    """
    names = frame["person"].to_list()
    parts = frame.with_columns(other=pl.col("projects") - pl.col("red") - pl.col("yellow"))
    colours = {"red": look.lights["red"], "yellow": look.lights["yellow"], "other": look.middle}
    metrics = {"red": "led_red_projects", "yellow": "led_projects", "other": "led_projects"}
    hovers = [
        f"{strong(escaped(row['person']))}<br>项目{count_text(row['projects'])}个，"
        f"红灯{count_text(row['red'])}个，黄灯{count_text(row['yellow'])}个<br>"
        f"未办结问题{count_text(row['problems'])}个"
        for row in frame.iter_rows(named=True)
    ]
    bars = [
        row_bars(
            parts[part].to_list(),
            list(range(frame.height)),
            colour,
            ids=[[name, metrics[part]] for name in names],
            hovers=hovers,
            width=0.55,
        )
        for part, colour in colours.items()
    ]
    words = [
        f"{count_text(row['projects'])}个　{row['amount']}　"
        f"{tinted(LIGHTS['red'][0], look.lights['red'])} {count_text(row['red'])}"
        for row in frame.iter_rows(named=True)
    ]
    return told_rows(bars, names, words, look, row_height=26, right=190)
