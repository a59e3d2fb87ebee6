"""Targets and pace: how far a year's work has come against what was promised for it."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, EXACT, Metric
from saima.reference import LightRules
from saima.wording import percent

PERCENT = pl.Decimal(12, 1)
"""Printed percentages and points: one decimal, rounded half up once."""


def pace_share(period: str) -> tuple[int, int]:
    """Linear 序时 of a period as (months elapsed, 12)."""
    return int(period[5:7]), 12


def settled_targets(targets: pl.DataFrame) -> pl.DataFrame:
    """The one target of each (metric, year, area_id): what stands for itself goes before parts of another.

    Where more than one is left none is meant, whatever their order in the file.
    """
    keys = ["metric", "year", "area_id"]
    is_part = pl.col("part_of").is_not_null()
    return targets.filter(is_part == is_part.min().over(keys)).filter(pl.len().over(keys) == 1)


def target_pace(
    values: pl.DataFrame, targets: pl.DataFrame, metrics: Mapping[str, Metric] = CATALOGUE
) -> pl.DataFrame:
    """Values against targets, one row per (metric_id, keys of `values`), in the order of `values`.

    `values` is the frame of `metrics.metric_values`, whose metric_id `metrics` explains; `targets` has
    metric, area_id (null for the whole city), year, comparator, tolerance, value_base (万元, 个 or a share),
    pace, due_on, part_of, target_id, document, clause, is_example; those meant are `settled_targets`.
    Adds target, comparator, target_id, document, clause, is_example, completion (Float64: value ÷
    target), completion_percent, pace_percent and distance (Decimal, one decimal: distance is the
    difference of the two printed percentages, null for what has no 序时: stocks and rates) and light
    (green, yellow, grey; red only over two periods, see `area_lights`).

    From the day that it is due the comparator itself decides. Before, a rate is held against its target as
    it stands, another target without 序时 is green once met and grey until then, and a ceiling (<=) is
    grey. Source: data-model.md sections 0, 4, 5.
    """
    keys = ["metric", "year"] + (["area_id"] if "area_id" in values.columns else [])
    settled = settled_targets(targets)
    wanted = settled if "area_id" in values.columns else settled.filter(pl.col("area_id").is_null())
    chosen = wanted.select(
        *keys,
        pl.col("value_base").cast(EXACT).alias("target"),
        "comparator",
        "tolerance",
        "pace",
        "due_on",
        "target_id",
        "document",
        "clause",
        "is_example",
    )
    joined = values.with_columns(year=pl.col("period").str.slice(0, 4).cast(pl.Int64)).join(
        chosen.with_columns(pl.col("year").cast(pl.Int64)),
        left_on=["metric_id", *keys[1:]],
        right_on=keys,
        how="left",
        maintain_order="left",
    )
    told = [
        _judged(metrics[row["metric_id"]], row)
        for row in joined.select(
            *("metric_id", "period", "numerator", "denominator", "target", "pace", "due_on", "comparator"),
            "tolerance",
        ).iter_rows(named=True)
    ]
    return (
        joined.with_columns(
            completion=pl.when(pl.col("target") > 0).then(
                pl.col("value") / pl.col("target").cast(pl.Float64)
            ),
            completion_percent=pl.Series([row[0] for row in told], dtype=PERCENT, strict=False),
            pace_percent=pl.Series([row[1] for row in told], dtype=PERCENT, strict=False),
            light=pl.Series([row[2] for row in told], dtype=pl.String),
        )
        .with_columns(distance=(pl.col("completion_percent") - pl.col("pace_percent")).cast(PERCENT))
        .drop("year", "tolerance")
    )


def _judged(metric: Metric, row: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None, str]:
    """(completion, 序时, light) of a value against its target, the percentages as printed."""
    target, comparator = row["target"], row["comparator"]
    goal = target * row["denominator"] if target is not None and row["denominator"] is not None else target
    completion = percent(row["numerator"], goal)
    has_pace = row["pace"] == "plan" or (row["pace"] == "linear" and metric.kind == "flow")
    pace = percent(*pace_share(row["period"])) if has_pace else None
    is_met = _is_met(row["numerator"], comparator, goal, row["tolerance"])
    if is_met is None:
        return completion, pace, "grey"
    if row["due_on"] <= last_day(row["period"]):
        return completion, pace, "green" if is_met else "yellow"
    if comparator == "<=":
        return completion, pace, "grey"
    if pace is not None and completion is not None:
        return completion, pace, "green" if completion >= pace else "yellow"
    if is_met:
        return completion, pace, "green"
    return completion, pace, "yellow" if metric.unit == "率" else "grey"


def last_day(period: str) -> date:
    """The last day of a period."""
    year, month = int(period[:4]), int(period[5:7])
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def next_month(period: str) -> str:
    """The month after a period."""
    year, month = int(period[:4]), int(period[5:7])
    return f"{year + month // 12}-{month % 12 + 1:02}"


def _is_met(
    value: Decimal | None, comparator: str | None, goal: Decimal | None, tolerance: float | None
) -> bool | None:
    """Whether a value keeps the words of its target; None where either is missing."""
    if value is None or goal is None:
        return None
    match comparator:
        case ">":
            return value > goal
        case "<=":
            return value <= goal
        case "左右":
            return abs(value - goal) <= goal * Decimal(str(tolerance or 0))
    return value >= goal


def area_lights(
    paced: pl.DataFrame, period: str, carried: pl.DataFrame, red_periods: int = 2
) -> pl.DataFrame:
    """The rows of `period`, a light turned red where the last filed periods, `red_periods` of
    them, were all below 序时.

    `paced` is the frame of `target_pace` over that period and those before it. `carried` lists (period,
    area_id) whose values are those of an earlier filing: a period that an area has not filed neither
    breaks nor lengthens its streak. A new year starts a new streak only because its targets are new:
    January is compared with December as it is. Source: data-model.md section 5.
    """
    keys = [key for key in ("metric_id", "area_id") if key in paced.columns]
    judged = paced.filter(pl.col("period") <= period)
    if "area_id" in keys:
        judged = judged.join(carried, on=["period", "area_id"], how="anti", maintain_order="left")
    in_a_row = (
        judged.sort("period", descending=True)
        .group_by(keys)
        .agg(is_red=(pl.col("light").head(red_periods) == "yellow").sum() == red_periods)
    )
    return (
        paced.filter(pl.col("period") == period)
        .join(in_a_row, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(
            light=pl.when((pl.col("light") == "yellow") & pl.col("is_red"))
            .then(pl.lit("red"))
            .otherwise("light")
        )
        .drop("is_red")
    )


def since_last_period(
    values: pl.DataFrame,
    period: str,
    previous: str | None,
    metrics: Mapping[str, Metric] = CATALOGUE,
) -> pl.DataFrame:
    """The rows of `period` with `month`: what the month itself added.

    `month` (Decimal) is the value less that of the month before, which counts as 0 where there was no such
    project. In January it is the whole value, but for a stock, which goes on from December. Null where the
    month before has no snapshot or no value: what two months added is not one month's. Source:
    data-model.md section 4, Flow.
    """
    keys = [key for key in ("metric_id", "area_id") if key in values.columns]
    before = values.filter(
        pl.col("period") == (previous if previous == _month_before(period) else "")
    ).select(*keys, before=pl.when(pl.col("of_projects") == 0).then(0).otherwise("numerator"))
    stocks = [metric_id for metric_id, metric in metrics.items() if metric.kind == "stock"]
    starts_anew = pl.lit(period.endswith("-01")) & ~pl.col("metric_id").is_in(stocks)
    return (
        values.filter(pl.col("period") == period)
        .join(before, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(
            month=pl.when(starts_anew)
            .then("numerator")
            .otherwise(pl.col("numerator") - pl.col("before"))
            .cast(EXACT)
        )
        .drop("before")
    )


def _month_before(period: str) -> str:
    year, month = int(period[:4]), int(period[5:7])
    return f"{year}-{month - 1:02}" if month > 1 else f"{year - 1}-12"


def investment_light(completion: Decimal | None, pace: Decimal | None, rules: LightRules) -> str:
    """The colour of investment that is so far from 序时 (both printed %), as a project's progress is lit.

    Source: data-model.md section 5, 投资进度.
    """
    if completion is None or pace is None:
        return "grey"
    short = pace - completion
    if rules.progress_mode == "relative":
        is_yellow, is_red = short > 0, short * 100 > pace * Decimal(repr(rules.progress_red))
    else:
        is_yellow = short > 0 and short >= Decimal(repr(rules.progress_yellow))
        is_red = short > Decimal(repr(rules.progress_red))
    return "red" if is_yellow and is_red else "yellow" if is_yellow else "green"


def investment_pace(values: pl.DataFrame, areas: pl.DataFrame, rules: LightRules) -> pl.DataFrame:
    """The year's investment against plan by area, by area code.

    `values` holds metrics investment_completion and planned_share by area at one period; only `areas` are
    kept. Returns area_id, name, invested_year and plan_year (Decimal 万元, of projects that report both),
    projects, of_projects, completion and pace (Float64), completion_percent, pace_percent, distance (Decimal
    points), basis (the words of how 序时 was told: by monthly plans, or months over 12 where nothing is
    planned by month) and light (`investment_light`). Source: data-model.md section 4.
    """
    planned = {
        row["area_id"]: row
        for row in values.filter(pl.col("metric_id") == "planned_share").iter_rows(named=True)
    }
    rows = values.filter(pl.col("metric_id") == "investment_completion")
    completion = [percent(n, d) for n, d in rows.select("numerator", "denominator").iter_rows()]
    pace = []
    basis = []
    for period, area_id in rows.select("period", "area_id").iter_rows():
        row = planned.get(area_id) or {}
        share = percent(row.get("numerator"), row.get("denominator"))
        pace.append(percent(*pace_share(period)) if share is None else share)
        by_month, others = (
            row.get("projects") or 0,
            (row.get("of_projects") or 0) - (row.get("projects") or 0),
        )
        basis.append(
            ("按月度计划" + (f"，{others}个项目按月均" if others else ""))
            if by_month and share is not None
            else "按月均"
        )
    return (
        rows.with_columns(
            basis=pl.Series(basis, dtype=pl.String),
            light=pl.Series(
                [investment_light(*both, rules) for both in zip(completion, pace, strict=True)],
                dtype=pl.String,
            ),
            completion_percent=pl.Series(completion, dtype=PERCENT, strict=False),
            pace_percent=pl.Series(pace, dtype=PERCENT, strict=False),
        )
        .with_columns(distance=(pl.col("completion_percent") - pl.col("pace_percent")).cast(PERCENT))
        .join(areas.select("area_id", "name"), on="area_id")
        .select(
            "area_id",
            "name",
            invested_year="numerator",
            plan_year="denominator",
            projects="projects",
            of_projects="of_projects",
            completion="value",
            pace=pl.col("pace_percent").cast(pl.Float64) / 100,
            completion_percent="completion_percent",
            pace_percent="pace_percent",
            distance="distance",
            basis="basis",
            light="light",
        )
        .sort("area_id")
    )
