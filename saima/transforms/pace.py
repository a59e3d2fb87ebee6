"""Targets and pace: how far a year's work has come against what was promised for it."""

from decimal import Decimal

import polars as pl

from saima.metrics import CATALOGUE, EXACT
from saima.wording import percent

PERCENT = pl.Decimal(12, 1)
"""Printed percentages and points: one decimal, rounded half up once."""


def pace_share(period: str) -> tuple[int, int]:
    """Linear 序时 of a period as (months elapsed, 12)."""
    return int(period[5:7]), 12


def target_pace(values: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """Values against targets, one row per (metric_id, keys of `values`), in the order of `values`.

    `values` is the frame of `metrics.metric_values`; `targets` has metric, area_id (null for the whole
    city), year, comparator, value_base (万元, 个 or a share), pace, target_id, document, wording. Adds
    target, comparator, target_id, document, completion (Float64: value ÷ target), completion_percent and
    pace_percent and distance (Decimal, one decimal: distance is the difference of the two printed
    percentages, null for stocks, which have no 序时) and light (green, yellow, grey; red only over
    two periods, see `area_lights`). Source: data-model.md sections 0, 4, 5.
    """
    keys = ["metric", "year"] + (["area_id"] if "area_id" in values.columns else [])
    wanted = targets if "area_id" in values.columns else targets.filter(pl.col("area_id").is_null())
    chosen = wanted.select(
        *keys,
        pl.col("value_base").cast(EXACT).alias("target"),
        "comparator",
        "pace",
        "target_id",
        "document",
        "wording",
    ).unique(keys, keep="first", maintain_order=True)
    joined = values.with_columns(year=pl.col("period").str.slice(0, 4).cast(pl.Int64)).join(
        chosen.with_columns(pl.col("year").cast(pl.Int64)),
        left_on=["metric_id", *keys[1:]],
        right_on=keys,
        how="left",
        maintain_order="left",
    )
    completion = []
    pace = []
    for metric_id, period, numerator, denominator, target, kind in joined.select(
        "metric_id", "period", "numerator", "denominator", "target", "pace"
    ).iter_rows():
        is_rate = target is not None and denominator is not None
        completion.append(percent(numerator, target * denominator if is_rate else target))
        has_pace = kind == "linear" and CATALOGUE[metric_id].kind == "flow"
        pace.append(percent(*pace_share(period)) if has_pace else None)
    return (
        joined.with_columns(
            completion=pl.when(pl.col("target") > 0).then(
                pl.col("value") / pl.col("target").cast(pl.Float64)
            ),
            completion_percent=pl.Series(completion, dtype=PERCENT, strict=False),
            pace_percent=pl.Series(pace, dtype=PERCENT, strict=False),
        )
        .with_columns(distance=(pl.col("completion_percent") - pl.col("pace_percent")).cast(PERCENT))
        .with_columns(
            light=pl.when(pl.col("distance").is_null())
            .then(pl.lit("grey"))
            .when(pl.col("distance") >= 0)
            .then(pl.lit("green"))
            .otherwise(pl.lit("yellow"))
        )
        .drop("year")
    )


def area_lights(paced: pl.DataFrame, period: str, previous: str | None) -> pl.DataFrame:
    """The rows of `period`, a light turned red where it was below 序时 in the previous filed period too.

    `paced` is the frame of `target_pace` over both periods. A new year starts a new streak only because
    its targets are new: January is compared with December as it is. Source: data-model.md section 5.
    """
    keys = [key for key in ("metric_id", "area_id") if key in paced.columns]
    before = paced.filter(pl.col("period") == (previous or "")).select(*keys, was="light")
    return (
        paced.filter(pl.col("period") == period)
        .join(before, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(
            light=pl.when((pl.col("light") == "yellow") & (pl.col("was") == "yellow"))
            .then(pl.lit("red"))
            .otherwise("light")
        )
        .drop("was")
    )


def since_last_period(values: pl.DataFrame, period: str, previous: str | None) -> pl.DataFrame:
    """The rows of `period` with `month`: the value less the previous period's, of the same year.

    `month` (Decimal) is the whole value in the year's first snapshot, or where there was no such project
    before; null where the previous value of the year is missing. Source: data-model.md section 4, Flow.
    """
    keys = [key for key in ("metric_id", "area_id") if key in values.columns]
    is_same_year = previous is not None and previous[:4] == period[:4]
    before = values.filter(pl.col("period") == (previous or "")).select(
        *keys, before=pl.when(pl.col("of_projects") == 0).then(0).otherwise("numerator")
    )
    return (
        values.filter(pl.col("period") == period)
        .join(before, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(
            month=(pl.col("numerator") - pl.col("before") if is_same_year else pl.col("numerator")).cast(
                EXACT
            )
        )
        .drop("before")
    )


def investment_pace(values: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """The year's investment against plan by area, by area code.

    `values` holds metrics investment_completion and planned_share by area at one period; only `areas` are
    kept. Returns area_id, name, invested_year and plan_year (Decimal 万元, of projects that report both),
    projects, of_projects, completion and pace (Float64), completion_percent, pace_percent, distance (Decimal
    points), basis (the words of how 序时 was told: by monthly plans, or months over 12 where nothing is
    planned by month) and light by points below it: under 10 green, to 30 yellow, above red
    (data-model.md sections 4, 5).
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
            light=pl.when(pl.col("distance").is_null())
            .then(pl.lit("grey"))
            .when(pl.col("distance") > Decimal(-10))
            .then(pl.lit("green"))
            .when(pl.col("distance") >= Decimal(-30))
            .then(pl.lit("yellow"))
            .otherwise(pl.lit("red")),
        )
        .sort("area_id")
    )
