"""What a metric is: which projects it counts, among which, what it adds up; and its values over the facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import polars as pl

from saima.metrics.facts import Filters, narrowed

EXACT = pl.Decimal(38, 4)
"""Type of numerators and denominators: exact until the last division."""

Kind = Literal["stock", "flow", "cohort", "rate", "days"]
KIND_TERMS = {"stock": "存量", "flow": "流量", "cohort": "同批转化", "rate": "比率", "days": "天数"}

FactsOf = Literal[
    "project_facts", "fund_facts", "problem_facts", "permit_facts", "statistics_facts", "economy_facts"
]
"""The queries whose rows metrics count: projects, what belongs to them, and figures of the city."""

_FILTER_KEYS: Mapping[FactsOf, frozenset[str]] = MappingProxyType(
    {
        "project_facts": frozenset(),
        "fund_facts": frozenset({"source"}),
        "problem_facts": frozenset({"problem", "stock_at"}),
        "permit_facts": frozenset(),
        "statistics_facts": frozenset(),
        "economy_facts": frozenset(),
    }
)

Unit = Literal["个", "户", "万元", "万美元", "率", "万元/个", "万元/亩", "天", "亩"]

_QUOTIENTS = ("率", "万元/个", "万元/亩")


@dataclass(frozen=True)
class Metric:
    """One 口径, over the columns of the query that `facts` names: of projects, or of what belongs to them.

    `counted` are the projects (funds, problems) of the numerator, whose rows prove it; `among` those they
    were looked for among, `base` those of the denominator (`among` unless it is said). `amount` is what is
    added up (None: the projects are counted), `of_amount` the same of the denominator, `divisor` what the
    numerator is divided by, `reports` whether a project tells what is asked (by default, that it has the
    amount), `distinct` a column whose different values are counted in place of projects, or bring their
    amount once. `filters` narrow
    all of it; those of a target outrank a metric's own. `event` is the one that a flow counts, None where
    it counts another thing.
    """

    id: str
    name: str
    unit: Unit
    kind: Kind
    definition: str
    source: str
    counted: pl.Expr
    among: pl.Expr | None = None
    base: pl.Expr | None = None
    amount: pl.Expr | None = None
    of_amount: pl.Expr | None = None
    divisor: int = 1
    reports: pl.Expr | None = None
    distinct: str | None = None
    filters: Filters = field(default_factory=lambda: MappingProxyType({}))
    is_less_better: bool = False
    facts: FactsOf = "project_facts"
    event: str | None = None

    @property
    def own_filters(self) -> frozenset[str]:
        """Keys of filters that only such facts have, besides those that all have."""
        return _FILTER_KEYS[self.facts]

    @property
    def is_quotient(self) -> bool:
        """Whether the value is a numerator over a denominator."""
        return self.unit in _QUOTIENTS

    @property
    def part_unit(self) -> Unit:
        """What the numerator is counted in."""
        if not self.is_quotient:
            return self.unit
        return "个" if self.amount is None else "万元"

    @property
    def of_unit(self) -> Unit:
        """What the denominator is counted in."""
        if self.unit in {"万元/个", "万元/亩"}:
            return "个" if self.of_amount is None else "亩"
        return self.part_unit

    @property
    def counts_zero(self) -> bool:
        """Whether the numerator of a filed area without such rows is 0: counts are, amounts are missing."""
        return self.amount is None

    @property
    def counts_zero_of(self) -> bool:
        """The same of the denominator."""
        return self.is_quotient and self.of_amount is None

    @cached_property
    def proving(self) -> pl.Expr:
        """Whether a project is one of the numerator's."""
        return self.counted & narrowed(self.filters)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns of the facts that the metric looks at."""
        return frozenset(name for expr in self._sums().values() for name in expr.meta.root_names())

    def narrowed(self, filters: Filters) -> "Metric":
        """The metric of fewer projects. A filter that it has itself is replaced."""
        return replace(self, filters=MappingProxyType({**self.filters, **filters})) if filters else self

    def _sums(self) -> dict[str, pl.Expr]:
        """The aggregations over the facts: numerator, denominator, projects and of_projects."""
        within = narrowed(self.filters)
        among = within & (self.counted if self.among is None else self.among)
        base = among if self.base is None else within & self.base
        reports = self.reports
        if reports is None and self.amount is not None:
            reports = self.amount.is_not_null()
        told = self.proving if reports is None else self.proving & reports
        return {
            "numerator": self._total(self.amount, self.proving, self.divisor),
            "denominator": self._total(self.of_amount, base) if self.is_quotient else pl.lit(None, EXACT),
            "projects": told.sum().cast(pl.Int64),
            "of_projects": among.sum().cast(pl.Int64),
        }

    def _total(self, amount: pl.Expr | None, rows: pl.Expr, divisor: int = 1) -> pl.Expr:
        if self.kind == "days":
            assert amount is not None
            return amount.filter(rows).median().cast(EXACT)
        if amount is None and self.distinct:
            return pl.col(self.distinct).filter(rows).drop_nulls().n_unique().cast(EXACT)
        if amount is None:
            return rows.sum().cast(EXACT)
        amounts = amount.cast(EXACT).filter(rows)
        if self.distinct:
            # A project that is held up by two problems has its plan once.
            amounts = amounts.filter(pl.col(self.distinct).filter(rows).is_first_distinct())
        return pl.when(amounts.count() > 0).then(amounts.sum() / divisor).cast(EXACT)


def total_of(column: str, chosen: pl.Expr | None = None) -> pl.Expr:
    """A sum of amounts that is missing, not zero, where nothing was reported."""
    amounts = pl.col(column) if chosen is None else pl.col(column).filter(chosen)
    return pl.when(amounts.count() > 0).then(amounts.cast(EXACT).sum())


def share_of(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """The last division (Float64), null where the whole is nothing."""
    return pl.when(whole > 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def metric_columns(metrics: Iterable[Metric]) -> list[str]:
    """The columns of the facts that these metrics look at, sorted."""
    return sorted(set[str]().union(*(metric.columns for metric in metrics)))


def metric_values(metrics: Sequence[Metric], facts: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """Values of these metrics, one row per metric and row of `answered`, in the order given.

    `facts` are rows of `project_facts`. `answered` lists the keys for which a ledger was filed (period, or
    period and area_id): a filed area without such projects counts 0, an area that never filed has no row.
    Columns: metric_id, the keys, numerator and denominator (Decimal(38,4); 万元, 个 or days; null where
    nothing was reported or the metric has no denominator), projects and of_projects (rows counted, of how
    many), value (Float64: the quotient of a rate, else the numerator; null where it is missing).
    """
    keys = answered.columns
    sums = {
        f"{place} {name}": expr
        for place, metric in enumerate(metrics)
        for name, expr in metric._sums().items()
    }
    counted = facts.lazy().group_by(keys).agg(**sums).collect()
    whole = answered.join(counted, on=keys, how="left", maintain_order="left")
    found = [answered.clear().select(pl.lit("").alias("metric_id"), *keys, **_NOTHING)]
    for place, metric in enumerate(metrics):
        part = {name: pl.col(f"{place} {name}") for name in _NOTHING if name != "value"}
        if metric.counts_zero:
            part["numerator"] = part["numerator"].fill_null(0)
        if metric.counts_zero_of:
            part["denominator"] = part["denominator"].fill_null(0)
        value = part["numerator"].cast(pl.Float64)
        if metric.is_quotient:
            value = share_of(part["numerator"], part["denominator"])
        counts = {name: part[name].fill_null(0) for name in ("projects", "of_projects")}
        found.append(whole.select(pl.lit(metric.id).alias("metric_id"), *keys, **part | counts, value=value))
    return pl.concat(found)


_NOTHING: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "numerator": pl.lit(None, EXACT),
        "denominator": pl.lit(None, EXACT),
        "projects": pl.lit(0, pl.Int64),
        "of_projects": pl.lit(0, pl.Int64),
        "value": pl.lit(None, pl.Float64),
    }
)
