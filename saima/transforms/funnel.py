"""Funnel: where projects stand, what happened this year, and how far one cohort has come."""

from collections.abc import Mapping

import polars as pl

from saima.ledgers import STAGES
from saima.metrics import EXACT

UNKNOWN = "unknown"
"""Stage of a project with neither a proving date nor a known reported stage."""


def stage_stock(stages_by_area: pl.DataFrame, terms: Mapping[str, str]) -> pl.DataFrame:
    """Projects by their stage at the end of the period, one row per stage, 谋划 first.

    Returns stage, term (the city's word), projects, reported_projects (stage as filed, without a date),
    investment_total (Decimal 万元, null where none reported it), investment_projects. Stages without
    projects are 0; 退库 is left out; projects of no known stage come last, if there are any.
    Source: data-model.md sections 3 and 4, Stock.
    """
    counted = (
        stages_by_area.filter(pl.col("stage").fill_null(UNKNOWN) != "exited")
        .group_by(pl.col("stage").fill_null(UNKNOWN))
        .agg(
            pl.col("projects").sum(),
            reported_projects=pl.col("projects").filter("is_reported").sum(),
            investment_total=_total("investment_total"),
            investment_projects=pl.col("investment_projects").sum(),
        )
    )
    order = pl.DataFrame({"stage": [*STAGES, UNKNOWN]})
    return (
        order.join(counted, on="stage", how="left", maintain_order="left")
        .with_columns(pl.col("projects", "reported_projects", "investment_projects").fill_null(0))
        .filter((pl.col("stage") != UNKNOWN) | (pl.col("projects") > 0))
        .with_columns(
            term=pl.col("stage").replace_strict(dict(terms) | {UNKNOWN: "阶段不明"}, default="阶段不明")
        )
    )


def cohort_funnel(conversion: pl.DataFrame, from_stage: str, terms: Mapping[str, str]) -> pl.DataFrame:
    """One cohort and how many of it reached each later stage, the cohort itself first.

    `conversion` is the frame of `conversion_by_stage`. Returns stage, term, projects, investment_total,
    of_first and of_previous (shares 0..1, null where the base is 0), median_days (Float64, over
    timed_projects), timed_projects, waiting, waiting_days (median age of those still waiting). Every
    stage counts "reached it or a later one", so the column projects never grows.
    Source: data-model.md section 4, Cohort.
    """
    later = STAGES[STAGES.index(from_stage) + 1 :]
    by_stage = _conversion(conversion, "to_stage")
    cohort = by_stage.filter(pl.col("to_stage") == later[0])
    first = cohort.select(
        stage=pl.lit(from_stage),
        projects="of_projects",
        investment_total="of_investment_total",
        median_days=pl.lit(None, pl.Float64),
        timed_projects=pl.lit(0, pl.Int64),
        waiting=pl.lit(0, pl.Int64),
        waiting_days=pl.lit(None, pl.Float64),
    )
    reached = pl.DataFrame({"to_stage": later}).join(
        by_stage, on="to_stage", how="inner", maintain_order="left"
    )
    return (
        pl.concat([first, reached.rename({"to_stage": "stage"}).select(first.columns)])
        .with_columns(
            of_first=_share(pl.col("projects"), pl.col("projects").first()),
            of_previous=_share(pl.col("projects"), pl.col("projects").shift(1)),
            term=pl.col("stage").replace_strict(dict(terms), default=pl.col("stage")),
        )
        .select(
            "stage",
            "term",
            "projects",
            "investment_total",
            "of_first",
            "of_previous",
            "median_days",
            "timed_projects",
            "waiting",
            "waiting_days",
        )
    )


def stage_conversion(conversion: pl.DataFrame, to_stage: str, by: str) -> pl.DataFrame:
    """Conversion to one stage by area or chain, the largest cohorts first.

    Returns `by`, of_projects (the cohort), projects (those that reached `to_stage` or later), share
    (0..1, null for an empty cohort), median_days, timed_projects, waiting, waiting_days,
    investment_total and of_investment_total (Decimal 万元). Source: data-model.md section 4, Cohort.
    """
    return (
        _conversion(conversion.filter(pl.col("to_stage") == to_stage), by)
        .with_columns(share=_share(pl.col("projects"), pl.col("of_projects")))
        .sort("of_projects", by, descending=[True, False], nulls_last=True)
    )


def _conversion(conversion: pl.DataFrame, by: str) -> pl.DataFrame:
    reached = pl.col("is_reached")
    return conversion.group_by(by, maintain_order=True).agg(
        of_projects=pl.col("projects").sum(),
        of_investment_total=_total("investment_total"),
        projects=pl.col("projects").filter(reached).sum(),
        investment_total=_total("investment_total", reached),
        median_days=_median(reached),
        timed_projects=pl.col("projects").filter(reached & pl.col("days").is_not_null()).sum(),
        waiting=pl.col("projects").filter(~reached).sum(),
        waiting_days=_median(~reached),
    )


def _median(chosen: pl.Expr) -> pl.Expr:
    """Median of days, each counted as often as there are projects with it."""
    timed = chosen & pl.col("days").is_not_null()
    return pl.col("days").repeat_by("projects").filter(timed).explode().median()


def _total(column: str, chosen: pl.Expr | None = None) -> pl.Expr:
    amounts = pl.col(column) if chosen is None else pl.col(column).filter(chosen)
    return pl.when(amounts.count() > 0).then(amounts.cast(EXACT).sum())


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))
