"""The template is a workbook that intake itself reads, in each city."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from saima.intake.report import Report
from saima.intake.template import template
from saima.ledgers import LEDGERS
from saima.reference import Reference

Take = Callable[..., Report]

LEFT_OPEN = {
    **{ledger: {"row_has_its_project"} for ledger in LEDGERS},
    "economy": {"value_has_its_unit"},
    "indicators": {"value_has_its_unit", "indicator_is_known"},
    "activities": {"kind_has_its_held_on"},
    "decisions": {"text_has_its_due_on"},
    "letters": {"kind_has_its_issued_on"},
}
"""What is said of a row that says no more than it must, by ledger."""


@pytest.mark.parametrize("city", ["210100", "210200", "320800"])
@pytest.mark.parametrize("ledger", sorted(LEDGERS))
def test_every_heading_of_the_template_is_known(
    office: Reference, taken: Take, tmp_path: Path, city: str, ledger: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(ledger, city, office)))
    sheet = book.worksheets[0]
    area = office.areas_of(city)["name"][0]
    for cell, column in zip(sheet[1], LEDGERS[ledger].filed, strict=True):
        if column.is_required or column.name == "area_text":
            word = area if column.name == "area_text" else (*column.values, "甲")[0]
            numbers = {"month": "2024-09", "year": 2023, "money": 1, "number": 1}
            sheet.cell(3, cell.column).value = numbers.get(column.kind, word)
        elif column.name == "value":
            sheet.cell(3, cell.column).value = 1
    book.save(tmp_path / "模板.xlsx")
    report = taken(tmp_path / "模板.xlsx", city=city, ledger=ledger)
    assert (report.exit_code, report.rows_taken) == (0, 1), report.sentences()
    (read,) = (sheet for sheet in report.sheets if sheet["verdict"] == "taken")
    assert read["unmapped"] == read["dropped"] == read["ignored"] == []
    columns = {column["column"]: column["how"] for column in read["columns"]}
    assert columns == {column.name: "本名" for column in LEDGERS[ledger].filed}
    assert [item["why"] for item in report.rows_skipped] == ["示例行"]
    assert {remark.rule for remark in report.remarks} <= LEFT_OPEN[ledger]


def test_the_template_alone_is_an_empty_ledger(office: Reference, taken: Take, tmp_path: Path) -> None:
    (tmp_path / "模板.xlsx").write_bytes(template("projects", "210100", office))
    report = taken(tmp_path / "模板.xlsx")
    assert report.exit_code == 2
    assert "没有项目行" in report.refusals[0].sentence


def test_the_template_offers_the_words_of_the_city(office: Reference) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("projects", "210200", office)))
    sheet, choices = book.worksheets
    assert (sheet.freeze_panes, choices.sheet_state) == ("A2", "hidden")
    headings = [cell.value for cell in sheet[1]]
    assert "总投资（万元）" in headings
    assert "外资总额（万美元）" in headings
    offered = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    for heading, word in {
        "责任地区": "金普新区",
        "产业链": None,
        "用地征拆": "是",
        "填报阶段": "开工",
    }.items():
        cell = sheet.cell(3, headings.index(heading) + 1)
        column = offered[cell.coordinate].split("$")[1]
        words = [found.value for found in choices[column] if found.value]
        assert words
        assert word is None or word in words
    code = headings.index("项目代码") + 1
    formats = [item for item in sheet.column_dimensions.values() if item.min <= code <= item.max]
    assert [item.number_format for item in formats] == ["@"]
    assert all(cell.comment and cell.comment.text for cell in sheet[1])


def test_the_same_template_has_the_same_bytes(office: Reference) -> None:
    assert template("projects", "210100", office) == template("projects", "210100", office)
