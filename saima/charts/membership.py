"""Lists: how they overlap, of what kinds their projects are, and the months of one list."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    HOVER,
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
)
from saima.wording import amount_text, count_text


def overlap_dots(frame: pl.DataFrame, look: Look, *, lists: tuple[str, ...]) -> go.Figure:
    """How many projects are on exactly which lists: a column a combination, a bar above, dots below.

    `frame` has lists (of `lists`), projects, investment_total, the largest first. customdata: the lists,
    joined by a line feed.
    """
    rows = list(frame.iter_rows(named=True))
    places = list(range(len(rows)))
    counts = [row["projects"] for row in rows]
    top = max([1, *counts])
    unit = top / 9
    bars = go.Bar(
        x=places,
        y=counts,
        width=0.6,
        marker={"color": look.primary},
        unselected=STILL,
        customdata=[["\n".join(row["lists"])] for row in rows],
        hovertext=[
            f"{strong(escaped('、'.join(row['lists'])))}<br>{count_text(row['projects'])}个，"
            f"总投资 {amount_text(row['investment_total'])}"
            for row in rows
        ],
        hovertemplate=HOVER,
        text=[count_text(count) for count in counts],
        textposition="outside",
        cliponaxis=False,
    )
    at = {name: -(place + 1) * unit for place, name in enumerate(lists)}
    ground = go.Scatter(
        x=[place for place in places for _ in lists],
        y=[at[name] for _ in places for name in lists],
        mode="markers",
        marker={"size": 11, "color": look.line},
        unselected=STILL,
        hoverinfo="skip",
    )
    joined_x: list[float | None] = []
    joined_y: list[float | None] = []
    for place, row in enumerate(rows):
        own = sorted(at[name] for name in row["lists"])
        joined_x += [place, place, None]
        joined_y += [own[0], own[-1], None]
    lines = go.Scatter(
        x=joined_x,
        y=joined_y,
        mode="lines",
        line={"color": look.primary, "width": 2.5},
        hoverinfo="skip",
    )
    dots = go.Scatter(
        x=[place for place, row in enumerate(rows) for _ in row["lists"]],
        y=[at[name] for row in rows for name in row["lists"]],
        mode="markers",
        marker={"size": 11, "color": look.primary},
        unselected=STILL,
        hoverinfo="skip",
    )
    names = [
        note(escaped(name), look, x=0, xshift=-8, xanchor="right", y=at[name], yref="y") for name in lists
    ]
    return go.Figure(
        [bars, ground, lines, dots],
        layout(
            look,
            height=220 + 26 * len(lists),
            margin={"l": room_for(lists, size=12), "r": 8, "t": 20, "b": 4},
            xaxis=axis(look, showticklabels=False, range=[-0.6, max(len(rows), 6) - 0.4]),
            yaxis=axis(
                look, showticklabels=False, range=[-(len(lists) + 0.8) * unit, top * 1.12], zeroline=False
            ),
            annotations=names,
        ),
    )


def kind_bars(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """Projects of a list by kind. `frame`: kind, term, projects, investment_total. customdata: [kind]."""
    rows = list(frame.iter_rows(named=True))
    terms = frame["term"].to_list()
    bars = row_bars(
        [row["projects"] for row in rows],
        list(range(len(rows))),
        look.primary,
        ids=[[row["kind"]] for row in rows],
        hovers=[f"{row['term']} {count_text(row['projects'])}个" for row in rows],
        width=0.55,
    )
    notes = [
        note(
            f"{strong(count_text(row['projects']))}个  {amount_text(row['investment_total'], currency)}",
            look,
            x=1,
            xshift=10,
            y=place,
            yref="y",
        )
        for place, row in enumerate(rows)
    ]
    return go.Figure(
        [bars],
        layout(
            look,
            height=34 * frame.height + 8,
            margin={"l": room_for(terms, size=13), "r": 150, "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False, rangemode="tozero"),
            yaxis=rows_axis(look, terms),
            annotations=notes,
        ),
    )


def month_lines(frame: pl.DataFrame, look: Look) -> go.Figure:
    """The year's plan done and due by month, in %: a month without a snapshot is a gap.

    `frame` has month, done and planned.
    """
    months = frame["month"].to_list()

    def line(name: str, term: str, colour: str, dash: str) -> go.Scatter:
        return go.Scatter(
            x=months,
            y=frame[name].to_list(),
            mode="lines+markers",
            connectgaps=False,
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 6, "color": colour},
            unselected=STILL,
            customdata=[[name, str(month)] for month in months],
            hovertext=[
                "" if value is None else f"{month}月 {term} {value:.1f}%"
                for month, value in frame.select("month", name).iter_rows()
            ],
            hovertemplate=HOVER,
        )

    ends = [
        (term, frame.filter(pl.col(name).is_not_null()).tail(1), name, colour)
        for name, term, colour in (("done", "完成", look.primary), ("planned", "应完成", look.second_ink))
    ]
    notes = [
        note(
            f"{term} {row[name][0]:.1f}%",
            look,
            x=row["month"][0],
            y=row[name][0],
            xref="x",
            yref="y",
            xshift=10,
            yshift=9 if name == "done" else -9,
            font={"size": 12, "color": colour},
        )
        for term, row, name, colour in ends
        if row.height
    ]
    return go.Figure(
        [line("planned", "应完成", look.second_ink, "dot"), line("done", "完成", look.primary, "solid")],
        layout(
            look,
            height=230,
            margin={"l": 44, "r": 96, "t": 12, "b": 30},
            xaxis=axis(
                look,
                range=[0.5, 12.5],
                tickvals=[1, 3, 6, 9, 12],
                ticktext=["1月", "3月", "6月", "9月", "12月"],
                tickangle=0,
            ),
            yaxis=axis(look, showgrid=True, rangemode="tozero", ticksuffix="%"),
            annotations=notes,
        ),
    )
