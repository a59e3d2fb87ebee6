"""Rows of the demonstration, written into the template of their ledger, come in unchanged."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from saima import store
from saima.demo import archive
from saima.demo.filings import Archive, submissions
from saima.intake.report import EVERYTHING, Report
from saima.intake.template import template
from saima.ledgers import LEDGERS, LINEAGE
from saima.reference import Reference

Take = Callable[..., Report]

CITY, HEPING, TIEXI = "210100", "210102", "210106"
EXAMPLES = 5
CAPTURED_AT = datetime(2024, 10, 1, tzinfo=UTC)

OTHERS = [name for name in LEDGERS if name != "projects"]

PERIOD = dict.fromkeys(LEDGERS, "2024-09") | {"plans": "2024-07"}
"""The month whose rows are taken: plans are filed twice a year."""

_LINEAGE = {column.name for column in LINEAGE}

PROMOTION = pl.DataFrame(
    {
        "entry_id": [f"Z-{number}" for number in range(5)],
        "project_id": [None] * 5,
        "project_code": ["2409-210102-04-01-123456", None, None, None, None],
        "name": ["甲产业园", "乙基地", "丙中心（二期）", "丁1号线", "100MW 储能"],
        "owner": ["甲公司", None, "丙公司", None, "戊公司"],
        "area_id": [HEPING, TIEXI, HEPING, f"{CITY}-direct", f"{CITY}-unassigned"],
        "area_text": ["和平区", "铁西区", "和平区", "市本级", "未分区"],
        "investment_total": [Decimal(120000), Decimal("0.0001"), None, Decimal(0), Decimal("35000.5")],
        "agreed_amount": [Decimal("100000.25"), None, Decimal(7), None, None],
        "entered_on": [date(2024, 1, 8), date(2024, 3, 31), date(2024, 2, 29), None, date(2023, 12, 31)],
        "entered_on_precision": ["day", "quarter", "month", None, "year"],
        "signed_on": [date(2024, 3, 15), None, None, date(2024, 9, 30), None],
        "signed_on_precision": ["day", None, None, "day", None],
        "landed_on": [date(2024, 5, 31), None, None, None, None],
        "landed_on_precision": ["month", None, None, None, None],
        "start_due_on": [date(2024, 12, 31), date(2026, 12, 31), None, None, None],
        "start_due_on_precision": ["month", "year", None, None, None],
    },
    schema_overrides={
        name: dtype for name, dtype in LEDGERS["promotion"].schema.items() if name not in _LINEAGE
    },
)
"""The demonstration has no library of projects to attract."""


@pytest.fixture(scope="module")
def made(office: Reference) -> Archive:
    """The demonstration of a small Shenyang."""
    return archive(office, CITY, scale=0.05)


def filing(made: Archive, office: Reference, ledger: str) -> store.Filing:
    """What the whole city files of a ledger."""
    period = PERIOD[ledger]
    submission = next(item for item in submissions(office, CITY, [period]) if item.ledger == ledger)
    (whole,) = made.filings(replace(submission, areas=()))
    return whole


def some(rows: pl.DataFrame, projects: pl.DataFrame, office: Reference) -> pl.DataFrame:
    """A few rows, from the whole length of the frame, about projects that are still in the project ledger;
    with the names of their areas."""
    if "project_id" in rows.columns:
        known = projects["project_id"].implode()
        rows = rows.filter(pl.col("project_id").is_null() | pl.col("project_id").is_in(known))
    if rows["area_text"].is_null().all():
        names = office.areas_of(CITY).select("area_id", area_text="name")
        rows = rows.drop("area_text").join(names, on="area_id", how="left", maintain_order="left")
    return rows.gather_every(max(rows.height // EXAMPLES, 1)).head(EXAMPLES)


def write(path: Path, office: Reference, ledger: str, rows: pl.DataFrame) -> None:
    """Fill the rows into the template, below its example."""
    book = openpyxl.load_workbook(io.BytesIO(template(ledger, CITY, office)))
    for number, row in enumerate(rows.iter_rows(named=True), start=3):
        for place, column in enumerate(LEDGERS[ledger].filed, start=1):
            value = row.get(column.name)
            precision = row.get(f"{column.name}_precision")
            book.worksheets[0].cell(number, place).value = written(value, precision)
    book.save(path)


def written(value: Any, precision: str | None) -> Any:
    """A value as a clerk writes it."""
    match value:
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(value)
        case date() if precision == "year":
            return f"{value.year}年"
        case date() if precision == "quarter":
            return f"{value.year}年{(value.month + 2) // 3}季度"
        case date() if precision == "month":
            return f"{value.year}年{value.month}月"
    return value


@pytest.mark.parametrize("ledger", OTHERS)
def test_rows_written_into_the_template_come_in_unchanged(
    made: Archive, office: Reference, taken: Take, tmp_path: Path, ledger: str
) -> None:
    projects = filing(made, office, "projects")
    store.commit("projects", CITY, "2024-09", [projects], captured_at=CAPTURED_AT)
    rows = PROMOTION if ledger == "promotion" else filing(made, office, ledger).rows
    rows = some(rows, projects.rows, office)
    assert rows.height == EXAMPLES
    path = tmp_path / "模板.xlsx"
    write(path, office, ledger, rows)

    report = taken(path, ledger=ledger, period=PERIOD[ledger])

    assert (report.exit_code, report.rows_taken) == (0, EXAMPLES), report.sentences()
    (revision,) = store.revisions(ledger, CITY, EVERYTHING)
    stored = pl.read_parquet(revision.path).sort("source_row")
    told = [name for name in rows.columns if name not in _LINEAGE]
    assert stored.select(told).to_dicts() == rows.select(told).to_dicts()
    rest = [name for name in stored.columns if name not in {*told, *_LINEAGE}]
    assert all(stored[name].is_null().all() for name in rest)
