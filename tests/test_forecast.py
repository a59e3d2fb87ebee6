"""Forecasts: on histories whose outcome can be told by hand, and the laws that hold for any."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima.metrics import CATALOGUE, EXACT
from saima.transforms.forecast import (
    Span,
    forecast_text,
    month_weights,
    outlook,
    year_end_forecasts,
)

FLOW = "started_projects"


def values(months: dict[str, float], metric: str = FLOW, projects: int | None = None) -> pl.DataFrame:
    """Year-to-date values by period."""
    rows = [
        (metric, period, Decimal(str(value)), *[int(value) if projects is None else projects] * 2)
        for period, value in months.items()
    ]
    schema = {"metric_id": pl.String, "period": pl.String, "numerator": EXACT, "projects": pl.Int64}
    schema["of_projects"] = pl.Int64
    return pl.DataFrame(rows, schema=schema, orient="row")


def steady(a_month: float, *years: int, until: int = 12) -> dict[str, float]:
    """The same in every month; the last year only up to a month."""
    return {
        f"{year}-{month:02}": a_month * month
        for year in years
        for month in range(1, (until if year == years[-1] else 12) + 1)
    }


def forecast(months: dict[str, float], period: str, metric: str = FLOW, **asked: Any) -> dict[str, Any]:
    found = year_end_forecasts(values(months, metric), period, CATALOGUE, **asked)
    return found.row(0, named=True)


def test_what_goes_on_evenly_ends_where_it_is_heading_without_a_doubt() -> None:
    told = forecast(steady(10, 2023, 2024, until=9), "2024-09")
    assert (told["expected"], told["reason"]) == (120, None)
    # Nothing swung: only 15 % of the 30 still to come are in doubt, 1.3 times on either side.
    assert 114 <= told["low"] < 120 < told["high"] <= 126
    assert (told["recent"], told["best"], told["best_period"]) == (10, 10, "2024-09")


def test_a_winter_without_starts_is_expected_again() -> None:
    """Last year all hundred starts came before October; four fifths of that rhythm are believed."""
    last_year = {f"2023-{month:02}": min(month * 10, 90) for month in range(1, 13)}
    this_year = {f"2024-{month:02}": month * 10 for month in range(1, 10)}
    told = forecast(last_year | this_year, "2024-09")
    # Nine months have 0.8 + 0.2 × 9/12 = 0.95 of the year; what is left has 0.05; both years stand at 90.
    assert told["expected"] == 90 + round(90 / 0.95 * 0.05)


def test_the_level_of_last_year_counts_for_less_the_more_of_this_year_is_known() -> None:
    even = (1 / 12,) * 12
    last_year = [Span((2023 * 12 + month,), 10) for month in range(12)]
    january = [*last_year, Span((2024 * 12,), 20)]
    ahead = list(range(2024 * 12 + 1, 2024 * 12 + 12))
    # (20 + 0.4 × 120) ÷ (1/12 + 0.4) a year, of which eleven twelfths are left.
    assert outlook(january, even, ahead).mean == pytest.approx(68 / (1 / 12 + 0.4) * 11 / 12)
    november = [*last_year, *(Span((2024 * 12 + month,), 20) for month in range(11))]
    # (220 + 48) ÷ (11/12 + 0.4), of which one twelfth is left.
    assert outlook(november, even, [2024 * 12 + 11]).mean == pytest.approx(268 / (11 / 12 + 0.4) / 12)


def test_the_rhythm_is_told_from_whole_years_before_alone() -> None:
    assert month_weights([], 2024) == (1 / 12,) * 12
    half = [Span((2023 * 12 + month,), 50) for month in range(6)]
    assert month_weights(half, 2024) == (1 / 12,) * 12
    whole = [Span((2023 * 12 + month,), 100 if month == 5 else 0) for month in range(12)]
    weights = month_weights([*whole, Span((2024 * 12,), 999)], 2024)
    assert weights[5] == pytest.approx(0.8 + 0.2 / 12)
    assert weights[0] == pytest.approx(0.2 / 12)
    assert sum(weights) == pytest.approx(1)


def test_a_gap_is_one_span_and_has_no_best_month() -> None:
    months = steady(10, 2023, 2024, until=9)
    del months["2024-07"], months["2024-08"]
    told = forecast(months, "2024-09")
    assert told["expected"] == 120
    assert told["recent"] is None, "none of the last three months is known by itself"
    assert told["best_period"] == "2024-06"


@pytest.mark.parametrize(
    ("months", "period", "metric", "reason"),
    [
        (steady(10, 2024, until=9), "2024-09", FLOW, "short"),
        (steady(1, 2023, 2024, until=7), "2024-07", FLOW, "few"),
        (steady(10, 2023, 2024, until=8), "2024-09", FLOW, "missing"),
        (steady(10, 2023, 2024), "2024-12", FLOW, "over"),
        (steady(10, 2023, 2024, until=9), "2024-09", "starts_due", "stock"),
    ],
)
def test_without_ground_there_is_no_forecast_but_a_sentence(
    months: dict[str, float], period: str, metric: str, reason: str
) -> None:
    told = forecast(months, period, metric)
    assert (told["reason"], told["expected"]) == (reason, None)
    assert "预计" in forecast_text(told, CATALOGUE[metric])
    assert "八成" not in forecast_text(told, CATALOGUE[metric])


def test_twelve_months_and_twenty_events_are_enough() -> None:
    assert forecast(steady(2, 2023, 2024, until=1), "2024-01")["reason"] is None
    # 12 in 2023 and 8 so far are twenty; 12 and 7 are not.
    assert forecast(steady(1, 2023, 2024, until=8), "2024-08")["reason"] is None
    assert forecast(steady(1, 2023, 2024, until=7), "2024-07")["reason"] == "few"


def test_a_forecast_is_read_in_counts_or_in_money() -> None:
    row = {"reason": None, "expected": Decimal(1190), "low": Decimal(1120), "high": Decimal(1260)}
    assert forecast_text(row, CATALOGUE[FLOW]) == "预计1,190个（八成把握在1,120—1,260个）"
    money = {name: value and value * 10_000 for name, value in row.items()}
    assert (
        forecast_text(money, CATALOGUE["invested_year"])
        == "预计1,190.0亿元（八成把握在1,120.0亿元—1,260.0亿元）"
    )


def test_an_area_goes_by_the_rhythm_of_its_city() -> None:
    """The area has no history of winters; the city has: nothing starts after September."""
    city = {f"2023-{month:02}": min(month * 100, 900) for month in range(1, 13)}
    area = steady(10, 2023, 2024, until=9)
    alone = forecast(area, "2024-09")
    led = forecast(area, "2024-09", rhythm=values(city | steady(100, 2024, until=9)))
    assert alone["expected"] == 120
    assert 90 <= led["expected"] < 100


increments = st.lists(st.integers(0, 40), min_size=15, max_size=23)


def history(added: list[int]) -> dict[str, float]:
    months: dict[str, float] = {}
    total = 0
    for place, count in enumerate(added):
        year, month = 2023 + place // 12, place % 12 + 1
        total = count if month == 1 else total + count
        months[f"{year}-{month:02}"] = total
    return months


@given(increments)
def test_the_expected_value_lies_in_its_interval_and_never_below_what_stands(added: list[int]) -> None:
    months = history(added)
    period = max(months)
    told = forecast(months, period)
    if told["reason"] is None:
        assert months[period] <= told["low"] <= told["high"]
        assert told["low"] - 1 <= told["expected"] <= told["high"] + 1


@given(increments, st.integers(1, 50))
def test_more_in_the_last_month_never_lowers_the_forecast(added: list[int], more: int) -> None:
    months = history(added)
    period = max(months)
    less, higher = forecast(months, period), forecast(months | {period: months[period] + more}, period)
    if less["reason"] is None:
        assert higher["expected"] >= less["expected"]


@given(increments, st.integers(2, 1000))
def test_money_in_another_unit_is_forecast_the_same(added: list[int], scale: int) -> None:
    """But for the last 万元, to which both are rounded."""
    months = {period: value * 10_000 for period, value in history(added).items()}
    period = max(months)

    def told(times: int) -> dict[str, Any]:
        scaled = {at: value * times for at, value in months.items()}
        found = year_end_forecasts(values(scaled, "invested_year", projects=50), period, CATALOGUE)
        return found.row(0, named=True)

    small, large = told(1), told(scale)
    for name in ("expected", "low", "high"):
        assert abs(large[name] - small[name] * scale) <= scale
