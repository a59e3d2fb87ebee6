"""Lists: members as filed and by rule, their overlaps, kinds of carry-over, and the monthly plan."""

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    HOVER,
    STILL,
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
)
from saima.wording import count_text

ROW = 38
"""Pixels of a list's row."""


def list_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Two bars a list: the projects filed on it, and below, thinner, those that its rule makes members.

    `frame` has list, name, reported, computed (null of a list without a rule) and label.
    """
    names, lists = frame["name"].to_list(), frame["list"].to_list()
    rows = list(range(frame.height))
    hovers = [f"{strong(escaped(name))}<br>" for name in names]
    bars = [
        row_bars(
            frame["reported"].to_list(),
            [row - 0.14 for row in rows],
            look.primary,
            ids=[["reported", name] for name in lists],
            hovers=[
                f"{hover}填报 {count_text(count)}个"
                for hover, count in zip(hovers, frame["reported"], strict=True)
            ],
            width=0.36,
        ),
        row_bars(
            frame["computed"].to_list(),
            [row + 0.18 for row in rows],
            look.middle,
            ids=[["computed", name] for name in lists],
            hovers=[
                f"{hover}按规则 {count_text(count)}个"
                for hover, count in zip(hovers, frame["computed"], strict=True)
            ],
            width=0.22,
        ),
    ]
    notes = [
        note(escaped(label), look, x=1, xshift=10, y=row, yref="y")
        for row, label in zip(rows, frame["label"], strict=True)
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=ROW * frame.height + 12,
            margin={
                "l": room_for(names, size=13),
                "r": room_for(frame["label"].to_list(), size=12),
                "t": 4,
                "b": 4,
            },
            barmode="overlay",
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )


def overlap_bars(frame: pl.DataFrame, look: Look, *, lists: dict[str, str], height: int) -> go.Figure:
    """An upset figure: a bar for each exact combination of lists, above the dots of the lists it is of.

    `frame` has key, lists and projects, a column a combination, in the order shown; `lists` the names of
    all lists by id, a row each.
    """
    order = list(lists)
    columns = list(range(frame.height))
    keys, counts = frame["key"].to_list(), frame["projects"].to_list()
    inside = [[order.index(name) for name in combination] for combination in frame["lists"]]
    ids = [[key] for key in keys]
    hovers = [
        f"{strong(escaped('、'.join(lists[order[row]] for row in rows)))}<br>{count_text(count)}个"
        for rows, count in zip(inside, counts, strict=True)
    ]
    # The rows of dots take their share of the figure, the bars the rest.
    split = 26 * len(order) / (height - 26)
    every = [(column, row) for column in columns for row in range(len(order))]
    chosen = [(column, row) for column, rows in zip(columns, inside, strict=True) for row in rows]
    marks = [
        go.Bar(
            x=columns,
            y=counts,
            width=0.6,
            marker={"color": look.primary},
            customdata=ids,
            hovertext=hovers,
            hovertemplate=HOVER,
            text=[count_text(count) for count in counts],
            textposition="outside",
            textfont={"size": 12, "color": look.ink},
            cliponaxis=False,
            unselected={"marker": {"opacity": 0.45}},
        ),
        go.Scatter(
            x=[column for column, _ in every],
            y=[row for _, row in every],
            yaxis="y2",
            mode="markers",
            marker={"size": 10, "color": look.line},
            hoverinfo="skip",
            unselected=STILL,
        ),
        go.Scatter(
            x=[
                place
                for column, rows in zip(columns, inside, strict=True)
                for place in (column, column, None)
            ],
            y=[place for rows in inside for place in (min(rows), max(rows), None)],
            yaxis="y2",
            mode="lines",
            line={"color": look.primary, "width": 2.5},
            hoverinfo="skip",
        ),
        go.Scatter(
            x=[column for column, _ in chosen],
            y=[row for _, row in chosen],
            yaxis="y2",
            mode="markers",
            marker={"size": 10, "color": look.primary},
            customdata=[ids[column] for column, _ in chosen],
            hovertext=[hovers[column] for column, _ in chosen],
            hovertemplate=HOVER,
            unselected=STILL,
        ),
    ]
    names = list(lists.values())
    return go.Figure(
        marks,
        layout(
            look,
            height=height,
            margin={"l": room_for(names, size=13), "r": 8, "t": 22, "b": 4},
            xaxis=axis(look, showticklabels=False, range=[-0.6, max(len(columns), 6) - 0.4], anchor="y2"),
            yaxis=axis(look, showticklabels=False, domain=[split + 0.03, 1], rangemode="tozero"),
            yaxis2=rows_axis(look, names, domain=[0, split]),
        ),
    )


def kind_bars(frame: pl.DataFrame, look: Look) -> go.Figure:
    """Projects of each kind of carry-over, a bar each, with what they come to at its end.

    `frame` has kind, term, projects and label.
    """
    names, rows = frame["term"].to_list(), list(range(frame.height))
    counts = frame["projects"].to_list()
    bars = row_bars(
        counts,
        rows,
        [look.grey if kind in {"other", "finished"} else look.primary for kind in frame["kind"]],
        ids=[[kind] for kind in frame["kind"]],
        hovers=[
            f"{strong(escaped(name))}<br>{escaped(label)}"
            for name, label in frame.select("term", "label").iter_rows()
        ],
    )
    labels = frame["label"].to_list()
    return go.Figure(
        [bars],
        layout(
            look,
            height=44 * frame.height + 8,
            margin={"l": room_for(names, size=13), "r": room_for(labels, size=13), "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=end_labels(counts, rows, [escaped(label) for label in labels], look),
        ),
    )


def plan_path(frame: pl.DataFrame, look: Look, *, unit: str, height: int = 272) -> go.Figure:
    """The year's plan, cumulative month by month, against what was done; a month without a snapshot is a gap.

    `frame` has month (1 to 12), planned and done (in `unit`), planned_text, done_text.
    """
    months = frame["month"].to_list()
    told = {
        "planned": ("计划", look.second_ink, "dot", 2),
        "done": ("完成", look.primary, "solid", 3),
    }
    marks = [
        go.Scatter(
            x=months,
            y=frame[name].to_list(),
            mode="lines+markers",
            line={"color": colour, "width": width, "dash": dash},
            marker={"size": 7, "color": colour},
            connectgaps=False,
            customdata=[[name]] * len(months),
            hovertext=[
                f"{strong(f'1—{month}月' if month > 1 else '1月')}<br>{word} {escaped(text)}"
                for month, text in zip(months, frame[f"{name}_text"], strict=True)
            ],
            hovertemplate=HOVER,
            unselected=STILL,
        )
        for name, (word, colour, dash, width) in told.items()
    ]
    last = frame.filter(pl.col("done").is_not_null()).tail(1)
    # Off the line of the plan: above on the left where more was done, else below on the right; early in the
    # year there is room above only.
    is_early = last.height and last["month"][0] <= 4
    is_ahead = last.height and not is_early and last["done"][0] >= (last["planned"][0] or 0)
    anchor, right = ("right", -8) if is_ahead else ("left", 10)
    ends = [
        ("planned", frame.tail(1), "left", 8, 0),
        ("done", last, anchor, right, 14 if is_early or is_ahead else -14),
    ]
    notes = [
        note(
            f"{told[name][0]} {escaped(end[f'{name}_text'][0])}",
            look,
            x=end["month"][0],
            y=end[name][0],
            xref="x",
            yref="y",
            xanchor=side,
            xshift=right,
            yshift=up,
            font={"size": 12, "color": told[name][1]},
        )
        for name, end, side, right, up in ends
        if end.height and end[name][0] is not None
    ]
    return go.Figure(
        marks,
        layout(
            look,
            height=height,
            margin={"l": 64, "r": 130, "t": 14, "b": 30},
            xaxis=axis(
                look,
                range=[0.6, 12.3],
                tickvals=[1, 3, 6, 9, 12],
                ticktext=["1月", "3月", "6月", "9月", "12月"],
                tickangle=0,
            ),
            yaxis=axis(look, rangemode="tozero", tickformat=",.2~f", showgrid=True, title={"text": unit}),
            annotations=notes,
        ),
    )
