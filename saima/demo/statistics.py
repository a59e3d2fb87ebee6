"""The statistics library of an invented city: projects that have entered, as statistics see them."""

from random import Random

import polars as pl

from saima.demo.history import Living
from saima.ledgers import LEDGERS, MONEY

_SAID = ("project_id", "project_code", "name", "owner", "area_id", "area_text", "investment_total")
_DATES = ("started_on", "entered_statistics_on", "completed_on")


class Statistics:
    """How the library tells of each project; drawn from a stream of its own."""

    def __init__(self, living: Living) -> None:
        rng = Random(f"{living.seed}-{living.city}-statistics")
        # Of each hundred entries three are one report behind, and two have not reported this month.
        lots = [rng.random() for _ in living.projects]
        self._told = pl.DataFrame(
            {
                "project_id": [f"{living.city}-D{project.number:05}" for project in living.projects],
                "entry_id": [f"{living.city}-T{project.number:05}" for project in living.projects],
                "part": [90 if lot < 0.03 else 100 for lot in lots],
                "is_silent": [lot > 0.98 for lot in lots],
            }
        )

    def rows(self, projects: pl.DataFrame) -> pl.DataFrame:
        """Rows of the library beside that month's project ledger, but filing_id and source_row."""
        entered = projects.filter(pl.col("entered_statistics_on").is_not_null()).join(
            self._told, on="project_id"
        )
        told = pl.when(~pl.col("is_silent")).then(pl.col("invested_statistics_year") * pl.col("part") / 100)
        in_order = pl.col("started_on") <= pl.col("entered_statistics_on")
        is_later = pl.col("started_on") <= pl.col("completed_on")
        within = pl.col("invested_total").is_between(pl.col("invested_year"), pl.col("investment_total"))
        return (
            entered.with_columns(invested_year=told.round(0).cast(MONEY))
            .with_columns(
                invested_total=pl.when(within).then("invested_total"),
                started_on=pl.when(in_order.fill_null(True)).then("started_on"),
                completed_on=pl.when(is_later.fill_null(True)).then("completed_on"),
                source_sheet=pl.lit(LEDGERS["statistics"].term),
            )
            .with_columns(
                pl.when(pl.col(name).is_not_null())
                .then(f"{name}_precision" if f"{name}_precision" in projects.columns else pl.lit("day"))
                .alias(f"{name}_precision")
                for name in _DATES
            )
            .select(
                "entry_id",
                *_SAID,
                "invested_total",
                "invested_year",
                *(part for name in _DATES for part in (name, f"{name}_precision")),
                "source_sheet",
            )
        )
