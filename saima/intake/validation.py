"""The named rules of a ledger, held against the rows of a filing: a verdict per row and rule."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import dataframely as dy
import polars as pl

from saima.intake.rows import Row
from saima.intake.verdicts import Findings, Place, RefusedError
from saima.ledgers import CITY, LAST, PERIOD_END, Column, Ledger, Rule

_PLACE = "place"
"""Column that says which row a verdict is about."""

_YEARLY = ("plan_year", "invested_year", "invested_month", "land_cost_year", "invested_statistics_year")
"""Amounts that begin anew on 1 January (data-model.md section 1)."""

HUNDREDFOLD, FEWEST = 100, 3
"""A column whose amounts are so many times those of the period before, in so many projects or more, is in
another unit."""


def frame(rows: Sequence[Row], ledger: Ledger, names: Iterable[str] | None = None) -> pl.DataFrame:
    """The rows in the ledger's columns (or those named) and types, null where nothing is filed."""
    wanted = list(names or ledger.schema)
    present: set[str] = set().union(*(row.values.keys() for row in rows))
    filled = [name for name in wanted if name in present]
    # Row after row: values of one row lie close to each other.
    said = zip(*(tuple(map(row.values.get, filled)) for row in rows), strict=True)
    columns = {
        name: _series(name, column, ledger.schema[name]) for name, column in zip(filled, said, strict=True)
    }
    return pl.DataFrame(
        [
            columns[name]
            if name in columns
            else pl.Series(name, [None], dtype=ledger.schema[name]).new_from_index(0, len(rows))
            for name in wanted
        ]
    )


def _series(name: str, said: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    if not isinstance(dtype, pl.Decimal):
        return pl.Series(name, said, dtype=dtype)
    # As exact, and four times as fast, as one decimal after the other.
    texts = [None if amount is None else str(amount) for amount in said]
    return pl.Series(name, texts, dtype=pl.String()).cast(dtype)


def obeying(rows: list[Row], ledger: Ledger, *, city: str, period_end: date, findings: Findings) -> list[Row]:
    """The rows that break no rule that refuses; what the others break is said."""
    table = frame(rows, ledger, _needed(ledger.rules, ledger))
    table = table.with_columns(pl.lit(period_end).alias(PERIOD_END), pl.lit(city).alias(CITY))
    return _sorted_out(rows, table, ledger.rules, findings)


def consistent(
    rows: list[Row], before: pl.DataFrame, ledger: Ledger, *, year: str, findings: Findings
) -> list[Row]:
    """The rows that break no rule of change that refuses. `before` are the same projects' rows of the period
    before.

    Raises RefusedError where a whole column is in another unit than before, unless a person said the unit.
    """
    if not ledger.rules_of_change or before.is_empty():
        return rows
    compared = [name for rule in ledger.rules_of_change for name in rule.columns if name in ledger.schema]
    names = list(dict.fromkeys(compared))
    earlier = before.select("project_id", "filing_id", *names).unique(
        "project_id", keep="first", maintain_order=True
    )
    # An area that paused over New Year was last filed in another year than the city.
    is_of_year = pl.col("filing_id").str.contains(f"-{year}-", literal=True)
    yearly = [name for name in names if name in _YEARLY]
    earlier = earlier.with_columns(pl.when(is_of_year).then(pl.col(name)).alias(name) for name in yearly)
    earlier = earlier.drop("filing_id")
    earlier = earlier.rename({name: f"{LAST}{name}" for name in names})
    now = frame(rows, ledger, ("project_id", *names))
    table = now.join(earlier, on="project_id", how="left", maintain_order="left")
    for name in names:
        _must_keep_the_unit(rows, table, ledger.column(name), findings)
    return _sorted_out(rows, table, ledger.rules_of_change, findings)


def _needed(rules: Sequence[Rule], ledger: Ledger) -> list[str]:
    """Columns of the ledger that the rules look at."""
    roots = {name for rule in rules for name in rule.holds.meta.root_names()}
    return [name for name in ledger.schema if name in roots]


def _must_keep_the_unit(rows: Sequence[Row], table: pl.DataFrame, column: Column, findings: Findings) -> None:
    if column.kind != "money":
        return
    both = table.select(now=pl.col(column.name), last=pl.col(f"{LAST}{column.name}")).filter(
        (pl.col("now") > 0) & (pl.col("last") > 0)
    )
    if both.height < FEWEST:
        return
    ratio = both.select((pl.col("now").cast(pl.Float64) / pl.col("last").cast(pl.Float64)).median()).item()
    if 1 / HUNDREDFOLD < ratio < HUNDREDFOLD:
        return
    field = rows[0].header.field(column.name)
    place = Place(rows[0].sheet, None, field.heading, field.letter) if field else Place(rows[0].sheet)
    said = f"{column.term}普遍是上期的 {ratio:.4g} 倍，疑似单位写错"
    if field is not None and field.how in {"映射", "记住"}:
        findings.remark("存疑", "amounts_keep_their_unit", f"{said}；单位是指定的，照此读取", place)
        return
    unit = f"，这次按{field.unit}读取" if field else ""
    raise RefusedError(
        "amounts_keep_their_unit",
        f"{place}{said}{unit}。请在列标题写明单位，确实无误的用映射文件指定单位",
        place,
    )


def _sorted_out(rows: list[Row], table: pl.DataFrame, rules: Sequence[Rule], findings: Findings) -> list[Row]:
    needed = {name for rule in rules for name in rule.holds.meta.root_names()}
    table = table.select(sorted(needed)).with_row_index(_PLACE)
    schema = _schema(rules, table.columns)
    broken = schema.filter(table)[1].details()
    refused: set[int] = set()
    for rule in rules:
        places = broken.filter(pl.col(rule.name) == "invalid")[_PLACE].to_list()
        for place in places:
            _tell(rows[place], rule, findings)
        if rule.severity == "拒收":
            refused |= set(places)
    return [row for place, row in enumerate(rows) if place not in refused]


def _schema(rules: Sequence[Rule], columns: Iterable[str]) -> type[dy.Schema]:
    """The rules as a dataframely schema over these columns; null means that there is nothing to object to."""
    members: dict[str, Any] = {name: dy.Any() for name in columns}
    members |= {rule.name: dy.rule()(_held(rule)) for rule in rules}
    return type("Rules", (dy.Schema,), members)


def _held(rule: Rule) -> Any:
    def holds(_cls: type) -> pl.Expr:
        return rule.holds

    return holds


def _tell(row: Row, rule: Rule, findings: Findings) -> None:
    name, *others = rule.columns
    if rule.severity == "拒收":
        beside = "".join(f"，「{row.place(other).column}」是“{row.shown(other)}”" for other in others)
        findings.refuse(rule.name, rule.objection + beside, row.place(name), row.shown(name))
    else:
        headings = [heading for other in others if (heading := row.place(other).column)]
        against = "".join(f"（对照「{heading}」）" for heading in headings)
        findings.remark(rule.severity, rule.name, rule.objection + against, row.place(name))
