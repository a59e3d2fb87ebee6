"""Entry into statistics: who waits how long with which papers, permits due, and investment side by side."""

from collections.abc import Mapping

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
    tinted,
)
from saima.wording import MISSING, amount_text, count_text, hundred_millions_text, percent_text

_LIGHTS = {
    "complete": ("green", "●"),
    "obtained": ("green", "●"),
    "lacking": ("yellow", "▲"),
    "untold": ("grey", "○"),
    "late": ("red", "■"),
    "near": ("yellow", "▲"),
}
"""Light and shape of each part of a bar."""


def parted_bars(
    frame: pl.DataFrame, look: Look, *, parts: Mapping[str, str], row_height: int = 34
) -> go.Figure:
    """A bar for each row, its parts side by side in their lights, the numbers of them at the right.

    `frame` has id, name and a count for each of `parts` (its words), a row each in the order shown.
    customdata: [id, part].
    """
    rows, names = list(range(frame.height)), frame["name"].to_list()
    bars = [
        row_bars(
            frame[part].to_list(),
            rows,
            look.lights[_LIGHTS[part][0]],
            ids=[[identifier, part] for identifier in frame["id"]],
            hovers=[
                f"{strong(escaped(name))}<br>{_LIGHTS[part][1]} {word} {count_text(count)}"
                for name, count in frame.select("name", part).iter_rows()
            ],
            width=0.58,
        )
        for part, word in parts.items()
    ]
    said = [
        [f"{_LIGHTS[part][1]} {word} {count_text(row[part])}" for part, word in parts.items()]
        for row in frame.iter_rows(named=True)
    ]
    notes = [
        note(
            "  ".join(
                f"{tinted(text[0], look.lights[_LIGHTS[part][0]])}{text[1:]}"
                for part, text in zip(parts, texts, strict=True)
            ),
            look,
            x=1,
            xshift=10,
            y=row,
            yref="y",
        )
        for row, texts in enumerate(said)
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=max(row_height * frame.height + 8, 48),
            margin={
                "l": room_for(names, size=13),
                "r": room_for(["  ".join(texts) for texts in said], size=12) + 6,
                "t": 4,
                "b": 4,
            },
            barmode="stack",
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )


def explained_lines(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """The year to date month by month, a line for the city's investment and for each part that is told of it.

    `frame` is that of `statistics.explained_rows`. Only the last month's marks can be clicked: [metric_id].
    """
    lines = list(dict.fromkeys(frame["metric_id"]))
    colours = dict(zip(lines, (look.second_ink, look.primary, look.stage("approved")), strict=False))
    marks, notes = [], []
    for metric_id in lines:
        rows = frame.filter(pl.col("metric_id") == metric_id)
        name = rows["name"][0]
        marks.append(
            go.Scatter(
                x=rows["month"].to_list(),
                y=(rows["amount"].cast(pl.Float64) / 10_000).to_list(),
                mode="lines+markers",
                line={"color": colours[metric_id], "width": 3},
                marker={"size": [10 if is_last else 6 for is_last in rows["is_last"]]},
                customdata=[[metric_id if is_last else None] for is_last in rows["is_last"]],
                hovertext=[
                    f"{strong(escaped(name))}<br>{_months(month)} {amount_text(amount, currency)}"
                    + ("" if share is None else f"，占{percent_text(share)}")
                    for month, amount, share in rows.select("month", "amount", "share").iter_rows()
                ],
                hovertemplate=HOVER,
                unselected=STILL,
            )
        )
        last = rows.row(-1, named=True)
        if last["amount"] is not None:
            share = "" if last["share"] is None else f"  占{percent_text(last['share'])}"
            notes.append(
                note(
                    f"{escaped(name)}<br>{strong(amount_text(last['amount'], currency))}{share}",
                    look,
                    x=last["month"],
                    xref="x",
                    y=float(last["amount"]) / 10_000,
                    yref="y",
                    xshift=10,
                )
            )
    month = int(frame.select(pl.col("month").max()).item())
    return go.Figure(
        marks,
        layout(
            look,
            height=252,
            margin={"l": 52, "r": 148, "t": 16, "b": 30},
            xaxis=axis(
                look,
                range=[0.5, month + 0.2],
                tickvals=list(range(1, month + 1)),
                ticktext=["1月免报" if one == 1 else f"{one}月" for one in range(1, month + 1)],
                tickangle=0,
            ),
            yaxis=axis(look, rangemode="tozero", tickformat=",d", showgrid=True),
            annotations=notes,
        ),
    )


def _months(month: int) -> str:
    return "1月" if month == 1 else f"1—{month}月"


def beside_bars(
    frame: pl.DataFrame, look: Look, *, metrics: tuple[str, str], terms: tuple[str, str]
) -> go.Figure:
    """Two bars for each area: the ledger's amount above, that of statistics below; the difference beside.

    `frame` is that of `statistics.beside_rows`, `metrics` and `terms` those of the two bars.
    customdata: [area_id, metric].
    """
    rows, names = list(range(frame.height)), frame["name"].to_list()
    sides = (("ledger", -0.19, look.primary), ("statistics", 0.19, look.middle))
    bars = [
        row_bars(
            (frame[side].cast(pl.Float64) / 10_000).to_list(),
            [row + shift for row in rows],
            colour,
            ids=[[identifier, metric] for identifier in frame["id"]],
            hovers=[
                f"{strong(escaped(name))}<br>{term} {hundred_millions_text(amount)}亿元"
                f"（{count_text(count)}个填报）"
                for name, amount, count in frame.select("name", side, f"{side}_projects").iter_rows()
            ],
            width=0.34,
        )
        for (side, shift, colour), metric, term in zip(sides, metrics, terms, strict=True)
    ]
    said = [_beside_words(row) for row in frame.iter_rows(named=True)]
    notes = [
        note(text, look, x=1, xshift=10, y=row, yref="y", font={"size": 12, "color": look.ink})
        for row, text in enumerate(said)
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=max(30 * frame.height + 8, 48),
            margin={"l": room_for(names, size=13), "r": room_for(said, size=12) + 6, "t": 4, "b": 4},
            barmode="overlay",
            xaxis=axis(look, showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )


def _beside_words(row: Mapping[str, object]) -> str:
    ledger, statistics, difference = (
        MISSING if row[side] is None else hundred_millions_text(row[side])  # type: ignore[arg-type]
        for side in ("ledger", "statistics", "difference")
    )
    return f"{ledger} | {statistics}  差 {difference}"
