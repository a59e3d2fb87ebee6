"""docs/coverage.md: every row of the documents has its line, and every name in it exists."""

import re
from pathlib import Path

import pytest

from saima.metrics import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent

ROWS = [
    *(f"S0-{number}" for number in range(1, 45)),
    *(f"S1-{number}" for number in range(1, 20)),
    "S2",
    *(f"S3-{number}" for number in range(1, 19)),
    *(f"S4-{number}" for number in range(1, 18)),
]


def lines() -> dict[str, list[str]]:
    """The cells of each row by its id."""
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line[:3] == "| S"
    ]
    return {cells[0]: cells[1:] for cells in found}


def test_every_row_of_the_documents_has_one_line() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (S\d(?:-\d+)?) ", text, re.MULTILINE) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_a_row_works_or_says_why_not(row: str) -> None:
    _, pages, metrics, test, reason = lines()[row]
    assert test != "—" or reason != "—", "neither a test nor a reason"
    assert pages != "—" or reason != "—", "neither a page nor a reason"
    assert metrics == "—" or re.fullmatch(r"`\w+`( `\w+`)*", metrics)


@pytest.mark.parametrize("row", ROWS)
def test_every_name_in_a_row_exists(row: str) -> None:
    _, pages, metrics, test, _ = lines()[row]
    for metric in re.findall(r"`(\w+)`", metrics):
        assert metric in CATALOGUE
    titles = re.findall(r'title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    for page in re.split("、", re.sub(r"（[^）]*）", "", pages)):
        assert page in {"—", "漏斗", "各页“清单”筛选", *titles}, page
    if test != "—":
        file, _, name = test.strip("`").partition("::")
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in source
