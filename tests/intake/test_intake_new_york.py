"""Fifteen periods of a ledger that nobody here wrote, against sums that the csv module makes alone."""

import csv
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from saima import reference, store
from saima.answers import race_scores, stages
from saima.intake.report import EVERYTHING, Report, take_in
from saima.ledgers import STAGE_TERMS
from saima.scope import Scope

TESTS = Path(__file__).resolve().parent.parent
REALDATA = Path(os.environ.get("SAIMA_REALDATA") or TESTS.parent.parent / "shared" / "realdata")
FILES = sorted((REALDATA / "nyc_capital_projects").glob("nyc_*.csv"))

pytestmark = pytest.mark.skipif(
    not FILES, reason="no real ledgers here: set SAIMA_REALDATA to the folder that holds nyc_capital_projects"
)

BOROUGHS = {
    "Manhattan": "360061-MN",
    "Manhatten": "360061-MN",
    "Bronx": "360061-BX",
    "Brooklyn": "360061-BK",
    "Queens": "360061-QN",
    "Staten Island": "360061-SI",
}
STAGES = {
    "Scoping/Planning": "planned",
    "Design": "approved",
    "Construction Procurement": "approved",
    "Construction": "started",
    "Close-Out": "completed",
}
REFUSED = {("2019-01", "556")}
"""A budget below zero."""


