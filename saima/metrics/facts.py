"""What is true of a project at the end of a period, as conditions over the columns of `project_facts`.

A condition is never null: what is not known to be true is not true. Sources: data-model.md sections 3, 4.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from saima.ledgers import STAGES

YI = 10_000
"""万元 in one 亿元."""

Filters = Mapping[str, tuple[str, ...]]
"""Conditions by name (`reference.targets.FILTERS`): any of its values counts."""

UNCHAINED = "未归链"
"""The chain of projects that name none, or one that the city does not keep."""

EVENTS = (*STAGES, "finished", "exited")
"""What happens to a project once: `finished` is completed, accepted or, failing both, produced."""


def _true(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False)


def everything() -> pl.Expr:
    """Every project, whatever became of it."""
    return pl.col("end_on").is_not_null()


def stands() -> pl.Expr:
    """Whether the project has not left."""
    return pl.col("stage").ne_missing("exited")


def happened(event: str) -> pl.Expr:
    """Whether one of EVENTS fell on a day from 1 January to the end of the period; of projects that stand."""
    on = pl.col(f"{event}_on")
    happened = _true(on.is_between(pl.col("year_from"), pl.col("end_on")))
    return happened if event == "exited" else happened & stands()


def occurred(event: str) -> pl.Expr:
    """Whether one of EVENTS has happened by the end of the period, in whatever year."""
    return _true(pl.col(f"{event}_on") <= pl.col("end_on"))


def in_stage(*stages: str) -> pl.Expr:
    """Whether the project's stage is one of these; `unknown` is no stage at all."""
    return pl.col("stage").fill_null("unknown").is_in(stages)


def reached(stage: str) -> pl.Expr:
    """Whether the project stands in that stage or a later one."""
    return in_stage(*STAGES[STAGES.index(stage) :])


def started_before() -> pl.Expr:
    """Whether work began before the year."""
    return _true(pl.col("started_on") < pl.col("year_from"))


def carried_over() -> pl.Expr:
    """Whether the year began with the project under construction: begun before, finished in it or not yet."""
    is_finished = _true(pl.col("finished_on") < pl.col("year_from"))
    return started_before() & ~is_finished & stands()


def suspended() -> pl.Expr:
    """Whether work stands still: stopped, and not resumed since."""
    since = pl.col("suspended_on")
    is_resumed = pl.col("resumed_on").is_between(since, pl.col("end_on"))
    return _true(since <= pl.col("end_on")) & ~_true(is_resumed)


def ready() -> pl.Expr:
    """Whether land, quotas, utilities and investor are all there: mature (沈阳“四个一批”方案 二（一）8)."""
    return pl.all_horizontal(
        _true(pl.col(f"is_{condition}_ready")) for condition in ("land", "quota", "utility", "investor")
    )


def planned_when_the_year_began() -> pl.Expr:
    """Whether the project was planned before the year and nothing further had happened to it by then."""
    went_on = (pl.col(f"{event}_on") < pl.col("year_from") for event in EVENTS if event != "planned")
    return _true(pl.col("planned_on") < pl.col("year_from")) & ~_true(pl.any_horizontal(went_on)) & stands()


def since(event: str, months_before: int) -> pl.Expr:
    """Whether the event fell on a day from so many months before the year to the end of the period."""
    begin = pl.col("year_from").dt.offset_by(f"-{months_before}mo")
    return _true(pl.col(f"{event}_on").is_between(begin, pl.col("end_on"))) & stands()


def is_over(event: str, months: int) -> pl.Expr:
    """Whether so many months have passed since the event."""
    return _true(pl.col(f"{event}_on").dt.offset_by(f"{months}mo") <= pl.col("end_on"))


def filed(*columns: str) -> pl.Expr:
    """Whether all of these were filed."""
    return pl.all_horizontal(pl.col(column).is_not_null() for column in columns)


def flagged(flag: str) -> pl.Expr:
    """Whether the project has that flag (`is_<flag>` of project_flags)."""
    return pl.col(f"is_{flag}")


def days_between(earlier: str, later: str) -> pl.Expr:
    """Days from one event to another; null unless both are known to the day, in that order, by the end."""
    first, last = pl.col(f"{earlier}_on"), pl.col(f"{later}_on")
    are_exact = (pl.col(f"{earlier}_on_precision") == "day") & (pl.col(f"{later}_on_precision") == "day")
    is_counted = are_exact & last.is_between(first, pl.col("end_on"))
    return pl.when(is_counted).then((last - first).dt.total_days())


def narrowed(filters: Filters) -> pl.Expr:
    """Whether a project meets all of the filters; one without the value that is asked for does not."""
    return pl.all_horizontal(True, *(_true(_meets(name, values)) for name, values in filters.items()))


def _meets(name: str, values: Sequence[str]) -> pl.Expr:
    match name:
        case "investment_from":
            return pl.col("investment_total") >= pl.lit(values[0]).cast(pl.Decimal(18, 4))
        case "investment_below":
            return pl.col("investment_total") < pl.lit(values[0]).cast(pl.Decimal(18, 4))
        case "tag" | "list":
            listed = pl.col(f"{name}s")
            return pl.any_horizontal(listed.list.contains(value) for value in values)
        case "stage":
            return in_stage(*values)
    named = {"chain": pl.col("chain").fill_null(UNCHAINED), "area": pl.col("area_id")}
    return named.get(name, pl.col(name)).is_in(values)
