"""Pace: how far a year's work has come against its target, beside the share of the year that is gone."""

import html
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    STILL,
    Look,
    axis,
    escaped,
    known,
    layout,
    note,
    room_for,
    row_bars,
    rows_axis,
    strong,
    tinted,
)
from saima.wording import LIGHTS, amount_text, percent_text, share_percent

BAR = 14
"""Thickness of a bullet bar in pixels, the size of its tick with it."""


def batch_card(row: Mapping[str, Any], look: Look) -> str:
    """One of the four batches as safe HTML, styled by `static/style.css`.

    `row`: name, number and unit (as printed), months [(period, value or None)], completion and pace
    (shares, None where there is no target or no 序时), target_text, completion_text, light (a light or None),
    distance_text, note, forecast. Texts that are missing or empty leave their place empty.
    """
    text = {key: html.escape(str(row.get(key) or "")) for key in _CARD_TEXTS}
    light = row.get("light")
    shape, word = LIGHTS[light] if light else ("", "")
    colour = look.lights[light] if light else look.second_ink
    completion = f" · 完成 <b>{text['completion_text']}</b>" if text["completion_text"] else ""
    return (
        f'<section class="card batch" aria-label="{text["name"]}：{text["number"]}{text["unit"]}">'
        f'<header><span class="name">{text["name"]}</span>{_spark(row.get("months") or (), look)}</header>'
        f'<p class="number"><b>{text["number"]}</b> <span>{text["unit"]}</span></p>'
        f"{_bullet(row.get('completion'), row.get('pace'), look)}"
        f'<p class="target">{text["target_text"]}{completion}</p>'
        f'<p class="light"><i style="color:{colour}">{shape}</i> {word} {text["distance_text"]}</p>'
        f'<p class="note">{text["note"]}</p>'
        f'<p class="note">{text["forecast"]}</p>'
        "</section>"
    )


_CARD_TEXTS = (
    "name",
    "number",
    "unit",
    "target_text",
    "completion_text",
    "distance_text",
    "note",
    "forecast",
)


def _bullet(completion: float | None, pace: float | None, look: Look) -> str:
    """The target at 84 % of the width, so that a little more than the target still shows as more."""
    full = max(1.19, completion or 0.0)
    spoken = f"完成{percent_text(share_percent(completion))}"
    marks = [f'<i style="width:{100 / full:.2f}%;background:{look.pale}"></i>']
    if completion is not None:
        width = max(completion, 0.0) / full * 100
        marks.append(f'<i style="width:{width:.2f}%;background:{look.primary}"></i>')
    if pace is not None:
        spoken += f"，序时{percent_text(share_percent(pace))}"
        marks.append(f'<i class="tick" style="left:{pace / full * 100:.2f}%;background:{look.ink}"></i>')
    return f'<div class="bullet" role="img" aria-label="{spoken}">{"".join(marks)}</div>'


def _spark(months: Sequence[tuple[str, float | None]], look: Look, width: int = 84, height: int = 26) -> str:
    """Twelve months as a line; a month without a value is a gap, one between two gaps a point.

    An image, because Streamlit takes drawings out of HTML.
    """
    values = [value for _, value in months if value is not None]
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 8) / max(len(months) - 1, 1)
    points = [
        None if value is None else (4 + place * step, height - 4 - (value - low) / span * (height - 8))
        for place, (_, value) in enumerate(months)
    ]
    lines: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            lines.append([])
        else:
            lines[-1].append(point)
    marks = [
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in line)}" fill="none" '
        f'stroke="{look.second_ink}" stroke-width="1.5" stroke-linejoin="round"/>'
        if len(line) > 1
        else f'<circle cx="{line[0][0]:.1f}" cy="{line[0][1]:.1f}" r="1.2" fill="{look.second_ink}"/>'
        for line in lines
        if line
    ]
    x, y = [point for point in points if point is not None][-1]
    marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{look.primary}"/>')
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{"".join(marks)}</svg>'
    )
    source = f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"
    return f'<img class="spark" alt="" width="{width}" height="{height}" src="{source}">'


