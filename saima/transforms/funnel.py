"""Funnel: where projects stand, what happened this year, and how far one cohort has come."""

from collections.abc import Mapping

import polars as pl

from saima.ledgers import STAGES
from saima.metrics import share_of, total_of
from saima.wording import amount_text, count_text, months_text, number_text, percent, percent_text

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
            investment_total=total_of("investment_total"),
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
    stage counts "reached it or a later one", so the column projects never grows; a cohort of nobody is 0.
    Source: data-model.md section 4, Cohort.
    """
    later = STAGES[STAGES.index(from_stage) + 1 :]
    reached = (
        pl.DataFrame({"to_stage": later})
        .join(_conversion(conversion, "to_stage"), on="to_stage", how="left", maintain_order="left")
        .with_columns(pl.col("projects", "of_projects", "timed_projects", "waiting").fill_null(0))
    )
    first = reached.head(1).select(
        stage=pl.lit(from_stage),
        projects="of_projects",
        investment_total="of_investment_total",
        median_days=pl.lit(None, pl.Float64),
        timed_projects=pl.lit(0, pl.Int64),
        waiting=pl.lit(0, pl.Int64),
        waiting_days=pl.lit(None, pl.Float64),
    )
    return (
        pl.concat([first, reached.rename({"to_stage": "stage"}).select(first.columns)])
        .with_columns(
            of_first=share_of(pl.col("projects"), pl.col("projects").first()),
            of_previous=share_of(pl.col("projects"), pl.col("projects").shift(1)),
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
        .with_columns(share=share_of(pl.col("projects"), pl.col("of_projects")))
        .sort("of_projects", by, descending=[True, False], nulls_last=True)
    )


def _conversion(conversion: pl.DataFrame, by: str) -> pl.DataFrame:
    reached = pl.col("is_reached")
    return conversion.group_by(by, maintain_order=True).agg(
        of_projects=pl.col("projects").sum(),
        of_investment_total=total_of("investment_total"),
        projects=pl.col("projects").filter(reached).sum(),
        investment_total=total_of("investment_total", reached),
        median_days=_median(reached),
        timed_projects=pl.col("projects").filter(reached & pl.col("days").is_not_null()).sum(),
        waiting=pl.col("projects").filter(~reached).sum(),
        waiting_days=_median(~reached),
    )


def _median(chosen: pl.Expr) -> pl.Expr:
    """Median of days, each counted as often as there are projects with it."""
    timed = chosen & pl.col("days").is_not_null()
    return pl.col("days").repeat_by("projects").filter(timed).explode().median()


def conversion_sentence(funnel: pl.DataFrame, to_stage: str, period: str) -> str:
    """`1—9月签约的1,622个项目中，705个已到开工或其后环节，转化率43.5%，中位87天；917个仍在等待，中位132天。`"""
    first, reached = funnel.row(0, named=True), funnel.filter(pl.col("stage") == to_stage)
    if not first["projects"] or reached.is_empty():
        return f"{months_text(period)}没有{first['term']}的项目。"
    row = reached.row(0, named=True)
    sentence = (
        f"{months_text(period)}{first['term']}的{count_text(first['projects'])}个项目中，"
        f"{count_text(row['projects'])}个已到{row['term']}或其后环节，"
        f"转化率{percent_text(percent(row['projects'], first['projects']))}"
    )
    if row["median_days"] is not None:
        sentence += (
            f"，中位{number_text(row['median_days'], 0)}天（{count_text(row['timed_projects'])}个可计天数）"
        )
    if row["waiting"]:
        sentence += f"；{count_text(row['waiting'])}个未到达"
        if row["waiting_days"] is not None:
            sentence += f"，已等待中位{number_text(row['waiting_days'], 0)}天"
    return sentence + "。"


def conversion_words(groups: pl.DataFrame, currency: str) -> pl.DataFrame:
    """A conversion by group under Chinese terms, as text where it is printed."""
    return groups.select(
        pl.col("name").alias("分组"),
        pl.col("of_projects").alias("同批项目"),
        pl.col("projects").alias("已到达"),
        pl.Series("转化率", [percent_text(percent(a, b)) for a, b in _pairs(groups)], dtype=pl.String),
        _days("median_days").alias("中位天数"),
        pl.col("timed_projects").alias("可计天数项目"),
        pl.col("waiting").alias("未到达"),
        _days("waiting_days").alias("已等待天数（中位）"),
        pl.Series(
            "同批总投资", [amount_text(v, currency) for v in groups["of_investment_total"]], dtype=pl.String
        ),
    )


def _days(name: str) -> pl.Expr:
    """Whole days, rounded half up as everywhere."""
    return (pl.col(name) + 0.5).floor()


def _pairs(groups: pl.DataFrame) -> list[tuple[int, int]]:
    return groups.select("projects", "of_projects").rows()
