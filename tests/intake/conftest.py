"""An office of its own for each test: empty snapshots, the shipped reference, real files on disk."""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from saima import reference
from saima.intake.report import Report, take_in
from saima.reference import Reference

PERIOD = "2024-09"
CAPTURED_AT = datetime(2024, 10, 8, tzinfo=UTC)

TakeIn = Callable[..., Report]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The reference as it is shipped, in a folder of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_REFERENCE", str(tmp_path_factory.mktemp("reference") / "office"))
        return reference.load()


@pytest.fixture
def snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty snapshot folder that the store uses."""
    folder = tmp_path / "snapshots"
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(folder))
    return folder


@pytest.fixture
def taken(office: Reference, snapshots: Path) -> TakeIn:
    """`take_in` for Shenyang, 2024-09, with a commit, unless the test says otherwise."""

    def take(path: Path, **said: Any) -> Report:
        usual = {"city": "210100", "period": PERIOD, "captured_at": CAPTURED_AT, "commit": True}
        return take_in(path, reference=office, **{**usual, **said})

    return take


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook of these rows; further sheets by keyword."""

    def write(*rows: Sequence[Any], name: str = "台账.xlsx", **sheets: Sequence[Sequence[Any]]) -> Path:
        path = tmp_path / name
        book = xlsxwriter.Workbook(
            str(path), {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
        )
        for title, cells in {"Sheet1": rows, **sheets}.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(cells):
                for index, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, index, cell)
        book.close()
        return path

    return write


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV of these rows."""

    def write(*rows: Sequence[Any], name: str = "台账.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return write
