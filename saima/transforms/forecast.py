"""Forecast of the year's end: where a flow will stand if the rest of the year goes as it has gone so far.

Source: data-model.md section 4, Flow; the method is ours. Its honesty is measured by
`python -m benchmarks.forecast`: how often what came lay inside the interval that was given.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import EXACT, Metric
from saima.wording import MISSING, amount_text, count_text, rounded

METHOD = (
    "按今年已发生的数量和上年的水平估计全年节奏，再按上年各月占全年的比重（含冬季放缓）推到年底；"
    "区间由各月的波动推出，十次中约有八次落在其中"
)
"""The 口径 of the forecast."""

LEAST_MONTHS = 12
LEAST_EVENTS = 20
"""With a shorter history, or fewer events in it, there is no forecast but a sentence."""

_LAST_YEAR = 0.4
"""What share of a year's evidence the last year's level counts for."""

_RHYTHM = 0.8
"""How far last year's rhythm is believed; the rest is even."""

_UNSURE = 0.15
"""What the rhythm itself may be off by, as a share of what is still to come."""

_EIGHTY = 1.2816
"""Standard deviations on either side that hold 80 % of a normal distribution."""


@dataclass(frozen=True)
class Span:
    """What a flow added between two snapshots: the months it covers (year × 12 + month), and how much."""

    months: tuple[int, ...]
    added: float


def _month(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:7]) - 1


def _spans(values: Mapping[str, float], *, is_from_snapshots: bool) -> list[Span]:
    """The spans between neighbouring snapshots; the first of a year begins on 1 January.

    Where dates are those of the snapshots that first show a thing, it begins after the last snapshot. A
    gap is one span of several months: its months have no values of their own.
    """
    spans = []
    before: str | None = None
    for period in sorted(values):
        end = _month(period)
        is_same_year = before is not None and before[:4] == period[:4]
        if before is not None and (is_same_year or is_from_snapshots):
            begin = _month(before) + 1
        else:
            begin = _month(f"{period[:4]}-01")
        added = values[period] - (values[before] if before is not None and is_same_year else 0.0)
        spans.append(Span(tuple(range(begin, end + 1)), added))
        before = period
    return spans


