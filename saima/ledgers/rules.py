"""Rules that several ledgers share; each makes one or more `Rule`s of columns."""

from collections.abc import Iterator
from typing import Literal

import polars as pl

from saima.ledgers.columns import LAST, PERIOD_END, Column, Rule, is_event


def not_negative(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """Amounts are at least zero. A month's amount may be a correction downwards: reported only."""
    for column in columns:
        if column.kind in {"money", "foreign"} or column.name == "land_area_mu":
            yield Rule(
                f"{column.name}_is_not_negative",
                "存疑" if column.name == "invested_month" else "拒收",
                (column.name,),
                pl.col(column.name) >= 0,
                "不能为负数，请核对后重填；没有数的留空",
            )


def within(name: str, limit: int) -> Rule:
    """Degrees lie between minus and plus the limit."""
    return Rule(
        f"{name}_is_within_{limit}_degrees",
        "拒收",
        (name,),
        pl.col(name).is_between(-limit, limit),
        f"应在 -{limit} 到 {limit} 之间，请核对经度、纬度是否填反",
    )


def not_in_the_future(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """An event is not after its period: a later date is a plan and proves nothing (section 3)."""
    for column in columns:
        if is_event(column):
            yield Rule(
                f"{column.name}_is_not_after_the_period",
                "存疑",
                (column.name,),
                pl.col(column.name) <= pl.col(PERIOD_END),
                "晚于报告期末，只当作计划，不证明已经发生，请核对时间",
            )


def within_a_lifetime(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """Something due fifty years from now is more likely a slip of two digits (2108 for 2018)."""
    for column in columns:
        if column.name.endswith("due_on"):
            yield Rule(
                f"{column.name}_is_within_fifty_years",
                "存疑",
                (column.name,),
                pl.col(column.name) <= pl.col(PERIOD_END).dt.offset_by("50y"),
                "在五十年以后，请核对年份",
            )


def not_long_past(columns: tuple[Column, ...]) -> Iterator[Rule]:
    """What happened, or was due, fifty years ago is more likely a slip of a digit (1924 for 2024)."""
    for column in columns:
        if column.kind == "date":
            yield Rule(
                f"{column.name}_is_not_fifty_years_ago",
                "存疑",
                (column.name,),
                pl.col(column.name) > pl.col(PERIOD_END).dt.offset_by("-50y"),
                "在五十年以前，请核对年份",
            )


def has_begun(name: str) -> Rule:
    """A month in which something was said, or about which, is not after the period."""
    return Rule(
        f"{name}_has_begun",
        "存疑",
        (name,),
        pl.col(name) <= pl.col(PERIOD_END).dt.strftime("%Y-%m"),
        "晚于报告期，请核对年份和月份",
    )


def in_order(earlier: str, later: str, severity: Literal["存疑", "提示"] = "存疑") -> Rule:
    """The first event is not after the second. One known only roughly is stored as the end of its span
    and may well have come before: the beginning of the span counts."""
    return Rule(
        f"{earlier}_is_not_after_{later}",
        severity,
        (earlier, later),
        _first_day(earlier) <= pl.col(later),
        "先后顺序不对，请核对两个时间",
    )


def _first_day(name: str) -> pl.Expr:
    """The first day on which an event may have been; null where nobody said more than the period."""
    day, precision = pl.col(name), pl.col(f"{name}_precision")
    return (
        pl.when(precision == "month")
        .then(day.dt.month_start())
        .when(precision == "quarter")
        .then(day.dt.truncate("1q"))
        .when(precision == "year")
        .then(day.dt.truncate("1y"))
        .when(precision == "day")
        .then(day)
    )


def not_above(smaller: str, larger: str) -> Rule:
    """The first amount is at most the second."""
    return Rule(
        f"{smaller}_is_not_above_{larger}",
        "存疑",
        (smaller, larger),
        pl.col(smaller) <= pl.col(larger),
        "前者不应大于后者，请核对两个数和它们的单位",
    )


def has_beside(stated: str, needed: str, advice: str) -> Rule:
    """Where the first column says something, so does the second; `advice` tells the clerk what to add."""
    return Rule(
        f"{stated}_has_its_{needed}",
        "存疑",
        (stated, needed),
        pl.col(stated).is_null() | pl.col(needed).is_not_null(),
        advice,
    )


def unlike_a_hundredfold(name: str) -> Rule:
    """An amount a hundred times that of the month before is in another unit. Small ones may grow so."""
    now, last = pl.col(name), pl.col(f"{LAST}{name}")
    return Rule(
        f"{name}_is_no_hundredfold_of_last",
        "存疑",
        (name,),
        ((now < last * 100) & (now * 100 > last)) | (now <= 0) | (last < 100),
        "与上期相差一百倍以上，疑似单位写错，请核对单位",
    )


def not_falling(name: str) -> Rule:
    """What is counted from the start is at least what it was the month before."""
    return Rule(
        f"{name}_is_not_below_last",
        "存疑",
        (name,),
        pl.col(name) >= pl.col(f"{LAST}{name}"),
        "累计数比上期小，请核对；确需调减的请在说明中写明原因",
    )
