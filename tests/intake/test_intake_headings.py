"""Headings of real sheets are known; what is not ours, or not this year's, is left alone."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from saima.intake.header import find_header
from saima.intake.headings import Headings
from saima.intake.mapping import ColumnMapping
from saima.intake.values import normalised
from saima.intake.workbook import Sheet
from saima.ledgers import LEDGERS, PROJECTS

REALDATA = Path(
    os.environ.get("SAIMA_REALDATA") or Path(__file__).resolve().parents[3] / "shared" / "realdata"
)
FILE = REALDATA / "cn_headings" / "headings_by_source.json"
SOURCES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def header_of(*headings: str, period: str = "2024-09") -> dict[str, str]:
    """Heading → column, of a sheet with these headings."""
    header = find_header(Sheet("Sheet1", [list(headings)]), Headings(PROJECTS, "元", period), ColumnMapping())
    assert header is not None
    return {field.heading: field.column.name for field in header.fields}


@pytest.mark.skipif(not SOURCES, reason="no real headings here: set SAIMA_REALDATA")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source["id"]))
def test_real_headings_find_the_project_name_and_no_other_year(source: dict[str, Any]) -> None:
    headings = [str(heading).replace("{Y}", "2024").replace("{m}", "9") for heading in source["headings"]]
    if "项目名称" not in headings:
        return
    found = header_of(*headings)
    assert found["项目名称"] == "name"
    assert not [heading for heading in found if "201" in heading or "年底" in heading]
    assert len(found) >= 3


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("总投资\n（万元）", "investment_total"),
        ("总 投 资（亿元）", "investment_total"),
        ("总投资[万元]", "investment_total"),
        ("总投资/亿元", "investment_total"),
        ("总投资(亿)", "investment_total"),
        ("总投资额（人民币亿元）", "investment_total"),
        ("总投资（亿元人民币）", "investment_total"),
        ("总投资（单位：万元）", "investment_total"),
        ("当月调度投资（万元））", "invested_month"),
        ("协议利用外资(万美元)", "foreign_total_usd"),
        ("开工时间（年月）", "started_on"),
        ("项目名称*", "name"),
        ("项目(法人)单位", "owner"),
        ("项目（法人）单位", "owner"),
    ],
)
def test_width_space_unit_and_stars_do_not_matter(heading: str, column: str) -> None:
    assert column in header_of(heading, "建设性质", "备注").values()


def test_another_year_is_history_and_another_month_is_not_this_one() -> None:
    found = header_of("项目名称", "2024年计划投资", "2023年完成投资", "8月完成投资", "1-8月完成投资")
    assert found == {"项目名称": "name", "2024年计划投资": "plan_year"}
    august = header_of("项目名称", "2024年计划投资", "8月完成投资", "1-8月完成投资", period="2024-08")
    assert set(august.values()) == {"name", "plan_year", "invested_month", "invested_year"}


@pytest.mark.parametrize("ledger", LEDGERS.values(), ids=lambda ledger: str(ledger.name))
def test_no_alias_names_two_columns(ledger: Any) -> None:
    seen: dict[str, str] = {}
    for column in ledger.filed:
        for alias in (column.term.removesuffix("（原文）"), *column.aliases):
            assert seen.setdefault(normalised(alias), column.name) == column.name, alias
