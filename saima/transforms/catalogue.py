"""Metrics as they are printed: a value with its unit, its parts, and what it means."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, KIND_TERMS, Metric, Unit
from saima.wording import (
    MISSING,
    amount_text,
    count_text,
    months_text,
    number_text,
    percent,
    percent_text,
    points_text,
)


def value_text(metric: Metric, row: Mapping[str, Any], currency: str = "元") -> str:
    """The value of a row of `metric_values`, rounded once: `76.0%`, `912个`, `84.10亿元`, `1.23亿元/个`."""
    numerator, denominator = row["numerator"], row["denominator"]
    if not metric.is_quotient:
        return part_text(numerator, metric.unit, currency)
    if metric.unit == "率":
        return percent_text(percent(numerator, denominator))
    if numerator is None or not denominator:
        return MISSING
    return f"{amount_text(_quotient(numerator, denominator), currency)}/{metric.of_unit}"


def part_text(amount: Decimal | None, unit: Unit, currency: str = "元") -> str:
    """A numerator or denominator with its unit."""
    if amount is None:
        return MISSING
    match unit:
        case "万元":
            return amount_text(amount, currency)
        case "万美元":
            return f"{number_text(amount, 2)}万美元"
        case "天" | "亩":
            return f"{number_text(amount, 0)}{unit}"
    return f"{count_text(int(amount))}{unit}"


def metric_words(values: pl.DataFrame, currency: str = "元") -> pl.DataFrame:
    """Metrics under Chinese terms, a row for each of `values`, in its order.

    `values` is the frame of `metric_values`, with or without the columns of `pace.target_pace`. Columns:
    指标, 类型, 数值, 分子, 分母, 填报 (how many reported, of how many), 目标, 完成, 距序时 (where there are
    targets), 方向, 口径, 口径参照.
    """
    rows = [(CATALOGUE[row["metric_id"]], row) for row in values.iter_rows(named=True)]
    words = {
        "指标": [metric.name for metric, _ in rows],
        "类型": [KIND_TERMS[metric.kind] for metric, _ in rows],
        "数值": [value_text(metric, row, currency) for metric, row in rows],
        "分子": [part_text(row["numerator"], metric.part_unit, currency) for metric, row in rows],
        "分母": [part_text(row["denominator"], metric.of_unit, currency) for metric, row in rows],
        "填报": [f"{count_text(row['projects'])}/{count_text(row['of_projects'])}" for _, row in rows],
    }
    if "target" in values.columns:
        words |= {
            "目标": [_target_text(metric, row["target"], currency) for metric, row in rows],
            "完成": [percent_text(row["completion_percent"]) for _, row in rows],
            "距序时": [points_text(row["distance"]) for _, row in rows],
        }
    words |= {
        "方向": ["越小越好" if metric.is_less_better else "越大越好" for metric, _ in rows],
        "口径": [metric.definition for metric, _ in rows],
        "口径参照": [metric.source for metric, _ in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _target_text(metric: Metric, target: Decimal | None, currency: str) -> str:
    if target is None:
        return MISSING
    return (
        percent_text(percent(target, 1)) if metric.unit == "率" else part_text(target, metric.unit, currency)
    )


def catalogue_sentence(values: pl.DataFrame, period: str) -> str:
    """`1—9月，89个指标中算得出86个，其余3个台账没有填报：新增产值、……。`"""
    unknown = values.filter(pl.col("value").is_null())["metric_id"].to_list()
    known = f"{months_text(period)}，{values.height}个指标中算得出{values.height - len(unknown)}个"
    if not unknown:
        return f"{known}。"
    names = "、".join(CATALOGUE[metric_id].name for metric_id in unknown[:3])
    more = "等" if len(unknown) > 3 else ""
    return f"{known}，其余{len(unknown)}个没有填报或分母为零：{names}{more}。"


def _quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    exact = Fraction(numerator) / Fraction(denominator)
    # Printed with two decimals of 亿 or 万 at most: six of 万 leave nothing to round twice.
    return Decimal(round(exact * 10**6)) / 10**6