def month_weights(spans: Iterable[Span], year: int) -> tuple[float, ...]:
    """The share of a year's flow that falls in each month, January first, from the whole years before.

    Told from the years before `year` of which every month is known by itself; even where there is none.
    """
    by_year: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for span in spans:
        if len(span.months) == 1 and span.months[0] // 12 < year:
            by_year[span.months[0] // 12][span.months[0] % 12] += span.added
    months = [0.0] * 12
    for known in by_year.values():
        if len(known) == 12:
            months = [total + max(known[month], 0.0) for month, total in enumerate(months)]
    whole = sum(months)
    if not whole:
        return (1 / 12,) * 12
    return tuple(_RHYTHM * month / whole + (1 - _RHYTHM) / 12 for month in months)


def _exposure(months: Iterable[int], weights: Sequence[float]) -> float:
    return sum(weights[month % 12] for month in months)


@dataclass(frozen=True)
class Outlook:
    """What is still to come: mean and 80 % interval of the amount added after the period."""

    mean: float
    low: float
    high: float


def outlook(spans: Sequence[Span], weights: Sequence[float], ahead: Sequence[int]) -> Outlook:
    """What the months ahead will add, from spans up to now, the last of them in the year of `ahead`.

    The year's level is a gamma prior of last year's weight, updated by the year so far; what comes is a
    negative binomial around it, widened by how much the months of the past have swung.
    """
    year = ahead[0] // 12
    done = [span for span in spans if span.months[-1] // 12 == year]
    before = [span for span in spans if year * 12 - 12 <= span.months[-1] < year * 12]
    gone = sum(_exposure(span.months, weights) for span in done)
    earlier = sum(_exposure(span.months, weights) for span in before)
    added = max(sum(span.added for span in done), 0.0)
    level_before = max(sum(span.added for span in before), 0.0) / earlier if earlier > 0 else 0.0
    prior = _LAST_YEAR if earlier > 0 else 0.0
    level = (added + prior * level_before) / (gone + prior)
    to_come = _exposure(ahead, weights)
    mean = level * to_come
    swing = _dispersion(spans, weights)
    variance = swing * mean * (1 + to_come / (gone + prior)) + (_UNSURE * mean) ** 2
    low, high = _interval(mean, variance, len(spans) - 1)
    return Outlook(mean, low, high)


def _dispersion(spans: Sequence[Span], weights: Sequence[float]) -> float:
    """How many times more than by pure chance the spans swung around one level (Pearson)."""
    exposed = [(span.added, _exposure(span.months, weights)) for span in spans]
    level = max(sum(added for added, _ in exposed), 0.0) / sum(exposure for _, exposure in exposed)
    expected = [(added, level * exposure) for added, exposure in exposed if level * exposure > 0]
    squares = sum((added - mean) ** 2 / mean for added, mean in expected)
    return squares / max(len(expected) - 1, 1)


def _interval(mean: float, variance: float, degrees: int) -> tuple[float, float]:
    """The 10th and 90th percentile of a gamma distribution (Wilson and Hilferty's approximation).

    Of few spans the swing itself is hardly known: the quantile is then Student's, by its first correction.
    """
    if mean <= 0:
        return 0.0, 0.0
    z = _EIGHTY * (1 + (_EIGHTY**2 + 1) / (4 * max(degrees, 1)))
    spread = variance / (9 * mean * mean)
    low, high = (max(1 - spread + side * sqrt(spread), 0.0) ** 3 for side in (-z, z))
    return mean * low, mean * high


def year_end_forecasts(
    values: pl.DataFrame,
    period: str,
    metrics: Mapping[str, Metric],
    *,
    rhythm: pl.DataFrame | None = None,
    until: str | None = None,
    is_from_snapshots: bool = False,
) -> pl.DataFrame:
    """Where flows will stand at the year's end, one row per (metric_id, area_id if there) of `values`.

    `values` is the frame of `metrics.metric_values` over every period up to `period`; `metrics` names what
    its metric_id mean. `rhythm` is the same of the whole city, whose months tell the rhythm of its areas
    (by default `values` themselves). `until` is the period forecast, December unless it is said. Returns the
    keys; expected, low and high (Decimal: whole 个, or whole 万元; never below what stands already); recent
    (Decimal, mean of the last three months), best and best_period (the best month of the last two years, by
    itself known) and reason: null, or why there is no forecast: "stock", "missing", "over", "short" or "few".
    """
    keys = [key for key in ("metric_id", "area_id") if key in values.columns]
    until = until or f"{period[:4]}-12"
    by_key = _by_key(values, keys, period)
    of_city = by_key if rhythm is None else _by_key(rhythm, ["metric_id"], period)
    rows: list[dict[str, object]] = []
    for key, known in by_key.items():
        spans, of_rhythm = (
            _spans({p: float(v) for p, (v, _) in months.items()}, is_from_snapshots=is_from_snapshots)
            for months in (known, of_city.get(key[:1], known))
        )
        rows.append(
            {"metric_id": key[0], "area_id": key[-1]}
            | _forecast(known, period, until, metrics[key[0]], spans, of_rhythm)
        )
    order = values.select(keys).unique(maintain_order=True)
    found = pl.DataFrame(rows, schema={"metric_id": pl.String(), "area_id": pl.String(), **_COLUMNS})
    return order.join(found.select(*keys, *_COLUMNS), on=keys, how="left", maintain_order="left")


_COLUMNS = MappingProxyType(
    {
        "expected": EXACT,
        "low": EXACT,
        "high": EXACT,
        "recent": EXACT,
        "best": EXACT,
        "best_period": pl.String(),
        "reason": pl.String(),
    }
)

Known = Mapping[str, tuple[Decimal, int]]
"""Period → (value, projects that it counts)."""


def _by_key(values: pl.DataFrame, keys: Sequence[str], period: str) -> dict[tuple[str, ...], Known]:
    found: dict[tuple[str, ...], dict[str, tuple[Decimal, int]]] = {}
    # Where there is no such project yet, nothing is not unknown: it is none.
    stated = pl.when(pl.col("of_projects") == 0).then(pl.col("numerator").fill_null(0)).otherwise("numerator")
    for *key, at, value, projects in values.select(*keys, "period", stated, "projects").iter_rows():
        told = found.setdefault(tuple(key), {})
        if value is not None and at <= period:
            told[at] = (value, projects)
    return dict(found)


def _forecast(
    known: Known,
    period: str,
    until: str,
    metric: Metric,
    spans: Sequence[Span],
    of_rhythm: Sequence[Span],
) -> dict[str, object]:
    months = _single_months(known) if metric.kind == "flow" else {}
    told: dict[str, object] = {
        "recent": _recent(months, period),
    }
    if months:
        best = max(months, key=lambda at: (months[at], at))
        told |= {"best": months[best], "best_period": best}
    ahead = list(range(_month(period) + 1, _month(until) + 1))
    last = max((p for p in known if p[:4] < period[:4]), default="")
    events = sum(known[at][1] for at in (last, period) if at in known)
    reason = None
    if metric.kind != "flow":
        reason = "stock"
    elif period not in known:
        reason = "missing"
    elif not ahead:
        reason = "over"
    elif _month(period) - _month(min(known)) + 1 < LEAST_MONTHS:
        reason = "short"
    elif events < LEAST_EVENTS:
        reason = "few"
    if reason:
        return told | {"reason": reason}
    to_come = outlook(spans, month_weights(of_rhythm, int(period[:4])), ahead)
    done = known[period][0]
    added = (rounded(Decimal(repr(amount)), 0) for amount in (to_come.mean, to_come.low, to_come.high))
    return told | dict(zip(("expected", "low", "high"), (done + amount for amount in added), strict=True))


def _single_months(known: Known) -> dict[str, Decimal]:
    """What each month by itself added, of the last two years: a gap has no months of its own."""
    months = {}
    last = max(known, default="0000-01")
    for period, (value, _) in known.items():
        if _month(period) <= _month(last) - 24:
            continue
        if period.endswith("-01"):
            months[period] = value
        elif (before := f"{period[:4]}-{int(period[5:]) - 1:02}") in known:
            months[period] = value - known[before][0]
    return months


def _recent(months: Mapping[str, Decimal], period: str) -> Decimal | None:
    """The mean of the last three months, or of those of them in which the ledger was filed without a gap."""
    last = [value for at, value in months.items() if _month(period) - 3 < _month(at) <= _month(period)]
    return (sum(last, Decimal(0)) / len(last)).quantize(Decimal("0.0001")) if last else None


REASONS: Mapping[str, str] = MappingProxyType(
    {
        "stock": "存量和比率不作年底预计",
        "missing": "本期没有填报，不作预计",
        "over": "全年已经结束，不再预计",
        "short": f"不足{LEAST_MONTHS}个月的历史，不作预计",
        "few": f"近两年不足{LEAST_EVENTS}个，不作预计",
    }
)
"""Why there is no forecast."""


def forecast_text(row: Mapping[str, Any], metric: Metric, currency: str = "元") -> str:
    """`预计1,190个（八成把握在1,120—1,260个）`, or why there is no forecast."""
    if row["reason"]:
        return REASONS[row["reason"]]
    if row["expected"] is None:
        return MISSING
    if metric.unit == "万元":
        expected, low, high = (amount_text(row[name], currency) for name in ("expected", "low", "high"))
        return f"预计{expected}（八成把握在{low}—{high}）"
    expected, low, high = (count_text(int(row[name])) for name in ("expected", "low", "high"))
    return f"预计{expected}{metric.unit}（八成把握在{low}—{high}{metric.unit}）"