def investment_bars(
    frame: pl.DataFrame, look: Look, *, currency: str = "元", row_height: int = 28
) -> go.Figure:
    """The year's investment of each area against its plan, in the order of the frame.

    `frame`: area_id, name, plan_year and invested_year (Decimal 万元), completion, pace (shares), basis
    (words of how 序时 was told), light.
    customdata: [area_id]. An area without a plan has no bar and says so.
    """
    names = frame["name"].to_list()
    labels = [
        (percent_text(share_percent(completion)), f"已完成{amount_text(invested, currency)}")
        for completion, invested in frame.select("completion", "invested_year").iter_rows()
    ]
    hovers = [
        f"{strong(escaped(name))}<br>年度计划 {amount_text(plan, currency)}"
        f"<br>已完成 {amount_text(invested, currency)}<br>完成率 {percent_text(share_percent(completion))}"
        f"，序时 {percent_text(share_percent(pace))}（{escaped(basis)}）"
        for name, plan, invested, completion, pace, basis in frame.select(
            "name", "plan_year", "invested_year", "completion", "pace", "basis"
        ).iter_rows()
    ]
    return bullet_bars(
        look,
        names=names,
        ids=frame["area_id"].to_list(),
        completion=frame["completion"],
        pace=frame["pace"],
        lights=frame["light"].to_list(),
        colours=[look.primary] * len(names),
        labels=labels,
        hovers=hovers,
        row_height=row_height,
    )


def bullet_bars(
    look: Look,
    *,
    names: Sequence[str],
    ids: Sequence[str],
    completion: pl.Series,
    pace: pl.Series,
    lights: Sequence[str | None],
    colours: Sequence[str],
    labels: Sequence[tuple[str, str]],
    hovers: Sequence[str],
    row_height: int,
) -> go.Figure:
    """Rows of bars on a pale ground that ends at the target, a tick at 序时, light and label at the right.

    A label is a strong text and one in the second ink. Labels and hovers are escaped, names are ledger
    text. A missing completion has no bar.
    """
    rows = list(range(len(names)))
    has_target = [value is not None for value in completion]
    end = max([1.0, *known(completion)])
    ground = go.Bar(
        x=[1.0 if has else None for has in has_target],
        y=rows,
        orientation="h",
        width=0.5,
        marker={"color": look.pale},
        unselected=STILL,
        hoverinfo="skip",
    )
    bars = row_bars(
        completion.to_list(),
        rows,
        colours,
        ids=[[identifier] for identifier in ids],
        hovers=hovers,
        width=0.5,
    )
    ticks = go.Scatter(
        x=[place if has else None for place, has in zip(pace, has_target, strict=True)],
        y=rows,
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": BAR,
            "line": {"width": 2, "color": look.ink},
        },
        unselected=STILL,
        hoverinfo="skip",
    )
    notes = [
        note(
            (tinted(LIGHTS[light][0], look.lights[light]) + " " if light else "")
            + f"{strong(said)}  {tinted(added, look.second_ink)}",
            look,
            x=1,
            xshift=12,
            y=row,
            yref="y",
            font={"size": 13, "color": look.ink},
        )
        for row, (light, (said, added)) in enumerate(zip(lights, labels, strict=True))
    ]
    return go.Figure(
        [ground, bars, ticks],
        layout(
            look,
            height=max(row_height * len(names) + 8, 48),
            margin={
                "l": room_for(names, size=13),
                "r": room_for([f"○ {said}  {added}" for said, added in labels], size=13) + 4,
                "t": 4,
                "b": 4,
            },
            barmode="overlay",
            barcornerradius=3,
            xaxis=axis(look, range=[0, end * 1.01], showticklabels=False),
            yaxis=rows_axis(look, names),
            annotations=notes,
        ),
    )
