"""The campaign: its phases as bars over the days, milestones as marks, the end of the period as a line."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import HOVER, STILL, Look, axis, escaped, layout, note, room_for, rows_axis, strong
from saima.wording import LIGHTS

_COLOURS = {"done": "green", "late": "red", "due": "yellow"}


def campaign_line(frame: pl.DataFrame, look: Look) -> go.Figure:
    """A row for each phase and milestone, in order of their days.

    `frame` has name, starts_on, ends_on (the same day of a milestone), is_phase, state, words, is_told (has
    rows to show) and end_on (of the period).
    """
    names = frame["name"].to_list()
    rows = list(range(len(names)))
    phases = [place for place, is_phase in zip(rows, frame["is_phase"], strict=True) if is_phase]
    others = [place for place in rows if place not in phases]
    starts, ends = frame["starts_on"].to_list(), frame["ends_on"].to_list()
    bars = go.Scatter(
        x=[day for place in phases for day in (starts[place], ends[place], None)],
        y=[value for place in phases for value in (place, place, None)],
        mode="lines",
        line={"color": look.middle, "width": 14},
        hoverinfo="skip",
    )
    colours = [look.lights[_COLOURS.get(state, "grey")] for state in frame["state"]]
    marks = go.Scatter(
        x=[starts[place] for place in others],
        y=others,
        mode="markers",
        marker={
            "size": 13,
            "symbol": ["circle" if frame["state"][place] != "late" else "square" for place in others],
            "color": [colours[place] for place in others],
        },
        customdata=[[names[place] if frame["is_told"][place] else None] for place in others],
        hovertext=[
            f"{strong(escaped(names[place]))}<br>{starts[place]}<br>{escaped(frame['words'][place])}"
            for place in others
        ],
        hovertemplate=HOVER,
        unselected=STILL,
    )
    notes = [note(escaped(frame["words"][place]), look, x=1, xshift=10, y=place, yref="y") for place in rows]
    end = frame["end_on"][0]
    return go.Figure(
        [bars, marks],
        layout(
            look,
            height=34 * len(names) + 40,
            margin={
                "l": room_for(names, size=13),
                "r": room_for([f"{LIGHTS['red'][0]} {word}" for word in frame["words"]], size=13),
                "t": 4,
                "b": 28,
            },
            xaxis=axis(look, tickformat="%-m月%-d日", dtick="M1"),
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
