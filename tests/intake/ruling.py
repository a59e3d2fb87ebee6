"""Rows of any ledger under the headings of its template, and where a report names a rule."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from saima.intake.report import Report
from saima.intake.template import heading
from saima.ledgers import LEDGERS
from saima.reference import Reference

CITY = "210100"


def headed(office: Reference, ledger: str) -> dict[str, str]:
    """The template's heading of each column of a ledger."""
    city = office.city(CITY)
    return {column.name: heading(column, city) for column in LEDGERS[ledger].filed}


def filed(
    xlsx: Callable[..., Path], office: Reference, ledger: str, *rows: dict[str, Any], **said: Any
) -> Path:
    """A workbook of these rows, each by column of the ledger, under the headings of the template."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    headings = headed(office, ledger)
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    return xlsx([headings[name] for name in names], *cells, **said)


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def named(report: Report, rule: str) -> list[tuple[str, str | None, str | None, list[int | None]]]:
    """Where the report names a rule: severity, sheet, heading and rows."""
    refused = [
        ("拒收", item.place.sheet, item.place.column, [item.place.row])
        for item in report.refusals
        if item.rule == rule
    ]
    said = [
        (item.severity, item.sheet, item.column, [*item.rows]) for item in report.remarks if item.rule == rule
    ]
    return [*refused, *said]
