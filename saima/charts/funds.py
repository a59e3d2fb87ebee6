"""Funds: each source from what was asked for to what was paid, and what was won against last year."""

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
    rows_axis,
    strong,
)
from saima.wording import amount_text, hundred_millions_text

_PARTS = (("requested", "申请"), ("approved", "获批"), ("arrived", "到位"), ("paid", "支付"))


def chain_bars(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """Four aligned bars a source, pale to deep: asked for, approved, arrived, paid.

    `frame` has source and the four amounts (Decimal 万元, null where nothing is reported). customdata:
    [source, part].
    """
    rows = list(frame.iter_rows(named=True))
    sources = frame["source"].to_list()
    bars = [
        go.Bar(
            x=[None if row[part] is None else float(row[part]) for row in rows],
            y=[place + (at - 1.5) * _STEP for place in range(len(rows))],
            orientation="h",
            width=_STEP * 0.86,
            marker={"color": look.depths[at] if at else look.pale},
            unselected=STILL,
            customdata=[[source, part] for source in sources],
            hovertext=[
                f"{strong(escaped(row['source']))}<br>{term} {amount_text(row[part], currency)}"
                for row in rows
            ],
            hovertemplate=HOVER,
        )
        for at, (part, term) in enumerate(_PARTS)
    ]
    notes = [
        note(
            f"{term} {strong(hundred_millions_text(row[part]))}亿{currency}",
            look,
            x=1,
            xshift=10,
            y=place + (at - 1.5) * _STEP,
            yref="y",
        )
        for place, row in enumerate(rows)
        for at, (part, term) in enumerate(_PARTS)
    ]
    return go.Figure(
        bars,
        layout(
            look,
            height=max(84 * frame.height + 8, 48),
            margin={"l": room_for(sources, size=13), "r": 130, "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False, rangemode="tozero"),
            yaxis=rows_axis(look, sources),
            annotations=notes,
        ),
    )


_STEP = 0.21
"""From one bar of a source to the next, in rows."""


def won_bars(frame: pl.DataFrame, look: Look, *, currency: str = "元") -> go.Figure:
    """What each source brought this year, over what it brought in the same months of last year.

    `frame` has source, won, last (Decimal 万元 or null) and growth. customdata: [source].
    """
    rows = list(frame.iter_rows(named=True))
    sources = frame["source"].to_list()

    def bar(name: str, term: str, shift: float, colour: str) -> go.Bar:
        return go.Bar(
            x=[None if row[name] is None else float(row[name]) for row in rows],
            y=[place + shift for place in range(len(rows))],
            orientation="h",
            width=0.3,
            marker={"color": colour},
            unselected=STILL,
            customdata=[[source] for source in sources],
            hovertext=[
                f"{strong(escaped(row['source']))}<br>{term} {amount_text(row[name], currency)}"
                for row in rows
            ],
            hovertemplate=HOVER,
        )

    notes = [
        note(
            f"{strong(amount_text(row['won'], currency))}  {row['growth']}",
            look,
            x=1,
            xshift=10,
            y=place,
            yref="y",
        )
        for place, row in enumerate(rows)
    ]
    return go.Figure(
        [bar("won", "本年", -0.17, look.primary), bar("last", "上年同期", 0.17, look.grey)],
        layout(
            look,
            height=max(52 * frame.height + 8, 48),
            margin={"l": room_for(sources, size=13), "r": 150, "t": 4, "b": 4},
            xaxis=axis(look, showticklabels=False, rangemode="tozero"),
            yaxis=rows_axis(look, sources),
            annotations=notes,
        ),
    )
