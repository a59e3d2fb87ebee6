"""One project's dates: how each plan moved from filing to filing, what came true, and when."""

from datetime import date

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import HOVER, STILL, Look, axis, escaped, layout, note, room_for, rows_axis, strong

_COLOURS = {"done": "green", "late": "red", "withdrawn": "yellow"}


def date_lines(frame: pl.DataFrame, look: Look, *, end: date) -> go.Figure:
    """A row for each date of a project: plans as hollow diamonds, from the first to the newest; what the
    ledger tells as a circle, filled once it has come; a line at the end of the period.

    `frame` has term, due_days and days (lists of days), state and words.
    """
    names = frame["term"].to_list()
    plans, facts = frame["due_days"].to_list(), frame["days"].to_list()
    colours = [look.lights[_COLOURS.get(state, "grey")] for state in frame["state"]]
    hovers = [
        f"{strong(escaped(name))}<br>{escaped(words)}"
        for name, words in zip(names, frame["words"], strict=True)
    ]

    spans = [sorted({*due, *told[-1:]}) for due, told in zip(plans, facts, strict=True)]
    slips = go.Scatter(
        x=[day for days in spans for day in (*days, None)],
        y=[value for place, days in enumerate(spans) for value in (*[place] * len(days), None)],
        mode="lines",
        line={"color": look.line, "width": 6},
        hoverinfo="skip",
    )

    def marks(told: list[tuple[int, date]], **marker: object) -> go.Scatter:
        return go.Scatter(
            x=[day for _, day in told],
            y=[place for place, _ in told],
            mode="markers",
            marker=marker,
            customdata=[["project"] for _ in told],
            hovertext=[f"{hovers[place]}<br>{day}" for place, day in told],
            hovertemplate=HOVER,
            unselected=STILL,
        )

    planned = [(place, day) for place, days in enumerate(plans) for day in days]
    came = [(place, days[-1]) for place, days in enumerate(facts) if days]
    notes = [
        note(escaped(words), look, x=1, xshift=10, y=place, yref="y")
        for place, words in enumerate(frame["words"])
    ]
    return go.Figure(
        [
            slips,
            marks(planned, size=9, symbol="diamond-open", color=look.second_ink, line={"width": 1.5}),
            marks(
                came,
                size=12,
                symbol=["circle" if day <= end else "circle-open" for _, day in came],
                color=[colours[place] for place, _ in came],
                line={"width": 1.5},
            ),
        ],
        layout(
            look,
            height=30 * len(names) + 44,
            margin={
                "l": room_for(names, size=13),
                "r": room_for(frame["words"].to_list(), size=12),
                "t": 4,
                "b": 28,
            },
            xaxis=axis(look, tickformat="%Y年%-m月", nticks=5),
            yaxis=rows_axis(look, names),
            annotations=notes,
            shapes=[
                {
                    "type": "line",
                    "x0": end,
                    "x1": end,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": look.ink, "width": 1.5, "dash": "dot"},
                }
            ],
        ),
    )
