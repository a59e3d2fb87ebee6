"""The demonstration's city indicators: invented yearly values on the way from the base to the goals."""

from decimal import Decimal
from random import Random

import polars as pl

from saima.demo.history import Living
from saima.ledgers import LEDGERS

_FIRST = 2021
"""The first year with values after the base."""


class Indicators:
    """Values of a city's indicators by year; each month files every year that is over."""

    def __init__(self, living: Living) -> None:
        rng = Random(f"{living.seed}-indicators-{living.city}")
        known = living.reference.indicators.filter(pl.col("city") == living.city)
        self.city = living.city
        self.values = [
            (row["no"], row["measure"], row["unit"], year, _value(row, year, rng))
            for row in known.iter_rows(named=True)
            for year in range(_FIRST, 2024)
        ]

    def rows(self, period: str) -> pl.DataFrame:
        """Rows of the ledger of a month."""
        ledger = LEDGERS["indicators"]
        rows = [
            {
                "area_id": self.city,
                "no": str(no),
                "measure": measure,
                "year": year,
                "value": value,
                "unit": unit,
                "source_sheet": ledger.term,
                "source_row": place + 5,
            }
            for place, (no, measure, unit, year, value) in enumerate(self.values)
            if year < int(period[:4])
        ]
        names = [name for name in ledger.schema if not rows or name in rows[0]]
        return pl.DataFrame(rows, schema={name: ledger.schema[name] for name in names}, orient="row")


def _value(row: dict[str, object], year: int, rng: Random) -> float:
    """A plausible value: most go their way more or less evenly, one in nine goes back."""
    goal, base = row["goal_2025"], row["base"]
    assert isinstance(goal, Decimal)
    gone = (year - 2020) / 5
    digits = max(0, min(2, -int(goal.normalize().as_tuple().exponent)))
    if row["kind"] == "growth":
        return round(float(goal) + rng.uniform(-1.5, 1.5), 1)
    if not isinstance(base, Decimal):
        return round(float(goal) * (0.55 + 0.1 * (year - 2020)) * rng.uniform(0.95, 1.1), digits)
    drift = rng.uniform(-0.15, 0.0) if rng.random() < 1 / 9 else rng.uniform(0.55, 1.3)
    way = float(goal - base) if goal != base else float(base) * 0.04
    return round(float(base) + way * gone * drift, max(digits, 0 if row["kind"] == "rank" else 1))