def filed(path: Path) -> list[dict[str, str]]:
    """Rows of the file by the csv module alone, those that must be refused left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if (period_of(path), row["PID"]) not in REFUSED]


def period_of(path: Path) -> str:
    return path.stem.removeprefix("nyc_")


def wan(budget: str) -> Decimal:
    return (Decimal(budget) / 10_000).quantize(Decimal("0.0001"), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Report]]:
    """The report of each period, all taken in, oldest first."""
    folder = tmp_path_factory.mktemp("new_york")
    shutil.copytree(TESTS / "nyc" / "reference", folder / "reference")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(folder / "snapshots"))
        patch.setenv("SAIMA_REFERENCE", str(folder / "reference"))
        known = reference.load()
        yield {
            period_of(path): take_in(
                path,
                city="360061",
                period=period_of(path),
                mapping_path=TESTS / "nyc" / "mapping.toml",
                reference=known,
                captured_at=datetime.fromisoformat(f"{period_of(path)}-28").replace(tzinfo=UTC),
                stated_by="测试",
                commit=True,
                accept_valid=True,
            )
            for path in FILES
        }


@pytest.fixture(scope="module")
def snapshots(reports: dict[str, Report]) -> dict[str, pl.DataFrame]:
    """What was stored, by period."""
    revisions = store.revisions("projects", "360061", EVERYTHING)
    return {revision.period: pl.read_parquet(revision.path) for revision in revisions}


def test_every_period_becomes_a_snapshot(
    reports: dict[str, Report], snapshots: dict[str, pl.DataFrame]
) -> None:
    assert list(snapshots) == [period_of(path) for path in FILES]
    assert {report.outcome for report in reports.values()} == {"taken"}
    revisions = store.revisions("projects", "360061", EVERYTHING)
    assert {(revision.stage_dates, revision.stated_by) for revision in revisions} == {("snapshots", "测试")}


def test_what_is_refused_is_exactly_the_budget_below_zero(reports: dict[str, Report]) -> None:
    refused = {
        (period, refusal.place.row, refusal.place.column, refusal.value)
        for period, report in reports.items()
        for refusal in report.refusals
    }
    assert refused == {("2019-01", 119, "Budget Forecast", "-4102606")}


@pytest.mark.parametrize("path", FILES, ids=period_of)
def test_counts_and_sums_are_those_of_the_file(path: Path, snapshots: dict[str, pl.DataFrame]) -> None:
    rows, stored = filed(path), snapshots[period_of(path)]
    assert stored.height == len(rows)
    assert set(stored["project_code"]) == {row["PID"] for row in rows}
    budgets = [wan(row["Budget Forecast"]) for row in rows if row["Budget Forecast"]]
    assert stored["investment_total"].sum() == sum(budgets)
    assert stored["investment_total"].count() == len(budgets)
    areas = Counter(BOROUGHS.get(row["Borough"], "360061-unassigned") for row in rows)
    assert dict(stored.group_by("area_id").len().rows()) == areas
    stages = Counter(STAGES.get(row["Current Phase"]) for row in rows)
    assert dict(stored.group_by("stage_filed").len().rows()) == stages
    due = {row["PID"]: row["Forecast Completion"] for row in rows}
    for code, completion_due_on in stored.select("project_code", "completion_due_on").rows():
        month, day, year = (int(part) for part in due[code].split("/")) if due[code] else (0, 0, 0)
        assert completion_due_on == (date(year, month, day) if year else None)


def test_a_project_keeps_its_id_over_six_years(snapshots: dict[str, pl.DataFrame]) -> None:
    every = pl.concat(frame.select("project_code", "project_id") for frame in snapshots.values()).unique()
    assert every.height == every["project_code"].n_unique() == every["project_id"].n_unique() == 378


def test_words_that_are_no_stage_are_said(reports: dict[str, Report]) -> None:
    doubted = {
        remark.value
        for report in reports.values()
        for remark in report.remarks
        if remark.rule == "word_is_known"
    }
    assert doubted == {"IT"}


def test_the_first_period_without_its_borough_words_is_refused_whole(
    reports: dict[str, Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = (TESTS / "nyc" / "mapping.toml").read_text(encoding="utf-8").replace('"Carmel" = "未分区"', "")
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "snapshots"))
    report = take_in(
        FILES[0],
        city="360061",
        period="2013-09",
        mapping_path=tmp_path / "mapping.toml",
        reference=reference.load(),
        captured_at=datetime(2013, 10, 1, tzinfo=UTC),
        commit=True,
    )
    assert report.exit_code == 2
    assert {refusal.value for refusal in report.refusals} == {"Carmel"}
    assert not (tmp_path / "snapshots").exists()


def known_at(period: str) -> Scope:
    return Scope(reference.load(), "360061", period, datetime(2026, 1, 1, tzinfo=UTC))


def first_shown(stage: str) -> dict[str, str]:
    """The first period in which each project shows a stage, by the csv module alone."""
    found: dict[str, str] = {}
    for path in FILES:
        for row in filed(path):
            if STAGES.get(row["Current Phase"]) == stage:
                found.setdefault(row["PID"], period_of(path))
    return found


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_funnel_stock_is_the_count_of_the_filed_phases_or_what_was_reached_before(path: Path) -> None:
    period = period_of(path)
    order = list(STAGE_TERMS)
    expected: Counter[str] = Counter()
    for row in filed(path):
        reached = [
            stage for stage in set(STAGES.values()) if first_shown(stage).get(row["PID"], "9999") <= period
        ]
        expected[max(reached, key=order.index) if reached else "unknown"] += 1
    stock = stages(known_at(period))
    assert {stage: n for stage, n in stock.select("stage", "projects").iter_rows() if n} == dict(expected)


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_starts_of_the_year_are_the_projects_first_shown_under_construction_in_it(path: Path) -> None:
    period = period_of(path)
    still_filed = {row["PID"] for row in filed(path)}
    expected = sum(
        first[:4] == period[:4] and first <= period and project in still_filed
        for project, first in first_shown("started").items()
    )
    (starts,) = known_at(period).measure(("started_projects",))["numerator"]
    assert starts == expected


@pytest.mark.usefixtures("reports")
def test_the_five_boroughs_race_in_every_period() -> None:
    scope = known_at("2019-09")
    table, _ = race_scores(scope, scope.periods)
    assert set(table["period"]) == {period_of(path) for path in FILES}
    assert set(table["area_id"]) == set(BOROUGHS.values())


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("page", ["overview", "funnel", "horse_race", "investment_map", "industry_chain"])
def test_every_page_opens_on_the_newest_period(page: str) -> None:
    app = AppTest.from_file(str(TESTS.parent / "app.py"), default_timeout=60)
    app.query_params["city"] = "360061"
    app.query_params["period"] = "2019-09"
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error
