"""Rewards: how many meet each clause, are one condition short or cannot be told, with the money needed."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from saima.charts.theme import (
    Look,
    escaped,
    row_bars,
    strong,
    tinted,
    told_rows,
)
from saima.wording import LIGHTS, count_text


def reward_stacks(frame: pl.DataFrame, look: Look, *, terms: Mapping[str, str]) -> go.Figure:
    """One bar a clause, split by verdict, with the counts and the money in words at the right.

    `frame` has clause, name, words and a column for each of `terms` (met, near, unknown).
    """
    lights = {"met": "green", "near": "yellow", "unknown": "grey"}
    bars = [
        row_bars(
            frame[verdict].to_list(),
            list(range(frame.height)),
            look.lights[lights[verdict]],
            ids=[[f"{clause}_{verdict}"] for clause in frame["clause"]],
            hovers=[
                f"{strong(escaped(name))}<br>{term} {count_text(count)}个"
                for name, count in frame.select("name", verdict).iter_rows()
            ],
            width=0.5,
        )
        for verdict, term in terms.items()
    ]
    words = [
        "　".join(
            f"{tinted(LIGHTS[light][0], look.lights[light])} {count_text(row[verdict])}"
            for verdict, light in lights.items()
        )
        + f"　{strong(escaped(row['words']))}"
        for row in frame.iter_rows(named=True)
    ]
    names = frame["name"].to_list()
    return told_rows(bars, names, words, look, row_height=44, right=290, size=13, color=look.ink)
