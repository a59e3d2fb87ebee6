"""`make bench`: how honest the forecasts of the year's end are, by forecasting months that have gone.

Every month with enough history is an origin: the forecast is made from what the ledgers held then, for
every flow that has a target and the year's investment, of the city and of each area, and held against what
the last snapshot of the year showed. On the demonstration, and on the real periods of New York where
they are at hand; there the last snapshot of a year is of April to November, dates are those of the
snapshots, and the months between two of them are one span.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import polars as pl

from saima import demo, reference, store
from saima.intake.report import take_in
from saima.metrics import CATALOGUE
from saima.scope import Scope
from saima.transforms.forecast import year_end_forecasts

ROOT = Path(__file__).resolve().parent.parent

REPORT = ROOT / "artifacts" / "bench-forecast.json"

REALDATA = Path(os.environ.get("SAIMA_REALDATA") or ROOT.parent / "shared" / "realdata")

EVER = datetime(2099, 1, 1, tzinfo=UTC)

AIM = (0.70, 0.90)
"""The share of actuals that should lie inside the 80 % interval."""

BESIDE = ("invested_year",)
"""Flows that are forecast without a target."""

NEW_YORK = "360061"
STAGE_FLOWS = ("planned_projects", "approved_projects", "started_projects", "completed_projects")
AMOUNTS = ("newly_planned_investment", "started_investment", "completed_investment")


def flows_of(city: str) -> list[str]:
    """The flows that any target of the city names, and those beside them."""
    known = reference.load()
    named = known.targets.filter(pl.col("city") == city)["metric"].drop_nulls().unique(maintain_order=True)
    flows = [metric for metric in named if CATALOGUE[metric].kind == "flow"]
    return list(dict.fromkeys([*flows, *BESIDE]))


def cases_of(city: str, metrics: Sequence[str]) -> pl.DataFrame:
    """One row per forecast that was made: metric_id, area_id ("" of the city), origin, until, done, actual,
    expected, low, high."""
    periods = store.periods(city, EVER)
    scope = Scope(reference.load(), city, periods[-1], EVER)
    whole = scope.measure(metrics, shown=periods)
    areas = scope.measure(metrics, shown=periods, by_area=True)
    ends = {period[:4]: period for period in periods}
    made = []
    for origin in periods:
        until = ends[origin[:4]]
        if origin == until:
            continue
        for values, rhythm in ((whole, None), (areas, whole)):
            told = year_end_forecasts(
                values,
                origin,
                CATALOGUE,
                rhythm=rhythm,
                until=until,
                is_from_snapshots=scope.city.dates_from_snapshots,
            )
            keys = [key for key in ("metric_id", "area_id") if key in told.columns]
            at = {
                name: values.filter(pl.col("period") == period).select(*keys, pl.col("numerator").alias(name))
                for name, period in (("done", origin), ("actual", until))
            }
            made.append(
                told.filter(pl.col("expected").is_not_null())
                .join(at["done"], on=keys)
                .join(at["actual"], on=keys)
                .select(
                    "metric_id",
                    area_id="area_id" if "area_id" in keys else pl.lit(""),
                    origin=pl.lit(origin),
                    until=pl.lit(until),
                    **{name: pl.col(name).cast(pl.Float64) for name in ("done", "actual", "expected")},
                    low=pl.col("low").cast(pl.Float64),
                    high=pl.col("high").cast(pl.Float64),
                )
            )
    return pl.concat(made)


def demonstration(folder: Path) -> pl.DataFrame:
    """The cases of the three cities."""
    os.environ["SAIMA_SNAPSHOTS"] = str(folder / "snapshots")
    os.environ["SAIMA_REFERENCE"] = str(folder / "reference")
    known = reference.load()
    demo.build(known)
    return pl.concat(cases_of(city, flows_of(city)) for city in known.cities if store.periods(city, EVER))


def new_york(folder: Path) -> pl.DataFrame | None:
    """The cases of New York's capital projects, None where their files are not at hand."""
    files = sorted((REALDATA / "nyc_capital_projects").glob("nyc_*.csv"))
    if not files:
        return None
    rules = ROOT / "tests" / "nyc"
    shutil.copytree(rules / "reference", folder / "reference")
    os.environ["SAIMA_SNAPSHOTS"] = str(folder / "snapshots")
    os.environ["SAIMA_REFERENCE"] = str(folder / "reference")
    known = reference.load()
    for path in files:
        period = path.stem.removeprefix("nyc_")
        take_in(
            path,
            city=NEW_YORK,
            period=period,
            mapping_path=rules / "mapping.toml",
            reference=known,
            captured_at=datetime.fromisoformat(f"{period}-28").replace(tzinfo=UTC),
            stated_by="bench",
            commit=True,
            accept_valid=True,
        )
    return cases_of(NEW_YORK, [*STAGE_FLOWS, *AMOUNTS])


def summary(cases: pl.DataFrame) -> dict[str, float | int]:
    """How many cases, the share of actuals inside, below and above, and the median error at the end."""
    inside = cases.filter(pl.col("actual").is_between("low", "high")).height
    errors = [
        abs(expected - actual) / actual
        for expected, actual in cases.select("expected", "actual").iter_rows()
        if actual
    ]
    return {
        "cases": cases.height,
        "inside": round(inside / cases.height, 3),
        "below": round(cases.filter(pl.col("actual") < pl.col("low")).height / cases.height, 3),
        "above": round(cases.filter(pl.col("actual") > pl.col("high")).height / cases.height, 3),
        "median_error": round(median(errors), 3),
    }


def report_on(name: str, cases: pl.DataFrame) -> dict[str, object]:
    """The summary of all cases and of their parts, printed."""
    is_city = pl.col("area_id") == ""
    is_amount = pl.col("metric_id").is_in([m.id for m in CATALOGUE.values() if m.unit == "万元"])
    months_left = pl.col("until").str.slice(5).cast(pl.Int64) - pl.col("origin").str.slice(5).cast(pl.Int64)
    parts = {
        "city": is_city,
        "areas": ~is_city,
        "counts": ~is_amount,
        "amounts": is_amount,
        "1-3 months left": months_left <= 3,
        "4-7 months left": months_left.is_between(4, 7),
        "8-11 months left": months_left >= 8,
    }
    told: dict[str, object] = {"all": summary(cases)}
    told |= {part: summary(chosen) for part, where in parts.items() if (chosen := cases.filter(where)).height}
    for part, found in told.items():
        print(f"{name:14} {part:18} {found}")
    return told


def main() -> None:
    """Print the share of actuals inside the interval, with the number of cases, and keep it."""
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        told["demonstration"] = report_on("demonstration", demonstration(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        real = new_york(Path(folder))
        if real is None:
            print("new york: no real ledgers here; set SAIMA_REALDATA to the folder that holds them")
        else:
            told["new york"] = report_on("new york", real)
    print(f"aim: {AIM[0]:.0%} to {AIM[1]:.0%} inside the 80 % interval")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
