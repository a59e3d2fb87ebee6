"""Problems: open ones by group and by age, and how long they stay in each step."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
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
from saima.wording import LIGHTS, MISSING, count_text, number_text

_PARTS = (("red", "逾期"), ("yellow", "临近时限"), ("green", "时限之内"))


def problem_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Open problems of each group in one bar: overdue, near their day and in time; the numbers at the right.

    `frame` has id, name, open, red, yellow and green, a row a group, in the order shown.
    """
    names = frame["name"].to_list()
    bars = [
        row_bars(
            frame[light].to_list(),
            list(range(frame.height)),
            look.middle if light == "green" else look.lights[light],
            ids=[[identifier, light] for identifier in frame["id"]],
            hovers=[
                f"{strong(escaped(name))}<br>{term} {count_text(count)}个"
                for name, count in frame.select("name", light).iter_rows()
            ],
            width=0.55,
        )
        for light, term in _PARTS
    ]
    words = [
        f"{strong(count_text(row['open']))}个  "
        + "  ".join(
            f"{tinted(LIGHTS[light][0], look.lights[light])} {count_text(row[light])}"
            for light in ("red", "yellow")
        )
        for row in frame.iter_rows(named=True)
    ]
    return told_rows(bars, names, words, look, row_height=29, right=150)


def age_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Open problems by how old they are, a bar a band. `frame` has band and problems."""
    bands, counts = frame["band"].to_list(), frame["problems"].to_list()
    bars = row_bars(
        counts,
        list(range(frame.height)),
        look.primary,
        ids=[[band] for band in bands],
        hovers=[f"{band} {count_text(count)}个" for band, count in frame.iter_rows()],
        width=0.55,
        text=[f"{count_text(count)}个" for count in counts],
        textposition="outside",
        cliponaxis=False,
    )
    return go.Figure(
        [bars],
        layout(
            look,
            height=34 * frame.height + 8,
            margin={"l": room_for(bands, size=13), "r": 60, "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, bands),
        ),
    )


def step_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """How many days problems stay in each step, and how many stand there now.

    `frame` is that of `problems.step_days`: step, term, days, moved, waiting, waited.
    """
    rows = list(frame.iter_rows(named=True))
    names = frame["term"].to_list()
    bars = row_bars(
        frame["days"].to_list(),
        list(range(frame.height)),
        [look.depths[-2] if row["waiting"] else look.pale for row in rows],
        ids=[[row["step"]] for row in rows],
        hovers=[
            f"{strong(row['term'])}<br>停留 {_days(row['days'])}（{count_text(row['moved'])}个已转出）"
            f"<br>现停在此 {count_text(row['waiting'])}个，已停 {_days(row['waited'])}"
            for row in rows
        ],
        width=0.55,
    )
    words = [
        f"{strong(_days(row['days']))}（{count_text(row['moved'])}个）　现停 "
        f"{strong(count_text(row['waiting']))}个，已 {_days(row['waited'])}"
        for row in rows
    ]
    return told_rows([bars], names, words, look, row_height=34, right=250)


def _days(days: float | None) -> str:
    return MISSING if days is None else f"{number_text(days, 0)}天"
